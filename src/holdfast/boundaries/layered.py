"""Reports imports from a lower layer into a higher one, wherever the modules of a layer are in the code base.

A layer is a role, not a package: `**.views | **.serializers` means the views and serializers of every app. A module has the first
role that matches it or a package around it.

## Why is this bad?

A service that imports a view cannot run in a task, in a command or in a test without the web framework. Imports in both
directions also end in circular imports.

## Example

```toml
[[tool.importlinter.contracts]]
id = "layers"
name = "Views, services, models"
type = "layered"
layers = ["**.views | **.serializers", "**.services", "**.models"]
```

```python bad
# shop/users/services.py
from shop.users.views import UserView
```

Use instead:

```python good
# shop/users/services.py
from shop.users.models import User
```

## What it reports

- An import of a module in a higher layer.
- With `closed = true`: an import that skips a layer.
- With `exhaustive = true`: a module that is in no layer.

A container must have modules in at least two of the layers. A note names the layers that are empty.

## What it leaves alone

- Imports from one container into another, unless `across_modules = true`.
- Imports inside a layer.

## What it does not see

- Imports of and by modules without a role. `exhaustive` reports these modules.

## References

- [How to enforce module boundaries](../how-to/module-boundaries.md)
"""

from __future__ import annotations

from holdfast.boundaries.edges import Breach, ContractOptions, ancestors, expand, fail, is_below, owners, pattern
from holdfast.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from holdfast.boundaries.edges import Imports


class Options(ContractOptions):
    """The layers and the packages that have them."""

    layers: tuple[str, ...] = ()
    """The layers from top to bottom. Each is an expression, or several separated by ` | `. If there are containers, an expression
    is relative to each container, unless it starts with `**`."""
    containers: tuple[str, ...] = ()
    """The packages that have these layers, as expressions. Each is judged on its own."""
    closed: bool = False
    """Allow a layer to import only itself and the next existing layer below it."""
    exhaustive: bool = False
    """Report modules (in the containers) that are in no layer."""
    across_modules: bool = False
    """Also judge imports from one container into another."""


class _Roles:
    """The number of the layer, and the container, of each module."""

    def __init__(self, imports: Imports, options: Options) -> None:
        self.layers = options.layers
        self.containers = expand(options.containers, imports.modules, "containers")
        if len(options.layers) < 2:
            fail("`layers` must have two or more layers, from top to bottom")
        self.container = owners(self.containers, imports.modules)
        self.role: dict[str, int] = {}
        tops = self.containers or [""]
        patterns = {top: [_patterns(layer, top) for layer in options.layers] for top in tops}
        direct: dict[str, int] = {}
        for module in imports.modules:
            top = self.container.get(module, "")
            if top or not self.containers:
                found = _first_match(patterns[top], module)
                if found is not None:
                    direct[module] = found
        for module in imports.modules:
            roles = [direct[above] for above in ancestors(module) if above in direct and self._is_same_container(above, module)]
            if roles:
                self.role[module] = min(roles)
        self.present = {top: {role for module, role in self.role.items() if self.container.get(module, "") == top} for top in tops}

    def _is_same_container(self, above: str, module: str) -> bool:
        return self.container.get(above) == self.container.get(module)

    def top(self, module: str) -> str:
        """The container of a module; "" if there are no containers."""
        return self.container.get(module, "")

    def next_below(self, role: int, top: str) -> int | None:
        """The next existing layer below a layer in a container; None if there is none."""
        return min((other for other in self.present[top] if other > role), default=None)


def _patterns(layer: str, top: str) -> list[re.Pattern[str]]:
    """The patterns of a layer in a container, for absolute names."""
    expressions = [part.strip() for part in layer.split("|")]
    return [pattern(part if not top or part.startswith("**") else f"{top}.{part}", "layers") for part in expressions]


def _first_match(layers: list[list[re.Pattern[str]]], module: str) -> int | None:
    return next((number for number, patterns in enumerate(layers) if any(one.fullmatch(module) for one in patterns)), None)


def check(imports: Imports, options: Options) -> Iterator[Breach]:
    """Return imports of higher layers, imports that skip a layer, and modules in no layer, as the options say."""
    roles = _Roles(imports, options)
    for top, present in roles.present.items():
        absent = [layer for number, layer in enumerate(options.layers) if number not in present]
        where = top or "the code base"
        if len(present) < 2:
            fail(f"{where} has fewer than two of the layers: no module matches {_quoted(absent)}")
        if absent:
            message = f"no module in {where} matches {_quoted(absent)}"
            yield Breach(importer=top or min(imports.modules), message=message, level="note")
    for importer, targets in imports.direct.items():
        here = roles.role.get(importer)
        if here is None:
            continue
        for imported in targets:
            there = roles.role.get(imported)
            if there is None or there == here:
                continue
            if roles.top(importer) == roles.top(imported) or options.across_modules:
                yield from _judge(roles, options, importer, imported)
    if options.exhaustive:
        yield from _without_role(imports, roles)


def _quoted(layers: list[str]) -> str:
    return " or ".join(f"`{layer}`" for layer in layers)


def _judge(roles: _Roles, options: Options, importer: str, imported: str) -> Iterator[Breach]:
    here, there = roles.role[importer], roles.role[imported]
    names = f"{importer} (`{roles.layers[here]}`) must not import {imported} (`{roles.layers[there]}`)"
    if there < here:
        hint = "invert the dependency, pass the value as an argument, or move the imported code to a lower layer"
        yield Breach(importer=importer, imported=imported, message=f"{names}, which is a higher layer", hint=hint)
    elif options.closed:
        following = roles.next_below(here, roles.top(importer))
        if following is not None and there > following:
            message = f"{names}, which skips the layer between them"
            hint = f"import from `{roles.layers[following]}` instead"
            yield Breach(importer=importer, imported=imported, message=message, hint=hint)


def _without_role(imports: Imports, roles: _Roles) -> Iterator[Breach]:
    """Modules in no layer, except for containers and for packages that contain modules of a layer."""
    packages = {above for module in roles.role for above in ancestors(module)}
    for module in imports.direct:
        top = roles.top(module)
        is_inside = not roles.containers or (top and is_below(module, top))
        if is_inside and module not in packages and module not in roles.containers:
            hint = "add it to a layer, move it into one, or add it to `exclude_modules`"
            yield Breach(importer=module, message=f"{module} is in no layer", hint=hint)


rule = Rule(
    name="layered",
    code="HF413",
    summary="layers import downwards, wherever their modules lie",
    since="0.1.0",
    level="error",
    check=check,
    options=Options,
    scope="imports",
)
