"""mypy, 1.11 or newer, which runs the plugins that its configuration names: the one place where code of a project is run."""

from __future__ import annotations

import json

from holdfast.rule import CheckError
from holdfast.tools.tool import Ran, Result, Settings, Tool, failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

PAGE = "https://mypy.readthedocs.io/en/stable/_refs.html#code-"


def _calls(settings: Settings, _files: Sequence[str]) -> Iterator[list[str]]:
    """One run; without `paths` mypy takes what its own configuration says."""
    yield ["--output", "json", "--no-error-summary", "--no-pretty", *settings.args, "--", *settings.paths]


def _results(ran: Ran) -> Iterator[Result | CheckError]:
    """mypy writes one object a line. With exit code 2 it stopped half-way: then each of them is an error."""
    stopped = ran.code not in (0, 1)
    items = list(_items(ran))
    if stopped and not items:
        older = "unrecognized arguments: --output" in ran.err
        raise failed("mypy", ran, "mypy 1.11 or newer is needed" if older else "")
    for item in items:
        if stopped or item["code"] in ("syntax", None):
            yield CheckError("internal", f"mypy stopped: {item['message']}", item["file"], max(item["line"], 0))
        else:
            yield Result(
                path=item["file"],
                line=max(item["line"], 1),
                column=max(item["column"], 0) + 1,
                code=item["code"],
                message=item["message"],
                level="error",
                url=PAGE + item["code"],
            )


def _items(ran: Ran) -> Iterator[dict[str, Any]]:
    """The errors; notes only explain them. Raises CheckError for a line that is none of these objects."""
    for line in ran.out.splitlines():
        try:
            item = json.loads(line)
            known = (item["file"], item["message"], item["severity"]), (item["line"], item["column"]), item["code"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise failed("mypy", ran, "its output is not what it promises") from error
        fits = all(isinstance(text, str) for text in known[0]) and all(isinstance(number, int) for number in known[1])
        if not fits or not isinstance(known[2], str | None):
            raise failed("mypy", ran, "its output is not what it promises")
        if item["severity"] == "error":
            yield item


tool = Tool(
    name="mypy",
    calls=_calls,
    results=_results,
    refused=(
        *("--output", "-O", "--pretty", "--error-summary", "--junit-xml", "--install-types", "--non-interactive"),
        *("--html-report", "--xml-report", "--txt-report"),
    ),
)
