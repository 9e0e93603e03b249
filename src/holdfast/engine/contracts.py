"""Judge a contract: from imports to breaches, findings, exemptions and the baseline."""

from __future__ import annotations

from holdfast.baseline.file import stale_findings
from holdfast.baseline.matching import match
from holdfast.code.source import LONGEST_FRAME
from holdfast.engine.exemptions import MENTION, apply_exemptions, read_exemptions
from holdfast.engine.report import level_of_stale, numbered
from holdfast.record import Record
from holdfast.rule import Evidence, Finding
from holdfast.rules import about_holdfast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from holdfast.baseline.entries import Entry
    from holdfast.baseline.file import BaselineFile
    from holdfast.baseline.matching import Matched
    from holdfast.boundaries.edges import Breach, ContractOptions, Imports
    from holdfast.boundaries.files import Files
    from holdfast.code.source import Source
    from holdfast.rule import Rule


class Outcome(Record):
    """The result of a contract. findings are sorted and include exempt and known ones; notes are sentences for people."""

    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    problem: str = ""
    """A sentence that says why the contract could not be judged; such a contract counts as broken."""

    def new(self) -> tuple[Finding, ...]:
        """Return the findings that break the contract."""
        return tuple(finding for finding in self.findings if finding.status == "new")

    @property
    def is_kept(self) -> bool:
        """Whether the contract could be judged and there is no new finding."""
        return not self.problem and not self.new()


def judge(rule: Rule, options: ContractOptions, contract: str, imports: Imports) -> Outcome:
    """Judge a code base by one contract.

    contract: its id, as in baselines. Paths in findings are relative to the root of the files. Raises CheckError for invalid
    options and for files that cannot be parsed.
    """
    found: list[Finding] = []
    notes: list[str] = []
    for breach in rule.check(imports, options):
        of_breach = _findings(rule, contract, breach, imports)
        if breach.level == "note":
            notes += map(_as_note, of_breach)
        else:
            found += of_breach
    files = imports.statements.files
    for path in sorted({finding.path for finding in found}):
        source = files.known(path) if files.mentions(path, MENTION) else None
        if source is not None:
            found, exemption_notes = _with_exemptions(rule, source, found)
            notes += exemption_notes
    return Outcome(findings=numbered(found), notes=tuple(dict.fromkeys(notes)))


def match_outcome(
    outcome: Outcome, entries: Sequence[Entry], importers: frozenset[str] | None, modules: Collection[str]
) -> Matched:
    """Match the findings of one contract with the baseline's entries for it.

    importers: those that were judged; None for all. modules: those of the project, without which no rename is recognised.
    """

    def is_judged(entry: Entry) -> bool:
        return importers is None or entry.contract[1] in importers

    return match(entries, outcome.findings, is_judged=is_judged, has_module=module_test(modules if importers is None else ()))


def module_test(modules: Collection[str]) -> Callable[[str], bool]:
    """Return the function that says whether a module of the project exists. It is true for names outside of its packages."""
    packages = {module.partition(".")[0] for module in modules}
    return lambda name: name in modules or name.partition(".")[0] not in packages


def with_baseline(
    outcome: Outcome,
    rule: Rule,
    contract: str,
    baseline: BaselineFile,
    stale: str,
    importers: frozenset[str] | None,
    *,
    root: str,
    modules: Collection[str],
) -> Outcome:
    """Return the outcome with known findings marked.

    stale: "error" turns stale entries of the baseline into findings, on a merge commit into notes; "warn" turns them into notes,
    "ignore" omits them. root: the folder of the baseline, absolute. importers and modules: as in match_outcome.
    """
    entries = [entry for entry in baseline.entries if entry.rule == rule.name and entry.contract[:1] == (contract,)]
    matched = match_outcome(outcome, entries, importers, modules)
    about_entries = stale_findings(matched, baseline)
    is_note = stale == "warn" or bool(stale == "error" and about_entries and level_of_stale(root) == "note")
    findings = [*matched.findings, *(about_entries if stale == "error" and not is_note else ())]
    notes = map(_as_note, about_entries if is_note else ())
    return outcome.replace(findings=numbered(findings), notes=(*outcome.notes, *notes))


def _as_note(finding: Finding) -> str:
    """The place and message of a finding. In `path:line:`, import-linter would take `:line:` for an emoji."""
    return f"{finding.path}, line {finding.line}: {finding.message}" if finding.line > 1 else finding.message


def _with_exemptions(rule: Rule, source: Source, found: list[Finding]) -> tuple[list[Finding], list[str]]:
    """The findings, those in one file marked if a comment exempts them, and notes about exemptions without a reason.

    Unused exemptions are not reported, because they may be meant for another contract of the same type.
    """
    exemptions, errors = read_exemptions(source)
    in_file = [finding for finding in found if finding.path == source.path]
    marked, about_exemptions = apply_exemptions(source, in_file, exemptions, frozenset((rule.name,)))
    without_reason = about_holdfast.EXEMPTION_WITHOUT_REASON.name
    notes = [_as_note(finding) for finding in about_exemptions if finding.rule == without_reason]
    notes += [f"{error.path}, line {error.line}: {error.message}" for error in errors]
    return [finding for finding in found if finding.path != source.path] + marked, notes


def _findings(rule: Rule, contract: str, breach: Breach, imports: Imports) -> list[Finding]:
    """The findings of a breach, one per import statement; none if only imports that do not count cause it."""
    statements = imports.statements
    files = statements.files
    path = breach.path or files.path(breach.importer) or f"{breach.importer.replace('.', '/')}.py"
    files.mentions(path, MENTION)  # asked now, because the file was read just before
    if breach.place[0] or not breach.imported:
        place = breach.place if breach.place[0] else (1, 1, 1, 1)
        places = [(*place, files.line(path, place[0]) or "")]
    else:
        matching = statements.of(breach.importer, breach.imported, breach.name)
        if not imports.is_counted(breach.importer, breach.imported):
            return []
        places = [(found.line, found.column, found.end_line, found.end_column, found.code) for found in matching] or [
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
            frame=code[:LONGEST_FRAME],
            rule=rule.name,
            code=rule.code,
        )
        for line, column, end_line, end_column, code in places
    ]


def _evidence(files: Files, imports: Imports, importer: str, imported: str) -> Evidence:
    """The first place where one module imports another."""
    found = imports.statements.of(importer, imported)
    line, column = (found[0].line, found[0].column) if found else (1, 1)
    return Evidence(message=f"{importer} imports {imported}", path=files.path(importer) or importer, line=line, column=column)
