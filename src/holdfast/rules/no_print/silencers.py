"""The classes of legitimate prints, in the order in which they are tried."""

from __future__ import annotations

from holdfast.code import conventions
from holdfast.code.imports import importers
from holdfast.record import Record
from holdfast.rule import STRUCTURE, WORDS, Silencer
from holdfast.rules.no_print import calls, noqa, people, programs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from holdfast.code.source import Source
    from holdfast.rules.no_print.calls import Printing


class Class(Silencer):
    """A silencer that an option of the rule switches off; option: the field's name, "" where none does."""

    option: str = ""

    def __init__(self, name: str, kind: str, sentence: str, applies: Callable[[Printing], bool], option: str = "") -> None:
        Record.__init__(self, name=name, kind=kind, sentence=sentence, applies=applies, option=option)


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


def _are_last_words(printing: Printing) -> bool:
    """Return whether the program exits next; a module that others import is no program, and its import would fail."""
    source = printing.source
    if not people.leaves_next(source, printing.call):
        return False
    return source.function(printing.call) is not None or (_is_imported_by_none(printing) and not programs.is_settings(source))


_is_run_by_hand = _once(programs.is_run_by_hand)
_is_imported_by_none = _once(lambda source: not any(importers(source)))

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
        name="noqa",
        kind=STRUCTURE,
        sentence="a `# noqa` comment accepts the call",
        applies=lambda printing: noqa.accepts(printing.source, printing.call),
        option="respect_noqa",
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
        sentence="the function or its class asks a question with `input` or `getpass`",
        applies=lambda printing: people.asks(printing.source, printing.call),
        option="command_line",
    ),
    Class(
        name="console",
        kind=WORDS,
        sentence="the module or class is a console by its name",
        applies=lambda printing: people.is_console(printing.source, printing.call),
        option="command_line",
    ),
    Class(
        name="last-words",
        kind=STRUCTURE,
        sentence="the program exits right after the call",
        applies=_are_last_words,
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
        name="vendored",
        kind=WORDS,
        sentence="the file is a copy of another project's code",
        applies=_once(lambda source: conventions.is_vendored(source.path, source.project)),
        option="vendored",
    ),
    Class(
        name="generated",
        kind=WORDS,
        sentence="a tool generated the file",
        applies=_once(lambda source: conventions.is_generated(source.path, source.lines)),
        option="generated",
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
        sentence="the code runs when the file is started, and no module imports the file",
        applies=lambda printing: _is_run_by_hand(printing) and people.under_statements(printing.source, printing.call),
        option="scripts",
    ),
)
