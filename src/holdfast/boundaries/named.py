"""What a string stands for: the module of a Django model, of a celery task, of a dotted path."""

from __future__ import annotations

import ast
from functools import cached_property

from holdfast.boundaries.edges import ancestors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.boundaries.edges import Imports
    from holdfast.code.source import Source


class Named:
    """The modules of a code base by the names that strings give them."""

    def __init__(self, imports: Imports) -> None:
        self.imports = imports

    def module(self, text: str, kind: str, importer: str) -> str | None:
        """The module that a reference in `importer` leads to; None where it leads out of the code base or nowhere."""
        if kind == "django":
            label, dot, _ = text.partition(".")
            return self.apps.get(label) if dot else None
        if kind == "celery" and text in self.tasks:
            return self.tasks[text]
        if text.startswith("."):
            stripped = text.lstrip(".")
            parts = importer.split(".")
            kept = parts[: len(parts) - (len(text) - len(stripped))]
            text = ".".join([*kept, stripped])
        return next((name for name in ancestors(text.replace(":", ".")) if name in self.imports.modules), None)

    @cached_property
    def apps(self) -> dict[str, str]:
        """From a label to its Django app: a package with models or an AppConfig; the label is its last name, or what it says."""
        found: dict[str, str] = {}
        said: dict[str, str] = {}
        for module in sorted(self.imports.modules):
            package, _, last = module.rpartition(".")
            if package and last in ("models", "apps"):
                found.setdefault(package.rpartition(".")[2], package)
            if last == "apps":
                source = self.imports.statements.files.source(module)
                label = _label(source) if source else None
                if label:
                    said[label] = package
        return {**found, **said}

    @cached_property
    def tasks(self) -> dict[str, str]:
        """From the names that celery tasks are given to their modules."""
        found: dict[str, str] = {}
        for module in sorted(self.imports.modules):
            source = self.imports.statements.files.source(module)
            if source and b"task(" in source.data and b"name" in source.data:
                found.update(dict.fromkeys(_task_names(source), module))
        return found


def _label(source: Source) -> str | None:
    """The `label` of an AppConfig in a file."""
    for definition in source.nodes(ast.ClassDef):
        for statement in definition.body:
            value = statement.value if isinstance(statement, ast.Assign) else None
            named = isinstance(statement, ast.Assign) and any(getattr(target, "id", "") == "label" for target in statement.targets)
            if named and isinstance(value, ast.Constant) and isinstance(value.value, str):
                return value.value
    return None


def _task_names(source: Source) -> list[str]:
    """The names in `@shared_task(name="...")` and `@app.task(name="...")`."""
    functions = source.nodes(ast.FunctionDef, ast.AsyncFunctionDef)
    decorators = [decorator for function in functions for decorator in function.decorator_list if isinstance(decorator, ast.Call)]
    keywords = [keyword for decorator in decorators for keyword in decorator.keywords if keyword.arg == "name"]
    values = [keyword.value.value for keyword in keywords if isinstance(keyword.value, ast.Constant)]
    return [value for value in values if isinstance(value, str)]
