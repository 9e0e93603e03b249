"""Compare two versions of a baseline, and merge the versions of two branches. Both count accepted findings, not lines of text."""

from __future__ import annotations

from holdfast.baseline.entries import Entry, merged
from holdfast.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from holdfast.baseline.entries import Identity

    Pairs = list[tuple[Entry, Entry]]


class Difference(Record):
    """What a baseline takes out and adds, compared with an older version. Each entry stands for one finding.

    lowered and raised: limits, each as its old and its new entry. moved: entries for renamed code, old and new.
    """

    removed: tuple[Entry, ...] = ()
    added: tuple[Entry, ...] = ()
    lowered: tuple[tuple[Entry, Entry], ...] = ()
    raised: tuple[tuple[Entry, Entry], ...] = ()
    moved: tuple[tuple[Entry, Entry], ...] = ()

    @property
    def less(self) -> int:
        """The number of findings that are taken out. A lowered limit counts as one."""
        return len(self.removed) + len(self.lowered)

    @property
    def more(self) -> int:
        """The number of findings that are added. A raised limit counts as one."""
        return len(self.added) + len(self.raised)


def difference(before: Iterable[Entry], after: Iterable[Entry]) -> Difference:
    """Return the difference between two versions.

    The same finding with another path, symbol or module is moved: it is neither removed nor added.
    """
    old, new = _singles(before), _singles(after)
    removed, added = _without(old, new), _without(new, old)
    limits = _taken_pairs(removed, added, lambda entry: None if entry.at_most is None else entry.identity)
    moved: Pairs = []
    for place in (0, 1):
        moved += _taken_pairs(removed, added, lambda entry, place=place: _elsewhere(entry, place))  # type: ignore[misc]
    return Difference(
        removed=tuple(removed),
        added=tuple(added),
        lowered=tuple(pair for pair in limits if _limit(pair[1]) < _limit(pair[0])),
        raised=tuple(pair for pair in limits if _limit(pair[1]) > _limit(pair[0])),
        moved=tuple(moved),
    )


def three_way(base: Iterable[Entry], ours: Iterable[Entry], theirs: Iterable[Entry]) -> list[Entry]:
    """Return the entries of the merge of two branches. base: the entries at their merge base.

    What either branch took out is out: of several equal findings, the sum. What both added is added once. If both changed a
    limit, the lower one counts. If one branch renamed code, the entries of the other are renamed, too.
    """
    base, ours, theirs = _singles(base), _singles(ours), _singles(theirs)
    our_moves, their_moves = difference(base, ours).moved, difference(base, theirs).moved
    versions = [_moved(_moved(base, our_moves), their_moves), _moved(ours, their_moves), _moved(theirs, our_moves)]
    tables: list[dict[Identity, list[Entry]]] = [_by_identity(version) for version in versions]
    found: list[Entry] = []
    for identity in dict.fromkeys(identity for table in tables for identity in table):
        found += _merged_equals(*(table.get(identity, []) for table in tables))
    return merged(found)


def _merged_equals(base: list[Entry], ours: list[Entry], theirs: list[Entry]) -> list[Entry]:
    """Merge the entries of one identity. Limits are sorted, as two functions of one name have one limit each."""
    number = _merged_number(len(base), len(ours), len(theirs))
    if (ours or theirs or base)[0].at_most is None:
        return [(ours or theirs)[0]] * number if number else []
    if len(base) == len(ours) == len(theirs):
        return [_merged_limit(*limits) for limits in zip(base, ours, theirs, strict=True)]
    values = {_limit(entry): entry for entry in (*ours, *theirs)}
    counts = {
        value: _merged_number(*(sum(_limit(entry) == value for entry in side) for side in (base, ours, theirs))) for value in values
    }
    return [values[value] for value in sorted(values) for _ in range(counts[value])][:number]


def _merged_number(base: int, ours: int, theirs: int) -> int:
    """The number of equal findings after a merge."""
    more = ours - base, theirs - base
    return max(0, base + (max(more) if min(more) > 0 else sum(more)))


def _merged_limit(base: Entry, ours: Entry, theirs: Entry) -> Entry:
    if _limit(ours) == _limit(base):
        return theirs
    return ours if _limit(theirs) == _limit(base) else min(ours, theirs, key=_limit)


def _limit(entry: Entry) -> int:
    return entry.at_most or 0


def _singles(entries: Iterable[Entry]) -> list[Entry]:
    """The entries sorted, one for each finding."""
    return [entry.replace(times=1) for entry in merged(entries) for _ in range(entry.times)]


def _by_identity(entries: Iterable[Entry]) -> dict[Identity, list[Entry]]:
    found: dict[Identity, list[Entry]] = {}
    for entry in sorted(entries, key=_limit):
        found.setdefault(entry.identity, []).append(entry)
    return found


def _without(entries: Iterable[Entry], others: Iterable[Entry]) -> list[Entry]:
    """The entries that the others do not contain, or contain less often."""
    left: dict[Hashable, int] = {}
    for entry in others:
        key = entry.identity, entry.at_most
        left[key] = left.get(key, 0) + 1
    found: list[Entry] = []
    for entry in entries:
        key = entry.identity, entry.at_most
        if left.get(key):
            left[key] -= 1
        else:
            found.append(entry)
    return found


def _taken_pairs(removed: list[Entry], added: list[Entry], key_of: Callable[[Entry], Hashable]) -> Pairs:
    """Take pairs with the same key, unless it is None, out of both lists."""
    waiting: dict[Hashable, list[int]] = {}
    for index, entry in enumerate(added):
        waiting.setdefault(key_of(entry), []).append(index)
    pairs = {
        number: waiting[key].pop(0)
        for number, entry in enumerate(removed)
        if (key := key_of(entry)) is not None and waiting.get(key)
    }
    found = [(removed[number], added[index]) for number, index in pairs.items()]
    removed[:] = [entry for number, entry in enumerate(removed) if number not in pairs]
    taken = set(pairs.values())
    added[:] = [entry for index, entry in enumerate(added) if index not in taken]
    return found


def _elsewhere(entry: Entry, place: int) -> Hashable:
    """The identity without its path (0) or symbol (1); for a contract, without the importer (0) or what it imports (1)."""
    start = 2 if entry.contract else 1
    key = list(entry.identity)
    key[start + place] = ""
    return (*key, entry.at_most)


def _moved(entries: Sequence[Entry], moves: Iterable[tuple[Entry, Entry]]) -> list[Entry]:
    """The entries at the places to which another branch moved them."""
    waiting: dict[Hashable, list[Entry]] = {}
    for old, new in moves:
        waiting.setdefault((old.identity, old.at_most), []).append(new)
    found: list[Entry] = []
    for entry in entries:
        news = waiting.get((entry.identity, entry.at_most))
        new = news.pop(0) if news else entry
        found.append(entry.replace(path=new.path, symbol=new.symbol, contract=new.contract))
    return found
