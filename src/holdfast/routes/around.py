"""What runs with a route: decorators, dependencies, routers, hooks, middleware, class attributes and function bodies."""

from __future__ import annotations

import ast

from holdfast.code import definitions
from holdfast.code.scopes import FunctionNode
from holdfast.code.words import words, wordset
from holdfast.routes import dependencies, handlers
from holdfast.routes.frameworks import litestar
from holdfast.routes.routing import Piece

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.routes.hooks import Hooks
    from holdfast.routes.routing import Route

HARMLESS = wordset("get post put patch delete route db database auth session")  # decorators of routes, dependencies that provide
ENTRANCES = wordset("login signin token tokens session sessions")
OUTER = frozenset({"decorator", "dependency", "hook", "middleware"})
"""The places of pieces that run before the handler."""


def pieces(route: Route, hooks: Hooks) -> list[Piece]:
    """Return everything that runs with a route, the nearest first."""
    found = [*_on_definitions(route), *dependencies.of(route), *_on_layers(route, hooks), *handlers.bodies(route)]
    if route.framework == "litestar":
        found += _applied(route, hooks)
    return [*found, *hooks.around(route)]


def is_entrance(route: Route) -> bool:
    """Return whether a route hands out a session or a token, by its name and path: `POST /tokens`."""
    named = words(f"{route.called}_{route.path.rpartition('/')[2]}")
    return "POST" in route.methods and bool(ENTRANCES & set(named))


def is_basic_login(route: Route, piece: Piece) -> bool:
    """Return whether a decorator asks for a password by HTTP Basic on a route that hands out a session or a token."""
    if piece.where != "decorator" or not is_entrance(route):
        return False
    callee = piece.node.func if isinstance(piece.node, ast.Call) else piece.node
    owner = definitions.resolve(piece.source, callee.value) if isinstance(callee, ast.Attribute) else None
    made = owner.source.show(owner.node, redact=False) if owner and isinstance(owner.node, ast.Call) else ""
    return "basic" in words(piece.source.show(callee)) or "HTTPBasicAuth" in made


def unresolved(route: Route, pieces: list[Piece]) -> Iterator[Piece]:
    """Yield each decorator, dependency, hook and middleware that should be in the project and was not found there.

    Code of a library is known by its name. Code of the project that was not found may do anything.
    """
    registering = {layer.call for layer in route.layers}
    for piece in pieces:
        node = piece.node.func if isinstance(piece.node, ast.Call) else piece.node
        if piece.where not in OUTER or piece.node in registering or HARMLESS & set(words(piece.name)):
            continue
        if isinstance(node, ast.Name | ast.Attribute) and definitions.is_missing(piece.source, node):
            yield piece


def _on_definitions(route: Route) -> Iterator[Piece]:
    """Yield the decorators of the handler's functions and classes, and the classes themselves."""
    handler = route.handler
    classes = definitions.lineage(handler) if handler and isinstance(handler.node, ast.ClassDef) else []
    for definition in [*handlers.functions(route), *classes]:
        for decorator in getattr(definition.node, "decorator_list", ()):
            yield Piece(where="decorator", source=definition.source, node=decorator)
            for argument in decorator.args if isinstance(decorator, ast.Call) else ():  # method_decorator(limit, name="post")
                if isinstance(argument, ast.Call | ast.Name | ast.Attribute):
                    yield Piece(where="decorator", source=definition.source, node=argument)
    for cls in classes:
        for name in ("decorators", "method_decorators"):
            listed = definitions.own_member(cls, name)
            for part in getattr(listed.node, "elts", ()) if listed else ():
                yield Piece(where="decorator", source=cls.source, node=part)
        yield Piece(where="class", source=cls.source, node=cls.node)


def _applied(route: Route, hooks: Hooks) -> Iterator[Piece]:
    """Yield the guards, middleware and authentication of Litestar's layers, except those that exclude the route.

    Authentication whose exclusions cannot be read counts as middleware, not as a dependency.
    """
    seen: set[ast.AST] = set()
    for one in (*litestar.applied(route), *hooks.litestar):
        excluded = litestar.is_excluded(one, route)
        if one.where == "guard" and isinstance(one.node, ast.expr):
            yield from dependencies.pieces(one.source, one.node, seen, dependencies.DEPTH - 1)
        elif not excluded:
            certain = one.where == "authentication" and excluded is False
            yield Piece(where="dependency" if certain else "middleware", source=one.source, node=one.node)


def _on_layers(route: Route, hooks: Hooks) -> Iterator[Piece]:
    """Yield the routers, mounts and wrappers around a route, each with its own hooks."""
    for layer in route.layers:
        if not isinstance(layer.call, ast.Module | ast.ClassDef | FunctionNode):  # the code of a controller is not around the route
            yield Piece(where="router", source=layer.source, node=layer.call)
        yield from hooks.by_router.get(layer.call, ())
    if route.handler:
        yield from hooks.by_router.get(route.handler.node, ())
