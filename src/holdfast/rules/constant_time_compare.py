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

from holdfast import computed, secrets, surroundings, values
from holdfast.record import Record
from holdfast.rule import Evidence, Finding, Options as BaseOptions, Rule
from holdfast.secrets import wordset
from holdfast.source import Source
from holdfast.surroundings import Surroundings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

OPERATORS = {ast.Eq: "==", ast.NotEq: "!=", ast.In: "in", ast.NotIn: "not in"}
GENERIC = wordset("actual expected given provided stored received a b x y c value candidate computed calculated correct known")
QUALIFIED = wordset(
    "expected valid computed calculated correct provided received given supplied submitted request header stored client"
)
QUERY_CALLS = wordset("filter filter_by where having select exclude join outerjoin on and_ or_ not_ case exists query delete")
SPELLINGS = wordset(
    "confirm confirmation confirmed repeat repeated retype retyped again verify new old current 1 2 two second ctl check cfm"
)
EARLIER = wordset(
    "cached failed previous prev current old new last refreshed stale exchanged unsaved discovered parsed origin url reread"
)
FROM_REQUESTS = frozenset({"state", "nonce"})
NOT_EARLIER = wordset("user app request identity")
NAMING = wordset("conf attr data http header field param type key error err reason event service method grant auth msg cmd opt")


class Options(BaseOptions):
    """What to report."""

    medium: bool = True
    """Also report what only names suggest, in a place that does not say that it verifies something (confidence medium)."""
    tests: bool = False
    """Also look at tests."""


class Comparison(Record):
    """Two sides and what compares them; node is where a finding stands."""

    node: ast.AST
    operator: str
    left: ast.expr
    right: ast.expr

    @property
    def sides(self) -> tuple[ast.expr, ast.expr]:
        """Left and right."""
        return self.left, self.right


def check(source: Source, options: Options) -> Iterator[Finding]:
    if source.is_test and not options.tests:
        return
    for comparison in _comparisons(source):
        if not _is_silent(source, comparison):
            found = _judge(source, comparison)
            if found and (options.medium or found.confidence == "high"):
                yield found


def _comparisons(source: Source) -> Iterator[Comparison]:
    for compare in source.nodes(ast.Compare):
        sides = [compare.left, *compare.comparators]
        for left, operator, right in zip(sides, compare.ops, sides[1:], strict=False):
            if type(operator) in OPERATORS:
                yield Comparison(node=compare, operator=OPERATORS[type(operator)], left=left, right=right)
    for pattern in source.nodes(ast.MatchValue):
        statement = source.enclosing(pattern, ast.Match)
        if statement:
            yield Comparison(node=pattern, operator="case", left=statement.subject, right=pattern.value)


def _is_silent(source: Source, comparison: Comparison) -> bool:
    """Whether a comparison stands where it verifies nothing: in `__eq__` or an assert, in a query, to notice a change."""
    for above in source.ancestors(comparison.node):
        match above:
            case ast.Assert() | ast.FunctionDef(name="__eq__" | "__ne__" | "__hash__" | "__lt__" | "__contains__"):
                return True
            case ast.Call() if secrets.spoken_name(above.func) in QUERY_CALLS:
                return True
            case ast.Assign(targets=[target]) if surroundings.CHANGING & set(secrets.words(secrets.spoken_name(target))):
                return True
            case ast.If(body=body) if above.test in (comparison.node, source.parent(comparison.node)):
                targets = [target for part in body if isinstance(part, ast.Assign) for target in part.targets]
                if {source.show(target) for target in targets} & {source.show(side) for side in comparison.sides}:
                    return True  # if self.token != token: self.token = token
    return False


def _judge(source: Source, comparison: Comparison) -> Finding | None:
    """The finding for a comparison, or None."""
    left, right = comparison.sides
    contains = comparison.operator.endswith("in")
    if _is_plain(source, left, contains) or _is_plain(source, right, False) or _are_spellings(left, right):
        return None
    names = [secrets.names(source, side) for side in comparison.sides]
    if contains:
        names[1] = [secrets.singular(name) for name in names[1]]
    if any(
        secrets.says_plain(own[0])
        for own, side in zip(names, comparison.sides, strict=True)
        if own and not isinstance(side, ast.Tuple)
    ):
        return None
    around = surroundings.of(source, comparison.node)
    external = any(values.is_external(source, side) for side in comparison.sides)
    for side in comparison.sides:
        made = computed.secret(source, side)
        if made and not around.changes and (made.proves or around.verifies or around.security or external):
            return _made(source, comparison, side, made)
    if not _names_suffice(source, comparison, names, around, external):
        return None
    best = max(secrets.strength(name) for own in names for name in own)
    named = next(name for own in names for name in own if secrets.strength(name) == best)
    reason = f"`{named}` is named like a secret" if best else "its function compares secrets, by its name"
    return _finding(source, comparison, reason, "high" if best == 2 and (around.verifies or external) else "medium")


