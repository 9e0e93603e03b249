"""Comparisons of two sides: where they stand, and what shows that they are about something else than a secret."""

from __future__ import annotations

import ast

from holdfast.code import values
from holdfast.code.words import words, wordset
from holdfast.record import Record
from holdfast.secrets import names as secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.source import Source
    from holdfast.rules.constant_time_compare.surroundings import Surroundings

OPERATORS = {ast.Eq: "==", ast.NotEq: "!=", ast.In: "in", ast.NotIn: "not in"}
EARLIER = wordset(
    "cached rejected snapshot merged want have desired proposed wanted facts legacy default defaults failed previous prev "
    "current cur old new last refreshed stale exchanged unsaved discovered parsed origin url reread"
)
NOT_EARLIER = wordset("user app request identity")
LOOKUPS = wordset("get find fetch load lookup select query pop read")
NAMING = wordset("conf attr data http header field param type key error err reason event service method grant auth msg cmd opt")
LOOKED_UP = (("header",), ("headers",), ("cache",))
MAPPINGS = wordset("dict defaultdict OrderedDict LRU LRUCache TTLCache Cache WeakValueDictionary BTree OOBTree")
NO_TEXT = wordset("dict Dict list List set Set Mapping int")
TIDIED = wordset("raw normalized original cleaned stripped trimmed sanitized")
URL_PARTS = wordset("scheme netloc hostname")
DEPTH = 4
MANY = 4


class Comparison(Record):
    """Two sides and what compares them; node is where a finding stands."""

    node: ast.AST
    operator: str
    left: ast.expr
    right: ast.expr

    @property
    def seeks(self) -> bool:
        """Whether something is looked for in a collection."""
        return self.operator.endswith("in")

    @property
    def sides(self) -> tuple[ast.expr, ast.expr]:
        """Left and right."""
        return self.left, self.right


def every(source: Source) -> Iterator[Comparison]:
    """The comparisons of a file by `==`, `!=`, `in`, `not in` and `case`."""
    for compare in source.nodes(ast.Compare):
        yield from of(compare)
    for pattern in source.nodes(ast.MatchValue):
        statement = source.enclosing(pattern, ast.Match)
        if statement:
            yield Comparison(node=pattern, operator="case", left=statement.subject, right=pattern.value)


def of(compare: ast.Compare) -> Iterator[Comparison]:
    """The comparisons in `a == b == c`."""
    sides = [compare.left, *compare.comparators]
    for left, operator, right in zip(sides, compare.ops, sides[1:], strict=False):
        if type(operator) in OPERATORS:
            yield Comparison(node=compare, operator=OPERATORS[type(operator)], left=left, right=right)


def is_harmless(source: Source, comparison: Comparison) -> bool:
    """Whether the sides themselves show that nobody is let in by them, whatever they are called."""
    return (
        are_numbers(comparison)
        or _ignores_case(comparison)
        or is_lookup(source, comparison)
        or is_round_trip(source, comparison)
        or _are_records(source, comparison)
        or _is_default(source, comparison)
        or all(is_constant(side) or values.is_setting(side) for side in comparison.sides)
    )


def are_numbers(comparison: Comparison) -> bool:
    """Whether both sides are converted to integers, which are compared at once where they are no longer than a code."""
    return all(isinstance(side, ast.Call) and secrets.spoken_name(side.func) == "int" for side in comparison.sides)


def _are_records(source: Source, comparison: Comparison) -> bool:
    """Whether two URLs are compared part by part, or something with a parameter that is no text by its annotation."""
    for side in comparison.sides:
        match side:
            case ast.Tuple(elts=parts) if any(secrets.spoken_name(part) in URL_PARTS for part in parts):
                return True
            case ast.Name(id=name) if not comparison.seeks:
                notes = [binder.annotation for binder in source.binders(name, side) if isinstance(binder, ast.arg)]
                notes = [note.value if isinstance(note, ast.Subscript) else note for note in notes]
                if any(note is not None and secrets.spoken_name(note) in NO_TEXT for note in notes):
                    return True
    return False


def _is_default(source: Source, comparison: Comparison) -> bool:
    """Whether a setting is compared with its own default: `getenv("PASSWORD", DEFAULT) == DEFAULT`."""
    for side, other in (comparison.sides, comparison.sides[::-1]):
        if isinstance(side, ast.Call) and is_constant(other) and source.show(other) in map(source.show, side.args):
            return True
    return False


