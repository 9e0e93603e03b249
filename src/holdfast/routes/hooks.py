"""The hooks and middleware that applications and blueprints run before every request."""

from __future__ import annotations

import ast
import re

from holdfast.code import definitions
from holdfast.code.definitions import Located
from holdfast.code.scopes import FunctionNode
from holdfast.code.words import words
from holdfast.routes import routing, switches
from holdfast.routes.frameworks import litestar
from holdfast.routes.routing import Piece
from holdfast.secrets import names as secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.source import ProjectLike, Source
    from holdfast.routes.routing import Route

HOOKS = frozenset({"before_request", "before_app_request", "middleware", "add_middleware", "on_request", "register_middleware"})
OF_BLUEPRINTS = frozenset({"before_request", "middleware", "on_request"})
MIDDLEWARE = re.compile(r"(starlette|fastapi)\.middleware\.Middleware")
APPLICATIONS = frozenset({"FastAPI", "Starlette", "Flask", "Quart", "APIFlask", "Sanic"})
PARTS = frozenset({"Mount", "Route", "Router", "Host", "APIRouter"})
HOOKING = (
    b"before_request",
    b"before_app_request",
    b"on_request",
    b"litestar",
    b"starlite",
    b"middleware",
    b".limit(",
    b".shared_limit(",
)


class Hooks:
    """The hooks and middleware of a project, found once."""

    def __init__(self, project: ProjectLike) -> None:
        self.by_router: dict[ast.AST, list[Piece]] = {}
        self.by_application: list[tuple[ast.AST | None, Piece]] = []
        """Each with the application before whose requests it runs; None where that is unknown."""
        self.litestar: list[litestar.Applied] = []
        for source in project.mentioning(*HOOKING):
            if not source.is_test and definitions.is_readable(source):
                self._read(source)

    def _read(self, source: Source) -> None:
        self.litestar += litestar.of_application(source)
        for decorator, definition in _decorators(source):
            callee = decorator.func if isinstance(decorator, ast.Call) else decorator
            if isinstance(callee, ast.Attribute) and callee.attr in HOOKS:
                self._add(source, callee, Piece(where="hook", source=source, node=definition))
        for call in source.nodes(ast.Call):
            if isinstance(call.func, ast.Attribute) and call.func.attr in HOOKS and call.args:
                if isinstance(call.args[0], ast.Constant):
                    continue  # the decorator `@app.middleware("http")`
                where = "middleware" if call.func.attr == "add_middleware" else "hook"
                self._add(source, call.func, _piece(source, call.args[0], where))
            elif call.args and MIDDLEWARE.fullmatch(source.qualname(call.func) or ""):
                self._listed(source, call)
            elif isinstance(call.func, ast.Call) and isinstance(call.func.func, ast.Attribute) and call.args:
                self._limited(source, call.func, call.args[0])

    def _add(self, source: Source, callee: ast.Attribute, piece: Piece) -> None:
        piece = piece.replace(switch=switches.around(source, callee))
        on = routing.made_by(source, callee.value)
        if callee.attr in OF_BLUEPRINTS and on is not None and _is_blueprint(on):
            self.by_router.setdefault(on.node, []).append(piece)
        elif on is not None or not _is_blueprint_name(callee.value):
            self.by_application.append((on.node if on and is_application(on.node) else None, piece))

    def _listed(self, source: Source, made: ast.Call) -> None:
        """Keep `middleware=[Middleware(Limit, times=5)]` of an application, or of one mount or router."""
        piece = _piece(source, made.args[0], "middleware").replace(switch=switches.around(source, made))
        listed = source.parent(made)
        keyword = source.parent(listed) if isinstance(listed, ast.List) else None
        outer = source.parent(keyword) if isinstance(keyword, ast.keyword) else None
        if isinstance(outer, ast.Call) and secrets.spoken_name(outer.func) in PARTS:
            self.by_router.setdefault(outer, []).append(piece)
        else:
            self.by_application.append((outer if is_application(outer) else None, piece))

    def around(self, route: Route) -> list[Piece]:
        """Return what runs before a route: the hooks of its application, and those whose application is unknown."""
        if route.framework in ("django", "drf"):
            return []
        own = {layer.call for layer in route.layers if is_application(layer.call)}
        return [piece for node, piece in self.by_application if node is None or not own or node in own]

    def _limited(self, source: Source, made: ast.Call, target: ast.expr) -> None:
        """Keep `limiter.limit("5/minute")(blueprint)`, also of a view."""
        if isinstance(made.func, ast.Attribute) and made.func.attr in ("limit", "shared_limit"):
            on = routing.made_by(source, target) or definitions.resolve(source, target)
            if on:
                self.by_router.setdefault(on.node, []).append(Piece(where="router", source=source, node=made))


def is_application(made: ast.AST | None) -> bool:
    """Return whether a call creates an application."""
    return isinstance(made, ast.Call) and secrets.spoken_name(made.func) in APPLICATIONS


def _piece(source: Source, given: ast.expr, where: str) -> Piece:
    """Return what is added: a class or function of the project, or an expression that names a library's."""
    found = definitions.resolve(source, given)
    named = found and isinstance(found.node, ast.ClassDef | FunctionNode)
    return (
        Piece(where=where, source=found.source, node=found.node)
        if found and named
        else Piece(where=where, source=source, node=given)
    )


def _is_blueprint(made: Located) -> bool:
    return isinstance(made.node, ast.Call) and "lueprint" in made.source.show(made.node.func)


def _is_blueprint_name(expression: ast.expr) -> bool:
    """Return whether a name says that it is a blueprint, which may be a library's: `rq_dashboard.blueprint`."""
    return bool({"blueprint", "bp"} & set(words(secrets.spoken_name(expression))))


def _decorators(source: Source) -> Iterator[tuple[ast.expr, ast.AST]]:
    for definition in source.nodes(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef):
        for decorator in definition.decorator_list:
            yield decorator, definition
