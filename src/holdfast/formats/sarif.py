"""SARIF 2.1.0 for GitHub code scanning and other viewers. docs/reference/formats.md describes the fields."""

from __future__ import annotations

import re

from holdfast import rules
from holdfast.engine.tool_settings import TOOLS
from holdfast.formats.checkout import from_top, top_of
from holdfast.formats.json import document_text
from holdfast.formats.text import printable
from holdfast.rule import DOCUMENTATION
from holdfast.rules import pages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from holdfast.engine.report import Report
    from holdfast.rule import CheckError, Evidence, Finding, Rule, ToolRun

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
HOME = "https://github.com/holdfast-checks/holdfast"
BASE = "%SRCROOT%"
FINGERPRINT = "holdfast/v1"
LINE_HASH = "primaryLocationLineHash"
CATEGORY = "holdfast-ratchet"
"""The start of the categories of the ratchet's runs. Two uploads with one category would close each other's alerts."""
LONGEST_DESCRIPTION = 1024
"""GitHub's limit."""
SEVERITIES = {"error": "7.0", "warning": "5.0", "note": "2.0"}
"""GitHub shows a severity of 7.0 or more as high, of 4.0 or more as medium, and below that as low."""
PROBLEMS = {"error": "error", "warning": "warning", "note": "recommendation"}
SUPPRESSIONS = {"exempt": "inSource", "known": "external"}


def write(report: Report, *, show_all: bool = False, line_hash: bool = False) -> str:
    """Return a document with a run for Holdfast and, of the ratchet, one for each tool.

    The id of a rule is its code, which never changes. line_hash: add the fingerprint under the only key by which GitHub matches
    alerts.
    """
    from importlib.metadata import version

    shown = report.findings if show_all else report.new()
    by_tool: dict[str, list[Finding]] = {tool.name: [] for tool in report.tools}
    own: list[Finding] = []
    for finding in shown:
        tool = finding.rule.partition(":")[0]
        (by_tool.setdefault(tool, []) if ":" in finding.rule and tool in TOOLS else own).append(finding)
    names = {finding.rule for finding in own}
    described = [_rule(rule) for rule in rules.every() if rule.name in names]
    others = {finding.rule: finding for finding in own if ":" in finding.rule}
    described += [_other_rule("import-linter", rule, None, finding) for rule, finding in sorted(others.items())]
    driver = {"name": "Holdfast", "version": version("holdfast"), "informationUri": HOME}
    keys = (FINGERPRINT, LINE_HASH) if line_hash else (FINGERPRINT,)
    runs = [_run(report, driver, described, [_result(finding, report.root, keys, show_all) for finding in own])]
    runs[0]["invocations"] = [_invocation(report)]
    runs += [
        _tool_run(report, name, found, [_result(finding, report.root, keys, show_all) for finding in found])
        for name, found in by_tool.items()
    ]
    if by_tool:  # GitHub closes the alerts that a later upload for the same tool and category does not contain
        for run in runs:
            name = run["tool"]["driver"]["name"]
            run["automationDetails"] = {"id": f"{CATEGORY}/{name}/"}
    return document_text({"$schema": SCHEMA, "version": "2.1.0", "runs": runs})


def _run(report: Report, driver: dict[str, Any], described: list[dict[str, Any]], results: list[dict[str, Any]]) -> dict[str, Any]:
    """A run, in which each result knows the index of its rule."""
    index = {rule["id"]: number for number, rule in enumerate(described)}
    for result in results:
        if result["ruleId"] in index:
            result["ruleIndex"] = index[result["ruleId"]]
    return {
        "tool": {"driver": {**driver, "rules": described}},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {BASE: {"uri": _folder_uri(top_of(report.root))}},
        "invocations": [{"executionSuccessful": not report.errors}],
        "results": results,
    }


def _tool_run(report: Report, name: str, findings: list[Finding], results: list[dict[str, Any]]) -> dict[str, Any]:
    """The run of another tool, under the tool's name and version, with its rules."""
    tool = next((tool for tool in report.tools if tool.name == name), None)
    driver = {"name": name, **({"version": tool.version} if tool and tool.version else {})}
    examples = {finding.code: finding for finding in findings}
    return _run(report, driver, [_other_rule(name, code, tool, examples[code]) for code in sorted(examples)], results)


def _other_rule(name: str, identity: str, tool: ToolRun | None, finding: Finding) -> dict[str, Any]:
    """A rule of another tool: what its findings say about it, and the URL of its page."""
    title = tool.names.get(finding.code, "") if tool else ""
    tags = tool.tags.get(finding.code, ()) if tool else ()
    text = printable(f"{identity} ({title})" if title else identity)
    about = f"{text} is a rule of {name}."
    link = f" Its documentation: <{finding.page}>" if re.fullmatch(r"https://[\w./#-]+", finding.page, re.ASCII) else ""
    severity = {"security-severity": SEVERITIES[finding.level]} if "security" in tags else {}
    return {
        "id": identity,
        "name": printable(title) or identity,
        "shortDescription": {"text": f"{name}: {text}"},
        "fullDescription": {"text": about},
        "help": {"text": about + link, "markdown": about + link},
        **({"helpUri": finding.page} if link else {}),
        "defaultConfiguration": {"level": finding.level},
        "properties": {"tags": list(tags), "problem.severity": PROBLEMS[finding.level], **severity},
    }


