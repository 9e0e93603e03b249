"""ruff, run as `ruff check`. A preset is added to the project's configuration and overrides it."""

from __future__ import annotations

import re

from holdfast.boundaries import shipped
from holdfast.ratchet.tool import Ran, Result, Tool, document, failed
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from holdfast.engine.tool_settings import Settings

UNREAD = (None, "invalid-syntax", "syntax-error", "E999", "E902")
"""The codes of files that could not be read or parsed, including those of older versions."""

LIMIT = re.compile(r"\((\d+) > \d+\)")
"""The end of the messages of rules about size: the measure and the limit."""


def _calls(settings: Settings, _files: Sequence[str]) -> Iterator[list[str]]:
    """One call, which changes no files even if the configuration contains `fix = true`."""
    preset = _overrides(settings.preset) if settings.preset else []
    yield [
        "check",
        "--output-format",
        "json",
        "--no-fix",
        "--no-show-fixes",
        *preset,
        *settings.args,
        "--",
        *(settings.paths or "."),
    ]


def _overrides(preset: str) -> list[str]:
    """The preset as single settings, because `--config FILE` would replace the project's exclude and target-version."""
    import tomllib

    with open(shipped.path(f"ruff/{preset}.toml"), "rb") as file:
        table = tomllib.load(file)
    return [part for line in _lines(table) for part in ("--config", line)]


def _lines(table: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """A table of strings, numbers and lists, as lines of TOML with dotted keys."""
    import json

    for key, value in table.items():
        name = f"{prefix}{json.dumps(key)}"
        if isinstance(value, dict):
            yield from _lines(value, f"{name}.")
        else:
            yield f"{name} = {json.dumps(value)}"


def _results(ran: Ran) -> Iterator[Result | CheckError]:
    if ran.code not in (0, 1):
        raise failed("ruff", ran)
    found = document("ruff", ran, list)
    if not found and (ran.code or "No Python files found" in ran.err):
        raise failed("ruff", ran, "there are no findings in the output" if ran.code else "")
    try:
        for item in found:
            start, end = item["location"], item["end_location"]
            if item["code"] in UNREAD:
                yield CheckError("unreadable", f"ruff cannot check the file: {item['message']}", item["filename"], start["row"])
                continue
            limit = LIMIT.search(item["message"])
            yield Result(
                path=item["filename"],
                line=start["row"],
                column=start["column"],
                end_line=end["row"],
                end_column=end["column"],
                code=item["code"],
                message=item["message"],
                whole_file=start == end == {"row": 1, "column": 1},
                measure=int(limit[1]) if limit else None,
                url=item.get("url") or "",
                name=item.get("name") or "",
                tags=("security",) if re.match(r"S\d", item["code"]) else ("maintainability",),
            )
    except (KeyError, TypeError) as error:
        raise failed("ruff", ran, "the output has an unexpected format") from error


def _looked_at(ran: Ran) -> Iterator[str]:
    """The paths that `--show-files` lists, one per line. Their number counts Python, so pyproject.toml is left out."""
    if ran.code:
        raise failed("ruff", ran)
    return (line for line in ran.out.splitlines() if line and not line.endswith("pyproject.toml"))


def _renames(code: str) -> tuple[tuple[str, ...], Callable[[Ran], str]]:
    """Select an old code in a run over empty standard input: ruff warns that it has been remapped."""

    def new_name(ran: Ran) -> str:
        found = re.search(rf"`{re.escape(code)}` has been remapped to `([A-Z]+\d+)`", ran.err)
        return found[1] if found else ""

    return ("check", "--isolated", "--no-cache", "--select", code, "-"), new_name


tool = Tool(
    name="ruff",
    calls=_calls,
    results=_results,
    looked_at=_looked_at,
    renames=_renames,
    lists=("--show-files",),
    ignore_comments=("--ignore-noqa",),
    file_comment=r"#\s*(?:ruff|flake8)\s*:\s*(?:noqa|disable)",
    only_utf8=True,
    secret=frozenset(("S105", "S106", "S107")),
)
