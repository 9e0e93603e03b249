"""`holdfast explain`: show the documentation of a rule."""

from __future__ import annotations

import sys

from holdfast import rules
from holdfast.rules import pages

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from types import SimpleNamespace


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("rule", metavar="RULE", help="the name or the code of a rule, or of a contract type")


def run(options: SimpleNamespace) -> int:
    """Write the rule's page."""
    name = rules.current_name(options.rule)
    sys.stdout.write(pages.page(next(rule for rule in rules.every() if rule.name == name)))
    return 0
