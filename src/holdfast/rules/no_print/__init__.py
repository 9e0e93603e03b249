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
  `**kwargs` may contain one. A variable that holds a stream was chosen on purpose.

Two thirds of the prints in the measured repositories are output of a command-line tool. Each of these classes has an option. Set
it to `false` to report the class:

- `main-guard`: code under `if __name__ == "__main__":`, and functions that this code calls, directly or through others, unless
  other code calls them too.
- `command-line`: modules that import `argparse`, `click`, `typer`, `fire`, `cmd`, `setuptools` or a similar library, that are in a
  folder `cli`, `cmd`, `commands` or `console` (not where commands are beside queries, events or handlers), that are called
  `__main__.py`, `cli.py`, `commands.py` or `manage.py`, or that are an entry point of the package (`[project.scripts]`,
  `[tool.poetry.scripts]`, setup.cfg, setup.py). Modules that only such modules import, if none of them serves requests. Functions
  called `print_...`, `show_...`, `display_...`, `help_...`, `..._print`, `usage` or `main`, methods called `do_...`, functions and
  classes that call `input` or `getpass`, modules and classes called a console, and messages directly before `sys.exit`.
- `scripts`: files in folders such as `scripts`, `bin`, `tools`, `examples`, `docs` or `benchmarks`, and in folders whose name
  begins with a dot. setup.py and similar files, and files with a `-` in their name. Files that no module imports and that begin
  with `#!` or read `sys.argv`. Files outside of any package that no module imports and that do some work, or call a function of
  their own, when they run.
- `management-commands`: everything below `management/`. If reported, the message recommends `self.stdout.write`, which
  `call_command` can capture.
- `notebooks`: notebooks exported as Python files (`# In[1]:`, `# %%`, jupytext, Databricks), and marimo notebooks.
- `migrations`: database migrations, and modules called `migrations.py`.
- `tests`: tests by the conventions of pytest, unittest, Django and behave, and by `testpaths` and `python_files`.
- `vendored` and `generated`: copies of other projects, and generated files.
- `respect-noqa`: calls that `# noqa` or `# noqa: T201` accepts.

## What it does not see

- Doctests and other text.
- A function that prints on behalf of its callers: the call of that function is not reported.
- A `print` that is passed as a value: `callback=print`, `partial(print, flush=True)`.

## Fix safety

Unsafe, because the output moves from stdout to the log, where the configured level may hide it.

`--fix` replaces the call with a call of the module's own logger (`logger`, `log`, `LOGGER`, `self.logger`, from logging,
structlog or loguru). If the module has none, it adds `logger = logging.getLogger(__name__)` after the imports.

- The message is the text that `print` wrote. Values stay lazy: f-strings, `%`, `.format`, `+`, several arguments and `sep` become
  `"... %s", value`. `%` with one value assumes that the value is not a tuple. `pprint` becomes `pformat`. `print()`, `print("")`
  and drawn lines (`"=" * 40`) are removed.
- A logger of the project's own (`from app.log import logger`, `get_logger("shop")`) gets the finished text, unless the file passes
  values to it.
- The level is `exception` in a broad `except`, without the exception's text and `traceback.format_exc()` at the end. It is
  `warning` in a narrow `except`, and beside a call that logs the traceback. Elsewhere whole words of the text decide, else the
  option `level`.
- With `structured = true` values that follow a label are kept apart from the text:
  `logger.info("Provisioning firm", extra={"firm_name": firm_name})`.

Not fixed, with a reason: `end=""` and the print that ends the line, `*args`, a print whose value is used, comments inside the call,
a print before the last import, names that are already used for something else, methods that logging calls, settings, and functions
that set logging up.

## References

- [Python: Logging HOWTO](https://docs.python.org/3/howto/logging.html)
- [ruff: print (T201)](https://docs.astral.sh/ruff/rules/print/), which reports every print;
  [no-print beside T201](../precision/no-print-and-ruff.md) compares the two on ten packages
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
    uses_project=True,
    fix_level="unsafe",
)