def _ignores_case(comparison: Comparison) -> bool:
    """Whether a password is compared in lower case: only a policy does that, no login."""
    folded = []
    for side in comparison.sides:
        match side:
            case ast.Call(func=ast.Attribute(attr="lower" | "upper" | "casefold", value=inner)):
                folded.append(secrets.spoken_name(inner))
    return len(folded) == 2 and any("password" in words(name) for name in folded)


def is_filter(source: Source, comparison: Comparison) -> bool:
    """Whether `!=` leaves something out: `[state for state in states if state != used]`, `filter(lambda ...)`."""
    above = source.parent(comparison.node)
    if isinstance(above, ast.BoolOp) and isinstance(above.op, ast.And):
        above = source.parent(above)
    if isinstance(above, ast.comprehension):
        outer = source.parent(above)
        gathers = (
            isinstance(outer, ast.ListComp)
            and isinstance(outer.elt, ast.Name)
            and isinstance(above.target, ast.Name)
            and outer.elt.id == above.target.id
        )
        return comparison.operator == "!=" or gathers
    return comparison.operator == "!=" and isinstance(above, ast.Lambda)


def is_round_trip(source: Source, comparison: Comparison) -> bool:
    """Whether a side was made from the other one alone, to see what that changed: `decoded.encode() == token`."""
    spelled = [set(words(side.id)) for side in comparison.sides if isinstance(side, ast.Name)]
    if len(spelled) == 2 and set() < spelled[0] ^ spelled[1] <= TIDIED:
        return True  # normalized_key != raw_key
    for side, other in (comparison.sides, comparison.sides[::-1]):
        whole = other.value if isinstance(other, ast.Subscript) and isinstance(other.slice, ast.Slice) else other
        if isinstance(whole, ast.Name) and _is_made_of(source, side, whole, DEPTH):
            return True
        wrapped = (secrets.unwrapped(origin) for origin in values.origins(source, side))
        if isinstance(other, ast.Attribute) and source.show(secrets.unwrapped(other)) in map(source.show, wrapped):
            return True
    return False


def _is_made_of(source: Source, expression: ast.expr, whole: ast.Name, depth: int) -> bool:
    """Whether all that goes into an expression is one variable and constants: a key or a user would make it a verification."""
    nodes = list(ast.walk(expression))
    callees = {node.func for node in nodes if isinstance(node, ast.Call)}
    owners = {node.value for node in callees if isinstance(node, ast.Attribute)}
    looked_up = any(LOOKUPS & set(words(secrets.spoken_name(callee))) for callee in callees)
    looked_up = looked_up or any(isinstance(node, ast.Attribute) and node not in callees and node not in owners for node in nodes)
    parts = [node for node in nodes if isinstance(node, ast.Name) and node not in callees]
    parts = [node for node in parts if node not in owners or source.qualname(node) is None]  # base64.b64encode(token)
    return bool(parts) and not looked_up and all(_is_part(source, part, whole, depth) for part in parts)


def _is_part(source: Source, part: ast.Name, whole: ast.Name, depth: int) -> bool:
    if part.id == whole.id and source.binders(part.id, part) == source.binders(whole.id, whole):
        return True
    assigned = values.of(source, part)
    parts = [value for value in assigned if not isinstance(value, ast.Constant)]
    return depth > 0 and bool(assigned) and all(_is_made_of(source, value, whole, depth - 1) for value in parts)


def are_plain(source: Source, comparison: Comparison) -> bool:
    """Whether a side shows that the comparison is about something else than a secret's value, by itself or where it comes from."""
    left, right = comparison.sides
    if is_plain(source, left, comparison.seeks) or is_plain(source, right, False):
        return True
    return is_assigned_plain(source, left) or is_assigned_plain(source, right)


