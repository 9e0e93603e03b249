"""The logger of a module: the one it has, or one that is made after its imports."""

from __future__ import annotations

import ast

import libcst as cst

from holdfast.record import Record
from holdfast.source import Source

MAKERS = {
    "logging.getLogger": "logging",
    "structlog.get_logger": "structlog",
    "structlog.getLogger": "structlog",
    "structlog.stdlib.get_logger": "structlog",
}
NAMES = ("logger", "log", "LOGGER", "LOG", "_logger", "_log", "_LOGGER", "_LOG")
NEW = ("logger", "_logger")


class Logger(Record):
    """How a logger is called, which library's it is, and what has to be imported and defined for it."""

    callee: cst.BaseExpression
    library: str = "logging"
    imports: tuple[tuple[str, str | None], ...] = ()
    definitions: tuple[str, ...] = ()


def of(source: Source, node: ast.AST) -> Logger | str:
    """The logger for a node, or why there is none: its own class's, its module's, or a new one."""
    own = _of_class(source, node)
    if own is not None:
        return own
    for name in NAMES:
        binders = source.binders(name, node)
        library = _library(source, binders[0]) if len(binders) == 1 else ""
        if library and _is_before(source, binders[0], node):
            return Logger(callee=cst.Name(name), library=library)
    return _new(source, node)


def _library(source: Source, binder: ast.AST) -> str:
    """The library whose logger a module binds to a name; "" for something else."""
    above = source.parent(binder)
    if isinstance(binder, ast.alias) and isinstance(above, ast.ImportFrom):
        return "loguru" if above.module == "loguru" and binder.name == "logger" else ""
    if isinstance(above, ast.Assign | ast.AnnAssign) and isinstance(above.value, ast.Call):
        return MAKERS.get(source.qualname(above.value.func) or "", "")
    return ""


def _is_before(source: Source, binder: ast.AST, node: ast.AST) -> bool:
    """Whether a name of the module is bound when a node runs: in a function always, else where it stands above."""
    statement = source.holder(binder)
    in_module = isinstance(source.parent(statement), ast.Module)
    return in_module and (source.function(node) is not None or _line(binder) < _line(node))


def _line(node: ast.AST) -> int:
    return getattr(node, "lineno", 0)


def _of_class(source: Source, node: ast.AST) -> Logger | None:
    """`self.logger`, where a class assigns one and a method prints."""
    function, owner = source.function(node), source.enclosing(node, ast.ClassDef)
    if function is None or owner is None or source.parent(function) is not owner or not function.args.args:
        return None
    if function.args.args[0].arg != "self" or function.name == "__init__":
        return None
    for name in NAMES:
        assigned = source.attributes.get((owner, name), [])
        if len(assigned) == 1 and isinstance(assigned[0], ast.Call):
            library = MAKERS.get(source.qualname(assigned[0].func) or "")
            if library:
                return Logger(callee=cst.Attribute(cst.Name("self"), cst.Name(name)), library=library)
    return None


def _new(source: Source, node: ast.AST) -> Logger | str:
    """`logger = logging.getLogger(__name__)` after the imports."""
    if source.function(node) is None and _line(node) <= last_import(source.tree):
        return "it stands before the last import"
    known = source.binder_table.get("logging", [])
    if any(not _imports_logging(source, binder) for binder in known):
        return "the name logging means something else here"
    name = next((name for name in NEW if name not in source.binder_table), "")
    if not name:
        return "the names logger and _logger mean something else here"
    definition = f"{name} = logging.getLogger(__name__)"
    return Logger(callee=cst.Name(name), imports=(("logging", None),), definitions=(definition,))


def _imports_logging(source: Source, binder: ast.AST) -> bool:
    statement = source.parent(binder)
    at_top = isinstance(statement, ast.Import) and isinstance(source.parent(statement), ast.Module)
    return at_top and isinstance(binder, ast.alias) and binder.name.partition(".")[0] == "logging" and binder.asname is None


def last_import(tree: ast.Module) -> int:
    """The last line of the imports at the top of a module; 0 without any. Only they and what may stand among them count."""
    line = 0
    for statement in tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            line = statement.end_lineno or statement.lineno
        elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            break
    return line
