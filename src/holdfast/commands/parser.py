"""The command line as argparse parses it, with help and errors."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from types import SimpleNamespace

from holdfast.rule import suggestion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, NoReturn

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
    "version": "show the version",
}
"""Each is a module of holdfast.commands, which is imported only when the command is named."""
EXIT_CODES = "exit codes: 0 no findings, 1 findings at or above fail-on, 2 something could not be checked."
REPORTING = frozenset(("check", "ratchet", "contracts"))
"""The commands with these exit codes."""
EPILOG = "documentation: `holdfast rules` lists the rules, `holdfast explain RULE` describes one"


def parse(words: Sequence[str]) -> SimpleNamespace:
    """Return the parsed arguments; `run` is the function of the command. Exits after help and on errors, as argparse does."""
    parser = _parser(words)
    if not words:
        parser.print_help(sys.stderr)
        parser.exit(2)
    return parser.parse_args(words, SimpleNamespace())


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="holdfast",
        description="Small static checks that keep a team's invariants.",
        epilog=EPILOG,
        formatter_class=_Help,
    )
    parser.add_argument("--version", action=_Version, nargs=0, default=argparse.SUPPRESS, help="show the version and exit")
    commands = parser.add_subparsers(prog="holdfast", metavar="COMMAND", required=True)  # without prog, argparse formats usage
    named = next((word for word in words if not word.startswith("-")), "")
    for name, summary in COMMANDS.items():
        epilog = f"{EXIT_CODES}\n{EPILOG}" if name in REPORTING else EPILOG
        command = commands.add_parser(name, help=summary, description=summary, epilog=epilog, formatter_class=_Help)
        if name == named:
            module = importlib.import_module(f"holdfast.commands.{name}")
            module.add_arguments(command)
            command.set_defaults(run=module.run)
    if named and named not in COMMANDS:
        parser.error(f'there is no command "{named}"{suggestion(named, list(COMMANDS))}')
    return parser


class _Parser(argparse.ArgumentParser):
    """Takes options that are written in full only, and reports an unknown one with the usage of the command that has not got it."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings, allow_abbrev=False)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Return the arguments. Exits if one is unknown, before a parser above this one can report it."""
        options, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self._refuse(unknown)
        return options, unknown

    def _print_message(self, message: str, file: Any = None) -> None:
        """Write help or an error. argparse itself ignores that the output cannot be written."""
        (file or sys.stderr).write(message)

    def _refuse(self, unknown: Sequence[str]) -> NoReturn:
        """Exit with a sentence about the first unknown argument."""
        option = unknown[0].partition("=")[0]
        if not option.startswith("-"):
            self.error(f"unexpected argument {option}: name paths next to each other, before or after the options")
        known = [name for action in self._actions for name in action.option_strings if name.startswith("--")]
        starting = [name for name in known if name.startswith(option)]  # such as --stat for --statistics
        self.error(f"there is no option {option}{suggestion(option, known, starting[0] if len(starting) == 1 else None)}")


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
        from holdfast.commands import version

        version.run()
        parser.exit()
