"""Where a node stands, in words: those of the functions and classes around it and of its file's path."""

from __future__ import annotations

import ast

from holdfast.code.words import words, wordset
from holdfast.record import Record
from holdfast.secrets.names import STRONG, WEAK, strength

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.code.source import Source

VERIFYING = wordset(
    "verify verified verifies check checks validate validates authenticate authenticated auth authorize authorized "
    "login confirm confirmed webhook compare matches match valid permission security"
)
CONFIRMING = wordset("verify confirm authenticate")
COMPARING = CONFIRMING | wordset("check validate compare match matches is")
SECURITY = wordset(
    "auth authentication authenticator oauth oauth1 oauth2 oidc saml sso login signin security secure secrets webhook "
    "webhooks csrf xsrf jwt otp totp hotp mfa 2fa password passwords signature signatures signing signer signed hmac "
    "crypto cryptokit credential credentials permission permissions account accounts recovery invite invitation bewit "
    "authkeys"
)
OTHER_TRADES = wordset(
    "lex lexer lexers parse parser parsing tokenize tokenizer grammar syntax compiler ast template templates "
    "formatter highlight nlp llm vocab decoder sampling generation beam pagination page expr query checksum checksums "
    "download cache storage file files etag build sync diff blob snapshot integrity artifact package packages ocsp "
    "enum enums certificate lock locks locking lease inspect device tracker content event events migration migrations captcha "
    "png zip magic image abi contract contracts bytecode compilation kernels speculative"
)
CHANGING = wordset(
    "invalidate evict set update change changed changes sync modify diff needs migrate save refresh rotate reconfigure "
    "dirty mutated existing needed"
)
ALWAYS_CHANGING = wordset("existing invalidate evict")
PRETENDED = wordset("dummy fake mock mocks mocked stub stubs emulator simulator insecure conformance")
POLICY = wordset(
    "format common strength policy similarity history complexity weak pwned breached leaked crack cracker brute bruteforce"
)
LOCAL = wordset("cli cmd cmdline command commands management manage installer wizard")
CIPHERS = wordset("aes gcm aesgcm aesccm ccm eax ocb siv chacha poly aead cipher ciphers")
AUTH_MODULES = wordset("auth authentication oauth oauth1 oauth2")
SERVERS = wordset(
    "django rest_framework flask werkzeug quart fastapi starlette litestar sanic aiohttp tornado bottle falcon pyramid webob "
    "cherrypy twisted zope grpc websockets http socketserver web odoo frappe"
)
TEST_LIBRARIES = wordset("moto pytest respx httpretty requests_mock aioresponses fakeredis mongomock")

REFUSALS = wordset(
    "unauthorized unauthenticated forbidden denied authentication authenticate auth permission credential credentials"
)
ANSWERS = wordset("unauthorized unauthenticated forbidden denied")
REFUSED = wordset("signature sig mac hmac token csrf password otp secret authorized authenticated")
INVALID = wordset("invalid bad wrong incorrect mismatch mismatched illegal not no does")


