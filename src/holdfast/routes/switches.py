"""Switches: whether code behind a condition runs by default, according to the default values in the code."""

from __future__ import annotations

import ast
import operator
import re

from holdfast.code import definitions
from holdfast.code.definitions import Located
from holdfast.code.scopes import FunctionNode
from holdfast.code.words import words, wordset
from holdfast.record import Record
from holdfast.routes import routing
from holdfast.routes.routing import Switch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from holdfast.code.source import ProjectLike, Source

DEPTH = 8  # names for names
SETTING = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
# Words for where the code runs: in production the condition has another value than here.
PLACES = wordset("debug dev develop development local test tests testing ci env environment stage staging mode prod production")
# Words of a switch; a key or an address that may be missing is no switch.
ABOUT = wordset(
    "limit limits limiter limiters limiting limited ratelimit ratelimits ratelimiter ratelimiting throttle throttles throttling "
    "throttled lockout bruteforce enable enabled disable disabled use active on off switch feature flag skip"
)
UNREAD = wordset("dev develop development local test tests testing ci")
TRUE = ("1", "true", "yes", "on", "t", "y")
READERS = frozenset({"os.getenv", "os.environ.get"})
TEXTS: dict[str, Callable[[str], str]] = {"lower": str.lower, "upper": str.upper, "strip": str.strip, "casefold": str.casefold}
COMPARISONS: dict[type[ast.cmpop], Any] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Is: operator.eq,
    ast.IsNot: operator.ne,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
}


class Value(Record):
    """The default value of an expression, if it is known, and the settings and variables that it comes from."""

    known: bool = False
    value: object = None
    names: tuple[str, ...] = ()


def of(source: Source, expression: ast.expr) -> Switch | None:
    """Return an expression as a switch, such as the value of `enabled=`; None where it comes from no setting."""
    return _switch([(evaluate(source, expression), True)])


def around(source: Source, node: ast.AST) -> Switch | None:
    """Return the switch under which a node runs: each `if` around it, and each `if` before it that returns."""
    return _switch([(evaluate(source, test), wanted) for test, wanted in _tests(source, node)])


def setting(project: ProjectLike | None, name: str) -> Value:
    """Return the value of a name in the project's settings, without those for development and tests."""
    if project is None:
        return Value(names=(name,))
    known: dict[str, Value] = project.cache.setdefault("settings", {})
    if name not in known:
        known[name] = Value(names=(name,))  # for a setting that is read from itself
        values = [evaluate(one.source, one.node) for one in _assigned(project, name) if isinstance(one.node, ast.expr)]
        is_known = bool(values) and all(value.known for value in values)
        known[name] = Value(known=is_known, value=any(value.value for value in values), names=(name,))
    return known[name]


def joined(*switches: Switch | None) -> Switch | None:
    """Join switches that must all be on."""
    given = [switch for switch in switches if switch]
    if not given:
        return None
    off = [switch for switch in given if switch.is_off]
    return Switch(what=" and ".join(dict.fromkeys(switch.what for switch in off or given)), is_off=bool(off))


def _switch(values: list[tuple[Value, bool]]) -> Switch | None:
    found: list[Switch] = []
    for value, wanted in values:
        if value.names:
            names = [name if wanted else f"not {name}".removeprefix("not not ") for name in value.names]
            said = {word for name in value.names for word in words(name.removeprefix("not "))}
            is_off = value.known and bool(value.value) != wanted and bool(said & ABOUT) and not said & PLACES
            found.append(Switch(what=" and ".join(names), is_off=is_off))
    return joined(*found)


def _tests(source: Source, node: ast.AST) -> Iterator[tuple[ast.expr, bool]]:
    child = node
    for above in source.ancestors(node):
        if isinstance(above, ast.If | ast.IfExp):
            parts = (above.body, above.orelse)
            for wanted, part in zip((True, False), parts, strict=True):
                if child is part or (isinstance(part, list) and child in part):
                    yield above.test, wanted
        if isinstance(above, FunctionNode) and child in above.body:
            for earlier in above.body[: above.body.index(child)]:
                if isinstance(earlier, ast.If) and isinstance(earlier.body[-1], ast.Return) and not earlier.orelse:
                    yield earlier.test, False
        if isinstance(above, FunctionNode | ast.ClassDef | ast.Lambda):
            return
        child = above


def evaluate(source: Source, expression: ast.expr, depth: int = DEPTH) -> Value:
    """Return the default value of an expression of constants, settings and environment variables."""
    if depth <= 0:
        return Value()
    match expression:
        case ast.Constant(value=written):
            return Value(known=True, value=written)
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            values = [evaluate(source, part, depth - 1) for part in parts]
            return Value(known=all(value.known for value in values), value=tuple(value.value for value in values))
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            value = evaluate(source, inner, depth - 1)
            names = tuple(f"not {name}".removeprefix("not not ") for name in value.names)
            return Value(known=value.known, value=not value.value, names=names)
        case ast.BoolOp(op=op, values=parts):
            return _together([evaluate(source, part, depth - 1) for part in parts], isinstance(op, ast.Or))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _compared(evaluate(source, left, depth - 1), op, evaluate(source, right, depth - 1))
        case ast.Call():
            return _called(source, expression, depth - 1)
        case ast.Subscript(slice=ast.Constant(value=str(name))) if SETTING.fullmatch(name):
            return setting(source.project, name) if "environ" not in source.show(expression.value) else Value(names=(name,))
        case ast.Name() | ast.Attribute():
            return _named(source, expression, depth - 1)
    return Value()


