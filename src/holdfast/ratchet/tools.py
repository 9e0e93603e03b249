"""Other tools, whose findings the baseline holds as it holds ours: one module a tool, each with a `tool = Tool(...)` at its end.

import-linter is none of them: its contracts are rules of ours with a baseline of their own kind (an edge, no statement).
"""

from __future__ import annotations

import importlib

from holdfast import rules
from holdfast.ratchet.tool import Settings, Tool
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NAMES = ("bandit", "mypy", "ruff")
SEPARATOR = ":"
"""Between tool and code in the name of a rule of a tool, as in "ruff:BLE001"; no rule of ours has one."""


def load(name: str) -> Tool:
    """The tool with this name, one of NAMES."""
    found: Tool = importlib.import_module(f"holdfast.ratchet.{name}").tool
    return found


def settings_of(name: str, table: dict[str, Any], where: str = "") -> Settings:
    """The settings in `[tool.holdfast.tools.<name>]`. Raises CheckError("option") for what it cannot mean.

    where: the file that the table comes from, for errors.
    """
    if name not in NAMES:
        raise CheckError("option", f'[tool.holdfast.tools] has no tool "{name}"{rules.suggestion(name, list(NAMES))}', where)
    tool = load(name)
    place = f"[tool.holdfast.tools.{name}]"
    for key, value in table.items():
        if key not in Settings.fields:
            raise CheckError("option", f'{place} has no option "{key}"{rules.suggestion(key, list(Settings.fields))}', where)
        problem = _problem(key, value)
        if problem:
            raise CheckError("option", f"{key} of {place} is {problem}", where)
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    settings = Settings(**values)
    if settings.preset and settings.preset not in tool.presets:
        known = rules.suggestion(settings.preset, list(tool.presets))
        raise CheckError("option", f'{place}: there is no preset "{settings.preset}" for {name}{known}', where)
    for argument in settings.args:
        if argument.startswith("-") and argument.partition("=")[0] in tool.refused:
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
