"""Presets: contracts that belong together, with variables. Each is a folder of `contracts/` with a `preset.toml`.

    title = "Modular monolith"

    [variables.modules]
    description = "the business modules, as expressions"      # without a default it must be given

    [variables.core]
    description = "what every module may import"
    default = ["shop.core"]

    [[contracts]]
    id = "boundaries"
    name = "Business modules are independent"
    type = "boundaries"
    when = "core"                                             # only where this variable is not empty
    modules = ["{modules}"]

`{variable}` stands for a variable's value: as a whole item of a list for all its values, inside a longer text for each of them.
`{variable|}` is all its values in one text, with ` | ` between them.
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
    """One variable of a preset. default is None where a value must be given."""

    description: str
    default: str | tuple[str, ...] | None = None


class Preset(Record):
    """A preset as its file describes it."""

    name: str
    title: str
    variables: dict[str, Variable]
    contracts: tuple[dict[str, Any], ...]

    def expand(self, given: dict[str, Any]) -> list[dict[str, Any]]:
        """The contracts with the variables' values in them. Raises CheckError("option") for a wrong or missing variable."""
        values = {name: variable.default for name, variable in self.variables.items()}
        for name, value in given.items():
            if name not in values:
                known = list(self.variables)
                raise CheckError("option", f'the preset {self.name} has no option "{name}"{suggestion(name, known)}')
            values[name] = _checked(name, value, self.variables[name])
        for name, variable in self.variables.items():
            if values[name] is None:
                raise CheckError("option", f"the preset {self.name} needs `{name}`: {variable.description}")
        chosen = [contract for contract in self.contracts if all(values[name] for name in _conditions(contract))]
        return [{key: _filled(value, values) for key, value in contract.items() if key != "when"} for contract in chosen]


def _checked(name: str, value: object, variable: Variable) -> str | tuple[str, ...]:
    """A given value in the form of the default; a variable without one is a list."""
    single = isinstance(variable.default, str)
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items) or (single and len(items) != 1):
        raise CheckError("option", f"`{name}` is {'a string' if single else 'a list of strings'}")
    items = [item.strip() for item in items if item.strip()]
    return "".join(items) if single else tuple(items)


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
    """A text once for each combination of the values of its placeholders."""
    match = PLACEHOLDER.search(text)
    if not match:
        return [text]
    value = values[match[1]]
    items = [value] if isinstance(value, str) else list(value)
    filled = [text[: match.start()] + item + text[match.end() :] for item in ([" | ".join(items)] if match[2] else items)]
    return [done for item in filled for done in _texts(item, values)]


def names() -> list[str]:
    """The names of all presets, sorted."""
    top = shipped.folder()
    inside = os.listdir(top) if os.path.isdir(top) else []
    return sorted(name for name in inside if os.path.isfile(os.path.join(top, name, "preset.toml")))


def load(name: str) -> Preset:
    """A preset. Raises CheckError("option") with a suggestion where there is none of this name."""
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
