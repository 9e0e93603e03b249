"""The exports of a module: its `__all__`, read from literals, `+`, `+=`, append and extend."""

from __future__ import annotations

import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.code.source import Source

NAME = "__all__"


class Exports:
    """The exports of a module. names: those in `__all__`; None if there is none. dynamic: whether others are computed."""

    def __init__(self, names: frozenset[str] | None, dynamic: bool = False) -> None:
        self.names = names
        self.dynamic = dynamic


def exports_of(source: Source | None) -> Exports:
    """Return the exports of a file. Raises CheckError if it cannot be parsed."""
    if source is None or NAME.encode() not in source.data:
        return Exports(None)
    names: set[str] = set()
    found = dynamic = False
    for statement in _statements(source.tree.body):
        value, adds = _value(statement)
        if value is None:
            continue
        found = True
        listed = _strings(value)
        if not adds:
            names, dynamic = set(), False
        if listed is None:
            dynamic = True
        else:
            names |= listed
    return Exports(frozenset(names) if found else None, dynamic)


def _statements(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements of a module, including those under `if` and `try`."""
    found: list[ast.stmt] = []
    for statement in body:
        found.append(statement)
        for inner in ("body", "orelse", "finalbody"):
            if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                found += _statements(getattr(statement, inner, []))
    return found


def _value(statement: ast.stmt) -> tuple[ast.expr | None, bool]:
    """The value that a statement assigns or adds to `__all__` (None if it does neither), and whether it adds."""
    if isinstance(statement, ast.Assign) and any(_is_all(target) for target in statement.targets):
        return statement.value, False
    if isinstance(statement, ast.AnnAssign) and _is_all(statement.target):
        return statement.value, False
    if isinstance(statement, ast.AugAssign) and _is_all(statement.target):
        return statement.value, True
    call = statement.value if isinstance(statement, ast.Expr) else None
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and _is_all(call.func.value):
        single = ast.List([*call.args], ast.Load())
        return (call.args[0] if call.func.attr == "extend" and call.args else single), True
    return None, False


def _is_all(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == NAME


def _strings(value: ast.expr) -> set[str] | None:
    """The strings in a list, a tuple, or a sum of them; None if it contains anything else."""
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
        left, right = _strings(value.left), _strings(value.right)
        return None if left is None or right is None else left | right
    if _is_all(value):
        return set()
    if not isinstance(value, ast.List | ast.Tuple | ast.Set):
        return None
    strings = [item.value if isinstance(item, ast.Constant) else None for item in value.elts]
    return {item for item in strings if isinstance(item, str)} if all(isinstance(item, str) for item in strings) else None
