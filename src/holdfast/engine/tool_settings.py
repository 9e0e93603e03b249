"""The settings of other tools, `[tool.holdfast.tools.<tool>]`, and the arguments that they may not contain."""

from __future__ import annotations

from holdfast.record import Record
from holdfast.rule import CheckError, suggestion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Settings(Record):
    """`[tool.holdfast.tools.<tool>]`: how a tool runs, and the numbers of findings that the team wants to reach."""

    args: tuple[str, ...] = ()
    """Additional arguments, for example to select rules."""
    paths: tuple[str, ...] = ()
    """Files and folders to check, relative to the root. If empty, the tool uses its own default."""
    exclude: tuple[str, ...] = ()
    """Files that the tool need not check: globs as in .gitignore, relative to the root."""
    preset: str = ""
    """A configuration that comes with Holdfast."""
    targets: dict[str, int] = {}  # noqa: RUF012  # records are frozen
    """From codes of the tool to the number of findings that the team wants to reach."""
    timeout: int = 600
    """The time limit in seconds."""


class Allowed(Record):
    """Limits for the settings of one tool.

    presets: the configurations that come with Holdfast. refused: arguments that Holdfast sets itself, or that write files.
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
    """Return the settings in `[tool.holdfast.tools.<name>]`. Raises CheckError("option") for invalid ones.

    where: the path of the file that contains the table, for errors.
    """
    if name not in TOOLS:
        raise CheckError("option", f'[tool.holdfast.tools] has no tool "{name}"{suggestion(name, list(TOOLS))}', where)
    allowed = TOOLS[name]
    place = f"[tool.holdfast.tools.{name}]"
    for key, value in table.items():
        if key not in Settings.fields:
            raise CheckError("option", f'{place} has no option "{key}"{suggestion(key, list(Settings.fields))}', where)
        expected = _expected(key, value)
        if expected:
            raise CheckError("option", f"{place} {key} must be {expected}", where)
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    settings = Settings(**values)
    if settings.preset and settings.preset not in allowed.presets:
        available = suggestion(settings.preset, list(allowed.presets))
        raise CheckError("option", f'{place}: there is no preset "{settings.preset}" for {name}{available}', where)
    for argument in settings.args:
        if argument.startswith("-") and argument.partition("=")[0] in allowed.refused:
            raise CheckError("option", f"{place} args must not contain {argument}: Holdfast controls the output of {name}", where)
    return settings


def _expected(key: str, value: object) -> str:
    """The valid values of a setting in words, if this value is not valid; otherwise ""."""
    if key in ("args", "paths", "exclude"):
        is_valid = isinstance(value, list) and all(isinstance(item, str) for item in value)
        example = '["--select", "BLE"]' if key == "args" else '["src"]'
        return "" if is_valid else f"a list of strings, for example {example}"
    if key == "targets":
        is_valid = isinstance(value, dict) and all(type(item) is int and item >= 0 for item in value.values())
        return "" if is_valid else "a table from codes to whole numbers, for example {BLE001 = 0}"
    if key == "timeout":
        return "" if type(value) is int and value > 0 else "a whole number of seconds, at least 1"
    return "" if isinstance(value, str) else "a string"
