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

from holdfast.boundaries.edges import (
    Breach,
    ContractOptions,
    Pairs,
    ancestors,
    check_choice,
    expand,
    expand_required,
    fail,
    is_below,
    owners,
)
from holdfast.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from holdfast.boundaries.edges import Imports


class Options(ContractOptions):
    """The units and the imports that are allowed between them."""

    modules: tuple[str, ...] = ()
    """The units, as expressions: `shop.modules.*`. A module belongs to the innermost unit that contains it."""
    core: tuple[str, ...] = ()
    """Modules that every unit may import, and that may import no unit."""
    via: tuple[str, ...] = ()
    """Names of sub-modules that other units may import, such as `events`."""
    allow: tuple[str, ...] = ()
    """Further allowed imports, as `importer -> imported`. Each side includes all modules below it."""
    shared: tuple[str, ...] = ()
    """Units that every other unit may import."""
    unowned: str = "error"
    """`error` to report modules next to the units that belong to no unit, or `ignore`."""
    siblings: str = "forbid"
    """`forbid` or `allow` imports between units of the same package. With `allow`, only imports across packages are judged."""


class Units:
    """The unit of each module, and the imports that are allowed between units, for `boundaries` and `references`."""

    def __init__(self, options: Options, modules: Iterable[str]) -> None:
        names = self.modules = set(modules)
        self.core = set(expand(options.core, names, "core"))
        self.shared = set(expand(options.shared, names, "shared"))
        self.units = set(expand_required(options.modules, names, "modules")) - self.core
        self.via, self.pairs = options.via, Pairs(options.allow, names, "allow")
        self.allows_siblings = options.siblings == "allow"
        if not self.units:
            fail("`core` includes all modules that `modules` matches, so no unit is left")
        self.owner = owners(self.units | self.core | self.shared, names)
        self.hint = cache(self._hint)
        for name in options.via:
            if not any(f"{unit}.{name}" in names for unit in self.units):
                fail(f'"{name}" in `via` is not a sub-module of any unit')

    def violation(self, importer: str, imported: str) -> tuple[str, str] | None:
        """Return the message and the hint if one module may not depend on another; None if it may."""
        here, there = self.owner.get(importer), self.owner.get(imported)
        if here is None or there is None or here == there or there in self.core or there in self.shared:
            return None
        if here not in self.core:
            if any(is_below(imported, f"{there}.{name}") for name in self.via):
                return None
            if self.allows_siblings and here.rpartition(".")[0] == there.rpartition(".")[0]:
                return None
        if self.pairs.is_allowed(importer, imported):
            return None
        if here in self.core:
            return (
                f"core modules must not import business modules, but {importer} imports {imported}",
                f"invert the dependency: let {there} register itself with {here}, or pass the value as an argument",
            )
        return f"{importer} must not import {imported}, which belongs to {there}", self.hint(there)

    def _hint(self, there: str) -> str:
        """The alternatives to an import from a unit."""
        offered = [f"{there}.{name}" for name in self.via if f"{there}.{name}" in self.modules]
        core = " or ".join(sorted(self.core))
        steps = [f"use {' or '.join(offered)}"] if offered else []
        steps += [f"move the shared code to {core}"] if core else []
        return ", or ".join(steps) or "move the shared code to a module in `core` or `shared`"


def check(imports: Imports, options: Options) -> Iterator[Breach]:
    """Return the imports between units that are not allowed, and the modules that belong to no unit."""
    check_choice(options.unowned, "unowned", ("error", "ignore"))
    check_choice(options.siblings, "siblings", ("forbid", "allow"))
    units = Units(options, imports.modules)
    owner, free = units.owner, units.core | units.shared
    for importer, targets in imports.direct.items():
        here = owner.get(importer)
        if here is None:
            continue
        for imported in targets:
            there = owner.get(imported)
            if there is None or there == here or there in free:
                continue  # the usual case
            violation = units.violation(importer, imported)
            if violation:
                yield Breach(importer=importer, imported=imported, message=violation[0], hint=violation[1])
    if options.unowned == "error":
        yield from _unowned(imports, units)


def _unowned(imports: Imports, units: Units) -> Iterator[Breach]:
    """Modules next to units that belong to no unit, except for the packages that contain the units."""
    containers = {unit.rpartition(".")[0] for unit in units.units}
    packages = {above for unit in units.units | units.core | units.shared for above in ancestors(unit)}
    for module in imports.direct:
        if module not in units.owner and module not in packages and any(above in containers for above in ancestors(module)[1:]):
            yield Breach(
                importer=module,
                message=f"{module} belongs to no unit, so its imports cannot be judged",
                hint="add it to `modules`, `core` or `shared`, or move it into a unit",
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
