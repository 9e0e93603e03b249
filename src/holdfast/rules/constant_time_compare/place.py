"""Where a comparison is, in words: those of the functions and classes around it and of its file's path; and whom it refuses."""

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
AMBIGUOUS = wordset("hash digest state code answer")
OTHER_TRADES = wordset(
    "lex lexer lexers parse parser parsing tokenize tokenizer grammar syntax compiler ast template templates "
    "formatter highlight nlp llm vocab decoder sampling generation beam pagination page expr query checksum checksums "
    "download cache storage files etag build diff blob snapshot integrity artifact package packages ocsp "
    "enum enums certificate lock locks locking lease inspect device tracker content event events migration migrations captcha "
    "png zip magic image abi contract contracts bytecode compilation kernels speculative"
)
POLICY = wordset(
    "format common strength policy similarity history complexity weak pwned breached leaked crack cracker brute bruteforce"
)
COMMAND_LINE = wordset("cli cmd cmdline command commands management manage installer wizard")
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
REFUSAL_CODES = (401, 403, 1008, 4401, 4403)
"""Of HTTP, and those with which a WebSocket is closed."""


class Place(Record):
    """The words around a node. function: of the functions; inside: also of the classes; around: also of the path."""

    function: frozenset[str]
    inside: frozenset[str]
    around: frozenset[str]
    compares_secrets: bool
    """Whether a function is named for comparing secrets: `compare_user_code`, but not `check_token_claim`."""

    @property
    def verifies(self) -> bool:
        """Whether a function is named for checking something."""
        return bool(self.function & VERIFYING)

    @property
    def confirms(self) -> bool:
        """Whether a function is named for verifying, by a word that leaves little doubt."""
        return bool(self.function & CONFIRMING)

    @property
    def admits(self) -> bool:
        """Whether a function is named for admitting a caller."""
        return bool(self.function & VERIFYING - {"compare", "match", "matches"})

    @property
    def verifies_secrets(self) -> bool:
        """Whether a function is named for verifying or logging in, or for checking something that is named like a secret."""
        return self.confirms or "login" in self.function or bool(self.verifies and self.function & (STRONG | WEAK))

    @property
    def is_about_secrets(self) -> bool:
        """Whether the functions and classes around, not only the path, are named for something secret."""
        return bool(self.inside & (SECURITY | STRONG | WEAK - AMBIGUOUS))

    @property
    def is_security(self) -> bool:
        """Whether the place is about security."""
        named = self.function & (STRONG | WEAK) - AMBIGUOUS if self.verifies else frozenset()
        return bool(self.around & SECURITY or named or (self.inside & {"token", "otp", "apikey"} and self.verifies))

    @property
    def is_other_trade(self) -> bool:
        """Whether tokens, hashes and signatures may be something else here: in a lexer, a cache, a download."""
        return bool(self.inside & OTHER_TRADES or (self.around & OTHER_TRADES and not (self.verifies and self.is_security)))


def of(source: Source, node: ast.AST) -> Place:
    """The place of a node."""
    definitions = source.definitions(node)
    functions = [above.name for above in definitions if not isinstance(above, ast.ClassDef)]
    classes = [above.name for above in definitions if isinstance(above, ast.ClassDef)]
    path = frozenset(words(source.path.removesuffix(".py").replace("/", "_")))
    function = frozenset(word for name in functions for word in words(name))
    inside = function.union(*map(words, classes))
    compares = any(map(_is_named_for_comparing_secrets, functions))
    return Place(function=function, inside=inside, around=inside | path, compares_secrets=compares)


def _is_named_for_comparing_secrets(function: str) -> bool:
    split = words(function)
    return bool(COMPARING & set(split)) and strength("_".join(word for word in split if word not in COMPARING)) > 0


def is_server(source: Source) -> bool:
    """Whether a file serves others: by the frameworks that it imports, or as a module for authentication."""
    segments = set(source.path.removesuffix(".py").split("/"))
    return bool(AUTH_MODULES & segments or SERVERS & source.imported)


def refusal(source: Source, node: ast.AST) -> ast.stmt | None:
    """The statement that refuses the caller where a node decides an `if`: it raises AuthenticationFailed or answers 401 or 403."""
    below = node
    for above in source.ancestors(node):
        if isinstance(above, ast.If):
            branches = (above.body, above.orelse) if below is above.test else ()
            return next((found for branch in branches if (found := _refusal_in(branch))), None)
        if isinstance(above, ast.stmt):
            return None
        below = above
    return None


def _refusal_in(branch: list[ast.stmt]) -> ast.stmt | None:
    leaves = any(isinstance(part, ast.Raise | ast.Return) for part in branch)
    simple = (part for part in branch if isinstance(part, ast.Raise | ast.Return | ast.Expr | ast.Assign))
    return next((part for part in simple if _is_refusal(part, leaves)), None)


def _is_refusal(statement: ast.stmt, leaves: bool) -> bool:
    said = REFUSALS if isinstance(statement, ast.Raise) else ANSWERS
    for node in ast.walk(statement):
        match node:
            case ast.Constant(value=int(code)) if code in REFUSAL_CODES:
                return True
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Constant(value=str(name)):
                split = {*words(name)}
                if said & split or (leaves and REFUSED & split and INVALID & split):
                    return True
    return False


def raises(source: Source, node: ast.AST) -> bool:
    """Whether a node decides an `if` that raises."""
    above = source.parent(node)
    return isinstance(above, ast.If) and above.test is node and any(isinstance(part, ast.Raise) for part in above.body)
