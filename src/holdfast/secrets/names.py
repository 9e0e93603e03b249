"""Which names and values are secret: shared by every rule about secrets."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from itertools import pairwise

from holdfast.code import values
from holdfast.code.words import singular, words, wordset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.code.source import Source


# -- names

CERTAIN = 2  # the strength of a name that stands for nothing else

# Nobody calls anything else by these.
STRONG = wordset(
    "hmac otp totp hotp passw passwd passwords password pwd passphrase passcode secret secrets vcode csrf xsrf apikey "
    "pincode credentials"
)
# These, too, but only where something else speaks of security: a signature may be a function's, a token a lexer's.
WEAK = wordset("token mac sig signature digest hash hashed hsh hexdigest code answer verifier state authorization")
STRONG_PAIRS = frozenset(
    tuple(pair.split("-"))
    for pair in (
        "api-key secret-key form-key auth-key access-key admin-key activation-key webhook-key access-token auth-token "
        "api-token reset-token refresh-token bearer-token session-token install-token bootstrap-token invite-token "
        "confirmation-token webhook-token activation-token editor-token verify-token verification-token id-token device-token "
        "user-token "
        "security-hash auth-hash pass-hash hmac-digest verification-code recovery-code backup-code reset-code login-code "
        "otp-code relay-state oauth-state auth-nonce auth-string basic-auth x-signature hub-signature webhook-signature request- "
        "signature expected-signature valid-signature computed-signature calculated-signature hmac-signature expected-sig "
        "calculated-sig valid-sig expected-mac my-mac computed-mac calculated-mac regenerated-mac observed-mac mac-value"
    ).split()
)
# As the last word: what is said about a secret, or something that only sounds like one.
ABOUT = wordset(
    "id ids type types kind name names field fields count counts len length size index idx pos position url uri path "
    "file filename dir method methods algorithm alg algo version format expires expiry expiration ttl age at date "
    "time timestamp ts header prefix suffix class scheme endpoint hint policy label column user username enabled "
    "required error errors cls func function form model serializer view widget validator validators hasher hashers "
    "backend manager provider store address addr usage scope scopes level limit rate budget config settings options "
    "params parameters info meta metadata strength rotation generator factory handler parser lexer stream ref uuid "
    "slug title text message fingerprint security changed mode use used source status list set map dict kwargs "
    "args min max warn arn sub audience audiences given present sent yaml format_id agent response request event "
    "endpoints service client clients key_id group role env var vars keys items entry entries subject issuer rejected "
    "accepted expired rounds cost counter mismatch live jti resolved minutes seconds hours days"
)
# A value that is one of these is no secret, so what it is compared with is none either.
PLAIN = wordset(
    "id ids type types kind name names field fields count counts len length size index idx number version method mode "
    "status class format algorithm alg algo enum scheme label column spec specs tokenid userid keyid uid uuid serial address "
    "etag etags addr hint rounds jti annotation annotations dtype backend dict record rdata txt bytecode fingerprint fingerprints"
)
# Sent in the clear: the code challenge of RFC 7636, by what a server proves itself to its client (RFC 5802), and the
# hashes by which an ID token names the token and the code it came with (OpenID Connect Core 3.1.3.6).
PUBLIC_PAIRS = frozenset({("code", "challenge"), ("server", "signature"), ("at", "hash"), ("c", "hash"), ("left", "hash")})
PEOPLE = wordset("username user email url uri path owner realm")
# Before a weak word: which token or hash it is.
HARMLESS = wordset(
    "num max min total count next prev page continuation sync cursor cache file content commit git block tree object etag blob "
    "image video audio lexer parser line word separator stop mask special public pub status error return language country zip "
    "cancellation lock fence lease idempotency operation response result message input output template package release build "
    "course group item label product subject unit"
)
# Words that a name may carry on top and stays what it is.
TAILS = wordset(
    "value val vals str string bytes b64 hex hash2 data header hdr param raw plain text calculated xml old new red blue"
)
# Instead of a secret.
PLACEHOLDERS = wordset(
    "mask masked sentinel redacted placeholder dummy insecure unset hidden obfuscated empty exclude excluded ignored "
    "breached forbidden banned leaked reserved weak revoked blocked blacklisted wrong seen saw disallowed invalid scrub "
    "scrubbed redact"
)
# As text, no password of anybody.
EXAMPLES = wordset("change default example fake skip ignore common captcha")
# As the first word: a number, or a choice.
FLAGS = wordset("is has num max min n disable enable allow require")
CHECKS = wordset("verify check validate")
PREPOSITIONS = wordset("by from for with of in via as on at or")
KEYLIKE = wordset("access auth bearer credential key pass pin")
# Words that are often written together: `passwordhash`, `formkey`.
GLUED = re.compile(
    r"(access|api|app|auth|csrf|form|login|pass|passwd|password|secret|session|user|webhook)"
    r"(code|digest|hash|key|nonce|secret|sig|signature|token)s?"
)


@lru_cache(maxsize=4096)
def spoken_words(identifier: str) -> tuple[str, ...]:
    """The words that say what a thing is: `get_user_by_password` is a user, `token_for_request` a token."""
    split = tuple(part for word in words(identifier) for part in _unglued(word))
    cut = next((index for index, word in enumerate(split) if index and word in PREPOSITIONS), len(split))
    return split[:cut]


def _unglued(word: str) -> tuple[str, ...]:
    glued = GLUED.fullmatch(word)
    return (glued[1], glued[2]) if glued else (word,)


@lru_cache(maxsize=4096)
def strength(identifier: str) -> int:
    """How surely a name stands for a secret: 2 for `expected_hmac`, 1 for `token`, 0 for `token_type`, `machine`, `max_tokens`."""
    split = tuple(word for word in spoken_words(identifier) if not word.isdigit())
    if not split or split[-1] in ABOUT - TAILS or split[0] in FLAGS or PLACEHOLDERS & set(split):
        return 0
    if split[0] in CHECKS and (split[-1] == "signature" or (len(split) > 2 and split[-1] == "token")):
        return 0  # a function, or whether to
    core = tuple(word for word in split if word not in TAILS) or split
    if core[-1] == "nonce" and core[-2:] != ("auth", "nonce"):
        return 0  # sent in the clear
    if STRONG & set(core[-2:]) or STRONG_PAIRS & {*pairwise(core[-3:]), *pairwise(split[-3:])}:
        return CERTAIN
    return int(core[-1] in WEAK and not HARMLESS & set(core[:-1]))


@lru_cache(maxsize=4096)
def is_keylike(identifier: str) -> bool:
    """Whether a name may be that of a secret where somebody is refused by it: `STATS_KEY`, `secret_id`, `access`."""
    split = spoken_words(identifier)
    core = tuple(singular(word) for word in split if word not in TAILS and not word.isdigit()) or split
    if not core or FLAGS & {core[0]} or PLACEHOLDERS & {*split} or core[-2:] == ("public", "key"):
        return False
    return core[-1] in STRONG | KEYLIKE | WEAK - {"answer", "state", "verifier"} or (core[-1] == "id" and bool(STRONG & {*core}))


def noun(identifier: str) -> str:
    """The word that says what a thing is: "nonce" for `nonce_str2`; "" for none."""
    split = [word for word in spoken_words(identifier) if word not in TAILS and not word.isdigit()]
    return split[-1] if split else ""


def says_plain(identifier: str) -> bool:
    """Whether a name says that it is no secret: a number, a type, a placeholder."""
    split = spoken_words(identifier)
    core = tuple(word for word in split if word not in TAILS and not word.isdigit()) or split
    return bool(core) and (core[-1] in PLAIN | PEOPLE or core[-2:] in PUBLIC_PAIRS or bool(PLACEHOLDERS & set(split)))


# -- expressions

WRAPPERS = wordset(
    "encode decode strip rstrip lstrip lower upper casefold get_secret_value hex tobytes format removeprefix "
    "removesuffix replace hexdigest digest finalize zfill split"
)
TRANSPARENT = wordset("key value secret_value raw plaintext")
CONVERSIONS = wordset(
    "str bytes repr int unicode to_bytes to_str to_unicode force_str force_bytes force_text smart_str smart_bytes "
    "bytearray text_type native_str quote unquote"
)
RANDOM = wordset("token_bytes token_hex token_urlsafe")
GETTERS = wordset(
    "get pop getlist get_header getheader getRawHeaders field get_argument get_config getitem getenv get_secret "
    "get_secret_str get_setting setting config env"
)


def unwrapped(node: ast.expr) -> ast.expr:
    """What an expression wraps without making it less secret: `x.encode()`, `str(x)`, `x[1:]`, `await x`, `x or ""`."""
    while True:
        match node:
            case ast.Call(func=ast.Attribute(attr=name, value=inner)) if name in WRAPPERS and not isinstance(inner, ast.Constant):
                node = inner
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[inner, *_]) if (
                name in CONVERSIONS or "b64" in name or "base64" in name
            ):
                node = inner
            case ast.Subscript(value=inner, slice=ast.Slice()) | ast.Starred(value=inner):
                node = inner
            case ast.Attribute(attr=name, value=inner) if name in TRANSPARENT:
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
        case ast.Subscript(slice=ast.Name(id=key) | ast.Attribute(attr=key)) if key.isupper():
            return key
        case ast.Subscript(value=inner):
            many = spoken_name(inner)
            return many if words(many)[-1:] and words(many)[-1] in ABOUT else singular(many)
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=[ast.Constant(value=str(key)), *_]) if (
            name in GETTERS
        ):
            return key
        case ast.Call(func=ast.Attribute(attr=name), args=[ast.Name(id=key) | ast.Attribute(attr=key), *_]) if (
            name in GETTERS and key.isupper()
        ):
            return key
        case ast.Call(func=ast.Attribute(attr=name, value=inner)) if name in GETTERS:
            many = spoken_name(inner).removesuffix("_dict").removesuffix("_map")
            return "" if many == singular(many) == spoken_name(inner) else singular(many)  # what is got from a token is a claim
        case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value=str(key)), *_]):
            return key
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return "" if name[:1].isupper() or name in RANDOM else name  # these say what a thing is, not what it is for
        case _:
            return ""


HASHES = wordset("md sha blake hash hexdigest digest crypt pbkdf scrypt bcrypt passhash hmac mac ha")


def names(source: Source, side: ast.expr) -> list[str]:
    """The names by which a side is known: its own, those of what it was assigned from, and those of a tuple's elements."""
    found: list[str] = []
    own = spoken_words(spoken_name(unwrapped(side)))
    if own and (own[-1] in ABOUT - TAILS or (own[-1] in ("hash", "digest") and HARMLESS & set(own[:-1]))):
        return [spoken_name(unwrapped(side))]
    for origin in values.origins(source, unwrapped(side)):
        inner = unwrapped(origin)
        found += [name for part in _parts(inner) if (name := spoken_name(unwrapped(part)))]
        if isinstance(inner, ast.Call) and HASHES & set(words(spoken_name(inner))):
            found += [name for part in inner.args if (name := spoken_name(unwrapped(part)))]  # a hash of a token
    return list(dict.fromkeys(found))


def _parts(node: ast.expr) -> list[ast.expr]:
    """What a tuple, an f-string or a sum is put together from."""
    match node:
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
            return parts
        case ast.JoinedStr(values=pieces):
            return [piece.value for piece in pieces if isinstance(piece, ast.FormattedValue)]
        case ast.BinOp(left=left, op=ast.Add() | ast.Mod(), right=right):
            return [*_parts(left), *_parts(right)]
        case _:
            return [node]
