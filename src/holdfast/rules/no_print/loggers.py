"""The logger of a module: the one it has, or one that is made after its imports."""

from __future__ import annotations

import ast
import functools

import libcst as cst

from holdfast.code.source import Source
from holdfast.code.words import words
from holdfast.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

MAKERS = {
    "logging.getLogger": "logging",
    "celery.utils.log.get_task_logger": "logging",
    "structlog.get_logger": "structlog",
    "structlog.getLogger": "structlog",
    "structlog.stdlib.get_logger": "structlog",
}
LEVELS = frozenset({"debug", "info", "warning", "error", "exception", "critical"})
NAMES = ("logger", "log", "LOGGER", "LOG", "_logger", "_log", "_LOGGER", "_LOG")
MAKING = ("get", "create", "make", "build", "new", "logger")
NEW = ("logger", "_logger")
OWN = "own"


class Logger(Record):
    """How a logger is called, which library's it is, and what has to be imported and defined for it.

    library: logging, structlog, loguru, or OWN for one of the project's making, of which nobody knows how it formats.
    """

    callee: cst.BaseExpression
    library: str = "logging"
    imports: tuple[tuple[str, str | None], ...] = ()
    definitions: tuple[str, ...] = ()


def of(source: Source, node: ast.AST) -> Logger | str:
    """The logger for a node, or why there is none: its own class's, its module's, or a new one."""
    own = _of_class(source, node)
    if own is not None:
        return own
    for name in (*NAMES, *_other_names(source)):
        binders = source.binders(name, node)
        library = _library(source, binders[0]) if len(binders) == 1 else ""
        if library and _is_before(source, binders[0], node):
            return Logger(callee=cst.Name(name), library=library)
    return _new(source, node)


def _other_names(source: Source) -> list[str]:
    """The other names of a module that it gives to a logger which it makes: `task_logger = get_task_logger(__name__)`."""
    made = [
        statement
        for statement in source.tree.body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.value, ast.Call)
        and source.qualname(statement.value.func) in MAKERS
    ]
    targets = (target for statement in made for target in statement.targets)
    return [target.id for target in targets if isinstance(target, ast.Name) and target.id not in NAMES]


def _library(source: Source, binder: ast.AST) -> str:
    """The library whose logger a module binds to a name; "" for something else."""
    above = source.parent(binder)
    if isinstance(binder, ast.alias) and isinstance(above, ast.ImportFrom):
        if above.module == "loguru":
            return "loguru" if binder.name == "logger" else ""
        name = binder.asname or binder.name
        is_called = _is_called(source, lambda value: isinstance(value, ast.Name) and value.id == name)
        is_logger = is_called or ("logger" in name.lower() and not _is_other(source, above, binder, name))
        return ("logging" if _takes_values(source, name) else OWN) if is_logger else ""
    if isinstance(above, ast.Assign | ast.AnnAssign) and isinstance(above.value, ast.Call):
        return _made(source, above.value)
    return ""


def _made(source: Source, call: ast.Call) -> str:
    """The library whose logger a call makes; "" where it makes something else."""
    known = MAKERS.get(source.qualname(call.func) or "")
    function = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    makes = function.lower().endswith("logger") and words(function)[0] in MAKING
    return known or (OWN if makes else "")


def _is_other(source: Source, statement: ast.ImportFrom, binder: ast.alias, name: str) -> bool:
    """Whether an imported `logger` is a module, or a function or class that the file calls."""
    module = "/".join((statement.module or "").split("."))
    suffix = f"{module}/{binder.name}".strip("/")
    files = source.project.files if source.project else ()
    is_module = any(f"/{path.removesuffix('/__init__.py').removesuffix('.py')}".endswith(f"/{suffix}") for path in files)
    return is_module or any(isinstance(call.func, ast.Name) and call.func.id == name for call in source.nodes(ast.Call))


def _takes_values(source: Source, name: str) -> bool:
    """Whether the file hands values to a logger beside the text, as logging takes them: `logger.info("%s", value)`."""
    return any(
        isinstance(call.func, ast.Attribute)
        and call.func.attr in LEVELS
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == name
        and len(call.args) > 1
        and isinstance(call.args[0], ast.Constant)
        and "%" in str(call.args[0].value)
        for call in source.nodes(ast.Call)
    )


def _is_called(source: Source, is_it: Callable[[ast.expr], bool], within: ast.AST | None = None) -> bool:
    """Whether a file, or a class in it, calls `.info`, `.error` or the like of something."""
    return any(
        call.func.attr in LEVELS and is_it(call.func.value)
        for call in source.nodes(ast.Call)
        if isinstance(call.func, ast.Attribute) and (within is None or within in source.ancestors(call))
    )


def _is_before(source: Source, binder: ast.AST, node: ast.AST) -> bool:
    """Whether a name of the module is bound when a node runs: in a function always, else where it stands above."""
    statement = source.enclosing_statement(binder)
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
        library = _made(source, assigned[0]) if len(assigned) == 1 and isinstance(assigned[0], ast.Call) else ""
        if not assigned and _is_called(source, functools.partial(_is_own, name), owner):
            library = OWN  # a base class made it
        if library:
            return Logger(callee=cst.Attribute(cst.Name("self"), cst.Name(name)), library=library)
    return None


def _is_own(name: str, value: ast.expr) -> bool:
    return isinstance(value, ast.Attribute) and value.attr == name and getattr(value.value, "id", "") == "self"


def _new(source: Source, node: ast.AST) -> Logger | str:
    """`logger = logging.getLogger(__name__)` after the imports."""
    if source.function(node) is None and _line(node) <= last_import(source.tree):
        return "it stands before the last import"
    known = source.binder_table.get("logging", [])
    if not all(_imports_logging(source, binder) for binder in known):
        return "the name logging means something else here"
    name = next((name for name in NEW if name not in source.binder_table), "")
    if not name:
        return "the names logger and _logger mean something else here"
    above = [
        statement for binder in known if isinstance(source.parent(statement := source.enclosing_statement(binder)), ast.Module)
    ]
    is_there = any(_line(statement) <= last_import(source.tree) for statement in above)
    definition = f"{name} = logging.getLogger(__name__)"
    return Logger(callee=cst.Name(name), imports=() if is_there else (("logging", None),), definitions=(definition,))


def _imports_logging(source: Source, binder: ast.AST) -> bool:
    """Whether a name is bound by a plain `import logging`, wherever that stands."""
    plain = isinstance(binder, ast.alias) and binder.asname is None and isinstance(source.parent(binder), ast.Import)
    return plain and getattr(binder, "name", "").partition(".")[0] == "logging"


def last_import(tree: ast.Module) -> int:
    """The last line of the imports at the top of a module; 0 without any. Only they and what may stand among them count."""
    line = 0
    for statement in tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            line = statement.end_lineno or statement.lineno
        elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            break
    return line
