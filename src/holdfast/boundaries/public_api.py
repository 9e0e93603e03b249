"""Reports imports that reach past the public API of a module.

The public API of a unit is the unit itself, the names in its `__all__`, and the sub-modules named in `api`. Inside a unit
everything may be imported.

## Why is this bad?

Code that imports internal names breaks when the module is reorganised. Without a public API there is no part of a module that its
owners can change safely.

## Example

```toml
[[tool.importlinter.contracts]]
id = "api"
name = "Modules are used through their public API"
type = "public_api"
modules = ["shop.modules.*"]
```

```python
# shop/modules/users/__init__.py
from shop.modules.users.models import User

__all__ = ["User"]
```

```python bad
# shop/modules/billing/invoices.py
from shop.modules.users.models import User
```

Use instead:

```python good
# shop/modules/billing/invoices.py
from shop.modules.users import User
```

## What it reports

- An import of a sub-module that is not in `api` or in the `__all__` of its unit.
- An import of a name that the `__all__` of its module does not list.
- An import of a name with a leading underscore, if no `__all__` lists it (`private_names = "allow"` allows it).
- `from unit import *`, if the unit has no `__all__` (option `wildcards`).
- A unit without `__all__`, with `require_all = true`.

## What it leaves alone

- Imports inside a unit.
- A unit without `__all__`: all its names without a leading underscore are public.
- A computed `__all__`. The names imported from it are not judged, and a note says so. Literals, `+`, `+=`, `append` and `extend`
  are understood.

## What it does not see

- Attributes of an imported module: `import shop.modules.users`, then `shop.modules.users.models.User`.

## References

- [How to enforce module boundaries](../how-to/module-boundaries.md)
- [Python: importing * from a package](https://docs.python.org/3/tutorial/modules.html#importing-from-a-package)
"""

from __future__ import annotations

from functools import cache

from holdfast.boundaries.edges import Breach, ContractOptions, check_choice, expand_required, fail, is_below, owners, pattern
from holdfast.boundaries.exports import NAME, Exports, exports_of
from holdfast.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.boundaries.edges import Imports

INIT = "__init__"


class Options(ContractOptions):
    """The units and their public API."""

    modules: tuple[str, ...] = ()
    """The units, as expressions: `shop.modules.*`."""
    api: tuple[str, ...] = (INIT,)
    """The sub-modules of a unit that others may import: expressions relative to the unit."""
    require_all: bool = False
    """Report units without an `__all__`."""
    wildcards: str = "all-only"
    """Whether `from unit import *` is allowed from outside: `all-only` (if there is an `__all__`), `forbid` or `allow`."""
    private_names: str = "forbid"
    """`forbid` or `allow` imports of names that start with an underscore and are in no `__all__`."""


class _Api:
    """The public API of the units."""

    def __init__(self, imports: Imports, options: Options) -> None:
        self.imports, self.options = imports, options
        self.units = expand_required(options.modules, imports.modules, "modules")
        self.patterns = [pattern(name, "api") for name in options.api if name != INIT]
        self.exports: dict[str, Exports] = {}
        self.hint = cache(self._hint)
        for name, regex in zip([name for name in options.api if name != INIT], self.patterns, strict=True):
            if not any(
                is_below(module, unit) and regex.fullmatch(module[len(unit) + 1 :])
                for unit in self.units
                for module in imports.modules
            ):
                fail(f'"{name}" in `api` is not a sub-module of any unit')

    def of(self, module: str) -> Exports:
        """The exports of a module, which is read once."""
        if module not in self.exports:
            self.exports[module] = exports_of(self.imports.statements.files.source(module))
        return self.exports[module]

    def _hint(self, unit: str) -> str:
        """The alternatives to an import of an internal module of a unit."""
        listed = sorted(self.of(unit).names or ())
        shown = f" ({', '.join(listed[:5])}{', ...' if len(listed) > 5 else ''})" if listed else ""
        sources = [f"from {unit}{shown}", *(f"from {unit}.{name}" for name in self.options.api if name != INIT)]
        return f"import {' or '.join(sources)}, or add the sub-module to `__all__` or `api`"

    def is_public(self, unit: str, inner: str) -> bool:
        """Whether a sub-module of a unit is public."""
        return any(regex.fullmatch(inner) for regex in self.patterns) or inner in (self.of(unit).names or ())


