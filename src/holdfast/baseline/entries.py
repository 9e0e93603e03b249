"""The entries of a baseline: accepted findings.

An entry never contains a line number. It is identified by rule, path, symbol and statement; for a limit by rule, path and symbol;
for an import by rule, contract, importer, target and name.
"""

from __future__ import annotations

from holdfast.code.syntax import digest
from holdfast.record import Record
from holdfast.rule import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    Identity = tuple[str, ...]


class Entry(Record):
    """An accepted finding. path: relative to the root, with `/`; "" for an import, which a contract identifies.

    line: the source line, for people; redacted if the rule is about secrets. times: the number of equal findings that are accepted.
    at_most: for rules about limits, the largest accepted measure. contract: contract id, importer, target and name.
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
    """The position in the file, counted from 0."""

    @property
    def identity(self) -> Identity:
        """The values that an entry and its findings have in common."""
        return _identity(self.rule, self.path, self.symbol, None if self.at_most is not None else self.statement, self.contract)


def identity(finding: Finding) -> Identity:
    """Return the values that a finding and its entry have in common. The message replaces a missing statement."""
    statement = None if finding.measure is not None else finding.statement or digest(finding.message)
    return _identity(finding.rule, finding.path, finding.symbol, statement, finding.contract)


def _identity(rule: str, path: str, symbol: str, statement: str | None, contract: tuple[str, ...]) -> Identity:
    if contract:
        return (rule, *contract)
    return (rule, path, symbol) if statement is None else (rule, path, symbol, statement)


def entry_of(finding: Finding) -> Entry:
    """Return the entry that accepts a finding."""
    line = finding.frame.strip()
    if finding.contract:
        return Entry(rule=finding.rule, contract=finding.contract, line=line, at_most=finding.measure)
    _, path, symbol, *statement = identity(finding)
    return Entry(rule=finding.rule, path=path, symbol=symbol, statement="".join(statement), line=line, at_most=finding.measure)


def merged(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries sorted as in the file. Equal entries become one, with the sum of their times."""
    by_key: dict[tuple[Identity, int | None], Entry] = {}
    for entry in entries:
        key = entry.identity, entry.at_most
        by_key[key] = entry.replace(times=entry.times + by_key[key].times) if key in by_key else entry
    return sorted(by_key.values(), key=lambda entry: (entry.identity, entry.at_most or 0))
