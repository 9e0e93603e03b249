"""The `holdfast` command, which the pre-commit hooks run, too.

Nothing leaves it as an exception: what no other part caught is one sentence on standard error and exit code 2.
"""

from __future__ import annotations

import errno
import gc
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import SimpleNamespace


def run() -> None:
    """The console script: run the process's command, and exit without the interpreter's clean-up.

    The clean-up, and garbage collection during the imports, would take a third of the time to check one file.
    """
    gc.disable()
    _open_missing_streams()
    code = _guarded(lambda: _run_frozen(sys.argv[1:]))
    flushed = _guarded(_flush)
    os._exit(flushed or code)


def main(arguments: Sequence[str]) -> int:
    """Run the command with these arguments, within a process that goes on; return the exit code."""
    return _guarded(lambda: _exit_code(_parsed(arguments)))


def _run_frozen(arguments: Sequence[str]) -> int:
    """Run the command; the modules that it has imported before are left alone by garbage collection."""
    options = _parsed(arguments)
    gc.freeze()
    gc.enable()
    return _exit_code(options)


def _flush() -> int:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    return 0


def _open_missing_streams() -> None:
    """Open the null device for each standard stream that is closed, or the next file that is opened would take its number."""
    if None not in (sys.stdin, sys.stdout, sys.stderr):
        return
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(number)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # open to the end of the process


def _guarded(function: Callable[[], int]) -> int:
    """Call a function and return its exit code. An exception becomes a sentence on standard error, and exit code 2."""
    try:
        return function()
    except SystemExit as error:  # argparse has written its help or its error
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _discard_output()
        return 2
    except BaseException as error:  # noqa: BLE001  # no traceback for a user, and never exit code 1 for what was not checked
        _say(error)
        return 2


def _say(error: BaseException) -> None:
    """Write one sentence about an exception to standard error; with HOLDFAST_DEBUG also the traceback."""
    try:
        if os.environ.get("HOLDFAST_DEBUG"):
            import traceback

            traceback.print_exception(error)
        sys.stderr.write(_sentence(error))
        sys.stderr.flush()
    except (OSError, ImportError):  # standard error is full or closed, or no file can be opened
        try:
            os.write(2, b"holdfast: error: not everything was checked\n")
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    if isinstance(error, OSError):
        _discard_output()


def _sentence(error: BaseException) -> str:
    """The sentence about an exception."""
    from holdfast.formats import text
    from holdfast.rule import CheckError

    if isinstance(error, CheckError):
        return text.write_error(error)
    if isinstance(error, RecursionError):
        return text.write_error(CheckError("unreadable", "the input is nested too deeply to be read"))
    if isinstance(error, MemoryError):
        return text.write_error(CheckError("internal", "there is not enough memory"))
    if isinstance(error, OSError) and error.errno is not None:
        path = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else ""
        return text.write_error(CheckError("unreadable", _reason(error), path))
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" at {os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else ""
    message = f"internal error: {type(error).__name__}: {error}{where}; please report it (HOLDFAST_DEBUG=1 shows the traceback)"
    return text.write_error(CheckError("internal", message))


def _reason(error: OSError) -> str:
    """Why the operating system refused something."""
    try:
        os.getcwd()
    except FileNotFoundError:
        return "the working directory does not exist any more"
    except OSError:
        pass
    if error.errno == errno.ENOSPC and error.filename is None:
        return "the output cannot be written: no space left on the device"
    reason = error.strerror or type(error).__name__
    return reason[:1].lower() + reason[1:]


def _discard_output() -> None:
    """Send what is still buffered for standard output nowhere, or writing it would fail again at the exit."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except (OSError, ValueError):
            return


def _parsed(arguments: Sequence[str]) -> SimpleNamespace:
    """The parsed arguments. Those of most hooks, `check` with plain options and paths, need no argparse."""
    if sys.stdout is None or (sys.stdin is None and "-" in arguments):
        from holdfast.rule import CheckError

        raise CheckError("option", f"standard {'output' if sys.stdout is None else 'input'} is closed")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    _refuse_files_as_options(arguments)
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


def _refuse_files_as_options(arguments: Sequence[str]) -> None:
    """Raise CheckError("option") for an argument that looks like an option and is the path of a file.

    pre-commit and prek pass the names of files as they are, so a file called `--fix` would steer the hook.
    """
    for word in arguments:
        if word.startswith("-") and os.path.lexists(word):
            from holdfast.rule import CheckError

            message = "looks like an option and is also the path of a file: rename the file, or check it as"
            raise CheckError("option", f"{message} ./{word}", word)


def _exit_code(options: SimpleNamespace) -> int:
    """Run the command that was parsed, and return the exit code."""
    if hasattr(options, "statistics"):
        from holdfast.commands import output

        output.check_options(options)
    code = int(options.run(options))
    return 0 if code == 1 and getattr(options, "exit_zero", False) else code
