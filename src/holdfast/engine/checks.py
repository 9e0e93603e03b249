"""What the rules say of one file, or of the project: prefilter, rule, findings, exemptions."""

from __future__ import annotations

import os
import re

from holdfast.code.source import Source, other_encoding
from holdfast.engine import exemptions as exempt
from holdfast.record import Record
from holdfast.rule import CheckError, Finding, Options, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdfast.code.project import Project
    from holdfast.code.source import ProjectLike

LONGEST_FRAME = 200

Chosen = tuple[Rule, Options]


class Outcome(Record):
    """What came of one file."""

    findings: tuple[Finding, ...] = ()
    errors: tuple[CheckError, ...] = ()


def check_source(source: Source, chosen: Iterable[Chosen], *, prefilter: bool = True) -> Outcome:
    """Run file rules over one file: the whole of what a host needs. Exempted findings are marked, not dropped.

    Without the prefilter every file is parsed: slower, with the same findings (a test looks).
    """
    chosen = tuple(chosen)
    lowered = source.data.lower()
    everything = not prefilter or other_encoding(source.data)
    wanting = [(rule, options) for rule, options in chosen if everything or not rule.mentions or _mentions(lowered, rule, options)]
    if not wanting and exempt.MENTION not in source.data:
        return Outcome()
    try:
        source.tree  # noqa: B018  # a file that cannot be parsed is one error, whatever the rules
    except CheckError as error:
        return Outcome(errors=(error,))
    findings: list[Finding] = []
    errors: list[CheckError] = []
    for rule, options in wanting:
        try:
            findings += [complete(rule, source, finding) for finding in rule.check(source, options)]
        except CheckError as error:
            errors.append(error)
        except Exception as error:  # noqa: BLE001  # one broken rule must not hide what the others found
            errors.append(_internal(rule, error, source.path))
    exemptions, wrong = exempt.read(source)
    findings, about = exempt.apply(source, findings, exemptions, frozenset(rule.name for rule, _ in chosen))
    return Outcome(findings=(*findings, *about), errors=(*errors, *wrong))


def _mentions(lowered: bytes, rule: Rule, options: Options) -> bool:
    """Whether a file, in lower case, contains one of the words without which a rule has nothing to say."""
    words = (*rule.mentions, *options.mentions)
    found = any(word in lowered for word in words)
    return found and (not rule.whole_words or re.search(rb"\b(?:%s)\b" % b"|".join(words), lowered) is not None)


def complete(rule: Rule, source: Source, finding: Finding) -> Finding:
    """A rule's finding with all that the engine knows of it."""
    frame = source.shown_line(finding.line, secret=rule.secret)[:LONGEST_FRAME]
    return finding.replace(rule=rule.name, code=rule.code, level=finding.level or rule.level, frame=frame)


def _internal(rule: Rule, error: Exception, path: str) -> CheckError:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" at {os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else ""
    return CheckError("internal", f"{rule.name} failed, please report it: {type(error).__name__}: {error}{where}", path)


def check_project(project: ProjectLike, pair: Chosen) -> Outcome:
    """Run one project rule over the whole project."""
    rule, options = pair
    try:
        found = list(rule.check(project, options))
    except CheckError as error:
        return Outcome(errors=(error,))
    except Exception as error:  # noqa: BLE001
        return Outcome(errors=(_internal(rule, error, ""),))
    by_path: dict[str, list[Finding]] = {}
    for finding in found:
        by_path.setdefault(finding.path, []).append(finding)
    findings: list[Finding] = []
    for path, group in by_path.items():
        source = project.source(path)
        if source is None:
            findings += [finding.replace(rule=rule.name, code=rule.code, level=finding.level or rule.level) for finding in group]
            continue
        marked, _ = exempt.apply(
            source, [complete(rule, source, finding) for finding in group], exempt.read(source)[0], frozenset()
        )
        findings += marked
    return Outcome(findings=tuple(findings), errors=tuple(project.unreadable.values()))


def check_file(root: str, name: str, chosen: list[Chosen], project: Project | None = None) -> Outcome:
    """Read one file (its path relative to the root) and check it."""
    try:
        with open(os.path.join(root, name), "rb") as file:
            data = file.read()
    except OSError as error:
        return Outcome(errors=(CheckError("unreadable", error.strerror or "cannot be read", name),))
    return check_source(Source(name, data, project=project), chosen)


def project_of(root: str, chosen: Iterable[Chosen], source_roots: tuple[str, ...] = ()) -> Project | None:
    """A project where a rule asks for one, or is about it."""
    if not any(rule.asks or rule.scope == "project" for rule, _ in chosen):
        return None
    from holdfast.code.project import Project

    return Project(root, source_roots)
