"""Comparisons that verify nothing by where they stand: in `__eq__`, in a query, to notice a change or a revocation."""

from __future__ import annotations

import ast

from holdfast.code import values
from holdfast.code.words import words, wordset
from holdfast.rules.constant_time_compare import surroundings
from holdfast.secrets import names as secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.code.source import Source
    from holdfast.rules.constant_time_compare.comparisons import Comparison

QUERY_CALLS = wordset("filter filter_by where having select exclude join outerjoin on and_ or_ not_ case exists query delete")
TELLING = wordset(
    "log logger logging debug info warning warn error exception critical print write echo fail failed failure abort reject deny "
    "refuse flash message format len str repr bytes hex audit report notify"
)
FORM_CHECKS = wordset("validator field_validator root_validator model_validator validates validates_schema")
NOTED = surroundings.CHANGING | {"current", "same"}
WRITES = wordset("set write put save store restore claim")
TAKEN = wordset("already exists exist duplicate duplicated")
CHANGED = wordset("changed stale outdated obsolete superseded drift drifted conflict conflicting race")
HTTP_CONFLICT = 409
DENIED = wordset("not cannot nothing no")
LACKING = wordset("ImportError ModuleNotFoundError AttributeError NameError")


def is_silent(source: Source, comparison: Comparison) -> bool:
    """Whether a comparison stands where it verifies nothing: in `__eq__` or an assert, in a query, to notice a change."""
    for above in source.ancestors(comparison.node):
        match above:
            case ast.Assert() if not surroundings.of(source, comparison.node).confirms:
                return True
            case ast.FunctionDef(name="__eq__" | "__ne__" | "__hash__" | "__lt__" | "__contains__"):
                return True
            case ast.Call() if secrets.spoken_name(above.func) in QUERY_CALLS and source.qualname(above.func) != "builtins.filter":
                return True
            case ast.FunctionDef(decorator_list=decorators) if any(map(_checks_form, decorators)):
                return True  # what its author typed, against what its author typed
            case ast.Assign(targets=[target]) if NOTED & set(words(secrets.spoken_name(target))):
                return True
            case ast.While(test=test) if comparison.operator in ("==", "in") and _decides(source, comparison.node, test):
                return True  # another one is made
            case ast.If(test=test) if _decides(source, comparison.node, test) and _is_put_away(source, comparison, above):
                return True
            case ast.IfExp(test=test, body=ast.Constant(value=str()), orelse=ast.Constant(value=str())) if _decides(
                source, comparison.node, test
            ):
                return True  # only says where it comes from
    return any(silences(source, comparison) for silences in (_is_verified_before, _is_read_back, _is_second_best))


