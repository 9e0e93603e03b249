"""Code that speaks to people, within one file: what a main guard runs, prompts, last words, functions named so."""

from __future__ import annotations

import ast
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdfast.code.source import Source

SPEAKING = ("print_", "show_", "cmd_", "usage", "display_")
ASKING = frozenset({"builtins.input", "getpass.getpass", "builtins.raw_input"})
LEAVING = frozenset({"sys.exit", "builtins.exit", "builtins.quit", "os._exit"})


def guards(source: Source) -> list[ast.If]:
    """The `if __name__ == "__main__":` of a file."""
    return [statement for statement in source.nodes(ast.If) if _is_main_test(statement.test)]


def _is_main_test(test: ast.expr) -> bool:
    if not isinstance(test, ast.Compare) or not isinstance(test.ops[0], ast.Eq):
        return False
    sides = (test.left, test.comparators[0])
    names = any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides)
    return names and any(isinstance(side, ast.Constant) and side.value == "__main__" for side in sides)


def under_guard(source: Source, node: ast.AST) -> bool:
    """Return whether a node stands under a main guard, or in a function that the guard calls, directly or through others."""
    found = guards(source)
    if not found:
        return False
    key = ("called by the main guards", source.tree)
    if key not in source.memo:
        source.memo[key] = _called(source, found) | set(found)
    return any(above in source.memo[key] for above in source.ancestors(node))


def _called(source: Source, starts: Iterable[ast.AST]) -> set[ast.AST]:
    """The functions of a file that its main guards use, and what these use; what a class does is its own matter."""
    seen: set[ast.AST] = set()
    level = list(starts)
    while level:
        names = [part for node in level for part in ast.walk(node) if isinstance(part, ast.Name | ast.Attribute)]
        bound = [binder for part in names for binder in _bound(source, part)]
        level = [binder for binder in dict.fromkeys(bound) if binder not in seen]
        seen.update(level)
    return seen


def _bound(source: Source, part: ast.Name | ast.Attribute) -> list[ast.AST]:
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef)
    if isinstance(part, ast.Name):
        return [binder for binder in source.binders(part.id, part) if isinstance(binder, definitions)]
    if not isinstance(part.value, ast.Name):
        return []
    owners = [binder for binder in source.binders(part.value.id, part) if isinstance(binder, ast.ClassDef)]
    return [method for owner in owners for method in owner.body if isinstance(method, definitions) and method.name == part.attr]


def is_speaking(source: Source, node: ast.AST) -> bool:
    """Return whether a node stands in a function whose name says that it speaks to people: `print_report`, `usage`."""
    function = source.function(node)
    if function is None:
        return False
    is_command = isinstance(source.parent(function), ast.ClassDef) and re.match("do_[a-z]", function.name)  # as in cmd.Cmd
    return bool(is_command) or function.name.startswith(SPEAKING)


def asks(source: Source, node: ast.AST) -> bool:
    """Return whether a node stands in a function that asks a question: with `input` or `getpass`."""
    function = source.function(node)
    return function is not None and any(
        source.qualname(call.func) in ASKING for call in ast.walk(function) if isinstance(call, ast.Call)
    )


def leaves_next(source: Source, node: ast.AST) -> bool:
    """Return whether the program exits after a node's statement, in the same block of a function."""
    if source.function(node) is None:
        return False
    statement = source.parent(node)
    block = source.parent(statement) if statement else None
    for body in (getattr(block, field, None) for field in ("body", "orelse", "finalbody", "handlers")):
        if isinstance(body, list) and statement in body:
            return any(_leaves(source, following) for following in body[body.index(statement) + 1 :])
    return False


def _leaves(source: Source, statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(value=ast.Call(func=callee)):
            return source.qualname(callee) in LEAVING
        case ast.Raise(exc=ast.Call(func=callee) | (ast.Name() as callee)):
            return source.qualname(callee) == "builtins.SystemExit"
    return False
