"""The baseline file of a run: its content, the entries that the run judges, and the findings about stale entries."""

from __future__ import annotations

import ast
import os
from functools import cache

from holdfast import rules
from holdfast.baseline.document import from_text, line_numbers
from holdfast.baseline.matching import match
from holdfast.code.source import Source
from holdfast.code.syntax import digest
from holdfast.record import Record
from holdfast.rule import CheckError, Finding
from holdfast.rules.about_holdfast import STALE_BASELINE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from holdfast.baseline.entries import Entry
    from holdfast.baseline.matching import Matched


class BaselineFile(Record):
    """A baseline file: its path as the user wrote it, its text, and its entries."""

    path: str
    text: str
    entries: tuple[Entry, ...]


def load(root: str, path: str) -> BaselineFile:
    """Read a baseline file. path: relative to the root. Raises CheckError if it cannot be read or is not valid."""
    full, shown = os.path.join(root, path), path.replace(os.sep, "/")
    try:
        if not os.path.isfile(full):
            raise CheckError("unreadable", "the baseline is not a file", shown)
        with open(full, encoding="utf-8") as file:
            text = file.read()
    except OSError as error:
        raise CheckError("unreadable", f"cannot read the baseline: {error.strerror}", shown) from error
    except UnicodeDecodeError as error:
        raise CheckError("unreadable", f"the baseline is not valid UTF-8: {error}", shown) from error
    return parsed(text, shown)


def parsed(text: str, shown: str) -> BaselineFile:
    """Return the baseline with this text, with the current names of its rules. shown: its path, for errors."""
    entries = from_text(text, shown)
    current = {name: _current_name(name) for name in {entry.rule for entry in entries if not entry.contract}}
    if any(old != new for old, new in current.items()):
        entries = [entry.replace(rule=current.get(entry.rule, entry.rule)) for entry in entries]
    return BaselineFile(path=shown, text=text, entries=tuple(entries))


def _current_name(name: str) -> str:
    """The current name of a rule. An unknown name is returned as it is, because no finding will match it."""
    if ":" in name or name in rules.names() or name in {rule.name for rule in rules.own()}:
        return name
    try:
        return rules.current_name(name)
    except CheckError:
        return name


def match_run(
    entries: Sequence[Entry],
    findings: Sequence[Finding],
    *,
    root: str,
    ran: frozenset[str],
    looked_at: frozenset[str],
    whole: bool,
) -> Matched:
    """Match the findings of a run with entries.

    The run judges entries for the rules that ran and the files that were checked. It judges entries for deleted files only if it
    checked the whole root (absolute), because a hook gets only some of the files. ran: the names of rules, and of tools, whose
    findings have rules such as "ruff:BLE001", or the starts of such names.
    """

    def is_gone(path: str) -> bool:
        return not os.path.lexists(os.path.join(root, path))

    def is_judged(entry: Entry) -> bool:
        tool, colon, _ = entry.rule.partition(":")
        if colon:  # a tool always checks everything
            return tool in ran or any(":" in name and entry.rule.startswith(name) for name in ran)
        return entry.rule in ran and not entry.contract and (entry.path in looked_at or (whole and is_gone(entry.path)))

    @cache
    def symbols(path: str) -> frozenset[str] | None:
        return _symbols(os.path.join(root, path))

    def has_symbol(path: str, symbol: str) -> bool:
        known = symbols(path)
        return known is None or symbol in known

    return match(entries, findings, is_judged=is_judged, is_gone=is_gone, has_symbol=has_symbol)


def _symbols(path: str) -> frozenset[str] | None:
    """The functions and classes that a file defines, as in "Class.method"; None if it cannot be read or parsed."""
    try:
        with open(path, "rb") as file:
            source = Source(path, file.read())
        return frozenset(map(source.symbol, source.nodes(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)))
    except (OSError, CheckError):
        return None


def stale_findings(matched: Matched, file: BaselineFile, level: str = STALE_BASELINE.level) -> list[Finding]:
    """Return a finding of this level for each stale entry, at its line in the file."""
    stale = matched.stale()
    if not stale:
        return []
    numbers, rows = line_numbers(file.text), file.text.split("\n")
    return [_stale_finding(entry, left, file.path, numbers[entry.number], rows).replace(level=level) for entry, left in stale]


def place_of(entry: Entry) -> str:
    """Return where an entry accepts findings: its path and symbol, or the importer and what it imports."""
    if not entry.contract:
        return f"{entry.path}{f' ({entry.symbol})' if entry.symbol else ''}"
    _, importer, target, name = entry.contract
    return f"{importer}{f', which imports {target}' if target else ''}{f' ({name})' if name else ''}"


def _stale_finding(entry: Entry, left: int, path: str, line: int, rows: list[str]) -> Finding:
    place = place_of(entry)
    state = f": only {left} of {entry.times} findings remain" if left else " no longer exists"
    option = " --contracts" if entry.contract else " --tools" if ":" in entry.rule else ""
    return Finding(
        path=path,
        line=line,
        column=1,
        end_line=line,
        end_column=len(rows[line - 1]) + 1,
        message=f"{entry.rule} in {place}{state}; run `holdfast baseline prune{option}`",
        level=STALE_BASELINE.level,
        symbol=entry.symbol,
        statement=digest("\0".join(entry.identity)),
        span=(line, line),
        frame=rows[line - 1][:200],
        rule=STALE_BASELINE.name,
        code=STALE_BASELINE.code,
    )
