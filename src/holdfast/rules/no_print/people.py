"""Code that speaks to people, within one file: what a main guard runs, prompts, last words, functions named so."""

from __future__ import annotations

import ast
import re

from holdfast.code.scopes import FunctionNode
from holdfast.code.words import words, wordset
from holdfast.rules.no_print import programs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from holdfast.code.source import Source

SPEAKING = (("usage",), ("help",), ("main",), ("test",), ("demo",), ("selftest",), ("self", "test"))
SPEAKING_FIRST = wordset("print pprint show cmd usage display help echo")
SPEAKING_LAST = wordset("print pprint usage help banner")
CONSOLES = wordset("console stdout stdio stderr tty repl shell tui")
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
    """Return whether a node stands under a main guard, or in a function that the guard calls, directly or through others.

    A function that other code of the application uses too belongs to that code.
    """
    found = guards(source)
    if not found:
        return False
    around = set(source.ancestors(node))
    return not around.isdisjoint(found) or any(
        isinstance(function, FunctionNode) and not _is_shared(source, function, found)
        for function in around & started(source, "main guards", found)
    )


def _is_shared(source: Source, function: FunctionNode, starts: Sequence[ast.AST]) -> bool:
    """Return whether code that the main guards do not reach uses a function, in this file or in another."""
    name = getattr(function, "name", "")
    key = ("is shared", function)
    if key not in source.memo:
        reached = started(source, "main guards", starts)
        uses = (part for part in source.nodes(ast.Name) if part.id == name and isinstance(part.ctx, ast.Load))
        here = any(
            function in source.binders(name, part) and reached.isdisjoint(source.ancestors(part)) and source.function(part)
            for part in uses
        )
        is_public = isinstance(source.parent(function), ast.Module)
        source.memo[key] = here or (is_public and programs.is_used_elsewhere(source, name))
    return bool(source.memo[key])


def under_statements(source: Source, node: ast.AST) -> bool:
    """Return whether a node stands in the statements of a module, or in a function that these call, directly or through others."""
    if source.function(node) is None:
        return True
    calls = [part for part in source.tree.body if not isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
    return bool(set(source.ancestors(node)) & started(source, "statements", calls))


def started(source: Source, what: str, starts: Sequence[ast.AST]) -> set[ast.AST]:
    """The given statements and the functions they use, directly or through others; what: a name for the statements."""
    key = (what, source.tree)
    if key not in source.memo:
        source.memo[key] = _called(source, starts) | set(starts)
    known: set[ast.AST] = source.memo[key]
    return known


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
    """Return whether a node stands in a function that speaks to people by its name: `print_report`, `_usage`, `json_print`."""
    function = source.function(node)
    if function is None:
        return False
    if isinstance(source.parent(function), ast.ClassDef) and re.match("do_[a-z]", function.name):  # as in cmd.Cmd
        return True
    said = words(function.name)
    return said in SPEAKING or (len(said) > 1 and (said[0] in SPEAKING_FIRST or said[-1] in SPEAKING_LAST))


def asks(source: Source, node: ast.AST) -> bool:
    """Return whether a node stands in a function, or in a class, that asks a question: with `input` or `getpass`."""
    function = source.function(node)
    owner = source.enclosing(node, ast.ClassDef)
    return any(_asks(source, place) for place in (function, owner) if place is not None)


def _asks(source: Source, place: ast.AST) -> bool:
    key = ("asks", place)
    if key not in source.memo:
        source.memo[key] = any(source.qualname(call.func) in ASKING for call in ast.walk(place) if isinstance(call, ast.Call))
    return bool(source.memo[key])


def is_console(source: Source, node: ast.AST) -> bool:
    """Return whether a node stands in a module or class that is a console by its name: `ConsoleBackend`, `stdout_sink.py`."""
    classes = [above.name for above in source.ancestors(node) if isinstance(above, ast.ClassDef)]
    module = source.path.rpartition("/")[2].removesuffix(".py")
    return any(CONSOLES & set(words(name)) for name in (module, *classes))


def leaves_next(source: Source, node: ast.AST) -> bool:
    """Return whether the program exits after a node's statement, in the same block."""
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