def _names_suffice(source: Source, comparison: Comparison, names: list[list[str]], around: Surroundings, external: bool) -> bool:
    """Whether names, and the place they stand in, make a comparison one of secrets."""
    strengths = [max((secrets.strength(name) for name in own), default=0) for own in names]
    if around.changes or (around.local and not external) or any(_is_earlier(side, around) for side in comparison.sides):
        return False
    if comparison.operator.endswith("in"):
        listed = around.verifies or external or _is_listed(source, comparison.right)
        if not (listed and all(strengths)):
            return False
    known = external or any(map(values.is_setting, comparison.sides))
    qualified = any(QUALIFIED & set(secrets.words(name)) for own in names for name in own)
    if max(strengths) == 2:
        return not around.judges and (around.verifies or around.security or known or (qualified and min(strengths) == 2))
    if max(strengths) == 1:
        weak = {secrets.words(name)[-1] for own in names for name in own if secrets.strength(name)}
        if weak <= FROM_REQUESTS and not external and not (around.verifies and weak & around.function):
            return False
        qualified = qualified or any(isinstance(secrets.unwrapped(side), ast.Call) for side in comparison.sides)
        certain = around.security and (around.verifies or all(strengths) or qualified or external)
        return not around.other_trade and (certain or (around.confirms and all(strengths)))
    return around.compares_secrets and around.security and all(own and set(own) <= GENERIC for own in names)


def _made(source: Source, comparison: Comparison, side: ast.expr, made: computed.Made) -> Finding:
    named = isinstance(secrets.unwrapped(side), ast.Name | ast.Attribute)
    reason = (
        f"`{source.show(side)}` is {made.label} from line {source.place(made.origin)[0]}" if named else f"one side is {made.label}"
    )
    return _finding(source, comparison, reason, "high", (source.evidence(made.origin, made.label),))


def _finding(source: Source, comparison: Comparison, reason: str, confidence: str, evidence: tuple[Evidence, ...] = ()) -> Finding:
    hint = "hmac.compare_digest(a.encode(), b.encode()) for text, hmac.compare_digest(a, b) for bytes; handle None first"
    message = f"`{comparison.operator}` is not constant-time, and {reason}"
    return source.finding(comparison.node, message, hint=hint, confidence=confidence, evidence=evidence)


def _is_plain(source: Source, side: ast.expr, sought: bool) -> bool:
    """Whether a side shows that the comparison is about something else than a secret's value.

    sought: the side is looked for in a collection, where a constant is a key and no value.
    """
    inner = secrets.unwrapped(side)
    match inner:
        case ast.Constant() | ast.Dict() | ast.UnaryOp():
            return True
        case ast.List(elts=parts) | ast.Set(elts=parts) | ast.Tuple(elts=parts):
            return all(_is_plain(source, part, sought) for part in parts)
        case ast.Call(func=ast.Name(id="len" | "type" | "hash" | "id" | "set" | "list" | "dict" | "sorted")):
            return True
        case ast.Attribute(attr=name, value=owner) if name[:1].isupper():
            return not set(secrets.words(secrets.spoken_name(owner))) & {"settings", "config", "conf", "cfg", "env"}
        case ast.Attribute(value=ast.Name(id=owner)) if owner[:1].isupper() and not owner.isupper():
            return True  # a column or an enumerated value
        case ast.Name(id=name) if name[:1].isupper() and not name.isupper():
            return True  # a class
        case ast.Name(id=name) if name.isupper() and not values.of(source, inner):
            return sought or secrets.strength(name) != 2 or secrets.words(name)[0] in NAMING
    origins = [origin for origin in values.origins(source, inner) if origin is not inner]
    calls = [call for origin in origins for call in ast.walk(origin) if isinstance(call, ast.Call)]
    if any(source.qualname(call.func) == "inspect.signature" for call in calls):
        return True
    return bool(origins) and all(isinstance(origin, ast.Constant) and origin.value for origin in origins)


def _are_spellings(left: ast.expr, right: ast.expr) -> bool:
    """Whether both sides are spellings of one password in a form."""
    first, second = (set(secrets.words(secrets.spoken_name(secrets.unwrapped(side)))) for side in (left, right))
    different = first ^ second
    return bool(first & second) and bool(different - {"old", "current"}) and different <= SPELLINGS


def _is_earlier(side: ast.expr, around: Surroundings) -> bool:
    """Whether a side speaks of an earlier or later state of the same thing, or is a part of a URL."""
    nodes = [node for node in ast.walk(side) if isinstance(node, ast.Name | ast.Attribute)]
    parts = [secrets.words(secrets.spoken_name(node)) for node in nodes]
    parts = [part for part in parts if part]
    alone = any(len(part) == 1 and part[0] in EARLIER for part in parts)
    return alone or (not around.compares_secrets and any(EARLIER & set(part) and part[-1] not in NOT_EARLIER for part in parts))


def _is_listed(source: Source, side: ast.expr) -> bool:
    """Whether a collection is known to be searched one by one: a list or the values of a dict, not a dict or an unknown thing."""
    listed = (ast.List, ast.Tuple, ast.ListComp, ast.GeneratorExp, ast.BinOp)
    return any(
        isinstance(origin, listed)
        or (isinstance(origin, ast.Call) and secrets.spoken_name(origin.func) in ("values", "split", "list"))
        for origin in values.origins(source, side)
    )


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
            b"hmac otp passw pwd passphrase passcode secret csrf xsrf sig key token digest mac hash hsh nonce code state cred "
            b"crypt challenge verif answer auth md5 sha pin"
        ).split()
    ),
    secret=True,
    anchors=(ast.Compare, ast.MatchValue),
    cwe=208,
)
