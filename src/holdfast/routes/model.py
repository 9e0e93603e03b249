"""The routes of a project in every framework, and what limits and guards each, read from the files alone."""

from __future__ import annotations

import ast
import re
from functools import cached_property

from holdfast.code import definitions
from holdfast.routes import around, bodies, controls, endpoints, guards, hooks, limits
from holdfast.routes.candidate import Candidate
from holdfast.routes.default_limits import Defaults
from holdfast.routes.frameworks import django, fastapi, flask, litestar, sanic, starlette
from holdfast.routes.permissions import Settings
from holdfast.routes.routing import Route, Table
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.source import ProjectLike
    from holdfast.routes.controls import Control
    from holdfast.routes.endpoints import Endpoint
    from holdfast.routes.routing import Piece

# A file that registers routes contains one of these; other files are read only when a name leads to them. One expression for all
# of them would take four times as long.
REGISTERS = (
    *(b"include_router", b"register_blueprint", b"add_url_rule", b"add_api_route", b"add_resource", b"add_namespace", b"add_route"),
    *(b"starlette.routing", b"starlette.applications"),
    *(b".mount(", b"import litestar", b"from litestar", b"import starlite", b"from starlite", b"import sanic", b"from sanic"),
)
PATTERNS = (
    (b"@", rb"@(?:[\w.]+\.(?:route|get|post|put|patch|delete|head|options|trace|api_route|expose)|route|expose)\s*\("),
    (b"blueprint", rb"""\(\s*['"]/[^'"\n]*['"]\s*,\s*\w+(?:\.as_view\([^()]*\))?\s*,?\s*\)|\(\s*\w+\s*,\s*['"]/"""),
    (b")(", rb"\.(?:get|post|put|patch|delete)\([^()\n]*\)\("),
)