def check(imports: Imports, options: Options) -> Iterator[Breach]:
    """Return the imports from outside of a unit that do not use its public API."""
    check_choice(options.wildcards, "wildcards", ("all-only", "forbid", "allow"))
    check_choice(options.private_names, "private_names", ("forbid", "allow"))
    api = _Api(imports, options)
    owner = owners(api.units, imports.modules)
    for importer, targets in imports.direct.items():
        for imported in targets:
            unit = owner.get(imported)
            if unit is None or is_below(importer, unit):
                continue
            inner = imported[len(unit) + 1 :]
            if inner and not api.is_public(unit, inner):
                yield _internal(api, importer, imported, unit)
            else:
                yield from _names(api, importer, imported)
    yield from _units(api)


def _internal(api: _Api, importer: str, imported: str, unit: str) -> Breach:
    message = f"{importer} imports {imported}, which is internal to {unit}"
    return Breach(importer=importer, imported=imported, message=message, hint=api.hint(unit))


def _names(api: _Api, importer: str, imported: str) -> Iterator[Breach]:
    """The imported names of a public module that are not public."""
    exported = api.of(imported)
    if exported.dynamic or (exported.names is None and not _has_suspicious_line(api, importer, imported)):
        return
    for name in api.imports.statements.names(importer, imported):
        problem = _problem(api, imported, name, exported)
        if problem:
            message, hint = f"{importer} imports {problem[0]}", problem[1]
            yield Breach(importer=importer, imported=imported, name=name, message=message, hint=hint)


def _has_suspicious_line(api: _Api, importer: str, imported: str) -> bool:
    """Whether a statement may import a private name or everything, judged by its first line."""
    edges = api.imports.statements.details(importer, imported)
    return any("_" in line or "*" in line or "(" in line or "\\" in line for line in (edge.line_contents for edge in edges))


def _problem(api: _Api, imported: str, name: str, exported: Exports) -> tuple[str, str] | None:
    """Why a name must not be imported from a public module, and the hint; None if it may."""
    if name == "*":
        if api.options.wildcards == "allow" or (api.options.wildcards == "all-only" and exported.names is not None):
            return None
        return f"everything from {imported}", "import single names" + (
            f", or give {imported} an `__all__`" if api.options.wildcards == "all-only" else ""
        )
    if not name or name in (exported.names or ()):
        return None
    if exported.names is not None:
        return f"{name} from {imported}, but {name} is not in its `__all__`", f"add {name} to `__all__`, or do not use it"
    if name.startswith("_") and not name.endswith("__") and api.options.private_names == "forbid":
        return f"the private name {name} from {imported}", "give it a public name, or do not use it"
    return None


def _units(api: _Api) -> Iterator[Breach]:
    """Units whose `__all__` is computed or missing."""
    for unit in api.units:
        if unit not in api.imports.direct:
            continue
        exported = api.of(unit)
        if exported.dynamic:
            text = f"the `__all__` of {unit} is computed, so imports of names from it were not judged"
            yield Breach(importer=unit, message=text, hint="write it as a list of strings", name=NAME, level="note")
        elif api.options.require_all and exported.names is None:
            text = f"{unit} has no `__all__`, so its public API is not defined"
            yield Breach(importer=unit, message=text, hint="add an `__all__` with the names that others may import", name=NAME)


rule = Rule(
    name="public_api",
    code="HF412",
    summary="other modules are used through their public API",
    since="0.1.0",
    level="error",
    check=check,
    options=Options,
    scope="imports",
)
