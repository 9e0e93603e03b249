"""`holdfast rules`: list the rules."""

from __future__ import annotations

import sys

from holdfast import rules

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from types import SimpleNamespace


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """Declare no arguments."""


def run(_options: SimpleNamespace) -> int:
    """Write one line per rule."""
    rows = [
        (
            rule.code,
            rule.name,
            rule.level,
            "on" if rule.default else "off",
            rule.fix_level or "-",
            ", ".join(rule.hosts),
            rule.summary,
        )
        for rule in rules.every()
    ]
    header = ("code", "rule", "level", "default", "fix", "hosts", "invariant")
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]
    for row in [header, *rows]:
        sys.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n")
    return 0