def is_plain(source: Source, side: ast.expr, sought: bool) -> bool:
    """Whether a side shows that the comparison is about something else than a secret's value.

    sought: the side is looked for in a collection, where a constant is a key and no value.
    """
    inner = secrets.unwrapped(side)
    match inner:
        case ast.Constant() | ast.Dict() | ast.UnaryOp() | ast.BinOp(right=ast.Constant(value=int())):
            return True
        case ast.List(elts=parts) | ast.Set(elts=parts) | ast.Tuple(elts=parts):
            return all(is_plain(source, part, sought) for part in parts)
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name[:1].isupper() and not name.isupper():
            return True  # an object
        case ast.Call() if _is_packed(source, inner):
            return True
        case ast.Call(func=ast.Name(id="len" | "type" | "hash" | "id" | "set" | "list" | "dict" | "sorted")):
            return True
        case ast.Attribute(attr=name, value=owner) if name[:1].isupper():
            return not _configures(secrets.spoken_name(owner))
        case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner)) if owner[:1].isupper() and not owner.isupper():
            return not _configures(owner)  # a column or an enumerated value
        case ast.Name(id=name) if name[:1].isupper() and not name.isupper():
            local = [binder for binder in source.binders(name, inner) if not isinstance(binder, ast.alias)]
            return not (secrets.strength(name) == secrets.CERTAIN and any(map(source.function, local)))  # a class
        case ast.Name(id=name) if name.isupper() and not values.of(source, inner):
            return sought or not secrets.strength(name) or _is_name_of(name)
    return False


def _is_name_of(constant: str) -> bool:
    """Whether a constant is the name of something: HEADER_TOKEN, CSRF_COOKIE."""
    split = words(constant)
    return split[0] in NAMING or split[-1] in ("cookie", "header", "param", "field")


def _configures(owner: str) -> bool:
    """Whether a thing is a configuration, by its name: what is in it is no enumerated value."""
    said = set(words(owner))
    return bool(said & {"settings", "config", "conf", "cfg", "env"}) and not said & {"enum", "key", "keys", "names"}


def is_assigned_plain(source: Source, side: ast.expr) -> bool:
    """Whether all that a side may stand for is a constant, a dict or made of ids, or a part of it the signature of a function."""
    inner = secrets.unwrapped(side)
    origins = values.origins(source, inner)[1:]
    calls = [call for origin in origins for call in ast.walk(origin) if isinstance(call, ast.Call)]
    if any(source.qualname(call.func) == "inspect.signature" for call in calls):
        return True
    return bool(origins) and all(
        _is_packed(source, origin)
        or (isinstance(origin, ast.Constant) and origin.value)
        or isinstance(origin, ast.Dict | ast.DictComp)
        or _is_predictable(origin)
        for origin in origins
    )


def _is_predictable(made: ast.expr) -> bool:
    """Whether a text is made of constants and ids alone, which anybody knows: `f"user_{request.user.id}"`."""
    parts = [part.value for part in made.values if isinstance(part, ast.FormattedValue)] if isinstance(made, ast.JoinedStr) else []
    return bool(parts) and all(isinstance(part, ast.Attribute) and part.attr in ("id", "pk") for part in parts)


def _is_packed(source: Source, value: ast.expr) -> bool:
    """Whether a value is packed out of constants alone: a file's magic number, `str()`."""
    if not isinstance(value, ast.Call) or source.qualname(value.func) not in (
        "struct.pack",
        "binascii.unhexlify",
        "builtins.bytes.fromhex",
        "builtins.bytes",
        "builtins.bytearray",
        "builtins.str",
    ):
        return False
    return all(isinstance(part, ast.Constant | ast.expr_context) for given in value.args for part in ast.walk(given))


def is_constant(side: ast.expr) -> bool:
    """Whether a side is a constant by its name: `T_STRING_TOKEN`."""
    return isinstance(side, ast.Name) and side.id.isupper()


def is_element(source: Source, side: ast.expr) -> bool:
    """Whether a side is a field of each thing that a loop or a lambda goes through: `key.value` in `for key in keys`."""
    field = secrets.unwrapped(side)
    if not isinstance(field, ast.Attribute) or not isinstance(field.value, ast.Name):
        return False
    loops = (ast.For, ast.AsyncFor, ast.comprehension, ast.Lambda)
    binders = source.binders(field.value.id, field)
    return any(isinstance(above, loops) for binder in binders for above in list(source.ancestors(binder))[:2])


def is_earlier(source: Source, side: ast.expr, around: Surroundings) -> bool:
    """Whether a side speaks of an earlier or later state of the same thing, or is a part of a URL."""
    if any("cached" in part for origin in values.origins(source, side) for part in _mentioned(origin)):
        return True
    parts = _mentioned(side)
    certain = any(len(part) == 1 and part[0] in EARLIER for part in parts)
    return certain or (not around.compares_secrets and any(EARLIER & set(part) and part[-1] not in NOT_EARLIER for part in parts))


