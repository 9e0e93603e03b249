"""Django's URLconfs: lists of patterns, `include`, wrappers, and routers of Django REST framework (drf.py)."""

from __future__ import annotations

import ast
import re

from holdfast.code import definitions
from holdfast.code.definitions import Located
from holdfast.record import Record
from holdfast.routes import routing
from holdfast.routes.frameworks import django_views, drf
from holdfast.routes.routing import Layer, Route

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.source import ProjectLike, Source

PATHS = frozenset({"path", "re_path", "url"})
MADE_NAME = re.compile(r"(\{\w*\}|%s|%\(\w+\)s)?\.urls(\.\w+)?")
DEPTH = 10  # URLconfs within URLconfs


class Place(Record):
    """A place in the tree of URLconfs: the path so far, the calls on the way to it, and the condition."""

    prefix: str = ""
    layers: tuple[Layer, ...] = ()
    condition: str = ""
    unplaced: bool = False
    depth: int = DEPTH


def routes(project: ProjectLike) -> Iterator[Route]:
    """Yield the routes of the root URLconfs in the settings; without settings, of the URLconfs that no other one includes."""
    known = roots(project)
    for source in known:
        yield from _of_module(source, Place())
    left = [source for source in _unincluded(project) if source not in known]
    for source in left if left and _includes_by_name(project) else ():
        yield from _of_module(source, Place(unplaced=True))
    for source in project.mentioning(b"def get_urls"):
        if not source.is_test and definitions.is_readable(source):
            yield from _of_methods(source)


def roots(project: ProjectLike) -> list[Source]:
    """Return the root URLconfs."""
    found: dict[str, Source] = {}
    for settings in project.mentioning(b"root_urlconf"):
        if settings.is_test or not definitions.is_readable(settings):
            continue
        for assign in settings.nodes(ast.Assign):
            if any(isinstance(target, ast.Name) and target.id == "ROOT_URLCONF" for target in assign.targets):
                dotted = definitions.text(settings, assign.value)
                source = definitions.module(project, dotted, settings.path) if dotted else None
                if source:
                    found[source.path] = source
    return list(found.values()) or _unincluded(project)


def _unincluded(project: ProjectLike) -> list[Source]:
    """Return the URLconfs that no other one includes, as in an installable application."""
    every = [source for source in project.mentioning(b"urlpatterns") if not source.is_test and definitions.is_readable(source)]
    included: set[str] = set()
    for source in every:
        for call in source.nodes(ast.Call):
            if _called(call) == "include" and call.args:
                inner = _included(source, call.args[0])
                if inner and isinstance(inner.node, ast.Module):
                    included.add(inner.source.path)
    return [source for source in every if source.path not in included and source.binder_table.get("urlpatterns")]


def _includes_by_name(project: ProjectLike) -> bool:
    """Return whether code mounts URLconfs by names that it builds: `import_string(f"{app}.urls")`."""
    texts = (
        constant.value
        for source in project.mentioning(b".urls")
        if not source.is_test and definitions.is_readable(source)
        for constant in source.nodes(ast.Constant)
    )
    return any(isinstance(text, str) and MADE_NAME.fullmatch(text) for text in texts)


def _of_methods(source: Source) -> Iterator[Route]:
    """Yield the routes that a class lists in `get_urls`: they are mounted at run time."""
    for function in source.nodes(ast.FunctionDef):
        owner = source.parent(function)
        if function.name == "get_urls" and isinstance(owner, ast.ClassDef) and "Admin" not in owner.name:
            place = Place(condition=f"{owner.name}.get_urls", unplaced=True)
            for listed in ast.walk(function):
                if isinstance(listed, ast.List) and any(
                    isinstance(part, ast.Call) and _called(part) in PATHS for part in listed.elts
                ):
                    yield from _several(source, listed, place)


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _of_module(source: Source, place: Place, name: str = "urlpatterns", before: int = 10**9) -> Iterator[Route]:
    """Yield the routes of a module's `urlpatterns`, or of another list: what is assigned, added, appended and extended.

    before: only what is above this line, for `urlpatterns = [path("", include(urlpatterns))]`.
    """
    if place.depth <= 0:
        return
    for binder in source.binder_table.get(name, []):
        if source.place(binder)[0] < before:
            yield from _bound(source, binder, place)
    for call in source.nodes(ast.Call):
        match call:
            case ast.Call(func=ast.Attribute(attr="extend", value=ast.Name(id=listed)), args=[several]) if listed == name:
                yield from _several(source, several, _under(source, call, place))
            case ast.Call(func=ast.Attribute(attr="append" | "insert", value=ast.Name(id=listed)), args=[*_, one]) if (
                listed == name
            ):
                yield from _one(source, one, _under(source, call, place))


