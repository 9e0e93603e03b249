"""Every verdict on every case of a heuristic rule is explained by an entry of the rule's tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from holdfast import rules
from holdfast.code.project import Project
from holdfast.engine import config as configuration
from holdfast.rule import Account, Rule
from tests.rules import cases
from tests.rules.test_cases import run

HEURISTIC = [rule for rule in map(rules.load, rules.names()) if rule.signs and rule.scope == "file"]
CASES = [case for case in cases.read_all() if case.rule in {rule.name for rule in HEURISTIC}]


def accounts(rule: Rule, case: cases.Case, folder: Path) -> list[Account]:
    """What a rule tells about every line of a case."""
    case.write(folder)
    settings = configuration.read_project(str(folder)).replace(select=(rule.name,))
    options = configuration.options_of(rule, settings)
    project = Project(str(folder))
    found: list[Account] = []
    for block in case.blocks:
        source = project.source(block.path)
        if source and rule.why and block.path.endswith(".py"):
            found += [one for line in range(1, len(source.lines) + 1) for one in rule.why(source, options, line)]
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_verdict_names_an_entry_of_the_tables(case: cases.Case, tmp_path: Path) -> None:
    rule = rules.load(case.rule)
    told = accounts(rule, case, tmp_path)
    signs, silencers = {sign.name for sign in rule.signs}, {silencer.name for silencer in rule.silencers}
    for account in told:
        assert account.because
        assert account.decided_by in (signs if account.reported else silencers | signs | {""}), account
        assert account.decided_by or not account.reasons, account  # where nothing decided, there is nothing to show
    findings = run(tmp_path, rule.name).findings  # exempt ones too, but not those about exemptions
    lines = sorted({finding.line for finding in findings if finding.rule == rule.name})
    assert lines == sorted({account.line for account in told if account.reported})


@pytest.mark.parametrize("rule", HEURISTIC, ids=lambda rule: rule.name)
def test_every_entry_decides_a_case(rule: Rule, tmp_path: Path) -> None:
    deciding: set[str] = set()
    for number, case in enumerate(case for case in CASES if case.rule == rule.name):
        deciding |= {account.decided_by for account in accounts(rule, case, tmp_path / str(number))}
    assert {*(sign.name for sign in rule.signs), *(silencer.name for silencer in rule.silencers)} - deciding == set()
