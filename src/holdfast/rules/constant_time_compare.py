"""Secrets are compared in constant time.

`==` on text and bytes stops at the first difference. How long it took tells an attacker how much of a guessed signature, token
or one-time password was right, and lets them find it piece by piece. `hmac.compare_digest` looks at everything, always.

```python bad
import hmac


def verify(body, signature, key):
    expected = hmac.new(key, body, "sha256").hexdigest()
    return signature == expected
```

```python good
import hmac


def verify(body, signature, key):
    expected = hmac.new(key, body, "sha256").hexdigest()
    return hmac.compare_digest(signature.encode(), expected.encode())
```

## What it reports

`==`, `!=`, `in`, `not in` and `case` where a side is a secret: by its value (an HMAC, a digest of a secret, a generated token,
also when it was assigned to a name before), or by its name (`otp`, `hmac`, `password`, `api_key`, `signature` ...). A name that
can mean something else (`token`, `hash`, `digest`, `code`) counts only in a function that verifies something, or opposite
another one.

## What it leaves alone

Literals (a shape check such as `token_type == "bearer"`), None and lengths; names *of* secrets (`PASSWORD_FIELD in data`);
what a secret is described by (`token_type`, `signature_version`, `password_count`); query expressions (`User.api_key == key`
builds SQL); two spellings of one password in a form (`password == password_confirm`); `__eq__`, `__hash__` and `assert`; tests.

## What it does not see

Values that come from another function, a parameter with an innocent name, lookups in a database or dict by a secret.

`hmac.compare_digest` raises TypeError for None, for text with characters beyond ASCII and for text against bytes: encode both
sides, and handle None first. Do not reach for `django.utils.crypto.constant_time_compare` where a side may be None: it compares
the text "None".
"""

from __future__ import annotations

import ast

from holdfast import secrets
from holdfast.rule import Evidence, Finding, Options as BaseOptions, Rule
from holdfast.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

VERIFYING = frozenset(
    "verify verified check validate validates authenticate auth login confirm webhook signature csrf compare match".split()
)
SILENT_FUNCTIONS = frozenset({"__eq__", "__ne__", "__hash__", "__lt__", "__contains__"})
QUERY_CALLS = frozenset(
    "filter filter_by where having select exclude join outerjoin on and_ or_ not_ case exists query delete".split()
)
CONFIRMATIONS = frozenset(
    "confirm confirmation repeat repeated retype retyped again verify new old current password1 password2".split()
)


class Options(BaseOptions):
    """What to report."""

    medium: bool = True
    """Also report what a name and its function suggest, without a value that proves it (confidence medium)."""
    tests: bool = False
    """Also look at tests."""


def check(source: Source, options: Options) -> Iterator[Finding]:
    if not options.tests and source.is_test:
        return
    for compare in source.nodes(ast.Compare):
        sides = [compare.left, *compare.comparators]
        for left, operator, right in zip(sides, compare.ops, sides[1:], strict=False):
            if isinstance(operator, ast.Eq | ast.NotEq | ast.In | ast.NotIn) and not _is_silent(source, compare):
                found = _judge(source, compare, left, right, isinstance(operator, ast.In | ast.NotIn))
                if found and (options.medium or found.confidence == "high"):
                    yield found
                    break
    for pattern in source.nodes(ast.MatchValue):
        statement = source.enclosing(pattern, ast.Match)
        if statement and not _is_silent(source, pattern):
            found = _judge(source, pattern, statement.subject, pattern.value, False)
            if found and (options.medium or found.confidence == "high"):
                yield found


def _is_silent(source: Source, node: ast.AST) -> bool:
    """Whether a comparison stands where it compares no secrets, or builds a query."""
    for above in source.ancestors(node):
        if isinstance(above, ast.Assert):
            return True
        if isinstance(above, ast.FunctionDef) and above.name in SILENT_FUNCTIONS:
            return True
        if isinstance(above, ast.Call) and secrets.spoken_name(above.func) in QUERY_CALLS:
            return True
    return False