def _rule(rule: Rule) -> dict[str, Any]:
    page = pages.page(rule)
    severity = {"security-severity": SEVERITIES[rule.level]} if rule.cwe else {}
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": pages.lead(rule)[:LONGEST_DESCRIPTION]},
        "help": {"text": page, "markdown": page},
        "helpUri": f"{DOCUMENTATION}/{rule.name}.md",
        "defaultConfiguration": {"level": rule.level, "enabled": rule.default},
        "properties": {
            "tags": ["security", f"external/cwe/cwe-{rule.cwe:03}"] if rule.cwe else ["maintainability"],
            "precision": "high" if rule.default else "medium",
            "problem.severity": PROBLEMS[rule.level],
            **severity,
        },
    }


def _result(finding: Finding, root: str, keys: tuple[str, ...], show_all: bool) -> dict[str, Any]:
    """A result, with its fingerprint under each of the keys."""
    result: dict[str, Any] = {
        "ruleId": finding.code or finding.rule,
        "level": finding.level,
        "message": {"text": _message(finding)},
        "locations": [{"physicalLocation": _place(finding, root)}],
        "partialFingerprints": dict.fromkeys(keys, finding.fingerprint),
        "properties": {"confidence": finding.confidence, "symbol": printable(finding.symbol), "fix": finding.fix or "none"},
    }
    if finding.evidence:
        result["relatedLocations"] = [
            {
                "id": number,
                "message": {"text": _plain(evidence.message)},
                "physicalLocation": _point(evidence, root),
            }
            for number, evidence in enumerate(finding.evidence)
        ]
    if show_all:  # if one result has suppressions, all must have them
        result["suppressions"] = _suppressions(finding)
    return result


def _message(finding: Finding) -> str:
    """The message, the hint, and a link to each piece of evidence. GitHub shows related locations only if they are linked."""
    links = ", ".join(f"[{_label(evidence.message)}]({number})" for number, evidence in enumerate(finding.evidence))
    return "\n".join(
        part for part in (_plain(finding.message), _plain(finding.hint), f"Evidence: {links}" if links else "") if part
    )


def _plain(text: str) -> str:
    """Text that viewers do not render as a link."""
    return printable(text).replace("](", "] (")


def _label(text: str) -> str:
    """Text for the brackets of a link."""
    return _plain(text).replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _suppressions(finding: Finding) -> list[dict[str, str]]:
    if finding.status not in SUPPRESSIONS:
        return []
    reason = {"justification": printable(finding.reason)} if finding.reason else {}
    return [{"kind": SUPPRESSIONS[finding.status], **reason}]


def _place(finding: Finding, root: str) -> dict[str, Any]:
    place = {
        "artifactLocation": _artifact(finding.path, root),
        "region": {
            "startLine": finding.line,
            "startColumn": finding.column,
            "endLine": finding.end_line,
            "endColumn": finding.end_column,
        },
    }
    if finding.frame.strip():
        place["contextRegion"] = {"startLine": finding.line, "snippet": {"text": printable(finding.frame.expandtabs(4))}}
    return place


def _point(evidence: Evidence, root: str) -> dict[str, Any]:
    region = {"startLine": evidence.line, "startColumn": evidence.column}
    return {"artifactLocation": _artifact(evidence.path, root), "region": region}


def _invocation(report: Report) -> dict[str, Any]:
    """Whether the run is complete. Each error is a notification about the configuration or the execution."""
    about = {True: "toolConfigurationNotifications", False: "toolExecutionNotifications"}
    notifications: dict[str, list[dict[str, Any]]] = {}
    for error in report.errors:
        notifications.setdefault(about[error.kind == "option"], []).append(_notification(error, report.root))
    return {"executionSuccessful": not report.errors, **notifications}


def _notification(error: CheckError, root: str) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": _artifact(error.path, root)}
    if error.line:
        place["region"] = {"startLine": error.line}
    where = {"locations": [{"physicalLocation": place}]} if error.path else {}
    return {"descriptor": {"id": error.kind}, "level": "error", "message": {"text": _plain(error.message)}, **where}


def _artifact(path: str, root: str) -> dict[str, str]:
    return {"uri": _quoted(from_top(root, path)), "uriBaseId": BASE}


def _folder_uri(folder: str) -> str:
    """The URI of an absolute folder, with a final `/`, as a base needs."""
    import os

    return f"file:///{_quoted(folder.replace(os.sep, '/').strip('/'), safe='/:')}/".replace("////", "///")


def _quoted(path: str, safe: str = "/") -> str:
    """A path as part of a URI. Bytes that are not valid UTF-8 are encoded as they are on disk."""
    from urllib.parse import quote

    try:
        data = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a lone surrogate in a name on Windows
        data = path.encode("utf-8", "surrogatepass")
    return quote(data, safe=safe)
