"""Add a configuration to a pyproject.toml or a holdfast.toml, or extend it. Everything else in the file stays as it is."""

from __future__ import annotations

import os
import re

from holdfast.adoption import Change, library, read
from holdfast.engine.config import OWN_FILE, SHARED_FILE, file_of, parsed
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


def path_in(folder: str) -> str:
    """Return the path of the configuration file to write: the one that exists, or a new holdfast.toml."""
    shared = os.path.join(folder, SHARED_FILE)
    return file_of(folder) or (shared if os.path.lexists(shared) else os.path.join(folder, OWN_FILE))


def change(top: str, path: str, select: Sequence[str], exclude: Sequence[str]) -> Change | None:
    """Return the change that selects these rules, if there is no configuration yet, and excludes these globs.

    path: of the file, relative to the top of the checkout. None if there is nothing to change. Raises CheckError for an invalid
    file, or for a layout that cannot be extended.
    """
    before, text = read(top, path)
    document = parsed(text.encode(), path)
    is_own = path.endswith(OWN_FILE)
    tool = document.get("tool", {})
    if not isinstance(tool, dict):
        raise CheckError("option", "`tool` must be a table", path)
    table = (document if before is not None else None) if is_own else tool.get("holdfast")
    excluded = table.get("exclude", []) if isinstance(table, dict) else []
    missing = [glob for glob in exclude if glob not in excluded]
    if table is not None and not missing:
        return None
    if table is None:
        expected: dict[str, Any] = {"select": list(select), **({"exclude": missing} if missing else {})}
        after = text + _new_table(text, select, missing, "" if is_own else "[tool.holdfast]")
    else:
        expected = {**table, "exclude": [*excluded, *missing]}
        after = _extended(text, missing, is_own)
    if not _has_content(after, expected if is_own else {**document, "tool": {**tool, "holdfast": expected}}):
        raise CheckError("internal", "`holdfast init` cannot extend this layout: add the configuration by hand", path)
    return Change(path=path, before=before, after=after.encode())


def _has_content(text: str, content: dict[str, Any]) -> bool:
    """Whether a text is TOML with this content."""
    try:
        return parsed(text.encode(), "") == content
    except CheckError:
        return False


def _new_table(text: str, select: Sequence[str], exclude: Sequence[str], head: str) -> str:
    """The text to append to a file for a new table. head: its name in brackets; "" for the top level."""
    lines = [*([head] if head else []), *_array("select", select), *(_array("exclude", exclude) if exclude else [])]
    newline = "\r\n" if "\r\n" in text else "\n"
    is_complete = not text or text.endswith("\n")
    return ("" if is_complete else newline) + (newline if text else "") + newline.join(lines) + newline


def _array(key: str, items: Sequence[str]) -> list[str]:
    """The lines of a key with a list of strings, one line per string, so that they can be commented on and merged."""
    from json import dumps  # a JSON string in ASCII is also a TOML string

    return [f"{key} = [", *(f"  {dumps(item)}," for item in items), "]"]


def _extended(text: str, globs: Sequence[str], is_own: bool) -> str:
    """The text with additional globs in the table's `exclude`."""
    tomlkit = library("tomlkit")
    document = tomlkit.parse(text)
    table = document if is_own else document["tool"]["holdfast"]
    if "exclude" not in table:
        table["exclude"] = tomlkit.array()
    indent = re.search(r"\n([ \t]*)\S", table["exclude"].as_string())
    for glob in globs:
        if indent:
            table["exclude"].add_line(glob, indent=indent[1])
        else:
            table["exclude"].append(glob)
    return str(tomlkit.dumps(document))
