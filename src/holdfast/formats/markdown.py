"""Tables in Markdown, for the job summary of GitHub Actions and for comments."""

from __future__ import annotations

import re
from html import escape

from holdfast.formats.checkout import from_top
from holdfast.formats.text import count, printable, status_of, write_summary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from holdfast.engine.report import Report

MOST = 200
"""The number of findings and of errors that a document lists. GitHub accepts 1 MiB for each step."""


def write(report: Report, *, show_all: bool = False, summary: str = "") -> str:
    """Return a heading with the summary, a list of errors, a table of findings and, of the ratchet, a table of numbers."""
    shown = report.findings if show_all else report.new()
    heading = (summary or write_summary(report)).strip().split("\n")[-1].removeprefix("holdfast: ")
    parts = [f"### Holdfast: {plain(heading)}\n"]
    if report.errors:
        lines = (f"{_place(report, error.path, error.line)}{error.message}" for error in report.errors[:MOST])
        parts.append("".join(f"- error: {plain(line)}\n" for line in lines))
    if shown:
        rows = [
            (_place(report, finding.path, finding.line)[:-2], finding.rule, finding.level, finding.message + status_of(finding))
            for finding in shown[:MOST]
        ]
        parts.append(table(("place", "rule", "level", "message"), rows))
    if len(shown) > MOST:
        parts.append(f"{count(len(shown) - MOST, 'more finding')} in the log.\n")
    if report.counts:
        numbers = [
            (row.rule, str(row.baseline), str(row.now), "-" if row.target is None else str(row.target)) for row in report.counts
        ]
        parts.append(table(("rule", "baseline", "now", "target"), numbers))
    if report.tools:
        parts.append(plain(", ".join(f"{tool.name} {tool.version}: {count(tool.files, 'file')}" for tool in report.tools)) + "\n")
    return "\n".join(parts)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table. The cells are text, not Markdown."""
    lines = [header, ("---",) * len(header), *([plain(cell) for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def plain(text: str) -> str:
    """Return text as Markdown that shows it as it is: no HTML, link, image or end of a table's cell."""
    return re.sub(r"[\\`*_\[\]|]", r"\\\g<0>", escape(printable(text), quote=False))


def _place(report: Report, path: str, line: int) -> str:
    """A place in front of a message; "" without a file."""
    return f"{from_top(report.root, path)}{f':{line}' if line else ''}: " if path else ""
