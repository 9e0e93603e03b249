"""One line per finding; in a terminal also the source line and the hint."""

from __future__ import annotations

import contextlib
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.engine.report import Report
    from holdfast.rule import CheckError, Finding

BOLD, DIM, RED, YELLOW, CYAN, RESET = "\033[1m", "\033[2m", "\033[31m", "\033[33m", "\033[36m", "\033[0m"
COLORS = {"error": RED, "warning": YELLOW, "note": CYAN}


def printable(text: str) -> str:
    """Return text from a checked file with control characters, line ends and bidirectional marks escaped.

    GitHub reads `##[` anywhere in a log as the start of a command, so it is escaped, too.
    """
    shown = "".join(char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode() for char in text)
    return shown.replace("##[", "#\\x23[")


def shown_path(root: str, path: str) -> str:
    """Return a path below the root as relative to the working directory, safe to print."""
    if root != os.getcwd():
        with contextlib.suppress(ValueError):  # another drive
            path = os.path.relpath(os.path.join(root, path)).replace(os.sep, "/")
    return printable(f"./{path}" if path.lstrip().startswith("::") else path)  # `::` at the start of a line is a command to GitHub


def write(report: Report, *, show_all: bool = False, frames: bool = False, color: bool = False) -> str:
    """Return the findings, one line each. frames: add the source line, the evidence and the hint, for a terminal."""
    shown = report.findings if show_all else report.new()
    return "".join(_finding(finding, report.root, frames, color) for finding in shown)


def status_of(finding: Finding) -> str:
    """Return why a finding is not new, in parentheses; "" for a new one."""
    return {"new": "", "known": " (known)"}.get(finding.status, f" (exempt: {finding.reason or 'no reason'})")


def _finding(finding: Finding, root: str, frames: bool, color: bool) -> str:
    bold, dim, level, reset = (BOLD, DIM, COLORS[finding.level], RESET) if color else ("", "", "", "")
    path = shown_path(root, finding.path)
    place = f"{bold}{path}{reset}:{finding.line}:{finding.column}"
    text = f"{place}: {printable(finding.message)} {level}[{finding.rule}]{reset}{printable(status_of(finding))}\n"
    if frames and finding.frame.strip():
        margin = len(str(finding.line))
        text += f"{dim}{finding.line} |{reset} {printable(finding.frame.expandtabs(4))}\n"
        for evidence in finding.evidence:
            text += (
                f"{dim}{' ' * margin} = {shown_path(root, evidence.path)}:{evidence.line}: {printable(evidence.message)}{reset}\n"
            )
        if finding.hint:
            text += f"{dim}{' ' * margin} = {reset}hint: {printable(finding.hint)}\n"
        text += "\n"
    return text


def write_hints(report: Report) -> str:
    """Return one line per rule with new findings, for output that is no terminal: its hint, and where to read more."""
    hints: dict[str, list[str]] = {}
    for finding in report.new():
        hints.setdefault(finding.rule, []).append(finding.hint)
    return "".join(_hint(rule, found) for rule, found in sorted(hints.items()))


def _hint(rule: str, found: list[str]) -> str:
    """The most frequent hint of a rule, and the command that shows the rule's page, if it has one."""
    hint = max(found, key=found.count)
    number = "" if found.count(hint) == len(found) else f"for {found.count(hint)} of {len(found)} findings: "
    page = "" if ":" in rule else f"`holdfast explain {rule}`"  # a colon: the rule of another tool
    if not hint:
        return f"holdfast: hint: [{rule}] see {page}\n" if page else ""
    return f"holdfast: hint: [{rule}] {number}{printable(hint)}{f' (more: {page})' if page else ''}\n"


def write_error(error: CheckError, root: str = "") -> str:
    """Return an error on one line, for standard error. Without a root, its path is shown as it is."""
    path = shown_path(root, error.path) if root and error.path else printable(error.path)
    place = f"{path}{f':{error.line}' if error.line else ''}: " if path else ""
    return f"holdfast: error: {place}{printable(error.message)}\n"


def write_summary(report: Report) -> str:
    """Return one line about the whole run, for standard error."""
    new = report.new()
    by_level = {level: sum(finding.level == level for finding in new) for level in ("error", "warning", "note")}
    levels = ", ".join(count(number, level) for level, number in by_level.items() if number)
    exempt, known = (sum(finding.status == status for finding in report.findings) for status in ("exempt", "known"))
    where = "" if report.whole and not report.files else f" in {count(report.files, 'file')}"  # the ratchet does not count files
    parts = [f"{count(len(new), 'finding')}{f' ({levels})' if levels else ''}{where}"]
    parts += [f"{exempt} exempt"] if exempt else []
    parts += [f"{known} known (baseline)"] if known else []
    parts += [f"{count(report.excluded, 'file')} excluded by the configuration"] if report.excluded else []
    parts += [f"{count(len(report.errors), 'error')}: not everything was checked"] if report.errors else []
    return f"holdfast: {', '.join(parts)}\n"


def write_statistics(report: Report) -> str:
    """Return the number of findings of each rule, the most frequent first."""
    counts: dict[str, int] = {}
    codes = {}
    for finding in report.new():
        counts[finding.rule] = counts.get(finding.rule, 0) + 1
        codes[finding.rule] = finding.code
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    width = max((len(str(times)) for times in counts.values()), default=0)
    return "".join(f"{times:>{width}}  {codes[rule]}  {rule}\n" for rule, times in ranked)


def write_counts(report: Report) -> str:
    """Return the numbers of the ratchet, one line per rule; "" if there are none."""
    if not report.counts:
        return ""
    rows = [("rule", "baseline", "now", "target")]
    rows += [
        (printable(row.rule), str(row.baseline), str(row.now), "-" if row.target is None else str(row.target))
        for row in report.counts
    ]
    width = max(len(row[0]) for row in rows)
    return "".join(f"{rule:<{width}}  {before:>8}  {now:>6}  {target:>6}\n" for rule, before, now, target in rows)


def count(number: int, noun: str) -> str:
    """Return a number and a noun, which gets an s unless the number is 1."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
