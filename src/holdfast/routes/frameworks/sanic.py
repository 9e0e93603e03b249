"""Sanic: blueprints, groups of them and versions, decorators, add_route, class-based views, the endpoints of sanic-jwt."""

from __future__ import annotations

import ast
import re

from holdfast.code import definitions
from holdfast.code.definitions import Located
from holdfast.routes import routing
from holdfast.routes.frameworks import flask
from holdfast.routes.routing import Endpoint, Layer, Mount, Router

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.source import Source

HINT = re.compile(rb"\bsanic")
GIVEN = re.compile(r"\b(Sanic|Blueprint)\b")
DECORATORS = frozenset({*routing.HTTP_METHODS, "route"})
JWT = frozenset({"sanic_jwt.initialize", "sanic_jwt.Initialize"})


def find(source: Source) -> Iterator[Router | Mount | Endpoint]:
    """Yield the applications, blueprints, registrations and endpoints that a file declares."""
    if not HINT.search(source.data):
        return
    for call in source.nodes(ast.Call):
        method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if method == "blueprint":
            yield from _registration(source, call)
        elif method == "group":
            yield from _group(source, call)
        elif method == "add_route":
            for one in routing.unrolled(source, call):
                yield from _added(source, one)
        elif source.qualname(call.func) in JWT:
            yield from _jwt(source, call)
    for decorator, definition in routing.decorated(source, _is_route):
        yield from _endpoint(source, decorator, Located(source=source, node=definition))
    for cls in source.nodes(ast.ClassDef):
        yield from _attached(source, cls)


