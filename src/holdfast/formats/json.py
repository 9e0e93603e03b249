"""One JSON object per run. docs/reference/json.md describes it, and docs/report.schema.json is its schema."""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from holdfast.engine.report import Report
    from holdfast.rule import Finding

VERSION = 1


def quoted(text: str) -> str:
    """Return text as a TOML string. Every JSON string in ASCII is one."""
    return json.dumps(text)


def document_text(document: object) -> str:
    """Return a JSON document as text. GitHub reads `##[` anywhere in a log as the start of a command, so it is escaped."""
    return json.dumps(document, indent=2).replace("##[", "#\\u0023[") + "\n"


def write(report: Report, *, show_all: bool = False) -> str:
    """Return the report as one JSON object. Within a version, fields may be added, but not changed or removed."""
    shown = report.findings if show_all else report.new()
    document = {
        "version": VERSION,
        "root": report.root,
        "findings": [_finding(finding) for finding in shown],
        "errors": [
            {"path": error.path, "line": error.line, "kind": error.kind, "message": error.message} for error in report.errors
        ],
        "summary": _summary(report),
        **(
            {"tools": [{"name": one.name, "version": one.version, "files": one.files} for one in report.tools]}
            if report.tools
            else {}
        ),
        **({"ratchet": [count.as_dict() for count in report.counts]} if report.counts else {}),
    }
    return document_text(document)


def _finding(finding: Finding) -> dict[str, Any]:
    names = ("rule", "code", "level", "confidence", "path", "line", "column", "end_line", "end_column", "message", "hint")
    later = ("symbol", "fix", "fingerprint", "status", "reason", "measure")
    return {
        **{name: getattr(finding, name) for name in (*names, *later)},
        "evidence": [evidence.as_dict() for evidence in finding.evidence],
        "url": finding.url,
    }


def _summary(report: Report) -> dict[str, Any]:
    new = report.new()
    by_rule = {rule: sum(finding.rule == rule for finding in new) for rule in sorted({finding.rule for finding in new})}
    return {
        "files": report.files,
        "excluded": report.excluded,
        "findings": len(new),
        "exempt": sum(finding.status == "exempt" for finding in report.findings),
        "known": sum(finding.status == "known" for finding in report.findings),
        "errors": len(report.errors),
        "rules": by_rule,
        "notes": list(report.notes),
    }
