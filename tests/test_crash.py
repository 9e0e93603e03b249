"""Every rule over the standard library and all installed packages: no crash, no surprise, and a count of what was read."""

from __future__ import annotations

import ast
import random
import sysconfig
from pathlib import Path

import pytest

from holdfast import rules
from holdfast.code.source import Source
from holdfast.engine import checks, config, run as engine
from holdfast.formats import json, text
from tests.rules import cases


@pytest.mark.parametrize("where", ["stdlib", "purelib"])
def test_every_rule_reads_everything(where: str) -> None:
    folder = sysconfig.get_path(where)
    report = engine.run(config.Config(select=("all",)), folder, [folder])
    assert report.files > 1000
    assert [error for error in report.errors if error.kind not in ("syntax", "newer-syntax", "unreadable")] == []
    assert len(report.errors) < report.files / 50  # some packages carry files that no Python reads, on purpose
    assert len({finding.fingerprint for finding in report.findings}) == len(report.findings) > 0
    for frames in (False, True):
        assert text.write(report, frames=frames).count("\n") >= len(report.findings)
    assert json.write(report)


def test_rules_survive_files_that_they_would_not_ask_for() -> None:
    """Without the prefilter, each rule sees every kind of statement that the standard library knows."""
    chosen = [(rule, rule.options()) for rule in map(rules.load, rules.names()) if rule.scope == "file"]
    parsed = 0
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))[:120]:
        source = Source(path.name, path.read_bytes())
        outcome = checks.check_source(source, chosen, prefilter=False)
        assert not outcome.errors
        assert outcome == checks.check_source(source, chosen)
        parsed += 1
    assert parsed > 100


class Forgetful(ast.NodeTransformer):
    """Takes arguments away from calls, as somebody does who is still typing."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def visit_Call(self, node: ast.Call) -> ast.Call:  # the name that ast looks for
        self.generic_visit(node)
        if self.chance.random() < 0.4:
            node.args = self.chance.choice([[], node.args[:1], [ast.Starred(ast.Name("x", ast.Load()), ast.Load())]])
            node.keywords = self.chance.choice([[], node.keywords])
        return node


@pytest.mark.parametrize("seed", range(3))
def test_rules_survive_calls_without_their_arguments(seed: int, tmp_path: Path) -> None:
    """The code of all cases, halfway through an edit."""
    forgetful = Forgetful(random.Random(seed))
    for case in cases.read_all():
        for block in case.blocks:
            if block.path.endswith(".py"):
                tree = ast.fix_missing_locations(forgetful.visit(ast.parse(block.code)))
                path = tmp_path / case.slug / block.path
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(ast.unparse(tree), "utf-8")
    report = engine.run(config.Config(select=("all",)), str(tmp_path), [str(tmp_path)])
    assert report.files > 100
    assert not report.errors
