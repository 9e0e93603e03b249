"""Contract types for import-linter. One line in its configuration registers all of them:

    contract_types = ["preset: holdfast.hosts.import_linter.PresetContract"]

The fields of a contract are the options of its type in `holdfast.boundaries`.
"""

from __future__ import annotations

from copy import deepcopy

from importlinter.application import contract_utils, output
from importlinter.domain import fields
from importlinter.domain.contract import Contract, ContractCheck, InvalidContractOptions, registry

from holdfast import boundaries
from holdfast.boundaries import presets
from holdfast.boundaries.drawing import draw
from holdfast.boundaries.edges import ContractOptions
from holdfast.engine.contracts import Outcome
from holdfast.hosts.contract import OUTCOME, HoldfastContract, as_sentence, problem_of, show
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from grimp import ImportGraph

    from holdfast.boundaries.drawing import Drawing

PARTS = "parts"
"""The key of a preset's contracts and their checks in the metadata of import-linter's ContractCheck."""


class BoundariesContract(HoldfastContract, type_name="boundaries"):
    """Business modules depend on core modules, never on each other."""

    def drawing(self, graph: ImportGraph) -> Drawing:
        """Return the units and the imports between them. Raises CheckError for invalid options."""
        if self.problem:
            raise CheckError("option", f'the contract "{self.name}": {self.problem}')
        options = self.typed_options()
        return draw(self.name, self.imports(graph, options), options)


class FrozenContract(HoldfastContract, type_name="frozen"):
    """Legacy modules gain no importers."""


class LayeredContract(HoldfastContract, type_name="layered"):
    """Layers import only layers below them."""


class ModuleShapeContract(HoldfastContract, type_name="module_shape"):
    """Modules stay within limits of size and dependencies."""


class NoCyclesContract(HoldfastContract, type_name="no_cycles"):
    """There are no import cycles between units."""


class PublicApiContract(HoldfastContract, type_name="public_api"):
    """Modules use other modules only through their public API."""


class ReferencesContract(HoldfastContract, type_name="references"):
    """Dependencies that are written as strings respect the boundaries."""


class ThirdPartyContract(HoldfastContract, type_name="third_party"):
    """External packages are imported only where they are allowed."""


class PresetContract(Contract):
    """The contracts of a preset, each checked and reported on its own."""

    preset = fields.StringField()
    broken_contract_guidance = fields.TextField(required=False)

    def __init__(self, name: str, session_options: dict[str, Any], contract_options: dict[str, Any]) -> None:
        """Create the contracts. Options that all contract types have go to each of them; the others set the preset's variables."""
        self.problem = ""
        self.contracts: list[Contract] = []
        common = {"id", "name", "type"}
        own = {name: value for name, value in contract_options.items() if name in common | {"preset", "broken_contract_guidance"}}
        shared = {"ignore_imports", "unmatched_ignore_imports_alerting", *ContractOptions.fields}
        passed = {name: value for name, value in contract_options.items() if name in shared}
        variables = {name: value for name, value in contract_options.items() if name not in (*own, *passed)}
        try:
            super().__init__(name, session_options, own)
            expanded = presets.load(str(self.preset)).expand(variables)
            self.contracts = [self._contract(options, passed) for options in expanded]
        except InvalidContractOptions as error:
            self.problem = problem_of(error)
        except CheckError as error:
            self.problem = error.message

    def _contract(self, options: dict[str, Any], passed: dict[str, Any]) -> Contract:
        """One of the contracts. A built-in type gets only those of the passed options that it has."""
        kind = registry.get_contract_class(options["type"])
        accepted = {name: value for name, value in passed.items() if hasattr(kind, name)}
        written = {name: str(value) if isinstance(value, bool) else value for name, value in options.items()}
        identity = {"id": f"{self.contract_options.get('id') or self.name}.{options['id']}"}
        return kind(options["name"], self.session_options, {**written, **accepted, **identity})

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Check all contracts, for import-linter."""
        parts = [(contract, _check(contract, graph, verbose)) for contract in self.contracts]
        return ContractCheck(
            kept=not self.problem and all(check.kept for _, check in parts),
            metadata={PARTS: parts},
            warnings=list(dict.fromkeys(warning for _, check in parts for warning in check.warnings)),
            ignored_import_count=max((check.ignored_import_count for _, check in parts), default=0),
        )

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print each broken contract under its own heading, for import-linter."""
        if self.problem:
            show(f"{as_sentence(self.problem)}\n")
        parts: Iterable[tuple[Contract, ContractCheck]] = check.metadata[PARTS]
        for contract, part in parts:
            if not part.kept:
                output.print_heading(contract.name, output.HEADING_LEVEL_THREE, style=output.ERROR)
                if isinstance(part.metadata.get(OUTCOME), Outcome) and not isinstance(contract, HoldfastContract):
                    show(f"{as_sentence(part.metadata[OUTCOME].problem)}\n")
                else:
                    contract.render_broken_contract(part)
        contract_utils.render_broken_contract_guidance(self.broken_contract_guidance)  # type: ignore[arg-type]


def _check(contract: Contract, graph: ImportGraph, verbose: bool) -> ContractCheck:
    """The check of a contract. An exception of a built-in type makes the contract broken, with a sentence."""
    try:
        return contract.check(deepcopy(graph), verbose)
    except Exception as error:  # noqa: BLE001  # the other contracts are checked nevertheless
        return ContractCheck(kept=False, metadata={OUTCOME: Outcome(problem=str(error).rstrip("."))})


TYPES = tuple(sorted((*boundaries.NAMES, "preset")))
"""The names of our contract types in a configuration."""
