"""Where a print stays as it is, whatever it writes: places in which a logger cannot be used, or not alone."""

from __future__ import annotations

import ast
import re

from holdfast.rules.no_print import programs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.code.source import Source

PART_OF_LOGGING = re.compile(r".*(?:Handler|Filter|Formatter)")
RUN_BY_LOGGING = frozenset("emit filter format handle handleError formatException flush close write".split())
CONFIGURING = frozenset({"logging.basicConfig", "logging.config.dictConfig", "logging.config.fileConfig"})
BLOCKS = ("body", "orelse", "finalbody", "handlers")


def reason_to_leave(source: Source, node: ast.Call) -> str:
    """The reason why a print is left alone where it stands; "" where there is none."""
    if _runs_in_logging(source, node):
        return "logging calls this method, which would call itself"
    if source.function(node) is None and programs.is_settings(source):
        return "logging is not set up while settings are read: use warnings.warn(...) or raise"
    if _configures(source, node):
        return "logging is set up in the same place"
    if _continues(source, node):
        return "it ends the line that another print begins"
    if any(isinstance(part, ast.Name) and part.id == "str" for part in ast.walk(node)) and source.binder_table.get("str"):
        return "the name str means something else here"
    return ""


def _runs_in_logging(source: Source, node: ast.AST) -> bool:
    function, owner = source.function(node), source.enclosing(node, ast.ClassDef)
    if function is None or owner is None or getattr(function, "name", "") not in RUN_BY_LOGGING:
        return False
    names = (base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "") for base in owner.bases)
    return any(map(PART_OF_LOGGING.fullmatch, names))


def _configures(source: Source, node: ast.AST) -> bool:
    """Whether the function around a node, or for a module's own statements the module, sets logging up."""
    function = source.function(node)
    return any(
        source.qualname(call.func) in CONFIGURING and source.function(call) is function for call in source.nodes(ast.Call)
    ) and not (function is None and _is_below(source, node))


def _is_below(source: Source, node: ast.AST) -> bool:
    """Whether a node of a module stands below what sets logging up."""
    line = getattr(node, "lineno", 0)
    return all(call.lineno < line for call in source.nodes(ast.Call) if source.qualname(call.func) in CONFIGURING)


def _continues(source: Source, node: ast.Call) -> bool:
    """Whether the statement before writes the beginning of the same line."""
    statement = source.parent(node)
    block = source.parent(statement) if statement else None
    for body in (getattr(block, field, None) for field in BLOCKS):
        if isinstance(body, list) and statement in body:
            for part in reversed(body[: body.index(statement)]):
                calls = [call for call in ast.walk(part) if isinstance(call, ast.Call)]
                if any(_leaves_open(source, call) for call in calls):
                    return True
                if any(source.qualname(call.func) == "builtins.print" for call in calls):
                    return False
    return False


def _leaves_open(source: Source, call: ast.Call) -> bool:
    ends = [keyword.value for keyword in call.keywords if keyword.arg == "end"]
    open_ends = [end for end in ends if not (isinstance(end, ast.Constant) and end.value in (None, "\n"))]
    return bool(open_ends) and source.qualname(call.func) == "builtins.print"
