"""Why the rules report something on a line, or not: what each rule tells about it, for `holdfast why`."""

from __future__ import annotations

import os

from holdfast import rules as registry
from holdfast.code.project import Project
from holdfast.engine import checks, config as configuration, run
from holdfast.record import Record
from holdfast.rule import Account, CheckError, Finding, Options, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.source import Source
    from holdfast.engine.config import Config


class Explanation(Record):
    """What one rule tells about a line.

    is_selected: whether the configuration runs the rule. note: what else decides, such as an exemption or an option; "" for
    nothing. accounts: one for each thing on the line that the rule judges.
    """

    rule: Rule
    is_selected: bool
    accounts: tuple[Account, ...]
    note: str = ""


def explain(config: Config, root: str, path: str, line: int, only: tuple[str, ...] = ()) -> list[Explanation]:
    """Ask every rule, or those named, about a line (1-based) of a file.

    root: absolute; path: relative to it, with `/`. Raises CheckError for a file that cannot be read or parsed, for a line that it
    does not have, and where a rule fails.
    """
    project = Project(root, config.source_roots)
    source = project.source(path)
    if source is None:
        raise CheckError("unreadable", "the file does not exist or cannot be read", path)
    source.tree  # noqa: B018  # raises for a file that cannot be parsed
    if line > len(source.lines):
        raise CheckError("option", f"the file has {len(source.lines)} lines, not {line}", path)
    selected = {rule.name for rule in configuration.selected(config)}
    chosen = [registry.load(name) for name in only or registry.names()]
    found = _findings(config, root, source, line, chosen)
    told = (_of_rule(rule, config, source, line, found.get(rule.name, []), rule.name in selected) for rule in chosen)
    return [one for one in told if one.accounts or one.note]


def _findings(config: Config, root: str, source: Source, line: int, chosen: list[Rule]) -> dict[str, list[Finding]]:
    """What the rules report on the line, by rule, with what comments exempt and the baseline knows marked."""
    asked = config.replace(select=tuple(rule.name for rule in chosen), ignore=(), scope="", since="", narrowed=True)
    report = run.run(asked, root, [os.path.join(root, source.path)], jobs=1)
    failed = next((error for error in report.errors if error.kind == "internal"), None)
    if failed:
        raise failed
    found: dict[str, list[Finding]] = {}
    for finding in report.findings:
        if finding.path == source.path and finding.line == line:
            found.setdefault(finding.rule, []).append(finding)
    return found


def _of_rule(rule: Rule, config: Config, source: Source, line: int, findings: list[Finding], is_selected: bool) -> Explanation:
    options = configuration.options_of(rule, config)
    if rule.scope == "file" and not checks.may_find(source, rule, options):
        return Explanation(rule=rule, is_selected=is_selected, accounts=())
    accounts = tuple(rule.why(source, options, line)) if rule.why else tuple(map(_account, findings))
    return Explanation(rule=rule, is_selected=is_selected, accounts=accounts, note=" ".join(_notes(accounts, findings, options)))


def _account(finding: Finding) -> Account:
    """What a rule without tables tells: its finding."""
    return Account(
        line=finding.line,
        column=finding.column,
        subject=f"line {finding.line}" + (f", in {finding.symbol}" if finding.symbol else ""),
        reported=True,
        because=finding.message,
    )


def _notes(accounts: tuple[Account, ...], findings: list[Finding], options: Options) -> Iterator[str]:
    """What happens to a finding after the rule has made it."""
    if any(account.reported for account in accounts) and not findings:
        where = " (option `medium`)" if "medium" in options.fields else ""
        yield f"An option of the rule or `per-path-ignores` leaves it out{where}."
    for finding in findings:
        if finding.status == "exempt":
            yield f"A comment exempts it: {finding.reason or 'no reason given'}."
        if finding.status == "known":
            yield "The baseline knows it."
