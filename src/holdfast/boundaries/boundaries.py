"""Reports imports between business modules, except imports of core modules and of the sub-modules that a module offers to others.

Each import between two units is judged by itself, so the message names a file and a line. The contract searches no chains of
imports: if every module has an owner and core imports no unit, direct imports are enough. A new module that matches the wildcard
is covered at once.

## Why is this bad?

A module that imports the inside of another one cannot be changed, tested or moved without it. After a few years every module
imports every other, and the modules exist only as folders.

## Example

```toml
[[tool.importlinter.contracts]]
id = "modules"
name = "Business modules are independent"
type = "boundaries"
modules = ["shop.modules.*"]
core = ["shop.core"]
via = ["events"]
```

```python bad
# shop/modules/billing/invoices.py
from shop.modules.users.models import User
```

Use instead:

```python good
# shop/modules/billing/invoices.py
from shop.modules.users.events import UserDeleted
```

## What it reports

- An import from one unit into another that no option allows.
- An import from a core module into a unit.
- A module next to the units that belongs to no unit, core or shared module (`unowned = "ignore"` allows it).

## What it leaves alone

- Imports of core and shared modules.
- Imports of the sub-modules named in `via`, and pairs named in `allow`.
- Imports inside a unit.

## What it does not see

- Dependencies written as strings: see [references](references.md).
- Attributes that are reached through an imported object.

## References

- [How to enforce module boundaries](../how-to/module-boundaries.md)
"""

from __future__ import annotations

from functools import cache

from holdfast.boundaries.edges import Breach, ContractOptions, Pairs, ancestors, below, expand, fail, one_of, owners, required
from holdfast.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from holdfast.boundaries.edges import Imports


class Options(ContractOptions):
    """How units may depend on each other."""

    modules: tuple[str, ...] = ()
    """The units, as expressions: `shop.modules.*`. A module belongs to the longest unit around it."""
    core: tuple[str, ...] = ()
    """What every unit may import, and what may import no unit."""
    via: tuple[str, ...] = ()
    """Names of sub-modules through which units may be imported by others, such as `events`."""
    allow: tuple[str, ...] = ()
    """Further imports that are right, as `importer -> imported`; each side stands for all below it."""
    shared: tuple[str, ...] = ()
    """Units that every other unit may import."""
    unowned: str = "error"
    """Whether a module beside the units that no unit owns is an `error`, or something to `ignore`."""
    siblings: str = "forbid"
    """`forbid`, or `allow` imports between units of the same package, so that only those across packages are judged."""


class Map:
    """Who owns what, and who may import whom: the judgement that `boundaries` and `references` share."""

    def __init__(self, options: Options, modules: Iterable[str]) -> None:
        known = self.modules = set(modules)
        self.core = set(expand(options.core, known, "core"))
        self.shared = set(expand(options.shared, known, "shared"))
        self.units = set(required(options.modules, known, "modules")) - self.core
        self.via, self.allowed = options.via, Pairs(options.allow, known, "allow")
        self.siblings = options.siblings == "allow"
        if not self.units:
            fail("all that `modules` matches is `core`: no unit is left")
        self.owner = owners(self.units | self.core | self.shared, known)
        self.way = cache(self._way)
        for name in options.via:
            if not any(f"{unit}.{name}" in known for unit in self.units):
                fail(f'"{name}" in `via` is a sub-module of no unit')

    def wrong(self, importer: str, imported: str) -> tuple[str, str] | None:
        """The message and the hint where one module may not depend on another; None where it may."""
        here, there = self.owner.get(importer), self.owner.get(imported)
        if here is None or there is None or here == there or there in self.core or there in self.shared:
            return None
        if here not in self.core:
            if any(below(imported, f"{there}.{name}") for name in self.via):
                return None
            if self.siblings and here.rpartition(".")[0] == there.rpartition(".")[0]:
                return None
        if self.allowed.allow(importer, imported):
            return None
        if here in self.core:
            return (
                f"core must not know business modules, but {importer} imports {imported}",
                f"turn it round: let {there} register itself with {here}, or pass in what is needed",
            )
        return f"{importer} must not import {imported}, which belongs to {there}", self.way(there)

    def _way(self, there: str) -> str:
        """What to do instead of importing from a unit."""
        ways = [f"{there}.{name}" for name in self.via if f"{there}.{name}" in self.modules]
        core = " or ".join(sorted(self.core))
        ways += [f"what both need in {core}"] if core else []
        return f"use {' or '.join(ways)} instead" if ways else "move what both need to a place that `core` or `shared` names"


def check(imports: Imports, options: Options) -> Iterator[Breach]:
    """The imports between units that nothing allows, and the modules that no unit owns."""
    one_of(options.unowned, "unowned", ("error", "ignore"))
    one_of(options.siblings, "siblings", ("forbid", "allow"))
    units = Map(options, imports.modules)
    owner, free = units.owner, units.core | units.shared
    for importer, targets in imports.direct.items():
        here = owner.get(importer)
        if here is None:
            continue
        for imported in targets:
            there = owner.get(imported)
            if there is None or there == here or there in free:
                continue  # the common case, quickly
            wrong = units.wrong(importer, imported)
            if wrong:
                yield Breach(importer=importer, imported=imported, message=wrong[0], hint=wrong[1])
    if options.unowned == "error":
        yield from _unowned(imports, units)


def _unowned(imports: Imports, units: Map) -> Iterator[Breach]:
    """Modules below the package of a unit that belong to no unit; packages that only hold units are no such modules."""
    holders = {unit.rpartition(".")[0] for unit in units.units}
    around = {above for unit in units.units | units.core | units.shared for above in ancestors(unit)}
    for module in imports.direct:
        if module not in units.owner and module not in around and any(above in holders for above in ancestors(module)[1:]):
            yield Breach(
                importer=module,
                message=f"{module} belongs to no unit, so nothing says what it may import",
                hint="name it in `modules`, `core` or `shared`, or move it into a unit",
            )


rule = Rule(
    name="boundaries",
    code="HF411",
    summary="business modules depend on core and on what others offer, never on each other's insides",
    since="0.1.0",
    level="error",
    check=check,
    options=Options,
    scope="imports",
)