class Surroundings(Record):
    """The words around a node. function: of the functions; inside: also of the classes; around: also of the path."""

    function: frozenset[str]
    inside: frozenset[str]
    around: frozenset[str]
    compares_secrets: bool
    """Whether a function around compares secrets, by its name: `compare_user_code`, but not `check_token_claim`."""

    @property
    def verifies(self) -> bool:
        """Whether a function around says that it checks something."""
        return bool(self.function & VERIFYING)

    @property
    def confirms(self) -> bool:
        """Whether a function around verifies, by one of the words that leave little doubt."""
        return bool(self.function & CONFIRMING)

    @property
    def verifies_secrets(self) -> bool:
        """Whether a function around verifies, by such a word, logs in, or checks something that is called like a secret."""
        return self.confirms or "login" in self.function or bool(self.verifies and self.function & (STRONG | WEAK))

    @property
    def admits(self) -> bool:
        """Whether a function around lets somebody in, or not."""
        return bool(self.function & VERIFYING - {"compare", "match", "matches"})

    @property
    def hides(self) -> bool:
        """Whether the functions and classes around, not only the path, are about something secret."""
        return bool(self.inside & (SECURITY | STRONG | WEAK - {"hash", "digest", "state", "code", "answer"}))

    @property
    def security(self) -> bool:
        """Whether the place is about security."""
        named = self.function & (STRONG | WEAK) - {"hash", "digest", "state", "code"} if self.verifies else frozenset()
        return bool(self.around & SECURITY or named or (self.inside & {"token", "otp", "apikey"} and self.verifies))

    @property
    def other_trade(self) -> bool:
        """Whether tokens, hashes and signatures may be something else here: in a lexer, a cache, a download."""
        return bool(self.inside & OTHER_TRADES or (self.around & OTHER_TRADES and not (self.verifies and self.security)))

    @property
    def changes(self) -> bool:
        """Whether a function around says that it changes something, and none that it compares."""
        return bool((self.function & CHANGING and not self.function & COMPARING) or self.function & ALWAYS_CHANGING)

    @property
    def local(self) -> bool:
        """Whether the place serves the person at the keyboard, who sees all the secrets anyway: command lines, set-up dialogues."""
        return bool(self.around & LOCAL) or self.around >= {"config", "flow"}

    @property
    def pretends(self) -> bool:
        """Whether the place says that it stands in for the real thing: a mock server, a dummy authenticator."""
        return bool(self.around & PRETENDED)

    @property
    def deciphers(self) -> bool:
        """Whether a cipher is implemented here, whose tags prove that a text was not changed."""
        return bool(self.around & CIPHERS)

    @property
    def judges(self) -> bool:
        """Whether secrets are judged here, and not verified: policies, formats, hosts by hashed names."""
        return bool(self.inside & POLICY) or self.around >= {"known", "hosts"}


def of(source: Source, node: ast.AST) -> Surroundings:
    """The surroundings of a node."""
    functions: list[str] = []
    classes: list[str] = []
    for above in source.ancestors(node):
        if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef):
            functions.append(above.name)
        elif isinstance(above, ast.ClassDef):
            classes.append(above.name)
    path = frozenset(words(source.path.removesuffix(".py").replace("/", "_")))
    function = frozenset(word for name in functions for word in words(name))
    inside = function.union(*map(words, classes))
    return Surroundings(
        function=function,
        inside=inside,
        around=inside | path,
        compares_secrets=any(map(_compares_secrets, functions)),
    )


def _compares_secrets(function: str) -> bool:
    split = words(function)
    return bool(COMPARING & set(split)) and strength("_".join(word for word in split if word not in COMPARING)) > 0


def configures(source: Source) -> bool:
    """Whether a file configures other systems, and compares what they are with what they should be."""
    salt = b"__salt__" in source.data and bool({"modules", "states"} & set(source.path.split("/")))
    return salt or b"AnsibleModule" in source.data or "/plugins/modules/" in f"/{source.path}"


def is_for_tests(source: Source) -> bool:
    """Whether a file imports what only tests and the servers that tests talk to are made of: a library of mocks, pytest."""
    return bool(TEST_LIBRARIES & source.imported)


def serves(source: Source) -> bool:
    """Whether a file lets somebody in from outside: by what servers are made of, which it imports, or as the module for that."""
    segments = set(source.path.removesuffix(".py").split("/"))
    return bool(AUTH_MODULES & segments or SERVERS & source.imported)


def refuses(source: Source, node: ast.AST) -> bool:
    """Whether the `if` that a node decides refuses somebody: it raises AuthenticationFailed or answers 401 or 403."""
    below = node
    for above in source.ancestors(node):
        if isinstance(above, ast.If):
            return below is above.test and any(_refuses(part) for part in [*above.body, *above.orelse])
        if isinstance(above, ast.stmt):
            return False
        below = above
    return False


def _refuses(statement: ast.stmt) -> bool:
    said = REFUSALS if isinstance(statement, ast.Raise) else ANSWERS
    if not isinstance(statement, ast.Raise | ast.Return | ast.Expr):
        return False
    for node in ast.walk(statement):
        match node:
            case ast.Constant(value=401 | 403 | 1008 | 4401 | 4403):  # of HTTP, and with what a WebSocket is closed
                return True
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Constant(value=str(name)):
                split = {*words(name)}
                if said & split or (REFUSED & split and INVALID & split):
                    return True
    return False
