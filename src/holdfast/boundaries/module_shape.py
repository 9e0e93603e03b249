"""Reports modules that exceed a limit: lines, importers, imports or public names.

The baseline stores the value of each module that exceeds the limit today. The value may only decrease.

## Why is this bad?

A module that everything imports and that imports everything is changed in every branch, and each change may break anything.

## Example

```toml
[[tool.importlinter.contracts]]
id = "shape"
name = "No god modules"
type = "module_shape"
modules = ["shop"]
max_lines = 500
max_public = 3
```

```python bad
# shop/utils.py
def parse_date(text): ...
def parse_price(text): ...
def send_mail(address): ...
def resize_image(path): ...
```

Use instead:

```python good
# shop/parsing.py
def parse_date(text): ...
def parse_price(text): ...
```

## What it reports

- A module over `max_lines`, `max_fan_in` (importers), `max_fan_out` (imports) or `max_public` (public names).
- With `no_orphans = true`: a module that no other module imports.
- A Python file below a folder without `__init__.py`. The import graph skips such files silently, so no contract checks them.

## What it leaves alone

- Orphans that are packages, `__main__` modules, or files with a main guard.

## What it does not see

- Importers outside of the code base, and references to a module by a string. Exclude such modules from `no_orphans`.

## References

- [How to enforce module boundaries](../how-to/module-boundaries.md)
"""

from __future__ import annotations

import ast
import os

from holdfast.boundaries.edges import Breach, ContractOptions, ancestors, expand_required, fail, is_below
from holdfast.boundaries.exports import exports_of
from holdfast.code.scopes import FunctionNode
from holdfast.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.boundaries.edges import Imports
    from holdfast.code.source import Source


class Options(ContractOptions):
    """The limits. 0 means no limit."""

    modules: tuple[str, ...] = ()
    """The modules that are judged, as expressions. Each includes all modules below it."""
    max_lines: int = 0
    """The largest number of lines in a file."""
    max_fan_in: int = 0
    """The largest number of modules of the code base that import a module."""
    max_fan_out: int = 0
    """The largest number of modules of the code base that a module imports."""
    max_public: int = 0
    """The largest number of public names: those in `__all__`, otherwise definitions and assignments without an underscore."""
    no_orphans: bool = False
    """Report modules that no other module imports, except for packages, `__main__` and files with a main guard."""


def check(imports: Imports, options: Options) -> Iterator[Breach]:
    """Return the modules over a limit, the orphans, and the files that are not in the graph."""
    limits = {name: getattr(options, name) for name in ("max_lines", "max_fan_in", "max_fan_out", "max_public")}
    if min(limits.values()) < 0:
        fail("the limits of module_shape must not be negative")
    tops = set(expand_required(options.modules, imports.modules, "modules"))
    judged = [module for module in imports.direct if not tops.isdisjoint(ancestors(module))]
    incoming = _incoming(imports) if options.max_fan_in or options.no_orphans else {}
    for module in judged:
        source = imports.statements.files.source(module)
        if options.max_lines and source:
            lines = len(source.lines) - (source.lines[-1] == "")
            yield from _over_limit(module, lines, options.max_lines, "lines", "split the module")
        if options.max_fan_in:
            value = _counted(imports, [(other, module) for other in incoming.get(module, ())], options.max_fan_in)
            yield from _over_limit(module, value, options.max_fan_in, "importers", "split the module by the needs of its importers")
        if options.max_fan_out:
            own = [(module, other) for other in imports.direct[module] if other in imports.modules]
            value = _counted(imports, own, options.max_fan_out)
            yield from _over_limit(module, value, options.max_fan_out, "imports", "split the module by its tasks")
        if options.max_public and source:
            yield from _over_limit(module, _public_names(source), options.max_public, "public names", "split the module")
        if options.no_orphans and module not in incoming and module not in imports.packages and not _is_program(module, source):
            hint = "delete it, import it, or add it to `exclude_modules`"
            yield Breach(importer=module, name="orphan", message=f"no other module imports {module}", hint=hint)
    yield from _unseen(imports, tops)


def _over_limit(module: str, value: int, limit: int, unit: str, hint: str) -> Iterator[Breach]:
    if value > limit:
        message = f"{module} has {value} {unit}, but the limit is {limit}"
        yield Breach(importer=module, name=unit, measure=value, message=message, hint=hint)


def _incoming(imports: Imports) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for importer, targets in imports.direct.items():
        for imported in targets:
            found.setdefault(imported, []).append(importer)
    return found


def _counted(imports: Imports, edges: list[tuple[str, str]], limit: int) -> int:
    """The number of imports that count. They are tested one by one only if all of them would be over the limit."""
    return len(edges) if len(edges) <= limit else sum(imports.is_counted(*edge) for edge in edges)


def _public_names(source: Source) -> int:
    """The number of public names in a module."""
    listed = exports_of(source).names
    if listed is not None:
        return len(listed)
    names: set[str] = set()
    for statement in source.tree.body:
        if isinstance(statement, FunctionNode | ast.ClassDef):
            names.add(statement.name)
        elif isinstance(statement, ast.Assign | ast.AnnAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            names.update(node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name))
    return sum(not name.startswith("_") for name in names)


def _is_program(module: str, source: Source | None) -> bool:
    """Whether a module may be run as a program."""
    return module.endswith("__main__") or source is None or b"__main__" in source.data


def _unseen(imports: Imports, tops: set[str]) -> Iterator[Breach]:
    """The Python files in the judged packages that are not modules in the graph."""
    files = imports.statements.files
    for package, folders in sorted(files.packages.items()):
        for folder in folders:
            for here, inner, names in os.walk(folder):
                inner[:] = sorted(name for name in inner if name != "__pycache__" and not name.startswith("."))
                parts = os.path.relpath(here, folder).split(os.sep)
                prefix = ".".join([package, *(part for part in parts if part != ".")])
                for name in sorted(names):
                    module = prefix if name == "__init__.py" else f"{prefix}.{name[:-3]}"
                    if name.endswith(".py") and module not in imports.modules and any(is_below(module, top) for top in tops):
                        yield _unseen_file(files.relative(os.path.join(here, name)), module)


def _unseen_file(path: str, module: str) -> Breach:
    return Breach(
        importer=module,
        path=path,
        name="unseen",
        message=f"no contract checks this file, because {module} is not in the import graph",
        hint="add the missing `__init__.py`, give the file a name that can be imported, or move it out of the package",
    )


rule = Rule(
    name="module_shape",
    code="HF417",
    summary="modules stay within limits of size and dependencies",
    since="0.1.0",
    level="error",
    check=check,
    options=Options,
    scope="imports",
)
