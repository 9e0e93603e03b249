"""The routes of a project, whatever its frameworks: read from the files alone."""

from __future__ import annotations

import re

from holdfast import definitions
from holdfast.frameworks import django, fastapi, flask
from holdfast.frameworks.routing import Route, Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.project import Project

# What a file that registers routes contains; others are read only when a name leads to them.
REGISTERS = re.compile(
    rb"@[\w.]+\.(?:route|get|post|put|patch|delete|head|options|trace|api_route)\s*\(|include_router|register_blueprint|add_url_rule"
    rb"|add_api_route|add_resource|add_namespace|add_route|\.mount\(|\.(?:get|post|put|patch|delete)\([^()\n]*\)\("
)


def every(project: Project) -> list[Route]:
    """All routes, sorted by path, methods and place; tests left out."""
    table = Table()
    for path in project.files:
        source = project.source(path)
        if source is None or source.is_test or not REGISTERS.search(source.data) or not definitions.is_readable(source):
            continue
        table.add(fastapi.find(source))
        table.add(flask.find(source))
    found = [*table.routes(), *django.routes(project)]
    unique = {_key(route): route for route in found}
    return [unique[key] for key in sorted(unique)]


def _key(route: Route) -> tuple[str, tuple[str, ...], str, int, str]:
    return (route.path, route.methods, route.place.source.path, route.place.line, route.called)
