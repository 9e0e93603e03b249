"""`holdfast ratchet`: what other tools find may only become less."""

from __future__ import annotations

import os

from holdfast.commands import output, selection
from holdfast.formats import text
from holdfast.rule import LEVELS

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from types import SimpleNamespace


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--fail-on", choices=LEVELS[1:], help="the weakest level that fails (default: warning)")
    parser.add_argument("--root", metavar="FOLDER", help="where the tools are run (default: found from the working directory)")
    parser.add_argument("--config", metavar="FILE", help="a TOML file with [tool.holdfast] (default: the root's pyproject.toml)")
    output.add_arguments(parser)
    parser.set_defaults(select=None, ignore=None, scope=None, option=[])


def run(options: SimpleNamespace) -> int:
    """Run the tools; exit code 1 for a new finding or a stale entry, 2 where a tool failed or is missing."""
    from holdfast.ratchet import run as ratchet

    root, config = selection.root_and_config(options, [os.path.abspath(options.root or ".")])
    report = ratchet.run(config, root)
    output.write(report, options, text.write_counts(report) + text.write_summary(report))
    return report.exit_code(config.fail_on)
