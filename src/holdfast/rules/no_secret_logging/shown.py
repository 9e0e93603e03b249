"""The values that a call of a logger or of `print` shows, each with how it is formatted."""

from __future__ import annotations

import ast
import re

from holdfast.code.words import words, wordset
from holdfast.record import Record
from holdfast.secrets.names import CONVERSIONS, spoken_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.source import Source

LEVELS = wordset("debug info warning warn error exception critical fatal log trace success notice")
LOGGERS = wordset("log logger logging logs")
PRINTERS = wordset("builtins.print pprint.pprint pprint.pp")
CONTROLS = wordset("exc_info stack_info stacklevel file sep end flush")
FORMATTERS = wordset("dumps pformat join")
MAKERS = wordset("get generate create make read fetch load")
PERCENT = re.compile(r"%(?:\((\w+)\))?[-#0 +]*(?:\*|\d+)?(?:\.(?:\*|\d+))?([a-zA-Z%])")
NUMBERS = "dioxXeEfFgG"
DEPTH = 8


class Shown(Record):
    """A value that a call shows: value is the expression, node where a finding is reported. as_number: formatted as a number."""

    source: Source
    call: ast.Call
    value: ast.expr
    as_number: bool = False

    @property
    def name(self) -> str:
        """The name of the value: of a variable, an attribute, a key, or of the function that makes it; "" if it has none."""
        value = self.value
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name | ast.Attribute):
            called = value.func.id if isinstance(value.func, ast.Name) else value.func.attr
            named, split = spoken_name(value), words(called)
            if named != called:
                return named  # the key that a getter gets
            return "_".join(split[1:]) if MAKERS & set(split[:1]) else ""
        return spoken_name(value)

    @property
    def is_printed(self) -> bool:
        """Whether the call is one of `print`, not of a logger."""
        return self.source.qualname(self.call.func) in PRINTERS


def every(source: Source) -> Iterator[Shown]:
    """All values that the calls of loggers and of `print` in a file show."""
    for call in source.nodes(ast.Call):
        if is_log(call) or source.qualname(call.func) in PRINTERS:
            seen: set[str] = set()
            for value, as_number in _arguments(call):
                written = ast.dump(value)
                if written not in seen:
                    seen.add(written)
                    yield Shown(source=source, call=call, value=value, as_number=as_number)


def is_log(call: ast.Call) -> bool:
    """Whether a call is one of a logger, by its method and the name of what it is called on: `self.logger().info(...)`."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in LEVELS:
        return False
    held = call.func.value
    while isinstance(held, ast.Call):
        held = held.func.value if isinstance(held.func, ast.Attribute) and held.func.attr in ("bind", "opt") else held.func
    named = words(held.id if isinstance(held, ast.Name) else held.attr if isinstance(held, ast.Attribute) else "")
    return bool(LOGGERS & set(named[-1:])) or named[:2] in (("get", "logger"), ("getlogger",))


def _arguments(call: ast.Call) -> Iterator[tuple[ast.expr, bool]]:
    first, *rest = [*call.args, ast.Constant(value=None)]
    specs = _specs(first)
    yield from _parts(first)
    for position, argument in enumerate(rest[:-1] if call.args else ()):
        as_number = specs.get(str(position), "s") in NUMBERS
        yield from ((value, as_number or number) for value, number in _parts(argument))
    for keyword in call.keywords:
        if keyword.arg not in CONTROLS:
            yield from _parts(keyword.value)


def _specs(message: ast.expr) -> dict[str, str]:
    """The conversion of each argument of a message for %, by its position or name."""
    if not isinstance(message, ast.Constant) or not isinstance(message.value, str):
        return {}
    found = [match for match in PERCENT.finditer(message.value) if match[2] != "%"]
    return {match[1] or str(position): match[2] for position, match in enumerate(found)}


def _parts(node: ast.expr, depth: int = DEPTH) -> Iterator[tuple[ast.expr, bool]]:  # noqa: C901  # one case for each form
    """The values that an expression shows, and whether each is formatted as a number."""
    if depth < 0:
        return
    inner: list[tuple[ast.expr, bool]] = []
    match node:
        case ast.Constant():
            return
        case ast.JoinedStr(values=pieces):
            inner = [(piece.value, _is_number(piece.format_spec)) for piece in pieces if isinstance(piece, ast.FormattedValue)]
        case ast.BinOp(left=left, op=ast.Mod(), right=right):
            specs = _specs(left)
            values = right.elts if isinstance(right, ast.Tuple) else [right]
            inner = [(value, specs.get(str(position), "s") in NUMBERS) for position, value in enumerate(values)]
        case ast.BinOp(left=left, op=ast.Add(), right=right) | ast.IfExp(body=left, orelse=right):
            inner = [(left, False), (right, False)]
        case ast.BoolOp(values=parts) | ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Dict(values=parts):
            inner = [(part, False) for part in parts]
        case ast.Call(func=ast.Attribute(attr="format", value=ast.Constant()), args=args, keywords=keywords):
            inner = [(part, False) for part in (*args, *(keyword.value for keyword in keywords))]
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[argument, *_]) if (
            name in CONVERSIONS or name in FORMATTERS
        ):
            inner = [(argument, False)]
        case ast.Call(func=ast.Attribute(attr="encode" | "decode" | "strip", value=value)) | ast.Starred(value=value):
            inner = [(value, False)]
        case ast.Await(value=value):
            inner = [(value, False)]
        case _:
            yield node, False
    for part, as_number in inner:
        yield from ((value, as_number or number) for value, number in _parts(part, depth - 1))


def _is_number(spec: ast.expr | None) -> bool:
    text = "".join(str(part.value) for part in ast.walk(spec) if isinstance(part, ast.Constant)) if spec else ""
    return "," in text or text[-1:] in (*NUMBERS, "%")
