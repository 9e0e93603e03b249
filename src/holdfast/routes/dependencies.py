"""The dependencies of FastAPI, `Depends` and `Security`, on parameters, decorators, routers and mounts; theirs included."""

from __future__ import annotations

import ast

from holdfast.code import definitions
from holdfast.code.definitions import Located
from holdfast.code.scopes import FunctionNode
from holdfast.routes import handlers, routing
from holdfast.routes.routing import Piece
from holdfast.secrets import names as secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.source import Source
    from holdfast.routes.routing import Route

DEPTH = 4  # dependencies of dependencies


def of(route: Route) -> Iterator[Piece]:
    """Yield the dependencies of a route, each followed by the dependencies that it has itself."""
    seen: set[ast.AST] = set()
    answering = handlers.functions(route)
    starts = [(function.source, expression) for function in answering for expression in parameters(function.node)]
    starts += [start for function in answering for start in _of_controller(function)]
    for layer in route.layers:
        if isinstance(layer.call, ast.Call):
            given = routing.argument(layer.call, "dependencies")
            listed = definitions.resolve(layer.source, given) if given is not None else None
            starts += [(listed.source, part) for part in getattr(listed.node, "elts", ())] if listed else []
    for source, expression in starts:
        yield from _depended(source, expression, seen, DEPTH)


def parameters(function: ast.AST) -> list[ast.expr]:
    """Return the annotations and defaults of the parameters of a function."""
    arguments = getattr(function, "args", None)
    if not isinstance(arguments, ast.arguments):
        return []
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    annotations = [argument.annotation for argument in every if argument.annotation]
    return [*annotations, *arguments.defaults, *(default for default in arguments.kw_defaults if default)]


def pieces(source: Source, given: ast.expr, seen: set[ast.AST], depth: int) -> Iterator[Piece]:
    """Yield one dependency as it is written, then the function or class that it names, then the dependencies of that one."""
    found = definitions.resolve(source, given.func if isinstance(given, ast.Call) else given)
    if _is_optional(given) or (found and _is_optional(found.node)):
        return
    yield Piece(where="dependency", source=source, node=given)
    if found and isinstance(found.node, ast.Call):  # token = OAuth2PasswordBearer(...)
        yield Piece(where="dependency", source=found.source, node=found.node)
        found = definitions.resolve(found.source, found.node.func)
    if found is None or not isinstance(found.node, FunctionNode | ast.ClassDef):
        return
    yield Piece(where="dependency", source=found.source, node=found.node)
    for part in _callables(found):
        for inner in parameters(part.node):
            yield from _depended(part.source, inner, seen, depth - 1)


def _of_controller(function: Located) -> Iterator[tuple[Source, ast.expr]]:
    """Yield annotations and values in the class around a handler, and in its bases: `user: User = Depends(get_user)`."""
    owner = function.source.enclosing(function.node, ast.ClassDef)
    for cls in definitions.lineage(Located(source=function.source, node=owner)) if owner else ():
        for part in getattr(cls.node, "body", ()):
            if isinstance(part, ast.AnnAssign):
                yield from ((cls.source, expression) for expression in (part.annotation, part.value) if expression)


def _depended(source: Source, expression: ast.expr, seen: set[ast.AST], depth: int) -> Iterator[Piece]:
    """Yield the dependencies that an annotation, a default or an element of `dependencies` names, and theirs."""
    whole: ast.AST = expression
    if isinstance(expression, ast.Name | ast.Attribute):
        alias = definitions.resolve(source, expression)  # CurrentUser = Annotated[User, Depends(get_user)]
        if alias is None or not isinstance(alias.node, ast.Subscript | ast.Call):
            return
        source, whole = alias.source, alias.node
    for written in ast.walk(whole):
        home, call = source, written
        if isinstance(written, ast.Call) and not _is_depends(written):  # CurrentUser(), which returns Depends(get_user)
            returned = definitions.returned(definitions.resolve(source, written.func))
            home, call = (returned[0].source, returned[0].node) if len(returned) == 1 else (source, written)
        if isinstance(call, ast.Call) and _is_depends(call):
            given = routing.argument(call, "dependency", 0)
            if given is not None and given not in seen and depth > 0:
                seen.add(given)
                yield from pieces(home, given, seen, depth)


def _is_depends(call: ast.Call) -> bool:
    return secrets.spoken_name(call.func) in ("Depends", "Security")


def _callables(found: Located) -> list[Located]:
    """Return a function and the functions in it, which it may return. For a class: the methods that FastAPI calls."""
    if isinstance(found.node, ast.ClassDef):
        methods = (definitions.member(found, name) for name in ("__call__", "__init__"))
        return [method for method in methods if method]
    nested = [part for part in getattr(found.node, "body", ()) if isinstance(part, FunctionNode)]
    return [found, *(Located(source=found.source, node=part) for part in nested)]


def _is_optional(made: ast.AST) -> bool:
    """Return whether a dependency is created with an argument that is False: `Auth(token_required=False)`."""
    given = made.keywords if isinstance(made, ast.Call) else []
    return any(isinstance(keyword.value, ast.Constant) and keyword.value.value is False for keyword in given)
