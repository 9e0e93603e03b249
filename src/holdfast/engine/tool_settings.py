"""The settings of other tools, `[tool.holdfast.tools.<tool>]`: what may be set, and which arguments are refused."""

from __future__ import annotations

from holdfast.record import Record
from holdfast.rule import CheckError, suggestion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Settings(Record):
    """`[tool.holdfast.tools.<tool>]`: how a tool is run, and what its numbers shall become."""

    args: tuple[str, ...] = ()
    """More arguments, such as what it selects."""
    paths: tuple[str, ...] = ()
    """Files and folders to run it over, relative to the root; empty for what the tool itself takes."""
    preset: str = ""
    """A configuration that comes with Holdfast."""
    targets: dict[str, int] = {}  # noqa: RUF012  # records are frozen
    """For codes of the tool, the number of findings that the team wants to reach."""
    timeout: int = 600
    """Seconds after which it counts as hanging."""


class Allowed(Record):
    """What the settings of one tool may say.

    presets: the names of the configurations that come with Holdfast. refused: arguments that Holdfast sets itself, or that would
    write files.
    """

    presets: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


TOOLS = {
    "bandit": Allowed(
        presets=("holdfast",),
        refused=(
            *("-f", "--format", "-o", "--output", "-b", "--baseline", "-r", "--recursive", "-v", "--verbose", "-d", "--debug"),
            *("--msg-template",),
        ),
    ),
    "mypy": Allowed(
        refused=(
            *("--output", "-O", "--pretty", "--error-summary", "--junit-xml", "--install-types", "--non-interactive"),
            *("--html-report", "--xml-report", "--txt-report"),
        ),
    ),
    "ruff": Allowed(
        presets=("holdfast",),
        refused=(
            *("--output-format", "--output-file", "-o", "--fix", "--fix-only", "--diff", "--watch", "-w", "--statistics"),
            *("--add-noqa", "--show-files", "--show-settings", "--silent", "-s"),
        ),
    ),
}


def settings_of(name: str, table: dict[str, Any], where: str = "") -> Settings:
    """The settings in `[tool.holdfast.tools.<name>]`. Raises CheckError("option") for what it cannot mean.

    where: the file that the table comes from, for errors.
    """
    if name not in TOOLS:
        raise CheckError("option", f'[tool.holdfast.tools] has no tool "{name}"{suggestion(name, list(TOOLS))}', where)
    allowed = TOOLS[name]
    place = f"[tool.holdfast.tools.{name}]"
    for key, value in table.items():
        if key not in Settings.fields:
            raise CheckError("option", f'{place} has no option "{key}"{suggestion(key, list(Settings.fields))}', where)
        problem = _problem(key, value)
        if problem:
            raise CheckError("option", f"{key} of {place} is {problem}", where)
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    settings = Settings(**values)
    if settings.preset and settings.preset not in allowed.presets:
        known = suggestion(settings.preset, list(allowed.presets))
        raise CheckError("option", f'{place}: there is no preset "{settings.preset}" for {name}{known}', where)
    for argument in settings.args:
        if argument.startswith("-") and argument.partition("=")[0] in allowed.refused:
            raise CheckError("option", f"args of {place} holds {argument}: how {name} reports is for Holdfast to say", where)
    return settings


def _problem(key: str, value: object) -> str:
    """What a setting has to be, where it is something else."""
    if key in ("args", "paths"):
        fits = isinstance(value, list) and all(isinstance(item, str) for item in value)
        return "" if fits else "a list of strings"
    if key == "targets":
        fits = isinstance(value, dict) and all(type(item) is int and item >= 0 for item in value.values())
        return "" if fits else "a table from the tool's codes to whole numbers"
    if key == "timeout":
        return "" if type(value) is int and value > 0 else "a whole number of seconds"
    return "" if isinstance(value, str) else "a string"
