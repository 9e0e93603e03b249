"""Code that speaks to the person who started it: command-line tools, scripts, and what only they use."""

from __future__ import annotations

import ast
import re

from holdfast.code.imports import BOM, imported_names, importers
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.code.source import Source

LIBRARIES = frozenset(
    "argparse optparse getopt docopt click typer fire cmd cmd2 cleo cyclopts plac prompt_toolkit questionary invoke fabric "
    "flask_script cliff knack setuptools".split()
)
CLI_FOLDERS = frozenset({"cli", "cmd", "console"})
COMMAND_FOLDERS = frozenset({"commands", "command"})
BESIDE_COMMANDS = ("queries", "query", "events", "handlers", "command_handlers", "query_handlers")
COMMAND_FILES = frozenset({"__main__.py", "cli.py", "_cli.py", "cmd.py", "manage.py", "console.py"})
SCRIPT_FOLDERS = frozenset(
    "scripts script bin tools tool example examples example_projects demo demos doc docs experiments benchmark benchmarks bench "
    "evals evaluation extras packaging support release build_helpers buildutils devtools hack ci notebooks samples "
    "play playground sandbox scratch snippets".split()
)
SCRIPT_FILES = frozenset("setup.py noxfile.py toxfile.py fabfile.py dodo.py setupbase.py versioneer.py hatch_build.py".split())
CELL = r"# (?:In ?\[[\d ]*\]:?|%%(?: .*)?|jupytext:| +jupytext:|\+ ?\{.*\})\s*"
PRINTING = ("print", "pprint", "pp", "write")
WORK = 3  # statements that do more than print, from which on a file is a script
NEAR = 2  # how far from a program a module may be whatever it imports
MODULES = 40  # how many importers are followed
SERVING = frozenset(
    "django flask fastapi starlette uvicorn gunicorn aiohttp tornado sanic quart litestar celery bottle falcon".split()
)


def is_command_line(source: Source) -> bool:
    """Return whether a module is part of a command-line tool: by what it imports, its place, or an entry point."""
    *folders, name = source.path.split("/")
    is_named = name in COMMAND_FILES or name.endswith(("cmd.py", "command.py"))
    if is_named or CLI_FOLDERS & set(folders) or source.imported & LIBRARIES:
        return True
    if (COMMAND_FOLDERS & set(folders) or name == "commands.py") and not _has_queries(source):
        return True
    project = source.project
    if project is None or not project.entry_points:
        return False
    modules = project.modules_with(source.path)
    return any(modules.find(module, "pyproject.toml") == source.path for module in project.entry_points)


def _has_queries(source: Source) -> bool:
    """Return whether commands stand beside queries, events or handlers: then they are messages of an application."""
    folder = source.path.rpartition("/")[0]
    if name := next((part for part in reversed(folder.split("/")) if part in COMMAND_FOLDERS), ""):
        folder = f"/{folder}/".rpartition(f"/{name}/")[0].strip("/")
    beside = {f"{folder}/{word}".strip("/") for word in BESIDE_COMMANDS}
    files = source.project.files if source.project else ()
    return any(path.removesuffix(".py") in beside or path.startswith(tuple(f"{place}/" for place in beside)) for path in files)


def is_script(source: Source) -> bool:
    """Whether a file is run by hand: by its folder, its name, or because it cannot be imported."""
    *folders, name = source.path.split("/")
    if SCRIPT_FOLDERS & set(folders) or name in SCRIPT_FILES or any(folder.startswith(".") for folder in folders):
        return True
    return "-" in name or name.startswith("_setup")


def is_migration(source: Source) -> bool:
    """Return whether a file is a database migration, of Django or Alembic."""
    *folders, name = source.path.split("/")
    if any("migrations" in folder for folder in folders) or name.endswith("migrations.py"):
        return True
    in_alembic = bool({"versions", "alembic"} & set(folders)) and "alembic" in source.text
    return in_alembic or bool(re.search(r"^from alembic import (?:context|op)\b", source.text, re.MULTILINE))


