"""The table of routes as text, as one JSON object, or as Markdown."""

from __future__ import annotations

from holdfast.formats import markdown
from holdfast.formats.json import document_text, quoted
from holdfast.formats.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from holdfast.routes.controls import Control
    from holdfast.routes.model import Routes
    from holdfast.routes.routing import Route

ANY = ("ANY",)
VERSION = 1
CONTROLS = ("limit", "authentication", "validation", "pagination")


def rows(found: Routes, chosen: Iterable[Route]) -> list[dict[str, Any]]:
    """Return a row for each route: what it is, why it checks credentials, and its controls.

    A row has methods, path, handler, file, line, framework and condition. auth_endpoint is None where the route checks no
    credentials. limit, authentication, validation and pagination say what does it and where, or None. limit_condition is the
    switch of the limit, limit_off_by_default a limit that is switched off.
    """
    table = []
    for route in chosen:
        endpoint = found.endpoint(route)
        limit, off = found.limit(route), found.limit_off_by_default(route)
        controls = (limit, found.protection(route), found.validation(route), found.pagination(route))
        table.append(
            {
                "methods": list(route.methods),
                "path": route.path,
                "handler": route.called,
                "file": route.place.source.path,
                "line": route.place.line,
                "framework": route.framework,
                "condition": route.condition,
                "auth_endpoint": {"tier": endpoint.tier, "reasons": [endpoint.reason]} if endpoint else None,
                **{name: _place(control) if control else None for name, control in zip(CONTROLS, controls, strict=True)},
                "limit_condition": limit.switch.what if limit and limit.switch else "",
                "limit_off_by_default": {**_place(off), "condition": off.switch.what if off.switch else ""} if off else None,
            }
        )
    return table


def _place(control: Control) -> dict[str, Any]:
    return {"what": control.what, "file": control.source.path, "line": getattr(control.node, "lineno", 1)}


def write(table: list[dict[str, Any]], style: str) -> str:
    """Return the rows as text, json or markdown."""
    if style == "json":
        return document_text({"version": VERSION, "routes": table})
    cells = [_cells(row) for row in table]
    header = ("methods", "path", "handler", "limit", "authentication", "validation", "pagination", "place")
    if style == "markdown":
        return markdown.table(header, cells)
    widths = [max(len(row[column]) for row in [header, *cells]) for column in range(len(header))]
    return "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n" for row in [header, *cells]
    )


def write_public(unguarded: Iterable[Route]) -> str:
    """Return routes as the table `public` that auth-on-route reads, each with a reason to edit."""
    lines = ["[tool.holdfast.rules.auth-on-route.public]"]
    for route in unguarded:
        key = " ".join([*(route.methods if len(route.methods) == 1 and route.methods != ANY else ()), route.path])
        place = f"{route.place.source.path}:{route.place.line}"
        lines.append(f"{quoted(key)} = {quoted(f'to be reviewed: {route.called}, {place}')}")
    return "\n".join(dict.fromkeys(lines)) + "\n"


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    controls = [row[name]["what"] if row[name] else "-" for name in CONTROLS]
    off = row["limit_off_by_default"]
    if row["limit_condition"]:
        controls[0] += f" (only if {row['limit_condition']})"
    elif off and not row["limit"]:
        controls[0] = f"- ({off['what']} only if {off['condition']})"
    place = f"{row['file']}:{row['line']}"
    return tuple(printable(part) for part in (",".join(row["methods"]), row["path"], row["handler"], *controls, place))
