"""The pipeline of contracts: imports, contract type, breaches, places, findings, exemptions, baseline."""

from __future__ import annotations

from holdfast.baseline import entries as baseline, stored as known
from holdfast.engine import checks, exemptions as exempt, report as reports
from holdfast.record import Record
from holdfast.rule import Evidence, Finding
from holdfast.rules import about_holdfast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from holdfast.baseline.entries import Entry, Matched
    from holdfast.boundaries.edges import Breach, ContractOptions, Imports
    from holdfast.boundaries.files import Files
    from holdfast.code.source import Source
    from holdfast.rule import Rule


class Outcome(Record):
    """What came of a contract. findings are sorted, exempt and known ones included; notes are sentences for people."""

    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    problem: str = ""
    """Why the contract could not be judged, as a sentence; then it is broken."""

    def new(self) -> tuple[Finding, ...]:
        """The findings that break the contract."""
        return tuple(finding for finding in self.findings if finding.status == "new")

    @property
    def kept(self) -> bool:
        """Whether nothing new was found, and everything was looked at."""
        return not self.problem and not self.new()


def judge(rule: Rule, options: ContractOptions, contract: str, imports: Imports) -> Outcome:
    """Judge a code base by one contract.

    contract: its id, which names it in baselines. Paths of findings are relative to the root of the files. Raises CheckError
    for options that cannot be meant, and for files that had to be parsed and could not be.
    """
    found: list[Finding] = []
    notes: list[str] = []
    for breach in rule.check(imports, options):
        placed = _placed(rule, contract, breach, imports)
        if breach.level == "note":
            notes += [f"{_where(finding)}{finding.message}" for finding in placed]
        else:
            found += placed
    files = imports.statements.files
    for path in sorted({finding.path for finding in found}):
        source = files.known(path) if files.mentions(path, exempt.MENTION) else None
        if source is not None:
            found, about = _exempted(rule, source, found)
            notes += about
    return Outcome(findings=reports.number(found), notes=tuple(dict.fromkeys(notes)))


def against(outcome: Outcome, entries: Sequence[Entry], importers: frozenset[str] | None) -> Matched:
    """Hold the findings of one contract against the baseline's entries for it; importers are those that were judged, if not all."""

    def judged(entry: Entry) -> bool:
        return importers is None or entry.contract[1] in importers

    return baseline.apply(entries, outcome.findings, judged=judged, gone=lambda _: False)


def with_baseline(
    outcome: Outcome, rule: Rule, contract: str, stored: known.Stored, stale: str, importers: frozenset[str] | None
) -> Outcome:
    """The outcome with what the baseline knows marked; entries that fit nothing any more are, by stale, findings or notes."""
    entries = [entry for entry in stored.entries if entry.rule == rule.name and entry.contract[:1] == (contract,)]
    matched = against(outcome, entries, importers)
    about = known.about(matched, stored)
    findings = [*matched.findings, *(about if stale == "error" else ())]
    notes = [f"{_where(finding)}{finding.message}" for finding in (about if stale == "warn" else ())]
    return outcome.replace(findings=reports.number(findings), notes=(*outcome.notes, *notes))


def _where(finding: Finding) -> str:
    """Where a note belongs; not written as path:line:, which would be drawn as a picture."""
    return f"{finding.path}, line {finding.line}: " if finding.line > 1 else ""


def _exempted(rule: Rule, source: Source, found: list[Finding]) -> tuple[list[Finding], list[str]]:
    """The findings, those in one file marked where a comment exempts them; and notes about comments without a reason.

    That a comment silences nothing cannot be said here: it may be meant for another contract of the same type.
    """
    exemptions, wrong = exempt.read(source)
    here = [finding for finding in found if finding.path == source.path]
    marked, about = exempt.apply(source, here, exemptions, frozenset((rule.name,)))
    notes = [
        f"{_where(finding)}{finding.message}" for finding in about if finding.rule == about_holdfast.EXEMPTION_WITHOUT_REASON.name
    ]
    notes += [f"{error.path}, line {error.line}: {error.message}" for error in wrong]
    return [finding for finding in found if finding.path != source.path] + marked, notes


def _placed(rule: Rule, contract: str, breach: Breach, imports: Imports) -> list[Finding]:
    """A breach as findings, one a statement; none where only imports that do not count are at fault."""
    statements = imports.statements
    files = statements.files
    path = breach.path or files.path(breach.importer) or f"{breach.importer.replace('.', '/')}.py"
    files.mentions(path, exempt.MENTION)  # while the file is at hand
    if breach.place[0] or not breach.imported:
        place = breach.place if breach.place[0] else (1, 1, 1, 1)
        places = [(*place, files.line(path, place[0]) or "")]
    else:
        fitting = statements.of(breach.importer, breach.imported, breach.name)
        if not imports.counts(breach.importer, breach.imported):
            return []
        places = [(found.line, found.column, found.end_line, found.end_column, found.code) for found in fitting] or [
            (edge.line_number, 1, edge.line_number, 1, edge.line_contents)
            for edge in statements.details(breach.importer, breach.imported)
        ]
        places = (places or [(1, 1, 1, 1, "")])[: 1 if breach.once else None]
    evidence = tuple(_evidence(files, imports, *edge) for edge in breach.chain) if breach.chain else ()
    steps = ", ".join(f"{step.path}:{step.line}" for step in evidence) if evidence else ""
    importer, imported = breach.units if breach.units[0] else (breach.importer, breach.imported)
    return [
        Finding(
            path=path,
            line=line,
            column=column,
            end_line=end_line,
            end_column=end_column,
            message=f"{breach.message} ({steps})" if steps else breach.message,
            hint=breach.hint,
            level=breach.level,
            evidence=evidence,
            measure=breach.measure,
            contract=(contract, importer, imported, breach.name),
            span=breach.span if breach.span[0] else (line, end_line),
            frame=code[: checks.LONGEST_FRAME],
            rule=rule.name,
            code=rule.code,
        )
        for line, column, end_line, end_column, code in places
    ]


def _evidence(files: Files, imports: Imports, importer: str, imported: str) -> Evidence:
    """Where one module imports another for the first time."""
    found = imports.statements.of(importer, imported)
    line, column = (found[0].line, found[0].column) if found else (1, 1)
    return Evidence(message=f"{importer} imports {imported}", path=files.path(importer) or importer, line=line, column=column)
