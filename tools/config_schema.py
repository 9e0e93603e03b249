"""The JSON schema of `[tool.holdfast]`, from Config and every rule's Options: their annotations, defaults and docstrings."""

from __future__ import annotations

import json
import types
import typing
from typing import Any, ClassVar

from holdfast import rules
from holdfast.engine import tool_settings
from holdfast.engine.config import ALL, NOT_IN_THE_FILE, Config
from holdfast.engine.tool_settings import Settings
from holdfast.record import Record
from holdfast.rule import LEVELS, Rule
from holdfast.rules import pages

SIMPLE = {str: "string", bool: "boolean", int: "integer"}


def config_schema() -> str:
    """The text of src/holdfast/engine/pyproject.schema.json."""
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "https://json.schemastore.org/partial-holdfast.json",
        "title": "Holdfast",
        "description": "The configuration of Holdfast, [tool.holdfast] in pyproject.toml",
        **of_record(Config, without=NOT_IN_THE_FILE),
    }
    known = [name for rule in configurable() for name in (rule.name, *rule.formerly)]
    names = {"type": "string", "enum": sorted([ALL, *known])}
    for field in ("select", "ignore"):
        schema["properties"][field]["items"] = names
    schema["properties"]["select"]["minItems"] = 1
    schema["properties"]["per-path-ignores"]["additionalProperties"]["items"] = names
    schema["properties"]["fail-on"]["enum"] = list(LEVELS[1:])
    schema["properties"]["rules"] |= {"properties": dict(sorted(of_rules())), "additionalProperties": False}
    schema["properties"]["tools"] |= {
        "properties": {name: of_tool(name) for name in tool_settings.TOOLS},
        "additionalProperties": False,
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def configurable() -> list[Rule]:
    """The rules that a configuration may name: all but the contract types."""
    return [rule for rule in rules.every() if rule not in rules.contracts()]


def of_rules() -> typing.Iterator[tuple[str, dict[str, Any]]]:
    """The options of each rule, under its name and its former ones. An option may be written with `_` or with `-`."""
    for rule in configurable():
        schema = of_record(rule.options) | {"description": described(rule)}
        schema["properties"] |= {name.replace("-", "_"): value for name, value in schema["properties"].items()}
        for name in (rule.name, *rule.formerly):
            yield name, schema


def of_tool(name: str) -> dict[str, Any]:
    """The settings of a tool of the ratchet."""
    schema = of_record(Settings)
    schema["properties"]["preset"]["enum"] = ["", *tool_settings.TOOLS[name].presets]
    schema["properties"]["timeout"]["minimum"] = 1
    schema["properties"]["targets"]["additionalProperties"]["minimum"] = 0
    return schema


def described(rule: Rule) -> str:
    """A rule in one line."""
    return f"{rule.code}: {rule.summary}"


def of_record(record: type[Record], without: tuple[str, ...] = ()) -> dict[str, Any]:
    """A table with the fields of a record, and no others."""
    hints = typing.get_type_hints(record, localns={"Any": Any, "ClassVar": ClassVar, "Settings": Settings})
    texts = pages.attribute_docstrings(record)
    properties = {
        field.replace("_", "-"): {
            **({"description": texts[field]} if field in texts else {}),
            "default": plain(getattr(record, field)),
            **of_type(hints[field]),
        }
        for field in record.fields
        if field not in without
    }
    return {"type": "object", "properties": properties, "additionalProperties": False}


def of_type(annotation: Any) -> dict[str, Any]:
    """What a value of this type is in TOML. A type that is missing here is a mistake in the rule, or a line to add."""
    if annotation is Any:
        return {}
    if annotation in SIMPLE:
        return {"type": SIMPLE[annotation]}
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return of_record(annotation)
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is tuple and inner[1:] == (...,):
        return {"type": "array", "items": of_type(inner[0])}
    if origin is dict and inner[0] is str:
        return {"type": "object", "additionalProperties": of_type(inner[1])}
    if origin is typing.Literal:
        return {"enum": list(inner)}
    if origin in {typing.Union, types.UnionType}:
        return {"anyOf": [of_type(member) for member in inner if member is not type(None)]}
    raise TypeError(f"no schema for {annotation}")


def plain(value: object) -> object:
    """A default as JSON has it."""
    return [plain(item) for item in value] if isinstance(value, tuple) else value