class Routes:
    """The route model of a project, without routes that only tests mount."""

    def __init__(self, project: ProjectLike) -> None:
        self.project = project
        self._pieces: dict[int, list[Piece]] = {}
        self._endpoints: dict[int, Endpoint | None] = {}
        self._limits: dict[int, Control | None] = {}

    @cached_property
    def all(self) -> list[Route]:
        """All routes, sorted by path, methods and place."""
        table = Table()
        for source in self.project.mentioning(*REGISTERS, patterns=PATTERNS):
            if source.is_test or not definitions.is_readable(source):
                continue
            table.add(fastapi.find(source))
            table.add(starlette.find(source))
            table.add(flask.find(source))
            table.add(litestar.find(source))
            table.add(sanic.find(source))
        found = [*table.routes(), *django.routes(self.project)]
        unique = {_key(route): route for route in found}
        return [unique[key] for key in sorted(unique)]

    @cached_property
    def _hooks(self) -> hooks.Hooks:
        return hooks.Hooks(self.project)

    @cached_property
    def _defaults(self) -> Defaults:
        return Defaults(self.project)

    @cached_property
    def _settings(self) -> Settings:
        return Settings(self.project)

    def pieces(self, route: Route) -> list[Piece]:
        """Return what runs with a route."""
        if id(route) not in self._pieces:
            self._pieces[id(route)] = around.pieces(route, self._hooks)
        return self._pieces[id(route)]

    def function_count(self, route: Route) -> int:
        """Return how many functions were read for a route."""
        return sum(piece.where in ("body", "helper") for piece in self.pieces(route))

    # -- whether it checks credentials

    def endpoint(self, route: Route) -> Endpoint | None:
        """Return why a route checks credentials, or None where it does not."""
        if id(route) not in self._endpoints:
            self._endpoints[id(route)] = endpoints.of(self.candidate(route))
        return self._endpoints[id(route)]

    def candidate(self, route: Route) -> Candidate:
        """Return a route as the subject of the signs that it checks credentials."""
        return Candidate(route=route, find=lambda: self.pieces(route))

    # -- guards

    def guards(self, route: Route) -> Iterator[Control]:
        """Yield every guard found around a route: declared ones, then code that refuses."""
        return guards.controls(route, self.pieces(route), self._settings)

    def declared_guards(self, route: Route) -> Iterator[Control]:
        """Yield the guards among decorators, dependencies, routers and classes."""
        return guards.declared(route, self.pieces(route), self._settings)

    def guard(self, route: Route) -> Control | None:
        """Return the declared guard that lets only known callers reach a route."""
        return controls.first(self.declared_guards(route))

    def protection(self, route: Route) -> Control | None:
        """Return the guard that lets only known callers reach a route: also middleware, hooks, and code that refuses."""
        return controls.first(self.guards(route))

    # -- limits

    def limits(self, route: Route) -> Iterator[Control]:
        """Yield every limit found around a route."""
        return limits.controls(route, self.pieces(route), self._defaults)

    def limit(self, route: Route) -> Control | None:
        """Return what limits how often a route can be called."""
        if id(route) not in self._limits:
            self._limits[id(route)] = controls.first(self.limits(route))
        return self._limits[id(route)]

    def limit_off_by_default(self, route: Route) -> Control | None:
        """Return the limit that would count if its switch was on."""
        return next((limit for limit in self.limits(route) if limit.silencer is limits.OFF), None)

    def usual_limit(self, framework: str) -> str:
        """Return the limit that most endpoints of a framework have; "" where none is limited."""
        routes = (route for route in self.all if route.framework == framework and self.endpoint(route))
        limited = [limit.what for route in routes if (limit := self.limit(route))]
        return max(sorted(set(limited)), key=limited.count) if limited else ""

    def unresolved(self, route: Route) -> Iterator[Piece]:
        """Yield what runs before a route and was not found in the project, so that it may limit or guard."""
        return around.unresolved(route, self.pieces(route))

    # -- bodies

    def validation(self, route: Route) -> Control | None:
        """Return what validates the body of a request."""
        return bodies.validation(route, self.pieces(route))

    def pagination(self, route: Route) -> Control | None:
        """Return what divides a list into pages."""
        return bodies.pagination(route, self.pieces(route))

    # -- options

    def named(self, route: Route, names: tuple[str, ...]) -> str:
        """Return the first name of an option, dotted or not, that is used by what runs with a route; "" for none."""
        wanted = {name.rpartition(".")[2]: name for name in reversed(names)}
        for piece in self.pieces(route) if wanted else ():
            nodes = ast.walk(piece.node) if piece.where in ("body", "helper", "router") else [piece.node]
            used = {getattr(node, "attr", getattr(node, "id", getattr(node, "name", ""))) for node in nodes} | {piece.name}
            if used & wanted.keys():
                return next(name for short, name in wanted.items() if short in used)
        return ""

    def excused(self, option: str, table: dict[str, str]) -> dict[int, str]:
        """Return the reason of each route that a table of an option lists, by the id of the route.

        The table leads from a path, with `*` and perhaps a method before it, to a reason. Raises CheckError("option") for a
        pattern without a reason, and for a pattern that matches no route: it could silence a route that it was not written for.
        """
        found: dict[int, str] = {}
        for pattern, reason in table.items():
            if not reason.strip():
                raise CheckError("option", f'{option}: "{pattern}" needs a reason, for example "{pattern}" = "limited by nginx"')
            matching = [route for route in self.all if is_match(route, pattern)]
            if not matching:
                raise CheckError("option", f'{option}: no route matches "{pattern}"; `holdfast routes` lists the routes')
            for route in matching:
                found.setdefault(id(route), reason)
        return found


def is_match(route: Route, pattern: str) -> bool:
    """Return whether a pattern like `/api/*` or `POST /login` matches a route; only `*` is special."""
    method, _, path = pattern.rpartition(" ")
    if method and method not in route.methods:
        return False
    return re.fullmatch(".*".join(map(re.escape, path.split("*"))), route.path) is not None


def of(project: ProjectLike) -> Routes:
    """Return the route model of a project, made once."""
    if "routes" not in project.cache:
        project.cache["routes"] = Routes(project)
    found: Routes = project.cache["routes"]
    return found


def _key(route: Route) -> tuple[str, tuple[str, ...], str, int, str]:
    return (route.path, route.methods, route.place.source.path, route.place.line, route.called)
