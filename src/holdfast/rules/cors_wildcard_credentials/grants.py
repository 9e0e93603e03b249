"""Find the places that allow credentials, and the origins that they allow."""

from __future__ import annotations

import ast
import re

from holdfast.code import definitions
from holdfast.record import Record
from holdfast.routes import routing
from holdfast.secrets import names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.source import ProjectLike, Source

CREDENTIALS = re.compile(r"CORS_(ALLOW|ALLOWED|SUPPORTS)_CREDENTIALS")
ANY_ORIGIN = re.compile(r"CORS_(ALLOW_ALL_ORIGINS|ORIGIN_ALLOW_ALL)")
ORIGINS = re.compile(r"CORS_(ALLOWED_)?ORIGINS?")


class Grant(Record):
    """A place that allows credentials: the call or the setting. origins: the values that say for whom."""

    source: Source
    node: ast.Call | ast.Assign
    origins: tuple[ast.expr, ...]
    is_default: bool = False
    """Whether the library allows every origin because none is given."""


def every(project: ProjectLike) -> Iterator[Grant]:
    """Yield each place of a project that allows credentials."""
    for source in project.mentioning(b"credentials"):
        if source.is_test or not definitions.is_readable(source):
            continue
        for call in source.nodes(ast.Call):
            if _is_true(source, routing.argument(call, "allow_credentials")):
                given = [routing.argument(call, keyword) for keyword in ("allow_origins", "allow_origin_regex")]
                yield Grant(source=source, node=call, origins=tuple(one for one in given if one is not None))
            elif _is_true(source, routing.argument(call, "supports_credentials")):
                given = [routing.argument(call, keyword) for keyword in ("origins", "resources", "resource")]
                origins = tuple(one for one in given if one is not None)
                yield Grant(source=source, node=call, origins=origins, is_default=not origins)
        for setting in _settings(source, CREDENTIALS):
            if _is_true(source, setting.value):
                yield Grant(source=source, node=setting, origins=tuple(_beside(source, setting)))


def _is_true(source: Source, value: ast.expr | None) -> bool:
    found = definitions.resolve(source, value) if value is not None else None
    return found is not None and isinstance(found.node, ast.Constant) and found.node.value is True


def _settings(source: Source, pattern: re.Pattern[str]) -> Iterator[ast.Assign]:
    for statement in source.nodes(ast.Assign):
        if pattern.fullmatch(names.spoken_name(statement.targets[0])):
            yield statement


def _beside(source: Source, credentials: ast.Assign) -> Iterator[ast.expr]:
    """Yield the origins that the same settings file allows, unless only under a condition that the credentials do not share."""
    around = set(source.ancestors(credentials))
    for setting in (*_settings(source, ANY_ORIGIN), *_settings(source, ORIGINS)):
        if not {above for above in source.ancestors(setting) if isinstance(above, ast.If)} - around:
            yield setting.value
