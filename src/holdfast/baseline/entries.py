"""The baseline: known findings that may only shrink.

Pure functions over entries and findings; `read` and `written` stand between entries and the text of a file, which
`holdfast.baseline.stored` loads. An entry is known by what it says, never by a line number: rule, path, symbol and statement; rule,
path and symbol for a limit; rule and contract, importer, target and name for an import.
"""

from __future__ import annotations

import re
from functools import cache, partial
from itertools import islice

from holdfast.code.syntax import digest
from holdfast.record import Record
from holdfast.rule import CheckError, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    Identity = tuple[str, ...]

VERSION = 1
CONTRACT = ("contract", "importer", "target", "name")
COMMON = 50
"""How often something may occur in files that are gone, and still tell which file was renamed to which."""


class Entry(Record):
    """A known finding. path: relative to the root, with `/`; "" for an import, which a contract identifies.

    line is for people: the code, redacted where the rule is about secrets. times: how many equal findings there are.
    at_most: the largest measure allowed, for rules about limits. contract: contract id, importer, target and name.
    """

    rule: str
    path: str = ""
    symbol: str = ""
    statement: str = ""
    line: str = ""
    times: int = 1
    at_most: int | None = None
    contract: tuple[str, ...] = ()
    number: int = 0
    """Its position in the file, counted from 0."""

    @property
    def identity(self) -> Identity:
        """What it has in common with its findings."""
        return _identity(self.rule, self.path, self.symbol, None if self.at_most is not None else self.statement, self.contract)


def identity(finding: Finding) -> Identity:
    """What a finding has in common with its entry; one without a statement is known by its message."""
    statement = None if finding.measure is not None else finding.statement or digest(finding.message)
    return _identity(finding.rule, finding.path, finding.symbol, statement, finding.contract)


def _identity(rule: str, path: str, symbol: str, statement: str | None, contract: tuple[str, ...]) -> Identity:
    if contract:
        return (rule, *contract)
    return (rule, path, symbol) if statement is None else (rule, path, symbol, statement)


def entry_of(finding: Finding) -> Entry:
    """The entry that makes a finding known."""
    line = finding.frame.strip()
    if finding.contract:
        return Entry(rule=finding.rule, contract=finding.contract, line=line, at_most=finding.measure)
    _, path, symbol, *statement = identity(finding)
    return Entry(rule=finding.rule, path=path, symbol=symbol, statement="".join(statement), line=line, at_most=finding.measure)


# -- matching


class Matched(Record):
    """Entries and findings held against each other.

    findings: as they were given, the known ones marked. entries: as they were given. used: for each entry, by its place in
    entries, the findings that it knows. judged: whether what an entry speaks of was looked at.
    """

    findings: tuple[Finding, ...]
    entries: tuple[Entry, ...]
    used: dict[int, list[Finding]]
    judged: Callable[[Entry], bool]

    def stale(self) -> tuple[tuple[Entry, int], ...]:
        """The entries with more than was found, and how many of each are left; only of those that were judged."""
        counted = ((entry, len(self.used.get(place, ()))) for place, entry in enumerate(self.entries))
        return tuple((entry, left) for entry, left in counted if left < entry.times and self.judged(entry))

    def pruned(self) -> list[Entry]:
        """The entries without what was fixed, at their new paths, with the measures of today; never one more."""
        kept: list[Entry] = []
        for place, entry in enumerate(self.entries):
            left = entry.times
            for finding in self.used.get(place, ()):
                kept.append(entry.replace(times=1, path=entry.path and finding.path, at_most=finding.measure))
                left -= 1
            if left and not self.judged(entry):
                kept.append(entry.replace(times=left))
        return summed(kept)

    def adopted(self) -> list[Entry]:
        """The pruned entries and one for each new finding."""
        return summed([*self.pruned(), *(entry_of(finding) for finding in self.findings if finding.status == "new")])


def apply(
    entries: Sequence[Entry], findings: Sequence[Finding], *, judged: Callable[[Entry], bool], gone: Callable[[str], bool]
) -> Matched:
    """Hold findings against entries: those that an entry knows get the status "known".

    judged: whether the rule (or the contract) of an entry ran, over the file that it names. gone: whether a path, relative to
    the root, no longer exists. Where there are more equal findings than an entry allows, the earlier ones are known. Only
    findings with the status "new" are held against anything.
    """
    matching = _Matching(entries, findings)
    matching.exactly()
    matching.renamed(gone)
    known = {number for numbers in matching.used.values() for number in numbers}
    marked = tuple(finding.replace(status="known") if number in known else finding for number, finding in enumerate(findings))
    used = {place: [findings[number] for number in numbers] for place, numbers in matching.used.items()}
    return Matched(findings=marked, entries=tuple(entries), used=used, judged=judged)