def _mentioned(side: ast.expr) -> list[tuple[str, ...]]:
    """The names in an expression, each as its words."""
    nodes = [node for node in ast.walk(side) if isinstance(node, ast.Name | ast.Attribute)]
    return [split for node in nodes if (split := words(secrets.spoken_name(node)))]


def is_lookup(source: Source, comparison: Comparison) -> bool:
    """Whether something is looked up by its hash, or among names: `token in cache.keys()`, `header in allowed_headers`."""
    if not comparison.seeks:
        return False
    if any(words(secrets.spoken_name(side))[-1:] in LOOKED_UP for side in comparison.sides):
        return True
    origins = values.origins(source, comparison.right)
    mappings = [
        origin
        for origin in origins
        if isinstance(origin, ast.Dict | ast.DictComp)
        or secrets.spoken_name(origin) == "keys"
        or (isinstance(origin, ast.Call) and (source.qualname(origin.func) or "").split(".")[-1] in MAPPINGS)
    ]
    return bool(mappings)


def is_fieldwise(source: Source, comparison: Comparison) -> bool:
    """Whether two records are compared field by field: `a.user == b.login and a.password == b.secret`."""
    chain = source.parent(comparison.node)
    owners = [_owner(source, side) for side in comparison.sides]
    if not isinstance(chain, ast.BoolOp) or not all(owners):
        return False
    others = [part for part in chain.values if isinstance(part, ast.Compare) and part is not comparison.node and len(part.ops) == 1]
    return any([_owner(source, part.left), _owner(source, part.comparators[0])] == owners for part in others)


def is_one_of_many(source: Source, comparison: Comparison) -> bool:
    """Whether two records are compared in many of their fields, to see that they belong together."""
    chain = source.parent(comparison.node)
    return isinstance(chain, ast.BoolOp) and sum(isinstance(part, ast.Compare) for part in chain.values) >= MANY


def is_one_of_several(source: Source, comparison: Comparison) -> bool:
    """Whether other fields decide with this one: `receipt.id == id and receipt.token == token`."""
    top = comparison.node
    while isinstance(above := source.parent(top), ast.BoolOp | ast.UnaryOp):
        top = above
    conditions = (node for node in ast.walk(top) if isinstance(node, ast.Compare) and node is not comparison.node)
    return any(isinstance(condition.ops[0], ast.Eq | ast.NotEq) for condition in conditions)


def is_repeated(source: Source, comparison: Comparison) -> bool:
    """Whether a loop goes through things that are compared one by one."""
    loops = (ast.For, ast.AsyncFor, ast.While, ast.comprehension, ast.GeneratorExp, ast.ListComp)
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    nearest = next((above for above in source.ancestors(comparison.node) if isinstance(above, (*loops, *functions))), None)
    return isinstance(nearest, loops)


def are_sent_together(source: Source, comparison: Comparison) -> bool:
    """Whether one request sends both sides, one of them as a cookie: who sends it knows both."""
    made = [[source.show(origin, secret=False) for origin in values.origins(source, side)] for side in comparison.sides]
    return any("cookie" in shown.lower() for origins in made for shown in origins)


def is_same_field(source: Source, comparison: Comparison) -> bool:
    """Whether two things are compared by one of their fields: `downloaded.digest != uploaded.digest`."""
    owners = [_owner(source, side) for side in comparison.sides]
    fields = {secrets.spoken_name(secrets.unwrapped(side)) for side in comparison.sides}
    return all(owners) and len(fields) == 1 and not {"self", "cls"} & set(owners)


def _owner(source: Source, side: ast.expr) -> str:
    """Whose field a side is; "" for no field."""
    match secrets.unwrapped(side):
        case ast.Attribute(value=owner) | ast.Subscript(value=owner) | ast.Call(func=ast.Attribute(attr="get", value=owner)):
            return source.show(owner)
    return ""


def is_listed(source: Source, side: ast.expr) -> bool:
    """Whether a collection is known to be searched one by one: a list or the values of a dict, not a dict or an unknown thing."""
    listed = (ast.List, ast.Tuple, ast.ListComp, ast.GeneratorExp, ast.BinOp)
    return any(
        isinstance(origin, listed)
        or (isinstance(origin, ast.Call) and secrets.spoken_name(origin.func) in ("values", "split", "list"))
        for origin in values.origins(source, side)
    )
