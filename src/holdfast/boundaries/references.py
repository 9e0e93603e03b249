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
from holdfast.boundaries.edges import Breach, ancestors, one_of
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
"""Functions that take the name of something elsewhere: their kind, and the keyword of the name where it is not first."""
NAMES_ONLY = ("send_task", "import_string", "import_module", "__import__")
"""Those that take nothing but a name: what is no literal is a computed one."""
MENTIONS = tuple(name.encode() for name in CALLS)


class Options(boundaries.Options):
    """Which references are looked for; and how units may depend on each other, as in `boundaries`."""

    kinds: tuple[str, ...] = KINDS
    """`django` (models and URLconfs), `celery` (tasks), `dynamic` (imports by name)."""


def check(imports: Imports, options: Options) -> Iterator[Breach]:
    """The references between units that nothing allows."""
    for kind in options.kinds:
        one_of(kind, "kinds", KINDS)
    units = boundaries.Map(options, imports.modules)
    named = Named(imports)
    for module in sorted(imports.direct):
        source = imports.statements.files.source(module) if module in units.owner else None
        if source is None or "migrations" in module.split(".") or not any(word in source.data for word in MENTIONS):
            continue
        for call in _calls(source):
            yield from _judge(source, module, call, units, named, options)


def _calls(source: Source) -> Iterator[ast.Call]:
    for call in source.nodes(ast.Call):
        if _called(call) in CALLS:
            yield call


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _judge(source: Source, module: str, call: ast.Call, units: boundaries.Map, named: Named, options: Options) -> Iterator[Breach]:
    function = _called(call)
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
        message = f"the name in this call of {function} is computed, so it was not judged"
        yield Breach(importer=module, name=f"{function} computed", message=message, place=place, span=span, level="note")
        return
    second = call.args[1] if len(call.args) > 1 else None
    if function == "get_model" and isinstance(second, ast.Constant) and isinstance(second.value, str) and "." not in text:
        text = f"{text}.{second.value}"
    target = named.module(text, kind if function != "include" else "dynamic", module)
    wrong = units.wrong(module, target) if target and target not in ancestors(module) else None
    if wrong and target:
        message = wrong[0].replace("import ", "refer to ", 1).replace("imports ", "refers to ", 1)
        yield Breach(
            importer=module, imported=target, name=text, message=f'{message} (by "{text}")', hint=wrong[1], place=place, span=span
        )


def _is_text(node: ast.expr) -> bool:
    """Whether an argument is a text, or is put together from texts; a class or a variable is an import's business."""
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
