"""Flask and Quart: blueprints and nested blueprints, method views, Flask-RESTful and RESTX resources, Flask-Smorest."""

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

HINT = re.compile(rb"flask|quart|blueprint|add_url_rule|add_resource|\.route\(", re.IGNORECASE)
OTHERS = re.compile(rb"(?:from|import) (?:sanic|litestar)\b")  # their applications and blueprints have the same names
OWN = re.compile(rb"(?:from|import) (?:flask|quart|apiflask)")
PACKAGES = re.compile(r"^(flask|quart|flask_\w+|apiflask|connexion)(\.|$)")
APPS = frozenset({"Flask", "Quart", "APIFlask", "OpenAPI"})
BLUEPRINTS = frozenset({"Blueprint", "APIBlueprint"})
APIS = frozenset({"Api", "Namespace"})
DECORATORS = frozenset({*routing.HTTP_METHODS, "route"})
GIVEN = re.compile(r"Flask|Quart|Blueprint")
VIEWS = frozenset({"MethodView", "View", "Resource"})
USUAL = frozenset({"app", "application", "flask_app", "bp", "blueprint"})


def find(source: Source) -> Iterator[Router | Mount | Endpoint]:
    """Yield the applications, blueprints, registrations and endpoints that a file declares."""
    if not HINT.search(source.data) or (OTHERS.search(source.data) and not OWN.search(source.data)):
        return
    for call in source.nodes(ast.Call):
        method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if method in ("register_blueprint", "add_namespace"):
            yield from _registration(source, call, method)
        elif method in ("add_url_rule", "add_resource"):
            for one in routing.unrolled(source, call):
                yield from (_rule if method == "add_url_rule" else _resource)(source, one)
    for decorator, definition in routing.decorated(source, _is_route):
        yield from _decorated(source, decorator, Located(source=source, node=definition))
    yield from _of_own_code(source)


