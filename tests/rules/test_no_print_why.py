"""Each verdict of no-print has a sign or a silencer that explains it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from holdfast import rules
from holdfast.code.project import Project
from holdfast.code.source import Source
from holdfast.engine import config
from holdfast.rule import Account
from holdfast.rules.no_print.calls import printing
from tests.rules import cases

RULE = rules.load("no-print")
CASES = [case for case in cases.read_all() if case.rule == RULE.name]
SIGNS = {sign.name for sign in RULE.signs}
SILENCERS = {silencer.name for silencer in RULE.silencers}


def accounts(source: Source, options: object, line: int) -> list[Account]:
    """All that `why` says of a line."""
    assert RULE.why
    return list(RULE.why(source, options, line))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_why_names_what_decided(case: cases.Case, tmp_path: Path) -> None:
    case.write(tmp_path)
    options = config.options_of(RULE, config.read(str(tmp_path / "pyproject.toml")))
    project = Project(str(tmp_path))
    for block in case.blocks:
        source = project.source(block.path) if block.path.endswith(".py") else None
        if source is None:
            continue
        found = {(finding.line, finding.column) for finding in RULE.check(source, options)}
        told = {(one.line, one.column): one for line in range(1, len(source.lines) + 1) for one in accounts(source, options, line)}
        assert told.keys() == {source.place(one.call)[:2] for one in printing(source, getattr(options, "also", ()))}
        for place, account in told.items():
            assert account.reported == (place in found)
            assert account.decided_by in (SIGNS if account.reported else SILENCERS)
            assert account.because
            assert account.decided_by in {reason.name for reason in account.reasons if reason.counts}
        assert found <= told.keys()


def test_every_silencer_and_sign_has_a_case(tmp_path: Path) -> None:
    used: set[str] = set()
    for number, case in enumerate(CASES):
        folder = tmp_path / str(number)
        folder.mkdir()
        case.write(folder)
        options = config.options_of(RULE, config.read(str(folder / "pyproject.toml")))
        project = Project(str(folder))
        for block in case.blocks:
            source = project.source(block.path) if block.path.endswith(".py") else None
            for call in source.nodes(ast.Call) if source else ():
                used |= {account.decided_by for account in accounts(source, options, call.lineno)} if source else set()
    assert used == SIGNS | SILENCERS


def test_an_option_that_is_off_is_said() -> None:
    source = Source("tests/test_shop.py", b"print('x')\n")
    account = accounts(source, RULE.options(tests=False), 1)[0]
    assert (account.reported, account.decided_by) == (True, "print")
    assert account.subject == 'the call `print("…")`'
    assert [(reason.name, reason.counts, reason.why_not) for reason in account.reasons] == [
        ("print", True, ""),
        ("test", False, "the option `tests` is off"),
    ]
