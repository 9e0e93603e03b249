"""Django REST framework: routers, viewsets with their actions, generic views."""

from __future__ import annotations

import ast

from holdfast.code import definitions
from holdfast.code.definitions import Located
from holdfast.routes import routing
from holdfast.routes.routing import Layer, Route

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.source import Source

LIST, DETAIL = "list", "detail"
# The methods of a viewset: the path that they answer, and the HTTP method.
ACTIONS = {
    "list": (LIST, "GET"),
    "create": (LIST, "POST"),
    "retrieve": (DETAIL, "GET"),
    "update": (DETAIL, "PUT"),
    "partial_update": (DETAIL, "PATCH"),
    "destroy": (DETAIL, "DELETE"),
}
MIXINS = {
    "ModelViewSet": tuple(ACTIONS),
    "ReadOnlyModelViewSet": ("list", "retrieve"),
    "ListModelMixin": ("list",),
    "CreateModelMixin": ("create",),
    "RetrieveModelMixin": ("retrieve",),
    "UpdateModelMixin": ("update", "partial_update"),
    "DestroyModelMixin": ("destroy",),
}
GENERIC = {
    "ListAPIView": ("GET",),
    "RetrieveAPIView": ("GET",),
    "CreateAPIView": ("POST",),
    "DestroyAPIView": ("DELETE",),
    "UpdateAPIView": ("PUT", "PATCH"),
    "ListCreateAPIView": ("GET", "POST"),
    "RetrieveUpdateAPIView": ("GET", "PUT", "PATCH"),
    "RetrieveDestroyAPIView": ("GET", "DELETE"),
    "RetrieveUpdateDestroyAPIView": ("GET", "PUT", "PATCH", "DELETE"),
    "ObtainAuthToken": ("POST",),
    "TokenObtainPairView": ("POST",),
    "TokenObtainSlidingView": ("POST",),
    "TokenRefreshView": ("POST",),
    "TokenVerifyView": ("POST",),
}
PACKAGES = ("dj_rest_auth.", "rest_auth.", "djoser.", "knox.")
DEPTH = 4


def framework(handler: Located) -> str:
    """Return "drf" for views of Django REST framework, else "django"."""
    if isinstance(handler.node, ast.ClassDef):
        bases = definitions.foreign_bases(handler)
        return (
            "drf"
            if any(base.startswith(PACKAGES) or "rest_framework" in base or base.rpartition(".")[2] in GENERIC for base in bases)
            else "django"
        )
    names = [decorator.func if isinstance(decorator, ast.Call) else decorator for decorator in handler.node.decorator_list]  # type: ignore[attr-defined]
    return "drf" if any((handler.source.qualname(name) or "").endswith("api_view") for name in names) else "django"


def actions(call: ast.Call) -> dict[str, str]:
    """Return the table of `as_view({"post": "create"})`, from HTTP methods to the methods that answer."""
    table = call.args[0] if call.args and isinstance(call.args[0], ast.Dict) else None
    if table is None:
        return {}
    pairs = zip(table.keys, table.values, strict=True)
    return {
        str(key.value).upper(): str(value.value)
        for key, value in pairs
        if isinstance(key, ast.Constant) and isinstance(value, ast.Constant)
    }


def routes(source: Source, router: ast.expr, prefix: str, layers: tuple[Layer, ...], condition: str) -> Iterator[Route]:
    """Yield the routes of a router's viewsets, where `router.urls` is mounted."""
    made = routing.made_by(source, router)
    if made is None or not isinstance(made.node, ast.Call):
        return
    slash = _slash(made)
    for registration, start in _registrations(made, DEPTH):
        at, call = registration.source, registration.node
        if not isinstance(call, ast.Call):
            continue
        part = definitions.text(at, routing.argument(call, "prefix", 0))
        given = routing.argument(call, "viewset", 1)
        handler = definitions.resolve(at, given) if given is not None else None
        base = f"{prefix}{start}{part.strip('^$')}"
        around = (*layers, Layer(source=at, call=call))
        if handler and isinstance(handler.node, ast.ClassDef):
            yield from of_viewset(handler, base, slash, around, condition)


def _slash(made: Located) -> str:
    """Return the end of a router's paths: "/" or ""."""
    given = routing.argument(made.node, "trailing_slash") if isinstance(made.node, ast.Call) else None
    if isinstance(given, ast.Constant) and given.value is False:
        return ""
    cls = definitions.resolve(made.source, made.node.func) if isinstance(made.node, ast.Call) else None
    own = definitions.member(cls, "trailing_slash") if cls else None
    return "" if own and isinstance(own.node, ast.Constant) and own.node.value in ("", "/?", False) else "/"


