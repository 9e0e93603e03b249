"""Presets: groups of contracts with variables. Each is a folder in `contracts/` with a `preset.toml`.

    title = "Modular monolith"

    [variables.modules]
    description = "the business modules, as expressions"      # a variable without a default is required

    [variables.core]
    description = "the modules that every module may import"
    default = ["shop.core"]

    [[contracts]]
    id = "boundaries"
    name = "Business modules are independent"
    type = "boundaries"
    when = "core"                                             # omit the contract if this variable is empty
    modules = ["{modules}"]

`{variable}` is replaced by the values of a variable. An item of a list is repeated for each value. `{variable|}` is replaced by all
values in one string, separated by ` | `.
"""

from __future__ import annotations

import os
import re

from holdfast.boundaries import shipped
from holdfast.record import Record
from holdfast.rule import CheckError, suggestion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PLACEHOLDER = re.compile(r"\{(\w+)(\|?)\}")


class Variable(Record):
    """One variable of a preset. default: None if the variable is required."""

    description: str
    default: str | tuple[str, ...] | None = None


class Preset(Record):
    """A preset, as its file describes it."""

    name: str
    title: str
    variables: dict[str, Variable]
    contracts: tuple[dict[str, Any], ...]

    def expand(self, given: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the contracts with the values of the variables. Raises CheckError("option") for invalid or missing values."""
        values = {name: variable.default for name, variable in self.variables.items()}
        for name, value in given.items():
            if name not in values:
                close = suggestion(name, list(self.variables))
                raise CheckError("option", f'the preset {self.name} has no option "{name}"{close}')
            values[name] = _checked(name, value, self.variables[name])
        for name, variable in self.variables.items():
            if values[name] is None:
                raise CheckError("option", f"the preset {self.name} needs `{name}`: {variable.description}")
        active = [contract for contract in self.contracts if all(values[name] for name in _conditions(contract))]
        return [{key: _filled(value, values) for key, value in contract.items() if key != "when"} for contract in active]


def _checked(name: str, value: object, variable: Variable) -> str | tuple[str, ...]:
    """A value in the type of the default: a string or a tuple. A variable without a default is a tuple."""
    is_string = isinstance(variable.default, str)
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items) or (is_string and len(items) != 1):
        raise CheckError("option", f"`{name}` must be {'a string' if is_string else 'a list of strings'}")
    items = [item.strip() for item in items if item.strip()]
    return "".join(items) if is_string else tuple(items)


def _conditions(contract: dict[str, Any]) -> list[str]:
    when = contract.get("when", [])
    return [when] if isinstance(when, str) else list(when)


def _filled(value: Any, values: dict[str, Any]) -> Any:
    """A value of a contract with its placeholders replaced."""
    if isinstance(value, list):
        return [text for item in value for text in _texts(item, values)] if all(isinstance(item, str) for item in value) else value
    if isinstance(value, dict):
        return {key: _filled(item, values) for entry, item in value.items() for key in _texts(entry, values)}
    if not isinstance(value, str):
        return value
    whole = PLACEHOLDER.fullmatch(value)
    if whole and not isinstance(values[whole[1]], str):
        return list(values[whole[1]])
    return " | ".join(_texts(value, values))


def _texts(text: str, values: dict[str, Any]) -> list[str]:
    """A text, repeated for each combination of the values of its placeholders."""
    match = PLACEHOLDER.search(text)
    if not match:
        return [text]
    value = values[match[1]]
    items = [value] if isinstance(value, str) else list(value)
    filled = [text[: match.start()] + item + text[match.end() :] for item in ([" | ".join(items)] if match[2] else items)]
    return [text for item in filled for text in _texts(item, values)]


def names() -> list[str]:
    """Return the names of all presets, sorted."""
    top = shipped.folder()
    folders = os.listdir(top) if os.path.isdir(top) else []
    return sorted(name for name in folders if os.path.isfile(os.path.join(top, name, "preset.toml")))


def load(name: str) -> Preset:
    """Return a preset. Raises CheckError("option") with a suggestion for an unknown name."""
    import tomllib

    if name not in names():
        raise CheckError("option", f'there is no preset "{name}"{suggestion(name, names())}')
    with open(os.path.join(shipped.folder(), name, "preset.toml"), "rb") as file:
        table = tomllib.load(file)
    variables = {
        key: Variable(description=entry["description"], default=_frozen(entry.get("default")))
        for key, entry in table["variables"].items()
    }
    return Preset(name=name, title=table["title"], variables=variables, contracts=tuple(table["contracts"]))


def _frozen(default: Any) -> Any:
    return tuple(default) if isinstance(default, list) else default