class _Matching:
    """One matching on its way: findings by number, entries by place, and how many findings each entry has room for."""

    def __init__(self, entries: Sequence[Entry], findings: Sequence[Finding]) -> None:
        self.entries, self.findings = entries, findings
        self.room = [entry.times for entry in entries]
        self.used: dict[int, list[int]] = {}
        self.waiting = [number for number, finding in enumerate(findings) if finding.status == "new"]

    def take(self, number: int, places: list[int], likeness: Callable[[int], tuple[int, ...]] = lambda _: ()) -> bool:
        """Let the likeliest of these entries know a finding, of limits the lowest that holds; used up entries are removed."""
        measure = self.findings[number].measure or 0
        with_limits = ((place, self.entries[place].at_most) for place in places)
        fitting = list(islice((place for place, limit in with_limits if limit is None or measure <= limit), COMMON))
        if not fitting:
            return False
        best = max(fitting, key=lambda place: (*likeness(place), -(self.entries[place].at_most or 0), -place))
        self.used.setdefault(best, []).append(number)
        self.room[best] -= 1
        if not self.room[best]:
            places.remove(best)
        return True

    def exactly(self) -> None:
        """Findings and entries with the same identity; the largest measure first, which has the least choice."""
        wanted = {number: identity(self.findings[number]) for number in self.waiting}
        table: dict[Identity, list[int]] = {key: [] for key in wanted.values()}
        for place, entry in enumerate(self.entries):
            if (places := table.get(entry.identity)) is not None:
                places.append(place)
        numbers = sorted(self.waiting, key=lambda number: -(self.findings[number].measure or 0))
        known = {number for number in numbers if self.take(number, table[wanted[number]])}
        self.waiting = [number for number in self.waiting if number not in known]

    def renamed(self, gone: Callable[[str], bool]) -> None:
        """Findings that no entry knows, and what is left of the entries for files that are gone; the likeliest rename first.

        Two files are the likelier the same the more they have in common, then by their names; what occurs often tells nothing.
        """
        wanted = {
            number: _anywhere(identity(self.findings[number])) for number in self.waiting if not self.findings[number].contract
        }
        table = self._homeless(set(wanted.values()), gone)
        common: dict[tuple[str, str], int] = {}
        for number, key in wanted.items():
            for place in table[key] if len(table[key]) <= COMMON else ():
                pair = self.entries[place].path, self.findings[number].path
                common[pair] = common.get(pair, 0) + 1

        def likeness(number: int, place: int) -> tuple[int, ...]:
            old, new = self.entries[place].path, self.findings[number].path
            return common.get((old, new), 0), old.rpartition("/")[2] == new.rpartition("/")[2]

        best = {
            number: max(likeness(number, place) for place in table[key][:COMMON]) for number, key in wanted.items() if table[key]
        }
        for number in sorted(best, key=lambda number: best[number], reverse=True):
            self.take(number, table[wanted[number]], partial(likeness, number))

    def _homeless(self, wanted: set[Identity], gone: Callable[[str], bool]) -> dict[Identity, list[int]]:
        """The entries that still have room and whose files are gone, by what identifies them wherever they are."""
        table: dict[Identity, list[int]] = {key: [] for key in wanted}
        absent: dict[str, bool] = {}
        for place, entry in enumerate(self.entries) if wanted else ():
            places = table.get(_anywhere(entry.identity))
            if places is None or entry.contract or not self.room[place]:
                continue
            if entry.path not in absent:
                absent[entry.path] = gone(entry.path)
            if absent[entry.path]:
                places.append(place)
        return table


def _anywhere(known: Identity) -> Identity:
    """An identity without its path."""
    return (known[0], *known[2:])


# -- the file


def summed(entries: Iterable[Entry]) -> list[Entry]:
    """Equal entries in one, with the sum of their times; sorted as in the file."""
    counted: dict[tuple[Identity, int | None], Entry] = {}
    for entry in entries:
        key = entry.identity, entry.at_most
        counted[key] = entry.replace(times=entry.times + counted[key].times) if key in counted else entry
    return sorted(counted.values(), key=lambda entry: (entry.identity, entry.at_most or 0))


