"""`holdfast exemptions`: list the inline exemptions with their reasons, and whether they are used."""

from __future__ import annotations

import os
import sys

from holdfast.code import discovery
from holdfast.code.source import Source
from holdfast.commands import selection
from holdfast.engine.exemptions import is_in_reach, read_exemptions
from holdfast.engine.run import run_projects
from holdfast.formats import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from types import SimpleNamespace
    from typing import Any

    from holdfast.engine.report import Report

WORDS = {True: "used", False: "unused", None: "not run"}
"""From whether an exemption suppresses a finding (None: its rule did not run) to the word in the report."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and folders (default: the working directory)")
    selection.add_arguments(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")


def run(options: SimpleNamespace) -> int:
    """List the exemptions. Exit code 2: a file could not be checked."""
    paths = [os.path.abspath(path) for path in options.paths or ["."]]
    ran = run_projects(selection.projects(options, baseline="", per_path_ignores={}), paths)
    report, root = ran.report, ran.report.root
    rows = sorted((row for part in ran.parts for row in _rows(part.report, root)), key=lambda row: row["path"])
    sys.stdout.write(_json(root, rows) if options.format == "json" else "".join(_line(root, row) for row in rows))
    sys.stdout.flush()
    sys.stderr.write("".join(text.write_error(error, root) for error in report.errors))
    unused = sum(row["used"] is False for row in rows)
    sys.stderr.write(f"holdfast: {text.count(len(rows), 'exemption')}, {unused} unused\n")
    return 2 if report.errors else 0


def _rows(report: Report, root: str) -> Iterator[dict[str, Any]]:
    """One row for each rule that an exemption of a project names, sorted by place. root: what the paths are relative to."""
    suppressed: dict[str, list[Any]] = {}
    for finding in report.findings:
        if finding.status == "exempt":
            suppressed.setdefault(finding.path, []).append(finding)
    not_parsed = {error.path for error in report.errors if error.kind not in {"option", "internal"}}
    for path in sorted(report.looked_at - not_parsed):
        with open(os.path.join(report.root, path), "rb") as file:
            data = file.read()
        for exemption in read_exemptions(Source(path, data))[0]:
            for name in exemption.rules:
                used = any(is_in_reach(exemption, finding) and finding.rule == name for finding in suppressed.get(path, ()))
                shown = discovery.relative(os.path.join(report.root, path), root)
                place = {"rule": name, "path": shown, "line": exemption.line, "column": exemption.column}
                yield {**place, "reason": exemption.reason, "used": used or (False if name in report.rules else None)}


def _line(root: str, row: dict[str, Any]) -> str:
    place = f"{text.shown_path(root, row['path'])}:{row['line']}:{row['column']}"
    return f"{place}: {text.printable(row['reason']) or 'no reason'} [{row['rule']}] ({WORDS[row['used']]})\n"


def _json(root: str, rows: list[dict[str, Any]]) -> str:
    from holdfast.formats.json import document_text

    return document_text({"version": 1, "root": root, "exemptions": rows})
