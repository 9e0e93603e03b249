"""Where a finding stands, and what becomes of it there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from holdfast.code.source import Source
from holdfast.engine import checks
from holdfast.rule import Finding, Options, Rule


def check(source: Source, _options: Options) -> Iterator[Finding]:
    yield source.finding(source.tree, "the module has no __all__")


RULE = Rule(name="no-print", code="HF999", summary="x", since="0.1.0", level="error", check=check)


@pytest.mark.parametrize(
    ("code", "end", "status"),
    [
        ("", 1, "new"),
        ("\n\nx: int = 1\n", 1, "new"),
        ('"""A docstring: with a colon."""\nx = 1\n', 33, "new"),
        ("# è\nx: int = 1\n", 4, "new"),
        ("import os  # holdfast: ignore[no-print] a script\n\n\ndef f(): ...\n", 49, "exempt"),
        ("# holdfast: ignore[no-print] a script\nimport os\n", 38, "exempt"),
        ("import os\n# holdfast: ignore[no-print] too late\n", 10, "new"),
    ],
)
def test_a_finding_on_a_module_stands_on_its_first_line(code: str, end: int, status: str) -> None:
    outcome = checks.check_source(Source("shop/x.py", code.encode()), [(RULE, RULE.options())])
    found = next(finding for finding in outcome.findings if finding.rule == "no-print")
    assert (found.line, found.column, found.end_line, found.end_column, found.span, found.status) == (1, 1, 1, end, (1, 1), status)
