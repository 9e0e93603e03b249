"""Findings that a comment for a tool suppresses, such as `# noqa`, where that comment is new: they are silenced, not fixed."""

from __future__ import annotations

import os
import re

from holdfast.code.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from holdfast.engine.changes import Changes
    from holdfast.ratchet.tool import Tool
    from holdfast.rule import Finding


def since(changes: Changes, tool: Tool, every: Sequence[Finding], reported: Sequence[Finding], root: str) -> tuple[Finding, ...]:
    """Return the silenced findings in changed statements, and those in files in which a comment for the whole file changed.

    every: the findings of a run that ignores comments. reported: those of a usual run. root: absolute.
    """
    shown = set(map(_place, reported))
    hidden = [finding for finding in every if _place(finding) not in shown]
    whole = {path for path in {finding.path for finding in hidden} if _changes_file_comment(path, tool, changes, root)}
    return tuple(finding for finding in hidden if finding.path in whole or changes.touch(finding))


def _place(finding: Finding) -> tuple[str, str, int, int]:
    return finding.rule, finding.path, finding.line, finding.column


def _changes_file_comment(path: str, tool: Tool, changes: Changes, root: str) -> bool:
    """Whether a changed line has a comment that applies to more than its own statement."""
    if not tool.file_comment:
        return False
    try:
        with open(os.path.join(root, path), "rb") as file:
            lines = Source(path, file.read()).lines
    except OSError:
        return False
    ranges = changes.lines.get(path, ()) if path in changes.tracked else [(1, len(lines))]
    return any(re.search(tool.file_comment, line) for first, last in ranges for line in lines[first - 1 : last])
