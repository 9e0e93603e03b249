"""What a tool is, and what it says: plain data."""

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
"""Characters of a tool's own words in an error."""


class Ran(Record):
    """A process that came to its end. arguments: what it was called with, without the program."""

    arguments: tuple[str, ...]
    code: int
    out: str
    err: str


class Result(Record):
    """One finding as a tool gives it.

    path: absolute, or relative to the root. Lines are 1-based; columns count 1-based characters, or with in_bytes UTF-8 bytes
    from 0, as ast does. An end of 0 is unknown. whole_file: the finding is about the file and not about the place it names.
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


class Tool(Record):
    """One tool: how to call it and how to read what it says. It is run once for each list of arguments, in the root."""

    name: str
    calls: Callable[[Settings, Sequence[str]], Iterator[list[str]]]
    """calls(settings, files) -> the arguments of each run; files: the Python files of the root, for a tool that finds none by
    itself."""
    results: Callable[[Ran], Iterator[Result | CheckError]]
    """results(ran) -> what it found, and an error for each file that it could not look at. Raises CheckError where it failed."""
    secret: frozenset[str] = frozenset()
    """The codes whose findings quote a secret."""
    files: bool = False
    """Whether `calls` needs the list of files."""


def failed(name: str, ran: Ran, why: str = "") -> CheckError:
    """The error of a run that came to nothing: why, or what the tool said, or its exit code."""
    said = " ".join(ran.err.split())[:LONGEST]  # never its output, which may hold secrets
    reason = f"{why}: {said}" if why and said else why or said or "it said nothing"
    return CheckError("internal", f"{name} failed (exit code {ran.code}): {reason}")


def document(name: str, ran: Ran, kind: type) -> Any:
    """The JSON that a run wrote to its standard output. Raises CheckError where it is none, or is not of this type."""
    import json

    try:
        found = json.loads(ran.out)
    except (ValueError, RecursionError) as error:
        raise failed(name, ran, "its output is no JSON") from error
    if not isinstance(found, kind):
        raise failed(name, ran, "its output has another form")
    return found


def is_sound(item: Result | CheckError) -> bool:
    """Whether what was taken from a tool's output has the types that it should have; a code becomes the name of a rule."""
    if isinstance(item, CheckError):
        return isinstance(item.path, str) and type(item.line) is int
    texts = (item.path, item.code, item.message, item.url)
    numbers = (item.line, item.column, item.end_line, item.end_column)
    typed = all(isinstance(text, str) for text in texts) and all(type(number) is int and number >= 0 for number in numbers)
    return typed and re.fullmatch(r"[\w.-]+", item.code, re.ASCII) is not None