def _is_route(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in DECORATORS


def router(source: Source, expression: ast.AST) -> Iterator[Router | Mount]:
    """Yield the application, blueprint or API that an expression names, then its mounts."""
    made = routing.made_by(source, expression)
    if made is None or not isinstance(made.node, ast.Call):
        unknown = isinstance(expression, ast.Name) and expression.id not in source.binder_table
        if unknown or source.qualname(expression) == "flask.current_app":
            yield Router(source=source, node=source.tree, framework="flask")  # the importer decides which one it is
        given = routing.given(source, expression, "flask", GIVEN, USUAL)
        if given:
            yield given
        return
    kind, call = _kind(made.source, made.node.func), made.node
    if kind in APPS | BLUEPRINTS:
        prefix = definitions.text(made.source, routing.argument(call, "url_prefix"))
        yield Router(source=made.source, node=call, framework="flask", prefix=prefix, is_app=kind in APPS)
    elif kind in APIS:
        named = routing.argument(call, "prefix") or routing.argument(call, "path")
        prefix = definitions.text(made.source, named)
        if kind == "Namespace" and named is None:
            prefix = "/" + definitions.text(made.source, routing.argument(call, "name", 0))
        yield Router(source=made.source, node=call, framework="flask", prefix=prefix)
        outer = routing.argument(call, "app", 0) or routing.argument(call, "blueprint")
        if kind == "Api" and outer is not None:
            yield from _into(made.source, call, outer)
        if isinstance(call.func, ast.Attribute) and call.func.attr == "namespace":
            yield from _into(made.source, call, call.func.value)


def _into(source: Source, call: ast.Call, outer: ast.expr) -> Iterator[Router | Mount]:
    found = list(router(source, outer))
    yield from found
    if found and isinstance(found[0], Router):
        yield Mount(inner=call, outer=found[0].node, prefix="", layer=Layer(source=source, call=call))


def _kind(source: Source, callee: ast.expr) -> str:
    qualname = source.qualname(callee) or ""
    name = qualname.rpartition(".")[2]
    if PACKAGES.match(qualname) and name in APPS | BLUEPRINTS | APIS:
        return name
    if isinstance(callee, ast.Attribute) and callee.attr == "namespace":
        return "Namespace"
    cls = definitions.resolve(source, callee)
    if cls and isinstance(cls.node, ast.ClassDef):
        bases = {base.rpartition(".")[2] for base in definitions.foreign_bases(cls) if PACKAGES.match(base)}
        return next((base for base in sorted(APPS | BLUEPRINTS | APIS) if base in bases), "")
    return ""


def _registration(source: Source, call: ast.Call, method: str) -> Iterator[Router | Mount]:
    given = routing.argument(call, "blueprint" if method == "register_blueprint" else "ns", 0)
    if given is None or not isinstance(call.func, ast.Attribute):
        return
    outer = list(router(source, call.func.value))
    yield from outer
    named = routing.argument(call, "url_prefix") if method == "register_blueprint" else routing.argument(call, "path", 1)
    for expression in routing.each(source, given):
        inner = list(router(expression.source, expression.node))
        yield from inner
        if inner and isinstance(inner[0], Router):
            yield Mount(
                inner=inner[0].node,
                outer=outer[0].node if outer and isinstance(outer[0], Router) else None,
                prefix=definitions.text(source, named),
                replaces=named is not None,
                layer=Layer(source=source, call=call),
                condition=routing.condition(source, call),
            )


def _decorated(source: Source, decorator: ast.Call, handler: Located) -> Iterator[Router | Mount | Endpoint]:
    func = decorator.func
    if not isinstance(func, ast.Attribute):
        return
    on = list(router(source, func.value))
    if not on or not isinstance(on[0], Router):
        return
    yield from on
    listed = routing.strings(source, routing.argument(decorator, "methods"))
    written = (func.attr.upper(),) if func.attr in routing.HTTP_METHODS else listed or ("GET",)
    methods = class_methods(handler) if isinstance(handler.node, ast.ClassDef) else written
    paths = decorator.args or [keyword.value for keyword in decorator.keywords if keyword.arg == "rule"]
    for path in paths:
        yield _endpoint(source, on[0], decorator, definitions.text(source, path), methods, handler)


def _of_own_code(source: Source) -> Iterator[Router | Endpoint]:
    """Yield routes that code of the project registers: `@route("/x")`, `[("/x", View), ...]`, `register(View, "/x")`.

    Their prefix is unknown, except for `route_base` of Flask-AppBuilder.
    """
    here = Router(source=source, node=source.tree, framework="flask")
    yield here
    for decorator, definition in routing.decorated(source, _is_bare):
        handler = Located(source=source, node=definition)
        owner = source.enclosing(definition, ast.ClassDef)
        base = definitions.own_member(Located(source=source, node=owner), "route_base") if owner else None
        prefix = definitions.text(base.source, base.node) if base and isinstance(base.node, ast.expr) else ""
        methods = routing.strings(source, routing.argument(decorator, "methods")) or ("GET",)
        path = routing.joined(prefix, definitions.text(source, decorator.args[0]))
        yield _endpoint(source, here, decorator, path, methods, handler)
    for group in source.nodes(ast.Tuple, ast.Call):
        parts = group.elts if isinstance(group, ast.Tuple) else group.args if isinstance(group.func, ast.Name) else []
        texts = (definitions.text(source, part) for part in parts if isinstance(part, ast.Constant))
        path = next((text for text in texts if text.startswith("/")), "")
        for part in parts[:3] if path else ():
            found = view(source, part) if isinstance(part, ast.Name | ast.Call) else None
            if found and isinstance(found.node, ast.ClassDef) and VIEWS & _bases(found):
                yield _endpoint(source, here, group, path, class_methods(found), found)


def _is_bare(call: ast.Call) -> bool:
    """Return whether a decorator is `@route("/x")`, `@expose("/x")` or `@admin.expose("/x")`."""
    path = call.args[0] if call.args else None
    called = getattr(call.func, "id", "") or (call.func.attr if isinstance(call.func, ast.Attribute) else "")
    return (
        (called == "expose" or (called == "route" and isinstance(call.func, ast.Name)))
        and isinstance(path, ast.Constant)
        and str(path.value).startswith("/")
    )


def _bases(cls: Located) -> set[str]:
    return {base.rpartition(".")[2] for base in definitions.foreign_bases(cls)}


def _rule(source: Source, call: ast.Call) -> Iterator[Router | Mount | Endpoint]:
    """Yield the endpoint of `bp.add_url_rule("/x", view_func=View.as_view("x"))`."""
    given = routing.argument(call, "view_func", 2)
    if given is None or not isinstance(call.func, ast.Attribute):
        return
    handler = view(source, given)
    on = list(router(source, call.func.value))
    if handler is None or not on or not isinstance(on[0], Router):
        return
    yield from on
    listed = routing.strings(source, routing.argument(call, "methods"))
    methods = listed or (class_methods(handler) if isinstance(handler.node, ast.ClassDef) else ("GET",))
    yield _endpoint(source, on[0], call, definitions.text(source, routing.argument(call, "rule", 0)), methods, handler)


def view(source: Source, expression: ast.expr, depth: int = routing.DEPTH) -> Located | None:
    """Return the function or class of a view: of `View.as_view()`, `login_required(view)`, `view`."""
    found = definitions.resolve(source, expression)
    if found is None or found.name:
        return found
    node = found.node
    if not isinstance(node, ast.Call) or depth <= 0:
        return None
    if isinstance(node.func, ast.Attribute) and node.func.attr == "as_view":
        return definitions.resolve(found.source, node.func.value)
    for argument in node.args:
        inner = view(found.source, argument, depth - 1)
        if inner:
            return inner
    return None


def _resource(source: Source, call: ast.Call) -> Iterator[Router | Mount | Endpoint]:
    """Yield the endpoints of `api.add_resource(Resource, "/a", "/b")`."""
    if not call.args or not isinstance(call.func, ast.Attribute):
        return
    handler = definitions.resolve(source, call.args[0])
    on = list(router(source, call.func.value)) or [Router(source=source, node=source.tree, framework="flask")]
    if handler is None or not handler.name or not on or not isinstance(on[0], Router):
        return
    yield from on
    for path in call.args[1:]:
        yield _endpoint(source, on[0], call, definitions.text(source, path), class_methods(handler), handler)


def _endpoint(source: Source, on: Router, call: ast.expr, path: str, methods: tuple[str, ...], handler: Located) -> Endpoint:
    return Endpoint(
        router=on.node,
        path=path,
        methods=methods,
        framework="flask",
        called=handler.name,
        handler=handler,
        place=handler,
        layers=(Layer(source=source, call=call),),
        condition=routing.condition(source, call),
    )


def class_methods(cls: Located) -> tuple[str, ...]:
    """Return the HTTP methods for which a class has or inherits a method."""
    return tuple(name.upper() for name in routing.HTTP_METHODS if definitions.member(cls, name))
