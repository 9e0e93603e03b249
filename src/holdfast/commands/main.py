"""The `holdfast` command, which the pre-commit hooks run, too."""

from __future__ import annotations

import gc
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import SimpleNamespace


def run() -> None:
    """The console script: run the process's command, and exit without the interpreter's clean-up.

    The clean-up, and garbage collection during the imports, would take a third of the time to check one file.
    """
    gc.disable()
    options = _parsed(sys.argv[1:])
    gc.freeze()  # what is imported stays
    gc.enable()
    code = _exit_code(options)
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:  # the reader has closed the pipe
        code = 2
    os._exit(code)


def main(arguments: Sequence[str]) -> int:
    """Run the command with these arguments, within a process that goes on; return the exit code."""
    return _exit_code(_parsed(arguments))


def _parsed(arguments: Sequence[str]) -> SimpleNamespace:
    """The parsed arguments. Those of most hooks, `check` with plain options and paths, need no argparse."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    if arguments[:1] == ["check"]:
        from holdfast.commands import check, plain

        parser = plain.PlainParser()
        check.add_arguments(parser)
        options = parser.parse(arguments[1:])
        if options is not None:
            options.run = check.run
            return options
    from holdfast.commands.parser import parse

    return parse(arguments)


def _exit_code(options: SimpleNamespace) -> int:
    """Run the command that was parsed, and return the exit code."""
    from holdfast.formats import text
    from holdfast.rule import CheckError

    try:
        return int(options.run(options))
    except CheckError as error:
        sys.stderr.write(text.write_error(error))
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the interpreter reports the broken pipe at exit
        return 2
    except KeyboardInterrupt:
        return 130
