"""mypy 1.11 or newer. It runs the plugins in its configuration; nothing else in Holdfast runs code of a checked project."""

from __future__ import annotations

import json
import re

from holdfast.ratchet.tool import Ran, Result, Tool, failed
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from holdfast.engine.tool_settings import Settings

FOUND = re.compile(r"^LOG:\s+Found source:\s+BuildSource\(path=('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")", re.MULTILINE)
"""A line of `--verbose`: the path of a file that mypy was told to check, as Python writes it."""
PAGE = "https://mypy.readthedocs.io/en/stable/_refs.html#code-"


def _calls(settings: Settings, _files: Sequence[str]) -> Iterator[list[str]]:
    """One call. Without `paths`, mypy checks the files in its own configuration."""
    yield ["--verbose", "--output", "json", "--no-error-summary", "--no-pretty", *settings.args, "--", *settings.paths]


def _results(ran: Ran) -> Iterator[Result | CheckError]:
    """The errors. If mypy stopped early (exit code 2), each of them is a CheckError."""
    ran = ran.replace(err="\n".join(line for line in ran.err.split("\n") if not line.startswith("LOG:")))
    stopped = ran.code not in (0, 1)
    items = list(_items(ran))
    if ran.code and not items:
        older = "unrecognized arguments: --output" in ran.err
        raise failed("mypy", ran, "Holdfast needs mypy 1.11 or newer" if older else "")
    for item in items:
        line, column = (number if isinstance(number, int) and number > 0 else 0 for number in (item["line"], item["column"]))
        if stopped or item["code"] in ("syntax", None):
            yield CheckError("internal", f"mypy stopped: {item['message']}", item["file"], line)
        else:
            yield Result(
                path=item["file"],
                line=line or 1,
                column=column + 1,
                code=item["code"],
                message=item["message"],
                level="error",
                url=f"{PAGE}{item['code']}",
                tags=("maintainability",),
            )


def _items(ran: Ran) -> Iterator[dict[str, Any]]:
    """The errors without the notes that explain them, one JSON object per line. Raises CheckError for any other line."""
    for line in ran.out.strip().split("\n") if ran.out.strip() else ():
        try:
            item = json.loads(line)
            severity, _ = item["severity"], (item["file"], item["line"], item["column"], item["message"], item["code"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise failed("mypy", ran, "the output has an unexpected format") from error
        if severity == "error":
            yield item


def _looked_at(ran: Ran) -> Iterator[str]:
    """The paths of the files that mypy was told to check. Files that these import are not among them."""
    import ast

    found = FOUND.findall(ran.err.replace("\r\n", "\n"))
    if not found:
        raise CheckError("internal", "mypy does not say which files it checked: Holdfast knows mypy 1.11 to 2.4")
    return (ast.literal_eval(path) for path in found)


tool = Tool(
    name="mypy",
    calls=_calls,
    results=_results,
    looked_at=_looked_at,
)
