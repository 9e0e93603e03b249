"""Whether the structure of the code shows that a comparison verifies nothing."""

from __future__ import annotations

import ast

from holdfast.code import values
from holdfast.code.words import words, wordset
from holdfast.rules.constant_time_compare import signs
from holdfast.rules.constant_time_compare.comparisons import Comparison, spelling
from holdfast.secrets import made as computed, names as secrets
from holdfast.secrets.names import CERTAIN

EQUALITY = wordset("__eq__ __ne__ __hash__ __lt__ __contains__")
QUERY_CALLS = wordset("filter filter_by where having select exclude join outerjoin on and_ or_ not_ case exists query delete")
FORM_CHECKS = wordset("validator field_validator root_validator model_validator validates validates_schema")
TELLING = wordset(
    "log logger logging debug info warning warn error exception critical print write echo fail failed failure abort reject deny "
    "refuse flash message format len str repr bytes hex audit report notify"
)
STORING = wordset("set update change save store put refresh rotate sync add append cache remember")
NOTED = wordset("changed change dirty modified updated stale current same existing needed")
TAKEN = wordset("already exists exist duplicate duplicated")
LACKING = wordset("ImportError ModuleNotFoundError AttributeError NameError")
LOOKUPS = wordset("get find fetch load lookup select query pop read")
LOOKED_UP = (("header",), ("headers",), ("cache",))
MAPPINGS = wordset("dict defaultdict OrderedDict LRU LRUCache TTLCache Cache WeakValueDictionary BTree OOBTree")
TIDIED = wordset("raw normalized original cleaned stripped trimmed sanitized")
MEASURES = wordset("len type hash id set list dict sorted int float bool")
DEPTH = 4


def is_plain_value(comparison: Comparison) -> bool:
    """Whether a side is a constant, a number, a type or a collection: no secret's value, but where a literal lets in."""
    left, right = comparison.sides
    plain = _is_plain(comparison, left, comparison.is_search) or _is_plain(comparison, right, False)
    return plain and not _is_admitted_by_literal(comparison)


def is_assigned_plain(comparison: Comparison) -> bool:
    """Whether all that a side may stand for is a constant or a dict."""
    return any(_are_plain(origins[1:]) for origins in comparison.origins) and not _is_admitted_by_literal(comparison)


def _is_admitted_by_literal(comparison: Comparison) -> bool:
    return bool(signs.literal_password_refused(comparison) or signs.literal_password(comparison))


def _is_plain(comparison: Comparison, side: ast.expr, is_sought: bool) -> bool:
    inner = secrets.unwrapped(side)
    match inner:
        case ast.Constant() | ast.Dict() | ast.UnaryOp() | ast.BinOp(right=ast.Constant(value=int())):
            return True
        case ast.List(elts=parts) | ast.Set(elts=parts) | ast.Tuple(elts=parts):
            return all(_is_plain(comparison, part, is_sought) for part in parts)
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name[:1].isupper() and not name.isupper():
            return True  # an object
        case ast.Call(func=ast.Name(id=name)) if name in MEASURES:
            return True
        case ast.Attribute(attr=name, value=held) if name[:1].isupper():
            return not _is_configuration(secrets.spoken_name(held))
        case ast.Attribute(value=ast.Name(id=held) | ast.Attribute(attr=held)) if held[:1].isupper() and not held.isupper():
            return not _is_configuration(held)  # a column or an enumerated value
        case ast.Name(id=name) if name[:1].isupper() and not name.isupper():
            local = [binder for binder in comparison.source.binders(name, inner) if not isinstance(binder, ast.alias)]
            return not (secrets.strength(name) == CERTAIN and any(map(comparison.source.function, local)))  # a class
        case ast.Name(id=name) if name.isupper() and not values.of(comparison.source, inner):
            return is_sought or not secrets.strength(name)
    return False


def _is_configuration(held: str) -> bool:
    """Whether a thing is a configuration, by its name: what is in it is no enumerated value."""
    said = set(words(held))
    return bool(said & {"settings", "config", "conf", "cfg", "env"}) and not said & {"enum", "key", "keys", "names"}


def _are_plain(origins: list[ast.expr]) -> bool:
    plain = (isinstance(one, ast.Dict | ast.DictComp) or (isinstance(one, ast.Constant) and bool(one.value)) for one in origins)
    return bool(origins) and all(plain)


