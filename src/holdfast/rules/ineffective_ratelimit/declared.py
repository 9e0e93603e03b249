"""The limits that a project declares: decorators, limiters, throttles of classes, and default rates."""

from __future__ import annotations

import ast
from itertools import chain

from holdfast.code import definitions
from holdfast.code.definitions import Located
from holdfast.record import Record
from holdfast.routes import limiters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.source import ProjectLike, Source


class Limit(Record):
    """A limit as it is declared: a decorator, a limiter, the throttles of a class, or the default rates."""

    project: ProjectLike
    source: Source
    kind: str
    """decorator, slowapi, flask_limiter, django-ratelimit, throttles or rates."""
    node: ast.AST
    """Where a finding is reported."""
    holder: ast.AST
    """The function, class or table that has it; the limiter itself."""


def limits(project: ProjectLike) -> Iterator[Limit]:
    """Yield the limits that the files of a project declare."""
    for source in limiters.sources(project):
        for kind, node, holder in chain(_decorators(source), _calls(source), _throttles(source), _rates(source)):
            yield Limit(project=project, source=source, kind=kind, node=node, holder=holder)


def _decorators(source: Source) -> Iterator[tuple[str, ast.AST, ast.AST]]:
    for function in source.nodes(ast.FunctionDef, ast.AsyncFunctionDef):
        yield from (("decorator", one, function) for one in function.decorator_list if limiters.is_limit(source, one))


def _calls(source: Source) -> Iterator[tuple[str, ast.AST, ast.AST]]:
    yield from ((library, call, call) for call, library in limiters.made(source))
    for call in source.nodes(ast.Call):
        if limiters.is_django_ratelimit(source, call):
            yield "django-ratelimit", call, source.parent(call) or call


def _throttles(source: Source) -> Iterator[tuple[str, ast.AST, ast.AST]]:
    for cls in source.nodes(ast.ClassDef):
        own = definitions.own_member(Located(source=source, node=cls), "throttle_classes")
        if own:
            yield "throttles", own.node, cls


def _rates(source: Source) -> Iterator[tuple[str, ast.AST, ast.AST]]:
    for table in source.nodes(ast.Dict):
        rates = definitions.entry(table, "DEFAULT_THROTTLE_RATES")
        if isinstance(rates, ast.Dict) and rates.values:
            yield "rates", rates, table
