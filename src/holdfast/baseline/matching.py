"""Match findings with the entries of a baseline, also after files, functions or modules were renamed."""

from __future__ import annotations

from functools import partial
from itertools import islice

from holdfast.baseline.entries import Entry, entry_of, identity, merged
from holdfast.record import Record
from holdfast.rule import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from holdfast.baseline.entries import Identity

COMMON = 50
"""An identity that occurs more often in deleted files says nothing about which file was renamed to which."""
PATH, SYMBOL, IMPORTER, TARGET = 1, 2, 2, 3
"""The positions in an identity of names that a rename changes; importer and target are in the identities of contracts."""


class Matched(Record):
    """The result of matching.

    findings: the given findings, the accepted ones with the status "known". entries: the given entries. used: from the index of
    an entry to the findings that it accepts. is_judged: whether the run says something about an entry.
    """

    findings: tuple[Finding, ...]
    entries: tuple[Entry, ...]
    used: dict[int, list[Finding]]
    is_judged: Callable[[Entry], bool]

    def stale(self) -> tuple[tuple[Entry, int], ...]:
        """Return the judged entries that accept more findings than there are, each with the number of findings left."""
        counted = ((entry, len(self.used.get(index, ()))) for index, entry in enumerate(self.entries))
        return tuple((entry, left) for entry, left in counted if left < entry.times and self.is_judged(entry))

    def pruned(self) -> list[Entry]:
        """Return the entries without fixed findings, with current paths and measures. Nothing is added."""
        kept: list[Entry] = []
        for index, entry in enumerate(self.entries):
            left = entry.times
            for finding in self.used.get(index, ()):
                place = {"contract": finding.contract} if entry.contract else {"path": finding.path, "symbol": finding.symbol}
                kept.append(entry.replace(times=1, at_most=finding.measure, **place))
                left -= 1
            if left and not self.is_judged(entry):
                kept.append(entry.replace(times=left))
        return merged(kept)

    def adopted(self) -> list[Entry]:
        """Return the pruned entries and an entry for each new finding."""
        return merged([*self.pruned(), *(entry_of(finding) for finding in self.findings if finding.status == "new")])


def match(
    entries: Sequence[Entry],
    findings: Sequence[Finding],
    *,
    is_judged: Callable[[Entry], bool],
    is_gone: Callable[[str], bool] = lambda _: False,
    has_symbol: Callable[[str, str], bool] = lambda *_: True,
    has_module: Callable[[str], bool] = lambda _: True,
) -> Matched:
    """Match findings with entries; the findings that an entry accepts get the status "known".

    is_judged: whether the rule or contract of an entry ran over the entry's file. is_gone: whether a path, relative to the root,
    no longer exists. has_symbol: whether a file, given by path, defines a function or class. has_module: whether a module of the
    project exists; true for other names.

    If there are more equal findings than an entry accepts, the earlier ones are known. Only findings with the status "new" are
    matched.
    """
    matching = _Matching(entries, findings)
    matching.match_exactly()
    matching.match_renamed(PATH, lambda entry: is_gone(entry.path))
    matching.match_renamed(SYMBOL, lambda entry: bool(entry.symbol) and not has_symbol(entry.path, entry.symbol))
    matching.match_renamed(IMPORTER, lambda entry: not has_module(entry.contract[1]), is_of_contract=True)
    matching.match_renamed(TARGET, lambda entry: bool(entry.contract[2]) and not has_module(entry.contract[2]), is_of_contract=True)
    known = {number for numbers in matching.used.values() for number in numbers}
    marked = tuple(finding.replace(status="known") if number in known else finding for number, finding in enumerate(findings))
    used = {index: [findings[number] for number in numbers] for index, numbers in matching.used.items()}
    return Matched(findings=marked, entries=tuple(entries), used=used, is_judged=is_judged)