def is_equality_method(comparison: Comparison) -> bool:
    """Whether the comparison is in `__eq__` or the like."""
    around = comparison.source.definitions(comparison.node)
    return any(isinstance(above, ast.FunctionDef) and above.name in EQUALITY for above in around)


def is_query(comparison: Comparison) -> bool:
    """Whether the comparison builds a database query: `User.api_key == key` in `filter(...)`."""
    calls = (above for above in comparison.source.within_statement(comparison.node) if isinstance(above, ast.Call))
    return any(
        secrets.spoken_name(call.func) in QUERY_CALLS and comparison.source.qualname(call.func) != "builtins.filter"
        for call in calls
    )


def is_assertion(comparison: Comparison) -> bool:
    """Whether the comparison is asserted; in a function that verifies, an assert verifies."""
    asserted = isinstance(comparison.source.enclosing_statement(comparison.node), ast.Assert)
    return asserted and not comparison.place.confirms


def is_form_check(comparison: Comparison) -> bool:
    """Whether the comparison is in a validator of a form or model, whose fields have one author."""
    functions = (above for above in comparison.source.definitions(comparison.node) if isinstance(above, ast.FunctionDef))
    decorators = (decorator for function in functions for decorator in function.decorator_list)
    return any(secrets.spoken_name(getattr(decorator, "func", decorator)) in FORM_CHECKS for decorator in decorators)


def is_fallback(comparison: Comparison) -> bool:
    """Whether the comparison stands in where Python has no compare_digest: `if hasattr(hmac, "compare_digest"): ... else: ...`."""
    source = comparison.source
    for above in source.ancestors(comparison.node):
        if isinstance(above, ast.If):
            asked: list[object] = [node.value for node in ast.walk(above.test) if isinstance(node, ast.Constant)]
        elif isinstance(above, ast.ExceptHandler) and _is_for_lack(above) and isinstance(tried := source.parent(above), ast.Try):
            nodes = [node for part in tried.body for node in ast.walk(part)]
            asked = [node.name if isinstance(node, ast.alias) else getattr(node, "attr", "") for node in nodes]
        else:
            continue
        if "compare_digest" in asked:
            return True
    return False