def is_management(source: Source) -> bool:
    """Return whether a file lies below a folder `management`, as Django's commands do."""
    return "management" in source.path.split("/")[:-1]


def is_settings(source: Source) -> bool:
    """Return whether a file configures an application, by its name or folder."""
    *folders, name = source.path.removesuffix(".py").split("/")
    return bool({"settings", "config", "configuration"} & {*folders[-1:], name}) or name.startswith("settings_")


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
    """Return whether a file's own statements do its work, no module imports it, and no package could find it by name.

    A call of a function that the file defines is work enough.
    """
    if source.project is None:
        return False
    folder = source.path.rpartition("/")[0]
    if source.project.source(f"{folder}/__init__.py".lstrip("/")) is not None:
        return False
    works = (ast.For, ast.While, ast.With, ast.Try, ast.If)
    called = [part.value.func for part in source.tree.body if isinstance(part, ast.Expr) and isinstance(part.value, ast.Call)]
    working = [callee for callee in called if (source.qualname(callee) or "").rpartition(".")[2] not in PRINTING]
    is_busy = len(working) + sum(isinstance(part, works) for part in source.tree.body) >= WORK
    return (is_busy or any(_is_own_function(source, callee) for callee in called)) and not any(importers(source))


def _is_own_function(source: Source, callee: ast.expr) -> bool:
    bound = source.binders(callee.id, callee) if isinstance(callee, ast.Name) else []
    return any(isinstance(binder, ast.FunctionDef) for binder in bound)


def serves_programs(source: Source) -> bool:
    """Return whether programs import a module, and nothing else does: directly, or through modules of which the same is true.

    A few scripts and examples do not make a program of what they use; what builds the project, and scripts in a package, do.
    The way from a program is short, or leads through no module that serves requests: a tool may also start the application.
    """
    seen = {source.path}
    level = [source]
    for distance in range(MODULES):
        users = {user.path: user for module in level for user in importers(module)}
        if not all(_is_used(module) for module in level) or not all(map(is_readable, users.values())):
            return False
        if distance >= NEAR and any(SERVING & user.imported for user in [*users.values(), *level]):
            return False
        level = [user for path, user in users.items() if path not in seen and not is_script(user) and not is_program(user)]
        seen |= users.keys()
        if not level:
            return True
        if len(seen) > MODULES:
            return False
    return False


def _is_used(source: Source) -> bool:
    """Return whether something other than a script that is not part of the project imports a module."""
    return any(_is_builder(user) or not is_script(user) or _is_packaged_script(user) for user in importers(source))


def _is_builder(source: Source) -> bool:
    return source.path.rpartition("/")[2] in SCRIPT_FILES


def _is_packaged_script(source: Source) -> bool:
    """Return whether a script lies in a package, where it is a command of the project rather than an example."""
    folder = source.path.rpartition("/")[0]
    named = folder.rpartition("/")[2] in ("scripts", "script", "bin", "tools", "tool")
    return named and source.project is not None and source.project.source(f"{folder}/__init__.py") is not None


def is_used_elsewhere(source: Source, name: str) -> bool:
    """Return whether a module that is no program imports a name of this one: `from module import name`, `module.name`."""
    module = source.path.removesuffix(".py").removesuffix("/__init__").rpartition("/")[2]
    attribute = re.compile(rf"\b{re.escape(module)}\.{re.escape(name)}\b".encode())
    for user in importers(source):
        imports = any(path.endswith(f"{module}.{name}") for path in imported_names(user)) or attribute.search(user.data)
        if imports and not is_script(user) and is_readable(user) and not is_program(user):
            return True
    return False


def is_program(source: Source) -> bool:
    """Return whether people start a module: a command-line tool or a script."""
    return is_command_line(source) or is_started(source) or is_run_by_hand(source)


def is_readable(source: Source) -> bool:
    """Return whether a file can be parsed."""
    try:
        return bool(source.tree)
    except CheckError:  # said where that file is checked
        return False
