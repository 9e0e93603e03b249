"""import-linter's configuration: its file, its contract types, and its contracts as objects."""

from __future__ import annotations

import os

from importlinter.application.use_cases import read_user_options
from importlinter.domain.contract import Contract, InvalidContractOptions, registry

from holdfast import files
from holdfast.hosts.import_linter import TYPES, PresetContract
from holdfast.rule import CheckError, suggestion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from importlinter.application.user_options import UserOptions

FILES = ("setup.cfg", ".importlinter", "pyproject.toml")  # in the order of import-linter
BUILT_IN = {
    "forbidden": "forbidden.ForbiddenContract",
    "layers": "layers.LayersContract",
    "independence": "independence.IndependenceContract",
    "protected": "protected.ProtectedContract",
    "acyclic_siblings": "acyclic_siblings.AcyclicSiblingsContract",
}
SESSION = ("root_package", "root_packages", "include_external_packages", "exclude_type_checking_imports", "contract_types")
TRUSTED = ("holdfast.", "importlinter.")


def find(folder: str) -> str:
    """Return the absolute path of the configuration in a folder. Raises CheckError("option") if there is none."""
    for name in FILES:
        path = os.path.join(folder, name)
        try:
            text = files.read(path).decode("utf-8", "replace")
        except OSError:
            continue
        if "[tool.importlinter" in text if name.endswith(".toml") else "[importlinter" in text:
            return path
    message = f"no import-linter configuration in {', '.join(FILES)}: `holdfast contracts init PACKAGE` proposes one"
    raise CheckError("option", message, folder)


def read(path: str) -> UserOptions:
    """Return the configuration in a file (its absolute path). Raises CheckError("option") if it is not valid."""
    name = os.path.basename(path)
    try:
        options = read_user_options(path)
    except KeyError as error:
        raise CheckError("option", f"the configuration of import-linter has no {error}", name) from error
    except FileNotFoundError as error:
        raise CheckError("option", "contains no configuration of import-linter", name) from error
    except (AttributeError, TypeError) as error:
        raise CheckError("option", "the contracts must be a list: write [[tool.importlinter.contracts]]", name) from error
    except Exception as error:
        raise CheckError("option", f"cannot read the configuration of import-linter: {error}", name) from error
    if not options.contracts_options:
        message = "contains no contract: add [[tool.importlinter.contracts]] (TOML) or [importlinter:contract:ID] (INI)"
        raise CheckError("option", message, name)
    for option in options.session_options.keys() - set(SESSION):
        meant = suggestion(option, list(SESSION))
        if "did you mean" in meant:  # other options may be meant for contract types of other packages
            raise CheckError("option", f'import-linter has no option "{option}"{meant}', name)
    for option in ("root_packages", "contract_types"):
        options.session_options[option] = _strings(options.session_options.get(option, []), option, name)
    return options


def _strings(value: object, option: str, where: str) -> list[str]:
    """A list of strings. A single string counts as a list."""
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list | tuple) or not all(isinstance(item, str) and item for item in items):
        raise CheckError("option", f"{option} must be a list of strings", where)
    return list(items)


def register_types(options: UserOptions, where: str, trust_all: bool) -> None:
    """Register the contract types: import-linter's, ours, and those of other packages if they are trusted.

    where: the name of the configuration file, for the CheckError("option") about a type that cannot be registered.
    """
    import importlib

    for name, path in BUILT_IN.items():
        module, _, cls = path.partition(".")
        registry.register(getattr(importlib.import_module(f"importlinter.contracts.{module}"), cls), name)
    registry.register(PresetContract, "preset")
    for entry in options.session_options["contract_types"]:
        name, _, path = (part.strip() for part in entry.partition(":"))
        module, _, cls = path.rpartition(".")
        if not module:
            raise CheckError("option", f'contract_types must contain "name: module.Class", not "{entry}"', where)
        if not path.startswith(TRUSTED) and not trust_all:
            message = f"contract_types would import {path} from another package: allow it with --trust-contract-types"
            raise CheckError("option", message, where)
        try:
            registry.register(getattr(importlib.import_module(module), cls), name)
        except (ImportError, AttributeError, ValueError) as error:
            raise CheckError("option", f"contract_types: cannot import {path}: {error}", where) from error


def select(options: UserOptions, ids: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the options of the contracts with these ids; of all contracts if there are no ids."""
    every = options.contracts_options
    existing = [str(contract["id"]) for contract in every if contract.get("id")]
    for name in ids:
        if name not in existing:
            raise CheckError("option", f'there is no contract with the id "{name}"{suggestion(name, existing)}')
    return [contract for contract in every if not ids or contract.get("id") in ids]


def create(options: UserOptions, selected: list[dict[str, Any]], path: str) -> Iterator[Contract]:
    """Create the contracts. path: the configuration file, for the CheckError("option") about an invalid contract."""
    where = os.path.basename(path)
    for contract_options in selected:
        name = str(contract_options.get("name") or contract_options.get("id") or "")
        kind = str(contract_options.get("type", ""))
        try:
            cls = registry.get_contract_class(kind)
        except Exception as error:
            message = f'the contract "{name}" has the unknown type "{kind}"{suggestion(kind, [*BUILT_IN, *TYPES])}'
            raise CheckError("option", message, where, line_of(path, contract_options)) from error
        try:
            yield cls(name, options.session_options, contract_options)
        except InvalidContractOptions as error:
            problems = "; ".join(f"`{field}`: {problem}" for field, problem in error.errors.items())
            raise CheckError("option", f'the contract "{name}": {problems}', where, line_of(path, contract_options)) from error


def line_of(path: str, contract_options: dict[str, Any]) -> int:
    """Return the line of a contract in its configuration, 1-based; 0 if it is not found."""
    name, key = contract_options.get("name"), contract_options.get("id")
    marks = [f'"{key}"', f"importlinter:contract:{key}", str(name)]
    with open(path, encoding="utf-8", errors="replace") as file:
        lines = file.readlines()
    return next((number for mark in marks for number, line in enumerate(lines, 1) if mark in line and not line.startswith("#")), 0)