def _bound(source: Source, binder: ast.AST, place: Place) -> Iterator[Route]:
    """Yield the routes of the value that one assignment or import gives to a list of patterns."""
    statement = source.parent(binder)
    if isinstance(statement, ast.Assign | ast.AugAssign | ast.AnnAssign) and statement.value is not None:
        yield from _several(source, statement.value, _under(source, statement, place))
    elif isinstance(binder, ast.alias):
        origin = definitions.origin(source, binder)
        if origin:
            yield from _of_module(origin[0], place, origin[1])


def _under(source: Source, node: ast.AST, place: Place) -> Place:
    condition = routing.condition(source, node)
    return place.replace(condition=condition) if condition else place


def _several(source: Source, expression: ast.AST, place: Place) -> Iterator[Route]:
    """Yield the routes of an expression that is a list of patterns."""
    deeper = place.replace(depth=place.depth - 1)
    match expression:
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            for part in parts:
                inner = part.value if isinstance(part, ast.Starred) else part
                is_list = inner is not part or isinstance(part, ast.List | ast.Tuple)
                yield from (_several if is_list else _one)(source, inner, place)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield from _several(source, left, place)
            yield from _several(source, right, place)
        case ast.IfExp(body=body, orelse=orelse):
            yield from _several(source, body, place)
            yield from _several(source, orelse, place)
        case ast.Call():
            yield from _made(source, expression, place)
        case ast.Attribute(attr="urls"):
            yield from drf.routes(source, expression.value, deeper.prefix, deeper.layers, deeper.condition)
        case ast.Name() | ast.Attribute():
            yield from _named(source, expression, deeper)


def _named(source: Source, expression: ast.Name | ast.Attribute, place: Place) -> Iterator[Route]:
    """Yield the routes of a list that an expression names."""
    home, name = definitions.home(source, expression)
    statements = [home.parent(binder) for binder in home.binder_table.get(name, [])]
    is_module = source.enclosing(expression, ast.FunctionDef) is None or home is not source
    if is_module and any(isinstance(statement, ast.Assign | ast.AnnAssign) for statement in statements):
        yield from _of_module(home, place, name, before=expression.lineno if home is source else 10**9)
        return
    found = definitions.resolve(source, expression)
    if found and isinstance(found.node, ast.expr):
        yield from _several(found.source, found.node, place)


def _made(source: Source, call: ast.Call, place: Place) -> Iterator[Route]:
    """Yield the routes in the arguments of a call: `i18n_patterns(path(...), ...)`, `format_suffix_patterns([...])`."""
    if _called(call) in PATHS:
        yield from _one(source, call, place)
    elif _called(call) != "static":
        for argument in call.args:
            if isinstance(argument, ast.List | ast.Tuple | ast.BinOp | ast.Starred):
                inner = argument.value if isinstance(argument, ast.Starred) else argument
                yield from _several(source, inner, place)
            elif isinstance(argument, ast.Call):
                yield from _one(source, argument, place)
            elif isinstance(argument, ast.Name):  # decorate_urlpatterns(urlpatterns, require_login)
                yield from _several(source, argument, place.replace(layers=(*place.layers, Layer(source=source, call=call))))


