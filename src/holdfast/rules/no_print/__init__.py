"""Reports calls of `print` and `pprint` in application code, and leaves command-line tools and scripts alone.

Because it tells the two apart, you can switch it on for a whole repository.

## Why is this bad?

A `print` in a request handler or a task has no level, no time and no request id, and nobody can switch it off. Its output goes to
a stream that nobody reads, or it puts a secret into the log of a container. In a command-line tool, printing is the purpose.

## Example

```python bad
def provision(firm_name):
    print(f"Provisioning firm: {firm_name}")
```

Use instead:

```python good
import logging

logger = logging.getLogger(__name__)


def provision(firm_name):
    logger.info("Provisioning firm: %s", firm_name)
```

## What it reports

- Calls of the builtin `print`, under any name: `builtins.print(...)`, `p = print`.
- Calls of `pprint.pprint` and `pprint.pp`.
- Functions that you name in `also`, for example if your team does not want `rich.print` either:

```toml
[tool.holdfast.rules.no-print]
also = ["rich.print", "sys.stdout.write", "sys.stderr.write"]
```

## What it leaves alone

- A `print` that is not the builtin, such as `from rich import print`.
- A call that writes to another stream: `file=` is not `sys.stdout`, `sys.stderr` or None, `pprint` gets a stream by position, or
  `**kwargs` may contain one.

Two thirds of the prints in the measured repositories are output of a command-line tool. Each of these classes has an option. Set
it to `false` to report the class:

- `main-guard`: code under `if __name__ == "__main__":`, and functions that this code calls, directly or through others.
- `command-line`: modules that import `argparse`, `click`, `typer`, `fire`, `cmd` or a similar library, that are in a folder
  `cli`, `cmd`, `commands` or `console`, that are called `__main__.py`, `cli.py` or `manage.py`, or that are an entry point of the
  package (`[project.scripts]`, `[tool.poetry.scripts]`, setup.cfg, setup.py). Modules that only such modules import, two steps
  deep. Functions called `print_...`, `show_...`, `display_...`, `cmd_...` or `usage`, methods called `do_...`, functions that
  call `input` or `getpass`, and messages directly before `sys.exit`.
- `scripts`: files in folders such as `scripts`, `bin`, `tools`, `examples`, `docs` or `benchmarks`, and in folders whose name
  begins with a dot. setup.py and similar files, and files with a `-` in their name. Files that no module imports and that begin
  with `#!` or read `sys.argv`. Module-level statements of a file outside of any package that no module imports and that does some
  work.
- `management-commands`: everything below `management/`. If reported, the message recommends `self.stdout.write`, which
  `call_command` can capture.
- `notebooks`: notebooks exported as Python files (`# In[1]:`, `# %%`, jupytext, Databricks), and marimo notebooks.
- `migrations` and `tests`: database migrations, and tests.

## What it does not see

- Doctests and other text.
- A function that prints on behalf of its callers: the call of that function is not reported.
- A `print` that is passed as a value: `callback=print`, `partial(print, flush=True)`.

## Fix safety

Unsafe, because the output moves from stdout to the log, where the configured level may hide it.

`--fix` replaces the call with a call of the module's own logger (`logger`, `log`, `LOGGER`, `self.logger`, from logging,
structlog or loguru). If the module has none, it adds `logger = logging.getLogger(__name__)` after the imports.

- The message is the text that `print` wrote. Values stay lazy: f-strings, `%`, `.format`, `+`, several arguments and `sep` become
  `"... %s", value`. `pprint` becomes `pformat`. An empty `print()` is removed.
- A logger of the project's own (`from app.log import logger`, `get_logger("shop")`) gets the finished text, because its way of
  formatting is unknown.
- The level is `exception` inside an `except`, else the level that the text or `sys.stderr` suggests, else the option `level`.
- With `structured = true` values are kept apart from the text:
  `logger.info("Provisioning firm", extra={"firm_name": firm_name})`.

Not fixed, with a reason: `end=""`, `*args`, a print whose value is used, comments inside the call, a print before the last
import, and names that are already used for something else.

## References

- [Python: Logging HOWTO](https://docs.python.org/3/howto/logging.html)
- [ruff: print (T201)](https://docs.astral.sh/ruff/rules/print/), which reports every print;
  [no-print beside T201](../precision/no-print-and-ruff.md) compares the two on ten packages
"""

from __future__ import annotations

import ast
import re

from holdfast.code.source import Source
from holdfast.rule import CheckError, Finding, Options as BaseOptions, Rule
from holdfast.rules.no_print import programs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

LEVELS = ("debug", "info", "warning", "error")
PRINTERS = {"builtins.print": "print", "pprint.pprint": "pprint.pprint", "pprint.pp": "pprint.pp"}
PROCESS_STREAMS = ("sys.stdout", "sys.stderr")


