"""Tools, their processes and their results: plain data."""

from __future__ import annotations

import re

from holdfast.record import Record
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from holdfast.engine.tool_settings import Settings

LONGEST = 400
"""The number of characters of a tool's standard error that an error message quotes."""


class Ran(Record):
    """A process that has ended. arguments: its arguments without the program."""

    arguments: tuple[str, ...]
    code: int
    out: str
    err: str


class Result(Record):
    """One finding of a tool.

    path: absolute, or relative to the root. Lines are 1-based. Columns are 1-based, in characters; with in_bytes 0-based, in
    UTF-8 bytes, as in ast. An end of 0 is unknown. whole_file: the finding is about the file, not about its position.
    """

    path: str
    line: int
    column: int
    code: str
    message: str
    end_line: int = 0
    end_column: int = 0
    in_bytes: bool = False
    whole_file: bool = False
    level: str = "warning"
    measure: int | None = None
    url: str = ""
    name: str = ""
    """The rule's name in words, for lists; "" if the code is a word itself."""
    tags: tuple[str, ...] = ()
    """Tags of the rule, as code scanning knows them: "security", "external/cwe/cwe-078", "maintainability"."""


class Tool(Record):
    """One tool: how to call it, and how to read its output. It runs in the root, once for each list of arguments."""

    name: str
    calls: Callable[[Settings, Sequence[str]], Iterator[list[str]]]
    """calls(settings, files) yields the arguments of each call. files: the Python files below the root, if `files` is set."""
    results: Callable[[Ran], Iterator[Result | CheckError]]
    """results(ran) yields the findings, and an error for each file that was not checked. Raises CheckError if the tool failed."""
    looked_at: Callable[[Ran], Iterator[str]]
    """looked_at(ran) yields the paths of the files that a process looked at. Raises CheckError if the output does not say it."""
    lists: tuple[str, ...] = ()
    """More arguments, with which a call lists the files instead of checking them; empty if each call says what it looked at."""
    renames: Callable[[str], tuple[tuple[str, ...], Callable[[Ran], str]]] | None = None
    """renames(code) returns the arguments of a call that changes nothing, and a function that reads the code's new name in its
    output, or "". None if codes of the tool are not renamed."""
    ignore_comments: tuple[str, ...] = ()
    """More arguments, with which a call ignores the comments that suppress findings; empty if the tool has no such option."""
    file_comment: str = ""
    """A regular expression for a comment that suppresses findings in more than its own statement."""
    only_utf8: bool = False
    """Whether the tool passes over a file that is not UTF-8, whatever coding the file declares."""
    secret: frozenset[str] = frozenset()
    """The codes whose messages quote secrets."""
    files: bool = False
    """Whether the tool needs a list of files, because it does not find the right ones itself."""


def failed(name: str, ran: Ran, why: str = "") -> CheckError:
    """Return the error about a failed process, with the reason or its standard error."""
    quoted = " ".join(ran.err.split())[:LONGEST]  # never standard output, which may contain secrets
    reason = f"{why}: {quoted}" if why and quoted else why or quoted or "there is no error message"
    return CheckError("internal", f"{name} failed (exit code {ran.code}): {reason}")


def document(name: str, ran: Ran, kind: type) -> Any:
    """Return the JSON in the standard output of a process. Raises CheckError if it is not valid, or not of this type."""
    import json

    try:
        found = json.loads(ran.out)
    except (ValueError, RecursionError) as error:
        raise failed(name, ran, "the output is not valid JSON") from error
    if not isinstance(found, kind):
        raise failed(name, ran, "the output has an unexpected format")
    return found


def is_valid(item: Result | CheckError) -> bool:
    """Return whether a result has values of the right types, and a code that can be part of the name of a rule."""
    if isinstance(item, CheckError):
        return isinstance(item.path, str) and type(item.line) is int
    texts = (item.path, item.code, item.message, item.url, item.name, *item.tags)
    numbers = (item.line, item.column, item.end_line, item.end_column)
    has_types = all(isinstance(text, str) for text in texts) and all(type(number) is int and number >= 0 for number in numbers)
    return has_types and re.fullmatch(r"[\w.-]+", item.code, re.ASCII) is not None
