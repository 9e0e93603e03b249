"""Code that speaks to the person who started it: command-line tools, scripts, and what only they use."""

from __future__ import annotations

import ast
import re

from holdfast.code.imports import BOM, importers
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdfast.code.source import Source

LIBRARIES = frozenset(
    "argparse optparse getopt docopt click typer fire cmd cmd2 cleo cyclopts plac prompt_toolkit questionary invoke fabric "
    "flask_script cliff knack".split()
)
COMMAND_FOLDERS = frozenset({"cli", "cmd", "commands", "command", "console"})
COMMAND_FILES = frozenset({"__main__.py", "cli.py", "_cli.py", "cmd.py", "manage.py", "console.py"})
SCRIPT_FOLDERS = frozenset(
    "scripts script bin tools tool example examples example_projects demo demos doc docs experiments benchmark benchmarks bench "
    "evals evaluation extras packaging support release build_helpers buildutils devtools hack ci notebooks samples".split()
)
SCRIPT_FILES = frozenset("setup.py noxfile.py toxfile.py fabfile.py dodo.py setupbase.py versioneer.py hatch_build.py".split())
SPEAKING = ("print_", "show_", "cmd_", "usage", "display_")
ASKING = frozenset({"builtins.input", "getpass.getpass", "builtins.raw_input"})
LEAVING = frozenset({"sys.exit", "builtins.exit", "builtins.quit", "os._exit"})
CELL = r"# (?:In ?\[[\d ]*\]:?|%%(?: .*)?|jupytext:| +jupytext:|\+ ?\{.*\})\s*"
WORK = 4  # statements that do something, from which on a file is a script
DEPTH = 2  # how far importers of importers are followed


def is_command_line(source: Source) -> bool:
    """Whether a module is (part of) a command-line tool: by what it imports, its place, or an entry point."""
    *folders, name = source.path.split("/")
    if name in COMMAND_FILES or COMMAND_FOLDERS & set(folders) or source.imported & LIBRARIES:
        return True
    project = source.project
    if project is None or not project.entry_points:
        return False
    modules = project.modules_with(source.path)
    return any(modules.find(module, "pyproject.toml") == source.path for module in project.entry_points)


def is_script(source: Source) -> bool:
    """Whether a file is run by hand: by its folder, its name, or because it cannot be imported."""
    *folders, name = source.path.split("/")
    if SCRIPT_FOLDERS & set(folders) or name in SCRIPT_FILES or any(folder.startswith(".") for folder in folders):
        return True
    return "-" in name or name.startswith("_setup")


def is_notebook(source: Source) -> bool:
    """Whether a file is a notebook, exported by Jupyter, jupytext or Databricks, or marimo's own format."""
    comments = [line for line in source.lines if line.startswith("# ")]
    if source.text.startswith("# Databricks notebook source") or any(re.fullmatch(CELL, comment) for comment in comments):
        return True
    return "marimo" in source.imported and "marimo.App(" in source.text


def is_started(source: Source) -> bool:
    """Whether a file that nobody imports shows that it is started: by `#!` or `sys.argv`."""
    reads_arguments = any(source.qualname(node) == "sys.argv" for node in source.nodes(ast.Attribute) if node.attr == "argv")
    return (source.data.removeprefix(BOM).startswith(b"#!") or reads_arguments) and not any(importers(source))


def is_run_by_hand(source: Source) -> bool:
    """Whether a file's own statements do some work, nobody imports it, and it lies in no package that could find it by name."""
    if source.project is None:
        return False
    folder = source.path.rpartition("/")[0]
    works = (ast.For, ast.While, ast.With, ast.Try, ast.If)
    calls = [part for part in source.tree.body if isinstance(part, ast.Expr) and isinstance(part.value, ast.Call)]
    busy = len(calls) + sum(isinstance(part, works) for part in source.tree.body) >= WORK
    return busy and source.project.source(f"{folder}/__init__.py".lstrip("/")) is None and not any(importers(source))


def serves_programs(source: Source, depth: int = DEPTH) -> bool:
    """Whether a module is imported, and only by command-line tools, or by what serves only these."""
    used = False
    for other in importers(source):
        if is_script(other):
            continue  # examples use libraries, too
        if not _is_readable(other) or not (is_command_line(other) or (depth > 1 and serves_programs(other, depth - 1))):
            return False
        used = True
    return used


def _is_readable(source: Source) -> bool:
    try:
        return bool(source.tree)
    except CheckError:  # said where that file is checked
        return False


# -- within a file


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
    """Whether a node stands under a main guard, or in a function that the guard calls, directly or through others."""
    found = guards(source)
    if not found:
        return False
    around = [node, *source.ancestors(node)]
    return any(guard in around for guard in found) or bool(_called(source, found) & set(around))


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


def speaks(source: Source, node: ast.AST) -> bool:
    """Whether a node stands where somebody is spoken to: `print_report`, a prompt, the last words before an exit."""
    function = source.function(node)
    if function is None:
        return False
    is_command = isinstance(source.parent(function), ast.ClassDef) and re.match("do_[a-z]", function.name)  # as in cmd.Cmd
    if is_command or function.name.startswith(SPEAKING):
        return True
    asks = any(source.qualname(call.func) in ASKING for call in ast.walk(function) if isinstance(call, ast.Call))
    return asks or _leaves_next(source, node)


def _leaves_next(source: Source, node: ast.AST) -> bool:
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
