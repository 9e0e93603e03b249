"""Resolve names by Python's scopes, one name at a time."""

from __future__ import annotations

import ast
import builtins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Protocol, TypeVar

    Node = TypeVar("Node", bound=ast.AST)

    class Index(Protocol):
        """The parts of a file that resolving names needs: its nodes by type, their parents, and the nodes that bind names."""

        by_scope: dict[str, dict[Scope, list[ast.AST]]]

        @property
        def tree(self) -> ast.Module: ...
        @property
        def binder_table(self) -> dict[str, list[ast.AST]]: ...
        def nodes(self, *kinds: Any) -> Iterator[Any]: ...
        def parent(self, node: ast.AST) -> ast.AST | None: ...
        def ancestors(self, node: ast.AST) -> Iterator[ast.AST]: ...
        def enclosing(self, node: ast.AST, *kinds: type[Node]) -> Node | None: ...
        def function(self, node: ast.AST) -> FunctionNode | None: ...
        def definitions(self, node: ast.AST) -> tuple[Definition, ...]: ...


FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
Definition = FunctionNode | ast.ClassDef
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
Scope = ast.Module | ast.ClassDef | FunctionNode | ast.Lambda | Comprehension

DEEP = 30


def definitions(
    parents: dict[ast.AST, ast.AST], known: dict[ast.AST, tuple[Definition, ...]], node: ast.AST
) -> tuple[Definition, ...]:
    """See Source.definitions. known: earlier answers about definitions and about deeply nested nodes."""
    passed: list[ast.AST] = []
    above = parents.get(node)
    while above is not None and above not in known and not isinstance(above, Definition):
        passed.append(above)
        above = parents.get(above)
    found: tuple[Definition, ...] = ()
    if isinstance(above, Definition) and above not in known:
        known[above] = (above, *definitions(parents, known, above))
    if above is not None:
        found = known[above]
    if len(passed) > DEEP:  # the branches of a long `elif` chain are nested, and each may be asked
        known.update(dict.fromkeys(passed, found))
    return found


def table(source: Index) -> dict[str, list[ast.AST]]:
    """All nodes that bind a name, by that name."""
    found: dict[str, list[ast.AST]] = {}
    for name in source.nodes(ast.Name):
        if not isinstance(name.ctx, ast.Load):
            found.setdefault(name.id, []).append(name)
    for argument in source.nodes(ast.arg):
        found.setdefault(argument.arg, []).append(argument)
    for definition in source.nodes(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef):
        found.setdefault(definition.name, []).append(definition)
    for alias in source.nodes(ast.alias):
        bound = alias.asname or (alias.name if _is_from(source, alias) else alias.name.partition(".")[0])
        found.setdefault(bound, []).append(alias)
    for capture in source.nodes(ast.ExceptHandler, ast.MatchAs, ast.MatchStar):
        if capture.name:
            found.setdefault(capture.name, []).append(capture)
    for mapping in source.nodes(ast.MatchMapping):
        if mapping.rest:
            found.setdefault(mapping.rest, []).append(mapping)
    return found


def _is_from(source: Index, alias: ast.alias) -> bool:
    return isinstance(source.parent(alias), ast.ImportFrom)


def _around(source: Index, node: ast.AST) -> Iterator[Scope]:
    """Yield the scopes in which Python looks up a name at this node, innermost first."""
    child, direct = node, True
    above = source.parent(node)
    while above is not None:
        if isinstance(above, Definition):
            inside = isinstance(child, ast.stmt)  # not its decorators, defaults, annotations and bases
        else:
            inside = not isinstance(above, ast.Lambda) or child is above.body
        if inside and isinstance(above, Scope) and (direct or not isinstance(above, ast.ClassDef)):
            yield above
        if isinstance(above, FunctionNode | ast.Lambda) and inside:
            direct = False  # the functions of a class do not see the names in its body
        child = above
        if isinstance(above, ast.stmt) and not isinstance(above, Definition):
            above = next(iter(source.definitions(above)), source.tree)  # no scope is between a statement and its definition
        else:
            above = source.parent(above)


def _scope_of(source: Index, binder: ast.AST, name: str) -> Scope:
    """The scope in which a node binds a name."""
    if isinstance(binder, ast.arg):
        return source.enclosing(binder, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda) or source.tree
    target: ast.AST = binder
    above = source.parent(binder)
    while isinstance(above, ast.Tuple | ast.List | ast.Starred):
        target, above = above, source.parent(above)
    of_comprehension = isinstance(above, ast.comprehension) and above.target is target
    for scope in _around(source, binder):
        if isinstance(scope, Comprehension) and not of_comprehension:
            continue
        if isinstance(scope, FunctionNode) and _declared(source, scope, name, ast.Global):
            return source.tree
        if isinstance(scope, FunctionNode) and _declared(source, scope, name, ast.Nonlocal):
            continue
        return scope
    return source.tree


def _declared(source: Index, function: FunctionNode, name: str, kind: type[ast.Global] | type[ast.Nonlocal]) -> bool:
    return any(name in statement.names and source.function(statement) is function for statement in source.nodes(kind))


def binders(source: Index, name: str, at: ast.AST) -> list[ast.AST]:
    """See Source.binders."""
    known = source.binder_table.get(name)
    if not known:
        return []
    by_scope = source.by_scope.get(name)
    if by_scope is None:
        by_scope = source.by_scope[name] = {}
        for binder in known:
            by_scope.setdefault(_scope_of(source, binder, name), []).append(binder)
    return next((by_scope[scope] for scope in _around(source, at) if scope in by_scope), [])


def qualname(source: Index, node: ast.AST, depth: int = 5) -> str | None:
    """See Source.qualname."""
    attributes: list[str] = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or not depth:
        return None
    found = binders(source, node.id, node)
    root: str | None = None
    if not found:
        root = f"builtins.{node.id}" if hasattr(builtins, node.id) else None
    elif imported := [_imported(source, alias) for alias in found if isinstance(alias, ast.alias)]:
        root = imported[0]
    elif len(found) == 1:
        above = source.parent(found[0])
        if isinstance(above, ast.Assign) and found[0] in above.targets:
            root = qualname(source, above.value, depth - 1)
    return ".".join([root, *reversed(attributes)]) if root else None


def _imported(source: Index, alias: ast.alias) -> str:
    above = source.parent(alias)
    if isinstance(above, ast.ImportFrom):
        return f"{'.' * above.level}{above.module or ''}{'.' if above.module else ''}{alias.name}"
    return alias.name if alias.asname else alias.name.partition(".")[0]


def attributes(source: Index) -> dict[tuple[ast.ClassDef, str], list[ast.expr]]:
    """See Source.attributes."""
    found: dict[tuple[ast.ClassDef, str], list[ast.expr]] = {}
    for assignment in source.nodes(ast.Assign, ast.AnnAssign):
        owner = source.enclosing(assignment, ast.ClassDef)
        if owner is None or assignment.value is None:
            continue
        for target in assignment.targets if isinstance(assignment, ast.Assign) else [assignment.target]:
            match target:
                case ast.Attribute(attr=name, value=ast.Name(id="self" | "cls")):
                    found.setdefault((owner, name), []).append(assignment.value)
                case ast.Name(id=name) if source.parent(assignment) is owner:
                    found.setdefault((owner, name), []).append(assignment.value)
    return found