def _together(values: list[Value], is_or: bool) -> Value:
    """Return the value of `and` or `or`, where one side may be enough."""
    deciding = next((value for value in values if value.known and bool(value.value) == is_or), None)
    if deciding:
        return deciding
    names = tuple(name for value in values for name in value.names)
    return Value(known=all(value.known for value in values), value=values[-1].value, names=names)


def _compared(left: Value, op: ast.cmpop, right: Value) -> Value:
    names = (*left.names, *right.names)
    if not left.known or not right.known:
        return Value(names=names)
    try:
        return Value(known=True, value=COMPARISONS[type(op)](left.value, right.value), names=names)
    except TypeError:
        return Value(names=names)


def _called(source: Source, call: ast.Call, depth: int) -> Value:
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if isinstance(call.func, ast.Attribute) and name in TEXTS and not call.args:
        inner = evaluate(source, call.func.value, depth)
        return inner.replace(value=TEXTS[name](inner.value)) if isinstance(inner.value, str) else Value(names=inner.names)
    if name == "Field":
        default = routing.argument(call, "default", 0)
        return evaluate(source, default, depth) if default is not None else Value()
    given = call.args[1:] if name == "getattr" else call.args  # getattr(settings, "NAME", False)
    first = given[0] if given else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str) and SETTING.fullmatch(first.value):
        return _read(source, call, given, depth)
    if name == "bool" or "bool" in words(name.replace("strtobool", "str_bool")):
        inner = evaluate(source, given[0], depth) if given else Value()
        return inner.replace(value=_truth(inner.value))
    return evaluate(source, given[0], depth) if name in ("str", "int") and given else Value()


def _read(source: Source, call: ast.Call, given: list[ast.expr], depth: int) -> Value:
    """Return the value of `os.getenv("NAME", "false")`, `env.bool("NAME", default=False)`, `app.config.get("NAME")`."""
    name = str(getattr(given[0], "value", ""))
    named = routing.argument(call, "default")
    default = named if named is not None else next(iter(given[1:2]), None)
    written = source.show(call, redact=False).lower()
    if "config" in written or "settings" in written:
        known = setting(source.project, name)
        if known.known:
            return known
    if default is None:
        return Value(known=(source.qualname(call.func) or "") in READERS, names=(name,))
    value = evaluate(source, default, depth)
    return Value(known=value.known, value=_truth(value.value) if "bool" in written else value.value, names=(name,))


def _truth(value: object) -> object:
    return value.lower() in TRUE if isinstance(value, str) else value


def _named(source: Source, expression: ast.Name | ast.Attribute, depth: int) -> Value:
    """Return the value of a setting, or of a name for one. A variable that code assigns twice is unknown."""
    name = expression.id if isinstance(expression, ast.Name) else expression.attr
    if isinstance(expression, ast.Name):
        binders = source.binders(name, expression)
        if len(binders) != 1 and not SETTING.fullmatch(name):
            return Value()
    found = definitions.resolve(source, expression)
    of_class = definitions.of_instance(source, expression) if found is None else None
    one = found or of_class
    if one and isinstance(one.node, ast.expr) and one.node is not expression:
        value = evaluate(one.source, one.node, depth)
        if of_class or SETTING.fullmatch(name):
            return value.replace(names=(name,))
        return value if value.names else Value()
    return setting(source.project, name) if SETTING.fullmatch(name) else Value()


def _assigned(project: ProjectLike, name: str) -> Iterator[Located]:
    """Yield the values that settings give to a name: `NAME = ...` of a module or class, `config["NAME"] = ...`."""
    for source in project.mentioning(name.lower().encode()):
        if source.is_test or is_unread(source.path) or not definitions.is_readable(source):
            continue
        for statement in source.nodes(ast.Assign, ast.AnnAssign):
            target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
            key = target.slice.value if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant) else ""
            holder = source.enclosing(statement, ast.ClassDef)
            if name not in (getattr(target, "id", ""), key) or statement.value is None:
                continue
            if not (holder and is_unread(holder.name)) and (key or source.function(statement) is None):
                yield Located(source=source, node=statement.value)


def is_unread(name: str) -> bool:
    """Return whether settings are for development or tests, by the name of their file or class."""
    return bool(UNREAD & set(words(name.rpartition("/")[2].removesuffix(".py").replace("-", "_"))))
