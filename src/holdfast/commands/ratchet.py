"""`holdfast ratchet`: fail if other tools find more than the baseline allows."""

from __future__ import annotations

import os

from holdfast.commands import output, selection
from holdfast.formats import text
from holdfast.rule import LEVELS

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from types import SimpleNamespace

    from holdfast.engine.report import Report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="TOOL[:CODE]",
        help="only this tool or these codes, as in `ruff:UP`; repeatable",
    )
    parser.add_argument(
        "--since", metavar="REV", default="", help="count findings that a comment silences since the merge base of REV and HEAD"
    )
    parser.add_argument("--fail-on", choices=LEVELS[1:], help="the lowest level that makes the exit code 1 (default: warning)")
    parser.add_argument(
        "--root", metavar="FOLDER", help="the folder in which the tools run (default: found from the working directory)"
    )
    parser.add_argument("--config", metavar="FILE", help="a TOML file with [tool.holdfast] (default: the root's pyproject.toml)")
    parser.add_argument(
        "--stale",
        choices=("finding", "note"),
        help="what a stale entry of the baseline is (default: a note on a merge commit, otherwise a finding)",
    )
    parser.add_argument("--no-baseline", action="store_true", help="ignore the baseline: known findings count as new")
    output.add_arguments(parser)
    parser.set_defaults(select=None, ignore=None, scope=None, option=[])


def run(options: SimpleNamespace) -> int:
    """Run the tools. Exit code 1: a new finding or a stale entry. Exit code 2: a tool failed or is missing."""
    from holdfast.ratchet import run as ratchet

    root, config = selection.root_and_config(options, os.path.abspath(options.root or "."))
    config = config.replace(stale=options.stale or "", baseline="" if options.no_baseline else config.baseline)
    report = ratchet.run(config, root, options.only, options.since)
    output.write(report, options, text.write_counts(report) + _tools(report) + text.write_summary(report))
    return report.exit_code(config.fail_on)


def _tools(report: Report) -> str:
    """One line about the tools: their versions and the numbers of files they looked at; "" if all failed."""
    parts = [f"{tool.name} {tool.version or '(unknown version)'} ({text.count(tool.files, 'file')})" for tool in report.tools]
    return f"holdfast: ran {', '.join(parts)}\n" if parts else ""