def _is_route(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in DECORATORS


def router(source: Source, expression: ast.AST) -> Router | None:
    """Return the application, blueprint or group that an expression names."""
    made = routing.made_by(source, expression)
    if made is None or not isinstance(made.node, ast.Call):
        return routing.given(source, expression, "sanic", GIVEN, flask.USUAL)
    kind, call = _kind(made.source, made.node.func), made.node
    if not kind:
        return None
    named = routing.argument(call, "url_prefix", 1 if kind == "Blueprint" else None)
    prefix = routing.joined(_version(made.source, call), definitions.text(made.source, named))
    return Router(source=made.source, node=call, framework="sanic", prefix=prefix, is_app=kind == "Sanic")


def _kind(source: Source, callee: ast.expr) -> str:
    """Return Sanic, Blueprint or group, also for classes of the project that derive from them; "" for others."""
    qualname = source.qualname(callee) or ""
    parts = qualname.split(".")
    if parts[0] == "sanic":
        return "Sanic" if "Sanic" in parts else parts[-1] if parts[-1] in ("Blueprint", "group") else ""
    cls = definitions.resolve(source, callee)
    bases = definitions.foreign_bases(cls) if cls and isinstance(cls.node, ast.ClassDef) else set()
    names = {base.rpartition(".")[2] for base in bases if base.startswith("sanic.")}
    return next((name for name in ("Sanic", "Blueprint") if name in names), "")


def _version(source: Source, call: ast.Call) -> str:
    """Return the first part of a path: `/v1` for `version=1`."""
    version = definitions.text(source, routing.argument(call, "version"))
    prefix = definitions.text(source, routing.argument(call, "version_prefix")) or "/v"
    return prefix + version.removeprefix("v") if version else ""


def _registration(source: Source, call: ast.Call) -> Iterator[Router | Mount]:
    """Yield the mount of `app.blueprint(bp, url_prefix="/x")`: the prefix replaces that of a blueprint, not that of a group."""
    given = routing.argument(call, "blueprint", 0)
    outer = router(source, call.func.value) if isinstance(call.func, ast.Attribute) else None
    if given is None:
        return
    named = routing.argument(call, "url_prefix")
    prefix = routing.joined(_version(source, call), definitions.text(source, named))
    for expression in _each(source, given):
        inner = router(expression.source, expression.node)
        if inner is None or not isinstance(inner.node, ast.Call):
            continue
        yield inner
        if outer:
            yield outer
        yield Mount(
            inner=inner.node,
            outer=outer.node if outer else None,
            prefix=prefix,
            replaces=named is not None and _kind(inner.source, inner.node.func) == "Blueprint",
            layer=Layer(source=source, call=call),
            condition=routing.condition(source, call),
        )


def _each(source: Source, given: ast.expr) -> list[Located]:
    several = definitions.resolve(source, given)
    if several and isinstance(several.node, ast.List | ast.Tuple):
        return [Located(source=several.source, node=part) for part in several.node.elts]
    return routing.each(source, given)


def _group(source: Source, call: ast.Call) -> Iterator[Router | Mount]:
    """Yield the mounts of `Blueprint.group(a, b, url_prefix="/v1")`."""
    group = router(source, call) if _kind(source, call.func) == "group" else None
    if group is None:
        return
    yield group
    for given in call.args:
        for expression in _each(source, given.value if isinstance(given, ast.Starred) else given):
            inner = router(expression.source, expression.node)
            if inner:
                yield inner
                yield Mount(inner=inner.node, outer=call, prefix="", layer=Layer(source=source, call=call))


def _endpoint(source: Source, decorator: ast.Call, handler: Located) -> Iterator[Router | Endpoint]:
    func = decorator.func
    on = router(source, func.value) if isinstance(func, ast.Attribute) else None
    if on is None or not isinstance(func, ast.Attribute):
        return
    listed = routing.strings(source, routing.argument(decorator, "methods", 1))
    methods = (func.attr.upper(),) if func.attr in routing.HTTP_METHODS else listed or ("GET",)
    yield from _made(on, decorator, definitions.text(source, routing.argument(decorator, "uri", 0)), methods, handler, source)


def _added(source: Source, call: ast.Call) -> Iterator[Router | Endpoint]:
    """Yield the endpoint of `app.add_route(handler, "/x", methods=["POST"])`, also of `View.as_view()`."""
    given = routing.argument(call, "handler", 0)
    on = router(source, call.func.value) if isinstance(call.func, ast.Attribute) else None
    handler = flask.view(source, given) if given is not None and on else None
    if on is None or handler is None:
        return
    listed = routing.strings(source, routing.argument(call, "methods", 2))
    methods = listed or (flask.class_methods(handler) if isinstance(handler.node, ast.ClassDef) else ("GET",))
    yield from _made(on, call, definitions.text(source, routing.argument(call, "uri", 1)), methods, handler, source)


def _attached(source: Source, cls: ast.ClassDef) -> Iterator[Router | Endpoint]:
    """Yield the endpoint of `class Login(HTTPMethodView, attach=app, uri="/login")`."""
    given = {keyword.arg: keyword.value for keyword in cls.keywords}
    on = router(source, given["attach"]) if "attach" in given else None
    if on:
        handler = Located(source=source, node=cls)
        made = ast.Call(func=ast.Name(id="attach"), args=[], keywords=[])  # nothing is around it
        yield from _made(on, made, definitions.text(source, given.get("uri")), flask.class_methods(handler), handler, source)


def _jwt(source: Source, call: ast.Call) -> Iterator[Router | Endpoint]:
    """Yield the endpoint of sanic-jwt that hands out tokens."""
    given = routing.argument(call, "app") or routing.argument(call, "instance", 0)
    on = router(source, given) if given is not None else None
    if on:
        named = routing.argument(call, "url_prefix")
        path = routing.joined(
            definitions.text(source, named) if named is not None else "/auth",
            definitions.text(source, routing.argument(call, "path_to_authenticate")),
        )
        yield on
        yield Endpoint(
            router=on.node,
            path=path,
            methods=("POST",),
            framework="sanic",
            called=source.qualname(call.func) or "",
            handler=None,
            place=Located(source=source, node=call),
            layers=(Layer(source=source, call=call),),
            condition=routing.condition(source, call),
        )


def _made(
    on: Router, call: ast.Call, path: str, methods: tuple[str, ...], handler: Located, source: Source
) -> Iterator[Router | Endpoint]:
    yield on
    yield Endpoint(
        router=on.node,
        path=routing.joined(_version(source, call), path),
        methods=methods,
        framework="sanic",
        called=handler.name,
        handler=handler,
        place=handler,
        layers=(Layer(source=source, call=call),),
        condition=routing.condition(source, call),
    )
