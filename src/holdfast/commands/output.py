"""How a report leaves: the format, a file or standard output, and what goes to standard error."""

from __future__ import annotations

import os
import sys

from holdfast.formats import text
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import SimpleNamespace

    from holdfast.commands.plain import Parser
    from holdfast.engine.report import Report

FORMATS = ("text", "json", "sarif", "github", "gitlab", "junit")
"""All but text are modules of holdfast.formats, imported when they are asked for."""


def add_arguments(parser: Parser) -> None:
    """What every command takes that writes a report."""
    parser.add_argument(
        "--format", choices=FORMATS, help="default: text; in GitHub Actions, outside of pre-commit, text and annotations"
    )
    parser.add_argument("--output", metavar="FILE", help="write the report to FILE")
    parser.add_argument(
        "--statistics", action="store_true", help="as text: count the findings of each rule instead of listing them"
    )
    parser.add_argument("--show-all", action="store_true", help="show exempt and known findings, too")


def write(report: Report, options: SimpleNamespace, summary: str = "") -> None:
    """Write a report as the options say, and on standard error its notes, its errors and a summary."""
    counted = options.statistics and options.format in {None, "text"}  # the other formats are for programs, which can count
    document = text.write_statistics(report) if counted else _document(report, options)
    if options.output:
        write_file(options.output, document)
    else:
        sys.stdout.write(document)
        sys.stdout.flush()
    sys.stderr.write("".join(f"holdfast: note: {text.printable(note)}\n" for note in report.notes))
    sys.stderr.write("".join(text.write_error(error, report.root) for error in report.errors))
    sys.stderr.write(summary or text.write_summary(report))


def _document(report: Report, options: SimpleNamespace) -> str:
    if options.format not in {None, "text"}:
        return _written(options.format, report, options)
    terminal = sys.stdout.isatty() and not options.output
    color = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    document = text.write(report, show_all=options.show_all, frames=terminal, color=color)
    if options.format or options.output or os.environ.get("GITHUB_ACTIONS") != "true" or os.environ.get("PRE_COMMIT"):
        return document  # pre-commit shows what a hook writes only where it fails
    return document + _written("github", report, options)


def _written(name: str, report: Report, options: SimpleNamespace) -> str:
    import importlib

    document: str = importlib.import_module(f"holdfast.formats.{name}").write(report, show_all=options.show_all)
    return document


def write_file(path: str, document: str) -> None:
    """Write a report whole or not at all."""
    from holdfast import files

    try:
        files.write(os.path.abspath(path), document.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise CheckError("option", f"--output {path} cannot be written: {error.strerror}") from error
