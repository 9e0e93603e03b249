"""The text of a baseline file: JSON with one entry per line, sorted, so that it can be reviewed and merged."""

from __future__ import annotations

import re
from functools import cache

from holdfast.baseline.entries import Entry, merged
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from holdfast.baseline.entries import Identity

VERSION = 1
CONTRACT = ("contract", "importer", "target", "name")


def to_text(entries: Iterable[Entry]) -> str:
    """Return the text of a file with these entries: one per line, sorted, in ASCII."""
    import json

    lines = ",\n".join(json.dumps(_to_json(entry)) for entry in merged(entries))
    return f'{{"version": {VERSION}, "entries": [\n{lines}' + ("\n]}\n" if lines else "]}\n")


def _to_json(entry: Entry) -> dict[str, Any]:
    if entry.contract:
        fields: dict[str, Any] = {"rule": entry.rule, **dict(zip(CONTRACT, entry.contract, strict=True))}
    else:
        fields = {"rule": entry.rule, "path": entry.path, "symbol": entry.symbol}
    if entry.at_most is not None:
        fields["at_most"] = entry.at_most
    elif not entry.contract:
        fields["statement"] = entry.statement
    if entry.times > 1:
        fields["times"] = entry.times
    if entry.line:
        fields["line"] = entry.line
    return fields


def from_text(text: str, path: str) -> list[Entry]:
    """Return the entries in the text of a file. Of equal entries, which a merge may leave, the one with more times counts.

    Commas that a merge of the lines of both sides leaves out or adds are accepted. path: the file, for errors. Raises
    CheckError("option") with the line for invalid text, conflict markers and other versions.
    """
    document = _parsed(text, path)
    if document.get("version") != VERSION:
        message = f"the baseline has version {document.get('version')!r}, but this version of Holdfast reads version {VERSION}"
        raise CheckError("option", f"{message}: update Holdfast, or write the baseline again", path, 1)
    items = document.get("entries")
    if set(document) != {"version", "entries"} or not isinstance(items, list):
        raise CheckError("option", 'the baseline must be an object of the form {"version": 1, "entries": [...]}', path, 1)
    found: dict[tuple[Identity, int | None], Entry] = {}
    for number, item in enumerate(items):
        entry = _entry(item, number)
        if entry is None:
            message = "the entry is not valid: restore the line from git, or delete it"
            raise CheckError("option", message, path, line_numbers(text, number)[number])
        key = entry.identity, entry.at_most
        if key not in found or found[key].times < entry.times:
            found[key] = entry
    return list(found.values())


def _parsed(text: str, path: str) -> dict[str, Any]:
    import json

    marker = re.search(r"^([<>=|])\1{6}( |$)", text, re.MULTILINE) if "<<<<<<<" in text or ">>>>>>>" in text else None
    if marker:
        message = "contains conflict markers: keep the entries of both sides, delete the markers and run `holdfast baseline prune`"
        raise CheckError("option", message, path, text.count("\n", 0, marker.start()) + 1)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        with_commas = re.sub(r"\}(?=\s*\n\s*\{)", "},", re.sub(r",(?=\s*\n\s*\])", "", text))
        try:
            document = json.loads(with_commas)
        except json.JSONDecodeError as error:
            raise CheckError("option", f"the baseline is not valid JSON: {error.msg}", path, error.lineno) from error
        except (ValueError, RecursionError) as error:
            raise CheckError("option", f"cannot read the baseline: {error}", path) from error
    return document if isinstance(document, dict) else {}


_STRINGS = ("rule", "path", "symbol", "statement", "line", *CONTRACT)
_TYPES: dict[str, type] = dict.fromkeys(_STRINGS, str) | {"times": int, "at_most": int}
_SHAPES = (
    frozenset(("rule", "path", "symbol", "statement")),
    frozenset(("rule", "path", "symbol", "at_most")),
    frozenset(("rule", *CONTRACT)),
    frozenset(("rule", *CONTRACT, "at_most")),
)


@cache
def _is_entry(names: tuple[str, ...], types: tuple[type, ...]) -> bool:
    """Whether fields of these names and types form an entry. Unknown fields are refused, as they could accept too much."""
    has_right_types = all(_TYPES.get(name) is kind for name, kind in zip(names, types, strict=True))
    return has_right_types and frozenset(names) - {"times", "line"} in _SHAPES


def _entry(item: object, number: int) -> Entry | None:
    """The entry that an item of the file describes; None if it is not valid."""
    if not isinstance(item, dict) or not _is_entry(tuple(item), tuple(map(type, item.values()))) or item.get("times", 1) < 1:
        return None
    if "contract" in item:
        contract = tuple(item[name] for name in CONTRACT)
        item = {name: value for name, value in item.items() if name not in CONTRACT} | {"contract": contract}
    return Entry(number=number, **item)


def line_numbers(text: str, last: int = 0) -> list[int]:
    """Return the line of each entry, 1-based, in any layout. The list is filled up with 1 so that it has the index `last`."""
    found = [line for line, row in enumerate(text.split("\n"), 1) for _ in re.finditer(r'"rule"\s*:', row)]
    return found + [1] * (last + 1 - len(found))
