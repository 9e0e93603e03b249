"""The imports of a rewritten module: new ones where isort puts them, and none left that only rewritten code used."""

from __future__ import annotations

import ast
import sys

import libcst as cst
from libcst.codemod import CodemodContext
from libcst.codemod.visitors import AddImportsVisitor, RemoveImportsVisitor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def added(module: cst.Module, wanted: Sequence[tuple[str, str | None]]) -> cst.Module:
    """A module with more imports: (module, None) for `import module`, (module, name) for `from module import name`."""
    context = CodemodContext()
    for name, attribute in wanted:
        placed = _placed(module, name) if attribute is None else None
        if placed is None:
            AddImportsVisitor.add_needed_import(context, name, attribute)
        else:
            module = placed
    return AddImportsVisitor(context).transform_module(module) if wanted else module


def _placed(module: cst.Module, name: str) -> cst.Module | None:
    """A module with `import name`, of the standard library, in its sorted place; None where no import shows that place."""
    lines = _lines_of_imports(module)
    standard = [(index, line) for index, line in lines if _package(line) in sys.stdlib_module_names]
    plain = [(index, line) for index, line in standard if isinstance(line.body[0], cst.Import)]
    if any(_module(line) == name for _, line in plain):
        return module
    later = [(index, line) for index, line in plain if _module(line).lower() > name.lower()]
    new = cst.SimpleStatementLine([cst.Import([cst.ImportAlias(cst.Name(name))])])
    body = list(module.body)
    if later:
        at, before = later[0][0], later[0][1]
    elif plain:
        return module.with_changes(body=[*body[: plain[-1][0] + 1], new, *body[plain[-1][0] + 1 :]])
    elif standard:
        at, before = standard[0]
    elif lines:
        at, before = lines[0]
    else:
        return None
    new, changed = _above(new, before, apart=not standard)
    if at == 0 and not any(line.comment for line in before.leading_lines):
        new = new.with_changes(leading_lines=before.leading_lines)
    return module.with_changes(body=[*body[:at], new, changed, *body[at + 1 :]])


def _above(
    new: cst.SimpleStatementLine, line: cst.SimpleStatementLine, apart: bool
) -> tuple[cst.SimpleStatementLine, cst.SimpleStatementLine]:
    """A line to stand above another: it takes the blank lines there, comments stay; apart: with a blank line between them."""
    leading = list(line.leading_lines)
    first = next((index for index, empty in enumerate(leading) if empty.comment), len(leading))
    kept = [cst.EmptyLine(indent=False)] * apart + leading[first:]
    return new.with_changes(leading_lines=leading[:first]), line.with_changes(leading_lines=kept)


def _lines_of_imports(module: cst.Module) -> list[tuple[int, cst.SimpleStatementLine]]:
    """The imports at the top of a module, with their place, those from `__future__` left out."""
    found: list[tuple[int, cst.SimpleStatementLine]] = []
    for index, line in enumerate(module.body):
        single = line if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else None
        if single and isinstance(single.body[0], cst.Import | cst.ImportFrom):
            if _package(single) != "__future__":
                found.append((index, single))
        elif found or not (single and isinstance(single.body[0], cst.Expr)):
            break
    return found


def _module(line: cst.SimpleStatementLine) -> str:
    statement = line.body[0]
    if isinstance(statement, cst.Import):
        return cst.Module([]).code_for_node(statement.names[0].name)
    if isinstance(statement, cst.ImportFrom) and statement.module and not statement.relative:
        return cst.Module([]).code_for_node(statement.module)
    return ""


def _package(line: cst.SimpleStatementLine) -> str:
    return _module(line).partition(".")[0]


def without_unused(module: cst.Module, before: ast.Module) -> cst.Module:
    """A module without the imports of the standard library at its top that were used before it was rewritten, and no longer are.

    Other imports stay, because importing another module may have effects.
    """
    now = _used(ast.parse(module.bytes))
    gone = _used(before) - now
    context = CodemodContext()
    for statement in before.body:
        for alias in statement.names if isinstance(statement, ast.Import | ast.ImportFrom) else ():
            module_name = statement.module if isinstance(statement, ast.ImportFrom) else alias.name
            is_standard = (module_name or "").partition(".")[0] in sys.stdlib_module_names
            if is_standard and (alias.asname or alias.name) in gone:
                if isinstance(statement, ast.ImportFrom):
                    if statement.module and not statement.level:
                        RemoveImportsVisitor.remove_unused_import(context, statement.module, alias.name, alias.asname)
                else:
                    RemoveImportsVisitor.remove_unused_import(context, alias.name, None, alias.asname)
    return RemoveImportsVisitor(context).transform_module(module) if context.scratch else module


def _used(tree: ast.Module) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
