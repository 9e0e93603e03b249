"""Find the modules that strings refer to: Django models, Celery tasks and dotted paths."""

from __future__ import annotations

import ast
from functools import cached_property

from holdfast.boundaries.edges import ancestors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.boundaries.edges import Imports
    from holdfast.code.source import Source


class Named:
    """The modules of a code base, by the names that strings use for them."""

    def __init__(self, imports: Imports) -> None:
        self.imports = imports

    def module(self, text: str, kind: str, importer: str) -> str | None:
        """Return the module that a reference in `importer` means; None if it is not in the code base."""
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
        """From the label of each Django app to its package. The label is that of the AppConfig, or the last part of the name."""
        found: dict[str, str] = {}
        configured: dict[str, str] = {}
        for module in sorted(self.imports.modules):
            package, _, last = module.rpartition(".")
            if package and last in ("models", "apps"):
                found.setdefault(package.rpartition(".")[2], package)
            if last == "apps":
                source = self.imports.statements.files.source(module)
                label = _label(source) if source else None
                if label:
                    configured[label] = package
        return {**found, **configured}

    @cached_property
    def tasks(self) -> dict[str, str]:
        """From the explicit names of Celery tasks to their modules."""
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
            is_label = isinstance(statement, ast.Assign) and any(getattr(one, "id", "") == "label" for one in statement.targets)
            if is_label and isinstance(value, ast.Constant) and isinstance(value.value, str):
                return value.value
    return None


def _task_names(source: Source) -> list[str]:
    """The names in `@shared_task(name="...")` and `@app.task(name="...")`."""
    functions = source.nodes(ast.FunctionDef, ast.AsyncFunctionDef)
    decorators = [decorator for function in functions for decorator in function.decorator_list if isinstance(decorator, ast.Call)]
    keywords = [keyword for decorator in decorators for keyword in decorator.keywords if keyword.arg == "name"]
    values = [keyword.value.value for keyword in keywords if isinstance(keyword.value, ast.Constant)]
    return [value for value in values if isinstance(value, str)]
