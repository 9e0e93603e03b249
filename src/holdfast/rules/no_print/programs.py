"""Code that speaks to the person who started it: command-line tools, scripts, and what only they use."""

from __future__ import annotations

import ast
import re

from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

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
CELL = re.compile(r"# (?:In ?\[[\d ]*\]:?|%%(?: .*)?|jupytext:| +jupytext:|\+ ?\{.*\})\s*")
WORK = 4  # statements that do something, from which on a file is a script
BOM = b"\xef\xbb\xbf"
DEPTH = 2  # how far importers of importers are followed


def is_command_line(source: Source) -> bool:
    """Whether a module is (part of) a command-line tool: by what it imports, its place, or an entry point."""
    *folders, name = source.path.split("/")
    if name in COMMAND_FILES or COMMAND_FOLDERS & set(folders) or source.imported & LIBRARIES:
        return True
    entry_points = source.project.entry_points if source.project else ()
    dotted = source.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return any(dotted == module or dotted.endswith(f".{module}") for module in entry_points)


def is_script(source: Source) -> bool:
    """Whether a file is run by hand: by its folder, its name, or because it cannot be imported."""
    *folders, name = source.path.split("/")
    if SCRIPT_FOLDERS & set(folders) or name in SCRIPT_FILES or any(folder.startswith(".") for folder in folders):
        return True
    return "-" in name or name.startswith("_setup")


def is_migration(source: Source) -> bool:
    """Return whether a file is a database migration, of Django or Alembic."""
    folders = source.path.split("/")[:-1]
    if any("migrations" in folder for folder in folders):
        return True
    return bool({"versions", "alembic"} & set(folders)) and "alembic" in source.text


def is_management(source: Source) -> bool:
    """Return whether a file lies below a folder `management`, as Django's commands do."""
    return "management" in source.path.split("/")[:-1]


def is_notebook(source: Source) -> bool:
    """Whether a file is a notebook, exported by Jupyter, jupytext or Databricks, or marimo's own format."""
    comments = [line for line in source.lines if line.startswith("# ")]
    if source.text.startswith("# Databricks notebook source") or any(map(CELL.fullmatch, comments)):
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


# -- among files

FROM = re.compile(rb"^[ \t]*from[ \t]+(\.*)([\w.]*)[ \t]+import[ \t]*(\([^)]*\)|(?:[^\n\\]|\\\n)*)", re.MULTILINE)
IMPORT = re.compile(rb"^[ \t]*import[ \t]+([^\n#;]+)", re.MULTILINE)


def importers(source: Source) -> Iterator[Source]:
    """The other files of the project, tests left out, that import a file; found one by one, by their text alone.

    Parsing everything that mentions a name like `config` would take longer than all the rest of a run.
    """
    project = source.project
    target = source.path.removesuffix(".py").removesuffix("/__init__")
    word = target.rpartition("/")[2].encode("utf-8", "surrogateescape")
    for path in project.files if project else ():
        other = project.source(path) if project and path != source.path else None
        if other is None or word not in other.data or other.is_test:
            continue
        if any(f"/{target}".endswith(f"/{module}") for module in imported_paths(other)):
            yield other


def imported_paths(source: Source) -> set[str]:
    """What a file imports as paths, without `.py`: absolute ones may lie anywhere, relative ones are complete."""
    found: set[str] = set()
    data = source.data.removeprefix(BOM).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    for statement in IMPORT.finditer(data):
        found |= {part.split()[0].replace(".", "/") for part in _text(statement[1]).split(",") if part.split()}
    for statement in FROM.finditer(data):
        dots = len(statement[1])
        folders = source.path.split("/")[:-dots] if dots else []
        base = "/".join([*folders, *_text(statement[2]).split(".")]).strip("/")
        names = re.findall(r"(\w+)(?:[ \t]+as[ \t]+\w+)?", re.sub(r"#[^\n]*", "", _text(statement[3])))
        found |= {base, *(f"{base}/{name}".strip("/") for name in names)}
    return found - {""}


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
