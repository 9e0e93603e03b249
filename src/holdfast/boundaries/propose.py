"""What a package's boundaries are today: the units that its layout suggests, and which of them are core to the others."""

from __future__ import annotations

from collections import Counter

from holdfast.boundaries.edges import below, owners
from holdfast.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

CONTAINERS = ("modules", "apps", "domains", "domain", "features", "contexts", "components", "plugins", "integrations", "packages")
CORE = frozenset(
    {"core", "common", "shared", "utils", "util", "helpers", "lib", "libs", "base", "config", "settings", "conf", "constants"}
    | {"const", "exceptions", "errors", "types", "typing", "db", "database", "extensions", "logging", "version", "kernel"}
)
VIA = ("events", "contracts", "signals", "interfaces", "api", "public")
LEAST = 3  # units, for a folder to count as their container


class Proposal(Record):
    """A contract that fits a package: the units as an expression, what is core, and the sub-modules that units offer."""

    container: str
    units: tuple[str, ...]
    core: tuple[str, ...]
    via: tuple[str, ...] = ()


def propose(package: str, modules: Collection[str], direct: Mapping[str, Collection[str]]) -> Proposal:
    """Look at the modules of a root package and at what they import."""
    container = _container(package, modules)
    children = _children(container, modules)
    outside = [child for child in _children(package, modules) if child != container and not below(container, child)]
    core = sorted({*_core(children, modules, direct), *_named(children if container == package else outside)})
    units = tuple(child for child in children if child not in core)
    offered = Counter(name for unit in units for name in VIA if f"{unit}.{name}" in modules)
    return Proposal(container=container, units=units, core=tuple(core), via=tuple(name for name in VIA if offered[name]))


def _container(package: str, modules: Collection[str]) -> str:
    """The package whose children are the units: one that is called so, or else the root package."""
    counts = {name: len(_children(f"{package}.{name}", modules)) for name in CONTAINERS}
    largest = max(counts, key=lambda name: counts[name])
    return f"{package}.{largest}" if counts[largest] >= LEAST else package


def _children(package: str, modules: Collection[str]) -> list[str]:
    return sorted(module for module in modules if module.rpartition(".")[0] == package)


def _named(units: list[str]) -> list[str]:
    """The units that are called as core is called everywhere; beside a container of units, not in it."""
    return [unit for unit in units if unit.rpartition(".")[2] in CORE]


def _core(units: list[str], modules: Collection[str], direct: Mapping[str, Collection[str]]) -> list[str]:
    """The units that many others import and that import no unit but such ones."""
    owner = owners(units, modules)
    pairs = {
        (owner[importer], owner[imported])
        for importer, targets in direct.items()
        for imported in targets
        if importer in owner and imported in owner and owner[importer] != owner[imported]
    }
    core: set[str] = set()
    while True:
        importers = Counter(there for _, there in pairs)
        outgoing = {here for here, there in pairs if there not in core}
        more = {unit for unit in units if unit not in core and unit not in outgoing and importers[unit] * 2 >= len(units)}
        if not more:
            return sorted(core)
        core |= more