def written(entries: Iterable[Entry]) -> str:
    """The file's text: one entry a line, sorted, in ASCII."""
    import json

    lines = ",\n".join(json.dumps(_as_json(entry)) for entry in summed(entries))
    return f'{{"version": {VERSION}, "entries": [\n{lines}' + ("\n]}\n" if lines else "]}\n")


def _as_json(entry: Entry) -> dict[str, Any]:
    if entry.contract:
        written: dict[str, Any] = {"rule": entry.rule, **dict(zip(CONTRACT, entry.contract, strict=True))}
    else:
        written = {"rule": entry.rule, "path": entry.path, "symbol": entry.symbol}
    if entry.at_most is not None:
        written["at_most"] = entry.at_most
    elif not entry.contract:
        written["statement"] = entry.statement
    if entry.times > 1:
        written["times"] = entry.times
    if entry.line:
        written["line"] = entry.line
    return written


def read(text: str, path: str) -> list[Entry]:
    """The entries of a file's text; equal ones, which a merge may leave, are one entry with the larger times.

    Commas that a merge of both sides' lines leaves out or too many are forgiven. path: where the file is, for errors: raises
    CheckError("option") with its line where it is broken, holds conflict markers or is of a newer version.
    """
    document = _parsed(text, path)
    if document.get("version") != VERSION:
        raise CheckError(
            "option", f"this baseline has the version {document.get('version')!r}; this Holdfast reads {VERSION}", path, 1
        )
    items = document.get("entries")
    if set(document) != {"version", "entries"} or not isinstance(items, list):
        raise CheckError("option", 'a baseline is {"version": 1, "entries": [...]}', path, 1)
    found: dict[tuple[Identity, int | None], Entry] = {}
    for number, item in enumerate(items):
        entry = _entry(item, number)
        if entry is None:
            raise CheckError("option", "this entry of the baseline is broken", path, lines(text, number)[number])
        key = entry.identity, entry.at_most
        if key not in found or found[key].times < entry.times:
            found[key] = entry
    return list(found.values())


def _parsed(text: str, path: str) -> dict[str, Any]:
    import json

    marker = re.search(r"^([<>=|])\1{6}( |$)", text, re.MULTILINE) if "<<<<<<<" in text or ">>>>>>>" in text else None
    if marker:
        message = "holds conflict markers: keep the entries of both sides, delete the markers, then run `holdfast baseline prune`"
        raise CheckError("option", message, path, text.count("\n", 0, marker.start()) + 1)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        merged = re.sub(r"\}(?=\s*\n\s*\{)", "},", re.sub(r",(?=\s*\n\s*\])", "", text))
        try:
            document = json.loads(merged)
        except json.JSONDecodeError as error:
            raise CheckError("option", f"this baseline is no JSON: {error.msg}", path, error.lineno) from error
        except (ValueError, RecursionError) as error:
            raise CheckError("option", f"this baseline cannot be read: {error}", path) from error
    return document if isinstance(document, dict) else {}


_TEXTS = ("rule", "path", "symbol", "statement", "line", *CONTRACT)
_KINDS: dict[str, type] = dict.fromkeys(_TEXTS, str) | {"times": int, "at_most": int}
_SHAPES = (
    frozenset(("rule", "path", "symbol", "statement")),
    frozenset(("rule", "path", "symbol", "at_most")),
    frozenset(("rule", *CONTRACT)),
    frozenset(("rule", *CONTRACT, "at_most")),
)


@cache
def _is_one(names: tuple[str, ...], kinds: tuple[type, ...]) -> bool:
    """Whether fields of these names and types are an entry: whatever is not understood could allow too much."""
    fitting = all(_KINDS.get(name) is kind for name, kind in zip(names, kinds, strict=True))
    return fitting and frozenset(names) - {"times", "line"} in _SHAPES


def _entry(item: object, number: int) -> Entry | None:
    """An entry as it is written; None where it is not one."""
    if not isinstance(item, dict) or not _is_one(tuple(item), tuple(map(type, item.values()))) or item.get("times", 1) < 1:
        return None
    if "contract" in item:
        contract = tuple(item[name] for name in CONTRACT)
        item = {name: value for name, value in item.items() if name not in CONTRACT} | {"contract": contract}
    return Entry(number=number, **item)


def lines(text: str, last: int = 0) -> list[int]:
    """The line of each entry, 1-based, however the file is laid out; and as many more as make `last` a place in the list."""
    found = [line for line, row in enumerate(text.split("\n"), 1) for _ in re.finditer(r'"rule"\s*:', row)]
    return found + [1] * (last + 1 - len(found))
