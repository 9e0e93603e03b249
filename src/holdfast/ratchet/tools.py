"""Load the tools. Each is a module of this package that ends with `tool = Tool(...)`.

import-linter is not one of them: contracts are rules of Holdfast, with other entries in the baseline.
"""

from __future__ import annotations

import importlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdfast.ratchet.tool import Tool

SEPARATOR = ":"
"""Separates tool and code in the name of a tool's rule, as in "ruff:BLE001". Names of Holdfast's rules do not contain it."""


def load(name: str) -> Tool:
    """Return the tool with this name, which is one of tool_settings.TOOLS."""
    found: Tool = importlib.import_module(f"holdfast.ratchet.{name}").tool
    return found


def is_about(rule: str, wanted: Iterable[str]) -> bool:
    """Return whether a rule belongs to one of these tools ("ruff"), or its name starts with one of these codes ("ruff:UP")."""
    return any(rule.startswith(name if SEPARATOR in name else f"{name}{SEPARATOR}") for name in wanted)
