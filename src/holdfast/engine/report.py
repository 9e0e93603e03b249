"""The report of a run: known findings are marked, findings on unchanged lines are removed, and the rest gets fingerprints."""

from __future__ import annotations

import os

from holdfast.code import discovery
from holdfast.engine.config import ALL
from holdfast.record import Record
from holdfast.rule import LEVELS, CheckError, Count, Finding, ToolRun
from holdfast.rules import current_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from holdfast.baseline.entries import Entry
    from holdfast.baseline.matching import Matched
    from holdfast.engine.changes import Changes
    from holdfast.engine.config import Config


class Report(Record):
    """The result of a run. Findings and errors are sorted; files and excluded are numbers; notes are sentences for people.

    rules: the names of the rules that ran. looked_at: the paths of the checked files. whole: whether the run checked everything
    below the root. counts: the numbers of the ratchet, by rule. tools: the tools that the ratchet ran.
    """

    root: str
    findings: tuple[Finding, ...] = ()
    errors: tuple[CheckError, ...] = ()
    files: int = 0
    excluded: int = 0
    notes: tuple[str, ...] = ()
    rules: frozenset[str] = frozenset()
    looked_at: frozenset[str] = frozenset()
    whole: bool = False
    counts: tuple[Count, ...] = ()
    tools: tuple[ToolRun, ...] = ()

    def new(self) -> tuple[Finding, ...]:
        """Return the findings that are neither exempt nor known."""
        return tuple(finding for finding in self.findings if finding.status == "new")

    def exit_code(self, fail_on: str) -> int:
        """Return 2 if there is an error, 1 if there is a new finding at or above this level, otherwise 0."""
        if self.errors:
            return 2
        return int(any(LEVELS.index(finding.level) >= LEVELS.index(fail_on) for finding in self.new()))


def finished(report: Report, config: Config, changes: Changes | None = None) -> Report:
    """Return a sorted report with known findings marked, findings on unchanged lines removed, and fingerprints."""
    ordered = sorted(report.findings, key=_place)
    if changes is not None:
        ordered.sort(key=changes.touch)  # of equal findings, the baseline then accepts the old ones first
    report = report.replace(findings=tuple(ordered))
    if config.baseline and os.path.lexists(os.path.join(report.root, config.baseline)):
        report = _with_baseline(report, config)
    findings = [finding for finding in report.findings if changes is None or changes.touch(finding)]
    errors = sorted(report.errors, key=_place_of_error)
    return report.replace(findings=numbered(findings, _below_checkout(report.root)), errors=tuple(errors))


def _below_checkout(root: str) -> str:
    """The path of a root below the top of its checkout, with a final `/`; "" for the top itself, and outside of a checkout."""
    inner = discovery.relative(root, discovery.checkout_of(root) or root)
    return "" if inner == "." else f"{inner}/"


def joined(root: str, reports: list[Report], notes: tuple[str, ...] = ()) -> Report:
    """Return one report of several projects. root: what its paths are relative to. notes: about the run as a whole."""
    moved = [_moved(report, root) for report in reports]
    findings = sorted((finding for report in moved for finding in report.findings), key=_place)
    errors = sorted(
        (error for report in moved for error in report.errors), key=lambda error: (error.path, error.line, error.message)
    )
    return Report(
        root=root,
        findings=tuple(findings),
        errors=tuple(errors),
        files=sum(report.files for report in moved),
        excluded=sum(report.excluded for report in moved),
        notes=tuple(dict.fromkeys((*notes, *(note for report in moved for note in report.notes)))),
        rules=frozenset(name for report in moved for name in report.rules),
        looked_at=frozenset(path for report in moved for path in report.looked_at),
        whole=all(report.whole for report in moved),
    )


def _moved(report: Report, root: str) -> Report:
    """The report with paths relative to another root, at or above its own. Fingerprints stay."""
    inner = discovery.relative(report.root, root)
    if inner == ".":
        return report

    def path_of(path: str) -> str:
        return f"{inner}/{path}" if path else path

    def finding_of(finding: Finding) -> Finding:
        evidence = tuple(one.replace(path=path_of(one.path)) for one in finding.evidence)
        return finding.replace(path=path_of(finding.path), evidence=evidence)

    return report.replace(
        root=root,
        findings=tuple(map(finding_of, report.findings)),
        errors=tuple(CheckError(error.kind, error.message, path_of(error.path), error.line) for error in report.errors),
        looked_at=frozenset(map(path_of, report.looked_at)),
    )


def _with_baseline(report: Report, config: Config) -> Report:
    """A report with known findings marked, and with a finding for each stale entry of the baseline."""
    from holdfast.baseline.file import load, stale_findings

    try:
        baseline = load(report.root, config.baseline)
    except CheckError as error:
        return report.replace(errors=(*report.errors, error))
    matched = match_report(report, baseline.entries)
    if config.since or report.errors or not matched.stale():
        return report.replace(findings=matched.findings)
    stale = stale_findings(matched, baseline, level_of_stale(report.root, config.stale))
    return report.replace(findings=(*matched.findings, *without_ignored(stale, config)))


def level_of_stale(root: str, chosen: str = "") -> str:
    """Return the level of stale entries, which must not make a merge fail. chosen: "finding", "note" or ""."""
    from holdfast.engine.changes import is_merge_commit
    from holdfast.rules.about_holdfast import STALE_BASELINE

    is_note = chosen == "note" or (not chosen and is_merge_commit(root))
    return "note" if is_note else STALE_BASELINE.level


def match_report(report: Report, entries: Sequence[Entry]) -> Matched:
    """Match the findings of a report with the entries of a baseline, except for entries that the run says nothing about."""
    from holdfast.baseline.file import match_run

    return match_run(entries, report.findings, root=report.root, ran=report.rules, looked_at=report.looked_at, whole=report.whole)


def _place(finding: Finding) -> tuple[str, int, int, str, str]:
    return finding.path, finding.line, finding.column, finding.code, finding.message


def _place_of_error(error: CheckError) -> tuple[str, int, str]:
    return error.path, error.line, error.message


def numbered(findings: list[Finding], inner: str = "") -> tuple[Finding, ...]:
    """Return the findings sorted by place. Their fingerprints do not depend on line numbers; equal findings are numbered.

    inner: the root of the findings below the top of the checkout, with a final `/`, so that fingerprints are the same in every run.
    """
    if not findings:
        return ()
    import hashlib

    seen: dict[tuple[str, ...], int] = {}
    found: list[Finding] = []
    for finding in sorted(findings, key=_place):
        identity = (finding.rule, *(finding.contract or (inner + finding.path, finding.symbol, finding.statement)))
        seen[identity] = seen.get(identity, 0) + 1
        digest = hashlib.sha256("\0".join((*identity, str(seen[identity]))).encode("utf-8", "surrogatepass"))
        found.append(finding.replace(fingerprint=digest.hexdigest()[:32]))
    return tuple(found)


def without_ignored(findings: list[Finding], config: Config) -> list[Finding]:
    """Return the findings that neither `ignore` nor `per-path-ignores` excludes."""
    by_glob = {
        glob: {name if name == ALL else current_name(name) for name in names} for glob, names in config.per_path_ignores.items()
    }
    ignored = {current_name(name) for name in config.ignore}

    def is_ignored(finding: Finding) -> bool:
        return finding.rule in ignored or any(
            names & {finding.rule, ALL} and discovery.matches(finding.path, (glob,)) for glob, names in by_glob.items()
        )

    return [finding for finding in findings if not is_ignored(finding)]
