"""`# noqa` comments: prints that a team has already accepted."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast

    from holdfast.code.source import Source

CODES = ("T", "T2", "T20", "T201", "T203", "T001", "T003")  # of ruff and flake8-print, and their groups
COMMENT = r"#\s*{}noqa(?::\s*(?P<codes>[A-Z]+[0-9]*(?:[,\s]+[A-Z]+[0-9]+)*))?"
ON_A_LINE = "(?i)" + COMMENT.format("")
ON_A_FILE = r"(?im)^[ \t]*" + COMMENT.format(r"(?:ruff|flake8):\s*")


def accepts(source: Source, call: ast.Call) -> bool:
    """Return whether a comment on a call's statement, or one for the whole file, accepts prints."""
    if b"noqa" not in source.data:
        return False
    first, last = source.span(call)
    lines = [source.shown_line(number, redact=True) for number in range(first, last + 1)]
    comments = [match for line in lines if (match := re.search(ON_A_LINE, line))]
    return any(map(_names_print, [*comments, *re.finditer(ON_A_FILE, source.text)]))


def _names_print(comment: re.Match[str]) -> bool:
    codes = comment["codes"]
    return not codes or any(code.upper() in CODES for code in re.split(r"[,\s]+", codes))
