"""GitLab's code quality report: an array of objects with the fields of Code Climate that GitLab reads."""

from __future__ import annotations

from holdfast.formats.checkout import from_top
from holdfast.formats.json import document_text
from holdfast.formats.text import printable, status_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from holdfast.engine.report import Report
    from holdfast.rule import CheckError, Finding

SEVERITIES = {"note": "info", "warning": "minor", "error": "major"}
COULD_NOT_CHECK = "blocker"


def write(report: Report, *, show_all: bool = False) -> str:
    """Return one object per error or finding. An error is a blocker, so that the report is not clean."""
    shown = report.findings if show_all else report.new()
    entries = [*(_error(error, report.root) for error in report.errors), *(_finding(finding, report.root) for finding in shown)]
    return document_text(entries)


def _finding(finding: Finding, root: str) -> dict[str, Any]:
    severity = SEVERITIES[finding.level] if finding.status == "new" else "info"
    path = from_top(root, finding.path)
    return _entry(finding.message + status_of(finding), finding.rule, finding.fingerprint, severity, path, finding.line)


def _error(error: CheckError, root: str) -> dict[str, Any]:
    import hashlib

    identity = "\0".join((error.path, str(error.line), error.kind, error.message))
    fingerprint = hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return _entry(error.message, error.kind, fingerprint, COULD_NOT_CHECK, from_top(root, error.path) or ".", error.line)


def _entry(description: str, name: str, fingerprint: str, severity: str, path: str, line: int) -> dict[str, Any]:
    return {
        "description": printable(description),
        "check_name": name,
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {"path": _text(path), "lines": {"begin": max(line, 1)}},
    }


def _text(path: str) -> str:
    """A path that every JSON parser accepts: bytes that are not valid UTF-8 are escaped."""
    return path.encode("utf-8", "backslashreplace").decode()
