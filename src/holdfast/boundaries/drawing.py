"""Units and the imports between them, for people who would rather look than read."""

from __future__ import annotations

from holdfast.boundaries.boundaries import Map
from holdfast.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.boundaries.boundaries import Options
    from holdfast.boundaries.edges import Imports


class Arrow(Record):
    """All imports from one unit to another: how many, and how many of them the contract forbids."""

    importer: str
    imported: str
    imports: int
    forbidden: int


class Drawing(Record):
    """The units of a contract, sorted, those that are core or shared, and the arrows between them."""

    title: str
    units: tuple[str, ...]
    core: frozenset[str]
    arrows: tuple[Arrow, ...]

    def short(self, unit: str) -> str:
        """A unit's name without what all names begin with."""
        parts = [name.split(".")[:-1] for name in self.units]
        shared = next((n for n, same in enumerate(zip(*parts, strict=False)) if len(set(same)) > 1), min(map(len, parts)))
        return ".".join(unit.split(".")[shared:])


def draw(title: str, imports: Imports, options: Options) -> Drawing:
    """The drawing of a `boundaries` contract. Raises CheckError for options that cannot be meant."""
    units = Map(options, imports.modules)
    counted: dict[tuple[str, str], list[int]] = {}
    for importer, targets in imports.direct.items():
        here = units.owner.get(importer)
        for imported in targets:
            there = units.owner.get(imported)
            if here and there and here != there and imports.counts(importer, imported):
                pair = counted.setdefault((here, there), [0, 0])
                pair[0] += 1
                pair[1] += units.wrong(importer, imported) is not None
    return Drawing(
        title=title,
        units=tuple(sorted({*units.units, *units.core, *units.shared})),
        core=frozenset(units.core | units.shared),
        arrows=tuple(Arrow(importer=a, imported=b, imports=n, forbidden=bad) for (a, b), (n, bad) in sorted(counted.items())),
    )
