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

from holdfast.boundaries.edges import Breach, ContractOptions, ancestors, below, expand, fail, owners, pattern
from holdfast.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from holdfast.boundaries.edges import Imports


class Options(ContractOptions):
    """The layers and where they hold."""

    layers: tuple[str, ...] = ()
    """The layers from top to bottom, each an expression or several with ` | ` between them; relative to the containers, where
    there are any and the expression does not start with `**`."""
    containers: tuple[str, ...] = ()
    """The packages that have these layers, as expressions; each for itself."""
    closed: bool = False
    """Whether a layer may import only itself and the next layer below that is there."""
    exhaustive: bool = False
    """Whether every module (in the containers) must have a role."""
    across_modules: bool = False
    """Whether imports from one container into another go downwards, too."""


class _Roles:
    """The role of each module, as the number of its layer, and the container it lies in."""

    def __init__(self, imports: Imports, options: Options) -> None:
        self.layers = options.layers
        self.containers = expand(options.containers, imports.modules, "containers")
        if len(options.layers) < 2:
            fail("`layers` has two or more layers, from top to bottom")
        self.container = owners(self.containers, imports.modules)
        self.role: dict[str, int] = {}
        tops = self.containers or [""]
        patterns = {top: [_patterns(layer, top) for layer in options.layers] for top in tops}
        direct: dict[str, int] = {}
        for module in imports.modules:
            top = self.container.get(module, "")
            if top or not self.containers:
                found = _first(patterns[top], module)
                if found is not None:
                    direct[module] = found
        for module in imports.modules:
            roles = [direct[above] for above in ancestors(module) if above in direct and self._same(above, module)]
            if roles:
                self.role[module] = min(roles)
        self.present = {top: {role for module, role in self.role.items() if self.container.get(module, "") == top} for top in tops}

    def _same(self, above: str, module: str) -> bool:
        return self.container.get(above) == self.container.get(module)

    def top(self, module: str) -> str:
        """The container of a module; "" where there are no containers."""
        return self.container.get(module, "")

    def next_below(self, role: int, top: str) -> int | None:
        """The next layer below one that is there."""
        return min((other for other in self.present[top] if other > role), default=None)


def _patterns(layer: str, top: str) -> list[re.Pattern[str]]:
    """The patterns of a layer in a container, over absolute names."""
    written = [part.strip() for part in layer.split("|")]
    return [pattern(part if not top or part.startswith("**") else f"{top}.{part}", "layers") for part in written]


def _first(layers: list[list[re.Pattern[str]]], module: str) -> int | None:
    return next((number for number, fits in enumerate(layers) if any(fit.fullmatch(module) for fit in fits)), None)


def check(imports: Imports, options: Options) -> Iterator[Breach]:
    """The imports that go up, or past a closed layer, and the modules without a role where every module must have one."""
    roles = _Roles(imports, options)
    for top, present in roles.present.items():
        absent = [layer for number, layer in enumerate(options.layers) if number not in present]
        where = top or "the code base"
        if len(present) < 2:
            fail(f"{where} has fewer than two of the layers: nothing is {_quoted(absent)}")
        if absent:
            yield Breach(importer=top or min(imports.modules), message=f"nothing in {where} is {_quoted(absent)}", level="note")
    for importer, targets in imports.direct.items():
        here = roles.role.get(importer)
        if here is None:
            continue
        for imported in targets:
            there = roles.role.get(imported)
            if there is None or there == here:
                continue
            same = roles.top(importer) == roles.top(imported)
            if same or options.across_modules:
                yield from _judge(roles, options, importer, imported)
    if options.exhaustive:
        yield from _without_role(imports, roles)


def _quoted(layers: list[str]) -> str:
    return " or ".join(f"`{layer}`" for layer in layers)


def _judge(roles: _Roles, options: Options, importer: str, imported: str) -> Iterator[Breach]:
    here, there = roles.role[importer], roles.role[imported]
    names = f"{importer} (`{roles.layers[here]}`) must not import {imported} (`{roles.layers[there]}`)"
    if there < here:
        hint = "turn it round, pass in what is needed, or move it down"
        yield Breach(importer=importer, imported=imported, message=f"{names}, a layer above it", hint=hint)
    elif options.closed:
        following = roles.next_below(here, roles.top(importer))
        if following is not None and there > following:
            message = f"{names} past the layer between them"
            yield Breach(importer=importer, imported=imported, message=message, hint=f"go through `{roles.layers[following]}`")


def _without_role(imports: Imports, roles: _Roles) -> Iterator[Breach]:
    """Modules that no layer matches; packages that hold modules with a role, and the containers, need none."""
    around = {above for module in roles.role for above in ancestors(module)}
    for module in imports.direct:
        top = roles.top(module)
        inside = not roles.containers or (top and below(module, top))
        if inside and module not in around and module not in roles.containers:
            yield Breach(
                importer=module, message=f"{module} is in no layer", hint="add it to a layer, move it into one, or exclude it"
            )


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
