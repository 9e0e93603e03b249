"""`[tool.holdfast]` in pyproject.toml: appended where there is none, else added to; everything else stays as it is."""

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
    """The file with these rules selected, where nothing of ours is there yet, and these globs excluded beside the others.

    None where it says all that. Raises CheckError for a file that is broken, or laid out in a way that cannot be added to.
    """
    before, text = read(root, PATH)
    document = parsed(text.encode(), PATH)
    tool = document.get("tool", {})
    if not isinstance(tool, dict):
        raise CheckError("option", "`tool` is no table", PATH)
    ours = tool.get("holdfast")
    excluded = ours.get("exclude", []) if isinstance(ours, dict) else []
    missing = [glob for glob in exclude if glob not in excluded]
    if ours is not None and not missing:
        return None
    if ours is None:
        wanted: dict[str, Any] = {"select": list(select), **({"exclude": missing} if missing else {})}
        after = text + _appended(text, select, missing)
    else:
        wanted = {**ours, "exclude": [*excluded, *missing]}
        after = _extended(text, missing)
    if not _says(after, {**document, "tool": {**tool, "holdfast": wanted}}):
        raise CheckError("internal", "its layout is none that `holdfast init` can add to: write [tool.holdfast] by hand", PATH)
    return Change(path=PATH, before=before, after=after.encode())


def _says(text: str, wanted: dict[str, Any]) -> bool:
    """Whether a text holds this content."""
    try:
        return parsed(text.encode(), PATH) == wanted
    except CheckError:
        return False


def _appended(text: str, select: Sequence[str], exclude: Sequence[str]) -> str:
    """The table as new text at the end of a file."""
    lines = ["[tool.holdfast]", *_array("select", select), *(_array("exclude", exclude) if exclude else [])]
    newline = "\r\n" if "\r\n" in text else "\n"
    ended = not text or text.endswith("\n")
    return ("" if ended else newline) + (newline if text else "") + newline.join(lines) + newline


def _array(key: str, items: Sequence[str]) -> list[str]:
    """A key and its list of strings as lines, one a string: so they can be commented on, and merged."""
    from json import dumps  # a string of JSON in ASCII is one of TOML

    return [f"{key} = [", *(f"  {dumps(item)}," for item in items), "]"]


def _extended(text: str, globs: Sequence[str]) -> str:
    """The text with more globs in the table's `exclude`."""
    tomlkit = library("tomlkit")
    document = tomlkit.parse(text)
    ours = document["tool"]["holdfast"]
    if "exclude" not in ours:
        ours["exclude"] = tomlkit.array()
    indent = re.search(r"\n([ \t]*)\S", ours["exclude"].as_string())
    for glob in globs:
        if indent:
            ours["exclude"].add_line(glob, indent=indent[1])
        else:
            ours["exclude"].append(glob)
    return str(tomlkit.dumps(document))
