"""Values that are secret by how they were made: an HMAC, a digest of a secret, a one-time password."""

from __future__ import annotations

import ast
import re

from holdfast import values
from holdfast.record import Record
from holdfast.secrets import HARMLESS, HASHES, says_plain, singular, spoken_name, strength, unwrapped, words, wordset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.source import Source

MACS = r"^(hmac\.(new|digest|HMAC)|secrets\.token_\w+|crypt\.crypt|django\.utils\.crypto\.salted_hmac)$"
LIBRARY_HASHES = r"^(hashlib\.\w+|Crypto(dome)?\.Hash\..+)$"
ONE_TIME = wordset("hmac hotp totp")
MAKING = wordset("make compute calculate calc derive build sign")
MADE = wordset("token signature sig mac otp")
NOT_MAKING = wordset("check verify is has update validate")
DEPTH = 5


class Made(Record):
    """A secret that was made: the expression, what to call it, and whether that alone proves it (not so for a mere digest)."""

    origin: ast.expr
    label: str
    proves: bool


def secret(source: Source, expression: ast.expr, depth: int = DEPTH) -> Made | None:
    """How a value was made, if that makes it a secret; followed through assignments, attributes of `self` and local functions."""
    parts = expression.elts if isinstance(expression, ast.List | ast.Tuple | ast.Set) else []
    starts = dict.fromkeys((expression, unwrapped(expression), *parts))
    for origin in (origin for start in starts for origin in values.origins(source, start)):
        for call in (node for node in ast.walk(origin) if isinstance(node, ast.Call)):
            found = _made_by(source, call, origin) or (_digested(source, call, depth) if depth else None)
            if found:
                return found
    return None


def _made_by(source: Source, call: ast.Call, origin: ast.expr) -> Made | None:
    """What a call makes, if it makes a secret."""
    name = source.qualname(call.func) or ""
    callee = spoken_name(call.func)
    split = {singular(word) for word in words(callee)}
    if re.match(MACS, name):
        return Made(
            origin=origin, label=f"{name.removeprefix('django.utils.crypto.')}(...)", proves=not name.startswith("secrets.")
        )
    if split & NOT_MAKING or callee == "get_hash" or says_plain(singular(callee)):
        return None
    if split & ONE_TIME or (split & MAKING and split & MADE and not split & HARMLESS - {"new"}):
        return Made(origin=origin, label=f"{callee}(...)", proves=True)
    if re.match(LIBRARY_HASHES, name) or split & HASHES:
        hashed = _secret_among(source, [*call.args, *(keyword.value for keyword in call.keywords)])
        return Made(origin=origin, label=f"{callee}(...) of `{hashed}`", proves=False) if hashed else None
    return None


def _digested(source: Source, call: ast.Call, depth: int) -> Made | None:
    """What `h.digest()` gives: what `h` was made of, or fed with by `h.update(secret)`."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in ("digest", "hexdigest"):
        return None
    receiver = call.func.value
    if not isinstance(receiver, ast.Name | ast.Attribute):
        return None
    found = secret(source, receiver, depth - 1)
    if found:
        return found
    for update in source.nodes(ast.Call):
        fed = isinstance(update.func, ast.Attribute) and update.func.attr == "update"
        if fed and spoken_name(update.func.value) == spoken_name(receiver) and source.function(update) is source.function(call):  # type: ignore[attr-defined]
            hashed = _secret_among(source, update.args)
            if hashed:
                return Made(origin=update, label=f"a digest of `{hashed}`", proves=False)
    return None


def _secret_among(source: Source, expressions: list[ast.expr]) -> str:
    """The first secret among what goes into an expression, by name; "" for none."""
    return next((name for expression in expressions for name in _ingredients(source, expression, DEPTH) if strength(name) == 2), "")


def _ingredients(source: Source, expression: ast.expr, depth: int) -> Iterator[str]:
    """The names of what goes into an expression, those nearest to it first."""
    parts = [node for node in ast.walk(expression) if isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call)]
    yield from map(spoken_name, parts)
    for part in parts:
        if depth and isinstance(part, ast.Name):
            for value in values.of(source, part):
                yield from _ingredients(source, value, depth - 1)