def _registrations(made: Located, depth: int) -> Iterator[tuple[Located, str]]:
    """Yield the calls of `register` on a router in every file, with the path that a nested router puts before the prefix."""
    start = ""
    if isinstance(made.node, ast.Call) and depth > 0 and len(made.node.args) >= 2:
        parent = routing.made_by(made.source, made.node.args[0])
        lookup = definitions.text(made.source, routing.argument(made.node, "lookup")) or "parent"
        if parent:
            above = definitions.text(made.source, made.node.args[1])
            before = next((outer for outer in _starts(parent, depth - 1)), "")
            start = f"{before}{above}/{{{lookup}_pk}}/"
    project = made.source.project
    for source in project.mentioning(b".register(") if project else ():
        if source.is_test or not definitions.is_readable(source):
            continue
        for call in source.nodes(ast.Call):
            if isinstance(call.func, ast.Attribute) and call.func.attr == "register" and len(call.args) + len(call.keywords) >= 2:
                on = routing.made_by(source, call.func.value)
                if on and on.node is made.node:
                    yield Located(source=source, node=call), start
    yield from _extended(made, depth)


def _extended(made: Located, depth: int) -> Iterator[tuple[Located, str]]:
    """Yield the registrations that `router.registry.extend(other.registry)` takes over."""
    for call in made.source.nodes(ast.Call) if depth > 0 else ():
        match call:
            case ast.Call(
                func=ast.Attribute(attr="extend", value=ast.Attribute(attr="registry", value=router)),
                args=[ast.Attribute(attr="registry", value=other)],
            ):
                on, inner = routing.made_by(made.source, router), routing.made_by(made.source, other)
                if on and inner and on.node is made.node and inner.node is not made.node:
                    yield from _registrations(inner, depth - 1)


def _starts(made: Located, depth: int) -> Iterator[str]:
    return (start for _, start in _registrations(made, depth))


def of_viewset(cls: Located, base: str, slash: str, layers: tuple[Layer, ...], condition: str) -> Iterator[Route]:
    """Yield the routes of a viewset, one for each path."""
    lookup = definitions.member(cls, "lookup_url_kwarg") or definitions.member(cls, "lookup_field")
    key = definitions.text(lookup.source, lookup.node) if lookup else "pk"
    paths: dict[tuple[str, str], list[str]] = {}
    for name, (kind, method) in ACTIONS.items():
        if _answers(cls, name):
            where = f"{base}{slash}" if kind == LIST else f"{base.rstrip('/')}/<{key}>{slash}"
            paths.setdefault((where, ""), []).append(method)
    for part, detail, several, name in extra_actions(cls):
        where = f"{base.rstrip('/')}/<{key}>/{part}{slash}" if detail else f"{base.rstrip('/')}/{part}{slash}"
        paths.setdefault((where, name), []).extend(several)
    allowed = definitions.member(cls, "http_method_names")
    kept = routing.strings(allowed.source, allowed.node) if allowed and isinstance(allowed.node, ast.expr) else ()
    for (path, name), methods in paths.items():
        answered = tuple(method for method in methods if not kept or method in kept)
        if answered:
            yield Route(
                methods=answered,
                path="/" + path.lstrip("/"),
                framework="drf",
                called=f"{cls.name}.{name}" if name else cls.name,
                handler=cls,
                place=(definitions.member(cls, name) or cls) if name else cls,
                method_name=name,
                layers=layers,
                condition=condition,
                registration=layers[-1],
            )


def _answers(cls: Located, name: str) -> bool:
    if definitions.member(cls, name):
        return True
    return any(name in MIXINS.get(base.rpartition(".")[2], ()) for base in definitions.foreign_bases(cls))


def extra_actions(cls: Located) -> Iterator[tuple[str, bool, tuple[str, ...], str]]:
    """Yield the methods decorated with `@action`: path, whether it is for one object, HTTP methods, name."""
    seen: set[str] = set()
    for one in definitions.lineage(cls):
        for method in one.node.body if isinstance(one.node, ast.ClassDef) else ():
            if not isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef) or method.name in seen:
                continue
            for decorator in method.decorator_list:
                callee = decorator.func if isinstance(decorator, ast.Call) else decorator
                kind = (one.source.qualname(callee) or "").rpartition(".")[2]
                if kind in ("action", "list_route", "detail_route") and isinstance(decorator, ast.Call):
                    seen.add(method.name)
                    detail = routing.argument(decorator, "detail")
                    is_detail = kind == "detail_route" or (isinstance(detail, ast.Constant) and bool(detail.value))
                    part = definitions.text(one.source, routing.argument(decorator, "url_path")) or method.name
                    methods = routing.strings(one.source, routing.argument(decorator, "methods", 0)) or ("GET",)
                    yield part, is_detail, methods, method.name
