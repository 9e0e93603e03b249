"""Comparisons of two sides: where they stand, and what shows that they are about something else than a secret."""

from __future__ import annotations

import ast

from holdfast import secrets, surroundings, values
from holdfast.record import Record
from holdfast.secrets import wordset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.source import Source
    from holdfast.surroundings import Surroundings

OPERATORS = {ast.Eq: "==", ast.NotEq: "!=", ast.In: "in", ast.NotIn: "not in"}
QUERY_CALLS = wordset("filter filter_by where having select exclude join outerjoin on and_ or_ not_ case exists query delete")
EARLIER = wordset(
    "cached merged want have desired proposed wanted facts legacy default defaults failed previous prev current cur "
    "old new last refreshed stale exchanged unsaved  discovered parsed origin url reread"
)
NOT_EARLIER = wordset("user app request identity")
LOOKUPS = wordset("get find fetch load lookup select query pop read")
NAMING = wordset("conf attr data http header field param type key error err reason event service method grant auth msg cmd opt")
TELLING = wordset(
    "log logger logging debug info warning warn error exception critical print write echo fail failed failure abort reject deny "
    "refuse flash message format len str repr bytes hex audit report notify"
)
FORM_CHECKS = wordset("validator field_validator root_validator model_validator validates validates_schema")
LOOKED_UP = (("header",), ("headers",), ("cache",))
TAKEN = wordset("already exists exist duplicate duplicated")
DEPTH = 4


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


def is_silent(source: Source, comparison: Comparison) -> bool:
    """Whether a comparison stands where it verifies nothing: in `__eq__` or an assert, in a query, to notice a change."""
    for above in source.ancestors(comparison.node):
        match above:
            case ast.Assert():
                return not surroundings.of(source, comparison.node).confirms
            case ast.FunctionDef(name="__eq__" | "__ne__" | "__hash__" | "__lt__" | "__contains__"):
                return True
            case ast.Call() if secrets.spoken_name(above.func) in QUERY_CALLS and source.qualname(above.func) != "builtins.filter":
                return True
            case ast.FunctionDef(decorator_list=decorators) if any(map(_checks_form, decorators)):
                return True  # what its author typed, against what its author typed
            case ast.Assign(targets=[target]) if surroundings.CHANGING & set(secrets.words(secrets.spoken_name(target))):
                return True
            case ast.If(test=test) if _decides(source, comparison.node, test) and _is_put_away(source, comparison, above):
                return True
            case ast.IfExp(test=test, body=ast.Constant(value=str()), orelse=ast.Constant(value=str())) if _decides(
                source, comparison.node, test
            ):
                return True  # only says where it comes from
    return _is_verified_before(source, comparison)


def _is_verified_before(source: Source, comparison: Comparison) -> bool:
    """Whether a side is a token whose signature was verified before: `jwt.decode(token, key)`, `if token != saved_token: ...`."""
    here = source.function(comparison.node)
    sides = {side.id for side in comparison.sides if isinstance(side, ast.Name)}
    for call in source.nodes(ast.Call) if sides else ():
        if not (call.args and isinstance(call.args[0], ast.Name) and call.args[0].id in sides and call.lineno < _line(comparison)):
            continue
        said = set(secrets.words(source.show(call.func)))
        if "decode" in said and said & {"jwt", "jws", "token"} and source.function(call) is here:
            return not any(word.arg in ("verify", "options") for word in call.keywords)
    return False


def _line(comparison: Comparison) -> int:
    return comparison.left.lineno


def _is_put_away(source: Source, comparison: Comparison, statement: ast.If) -> bool:
    """Whether an `if` shows that its test lets nobody in: one side takes the place of the other, is known already, is gathered."""
    body = statement.body
    sides = {_spelled(source, side) for side in comparison.sides}
    targets = [target for part in body if isinstance(part, ast.Assign) for target in part.targets]
    if {_spelled(source, target) for target in targets} & sides or _uses(source, comparison, body, sides):
        return True  # if self.token != token: self.token = token
    same = comparison.operator in ("==", "in")
    return (_refuses_the_same(body) if same else _replaces(source, comparison, body)) or _collects(source, statement)


def _checks_form(decorator: ast.expr) -> bool:
    """Whether a decorator makes a function the check of a form's or model's field."""
    return secrets.spoken_name(decorator.func if isinstance(decorator, ast.Call) else decorator) in FORM_CHECKS


def _refuses_the_same(body: list[ast.stmt]) -> bool:
    """Whether somebody is refused because two things are the same: `if new == old: raise ...`, `return "exists already"`."""
    says = ast.walk(body[0]) if isinstance(body[0], ast.Return) else ()
    taken = any(isinstance(node, ast.Constant) and TAKEN & set(secrets.words(str(node.value))) for node in says)
    return taken or isinstance(body[0], ast.Raise)


def _collects(source: Source, statement: ast.If) -> bool:
    """Whether a loop only gathers what fits: `for account in accounts: if account.token == token: found.append(account)`."""
    loop = source.parent(statement)
    match statement.body, loop:
        case [ast.Expr(value=ast.Call(func=ast.Attribute(attr="append" | "add"), args=[ast.Name(id=one)]))], ast.For(
            target=ast.Name(id=each)
        ):
            return one == each and not statement.orelse
    return False


def _replaces(source: Source, comparison: Comparison, body: list[ast.stmt]) -> bool:
    """Whether one side is put in the place of the other afterwards: `if new != saved.token: note("token")`, `saved.token = new`."""
    sides = {_spelled(source, side) for side in comparison.sides}
    if isinstance(body[-1], ast.Return | ast.Raise):
        return False
    here = source.function(comparison.node)
    later = [part for part in source.nodes(ast.Assign) if part.lineno > comparison.left.lineno and source.function(part) is here]
    return any({_spelled(source, part.targets[0]), _spelled(source, part.value)} == sides for part in later)


