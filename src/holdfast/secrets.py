"""Which names and values are secret: shared by every rule about secrets."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from itertools import pairwise

from holdfast import values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.source import Source

# How sure a name alone makes us: nobody calls anything else an HMAC, but a token may be a lexer's.
STRONG = frozenset(
    (
        "hmac otp totp hotp mfa password passwd pwd passphrase passcode secret csrf xsrf signature apikey pincode "
        "credential credentials"
    ).split()
)
WEAK = frozenset("token sig digest mac hash hashed nonce code state answer".split())
STRONG_PAIRS = frozenset(
    {
        ("api", "key"), ("secret", "key"), ("private", "key"), ("auth", "key"), ("access", "key"), ("admin", "key"),
        ("access", "token"), ("auth", "token"), ("api", "token"), ("reset", "token"), ("refresh", "token"), ("bearer", "token"),
        ("session", "token"), ("session", "key"), ("verification", "token"), ("bootstrap", "token"), ("invite", "token"),
        ("confirmation", "token"), ("activation", "token"), ("activation", "key"), ("request", "token"), ("editor", "token"),
        ("verify", "token"), ("webhook", "token"), ("security", "hash"), ("auth", "hash"), ("verification", "code"),
        ("recovery", "code"), ("backup", "code"), ("relay", "state"), ("oauth", "state"), ("expected", "sig"), ("expected", "mac"),
    }
)  # fmt: skip

# A secret's property, or something that only sounds like one: these as the last word mean that the value is no secret.
ABOUT = frozenset(
    (
        "id ids type types kind name names field fields count counts len length size index idx pos position url uri path "
        "file filename dir method methods algorithm alg version format expires expiry expiration ttl age at date time "
        "timestamp header prefix suffix class scheme endpoint hint policy label column user username enabled required "
        "valid verified status error errors list map dict set cls func function form model serializer view widget "
        "validator validators hasher hashers backend manager provider store address addr usage scope scopes level limit "
        "rate budget config settings options params parameters info data meta metadata strength rotation generator "
        "factory handler parser lexer stream value_type ref uuid slug title text message fingerprint security changed "
        "mode use used source"
    ).split()
)
# Words before one of the weak ones that say it is no secret.
HARMLESS = frozenset(
    (
        "num n max min total is has use need needs no start end next prev previous current last first stop eos bos pad "
        "unk sep mask cls special image video audio lexer parser page next_page continuation sync cursor cache file "
        "content commit git block tree object obj row etag blob image dir path interface module source src config build "
        "query param input output prompt completion cancellation md5sum sha256sum checksum primary foreign public pub "
        "country language lang zip postal status error exit return currency char key_type mac_addr lint color colour "
        "style type old new function func method call inspect text tag event"
    ).split()
)
WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


@lru_cache(maxsize=4096)
def words(identifier: str) -> tuple[str, ...]:
    """An identifier's words in lower case: `userApiKey2` is ("user", "api", "key", "2")."""
    return tuple(word.lower() for word in WORD.findall(identifier))


@lru_cache(maxsize=4096)
def strength(identifier: str) -> int:
    """How surely a name stands for a secret: 2 for `expected_hmac`, 1 for `token`, 0 for `token_type`, `machine`, `max_tokens`."""
    split = tuple(word for word in words(identifier) if not word.isdigit())
    if not split or split[-1] in ABOUT or split[0] in ("is", "has", "num", "max", "min", "n"):
        return 0
    if STRONG & set(split) or STRONG_PAIRS & set(pairwise(split)):
        return 2
    if split[-1] in WEAK and not HARMLESS & set(split[:-1]):
        return 1
    return 0


WRAPPERS = frozenset(
    (
        "encode decode strip rstrip lstrip lower upper casefold get_secret_value hex tobytes format removeprefix "
        "removesuffix replace"
    ).split()
)
CONVERSIONS = frozenset(
    {"str", "bytes", "repr", "to_bytes", "to_str", "force_str", "force_bytes", "smart_str", "smart_bytes", "bytearray"}
)
COMPUTED = re.compile(r"^(hmac\.(new|digest|HMAC)|secrets\.token_(hex|bytes|urlsafe)|secrets\.randbelow|crypt\.crypt)$")
HASHES = re.compile(r"^(hashlib\.\w+|zlib\.crc32|Crypto(dome)?\.Hash\..+|django\.utils\.crypto\.salted_hmac)$")
HEADER = re.compile(r"sign|token|secret|api-?key|auth|hmac", re.IGNORECASE)


def unwrapped(node: ast.expr) -> ast.expr:
    """What an expression wraps without making it less secret: `x.encode()`, `str(x)`, `x[1:]`, `await x`, `x or ""`."""
    while True:
        match node:
            case ast.Call(func=ast.Attribute(attr=name, value=inner)) if name in WRAPPERS:
                node = inner
            case ast.Call(func=ast.Name(id=name), args=[inner, *_]) if name in CONVERSIONS:
                node = inner
            case ast.Call(func=ast.Attribute(attr=name), args=[inner, *_]) if name in CONVERSIONS or name.startswith("b64"):
                node = inner
            case ast.Subscript(value=inner, slice=ast.Slice()):
                node = inner
            case ast.Await(value=inner) | ast.NamedExpr(value=inner) | ast.BoolOp(values=[inner, *_]):
                node = inner
            case _:
                return node


def spoken_name(node: ast.expr) -> str:
    """The name by which an expression is known: of a variable, an attribute, a literal key or, for a call, what it calls."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str(key))):
            return key
        case ast.Call(func=ast.Attribute(attr="get" | "pop" | "getlist" | "get_header"), args=[ast.Constant(value=str(key)), *_]):
            return key
        case ast.Call(func=ast.Attribute(attr="get" | "pop"), args=[ast.Name(id=key) | ast.Attribute(attr=key), *_]):
            return key
        case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value=str(key)), *_]):
            return key
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name
        case ast.Subscript(value=inner):
            return spoken_name(inner)
        case _:
            return ""


def computed(source: Source, expression: ast.expr) -> tuple[ast.expr, str] | None:
    """The expression that makes a value a secret (an HMAC, a digest of a secret, a generated token) and its name, or None."""
    for origin in values.origins(source, unwrapped(expression)):
        for call in [node for node in ast.walk(origin) if isinstance(node, ast.Call)]:
            name = source.qualname(call.func) or ""
            if COMPUTED.match(name):
                return origin, name
            if HASHES.match(name) and any(strength(spoken) > 1 for spoken in _names_in(call)):
                return origin, f"{name} of a secret"
    return None


def _names_in(call: ast.Call) -> list[str]:
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    nodes = (node for argument in arguments for node in ast.walk(argument))
    return [spoken_name(node) for node in nodes if isinstance(node, ast.Name | ast.Attribute)]