def _is_second_best(source: Source, comparison: Comparison) -> bool:
    """Whether a comparison only stands in for the constant-time one: `if hasattr(hmac, "compare_digest"): ... else: ...`."""
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
    """Whether a handler is for what Python lacks; a TypeError of compare_digest is brought about by who sends other letters."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type] if handler.type else []
    return bool(kinds) and all(secrets.spoken_name(kind) in LACKING for kind in kinds)


def _is_verified_before(source: Source, comparison: Comparison) -> bool:
    """Whether a side is a token whose signature was verified before: `jwt.decode(token, key)`, `if token != saved_token: ...`."""
    here = source.function(comparison.node)
    sides = {side.id for side in comparison.sides if isinstance(side, ast.Name)}
    for call in source.nodes(ast.Call) if sides else ():
        if not (call.args and isinstance(call.args[0], ast.Name) and call.args[0].id in sides and call.lineno < _line(comparison)):
            continue
        said = set(words(source.show(call.func)))
        if "decode" in said and said & {"jwt", "jws", "token"} and source.function(call) is here:
            return not any(word.arg in ("verify", "options") for word in call.keywords)
    return False


def _is_read_back(source: Source, comparison: Comparison) -> bool:
    """Whether a side was written before, to see whether it arrived: `ring.put(user, new)`, `ring.get(user) != new`."""
    here = source.function(comparison.node)
    sides = {_spelled(source, side) for side in comparison.sides}
    if comparison.operator != "!=" or any(values.is_external(source, side) for side in comparison.sides):
        return False
    for call in source.nodes(ast.Call):
        if call.lineno < _line(comparison) and WRITES & set(words(secrets.spoken_name(call.func))):
            given = {_spelled(source, value) for value in (*call.args, *(word.value for word in call.keywords))}
            if given & sides and source.function(call) is here:
                return True
    return False


def _line(comparison: Comparison) -> int:
    return comparison.left.lineno


def _is_put_away(source: Source, comparison: Comparison, statement: ast.If) -> bool:
    """Whether an `if` shows that its test lets nobody in: one side takes the place of the other, is known already, is gathered."""
    body = statement.body
    sides = {_spelled(source, side) for side in comparison.sides}
    assigned = [part for part in body if isinstance(part, ast.Assign)]
    given = [part.value for part in assigned] if comparison.operator == "!=" and len(assigned) == len(body) else []
    targets = [target for part in assigned for target in part.targets]
    if {_spelled(source, part) for part in (*targets, *given)} & sides or _uses(source, comparison, body, sides):
        return True  # if self.token != token: self.token = token
    if comparison.operator == "!=" and any(map(_says_changed, body)):
        return True
    same = comparison.operator in ("==", "in")
    return (_refuses_the_same(body) if same else _replaces(source, comparison, body)) or _collects(source, statement)


def _checks_form(decorator: ast.expr) -> bool:
    """Whether a decorator makes a function the check of a form's or model's field."""
    return secrets.spoken_name(decorator.func if isinstance(decorator, ast.Call) else decorator) in FORM_CHECKS


def _says_changed(statement: ast.stmt) -> bool:
    """Whether a statement says that something is not what it was before: `raise Conflict`, `raise ValueError("file changed")`."""
    said = [secrets.spoken_name(node) for node in ast.walk(statement) if isinstance(node, ast.Name | ast.Attribute)]
    constants = [node.value for node in ast.walk(statement) if isinstance(node, ast.Constant)]
    said += [value.replace(" ", "_") for value in constants if isinstance(value, str)]
    leaves = isinstance(statement, ast.Raise | ast.Return | ast.Expr)
    changed = any(CHANGED & split and not DENIED & split for split in (set(words(name)) for name in said))
    return leaves and (changed or HTTP_CONFLICT in constants)  # not "password was not changed", which is what a wrong one is told


def _refuses_the_same(body: list[ast.stmt]) -> bool:
    """Whether somebody is refused because two things are the same: `return "exists already"`, `raise`, `return False`."""
    says = ast.walk(body[0]) if isinstance(body[0], ast.Return) else ()
    taken = any(isinstance(node, ast.Constant) and TAKEN & set(words(str(node.value))) for node in says)
    denied = isinstance(body[0], ast.Return) and isinstance(body[0].value, ast.Constant) and body[0].value.value is False
    return taken or denied or isinstance(body[0], ast.Raise)


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
    if differs and all(map(_clears, body)):
        return True
    for statement in body:
        for call in (node for node in ast.walk(statement) if isinstance(node, ast.Call)):
            said = set(words(secrets.spoken_name(call.func)))
            uses = differs and not said & TELLING and not isinstance(statement, ast.Raise)
            given = [*call.args, *(word.value for word in call.keywords)]
            collects = comparison.operator == "not in" and said & {"append", "add"}  # if token not in tokens: tokens.append(token)
            if (uses or collects or said & surroundings.CHANGING) and any(_spelled(source, value) in sides for value in given):
                return True
    return False


def _clears(statement: ast.stmt) -> bool:
    """Whether a statement only forgets something: `cache.pop(key)`."""
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="pop" | "clear" | "discard"))) | ast.Delete():
            return True
    return False


def _spelled(source: Source, node: ast.expr) -> str:
    """An expression as text; `data.get("token")` as `data["token"]`."""
    match node:
        case ast.Call(func=ast.Attribute(attr="get", value=inner), args=[ast.Constant() as key, *_]):
            return f"{source.show(inner)}[{source.show(key)}]"
    return source.show(node)
