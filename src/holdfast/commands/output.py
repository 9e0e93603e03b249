"""Write a report in the wanted format to a file or standard output, and notes and errors to standard error."""

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

FORMATS = ("text", "json", "sarif", "github", "gitlab", "junit", "markdown")
"""Each is a module of holdfast.formats. All but text are imported only when they are needed."""


def add_arguments(parser: Parser) -> None:
    """Declare the arguments of every command that writes a report."""
    parser.add_argument(
        "--format",
        choices=FORMATS,
        help="the format of the report (default: text; in GitHub Actions, except under pre-commit, also annotations)",
    )
    parser.add_argument("--output", metavar="FILE", help="write the report to FILE instead of standard output")
    parser.add_argument(
        "--statistics", action="store_true", help="in text reports, count the findings of each rule instead of listing them"
    )
    parser.add_argument(
        "--sarif-line-hash",
        action="store_true",
        help="in SARIF, also write the fingerprint as primaryLocationLineHash, by which GitHub matches alerts",
    )
    parser.add_argument("--show-all", action="store_true", help="show exempt and known findings, too")
    parser.add_argument("--quiet", action="store_true", help="write findings and errors, but no hints, notes and summary")
    parser.add_argument("--exit-zero", action="store_true", help="exit with 0 if there are findings; errors still exit with 2")


def check_options(options: SimpleNamespace) -> None:
    """Raise CheckError("option") for options of which one would have no effect, before anything is run or written."""
    is_text = options.format in {None, "text"}
    if options.statistics and not is_text:
        raise CheckError("option", f"--statistics cannot be used with --format {options.format}: count its findings, or use text")
    if options.statistics and options.show_all:
        raise CheckError("option", "--statistics cannot be used with --show-all: it counts new findings")
    if getattr(options, "diff", False) and (not is_text or options.output or options.statistics or options.show_all):
        message = "--diff cannot be used with --format, --output, --statistics and --show-all: it writes a diff, not a report"
        raise CheckError("option", message)


def write(report: Report, options: SimpleNamespace, summary: str = "") -> None:
    """Write a report as the options say; its notes, its errors and the summary go to standard error."""
    document = text.write_statistics(report) if options.statistics else _document(report, options)
    if options.output:
        write_file(options.output, document)
    else:
        sys.stdout.write(document)
        sys.stdout.flush()
    if not options.quiet:
        if options.format in {None, "text"} and not options.statistics and not _is_for_terminal(options):
            sys.stderr.write(text.write_hints(report))
        sys.stderr.write("".join(f"holdfast: note: {text.printable(note)}\n" for note in report.notes))
    sys.stderr.write("".join(text.write_error(error, report.root) for error in report.errors))
    if not options.quiet:
        sys.stderr.write(summary or text.write_summary(report))
    _add_job_summary(report, options, summary)


def _has_annotations(options: SimpleNamespace) -> bool:
    """Whether GitHub Actions runs this command, and not a hook: pre-commit shows the output of a hook only if it fails."""
    in_job = os.environ.get("GITHUB_ACTIONS") == "true" and not os.environ.get("PRE_COMMIT")
    return in_job and not options.format and not options.output


def _is_for_terminal(options: SimpleNamespace) -> bool:
    """Return whether findings are shown with their code and their hint."""
    return sys.stdout.isatty() and not options.output


def _document(report: Report, options: SimpleNamespace) -> str:
    if options.format not in {None, "text"}:
        return _written(options.format, report, options)
    terminal = _is_for_terminal(options)
    color = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    document = text.write(report, show_all=options.show_all, frames=terminal, color=color)
    if not _has_annotations(options):
        return document
    return document + _written("github", report, options)


def _add_job_summary(report: Report, options: SimpleNamespace, summary: str) -> None:
    """Append to the page that GitHub Actions shows for a job, if annotations are written, too."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path or not _has_annotations(options):
        return
    from holdfast.formats import markdown

    try:
        with open(path, "a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(markdown.write(report, show_all=options.show_all, summary=summary) + "\n")
    except OSError as error:
        sys.stderr.write(f"holdfast: note: cannot write the job summary: {error.strerror}\n")


def _written(name: str, report: Report, options: SimpleNamespace) -> str:
    import importlib

    more = {"line_hash": True} if name == "sarif" and options.sarif_line_hash else {}
    document: str = importlib.import_module(f"holdfast.formats.{name}").write(report, show_all=options.show_all, **more)
    return document


def write_file(path: str, document: str) -> None:
    """Write a report to a file, atomically if it is a regular file. Raises CheckError("option")."""
    from holdfast import files

    try:
        files.write_report(os.path.abspath(path), document.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise CheckError("option", f"--output: cannot write {path}: {error.strerror}") from error
