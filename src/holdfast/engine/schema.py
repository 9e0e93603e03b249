"""The JSON schema of `[tool.holdfast]`, for validate-pyproject and for editors. `make sync` generates it from the rules."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def tool_schema(_tool: str = "holdfast") -> dict[str, Any]:
    """Return the schema. validate-pyproject calls this function by its entry point, with the name of the table."""
    import json
    import os

    with open(os.path.join(os.path.dirname(__file__), "pyproject.schema.json"), encoding="utf-8") as file:
        schema: dict[str, Any] = json.load(file)
    return schema
