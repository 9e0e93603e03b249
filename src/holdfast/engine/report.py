"""The report of a run: what the baseline knows is marked, what stands on unchanged lines is left out, the rest is numbered."""

from __future__ import annotations

import os

from holdfast import rules as registry
from holdfast.code import discovery
from holdfast.engine import config as configuration
from holdfast.record import Record
from holdfast.rule import LEVELS, CheckError, Count, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from holdfast.baseline.entries import Entry, Matched
    from holdfast.engine.changes import Changes
    from holdfast.engine.config import Config


class Report(Record):
    """What a run found. Findings and errors are sorted; files and excluded are counts; notes are for people.

    rules: the names of those that ran. looked_at: the paths of the files. whole: whether that was everything below the root.
    counts: the ratchet's, by rule.
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

    def new(self) -> tuple[Finding, ...]:
        """The findings that no comment exempts and no baseline knows."""
        return tuple(finding for finding in self.findings if finding.status == "new")

    def exit_code(self, fail_on: str) -> int:
        """2 with any error, else 1 with a new finding at this level or above, else 0."""
        if self.errors:
            return 2
        return int(any(LEVELS.index(finding.level) >= LEVELS.index(fail_on) for finding in self.new()))


def finished(report: Report, config: Config, changes: Changes | None = None) -> Report:
    """A report with what the baseline knows marked, and without what stands on unchanged lines; sorted and numbered."""
    ordered = sorted(report.findings, key=_place)
    if changes is not None:
        ordered.sort(key=changes.touch)  # of equal findings the old ones are known first
    report = report.replace(findings=tuple(ordered))
    if config.baseline and os.path.lexists(os.path.join(report.root, config.baseline)):
        report = _known(report, config)
    findings = [finding for finding in report.findings if changes is None or changes.touch(finding)]
    errors = sorted(report.errors, key=lambda error: (error.path, error.line, error.message))
    return report.replace(findings=number(findings), errors=tuple(errors))


def _known(report: Report, config: Config) -> Report:
    """A report held against its baseline; what is stale in that is a finding, too."""
    from holdfast.baseline import stored as known

    try:
        stored = known.load(report.root, config.baseline)
    except CheckError as error:
        return report.replace(errors=(*report.errors, error))
    matched = against(report, stored.entries)
    about = [] if config.since or report.errors else without_ignored(known.about(matched, stored), config)
    return report.replace(findings=(*matched.findings, *about))


def against(report: Report, entries: Sequence[Entry]) -> Matched:
    """Hold a report's findings against the entries of a baseline; what the report was about decides which are judged."""
    from holdfast.baseline import stored as known

    return known.of_run(
        entries, report.findings, root=report.root, ran=report.rules, looked_at=report.looked_at, whole=report.whole
    )


def _place(finding: Finding) -> tuple[str, int, int, str, str]:
    return finding.path, finding.line, finding.column, finding.code, finding.message


def number(findings: list[Finding]) -> tuple[Finding, ...]:
    """The findings sorted by place, each with a fingerprint that survives moved lines; equal ones are counted through."""
    if not findings:
        return ()
    import hashlib

    seen: dict[tuple[str, ...], int] = {}
    numbered: list[Finding] = []
    for finding in sorted(findings, key=_place):
        identity = (finding.rule, *(finding.contract or (finding.path, finding.symbol, finding.statement)))
        seen[identity] = seen.get(identity, 0) + 1
        digest = hashlib.sha256("\0".join((*identity, str(seen[identity]))).encode("utf-8", "surrogatepass"))
        numbered.append(finding.replace(fingerprint=digest.hexdigest()[:32]))
    return tuple(numbered)


def without_ignored(findings: list[Finding], config: Config) -> list[Finding]:
    """Without what the configuration ignores for a path, or altogether."""
    globs = {
        glob: {name if name == configuration.ALL else registry.current_name(name) for name in names}
        for glob, names in config.per_path_ignores.items()
    }
    ignored = {registry.current_name(name) for name in config.ignore}

    def dropped(finding: Finding) -> bool:
        return finding.rule in ignored or any(
            names & {finding.rule, configuration.ALL} and discovery.matches(finding.path, (glob,)) for glob, names in globs.items()
        )

    return [finding for finding in findings if not dropped(finding)]
