"""The baseline file of a run: its content, the entries that the run judges, and the findings about stale entries."""

from __future__ import annotations

import os

from holdfast import rules
from holdfast.baseline.document import from_text, line_numbers
from holdfast.baseline.matching import match
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

    return match(entries, findings, is_judged=is_judged, is_gone=is_gone)


def stale_findings(matched: Matched, file: BaselineFile) -> list[Finding]:
    """Return a finding for each stale entry, at its line in the file."""
    stale = matched.stale()
    if not stale:
        return []
    numbers, rows = line_numbers(file.text), file.text.split("\n")
    return [_stale_finding(entry, left, file.path, numbers[entry.number], rows) for entry, left in stale]


def _stale_finding(entry: Entry, left: int, path: str, line: int, rows: list[str]) -> Finding:
    place = f"{entry.path}{f' ({entry.symbol})' if entry.symbol else ''}"
    if entry.contract:
        _, importer, target, name = entry.contract
        place = f"{importer}{f', which imports {target}' if target else ''}{f' ({name})' if name else ''}"
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
