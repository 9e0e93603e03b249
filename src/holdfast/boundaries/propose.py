"""Propose a contract for a package: the units that its layout suggests, and which of them are core modules."""

from __future__ import annotations

from collections import Counter

from holdfast.boundaries.edges import is_below, owners
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
LEAST = 3  # the number of units in a container


class Proposal(Record):
    """A proposed contract: the package that contains the units, the units, the core modules, and the public sub-modules."""

    container: str
    units: tuple[str, ...]
    core: tuple[str, ...]
    via: tuple[str, ...] = ()


def propose(package: str, modules: Collection[str], direct: Mapping[str, Collection[str]]) -> Proposal:
    """Propose a contract. modules: the modules of a root package. direct: the imports of each of them."""
    container = _container(package, modules)
    children = _children(container, modules)
    outside = [child for child in _children(package, modules) if child != container and not is_below(container, child)]
    core = sorted({*_core(children, modules, direct), *_with_core_names(children if container == package else outside)})
    units = tuple(child for child in children if child not in core)
    offered = Counter(name for unit in units for name in VIA if f"{unit}.{name}" in modules)
    return Proposal(container=container, units=units, core=tuple(core), via=tuple(name for name in VIA if offered[name]))


def _container(package: str, modules: Collection[str]) -> str:
    """The package whose children are the units: one with a name from CONTAINERS, otherwise the root package."""
    counts = {name: len(_children(f"{package}.{name}", modules)) for name in CONTAINERS}
    largest = max(counts, key=lambda name: counts[name])
    return f"{package}.{largest}" if counts[largest] >= LEAST else package


def _children(package: str, modules: Collection[str]) -> list[str]:
    return sorted(module for module in modules if module.rpartition(".")[0] == package)


def _with_core_names(units: list[str]) -> list[str]:
    """The units with a name that is usual for core modules."""
    return [unit for unit in units if unit.rpartition(".")[2] in CORE]


def _core(units: list[str], modules: Collection[str], direct: Mapping[str, Collection[str]]) -> list[str]:
    """The units that at least half of the others import, and that import only such units."""
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
