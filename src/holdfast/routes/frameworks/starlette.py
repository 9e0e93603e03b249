"""Starlette's lists of routes: `Route("/x", handler)` and `Mount("/y", routes=[...])`, given to an application or a router.

A list plays the part of a router (https://www.starlette.io/routing/).
"""

from __future__ import annotations

import ast

from holdfast.code import definitions
from holdfast.routes import routing
from holdfast.routes.frameworks import fastapi, flask
from holdfast.routes.routing import Endpoint, Layer, Mount, Router

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.source import Source

DEPTH = 6  # lists that are made of lists


def find(source: Source) -> Iterator[Router | Mount | Endpoint]:
    """Yield the lists of routes of a file, their routes, and the applications that get them."""
    if b"starlette" not in source.data and b"fastapi" not in source.data:
        return
    for call in source.nodes(ast.Call):
        kind = _kind(source, call)
        if kind == "Route":
            yield from _route(source, call)
        elif kind in ("Mount", "Host"):
            yield from _mount(source, call, kind)
        else:
            yield from _application(source, call)
    for several in source.nodes(ast.List):
        for part in several.elts:
            if isinstance(part, ast.Starred):  # [*auth_routes, Route(...)]
                yield from _into(source, part.value, several, "", several)


def _kind(source: Source, call: ast.Call) -> str:
    """Return Route, Mount or Host; "" for other calls."""
    package, _, name = (source.qualname(call.func) or "").rpartition(".")
    return name if name in ("Route", "Mount", "Host") and package in ("starlette.routing", "fastapi.routing") else ""


def _route(source: Source, call: ast.Call) -> Iterator[Endpoint]:
    """Yield the endpoint of `Route("/x", handler, methods=["POST"])`; the handler may be wrapped in calls."""
    given = routing.argument(call, "endpoint", 1)
    handler = flask.view(source, given) if given is not None else None
    if handler is None:
        return
    listed = routing.strings(source, routing.argument(call, "methods"))
    answered = flask.class_methods(handler) if isinstance(handler.node, ast.ClassDef) else ()
    yield Endpoint(
        router=_list_around(source, call),
        path=definitions.text(source, routing.argument(call, "path", 0)),
        methods=listed or answered or ("GET",),
        framework="starlette",
        called=handler.name,
        handler=handler,
        place=handler,
        layers=(Layer(source=source, call=call),),
        condition=routing.condition(source, call),
    )


def _mount(source: Source, call: ast.Call, kind: str) -> Iterator[Router | Mount]:
    """Yield the mounts of `Mount("/x", routes=[...])` or `Mount("/x", app=router)`."""
    prefix = definitions.text(source, routing.argument(call, "path", 0)) if kind == "Mount" else ""
    holder = _list_around(source, call)
    for given in (routing.argument(call, "routes"), routing.argument(call, "app", 1)):
        if given is not None:
            yield from _into(source, given, holder, prefix, call)


def _application(source: Source, call: ast.Call) -> Iterator[Router | Mount]:
    """Yield the router and mounts of `Starlette(routes=[...])`, `Router([...])`."""
    given = routing.argument(call, "routes") or (call.args[0] if call.args and isinstance(call.args[0], ast.List) else None)
    made = fastapi.router(source, call) if given is not None else None
    if made and given is not None:
        yield made
        yield from _into(source, given, made.node, "", call)


def _list_around(source: Source, call: ast.Call) -> ast.AST:
    """Return the list that contains a route, or to which it is appended; the file, where there is none."""
    parent = source.parent(call)
    if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Attribute) and parent.func.attr in ("append", "insert"):
        found = definitions.resolve(source, parent.func.value)
        parent = found.node if found else None
    return parent if isinstance(parent, ast.List) else source.tree


def _into(
    source: Source, given: ast.expr, outer: ast.AST, prefix: str, call: ast.AST, depth: int = DEPTH
) -> Iterator[Router | Mount]:
    """Yield the mounts of the routes in an expression: a list, lists that are added, or a router."""
    if isinstance(given, ast.BinOp) and depth:
        yield from _into(source, given.left, outer, prefix, call, depth - 1)
        yield from _into(source, given.right, outer, prefix, call, depth - 1)
        return
    if isinstance(given, ast.Attribute) and given.attr == "routes":
        given = given.value
    found = definitions.resolve(source, given)
    if found and isinstance(found.node, ast.BinOp) and depth:
        yield from _into(found.source, found.node, outer, prefix, call, depth - 1)
        return
    made = fastapi.router(source, given)
    if made:
        yield made
    inner = made.node if made else found.node if found and isinstance(found.node, ast.List) else None
    if inner is not None and inner is not outer:
        yield Mount(
            inner=inner,
            outer=outer,
            prefix=prefix,
            layer=Layer(source=source, call=call),
            condition=routing.condition(source, call),
        )