class _Matching:
    """The state of one matching. Findings are called by their number, entries by their index."""

    def __init__(self, entries: Sequence[Entry], findings: Sequence[Finding]) -> None:
        self.entries, self.findings = entries, findings
        self.room = [entry.times for entry in entries]
        """How many more findings each entry accepts."""
        self.used: dict[int, list[int]] = {}
        self.waiting = [number for number, finding in enumerate(findings) if finding.status == "new"]

    def accept(self, number: int, indices: list[int], likeness: Callable[[int], tuple[int, ...]] = lambda _: ()) -> bool:
        """Let one of these entries accept a finding: the most similar one, and of limits the lowest.

        An entry without room is removed from the list. Return whether an entry accepts the finding.
        """
        measure = self.findings[number].measure or 0
        with_limits = ((index, self.entries[index].at_most) for index in indices)
        able = list(islice((index for index, limit in with_limits if limit is None or measure <= limit), COMMON))
        if not able:
            return False
        best = max(able, key=lambda index: (*likeness(index), -(self.entries[index].at_most or 0), -index))
        self.used.setdefault(best, []).append(number)
        self.room[best] -= 1
        if not self.room[best]:
            indices.remove(best)
        return True

    def match_exactly(self) -> None:
        """Match findings and entries of the same identity. Large measures come first, because fewer limits allow them."""
        wanted = {number: identity(self.findings[number]) for number in self.waiting}
        table: dict[Identity, list[int]] = {key: [] for key in wanted.values()}
        for index, entry in enumerate(self.entries):
            if (indices := table.get(entry.identity)) is not None:
                indices.append(index)
        numbers = sorted(self.waiting, key=lambda number: -(self.findings[number].measure or 0))
        known = {number for number in numbers if self.accept(number, table[wanted[number]])}
        self.waiting = [number for number in self.waiting if number not in known]

    def match_renamed(self, place: int, is_gone: Callable[[Entry], bool], *, is_of_contract: bool = False) -> None:
        """Match the other findings with entries for a name that no longer exists. The most likely renames come first.

        place: the position of the name in an identity. Two names are likely the same if they have many identities in common, then
        if their last parts are equal. A file may have entries already; another name that has some is not new.
        """
        keys = {
            number: identity(self.findings[number])
            for number in self.waiting
            if bool(self.findings[number].contract) == is_of_contract
        }
        if place != PATH or is_of_contract:
            old_names = {entry.identity[: place + 1] for entry in self.entries} if keys else set()
            keys = {number: key for number, key in keys.items() if key[place] and key[: place + 1] not in old_names}
        wanted = {number: _without(key, place) for number, key in keys.items()}
        table = self._of_gone_names(set(wanted.values()), place, is_gone, is_of_contract)
        common: dict[tuple[str, str], int] = {}
        for number, key in wanted.items():
            for index in table[key] if len(table[key]) <= COMMON else ():
                pair = self.entries[index].identity[place], keys[number][place]
                common[pair] = common.get(pair, 0) + 1

        def likeness(number: int, index: int) -> tuple[int, ...]:
            old, new = self.entries[index].identity[place], keys[number][place]
            return common.get((old, new), 0), _last_part(old, place) == _last_part(new, place)

        best = {
            number: max(likeness(number, index) for index in table[key][:COMMON]) for number, key in wanted.items() if table[key]
        }
        known = {
            number
            for number in sorted(best, key=lambda number: best[number], reverse=True)
            if self.accept(number, table[wanted[number]], partial(likeness, number))
        }
        self.waiting = [number for number in self.waiting if number not in known]

    def _of_gone_names(
        self, wanted: set[Identity], place: int, is_gone: Callable[[Entry], bool], is_of_contract: bool
    ) -> dict[Identity, list[int]]:
        """The entries for names that no longer exist and that have room, by their identity without the name."""
        table: dict[Identity, list[int]] = {key: [] for key in wanted}
        gone: dict[Identity, bool] = {}
        for index, entry in enumerate(self.entries) if wanted else ():
            key = entry.identity
            indices = table.get(_without(key, place))
            if indices is None or bool(entry.contract) != is_of_contract or not self.room[index]:
                continue
            name = key[1 : place + 1]
            if name not in gone:
                gone[name] = is_gone(entry)
            if gone[name]:
                indices.append(index)
        return table


def _without(key: Identity, place: int) -> Identity:
    return (*key[:place], *key[place + 1 :])


def _last_part(name: str, place: int) -> str:
    return name.rpartition("/" if place == PATH else ".")[2]
