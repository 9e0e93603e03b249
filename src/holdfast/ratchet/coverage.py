"""Compare the files that a tool looked at with those that it should check: no findings in files that it skipped is no result."""

from __future__ import annotations

import os

from holdfast.code import discovery
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from holdfast.engine.tool_settings import Settings
    from holdfast.ratchet.tool import Tool

SUFFIXES = (".py", ".pyi")
"""The endings that every tool takes for Python."""
NAMED = 3
"""The number of skipped files that an error names."""


def relative(path: str, root: str, name: str) -> str:
    """Return a path of a tool relative to the root with `/`; "" stays "". Raises CheckError for a path outside the root."""
    if not path:
        return ""
    for top in (root, os.path.realpath(root)):
        shown = discovery.relative(os.path.normpath(os.path.join(top, path)), top)
        if shown != ".." and not shown.startswith("../") and not os.path.isabs(shown):
            return shown
    raise CheckError("option", f"{name} checked {path}, which is outside the root {root}: correct `paths` or --root")


def expected(name: str, settings: Settings, root: str, exclude: Sequence[str]) -> list[str]:
    """Return the Python files that a tool should check, relative to the root (absolute).

    exclude: globs of files that it need not check. Raises CheckError for a configured path that does not exist.
    """
    names: dict[str, None] = {}
    for path in settings.paths or (".",):
        full = os.path.join(root, relative(path, root, name))
        if not os.path.lexists(full):
            raise CheckError("option", f"[tool.holdfast.tools.{name}] paths: {path} does not exist")
        found = discovery.python_files(os.path.normpath(full), root) if os.path.isdir(full) else discovery.expand(full, root, [])
        names.update(dict.fromkeys(found))
    return [name for name in names if not discovery.matches(name, exclude)]


def gaps(tool: Tool, settings: Settings, root: str, wanted: Sequence[str], looked_at: set[str]) -> Iterator[CheckError]:
    """Yield an error if a tool skipped files, one for each path that has no file for it, and one for each file it cannot read.

    wanted: the files that it should check. looked_at: those that it looked at. Both are relative to the root (absolute).
    """
    table = f"[tool.holdfast.tools.{tool.name}]"
    python = [name for name in wanted if name.endswith(SUFFIXES)]
    skipped = [name for name in python if name not in looked_at]
    if skipped:
        shown = ", ".join(skipped[:NAMED]) + (", ..." if len(skipped) > NAMED else "")
        message = f"{tool.name} did not check {len(skipped)} of {len(python)} Python files ({shown})"
        yield CheckError("option", f"{message}: change its own configuration, or list them in `exclude` of {table}")
    for path in settings.paths:
        shown = relative(path, root, tool.name)
        if shown != "." and not any(name == shown or name.startswith(f"{shown}/") for name in looked_at):
            yield CheckError("option", f"{table} paths: {tool.name} found no file to check in {path}")
    if not looked_at:
        yield CheckError("option", f"{tool.name} found no file to check: correct `paths` or `exclude` in {table}")
    for name in sorted(looked_at) if tool.only_utf8 else ():
        yield from _unreadable(tool, root, name)


def _unreadable(tool: Tool, root: str, name: str) -> Iterator[CheckError]:
    try:
        with open(os.path.join(root, name), encoding="utf-8") as file:
            file.read()
    except UnicodeDecodeError:
        message = f"{tool.name} skips the file, because it is not valid UTF-8: convert it, or list it in `exclude`"
        yield CheckError("unreadable", f"{message} of [tool.holdfast.tools.{tool.name}]", name)
    except OSError as error:
        yield CheckError("unreadable", f"cannot be read: {error.strerror}", name)
