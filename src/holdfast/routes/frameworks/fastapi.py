"""FastAPI and Starlette: routers with prefixes, include_router, mounted applications, decorators and add_api_route."""

from __future__ import annotations

import ast
import re

from holdfast.code import definitions
from holdfast.code.definitions import Located
from holdfast.routes import routing
from holdfast.routes.routing import Endpoint, Layer, Mount, Router

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.source import Source

HINT = re.compile(rb"fastapi|starlette|APIRouter|\brouter\b|include_router|add_api_route|\.mount\(", re.IGNORECASE)
APPS = ("FastAPI", "Starlette", "Litestar", "Sanic")
ROUTERS = ("APIRouter", "Router", "APIRoute", "Blueprint")
DECORATORS = frozenset({*routing.HTTP_METHODS, "api_route", "route"})
GIVEN = re.compile(r"FastAPI|APIRouter|Starlette")

LIBRARY = {
    "get_auth_router": ("/login",),
    "get_register_router": ("/register",),
    "get_reset_password_router": ("/forgot-password", "/reset-password"),
    "get_verify_router": ("/request-verify-token", "/verify"),
}
"""The paths of the routers of fastapi-users, https://fastapi-users.github.io/fastapi-users/latest/usage/routes/."""


def find(source: Source) -> Iterator[Router | Mount | Endpoint]:
    """Yield the routers, mounts and endpoints that a file declares."""
    if not HINT.search(source.data):
        return
    for call in source.nodes(ast.Call):
        method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if method in ("include_router", "mount"):
            yield from _mounts(source, call, method)
        elif method in ("add_api_route", "add_route"):
            for one in routing.unrolled(source, call):
                yield from _added(source, one)
        elif isinstance(call.func, ast.Call):
            yield from _called(source, call.func, call)
    for decorator, definition in routing.decorated(source, _is_route):
        yield from _endpoint(source, decorator, Located(source=source, node=definition))


def _is_route(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in DECORATORS


def router(source: Source, expression: ast.AST) -> Router | None:
    """Return the application or router that an expression names."""
    made = routing.made_by(source, expression)
    if made is None or not isinstance(made.node, ast.Call):
        return routing.given(source, expression, "fastapi", GIVEN)
    kind = _kind(made.source, made.node.func)
    if not kind:
        return None
    prefix = definitions.text(made.source, routing.argument(made.node, "prefix"))
    return Router(source=made.source, node=made.node, framework="fastapi", prefix=prefix, is_app=kind in APPS)


def _kind(source: Source, callee: ast.expr) -> str:
    """Return FastAPI, APIRouter or the like, also for classes of the project that derive from them; "" for others."""
    qualname = source.qualname(callee) or ""
    name = qualname.rpartition(".")[2]
    if qualname.partition(".")[0] in ("fastapi", "starlette") and name in (*APPS, *ROUTERS):
        return name
    cls = definitions.resolve(source, callee)
    if cls and isinstance(cls.node, ast.ClassDef):
        bases = {base.rpartition(".")[2] for base in definitions.foreign_bases(cls) if base.startswith(("fastapi", "starlette"))}
        return next((base for base in (*APPS, *ROUTERS) if base in bases), "")
    return "APIRouter" if name.endswith(("APIRouter", "InferringRouter")) else ""


def _mounts(source: Source, call: ast.Call, method: str) -> Iterator[Router | Mount | Endpoint]:
    given = routing.argument(call, "router", 0) if method == "include_router" else routing.argument(call, "app", 1)
    outer = router(source, call.func.value) if isinstance(call.func, ast.Attribute) else None
    if given is None or (outer is None and method == "mount"):
        return
    written = routing.argument(call, "prefix") if method == "include_router" else routing.argument(call, "path", 0)
    prefix = definitions.text(source, written)
    for expression in routing.each(source, given):
        inner = router(expression.source, expression.node)
        if inner is None:
            yield from _of_library(expression, outer, call, prefix) if outer else ()
            continue
        yield inner
        if outer:
            yield outer
        yield Mount(
            inner=inner.node,
            outer=outer.node if outer else None,
            prefix=prefix,
            layer=Layer(source=source, call=call),
            condition=routing.condition(source, call),
        )


def _of_library(expression: Located, on: Router, call: ast.Call, prefix: str) -> Iterator[Router | Endpoint]:
    """Yield the endpoints of fastapi-users: `app.include_router(fastapi_users.get_auth_router(backend), prefix="/auth")`."""
    made = definitions.resolve(expression.source, expression.node)
    callee = made.node.func if made and isinstance(made.node, ast.Call) else None
    for path in LIBRARY.get(callee.attr, ()) if isinstance(callee, ast.Attribute) else ():
        yield on
        yield Endpoint(
            router=on.node,
            path=routing.joined(prefix, path),
            methods=("POST",),
            framework="fastapi",
            called=f"fastapi_users.{getattr(callee, 'attr', '')}",
            handler=None,
            place=Located(source=expression.source, node=call),
            layers=(Layer(source=expression.source, call=call),),
            condition=routing.condition(expression.source, call),
        )


def _endpoint(source: Source, decorator: ast.Call, handler: Located) -> Iterator[Router | Endpoint]:
    func = decorator.func
    on = router(source, func.value) if isinstance(func, ast.Attribute) else None
    if on is None or not isinstance(func, ast.Attribute):
        return
    listed = routing.strings(source, routing.argument(decorator, "methods"))
    methods = (func.attr.upper(),) if func.attr in routing.HTTP_METHODS else listed or ("GET",)
    path = definitions.text(source, routing.argument(decorator, "path", 0))
    yield on
    yield Endpoint(
        router=on.node,
        path=path,
        methods=methods,
        framework=on.framework,
        called=handler.name,
        handler=handler,
        place=handler,
        layers=(Layer(source=source, call=decorator),),
        condition=routing.condition(source, decorator),
    )


def _called(source: Source, decorator: ast.Call, call: ast.Call) -> Iterator[Router | Endpoint]:
    """Yield the endpoint of `router.post("/x")(handler)`."""
    if _is_route(decorator) and len(call.args) == 1:
        handler = definitions.resolve(source, call.args[0])
        if handler and handler.name:
            yield from _endpoint(source, decorator, handler)


def _added(source: Source, call: ast.Call) -> Iterator[Router | Endpoint]:
    """Yield the endpoint of `router.add_api_route("/x", handler, methods=["POST"])`."""
    given = routing.argument(call, "endpoint", 1) or routing.argument(call, "route", 1)
    handler = definitions.resolve(source, given) if given is not None else None
    if handler is None or not handler.name or not isinstance(call.func, ast.Attribute):
        return
    on = router(source, call.func.value)
    if on is None:
        return
    yield on
    yield Endpoint(
        router=on.node,
        path=definitions.text(source, routing.argument(call, "path", 0)),
        methods=routing.strings(source, routing.argument(call, "methods")) or ("GET",),
        framework=on.framework,
        called=handler.name,
        handler=handler,
        place=handler,
        layers=(Layer(source=source, call=call),),
        condition=routing.condition(source, call),
    )