class Options(BaseOptions):
    """Each class of legitimate print can be switched off, and is then reported."""

    main_guard: bool = True
    """Leave code under `if __name__ == "__main__":` alone, and the functions it calls."""
    command_line: bool = True
    """Leave modules of command-line tools alone, what only they import, and functions that speak to people by their name."""
    scripts: bool = True
    """Leave scripts alone: by their folder, by their name, or because nobody imports them and they do something when run."""
    management_commands: bool = True
    """Leave Django's management commands alone."""
    migrations: bool = True
    """Leave database migrations alone."""
    tests: bool = True
    """Leave tests alone."""
    notebooks: bool = True
    """Leave notebooks alone that were exported as Python files (Jupyter, jupytext, Databricks) or are one (marimo)."""
    also: tuple[str, ...] = ()
    """More functions to report, by their dotted names: `sys.stdout.write`, `sys.stderr.write`, `rich.print`, `icecream.ic`."""
    level: str = "info"
    """The level that the fix gives a message which says nothing of its own: debug, info, warning or error."""
    structured: bool = False
    """Let the fix keep values apart from the text: `logger.info("Provisioning firm", extra={"firm_name": firm_name})`."""

    @property
    def mentions(self) -> tuple[bytes, ...]:
        """The last words of what is reported as well."""
        return tuple(re.escape(name.rpartition(".")[2].lower().encode()) for name in self.also)


def check(source: Source, options: Options) -> Iterator[Finding]:
    if options.level not in LEVELS:
        raise CheckError("option", f"level of no-print is one of {', '.join(LEVELS)}")
    if not all(options.mentions):
        raise CheckError("option", "also of no-print holds dotted names, like rich.print")
    wanted = PRINTERS | {name: name for name in options.also}
    calls = [(call, name) for call in source.nodes(ast.Call) if (name := wanted.get(source.qualname(call.func) or ""))]
    calls = [(call, name) for call, name in calls if name in options.also or not _has_other_stream(source, call, name)]
    if options.main_guard:
        calls = [(call, name) for call, name in calls if not programs.under_guard(source, call)]
    if options.command_line:
        calls = [(call, name) for call, name in calls if not programs.speaks(source, call)]
    if not calls or _speaks_to_people(source, options):
        return
    for call, name in calls:
        if options.scripts and source.function(call) is None and programs.is_run_by_hand(source):
            continue
        written = source.show(call.func)
        alias = "" if written in (name, name.rpartition(".")[2]) else f" (`{written}` is {name})"
        if _is_management(source.path):
            message = f"{name} in a management command cannot be captured by its caller{alias}"
            hint = "write to self.stdout.write(...) or self.stderr.write(...)"
        else:
            message = f"{name} in application code bypasses the log{alias}"
            hint = "call a logger: logger.info(...)"
        can_fix = name not in options.also and isinstance(source.parent(call), ast.Expr)
        yield source.finding(call, message, hint=hint, fix="unsafe" if can_fix else None)


def _has_other_stream(source: Source, call: ast.Call, name: str) -> bool:
    """Whether a call may write somewhere else than to this process's stdout or stderr."""
    keyword = "file" if name == "print" else "stream"
    streams: list[ast.expr] = [given.value for given in call.keywords if given.arg in (keyword, None)]
    if name != "print":
        streams += call.args[1:2]
    return any(
        not (isinstance(stream, ast.Constant) and stream.value is None) and source.qualname(stream) not in PROCESS_STREAMS
        for stream in streams
    )


def _speaks_to_people(source: Source, options: Options) -> bool:
    """Whether the whole module is one whose job is to print; the cheap questions first."""
    folders = source.path.split("/")[:-1]
    if options.migrations and _is_migration(source, folders):
        return True
    if options.tests and source.is_test:
        return True
    if _is_management(source.path):
        return options.management_commands
    if options.notebooks and programs.is_notebook(source):
        return True
    if options.scripts and programs.is_script(source):
        return True
    if options.command_line and programs.is_command_line(source):
        return True
    return (options.scripts and programs.is_started(source)) or (options.command_line and programs.serves_programs(source))


def _is_migration(source: Source, folders: list[str]) -> bool:
    return any("migrations" in folder for folder in folders) or (
        bool({"versions", "alembic"} & set(folders)) and "alembic" in source.text
    )


def _is_management(path: str) -> bool:
    return "/management/" in f"/{path}"


rule = Rule(
    name="no-print",
    code="HF301",
    summary="application code logs, it does not print",
    since="0.1.0",
    level="warning",
    check=check,
    options=Options,
    mentions=(b"print", b"pprint"),
    whole_words=True,
    uses_project=True,
    fix_level="unsafe",
)
