"""Every rule over the standard library and all installed packages: no crash, no surprise, and a count of what was read."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import pytest

from holdfast import config, engine, rules
from holdfast.formats import json, text
from holdfast.source import Source


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
        outcome = engine.check_source(source, chosen, prefilter=False)
        assert not outcome.errors
        assert outcome == engine.check_source(source, chosen)
        parsed += 1
    assert parsed > 100
