"""The routes of a project, whatever its frameworks, and what limits and guards each: read from the files alone."""

from __future__ import annotations

import ast
import re
from functools import cached_property

from holdfast.code import definitions
from holdfast.routes import around, bodies, endpoints, guards, hooks, limits
from holdfast.routes.frameworks import django, fastapi, flask, litestar, sanic, starlette
from holdfast.routes.routing import Route, Table
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.code.project import Project
    from holdfast.routes.endpoints import Endpoint
    from holdfast.routes.guards import Guard
    from holdfast.routes.limits import Limit
    from holdfast.routes.routing import Piece

# What a file that registers routes contains; others are read only when a name leads to them. One expression for all of it would
# take four times as long.
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
    """The route model of a project. Tests are left out: what they mount answers nobody."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._pieces: dict[int, list[Piece]] = {}
        self._endpoints: dict[int, Endpoint | None] = {}
        self._limits: dict[int, Limit | None] = {}

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
    def unguarded(self) -> list[Route]:
        """The project's own routes for which no guard was found, and that do not check credentials themselves."""
        own = [route for route in self.all if route.handler and not route.unplaced]
        return [route for route in own if not self.protection(route) and not self.endpoint(route)]

    @cached_property
    def _hooks(self) -> hooks.Hooks:
        return hooks.Hooks(self.project)

    @cached_property
    def _limit_facts(self) -> limits.Facts:
        return limits.Facts(self.project)

    @cached_property
    def _guard_facts(self) -> guards.Facts:
        return guards.Facts(self.project)

    def pieces(self, route: Route) -> list[Piece]:
        """What runs with a route."""
        if id(route) not in self._pieces:
            self._pieces[id(route)] = around.pieces(route, self._hooks)
        return self._pieces[id(route)]

    def endpoint(self, route: Route) -> Endpoint | None:
        """Whether a route checks credentials, and why."""
        if id(route) not in self._endpoints:
            self._endpoints[id(route)] = endpoints.of(route, lambda: self.pieces(route))
        return self._endpoints[id(route)]

    def guard(self, route: Route) -> Guard | None:
        """What lets only known callers reach a route, as far as decorators, dependencies, routers and classes say."""
        return guards.declared(route, self.pieces(route), self._guard_facts)

    def protection(self, route: Route) -> Guard | None:
        """Whatever lets only known callers reach a route: also middleware, hooks, and code that refuses."""
        return guards.found(route, self.pieces(route), self._guard_facts)

    def limit(self, route: Route) -> Limit | None:
        """What limits how often a route may be tried."""
        if id(route) not in self._limits:
            self._limits[id(route)] = limits.of(route, self.pieces(route), self._limit_facts)
        return self._limits[id(route)]

    def limit_off_by_default(self, route: Route) -> Limit | None:
        """What would limit a route if somebody switched it on."""
        return limits.off(route, self.pieces(route), self._limit_facts)

    def not_followed(self, route: Route) -> Piece | None:
        """What runs with a route and was not found, so that it may limit."""
        return around.not_followed(route, self.pieces(route))

    def validation(self, route: Route) -> bodies.Sign | None:
        """What checks the body of a request."""
        return bodies.validation(route, self.pieces(route))

    def pagination(self, route: Route) -> bodies.Sign | None:
        """What divides a list into pages."""
        return bodies.pagination(route, self.pieces(route))

    def mentions(self, route: Route, names: tuple[str, ...]) -> bool:
        """Whether a name that a configuration teaches, dotted or not, is among what runs with a route."""
        wanted = {name.rpartition(".")[2] for name in names}
        for piece in self.pieces(route) if wanted else ():
            nodes = ast.walk(piece.node) if piece.where in ("body", "helper", "router") else [piece.node]
            used = {getattr(node, "attr", getattr(node, "id", getattr(node, "name", ""))) for node in nodes}
            if piece.name in wanted or used & wanted:
                return True
        return False

    def excused(self, option: str, table: dict[str, str]) -> list[Route]:
        """The routes that a table of an option lists: from a path, with `*`, and perhaps a method before it, to a reason.

        Raises CheckError("option") for a pattern without a reason, and for one that matches nothing: it would hide what it was
        not meant for.
        """
        found: list[Route] = []
        for pattern, reason in table.items():
            if not reason.strip():
                raise CheckError("option", f'{option} gives no reason for "{pattern}"')
            matching = [route for route in self.all if matches(route, pattern)]
            if not matching:
                raise CheckError("option", f'{option}: no route matches "{pattern}"; `holdfast routes` lists them')
            found += matching
        return found


def matches(route: Route, pattern: str) -> bool:
    """Whether a pattern like `/api/*` or `POST /login` is about a route; only `*` has a meaning of its own."""
    method, _, path = pattern.rpartition(" ")
    if method and method not in route.methods:
        return False
    return re.fullmatch(".*".join(map(re.escape, path.split("*"))), route.path) is not None


def of(project: Project) -> Routes:
    """The route model of a project, made once."""
    if "routes" not in project.cache:
        project.cache["routes"] = Routes(project)
    found: Routes = project.cache["routes"]
    return found


def _key(route: Route) -> tuple[str, tuple[str, ...], str, int, str]:
    return (route.path, route.methods, route.place.source.path, route.place.line, route.called)
