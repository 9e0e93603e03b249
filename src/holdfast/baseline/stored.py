"""The baseline of a run: the file at the root, what a run may say of its entries, and the findings about it."""

from __future__ import annotations

import os

from holdfast import rules
from holdfast.baseline import entries as baseline
from holdfast.code.syntax import digest
from holdfast.record import Record
from holdfast.rule import CheckError, Finding
from holdfast.rules import about_holdfast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from holdfast.baseline.entries import Entry, Matched


class Stored(Record):
    """A baseline file: its path as the user wrote it, its text and the entries in it."""

    path: str
    text: str
    entries: tuple[Entry, ...]


def load(root: str, path: str) -> Stored:
    """Read a baseline file; path is relative to the root. Raises CheckError where it cannot be read, see also `baseline.read`."""
    full, shown = os.path.join(root, path), path.replace(os.sep, "/")
    try:
        if not os.path.isfile(full):
            raise CheckError("unreadable", "the baseline is no file", shown)
        with open(full, encoding="utf-8") as file:
            text = file.read()
    except OSError as error:
        raise CheckError("unreadable", f"the baseline cannot be read: {error.strerror}", shown) from error
    except UnicodeDecodeError as error:
        raise CheckError("unreadable", f"the baseline cannot be decoded: {error}", shown) from error
    entries = baseline.read(text, shown)
    today = {name: _today(name) for name in {entry.rule for entry in entries if not entry.contract}}
    if any(name != current for name, current in today.items()):
        entries = [entry.replace(rule=today.get(entry.rule, entry.rule)) for entry in entries]
    return Stored(path=shown, text=text, entries=tuple(entries))


def _today(name: str) -> str:
    """A rule's name as it is today; one that no rule of ours has or had stays as it is: no finding will have it."""
    if ":" in name or name in rules.names() or name in {rule.name for rule in rules.own()}:
        return name
    try:
        return rules.current_name(name)
    except CheckError:
        return name


def of_run(
    entries: Sequence[Entry],
    findings: Sequence[Finding],
    *,
    root: str,
    ran: frozenset[str],
    looked_at: frozenset[str],
    whole: bool,
) -> Matched:
    """Hold a run's findings against entries.

    Only entries for rules that ran and files that were looked at are judged; and what became of a deleted file only by a run
    over the whole root (absolute), as a hook that gets a list of names may have looked at a part of it. ran: the names of the
    rules that ran, and of the tools, whose findings have rules such as "ruff:BLE001".
    """

    def gone(path: str) -> bool:
        return not os.path.lexists(os.path.join(root, path))

    def judged(entry: Entry) -> bool:
        tool, colon, _ = entry.rule.partition(":")
        if colon:
            return tool in ran  # over everything, and with all its codes
        return entry.rule in ran and not entry.contract and (entry.path in looked_at or (whole and gone(entry.path)))

    return baseline.apply(entries, findings, judged=judged, gone=gone)


def about(matched: Matched, stored: Stored) -> list[Finding]:
    """A finding for each stale entry, at its line of the file."""
    stale = matched.stale()
    if not stale:
        return []
    lines, rows = baseline.lines(stored.text), stored.text.split("\n")
    return [_stale(entry, left, stored.path, lines[entry.number], rows) for entry, left in stale]


def _stale(entry: Entry, left: int, path: str, line: int, rows: list[str]) -> Finding:
    where = f"{entry.path}{f' ({entry.symbol})' if entry.symbol else ''}"
    if entry.contract:
        _, importer, target, name = entry.contract
        where = f"{importer}{f', which imports {target}' if target else ''}{f' ({name})' if name else ''}"
    kind = " --contracts" if entry.contract else " --tools" if ":" in entry.rule else ""
    there = f"{left} of {entry.times} are left" if left else "is gone" if entry.times == 1 else f"all {entry.times} are gone"
    return Finding(
        path=path,
        line=line,
        column=1,
        end_line=line,
        end_column=len(rows[line - 1]) + 1,
        message=f"{entry.rule} in {where}: {there}: run `holdfast baseline prune{kind}`",
        level=about_holdfast.STALE_BASELINE.level,
        symbol=entry.symbol,
        statement=digest("\0".join(entry.identity)),
        span=(line, line),
        frame=rows[line - 1][:200],
        rule=about_holdfast.STALE_BASELINE.name,
        code=about_holdfast.STALE_BASELINE.code,
    )
