"""Litestar: handlers, controllers and routers with their paths; the guards and middleware of each of these layers."""

from __future__ import annotations

import ast
import re

from holdfast.code import definitions
from holdfast.code.definitions import Located
from holdfast.code.scopes import FunctionNode
from holdfast.record import Record
from holdfast.routes import routing
from holdfast.routes.routing import Endpoint, Layer, Mount, Route, Router

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.source import Source

HINT = re.compile(rb"\b(litestar|starlite)\b")
PACKAGES = frozenset({"litestar", "starlite"})
MAKERS = frozenset({"Litestar", "Starlite", "Router"})
SECURITY = ("litestar.security.", "starlite.security.", "starlite.contrib.jwt.", "litestar.contrib.jwt.")


class Applied(Record):
    """A guard or a middleware of a layer.

    where: guard, middleware or authentication. node: its definition. call: the call that creates it, which may exclude paths.
    """

    where: str
    source: Source
    node: ast.AST
    call: Located | None = None


def find(source: Source) -> Iterator[Router | Mount | Endpoint]:
    """Yield the handlers, controllers, routers and applications that a file declares."""
    if not HINT.search(source.data):
        return
    for call in source.nodes(ast.Call):
        if _name(source, call.func) in MAKERS:
            on = Router(source=source, node=call, framework="litestar", prefix=_path(source, call), is_app=True)
            yield on
            yield from _mounted(source, call, routing.argument(call, "route_handlers"), call)
        elif isinstance(call.func, ast.Attribute) and call.func.attr == "register" and len(call.args) == 1:
            made = routing.made_by(source, call.func.value)
            if made and isinstance(made.node, ast.Call) and _name(made.source, made.node.func) in MAKERS:
                yield from _mounted(source, call, ast.List(elts=[call.args[0]]), made.node)
    for decorator, definition in routing.decorated(source, lambda call: _methods(source, call)):
        yield from _endpoints(source, decorator, Located(source=source, node=definition))


def _name(source: Source, callee: ast.expr) -> str:
    """Return the name of something in Litestar; "" for anything else."""
    qualname = source.qualname(callee) or ""
    return qualname.rpartition(".")[2] if qualname.partition(".")[0] in PACKAGES else ""


def _path(source: Source, call: ast.Call) -> str:
    position = 0 if _name(source, call.func) == "Router" else None
    return definitions.text(source, routing.argument(call, "path", position))


def _methods(source: Source, decorator: ast.Call) -> tuple[str, ...]:
    """Return the methods of `@post(...)` or `@route(http_method=[...])`; none for other decorators."""
    name = _name(source, decorator.func)
    if name in routing.HTTP_METHODS:
        return (name.upper(),)
    given = routing.argument(decorator, "http_method") if name in ("route", "HTTPRouteHandler") else None
    listed = routing.strings(source, given) or ((definitions.text(source, given).upper(),) if given is not None else ())
    return tuple(method.rpartition(".")[2].strip("{}") for method in listed)


def _mounted(source: Source, call: ast.Call, listed: ast.expr | None, outer: ast.AST) -> Iterator[Mount]:
    """Yield the mounts of `route_handlers`: functions, controllers, routers."""
    for part in _elements(source, listed):
        inner = definitions.resolve(part.source, part.node)
        if inner and isinstance(inner.node, ast.Call | ast.ClassDef | FunctionNode):
            layer = Layer(source=source, call=call)
            yield Mount(inner=inner.node, outer=outer, prefix="", layer=layer, condition=routing.condition(source, call))


def _elements(source: Source, listed: ast.AST | None, depth: int = routing.DEPTH) -> list[Located]:
    """Return the elements of a list, of lists in it, and of lists that are added."""
    found = definitions.resolve(source, listed) if listed is not None and depth else None
    if found and isinstance(found.node, ast.BinOp):
        return [part for side in (found.node.left, found.node.right) for part in _elements(found.source, side, depth - 1)]
    parts: list[Located] = []
    for part in getattr(found.node, "elts", ()) if found else ():
        if found and isinstance(part, ast.Starred):
            parts += _elements(found.source, part.value, depth - 1)
        elif found:
            parts.append(Located(source=found.source, node=part))
    return parts


