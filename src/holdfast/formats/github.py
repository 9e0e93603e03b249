"""Workflow commands of GitHub Actions, one per line. GitHub shows each as an annotation of the changed file."""

from __future__ import annotations

from holdfast.formats.checkout import from_top
from holdfast.formats.text import printable, status_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.engine.report import Report
    from holdfast.rule import CheckError, Finding

COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}
DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
PROPERTY = {**DATA, ":": "%3A", ",": "%2C"}


def write(report: Report, *, show_all: bool = False) -> str:
    """Return one command per error or finding. Exempt and known findings are notices, because they do not fail the run."""
    shown = report.findings if show_all else report.new()
    return "".join(
        [*(_error(error, report.root) for error in report.errors), *(_finding(finding, report.root) for finding in shown)]
    )


def _finding(finding: Finding, root: str) -> str:
    message = finding.message + status_of(finding)
    properties: dict[str, str | int] = {
        "file": from_top(root, finding.path),
        "line": finding.line,
        "col": finding.column,
        "endLine": finding.end_line,
    }
    if finding.end_line == finding.line:  # GitHub accepts columns only within one line
        properties["endColumn"] = finding.end_column
    properties["title"] = f"{finding.rule} ({finding.code})" if finding.code else finding.rule
    command = COMMANDS[finding.level] if finding.status == "new" else "notice"
    return _command(command, properties, f"{message}\n{finding.hint}" if finding.hint else message)


def _error(error: CheckError, root: str) -> str:
    properties: dict[str, str | int] = {"file": from_top(root, error.path)} if error.path else {}
    if error.path and error.line:
        properties["line"] = error.line
    properties["title"] = f"holdfast could not check this ({error.kind})"
    return _command("error", properties, error.message)


def _command(name: str, properties: dict[str, str | int], data: str) -> str:
    listed = ",".join(f"{key}={_escaped(str(value), PROPERTY)}" for key, value in properties.items())
    return f"::{name} {listed}::{_escaped(data, DATA)}\n"


def _escaped(text: str, escapes: dict[str, str]) -> str:
    """Text with the special characters of the command language escaped, and other control characters made visible."""
    return printable("".join(escapes.get(char, char) for char in text))