def _is_for_lack(handler: ast.ExceptHandler) -> bool:
    """Whether a handler is for what Python lacks; a TypeError of compare_digest is brought about by letters beyond ASCII."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type] if handler.type else []
    return bool(kinds) and all(secrets.spoken_name(kind) in LACKING for kind in kinds)


def is_double_hmac(comparison: Comparison) -> bool:
    """Whether both sides are MACs made here by one key: where two MACs of MACs begin to differ says nothing."""
    return len(comparison.made) > 1 and computed.are_blinded(comparison.source, comparison.sides)


def is_round_trip(comparison: Comparison) -> bool:
    """Whether a side is made of the other one alone, to see what that changed: `decoded.encode() == token`."""
    spelled = [set(words(side.id)) for side in comparison.sides if isinstance(side, ast.Name)]
    if len(spelled) == 2 and set() < spelled[0] ^ spelled[1] <= TIDIED:
        return True  # normalized_key != raw_key
    for side, other in comparison.both_ways:
        whole = other.value if isinstance(other, ast.Subscript) and isinstance(other.slice, ast.Slice) else other
        if isinstance(whole, ast.Name) and _is_made_of(comparison, side, whole, DEPTH):
            return True
        wrapped = (secrets.unwrapped(origin) for origin in values.origins(comparison.source, side))
        if isinstance(other, ast.Attribute) and spelling(secrets.unwrapped(other)) in map(spelling, wrapped):
            return True
    return False


def _is_made_of(comparison: Comparison, expression: ast.expr, whole: ast.Name, depth: int) -> bool:
    """Whether all that goes into an expression is one variable and constants: a key or a user would make it a verification."""
    source = comparison.source
    nodes = list(ast.walk(expression))
    callees = {node.func for node in nodes if isinstance(node, ast.Call)}
    owners = {node.value for node in callees if isinstance(node, ast.Attribute)}
    looked_up = any(LOOKUPS & set(words(secrets.spoken_name(callee))) for callee in callees)
    looked_up = looked_up or any(isinstance(node, ast.Attribute) and node not in callees and node not in owners for node in nodes)
    parts = [node for node in nodes if isinstance(node, ast.Name) and node not in callees]
    parts = [node for node in parts if node not in owners or source.qualname(node) is None]  # base64.b64encode(token)
    return bool(parts) and not looked_up and all(_is_part(comparison, part, whole, depth) for part in parts)


def _is_part(comparison: Comparison, part: ast.Name, whole: ast.Name, depth: int) -> bool:
    source = comparison.source
    if part.id == whole.id and source.binders(part.id, part) == source.binders(whole.id, whole):
        return True
    assigned = values.of(source, part)
    parts = [value for value in assigned if not isinstance(value, ast.Constant)]
    return depth > 0 and bool(parts) and all(_is_made_of(comparison, value, whole, depth - 1) for value in parts)


def is_key_of_mapping(comparison: Comparison) -> bool:
    """Whether something is looked up by its hash, or among names: `token in cache.keys()`, `header in allowed_headers`."""
    if not comparison.is_search:
        return False
    if any(words(secrets.spoken_name(side))[-1:] in LOOKED_UP for side in comparison.sides):
        return True
    return any(
        isinstance(origin, ast.Dict | ast.DictComp)
        or secrets.spoken_name(origin) == "keys"
        or (isinstance(origin, ast.Call) and (comparison.source.qualname(origin.func) or "").split(".")[-1] in MAPPINGS)
        for origin in comparison.origins[1]
    )


def is_filter(comparison: Comparison) -> bool:
    """Whether `!=` leaves something out: `[state for state in states if state != used]`, `filter(lambda ...)`."""
    source = comparison.source
    above = source.parent(comparison.node)
    if isinstance(above, ast.BoolOp) and isinstance(above.op, ast.And):
        above = source.parent(above)
    match above, source.parent(above) if above else None:
        case ast.comprehension(target=ast.Name(id=each)), ast.ListComp(elt=ast.Name(id=kept)) if each == kept:
            return True
    return comparison.operator == "!=" and isinstance(above, ast.comprehension | ast.Lambda)


def is_put_away(comparison: Comparison) -> bool:
    """Whether one side takes the place of the other, is stored, or tells another one apart: `if new != token: token = new`."""
    for above in comparison.source.ancestors(comparison.node):
        match above:
            case ast.Assign(targets=[target]) if NOTED & set(words(secrets.spoken_name(target))):
                return True
            case ast.While(test=test) if comparison.is_equality and _decides(comparison, test):
                return True  # another one is made
            case ast.IfExp(test=test, body=ast.Constant(value=str()), orelse=ast.Constant(value=str())) if _decides(
                comparison, test
            ):
                return True  # only says where it comes from
            case ast.If(test=test) if _decides(comparison, test):
                return _is_taken_over(comparison, above.body)
    return False


def _decides(comparison: Comparison, test: ast.expr) -> bool:
    """Whether a comparison is a test, or one of the conditions of which it is made."""
    node = comparison.node
    while node is not test and isinstance(above := comparison.source.parent(node), ast.BoolOp):
        node = above
    return node is test


def _is_taken_over(comparison: Comparison, body: list[ast.stmt]) -> bool:
    sides = set(map(spelling, comparison.sides))
    assigned = [part for part in body if isinstance(part, ast.Assign)]
    given = [part.value for part in assigned] if comparison.operator == "!=" and len(assigned) == len(body) else []
    if {spelling(part) for part in (*(target for part in assigned for target in part.targets), *given)} & sides:
        return True  # if self.token != token: self.token = token
    differs = comparison.operator == "!=" and not comparison.refusal
    for statement in body:
        for call in (node for node in ast.walk(statement) if isinstance(node, ast.Call)):
            said = set(words(secrets.spoken_name(call.func)))
            uses = differs and not said & TELLING and not isinstance(statement, ast.Raise)
            passed = {spelling(value) for value in (*call.args, *(word.value for word in call.keywords))}
            if (uses or said & STORING) and passed & sides:
                return True
    return comparison.is_equality and comparison.operator != "case" and _refuses_the_same(body)


def _refuses_the_same(body: list[ast.stmt]) -> bool:
    """Whether a body refuses because two things are the same: `return "exists already"`, `raise`, `return False`."""
    says = ast.walk(body[0]) if isinstance(body[0], ast.Return) else ()
    taken = any(isinstance(node, ast.Constant) and TAKEN & set(words(str(node.value))) for node in says)
    denied = isinstance(body[0], ast.Return) and isinstance(body[0].value, ast.Constant) and body[0].value.value is False
    return taken or denied or isinstance(body[0], ast.Raise)