def _one(source: Source, expression: ast.AST, place: Place) -> Iterator[Route]:
    """Yield the route of one pattern, or the routes that it includes."""
    found = definitions.resolve(source, expression)
    if found is None or not isinstance(found.node, ast.Call):
        return
    if _called(found.node) not in PATHS:
        deeper = place.replace(depth=place.depth - 1)
        if isinstance(expression, ast.Name):  # urlpatterns = list(chain(*(urlpatterns, more)))
            yield from _several(source, expression, deeper)
        else:
            yield from _several(found.source, found.node, deeper)
        return
    source, call = found.source, found.node
    view = routing.argument(call, "view", 1)
    if view is None:
        return
    part = definitions.text(source, routing.argument(call, "route", 0) or routing.argument(call, "regex"))
    layer = Layer(source=source, call=call)
    inside = place.replace(prefix=routing.joined(place.prefix, plain(part)), layers=(*place.layers, layer))
    if isinstance(view, ast.Call) and _called(view) == "include" and view.args:
        yield from _include(source, view.args[0], inside)
    else:
        yield from _view(source, view, call, inside)


def plain(pattern: str) -> str:
    """Return a pattern without the anchors of a regular expression."""
    return pattern.removeprefix("^").removesuffix("$").removesuffix("\\Z")


def _included(source: Source, expression: ast.expr) -> Located | None:
    """Return what is included: a module, a list, or the expression `router.urls`."""
    if isinstance(expression, ast.Tuple) and expression.elts:
        return _included(source, expression.elts[0])
    if isinstance(expression, ast.Constant | ast.JoinedStr | ast.BinOp):
        dotted = definitions.text(source, expression)
        inner = definitions.module(source.project, dotted, source.path) if source.project and dotted else None
        return Located(source=inner, node=inner.tree) if inner else None
    return definitions.resolve(source, expression)


def _include(source: Source, expression: ast.expr, place: Place) -> Iterator[Route]:
    while isinstance(expression, ast.Tuple) and expression.elts:
        expression = expression.elts[0]
    found = _included(source, expression)
    deeper = place.replace(depth=place.depth - 1)
    if found and isinstance(found.node, ast.Module):
        yield from _of_module(found.source, deeper)
        return
    inner = list(_several(source, expression, deeper))
    if inner or isinstance(expression, ast.List):
        yield from inner
    else:
        yield _foreign(source, expression, place, "include")


def _foreign(source: Source, expression: ast.AST, place: Place, what: str) -> Route:
    """Return the route of a library's view or URLconf: its place is where it is mounted."""
    called = source.qualname(expression) or (
        expression.value if isinstance(expression, ast.Constant) else source.show(expression, redact=False)
    )
    return Route(
        methods=routing.ANY,
        path=f"/{place.prefix.lstrip('/')}{'*' if what == 'include' else ''}",
        framework="django",
        called=str(called),
        place=Located(source=source, node=expression),
        layers=place.layers,
        condition=place.condition,
        unplaced=place.unplaced,
        registration=place.layers[-1],
    )


def _view(source: Source, expression: ast.expr, call: ast.Call, place: Place) -> Iterator[Route]:
    handler, layers = django_views.unwrapped(source, expression)
    if handler is None or not handler.name:
        made = definitions.resolve(source, expression)  # login = LoginView.as_view(...)
        home, inner = (made.source, made.node) if made and isinstance(made.node, ast.expr) else (source, expression)
        while (
            isinstance(inner, ast.Call)
            and not (isinstance(inner.func, ast.Attribute) and inner.func.attr == "as_view")
            and inner.args
        ):
            inner = inner.args[0]
        name = inner.func.value if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) else inner
        is_site = isinstance(expression, ast.Attribute) and expression.attr == "urls"
        foreign = _foreign(home, name, place.replace(layers=(*place.layers, *layers)), "include" if is_site else "view")
        yield foreign.replace(
            methods=django_views.GENERIC.get(foreign.called.rpartition(".")[2], routing.ANY),
            place=Located(source=source, node=call),
        )
        return
    given = next((layer.call for layer in layers if isinstance(layer.call, ast.Call) and _called(layer.call) == "as_view"), None)
    actions = drf.actions(given) if isinstance(given, ast.Call) else {}
    methods = tuple(actions) or django_views.methods(handler)
    yield Route(
        methods=methods,
        path="/" + place.prefix.lstrip("/"),
        framework=drf.framework(handler),
        called=handler.name,
        handler=handler,
        place=handler,
        layers=(*place.layers, *layers),
        condition=place.condition,
        unplaced=place.unplaced,
        registration=place.layers[-1],
    )
