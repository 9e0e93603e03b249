"""Fix findings: apply the fixes of rules to a file, and check the result.

A rule's fix, `fix(source, node, updated, options)` in the rule's `fix.py`, returns what replaces the node of a finding, or the
reason why the code is left alone. `rewrite.py` puts the replacements into the file. This module checks the rewritten file: it
parses, the findings are gone, nothing else has changed, and a second run changes nothing.
"""

from __future__ import annotations

import difflib
import os

from holdfast.code.source import Source
from holdfast.engine import checks, config as configuration
from holdfast.engine.rewrite import Rewriter
from holdfast.record import Record
from holdfast.rule import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdfast.code.source import ProjectLike
    from holdfast.engine.checks import Chosen, Outcome
    from holdfast.engine.config import Config
    from holdfast.engine.report import Report


class Fixed(Record):
    """A file after its fixes: its bytes, the fixed findings, and the others with the reason why they are left alone."""

    data: bytes
    done: tuple[Finding, ...] = ()
    left: tuple[tuple[Finding, str], ...] = ()


def fix_source(source: Source, findings: Iterable[Finding], chosen: list[Chosen]) -> Fixed:
    """Apply the fixes of findings in one file. chosen: the rules that found them, which also check the result."""
    wanted = [finding for finding in findings if finding.path == source.path and finding.fix and finding.status == "new"]
    if not wanted:
        return Fixed(data=source.data)
    rewriter = Rewriter(source, wanted, chosen)
    try:
        data = rewriter.run()
        problem = _problem(source, data, rewriter, chosen) if rewriter.done else ""
    except Exception as error:  # noqa: BLE001  # libcst cannot read the file, or a replacement does not fit
        problem = f"the file could not be rewritten: {type(error).__name__}: {error}"
    if problem:
        return Fixed(data=source.data, left=tuple((finding, problem) for finding in wanted))
    return Fixed(data=data, done=tuple(rewriter.done), left=tuple(rewriter.left))


def fix_file(report: Report, path: str, config: Config) -> tuple[Fixed, bytes]:
    """Apply the fixes of a report's findings in one file, without writing it. Return the result and the old bytes.

    path: relative to the root.
    """
    chosen = [(rule, configuration.options_of(rule, config)) for rule in configuration.selected(config)]
    with open(os.path.join(report.root, path), "rb") as file:
        data = file.read()
    project = checks.project_of(report.root, chosen, config.source_roots)
    return fix_source(_source(project, path, data), report.new(), chosen), data


def _source(project: ProjectLike | None, path: str, data: bytes) -> Source:
    """A file with these bytes; its project, if there is one, reads them, too."""
    return project.with_text(path, data) if project else Source(path, data)


def _problem(source: Source, data: bytes, rewriter: Rewriter, chosen: list[Chosen]) -> str:
    """The reason not to write a rewritten file; "" if there is none."""
    after = _source(source.project, source.path, data)
    fixing = {finding.rule for finding in rewriter.done}
    before, outcome = (_outcome(one, chosen, fixing) for one in (source, after))
    known = {(error.path, error.message) for error in before.errors}
    broken = [error.message for error in outcome.errors if (error.path, error.message) not in known]
    if broken:
        return f"the fix would break the file ({broken[0]})"
    if len(outcome.findings) != len(before.findings) - len(rewriter.done):
        return "the fix would not remove exactly its findings"
    if _touches_more(source, after, rewriter):
        return "the fix would change other lines"
    fixable = [finding for finding in outcome.findings if finding.fix and finding.status == "new" and finding.path == after.path]
    again = Rewriter(after, fixable, chosen)
    again.run()
    return "a second run would change the file again" if again.done else ""


def _outcome(source: Source, chosen: list[Chosen], fixing: set[str]) -> Outcome:
    """The findings of the file rules in this file, and of the project rules with a fix in this file."""
    outcomes = [checks.check_source(source, [pair for pair in chosen if pair[0].scope == "file"])]
    for rule, options in chosen:
        if source.project and rule.scope == "project" and rule.name in fixing:
            outcomes.append(checks.check_project(source.project, (rule, options)))
    findings = tuple(finding for outcome in outcomes for finding in outcome.findings)
    return checks.Outcome(findings=findings, errors=tuple(error for outcome in outcomes for error in outcome.errors))


def _touches_more(source: Source, after: Source, rewriter: Rewriter) -> bool:
    """Return whether other lines change than those of the findings.

    Allowed are decorators that change their order, and added imports and definitions with the blank lines around them.
    """
    allowed = {line for finding in rewriter.done for line in range(finding.line, finding.end_line + 1)}
    old, new = ([(number, line) for number, line in enumerate(one.lines, 1) if line.strip()] for one in (source, after))
    matcher = difflib.SequenceMatcher(None, [line for _, line in old], [line for _, line in new], autojunk=False)
    removed: list[str] = []
    added: list[str] = []
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        has_findings = start < end and {number for number, _ in old[start:end]} <= allowed
        changed = [line for _, line in (*old[start:end], *new[new_start:new_end])]
        if tag != "equal" and rewriter.moved.issuperset(changed):
            removed += [line for _, line in old[start:end]]
            added += [line for _, line in new[new_start:new_end]]
            continue
        is_added = all(line.startswith(("import ", "from ", *rewriter.definitions)) for line in changed)
        if tag != "equal" and not has_findings and not is_added:
            return True
    return sorted(removed) != sorted(added)
