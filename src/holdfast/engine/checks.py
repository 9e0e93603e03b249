"""Check one file, or one project, with the selected rules: prefilter, rule, findings, exemptions."""

from __future__ import annotations

import os
import re

from holdfast.code.encoding import is_other_encoding
from holdfast.code.source import Source
from holdfast.engine.exemptions import MENTION, apply_exemptions, read_exemptions
from holdfast.record import Record
from holdfast.rule import CheckError, Finding, Options, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdfast.code.project import Project
    from holdfast.code.source import ProjectLike

Chosen = tuple[Rule, Options]


class Outcome(Record):
    """The findings and errors of one file, or of one project rule."""

    findings: tuple[Finding, ...] = ()
    errors: tuple[CheckError, ...] = ()


def check_source(source: Source, chosen: Iterable[Chosen], *, prefilter: bool = True) -> Outcome:
    """Run file rules over one file. Exempt findings are part of the result and are marked.

    prefilter: whether rules are skipped whose words the file does not mention. It changes the speed, never the findings.
    """
    chosen = tuple(chosen)
    relevant = [(rule, options) for rule, options in chosen if not prefilter or may_find(source, rule, options)]
    if not relevant and MENTION not in source.data:
        return Outcome()
    try:
        source.tree  # noqa: B018  # a file that cannot be parsed is one error, not one per rule
    except CheckError as error:
        return Outcome(errors=(error,))
    findings: list[Finding] = []
    errors: list[CheckError] = []
    for rule, options in relevant:
        try:
            findings += [complete(rule, source, finding) for finding in rule.check(source, options)]
        except CheckError as error:
            errors.append(error)
        except RecursionError:
            errors.append(CheckError("unreadable", "the code is nested too deeply to be checked", source.path))
        except Exception as error:  # noqa: BLE001  # a broken rule must not hide the findings of the others
            errors.append(_internal_error(rule.name, error, source.path))
    exemptions, exemption_errors = read_exemptions(source)
    findings, about_exemptions = apply_exemptions(source, findings, exemptions, frozenset(rule.name for rule, _ in chosen))
    return Outcome(findings=(*findings, *about_exemptions), errors=(*errors, *exemption_errors))


def may_find(source: Source, rule: Rule, options: Options) -> bool:
    """Whether a file contains one of the words without which a rule finds nothing; looked for before anything is parsed."""
    if not rule.mentions or is_other_encoding(source.data):
        return True
    words = (*rule.mentions, *options.mentions)
    found = any(word in source.lowered for word in words)
    return found and (not rule.whole_words or re.search(rb"\b(?:%s)\b" % b"|".join(words), source.lowered) is not None)


def complete(rule: Rule, source: Source, finding: Finding) -> Finding:
    """Return a rule's finding with the fields that the engine fills in."""
    frame = source.frame(finding.line, redact=rule.secret)
    return finding.replace(rule=rule.name, code=rule.code, level=finding.level or rule.level, frame=frame)


def _internal_error(what: str, error: Exception, path: str) -> CheckError:
    if isinstance(error, RecursionError):
        return CheckError("unreadable", f"the code is nested too deeply for {what}", path)
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" at {os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else ""
    return CheckError("internal", f"{what} failed with {type(error).__name__}: {error}{where}; please report this bug", path)


def check_project(project: ProjectLike, pair: Chosen) -> Outcome:
    """Run one project rule over the whole project."""
    rule, options = pair
    try:
        found = list(rule.check(project, options))
    except CheckError as error:
        return Outcome(errors=(error,))
    except Exception as error:  # noqa: BLE001
        return Outcome(errors=(_internal_error(rule.name, error, ""),))
    by_path: dict[str, list[Finding]] = {}
    for finding in found:
        by_path.setdefault(finding.path, []).append(finding)
    findings: list[Finding] = []
    for path, group in by_path.items():
        source = project.source(path)
        if source is None:
            findings += [finding.replace(rule=rule.name, code=rule.code, level=finding.level or rule.level) for finding in group]
            continue
        completed = [complete(rule, source, finding) for finding in group]
        findings += apply_exemptions(source, completed, read_exemptions(source)[0], frozenset())[0]
    return Outcome(findings=tuple(findings), errors=tuple(project.unreadable.values()))


def check_file(root: str, name: str, chosen: list[Chosen], project: Project | None = None) -> Outcome:
    """Read and check one file. name: its path relative to the root."""
    try:
        with open(os.path.join(root, name), "rb") as file:
            data = file.read()
    except OSError as error:
        return Outcome(errors=(CheckError("unreadable", error.strerror or "cannot be read", name),))
    try:
        return check_source(Source(name, data, project=project), chosen)
    except Exception as error:  # noqa: BLE001  # one file must not end the run
        return Outcome(errors=(_internal_error("the check", error, name),))


def project_of(root: str, chosen: Iterable[Chosen], source_roots: tuple[str, ...] = ()) -> Project | None:
    """Return a project if one of the rules needs one, otherwise None."""
    if not any(rule.uses_project or rule.scope == "project" for rule, _ in chosen):
        return None
    from holdfast.code.project import Project

    return Project(root, source_roots)
