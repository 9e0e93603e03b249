"""The classes of legitimate prints, in the order in which they are tried."""

from __future__ import annotations

from holdfast.rule import STRUCTURE, WORDS, Silencer
from holdfast.rules.no_print import calls, people, programs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from holdfast.code.source import Source
    from holdfast.rules.no_print.calls import Printing


class Class(Silencer):
    """A silencer that an option of the rule switches off; option: the field's name, "" where none does."""

    option: str = ""


def _once(question: Callable[[Source], bool]) -> Callable[[Printing], bool]:
    """A question about the module of a call, asked once a module."""

    def applies(printing: Printing) -> bool:
        source = printing.source
        key = (question, source.tree)
        if key not in source.memo:
            source.memo[key] = question(source)
        return bool(source.memo[key])

    return applies


def _outside_management(question: Callable[[Source], bool]) -> Callable[[Printing], bool]:
    """A question about a module, answered with no for management commands, which have an option of their own."""
    return _once(lambda source: not programs.is_management(source) and question(source))


_is_run_by_hand = _once(programs.is_run_by_hand)

SILENCERS = (
    Class(
        name="shadowed",
        kind=STRUCTURE,
        sentence="the name is bound to something else than the builtin or `pprint`",
        applies=calls.is_shadowed,
    ),
    Class(
        name="other-stream",
        kind=STRUCTURE,
        sentence="the call may write to another stream than stdout and stderr",
        applies=calls.other_stream,
    ),
    Class(
        name="main-guard",
        kind=STRUCTURE,
        sentence='the code runs under `if __name__ == "__main__":`, or in a function that is called from there',
        applies=lambda printing: people.under_guard(printing.source, printing.call),
        option="main_guard",
    ),
    Class(
        name="speaking-function",
        kind=WORDS,
        sentence="the function's name says that it speaks to people",
        applies=lambda printing: people.is_speaking(printing.source, printing.call),
        option="command_line",
    ),
    Class(
        name="prompt",
        kind=STRUCTURE,
        sentence="the function asks a question with `input` or `getpass`",
        applies=lambda printing: people.asks(printing.source, printing.call),
        option="command_line",
    ),
    Class(
        name="last-words",
        kind=STRUCTURE,
        sentence="the program exits right after the call",
        applies=lambda printing: people.leaves_next(printing.source, printing.call),
        option="command_line",
    ),
    Class(
        name="migration",
        kind=WORDS,
        sentence="the file is a database migration",
        applies=_once(programs.is_migration),
        option="migrations",
    ),
    Class(
        name="test",
        kind=WORDS,
        sentence="the file is a test",
        applies=_once(lambda source: source.is_test),
        option="tests",
    ),
    Class(
        name="management-command",
        kind=WORDS,
        sentence="the file belongs to Django's management commands",
        applies=_once(programs.is_management),
        option="management_commands",
    ),
    Class(
        name="notebook",
        kind=STRUCTURE,
        sentence="the file is a notebook",
        applies=_outside_management(programs.is_notebook),
        option="notebooks",
    ),
    Class(
        name="script-file",
        kind=WORDS,
        sentence="the file lies among scripts, or its name says that people run it",
        applies=_outside_management(programs.is_script),
        option="scripts",
    ),
    Class(
        name="command-line-module",
        kind=STRUCTURE,
        sentence="the module is part of a command-line tool: by its imports, its place or an entry point",
        applies=_outside_management(programs.is_command_line),
        option="command_line",
    ),
    Class(
        name="started-file",
        kind=STRUCTURE,
        sentence="no module imports the file, and it begins with `#!` or reads `sys.argv`",
        applies=_outside_management(programs.is_started),
        option="scripts",
    ),
    Class(
        name="serves-command-line",
        kind=STRUCTURE,
        sentence="only modules of command-line tools import the module",
        applies=_outside_management(programs.serves_programs),
        option="command_line",
    ),
    Class(
        name="script-statements",
        kind=STRUCTURE,
        sentence="the statement belongs to a file that does its work when it is run, and that no module imports",
        applies=lambda printing: printing.source.function(printing.call) is None and _is_run_by_hand(printing),
        option="scripts",
    ),
)
