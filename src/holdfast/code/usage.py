"""Tell from earlier statements whether a name is text, or bytes, or not None."""

from __future__ import annotations

import ast

from holdfast.code.words import wordset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.source import Source

WITH_TEXT = wordset("split rsplit startswith endswith partition rpartition replace strip lstrip rstrip removeprefix removesuffix")
EXITS = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def kind(source: Source, name: ast.Name) -> str:
    """ "str" or "bytes" if an earlier statement calls a method that only works for one of them; "" otherwise.

    `x.encode()` and `x.split("$")` fail for bytes, and `x.decode()` fails for text. So a program that comes here has the other.
    """
    for statement in _before(source, name):
        part = statement.test if isinstance(statement, ast.If) else statement
        for call in (node for node in ast.walk(part) if isinstance(node, ast.Call) and _always_runs(source, node, part)):
            receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
            if isinstance(receiver, ast.Name) and receiver.id == name.id and isinstance(call.func, ast.Attribute):
                if call.func.attr in ("encode", "decode") and not call.args[2:]:
                    return "str" if call.func.attr == "encode" else "bytes"
                first = call.args[0] if call.args else None
                if call.func.attr in WITH_TEXT and isinstance(first, ast.Constant) and isinstance(first.value, str | bytes):
                    return type(first.value).__name__
    return ""


def is_guarded(source: Source, name: ast.Name) -> bool:
    """Return whether a name cannot be None here: after `if not x: return`, inside `if x:`, after `x and`."""
    for statement in _before(source, name):
        if isinstance(statement, ast.If) and isinstance(statement.body[-1], EXITS) and _excludes(statement.test, name.id, False):
            return True
    child: ast.AST = name
    for above in source.ancestors(name):
        if isinstance(above, ast.If) and child in above.body and _excludes(above.test, name.id, True):
            return True
        if isinstance(above, ast.BoolOp) and isinstance(above.op, ast.And):
            index = next((number for number, part in enumerate(above.values) if part is child), 0)
            if any(_excludes(part, name.id, True) for part in above.values[:index]):
                return True
        if isinstance(above, ast.BoolOp) and isinstance(above.op, ast.Or):
            index = next((number for number, part in enumerate(above.values) if part is child), 0)
            if any(_excludes(part, name.id, False) for part in above.values[:index]):
                return True
        if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return False
        child = above
    return False


def _excludes(test: ast.expr, name: str, truth: bool) -> bool:
    """Return whether a name cannot be None if a test has this outcome."""
    match test:
        case ast.Name(id=found):
            return truth and found == name
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _excludes(operand, name, not truth)
        case ast.Compare(left=ast.Name(id=found), ops=[ast.Is() | ast.IsNot() as operator], comparators=[ast.Constant(value=None)]):
            return found == name and truth == isinstance(operator, ast.IsNot)
        case ast.BoolOp(op=operator, values=parts):
            certain = isinstance(operator, ast.And) == truth  # then all parts have the same outcome
            return certain and any(_excludes(part, name, truth) for part in parts)
    return False


def _before(source: Source, name: ast.Name) -> Iterator[ast.stmt]:
    """Yield the statements that ran between the last binding of a name and its use, the latest first."""
    child: ast.AST = source.enclosing_statement(name)
    while (above := source.parent(child)) is not None:
        for field in ("body", "orelse", "finalbody"):
            block = getattr(above, field, [])
            if isinstance(block, list) and child in block:
                for statement in reversed(block[: block.index(child)]):
                    if _binds(statement, name.id):
                        return
                    if isinstance(statement, ast.Expr | ast.Assign | ast.AnnAssign | ast.If):
                        yield statement
        if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            return
        child = above


def _always_runs(source: Source, node: ast.AST, part: ast.AST) -> bool:
    """Return whether a node always runs when the statement or expression around it does."""
    child: ast.AST = node
    while child is not part and (above := source.parent(child)) is not None:
        match above:
            case ast.BoolOp(values=[first, *_]) if first is not child:
                return False
            case ast.IfExp(test=test) if test is not child:
                return False
            case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                return False
        child = above
    return True


def _binds(statement: ast.stmt, name: str) -> bool:
    return any(
        isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load) for node in ast.walk(statement)
    )
