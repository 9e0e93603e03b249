"""Reports dependencies between modules that are written as strings, by the same rules as `boundaries`.

`ForeignKey("users.User")`, `apps.get_model(...)`, `include("shop.users.urls")`, `send_task("shop.users.tasks.welcome")`,
`import_string(...)` and `import_module(...)` depend on another module without importing it. No import graph contains them.

## Why is this bad?

Modules that look independent are not. In one real shop 51 of 57 references between apps had no import beside them, and for 9
pairs of apps the reference was the only dependency.

## Example

```toml
[[tool.importlinter.contracts]]
id = "references"
name = "No references into other modules"
type = "references"
modules = ["shop.modules.*"]
```

```python
# shop/modules/users/models.py
from django.db import models


class User(models.Model):
    name = models.TextField()
```

```python bad
# shop/modules/orders/models.py
from django.db import models


class Order(models.Model):
    user = models.ForeignKey("users.User", on_delete=models.CASCADE)
```

Use instead:

```python good
# shop/modules/orders/models.py
from django.db import models


class Order(models.Model):
    user_id = models.BigIntegerField()
```

## What it reports

- A string that names a model, a URLconf, a task or a module of another unit, unless an option allows the dependency. The options
  are those of [boundaries](boundaries.md).
- A note for a string that is computed, because it cannot be judged.

## What it leaves alone

- Migrations: Django writes them from the models.

## What it does not see

- Names that are passed to other functions, signals, and settings.

## References

- [How to enforce module boundaries](../how-to/module-boundaries.md)
"""

from __future__ import annotations

import ast

from holdfast.boundaries import boundaries
from holdfast.boundaries.edges import Breach, ancestors, check_choice
from holdfast.boundaries.named import Named
from holdfast.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.boundaries.edges import Imports
    from holdfast.code.source import Source

KINDS = ("django", "celery", "dynamic")
CALLS = {
    "ForeignKey": ("django", "to"),
    "OneToOneField": ("django", "to"),
    "ManyToManyField": ("django", "to"),
    "get_model": ("django", "app_label"),
    "include": ("django", "arg"),
    "send_task": ("celery", "name"),
    "signature": ("celery", "task"),
    "import_string": ("dynamic", "dotted_path"),
    "import_module": ("dynamic", "name"),
    "__import__": ("dynamic", "name"),
    "resolve_name": ("dynamic", "name"),
}
"""Functions that take a name as their first argument: their kind, and the keyword of the name."""
NAMES_ONLY = ("send_task", "import_string", "import_module", "__import__")
"""Functions that take only names, so that an argument that is not a literal is a computed name."""
MENTIONS = tuple(name.encode() for name in CALLS)


class Options(boundaries.Options):
    """The kinds of references, and the units and allowed imports as in `boundaries`."""

    kinds: tuple[str, ...] = KINDS
    """`django` (models and URLconfs), `celery` (tasks), `dynamic` (imports by name)."""


def check(imports: Imports, options: Options) -> Iterator[Breach]:
    """Return the references between units that are not allowed."""
    for kind in options.kinds:
        check_choice(kind, "kinds", KINDS)
    units = boundaries.Units(options, imports.modules)
    named = Named(imports)
    for module in sorted(imports.direct):
        source = imports.statements.files.source(module) if module in units.owner else None
        if source is None or "migrations" in module.split(".") or not any(word in source.data for word in MENTIONS):
            continue
        for call in _calls(source):
            yield from _judge(source, module, call, units, named, options)


def _calls(source: Source) -> Iterator[ast.Call]:
    for call in source.nodes(ast.Call):
        if _function_name(call) in CALLS:
            yield call


def _function_name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _judge(
    source: Source, module: str, call: ast.Call, units: boundaries.Units, named: Named, options: Options
) -> Iterator[Breach]:
    function = _function_name(call)
    kind, keyword = CALLS[function]
    if kind not in options.kinds:
        return
    keywords = [other.value for other in call.keywords if other.arg == keyword]
    node = call.args[0] if call.args else keywords[0] if keywords else None
    if node is None or not (function in NAMES_ONLY or _is_text(node)):
        return
    place, span = source.place(node), source.span(node)
    text = node.value if isinstance(node, ast.Constant) else None
    if not isinstance(text, str):
        message = f"the name in this call of {function} is computed, so the reference was not judged"
        yield Breach(importer=module, name=f"{function} computed", message=message, place=place, span=span, level="note")
        return
    second = call.args[1] if len(call.args) > 1 else None
    if function == "get_model" and isinstance(second, ast.Constant) and isinstance(second.value, str) and "." not in text:
        text = f"{text}.{second.value}"
    target = named.module(text, kind if function != "include" else "dynamic", module)
    violation = units.violation(module, target) if target and target not in ancestors(module) else None
    if violation and target:
        message = violation[0].replace("import ", "refer to ", 1).replace("imports ", "refers to ", 1)
        message = f'{message} (by "{text}")'
        yield Breach(importer=module, imported=target, name=text, message=message, hint=violation[1], place=place, span=span)


def _is_text(node: ast.expr) -> bool:
    """Whether an argument is a string or is composed of strings. A class or a variable needs an import, which is judged."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.BinOp) and (_is_text(node.left) or _is_text(node.right)))


rule = Rule(
    name="references",
    code="HF416",
    summary="dependencies written as strings respect the boundaries of modules",
    since="0.1.0",
    level="error",
    check=check,
    options=Options,
    scope="imports",
)
