"""Application code logs, it does not print.

A `print` in a request handler or a task goes to a stream that nobody watches: no level, no time, no request id, no way to
switch it off, and now and then a secret in a container's log. A command-line tool is another matter: there, printing is the
job. This rule reports the first and leaves the second alone, so that it can be switched on for a whole repository.

```python bad
def provision(firm_name):
    print(f"Provisioning firm: {firm_name}")
```

```python good
import logging

logger = logging.getLogger(__name__)


def provision(firm_name):
    logger.info("Provisioning firm: %s", firm_name)
```

## What it reports

Calls of the builtin `print` and of `pprint.pprint` and `pprint.pp`, under whatever name: `builtins.print(...)`, `p = print`.
Like ruff's T201 it leaves a call alone that names a `file` other than `sys.stdout`, `sys.stderr` and None; unlike it also one
whose stream is given to `pprint` by position, or may stand in `**kwargs`.

## What it leaves alone

Each with an option of its own, see below: code under `if __name__ == "__main__":`; modules of a command-line tool (they import
`argparse`, `optparse`, `getopt`, `docopt`, `click`, `typer` or `fire`, are called `__main__.py`, or are an entry point in
`[project.scripts]`, `[tool.poetry.scripts]` or setup.cfg); scripts, examples and documentation; management commands (if they
are reported, the message speaks of `self.stdout.write`, which `call_command` can capture); migrations; tests. And always: a
`print` that is not the builtin, such as `from rich import print`.

## What it does not see

`sys.stdout.write`, a function that prints for others, and a `print` passed on as a value: `callback=print`,
`partial(print, flush=True)`.
"""

from __future__ import annotations

import ast

from holdfast.rule import Finding, Options as BaseOptions, Rule
from holdfast.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

PRINTERS = {"builtins.print": "print", "pprint.pprint": "pprint.pprint", "pprint.pp": "pprint.pp"}
PROCESS_STREAMS = ("sys.stdout", "sys.stderr", "sys.__stdout__", "sys.__stderr__")
COMMAND_LINE_LIBRARIES = frozenset({"argparse", "optparse", "getopt", "docopt", "click", "typer", "fire"})
COMMAND_LINE_FOLDERS = frozenset({"cli", "cmd"})
SCRIPT_FOLDERS = frozenset({"scripts", "bin", "tools", "examples", "docs"})
SCRIPT_FILES = frozenset({"setup.py", "noxfile.py", "manage.py", "fabfile.py"})


class Options(BaseOptions):
    """Each class of legitimate print can be switched off, and is then reported."""

    main_guard: bool = True
    """Leave code under `if __name__ == "__main__":` alone."""
    command_line: bool = True
    """Leave modules of command-line tools alone."""
    scripts: bool = True
    """Leave scripts alone: folders called scripts, bin, tools, examples or docs, and setup.py and its like."""
    management_commands: bool = True
    """Leave Django's management commands alone."""
    migrations: bool = True
    """Leave database migrations alone."""
    tests: bool = True
    """Leave tests alone."""


def check(source: Source, options: Options) -> Iterator[Finding]:
    calls = [(call, name) for call in source.nodes(ast.Call) if (name := _printer(source, call))]
    if not calls or _speaks_to_people(source, options):
        return
    for call, name in calls:
        if _has_other_stream(source, call) or (options.main_guard and _under_main_guard(source, call)):
            continue
        written = source.show(call.func)
        alias = "" if written in (name, name.rpartition(".")[2]) else f" (`{written}` is {name})"
        if _is_management_command(source.path):
            message = f"{name} in a management command cannot be captured by its caller{alias}"
            hint = "write to self.stdout.write(...) or self.stderr.write(...)"
        else:
            message = f"{name} in application code bypasses the log{alias}"
            hint = "call a logger: logger.info(...)"
        yield source.finding(call, message, hint=hint)


def _printer(source: Source, call: ast.Call) -> str | None:
    """The print function that a call calls, by its usual name."""
    return PRINTERS.get(source.qualname(call.func) or "")


def _has_other_stream(source: Source, call: ast.Call) -> bool:
    """Whether a call may write somewhere else than to this process's stdout or stderr."""
    name = _printer(source, call) or ""
    keyword = "file" if name == "print" else "stream"
    streams: list[ast.expr] = [given.value for given in call.keywords if given.arg in (keyword, None)]
    if name != "print":
        streams += call.args[1:2]
    return any(
        not (isinstance(stream, ast.Constant) and stream.value is None) and source.qualname(stream) not in PROCESS_STREAMS
        for stream in streams
    )


def _under_main_guard(source: Source, node: ast.AST) -> bool:
    return any(isinstance(above, ast.If) and _is_main_test(above.test) for above in source.ancestors(node))


def _is_main_test(test: ast.expr) -> bool:
    if not isinstance(test, ast.Compare) or not isinstance(test.ops[0], ast.Eq):
        return False
    sides = (test.left, test.comparators[0])
    names = any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides)
    return names and any(isinstance(side, ast.Constant) and side.value == "__main__" for side in sides)


def _speaks_to_people(source: Source, options: Options) -> bool:
    """Whether the whole module is one whose job is to print."""
    *folders, name = source.path.split("/")
    if options.scripts and (SCRIPT_FOLDERS & set(folders) or name in SCRIPT_FILES):
        return True
    if options.migrations and ("migrations" in folders or ("versions" in folders and "alembic" in source.text)):
        return True
    if options.tests and source.is_test:
        return True
    if _is_management_command(source.path):
        return options.management_commands
    return options.command_line and _is_command_line(source, folders, name)


def _is_management_command(path: str) -> bool:
    return "/management/commands/" in f"/{path}"


def _is_command_line(source: Source, folders: list[str], name: str) -> bool:
    if name in ("__main__.py", "cli.py") or COMMAND_LINE_FOLDERS & set(folders):
        return True
    imported = {alias.name.partition(".")[0] for statement in source.nodes(ast.Import) for alias in statement.names}
    imported |= {(statement.module or "").partition(".")[0] for statement in source.nodes(ast.ImportFrom) if not statement.level}
    if imported & COMMAND_LINE_LIBRARIES:
        return True
    dotted = source.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    entry_points = source.project.entry_points if source.project else ()
    return any(dotted == module or dotted.endswith(f".{module}") for module in entry_points)


rule = Rule(
    name="no-print",
    code="HF301",
    summary="application code logs, it does not print",
    since="0.1.0",
    level="warning",
    check=check,
    options=Options,
    mentions=(b"print",),
    asks=True,
)
