"""Find the text of an exception in what is sent: `str(e)`, f-strings, `e.args`, tracebacks, and what was assigned from them."""

from __future__ import annotations

import ast

from holdfast.code import values
from holdfast.code.words import wordset
from holdfast.record import Record
from holdfast.rules.no_exception_text_in_response import answers
from holdfast.secrets.names import CONVERSIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.source import Source

    Catching = ast.ExceptHandler | ast.FunctionDef | ast.AsyncFunctionDef

TRACES = wordset("format_exc format_exception format_exception_only")
# Calls whose result does not contain the text of their arguments, and calls that write elsewhere.
LOST = wordset(
    "len bool isinstance type hash any all id hasattr getattr debug info warning warn error exception critical log print write"
)
BROAD = wordset("Exception BaseException StandardError")
DEPTH = 2


class Text(Record):
    """The text of an exception that an answer sends. node: the expression; handler: what catches the exception."""

    node: ast.expr
    handler: Catching

    @property
    def shown(self) -> str:
        """The text in words, for messages: "the text of the exception `e`" or "a traceback"."""
        return f"the text of the exception `{self.node.id}`" if isinstance(self.node, ast.Name) else "a traceback"

    @property
    def is_broad(self) -> bool:
        """Whether the handler catches every exception."""
        if not isinstance(self.handler, ast.ExceptHandler):
            return answers.is_error_handler(self.handler)
        caught = self.handler.type
        kinds = caught.elts if isinstance(caught, ast.Tuple) else [caught]
        return any(kind is None or answers.called(kind) in BROAD for kind in kinds)


def sent(source: Source, answer: ast.Call | ast.Return) -> Text | None:
    """The first text of an exception in an answer, followed through local names."""
    return next((text for part in answers.results(answer) for text in _texts(source, part, answer, DEPTH)), None)


def _texts(source: Source, part: ast.expr, answer: ast.AST, depth: int) -> Iterator[Text]:
    for node in _flowing(part):
        handler = _caught(source, node)
        if handler:
            yield Text(node=node, handler=handler)
        elif isinstance(node, ast.Name) and depth:
            for value in _assigned(source, node):
                yield from _texts(source, value, answer, depth - 1)


def _flowing(node: ast.AST) -> Iterator[ast.expr]:
    """Yield an expression and those in it whose text it contains."""
    if isinstance(node, ast.Compare | ast.Lambda | ast.UnaryOp) or (isinstance(node, ast.Call) and answers.called(node) in LOST):
        return
    if isinstance(node, ast.expr):
        yield node
    children = [node.body, node.orelse] if isinstance(node, ast.IfExp) else ast.iter_child_nodes(node)
    for child in children:
        yield from _flowing(child)


def _caught(source: Source, node: ast.expr) -> Catching | None:
    """What catches the exception whose text an expression is; None for other expressions."""
    if isinstance(node, ast.Call) and answers.called(node) in TRACES:
        return _around(source, node)
    if isinstance(node, ast.Name) and _is_text(source, node):
        return _around(source, node, node.id)
    return None


def _is_text(source: Source, name: ast.Name) -> bool:
    """Return whether a name is used so that its text goes on: not `e.code`, not `handle(e)`."""
    above = source.parent(name)
    if isinstance(above, ast.Attribute):
        return above.attr in ("args", "__str__", "__traceback__")
    if isinstance(above, ast.keyword):
        above = source.parent(above)
    if isinstance(above, ast.Call):
        named = answers.called(above)
        return named in CONVERSIONS | TRACES | {"format", "dict"} or answers.is_of_framework(source, above)
    return not isinstance(above, ast.Subscript)


def _around(source: Source, node: ast.AST, name: str = "") -> Catching | None:
    """The innermost `except` around a node, or the function that handles every exception; name: what it calls the exception."""
    for above in source.ancestors(node):
        if isinstance(above, ast.ExceptHandler) and name in ("", above.name):
            return above
        if not isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef) or not answers.is_error_handler(above):
            continue
        if name in ("", *(argument.arg for argument in above.args.args)):
            return above
    return None


def _assigned(source: Source, name: ast.Name) -> list[ast.expr]:
    """What a local name may stand for: of its assignments, those of the same `except`, or those before it where there are none."""
    if source.function(name) is None:
        return []
    assigned = (values.assigned(source, binder) for binder in source.binders(name.id, name) if _line(binder) < name.lineno)
    found = [*(value for value in assigned if value), *_stored(source, name)]
    here = list(_handlers(source, name))
    same = [value for value in found if here and here[0] in _handlers(source, value)]
    return same or [value for value in found if not here or not set(_handlers(source, value)) - set(here)]


def _line(node: ast.AST) -> int:
    return getattr(node, "lineno", 0)


def _stored(source: Source, name: ast.Name) -> list[ast.expr]:
    """What is put into a local dict before it is used: `body["error"] = str(e)`."""
    found: list[ast.expr] = []
    function = source.function(name)
    for item in source.nodes(ast.Subscript):
        if isinstance(item.value, ast.Name) and item.value.id == name.id and item.lineno < name.lineno:
            value = values.assigned(source, item)
            found += [value] if value and source.function(item) is function else []
    return found


def _handlers(source: Source, node: ast.AST) -> Iterator[ast.ExceptHandler]:
    return (above for above in source.ancestors(node) if isinstance(above, ast.ExceptHandler))