def _endpoints(source: Source, decorator: ast.Call, handler: Located) -> Iterator[Router | Endpoint]:
    """Yield an endpoint for each path of a function or of a controller's method."""
    if not isinstance(handler.node, FunctionNode):
        return
    owner = source.parent(handler.node)
    cls = Located(source=source, node=owner) if isinstance(owner, ast.ClassDef) else None
    given = definitions.member(cls, "path") if cls else None
    prefix = definitions.text(given.source, given.node) if given and isinstance(given.node, ast.expr) else ""
    on = Router(source=source, node=owner if cls and owner else handler.node, framework="litestar", prefix=prefix)
    yield on
    written = routing.argument(decorator, "path", 0)
    for path in _elements(source, written) or [Located(source=source, node=written)] if written is not None else [None]:
        yield Endpoint(
            router=on.node,
            path=definitions.text(path.source, path.node) if path else "",
            methods=_methods(source, decorator),
            framework="litestar",
            called=source.symbol(handler.node),
            handler=handler,
            place=handler,
            layers=(Layer(source=source, call=decorator),),
            condition=routing.condition(source, decorator),
        )


def applied(route: Route) -> Iterator[Applied]:
    """Yield the guards and middleware of a route's layers."""
    for layer in route.layers:
        for where, name in (("guard", "guards"), ("middleware", "middleware")):
            if isinstance(layer.call, ast.Call):
                listed = _elements(layer.source, routing.argument(layer.call, name))
            else:
                own = definitions.member(Located(source=layer.source, node=layer.call), name)
                listed = _elements(own.source, own.node) if own else []
            yield from (one for part in listed for one in _applied(where, part))


def of_application(source: Source) -> Iterator[Applied]:
    """Yield what holds for all routes: `app_config.middleware.append(...)`, and Litestar's own authentication."""
    if not HINT.search(source.data):
        return
    for call in source.nodes(ast.Call):
        if is_authentication(source, call):
            made = Located(source=source, node=call)
            yield Applied(where="authentication", source=source, node=call, call=made)
        if not isinstance(call.func, ast.Attribute):
            continue
        if call.func.attr in ("append", "extend", "insert") and call.args and isinstance(call.func.value, ast.Attribute):
            where = {"guards": "guard", "middleware": "middleware"}.get(call.func.value.attr, "")
            given = call.args[-1]
            listed = _elements(source, given) if call.func.attr == "extend" else [Located(source=source, node=given)]
            yield from (one for part in listed for one in _applied(where, part) if where)


def _applied(where: str, part: Located) -> Iterator[Applied]:
    """Yield what an element of such a list names: `config.middleware` the config, `DefineMiddleware(cls)` the class."""
    node = part.node
    if where == "guard":
        yield Applied(where=where, source=part.source, node=node)
        return
    if isinstance(node, ast.Attribute) and node.attr == "middleware":
        node = node.value
    made = routing.made_by(part.source, node)
    if made is None or not isinstance(made.node, ast.Call):
        found = definitions.resolve(part.source, node) or part
        yield Applied(where=where, source=found.source, node=found.node)
        return
    inner = made.node.args[0] if _name(made.source, made.node.func) == "DefineMiddleware" and made.node.args else None
    cls = definitions.resolve(made.source, inner) if inner is not None else None
    yield Applied(where=where, source=(cls or made).source, node=(cls or made).node, call=made)


def is_authentication(source: Source, call: ast.Call) -> bool:
    """Return whether a call creates Litestar's own authentication: `JWTAuth[User](...)`."""
    callee = call.func.value if isinstance(call.func, ast.Subscript) else call.func
    qualname = source.qualname(callee) or ""
    return qualname.startswith(SECURITY) and qualname.endswith("Auth")


def is_excluded(one: Applied, route: Route) -> bool | None:
    """Return whether a middleware excludes a route, by its path or by an option of its handler; None where that is unknown."""
    if one.call is None or not isinstance(one.call.node, ast.Call):
        return False
    source, call = one.call.source, one.call.node
    key = definitions.text(source, routing.argument(call, "exclude_opt_key")) or "exclude_from_auth"
    for layer in route.layers:
        given = [*layer.call.keywords] if isinstance(layer.call, ast.Call) else []
        if any(keyword.arg == key and isinstance(keyword.value, ast.Constant) and keyword.value.value for keyword in given):
            return True
    exclude = routing.argument(call, "exclude")
    if exclude is None:
        return False
    found = definitions.resolve(source, exclude)
    parts = _elements(source, exclude) or ([found] if found and isinstance(found.node, ast.Constant) else [])
    patterns = [definitions.text(part.source, part.node) for part in parts]
    try:
        if any(pattern and "{" not in pattern and re.search(pattern, route.path) for pattern in patterns):
            return True
    except re.error:
        return None
    return False if parts and not any("{" in pattern for pattern in patterns) else None
