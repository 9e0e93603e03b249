"""The `holdfast` command, which is also what the pre-commit hooks start."""

from __future__ import annotations

import argparse
import importlib
import os
import sys

from holdfast.formats import text
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = {
    "check": "check files and folders",
    "baseline": "keep the findings that are known, and let them only shrink",
    "exemptions": "list the inline exemptions, their reasons, and which are used",
    "init": "set Holdfast up in a repository: hooks, configuration, baseline",
    "ratchet": "run the tools of [tool.holdfast.tools] and hold what they find against the baseline",
    "routes": "list the routes of a web application, and what limits and guards them",
    "contracts": "check module boundaries, by the contracts of import-linter's configuration",
    "rules": "list the rules",
    "explain": "show a rule's page",
}
"""Each a module of holdfast.commands, which is imported when it is asked for."""
EPILOG = """exit codes: 0 nothing found, 1 findings at or above fail-on, 2 something could not be checked.
documentation: holdfast rules; holdfast explain RULE"""


def run() -> None:
    """The console script: main, and out, without the tidying up that takes the interpreter as long as a check of one file."""
    code = main()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:  # nobody reads any more
        code = 2
    os._exit(code)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these arguments (the process's own without); returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    arguments = sys.argv[1:] if arguments is None else arguments
    options = _parser(arguments).parse_args(arguments)
    try:
        return int(options.run(options))
    except CheckError as error:
        sys.stderr.write(text.write_error(error))
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else the interpreter complains on its way out
        return 2
    except KeyboardInterrupt:
        return 130


class _Help(argparse.RawDescriptionHelpFormatter):
    """Help as wide as the terminal, at least when there is help to show: argparse makes a formatter for every argument, and
    to look up the terminal's size costs 3 ms."""

    def __init__(self, prog: str) -> None:
        columns = os.environ.get("COLUMNS", "")
        super().__init__(prog, max_help_position=32, width=int(columns) - 2 if columns.isdecimal() and int(columns) > 40 else 118)


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="holdfast",
        description="Small static checks that keep a team's invariants at every commit.",
        epilog=EPILOG,
        formatter_class=_Help,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(prog="holdfast", metavar="COMMAND", required=True)  # prog spares a look at the terminal
    named = next((argument for argument in arguments if not argument.startswith("-")), "")
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary, epilog=EPILOG, formatter_class=_Help)
        if name == named:
            module = importlib.import_module(f"holdfast.commands.{name}")
            module.arguments(command)
            command.set_defaults(run=module.run)
    return parser


class _Version(argparse.Action):
    """--version, which looks the version up only when asked: the look-up takes as long as a whole run."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object, **__: object) -> None:
        from importlib.metadata import version

        sys.stdout.write(f"holdfast {version('holdfast')}\n")
        parser.exit()
