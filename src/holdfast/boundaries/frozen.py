"""Reports new imports of modules that are to be removed.

Write the baseline once: it stores the importers that a frozen unit has today. The list may only shrink.

## Why is this bad?

Legacy code is replaced only if nobody starts to use it while the replacement is under way.

## Example

```toml
[[tool.importlinter.contracts]]
id = "legacy"
name = "No new imports of the old billing"
type = "frozen"
modules = ["shop.billing_old"]
```

```python bad
# shop/orders/views.py
from shop.billing_old import invoices
```

Use instead:

```python good
# shop/orders/views.py
from shop.billing import invoices
```

## What it reports

- An import of a frozen unit that is not in the baseline.
- An entry of the baseline whose import no longer exists.

## What it leaves alone

- Imports inside a frozen unit, and imports that the baseline contains.

## What it does not see

- New names: a module that already imports the unit may import more from it. Use [public_api](public_api.md) for that.

## References

- [How to enforce module boundaries](../how-to/module-boundaries.md)
"""

from __future__ import annotations

from holdfast.boundaries.edges import Breach, ContractOptions, expand_required, is_below, owners
from holdfast.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.boundaries.edges import Imports


class Options(ContractOptions):
    """The modules that gain no importers."""

    modules: tuple[str, ...] = ()
    """The frozen units, as expressions."""


def check(imports: Imports, options: Options) -> Iterator[Breach]:
    """Return every import of a frozen unit from outside."""
    owner = owners(expand_required(options.modules, imports.modules, "modules"), imports.modules)
    for importer, targets in imports.direct.items():
        for imported in targets:
            unit = owner.get(imported)
            if unit and not is_below(importer, unit):
                yield Breach(
                    importer=importer,
                    imported=imported,
                    message=f"{importer} imports {imported}, but {unit} is frozen and must not gain importers",
                    hint=f"use the replacement of {unit}",
                )


rule = Rule(
    name="frozen",
    code="HF418",
    summary="legacy modules gain no importers",
    since="0.1.0",
    level="error",
    check=check,
    options=Options,
    scope="imports",
)
