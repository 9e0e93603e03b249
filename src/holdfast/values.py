"""Where a value comes from: the expressions that may have been assigned to a name, in a function, a class or a module."""

from __future__ import annotations

import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.source import Source

DEPTH = 4


def of(source: Source, name: ast.Name) -> list[ast.expr]:
    """The expressions that may have been assigned to a name before it is used; empty where some assignment is not known.

    Followed are `x = ...`, `x: T = ...`, `(x := ...)` and `x, y = a, b`. Parameters, loops, `with`, imports and unpacking of
    calls are not.
    """
    found: list[ast.expr] = []
    for binder in source.binders(name.id, name):
        value = assigned(source, binder)
        if value is None:
            return []
        found.append(value)
    earlier = [value for value in found if (value.lineno, value.col_offset) < (name.lineno, name.col_offset)]
    return earlier or found


def assigned(source: Source, binder: ast.AST) -> ast.expr | None:
    """The expression that a binder gives its name, or None."""
    above = source.parent(binder)
    if isinstance(above, ast.Assign) and binder in above.targets:
        return above.value
    if isinstance(above, ast.AnnAssign | ast.NamedExpr) and above.target is binder:
        return above.value
    if isinstance(above, ast.Tuple):
        outer = source.parent(above)
        if isinstance(outer, ast.Assign) and isinstance(outer.value, ast.Tuple) and len(outer.value.elts) == len(above.elts):
            return next(value for target, value in zip(above.elts, outer.value.elts, strict=True) if target is binder)
    return None


def of_attribute(source: Source, attribute: ast.Attribute) -> list[ast.expr]:
    """The expressions that the class around assigns to `self.x`, in any of its methods or its body."""
    owner = source.enclosing(attribute, ast.ClassDef)
    if owner is None or not isinstance(attribute.value, ast.Name) or attribute.value.id not in ("self", "cls"):
        return []
    found: list[ast.expr] = []
    for assignment in source.nodes(ast.Assign, ast.AnnAssign):
        targets = assignment.targets if isinstance(assignment, ast.Assign) else [assignment.target]
        for target in targets:
            if not _names(target, attribute.attr) or assignment.value is None:
                continue
            inside = source.enclosing(target, ast.ClassDef) is owner
            if inside and (isinstance(target, ast.Attribute) or source.parent(assignment) is owner):
                found.append(assignment.value)
    return found


def _names(target: ast.expr, name: str) -> bool:
    if isinstance(target, ast.Attribute):
        return target.attr == name and isinstance(target.value, ast.Name) and target.value.id in ("self", "cls")
    return isinstance(target, ast.Name) and target.id == name


def origins(source: Source, expression: ast.expr, depth: int = DEPTH) -> Iterator[ast.expr]:
    """An expression and, followed through names and attributes of `self`, the expressions it may stand for."""
    yield expression
    if depth and isinstance(expression, ast.Name):
        following = of(source, expression)
    elif depth and isinstance(expression, ast.Attribute):
        following = of_attribute(source, expression)
    else:
        return
    for value in following:
        yield from origins(source, value, depth - 1)
