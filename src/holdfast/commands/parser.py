"""The command line as argparse parses it, with help and errors."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from types import SimpleNamespace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = {
    "check": "check files and folders",
    "baseline": "accept existing findings, so that only new ones fail",
    "exemptions": "list the inline exemptions, their reasons, and whether they are used",
    "init": "set up Holdfast in a repository: hooks, configuration, baseline",
    "ratchet": "run the tools in [tool.holdfast.tools], and fail only on findings that are not in the baseline",
    "routes": "list the routes of a web application, with their rate limits and authentication",
    "contracts": "check, propose or draw module boundaries, with the contracts in import-linter's configuration",
    "rules": "list the rules",
    "explain": "show the documentation of a rule",
    "why": "explain why a rule reports something on a line, or does not",
}
"""Each is a module of holdfast.commands, which is imported only when the command is named."""
EPILOG = """exit codes: 0 no findings, 1 findings at or above fail-on, 2 something could not be checked.
documentation: `holdfast rules` lists the rules, `holdfast explain RULE` describes one"""


def parse(words: Sequence[str]) -> SimpleNamespace:
    """Return the parsed arguments; `run` is the function of the command. Exits after help and on errors, as argparse does."""
    return _parser(words).parse_args(words, SimpleNamespace())


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="holdfast",
        description="Small static checks that keep a team's invariants.",
        epilog=EPILOG,
        formatter_class=_Help,
    )
    parser.add_argument("--version", action=_Version, nargs=0, default=argparse.SUPPRESS, help="show the version and exit")
    commands = parser.add_subparsers(prog="holdfast", metavar="COMMAND", required=True)  # without prog, argparse formats usage
    named = next((word for word in words if not word.startswith("-")), "")
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary, epilog=EPILOG, formatter_class=_Help)
        if name == named:
            module = importlib.import_module(f"holdfast.commands.{name}")
            module.add_arguments(command)
            command.set_defaults(run=module.run)
    return parser


class _Help(argparse.RawDescriptionHelpFormatter):
    """Help in 118 columns, or as wide as COLUMNS says.

    argparse makes a formatter for every argument, and each asks for the terminal's size, which costs 3 ms.
    """

    def __init__(self, prog: str) -> None:
        columns = os.environ.get("COLUMNS", "")
        super().__init__(prog, max_help_position=32, width=int(columns) - 2 if columns.isdecimal() and int(columns) > 40 else 118)


class _Version(argparse.Action):
    """`--version`: looks up the version only when it is asked for, since the look-up takes as long as checking a file."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object, **__: object) -> None:
        from importlib.metadata import version

        sys.stdout.write(f"holdfast {version('holdfast')}\n")
        parser.exit()
