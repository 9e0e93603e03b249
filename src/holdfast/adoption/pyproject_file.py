"""Add `[tool.holdfast]` to pyproject.toml, or extend it. Everything else in the file stays as it is."""

from __future__ import annotations

import re

from holdfast.adoption import Change, library, read
from holdfast.engine.config import parsed
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

PATH = "pyproject.toml"


def change(root: str, select: Sequence[str], exclude: Sequence[str]) -> Change | None:
    """Return the change that selects these rules, if `[tool.holdfast]` does not exist yet, and excludes these globs.

    None if there is nothing to change. Raises CheckError for an invalid file, or for a layout that cannot be extended.
    """
    before, text = read(root, PATH)
    document = parsed(text.encode(), PATH)
    tool = document.get("tool", {})
    if not isinstance(tool, dict):
        raise CheckError("option", "`tool` must be a table", PATH)
    table = tool.get("holdfast")
    excluded = table.get("exclude", []) if isinstance(table, dict) else []
    missing = [glob for glob in exclude if glob not in excluded]
    if table is not None and not missing:
        return None
    if table is None:
        expected: dict[str, Any] = {"select": list(select), **({"exclude": missing} if missing else {})}
        after = text + _new_table(text, select, missing)
    else:
        expected = {**table, "exclude": [*excluded, *missing]}
        after = _extended(text, missing)
    if not _has_content(after, {**document, "tool": {**tool, "holdfast": expected}}):
        raise CheckError("internal", "`holdfast init` cannot extend this layout: add [tool.holdfast] by hand", PATH)
    return Change(path=PATH, before=before, after=after.encode())


def _has_content(text: str, content: dict[str, Any]) -> bool:
    """Whether a text is TOML with this content."""
    try:
        return parsed(text.encode(), PATH) == content
    except CheckError:
        return False


def _new_table(text: str, select: Sequence[str], exclude: Sequence[str]) -> str:
    """The text to append to a file for a new table."""
    lines = ["[tool.holdfast]", *_array("select", select), *(_array("exclude", exclude) if exclude else [])]
    newline = "\r\n" if "\r\n" in text else "\n"
    is_complete = not text or text.endswith("\n")
    return ("" if is_complete else newline) + (newline if text else "") + newline.join(lines) + newline


def _array(key: str, items: Sequence[str]) -> list[str]:
    """The lines of a key with a list of strings, one line per string, so that they can be commented on and merged."""
    from json import dumps  # a JSON string in ASCII is also a TOML string

    return [f"{key} = [", *(f"  {dumps(item)}," for item in items), "]"]


def _extended(text: str, globs: Sequence[str]) -> str:
    """The text with additional globs in the table's `exclude`."""
    tomlkit = library("tomlkit")
    document = tomlkit.parse(text)
    table = document["tool"]["holdfast"]
    if "exclude" not in table:
        table["exclude"] = tomlkit.array()
    indent = re.search(r"\n([ \t]*)\S", table["exclude"].as_string())
    for glob in globs:
        if indent:
            table["exclude"].add_line(glob, indent=indent[1])
        else:
            table["exclude"].append(glob)
    return str(tomlkit.dumps(document))
