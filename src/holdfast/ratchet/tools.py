"""Other tools, whose findings the baseline holds like Holdfast's own: one module a tool, each with a `tool = Tool(...)` at its end.

import-linter is not among them: its contracts are Holdfast's own rules, with baseline entries of another form.
"""

from __future__ import annotations

import importlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.ratchet.tool import Tool

SEPARATOR = ":"
"""Between tool and code in the name of a rule of a tool, as in "ruff:BLE001"; no rule of Holdfast has one."""


def load(name: str) -> Tool:
    """The tool with this name, one of tool_settings.TOOLS."""
    found: Tool = importlib.import_module(f"holdfast.ratchet.{name}").tool
    return found
