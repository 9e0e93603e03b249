"""Values that are secret by how they were made: an HMAC, a digest of a secret, a one-time password."""

from __future__ import annotations

import ast
import re

from holdfast.code import values
from holdfast.code.words import singular, words, wordset
from holdfast.record import Record
from holdfast.secrets.names import CERTAIN, HARMLESS, HASHES, noun, says_plain, spoken_name, strength, unwrapped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.code.source import Source

MACS = r"^(hmac\.(new|digest|HMAC)|secrets\.token_\w+|crypt\.crypt|bcrypt\.hashpw|django\.utils\.crypto\.salted_hmac)$"
LIBRARY_HASHES = r"^(hashlib\.\w+|Crypto(dome)?\.Hash\..+)$"
ONE_TIME = wordset("hmac hotp totp")
ONE_TIME_VALUES = ONE_TIME | wordset("otp token value passcode code digest hexdigest sha md oneshot signature sig mac hash")
TIDYING = wordset("strip normalize resolve mask clean parse sanitize redact")
MAKING = wordset("make compute calculate calc derive build sign")
MADE = wordset("token signature sig mac otp")
ALWAYS_KEYED = wordset("mac otp")
KEYED_CALLS = wordset("hmac mac")
HIDDEN = wordset("secret token salt hmac private")
NOT_MAKING = wordset("check verify is has update validate")
KEYS = wordset("key salt private pepper")
HASH_WORDS = wordset("hash digest hashed hsh hexdigest")
DEPTH = 5


class Made(Record):
    """A secret that was made: the expression, what to call it, and whether that alone proves it (not so for a mere digest)."""

    origin: ast.expr
    label: str
    proves: bool
    random: bool = False
    """Whether it is a random text, which may as well be a marker or a nonce."""


MENTIONS = tuple(b"hmac mac otp hash digest sign sig token_ crypt md5 sha".split())
"""Without one of these words in lower case, a file makes no secret."""


def secret(source: Source, expression: ast.expr, depth: int = DEPTH) -> Made | None:
    """How a value was made, if that makes it a secret; followed through assignments, attributes of `self` and local functions."""
    if not _may_make(source):
        return None
    parts = expression.elts if isinstance(expression, ast.List | ast.Tuple | ast.Set) else []
    starts = dict.fromkeys((expression, unwrapped(expression), *parts))
    for origin in (origin for start in starts for origin in values.origins(source, start)):
        for call in (node for node in ast.walk(origin) if isinstance(node, ast.Call)):
            found = _made_by(source, call, origin)
            if depth and not found:
                found = _digested(source, call, depth) or _made_by_entry(source, call, depth)
            if found:
                return found
    return None


def _may_make(source: Source) -> bool:
    """Whether a file mentions anything that makes a secret; looked up once a file."""
    key = (_may_make, source.tree)
    if key not in source.memo:
        source.memo[key] = any(word in source.lowered for word in MENTIONS)
    return bool(source.memo[key])


def _made_by_entry(source: Source, call: ast.Call, depth: int) -> Made | None:
    """What a call of an entry of a table makes: `ALGORITHMS[name](key, body)`, where an entry is a lambda or a function here."""
    tables = values.origins(source, call.func.value) if isinstance(call.func, ast.Subscript) else []
    for entry in (value for table in tables if isinstance(table, ast.Dict) for value in table.values):
        made = [entry.body] if isinstance(entry, ast.Lambda) else []
        for body in made or values.returned(source, ast.Call(func=entry, args=[], keywords=[])):
            found = secret(source, body, depth - 1)
            if found:
                return found
    return None


def _made_by(source: Source, call: ast.Call, origin: ast.expr) -> Made | None:
    """What a call makes, if it makes a secret."""
    name = source.qualname(call.func) or ""
    callee = spoken_name(call.func)
    split = [singular(word) for word in words(callee) if not word.isdigit()]
    if re.match(MACS, name):
        random = name.startswith("secrets.")
        return Made(origin=origin, label=f"{name.removeprefix('django.utils.crypto.')}(...)", proves=not random, random=random)
    if not NOT_MAKING.isdisjoint(split) or "file" in split or callee == "get_hash" or says_plain(singular(callee)):
        return None
    if _makes_one_time(split):
        return Made(origin=origin, label=f"{callee}(...)", proves=True)
    if MAKING & {*split} and MADE & {*split} and not {*split} & HARMLESS - {"new"}:
        return Made(origin=origin, label=f"{callee}(...)", proves=bool(ALWAYS_KEYED & {*split}) or _takes_key(source, call))
    if re.match(LIBRARY_HASHES, name) or HASHES & {*split}:
        hashed = _secret_among(source, [*call.args, *(keyword.value for keyword in call.keywords)])
        return Made(origin=origin, label=f"{callee}(...) of `{hashed}`", proves=False) if hashed else None
    return None