def _judge(source: Source, node: ast.AST, left: ast.expr, right: ast.expr, contains: bool) -> Finding | None:
    """The finding for a comparison of two sides, or None."""
    if _is_harmless(left) or _is_harmless(right) or _is_confirmation(left, right):
        return None
    for side in (left, right):
        value = secrets.computed(source, side)
        if value:
            origin, name = value
            line = source.place(origin)[0]
            message = f"{_subject(source, side)} is {name}(...) from line {line}, compared in a time that depends on it"
            return _finding(source, node, message, "high", (source.evidence(origin, f"{name}(...)"),))
    names = [secrets.spoken_name(secrets.unwrapped(side)) for side in (left, right)]
    if any(secrets.words(name)[-1:] and secrets.words(name)[-1] in secrets.ABOUT for name in names):
        return None
    if contains:
        names = names[:1]  # the other side is a collection
    strengths = [secrets.strength(name) for name in names]
    verifying = _verifies(source, node)
    if max(strengths) == 2 or (max(strengths) == 1 and (verifying or (min(strengths) == 1 and not contains))):
        secret = names[strengths.index(max(strengths))]
        confidence = "high" if max(strengths) == 2 and verifying else "medium"
        where = f", in {verifying}()" if verifying else ""
        return _finding(source, node, f"`{secret}` looks like a secret{where}, compared in a time that depends on it", confidence)
    return None


def _subject(source: Source, side: ast.expr) -> str:
    shown = source.show(side)
    return f"`{shown}`" if isinstance(side, ast.Name | ast.Attribute) else "one side"


def _finding(source: Source, node: ast.AST, message: str, confidence: str, evidence: tuple[Evidence, ...] = ()) -> Finding:
    hint = "hmac.compare_digest(a.encode(), b.encode()) for text, hmac.compare_digest(a, b) for bytes; handle None first"
    return source.finding(node, message, hint=hint, confidence=confidence, evidence=evidence)


def _is_harmless(side: ast.expr) -> bool:
    """Whether a side shows that the comparison is about something else than a secret's value."""
    inner = secrets.unwrapped(side)
    match inner:
        case ast.Constant() | ast.JoinedStr() | ast.List() | ast.Set() | ast.Dict() | ast.Tuple() | ast.UnaryOp():
            return True
        case ast.Call(func=ast.Name(id="len" | "type" | "hash" | "id" | "set" | "list" | "dict" | "sorted")):
            return True
        case ast.Name(id=name) | ast.Attribute(attr=name) if name.isupper():
            return True  # an enumerated value, or the name of a field
        case ast.Attribute(value=ast.Name(id=owner)) if owner[:1].isupper() and not owner.isupper():
            return True  # a column or an enumerated value
    return False


def _is_confirmation(left: ast.expr, right: ast.expr) -> bool:
    """Whether both sides are spellings of one password in a form."""
    first, second = (set(secrets.words(secrets.spoken_name(secrets.unwrapped(side)))) for side in (left, right))
    return bool(first & second) and bool((first ^ second) and (first ^ second) <= CONFIRMATIONS | {"1", "2"})


def _verifies(source: Source, node: ast.AST) -> str:
    """The name of the function around a node, if it says that it checks something."""
    function = source.function(node)
    return function.name if function and VERIFYING & set(secrets.words(function.name)) else ""


rule = Rule(
    name="constant-time-compare",
    code="HF101",
    summary="secrets are compared in constant time",
    since="0.1.0",
    level="error",
    check=check,
    options=Options,
    mentions=tuple(
        (
            b"hmac otp mfa passw pwd passphrase passcode secret csrf xsrf sig key token digest mac hash nonce code "
            b"state credential crypt"
        ).split()
    ),
    secret=True,
    anchors=(ast.Compare, ast.MatchValue),
    cwe=208,
)
