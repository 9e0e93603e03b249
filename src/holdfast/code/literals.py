"""The string literals of a file, which messages do not show."""

from __future__ import annotations

import ast
from bisect import bisect_right

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from holdfast.code.scopes import Index

    class Lines(Index, Protocol):
        """The parts of a file that finding literals needs: its nodes, and the columns of their ends."""

        def column(self, line: int, offset: int) -> int: ...

    Place = tuple[int, int]
    """Start and end of a literal, or of its part on a line, as 0-based columns."""


def places(source: Lines) -> dict[int, list[Place]]:
    """The places of string literals on each line, in order, without those inside another one."""
    found: dict[int, list[Place]] = {}
    for literal in source.nodes(ast.Constant, ast.JoinedStr):
        is_text = isinstance(literal, ast.JoinedStr) or isinstance(literal.value, str | bytes)
        if not is_text or isinstance(source.parent(literal), ast.JoinedStr):
            continue
        end_line, end_offset = literal.end_lineno or literal.lineno, literal.end_col_offset or 0
        for number in range(literal.lineno, end_line + 1):
            start = source.column(literal.lineno, literal.col_offset) - 1 if number == literal.lineno else 0
            end = source.column(end_line, end_offset) - 1 if number == end_line else 10**9
            found.setdefault(number, []).append((start, end))
    return {number: _outermost(sorted(places)) for number, places in found.items()}


def _outermost(places: list[Place]) -> list[Place]:
    kept: list[Place] = []
    for start, end in places:
        if not kept or end > kept[-1][1]:
            kept.append((start, end))
    return kept


def redacted(text: str, first: int, last: int, literals: list[Place]) -> str:
    """A part of a line, in which string literals appear as "…". literals: their places on the line."""
    shown, at = "", first
    for index in range(bisect_right(literals, first, key=lambda place: place[1]), len(literals)):
        start, end = literals[index]
        if start >= last:
            break
        shown += text[at : max(start, at)] + '"…"'
        at = end
    return shown + text[at:last]
