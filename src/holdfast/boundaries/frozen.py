"""Legacy units gain no importers: those they have are in the baseline, and the list may only shrink.

```toml
[[tool.importlinter.contracts]]
id = "legacy"
name = "Nobody new imports the old billing"
type = "frozen"
modules = ["shop.billing_old"]
```

Write the baseline once; from then on a new import of `shop.billing_old` is reported, and so is an entry of the baseline whose
import is gone.

## What it does not see

Names: a module that imports the unit already may import more from it. `public_api` looks at names.
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
