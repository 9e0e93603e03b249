"""Units and the imports between them, as data for a drawing."""

from __future__ import annotations

from holdfast.boundaries.boundaries import Units
from holdfast.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.boundaries.boundaries import Options
    from holdfast.boundaries.edges import Imports


class Arrow(Record):
    """The number of imports from one unit to another, and how many of them the contract forbids."""

    importer: str
    imported: str
    imports: int
    forbidden: int


class Drawing(Record):
    """The units of a contract, sorted; the units that are core or shared; and the arrows between units."""

    title: str
    units: tuple[str, ...]
    core: frozenset[str]
    arrows: tuple[Arrow, ...]

    def short(self, unit: str) -> str:
        """Return a unit's name without the prefix that all names share."""
        parts = [name.split(".")[:-1] for name in self.units]
        shared = next((n for n, same in enumerate(zip(*parts, strict=False)) if len(set(same)) > 1), min(map(len, parts)))
        return ".".join(unit.split(".")[shared:])


def draw(title: str, imports: Imports, options: Options) -> Drawing:
    """Return the drawing of a `boundaries` contract. Raises CheckError for invalid options."""
    units = Units(options, imports.modules)
    counted: dict[tuple[str, str], list[int]] = {}
    for importer, targets in imports.direct.items():
        here = units.owner.get(importer)
        for imported in targets:
            there = units.owner.get(imported)
            if here and there and here != there and imports.is_counted(importer, imported):
                pair = counted.setdefault((here, there), [0, 0])
                pair[0] += 1
                pair[1] += units.violation(importer, imported) is not None
    return Drawing(
        title=title,
        units=tuple(sorted({*units.units, *units.core, *units.shared})),
        core=frozenset(units.core | units.shared),
        arrows=tuple(Arrow(importer=a, imported=b, imports=n, forbidden=bad) for (a, b), (n, bad) in sorted(counted.items())),
    )
