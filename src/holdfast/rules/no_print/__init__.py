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

Two thirds of the prints in real repositories are the voice of a command-line tool. Each class has an option, see below, and is
reported when that is switched off:

- `main-guard`: code under `if __name__ == "__main__":`, and functions that are called from there, directly or through others, and
  that no other code uses.
- `command-line`: modules of a command-line tool: they import `argparse`, `optparse`, `getopt`, `docopt`, `click`, `typer`,
  `fire`, `cmd`, `setuptools` or the like, lie in a folder `cli`, `cmd`, `commands` or `console` (commands beside queries, events
  or handlers are messages of an application), are called `__main__.py`, `cli.py` or `manage.py`, or are an entry point in
  `[project.scripts]`, `[tool.poetry.scripts]`, setup.cfg or setup.py; modules that only such modules import, as long as none of
  them serves requests; functions called `print_...`, `show_...`, `display_...`, `help_...`, `..._print` or `usage`, a class's
  `do_...`, functions and classes that ask with `input` or `getpass`, modules and classes called a console, and last words before
  `sys.exit`.
- `scripts`: folders called scripts, bin, tools, examples, docs, benchmarks and the like, folders that begin with a dot, setup.py
  and its like, file names with a `-`; files that nobody imports and that begin with `#!` or read `sys.argv`; and files in no
  package that nobody imports and that do some work, or call a function of their own, when they are run.
- `management-commands`: everything below `management/` (if reported, the message speaks of `self.stdout.write`, which
  `call_command` can capture).
- `notebooks`: notebooks exported as Python files (`# In[1]:`, `# %%`, jupytext, Databricks) and marimo's.
- `migrations`, `tests` (by the conventions of pytest, unittest, Django and behave, and by `testpaths` and `python_files`).
- `vendored` and `generated` files, and with `respect-noqa` what `# noqa` or `# noqa: T201` accepts.

A `print` that is not the builtin is left alone: `from rich import print` is a decision. Who decided otherwise names it:

```toml
[tool.holdfast.rules.no-print]
also = ["rich.print", "sys.stdout.write", "sys.stderr.write"]
```

## What it does not see

Doctests and other text, a function that prints for others, and a `print` passed on as a value: `callback=print`,
`partial(print, flush=True)`.

## Fix

A call of the module's own logger (`logger`, `log`, `task_logger`, `self.logger`; logging, structlog or loguru), else of
`logger = logging.getLogger(__name__)`, which is put after the imports once. The message is what `print` wrote, and its values
stay lazy: f-strings, `%`, `.format`, `+`, several arguments and `sep` become `"... %s", value` (`%` with one value takes it for no
tuple); `pprint` keeps its formatting (`pformat`); `print()`, `print("")` and drawn lines go. A logger of the project's own making
(`from app.log import logger`, `get_logger("shop")`) gets the finished text, unless the file shows that it takes values.

In a broad `except` the level is `exception`, without the exception's text at the end and without `traceback.format_exc()`, which
the traceback shows; in a narrow one, and beside another call that logs the traceback, it is `warning`. Elsewhere whole words of the
text decide ("no errors found" is no error), then the option `level`. With `structured = true` values that follow a label are kept
apart: `logger.info("Provisioning firm", extra={"firm_name": firm_name})`.

Left alone, with the reason: `end=""` and the print that ends the line, `*args`, a print whose value is used, comments within the
call, a print before the last import, names that are taken, methods that logging calls itself, settings, and functions that set
logging up. It is *unsafe* (opt-in): output moves from stdout to the log, where the level may hide it.
"""

from __future__ import annotations

import ast
import re

from holdfast.code.source import Source
from holdfast.rule import Account, CheckError, Finding, Options as BaseOptions, Reason, Rule, decide
from holdfast.rules.no_print import calls, programs
from holdfast.rules.no_print.calls import SIGNS
from holdfast.rules.no_print.silencers import SILENCERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.rules.no_print.calls import Printing
    from holdfast.rules.no_print.silencers import Class

LEVELS = ("debug", "info", "warning", "error")


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
    vendored: bool = True
    """Leave copies of other projects alone: folders such as `_vendor`, `vendor` and `third_party`."""
    generated: bool = True
    """Leave generated files alone: `x_pb2.py`, and files whose first comments say so."""
    respect_noqa: bool = True
    """Leave prints alone that `# noqa` or `# noqa: T201` accepts."""
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
    """Report the calls that no silencer explains."""
    if options.level not in LEVELS:
        raise CheckError("option", f"`level` of no-print must be one of {', '.join(LEVELS)}")
    if not all(options.mentions):
        raise CheckError("option", '`also` of no-print must be a list of dotted names, for example ["rich.print"]')
    active = _active(options)
    for printing in calls.printing(source, options.also):
        if decide(SIGNS, active, printing).reports:
            message, hint = _words(printing)
            can_fix = not printing.is_named_by_option and isinstance(source.parent(printing.call), ast.Expr)
            yield source.finding(printing.call, message, hint=hint, fix="unsafe" if can_fix else None)


def why(source: Source, options: Options, line: int) -> Iterator[Account]:
    """Explain the verdict on each call that starts on a line: the sign found, and every silencer that applies."""
    active = _active(options)
    for printing in calls.printing(source, options.also):
        start, column, _, _ = source.place(printing.call)
        decision = decide(SIGNS, active, printing)
        sign, silencer = decision.sign, decision.silencer
        if start != line or sign is None:
            continue
        found = Reason(
            kind=f"{sign.strength} sign", name=sign.name, sentence=sign.sentence, path=source.path, line=line, column=column
        )
        yield Account(
            line=line,
            column=column,
            subject=f"the call `{source.show(printing.call)}`",
            reported=decision.reports,
            because=silencer.sentence if silencer else f"{sign.sentence}, and no silencer applies",
            decided_by=silencer.name if silencer else sign.name,
            reasons=(found, *(_reason(entry, entry in active) for entry in SILENCERS if entry.applies(printing))),
        )


def _reason(entry: Class, is_active: bool) -> Reason:
    """A silencer that applies to a call, and why it does not count where its option is off."""
    off = "" if is_active else f"the option `{entry.option.replace('_', '-')}` is off"
    return Reason(kind=entry.kind, name=entry.name, sentence=entry.sentence, counts=is_active, why_not=off)


def _active(options: Options) -> tuple[Class, ...]:
    """The silencers whose option is on."""
    return tuple(entry for entry in SILENCERS if not entry.option or getattr(options, entry.option))


def _words(printing: Printing) -> tuple[str, str]:
    """The message and the hint of a finding."""
    subject = f"`{printing.name}` (called as `{printing.written}`)" if printing.is_alias else f"`{printing.name}`"
    if programs.is_management(printing.source):
        message = f"{subject} in a management command writes past `self.stdout`, so its caller cannot capture the output"
        return message, "write to `self.stdout` or `self.stderr`"
    return f"{subject} in application code bypasses logging", "call a logger, for example `logger.info(...)`"


rule = Rule(
    name="no-print",
    code="HF301",
    summary="application code logs, it does not print",
    since="0.1.0",
    level="warning",
    check=check,
    signs=SIGNS,
    silencers=SILENCERS,
    why=why,
    options=Options,
    mentions=(b"print", b"pprint"),
    whole_words=True,
    asks=True,
    fix_level="unsafe",
)