def _decides(source: Source, node: ast.AST, test: ast.expr) -> bool:
    """Whether a comparison is a test, or one of the conditions of which it is made."""
    while node is not test and isinstance(above := source.parent(node), ast.BoolOp):
        node = above
    return node is test


def _uses(source: Source, comparison: Comparison, body: list[ast.stmt], sides: set[str]) -> bool:
    """Whether what differs is put away or put to use: `cache.update(user, token)`, `if second != first: login(second)`."""
    differs = comparison.operator == "!=" and not surroundings.refuses(source, comparison.node)
    for statement in body:
        for call in (node for node in ast.walk(statement) if isinstance(node, ast.Call)):
            said = set(secrets.words(secrets.spoken_name(call.func)))
            uses = differs and not said & TELLING and not isinstance(statement, ast.Raise)
            given = [*call.args, *(word.value for word in call.keywords)]
            collects = comparison.operator == "not in" and said & {"append", "add"}  # if token not in tokens: tokens.append(token)
            if (uses or collects or said & surroundings.CHANGING) and any(_spelled(source, value) in sides for value in given):
                return True
    return False


def _spelled(source: Source, node: ast.expr) -> str:
    """An expression as text; `data.get("token")` as `data["token"]`."""
    match node:
        case ast.Call(func=ast.Attribute(attr="get", value=inner), args=[ast.Constant() as key, *_]):
            return f"{source.show(inner)}[{source.show(key)}]"
    return source.show(node)


def is_harmless(source: Source, comparison: Comparison) -> bool:
    """Whether the sides themselves show that nobody is let in by them, whatever they are called."""
    return (
        are_numbers(comparison)
        or _ignores_case(comparison)
        or is_lookup(source, comparison)
        or is_round_trip(source, comparison)
        or all(is_constant(side) or values.is_setting(side) for side in comparison.sides)
    )


def are_numbers(comparison: Comparison) -> bool:
    """Whether both sides are converted to integers, which are compared at once where they are no longer than a code."""
    return all(isinstance(side, ast.Call) and secrets.spoken_name(side.func) == "int" for side in comparison.sides)


def _ignores_case(comparison: Comparison) -> bool:
    """Whether a password is compared in lower case: only a policy does that, no login."""
    folded = []
    for side in comparison.sides:
        match side:
            case ast.Call(func=ast.Attribute(attr="lower" | "upper" | "casefold", value=inner)):
                folded.append(secrets.spoken_name(inner))
    return len(folded) == 2 and any("password" in secrets.words(name) for name in folded)


def is_filter(source: Source, comparison: Comparison) -> bool:
    """Whether `!=` leaves something out: `[state for state in states if state != used]`, `filter(lambda ...)`."""
    return comparison.operator == "!=" and isinstance(source.parent(comparison.node), ast.comprehension | ast.Lambda)


def is_round_trip(source: Source, comparison: Comparison) -> bool:
    """Whether a side was made from the other one alone, to see what that changed: `decoded.encode() == token`."""
    for side, other in (comparison.sides, comparison.sides[::-1]):
        if isinstance(other, ast.Name) and _is_made_of(source, side, other, DEPTH):
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
    looked_up = any(LOOKUPS & set(secrets.words(secrets.spoken_name(callee))) for callee in callees)
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
            return not (secrets.strength(name) == 2 and any(map(source.function, source.binders(name, inner))))  # a class
        case ast.Name(id=name) if name.isupper() and not values.of(source, inner):
            return sought or not secrets.strength(name) or secrets.words(name)[0] in NAMING
    return False


def _configures(owner: str) -> bool:
    """Whether a thing is a configuration, by its name: what is in it is no enumerated value."""
    said = set(secrets.words(owner))
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
    """Whether a value is packed out of constants alone: a file's magic number."""
    if not isinstance(value, ast.Call) or source.qualname(value.func) not in (
        "struct.pack",
        "binascii.unhexlify",
        "builtins.bytes.fromhex",
        "builtins.bytes",
        "builtins.bytearray",
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


def is_earlier(side: ast.expr, around: Surroundings) -> bool:
    """Whether a side speaks of an earlier or later state of the same thing, or is a part of a URL."""
    nodes = [node for node in ast.walk(side) if isinstance(node, ast.Name | ast.Attribute)]
    parts = [secrets.words(secrets.spoken_name(node)) for node in nodes]
    parts = [part for part in parts if part]
    certain = any("cached" in part or (len(part) == 1 and part[0] in EARLIER) for part in parts)
    return certain or (not around.compares_secrets and any(EARLIER & set(part) and part[-1] not in NOT_EARLIER for part in parts))


def is_lookup(source: Source, comparison: Comparison) -> bool:
    """Whether something is looked up by its hash, or among names: `token in cache.keys()`, `header in allowed_headers`."""
    if not comparison.seeks:
        return False
    if any(secrets.words(secrets.spoken_name(side))[-1:] in LOOKED_UP for side in comparison.sides):
        return True
    origins = values.origins(source, comparison.right)
    mappings = [
        origin for origin in origins if isinstance(origin, ast.Dict | ast.DictComp) or secrets.spoken_name(origin) == "keys"
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


def are_sent_together(source: Source, comparison: Comparison) -> bool:
    """Whether one request sends both sides, one of them as a cookie: who sends it knows both."""
    made = [[source.show(origin, secret=False) for origin in values.origins(source, side)] for side in comparison.sides]
    cookies = any("cookie" in shown.lower() for origins in made for shown in origins)
    return cookies and all(values.is_external(source, side) for side in comparison.sides)


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