def _takes_key(source: Source, call: ast.Call) -> bool:
    """Whether a key goes into a call, by the names of what does, or by those in the function of this file that is called."""
    named = {word for name in _ingredients(source, call) for word in words(name)}
    function = values.called(source, call)
    inside = {word for name in (_ingredients(source, function) if function else ()) for word in words(name)}
    return bool(named & (KEYS | HIDDEN) or inside & HIDDEN)


def _makes_one_time(split: list[str]) -> bool:
    """Whether a function makes a MAC or a one-time password, by its name: `get_totp_token`, not `strip_totp_spaces`."""
    return bool(ONE_TIME & {*split}) and split[-1] in ONE_TIME_VALUES and split[0] not in TIDYING


def _digested(source: Source, call: ast.Call, depth: int) -> Made | None:
    """What `h.digest()` gives: what `h` was made of, or fed with by `h.update(secret)`."""
    if not isinstance(call.func, ast.Attribute) or not _digests(call):
        return None
    receiver = call.func.value
    if not isinstance(receiver, ast.Name | ast.Attribute):
        return None
    found = secret(source, receiver, depth - 1)
    if found:
        return found
    for part in _fed(source, call):
        hashed = _secret_among(source, [part])
        if hashed:
            return Made(origin=part, label=f"a digest of `{hashed}`", proves=False)
    return None


def is_public(source: Source, expression: ast.expr) -> bool:
    """Whether a value is a digest that anybody can compute: nothing that went into it is called like a secret."""
    calls = [call for origin in values.origins(source, expression) for call in ast.walk(origin) if isinstance(call, ast.Call)]
    hashing = [call for call in calls if re.match(LIBRARY_HASHES, source.qualname(call.func) or "") or _digests(call)]
    fed = [part for call in hashing if _digests(call) for part in _fed(source, call)]
    names_ = [name for part in [*hashing, *fed] for name in _ingredients(source, part)]
    return bool(hashing) and not any(
        KEYS & set(words(name)) or (strength(name) and noun(name) not in HASH_WORDS) for name in names_
    )


def are_blinded(source: Source, sides: tuple[ast.expr, ast.expr]) -> bool:
    """Whether both sides are MACs made here with one key: where those of two MACs begin to differ says nothing about these."""
    first, second = ({ast.unparse(key) for key in _keys(source, side)} for side in sides)
    return bool(first & second)


def _keys(source: Source, side: ast.expr) -> list[ast.expr]:
    """The keys of the hash objects that a side is made with."""
    found: list[ast.expr] = []
    for origin in values.origins(source, unwrapped(side)):
        here = source.function(origin) is source.function(side)
        for call in (node for node in ast.walk(origin) if here and isinstance(node, ast.Call)):
            found += [word.value for word in call.keywords if word.arg == "key"]
            keyed = re.match(MACS, source.qualname(call.func) or "") or KEYED_CALLS & {*words(spoken_name(call.func))}
            found += call.args[:1] if keyed else []
    return found


def _digests(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in ("digest", "hexdigest", "finalize")


def _fed(source: Source, call: ast.Call) -> list[ast.expr]:
    """What went into the hash object whose digest a call takes, by `update` in the same function."""
    receiver = spoken_name(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    found: list[ast.expr] = []
    for update in source.nodes(ast.Call):
        feeds = isinstance(update.func, ast.Attribute) and update.func.attr == "update"
        if feeds and spoken_name(update.func.value) == receiver and source.function(update) is source.function(call):  # type: ignore[attr-defined]
            found += update.args
    return found


def _secret_among(source: Source, expressions: list[ast.expr]) -> str:
    """The first secret among what goes into an expression, by name; "" for none."""
    return next((name for expression in expressions for name in _ingredients(source, expression) if strength(name) == CERTAIN), "")


def _ingredients(source: Source, expression: ast.AST) -> list[str]:
    """The names of what goes into an expression, those nearest to it first."""
    found: list[str] = []
    level, seen = [expression], {expression}
    for _ in range(DEPTH + 1):
        nodes = [node for above in level for node in ast.walk(above)]
        found += [spoken_name(node) for node in nodes if isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call)]
        known = [value for node in nodes if isinstance(node, ast.Name) for value in _known(source, node)]
        level = [value for value in dict.fromkeys(known) if value not in seen]
        seen.update(level)
    return found


def _known(source: Source, name: ast.Name) -> list[ast.expr]:
    """What a name may stand for; where only a part is taken of what a call answered, what was called, not what it was asked."""
    found = values.of(source, name)
    above = source.parent(name)
    used = source.parent(above) if isinstance(above, ast.Attribute) else above  # the call of a method
    part = used if isinstance(used, ast.Call) and used.func is above else above
    if not isinstance(above, ast.Attribute | ast.Subscript) or unwrapped(part) is name:  # type: ignore[arg-type]
        return found
    return [value.func if isinstance(value, ast.Call) else value for value in map(unwrapped, found)]
