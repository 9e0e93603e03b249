"""Contract types for import-linter. One line registers them all:

    contract_types = ["preset: holdfast.hosts.import_linter.PresetContract"]

A contract's fields are the options of its type in `holdfast.boundaries`. Whatever is wrong with them makes the contract broken,
with a sentence: import-linter itself would give up on all other contracts, too.
"""

from __future__ import annotations

import os
from copy import deepcopy
from functools import cache, lru_cache
from importlib.machinery import PathFinder

from importlinter.application import contract_utils, output
from importlinter.application.contract_utils import AlertLevel
from importlinter.domain import fields
from importlinter.domain.contract import Contract, ContractCheck, InvalidContractOptions, registry
from importlinter.domain.helpers import MissingImport

from holdfast import boundaries
from holdfast.baseline import stored as known
from holdfast.boundaries import presets
from holdfast.boundaries.drawing import draw
from holdfast.boundaries.edges import ContractOptions, Imports, expand, fail, one_of
from holdfast.boundaries.files import Files
from holdfast.boundaries.statements import Edge, Statements
from holdfast.engine import config as configuration
from holdfast.engine.contracts import Outcome, judge, with_baseline
from holdfast.engine.run import resting_collector
from holdfast.formats.text import printable
from holdfast.rule import CheckError, Finding, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from grimp import ImportGraph

    from holdfast.boundaries.drawing import Drawing

OUTCOME, PARTS = "outcome", "parts"


class OptionField(fields.Field[object]):
    """A field that reads what TOML and INI files give as the type of an option's default."""

    def parse(self, raw_data: Any) -> object:
        """The option's value. Raises ValidationError with a sentence."""
        kind = type(self.default)
        items = [raw_data] if isinstance(raw_data, str) else raw_data
        if kind is dict:
            return _table(items)
        if kind is tuple:
            if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
                raise fields.ValidationError("Expected a list of strings.")
            return tuple(item.strip() for item in items if item.strip())
        if isinstance(raw_data, list | dict):
            raise fields.ValidationError("Expected a single value, got several.")
        if kind is bool:
            return fields.BooleanField().parse(str(raw_data))
        return fields.IntegerField(minimum=0).parse(raw_data) if kind is int else str(raw_data).strip()


def _table(items: Any) -> dict[str, str]:
    """A table from names to texts: as TOML has it, or lines of `name: text`."""
    pairs = items.items() if isinstance(items, dict) else [line.partition(":")[::2] for line in items if line.strip()]
    table = {str(name).strip(): " | ".join(text) if isinstance(text, list) else str(text).strip() for name, text in pairs}
    if not all(table) or not all(table.values()):
        raise fields.ValidationError("Expected lines of `name: module`.")
    return table


class HoldfastContract(Contract):
    """What our contract types share. A subclass names its type; its fields are made of the type's options."""

    rule: Rule
    judged_importers: frozenset[str] | None = None
    """Where it is not None, only the imports of these modules are judged."""
    root_folder: str = ""
    """What paths and the baseline are relative to; the working directory where it is empty."""
    held: bool = True
    """Whether the findings are held against the baseline."""

    ignore_imports = fields.SetField(subfield=fields.ImportExpressionField(), required=False)
    unmatched_ignore_imports_alerting = fields.EnumField(AlertLevel, default=AlertLevel.ERROR)
    broken_contract_guidance = fields.TextField(required=False)

    def __init_subclass__(cls, type_name: str, **_: object) -> None:
        cls.rule = boundaries.load(type_name)
        for name in cls.rule.options.fields:
            assert not hasattr(Contract, name) and name not in vars(HoldfastContract)  # noqa: PT018, S101  # no option hides a part
            setattr(cls, name, OptionField(default=getattr(cls.rule.options, name)))
        registry.register(cls, type_name)

    def __init__(self, name: str, session_options: dict[str, Any], contract_options: dict[str, Any]) -> None:
        self.problem = ""
        try:
            super().__init__(name, session_options, contract_options)
        except InvalidContractOptions as error:
            self.problem = _sentence(error)

    @property
    def id(self) -> str:
        """What names the contract in baselines."""
        return str(self.contract_options.get("id") or self.name)

    @property
    def own_baseline(self) -> str:
        """The path of the contract's own baseline, "" where it is the usual one."""
        path = str(getattr(self, "baseline", ""))
        return "" if path == ContractOptions.baseline else path

    def outcome(self, graph: ImportGraph) -> Outcome:
        """What the contract says about a graph, whatever happens."""
        if self.problem:
            return Outcome(problem=self.problem)
        try:
            with resting_collector():
                options = self._options()
                outcome = judge(self.rule, options, self.id, self._imports(graph, options))
                return self._known(outcome, options) if self.held else outcome
        except CheckError as error:
            place = f"{error.path}:{error.line}: " if error.line else f"{error.path}: " if error.path else ""
            return Outcome(problem=f"{place}{error.message}")
        except Exception as error:  # noqa: BLE001  # one broken contract must not end all others
            return Outcome(problem=f"{self.rule.name} failed, please report it: {type(error).__name__}: {error}")

    def _options(self) -> Any:
        """The options as the contract's type knows them."""
        return self.rule.options(**{name: getattr(self, name) for name in self.rule.options.fields})

    def _known(self, outcome: Outcome, options: ContractOptions) -> Outcome:
        """The outcome held against the baseline, where there is one; one that is named must be there."""
        one_of(options.stale_baseline, "stale_baseline", ("error", "warn", "ignore"))
        root = self.root_folder or os.getcwd()
        path = self.own_baseline or configuration.read(os.path.join(root, "pyproject.toml")).baseline
        if not os.path.lexists(os.path.join(root, path)):
            if self.own_baseline:
                fail(f'the baseline "{path}" is not there: `holdfast baseline write --contracts` writes it')
            return outcome
        stored = known.load(root, path)
        return with_baseline(outcome, self.rule, self.id, stored, options.stale_baseline, self.judged_importers)

    def _imports(self, graph: ImportGraph, options: ContractOptions) -> Imports:
        packages = tuple(self.session_options["root_packages"])
        roots = _prefixes(packages)
        modules = frozenset(module for module in graph.modules if f"{module}.".startswith(roots))
        excluded = _prefixes(expand(options.exclude_modules, modules, "exclude_modules"))
        judged = sorted(
            module
            for module in modules
            if (self.judged_importers is None or module in self.judged_importers) and not f"{module}.".startswith(excluded)
        )

        @cache
        def details(importer: str, imported: str) -> list[Edge]:
            return [
                Edge(importer, imported, found["line_number"], found["line_contents"])
                for found in graph.get_import_details(importer=importer, imported=imported)
            ]

        statements = Statements(
            files_of(self.root_folder or os.getcwd(), packages),
            details,
            modules,
            type_checking=not options.exclude_type_checking_imports,
            functions=not options.ignore_function_level,
        )
        external = str(self.session_options.get("include_external_packages")).lower() == "true"
        whole = {module: graph.find_modules_directly_imported_by(module) for module in sorted(modules)}
        return Imports({module: whole[module] for module in judged}, modules, statements, external, whole)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002
        """import-linter's question."""
        ignored, notes = 0, []
        if not self.problem:
            try:
                removed = contract_utils.remove_ignored_imports_and_report(
                    graph,
                    self.ignore_imports,  # type: ignore[arg-type]  # the field's value
                    self.unmatched_ignore_imports_alerting,  # type: ignore[arg-type]
                )
                ignored, notes = removed.ignored_import_count, list(removed.warnings)
            except MissingImport as error:
                self.problem = str(error)
        outcome = self.outcome(graph)
        notes += [escaped(note) for note in outcome.notes]
        return ContractCheck(kept=outcome.kept, metadata={OUTCOME: outcome}, warnings=notes, ignored_import_count=ignored)

    def render_broken_contract(self, check: ContractCheck) -> None:
        """One line a violation."""
        outcome: Outcome = check.metadata[OUTCOME]
        if outcome.problem:
            show(_ended(outcome.problem))
        new = outcome.new()
        limit = getattr(self, "max_shown", 0) or len(new)
        for finding in new[:limit]:
            show(line(finding))
        if len(new) > limit:
            show(f"... and {len(new) - limit} more")
        show("")
        contract_utils.render_broken_contract_guidance(self.broken_contract_guidance)  # type: ignore[arg-type]


def _prefixes(packages: Iterable[str]) -> tuple[str, ...]:
    """What the names of packages and of all modules in them start with, where a dot ends each name."""
    return tuple(f"{package}." for package in packages)


def _ended(sentence: str) -> str:
    """A sentence with its end, safe to print."""
    return printable(sentence) + ("" if sentence.endswith(("?", ".")) else ".")


def _sentence(error: InvalidContractOptions) -> str:
    """What is wrong with the options of a contract."""
    return "; ".join(f"`{name}`: {message.rstrip('.')}" for name, message in error.errors.items())


@lru_cache(maxsize=1)
def files_of(root: str, packages: tuple[str, ...]) -> Files:
    """The files of root packages as they lie on `sys.path`; nothing is imported."""
    return Files(root, {package: _folders(package) for package in packages})


def _folders(package: str) -> list[str]:
    """The folders of a package."""
    path: Sequence[str] | None = None
    done: list[str] = []
    for part in package.split("."):
        done.append(part)
        spec = PathFinder.find_spec(".".join(done), path)
        if spec is None or spec.submodule_search_locations is None:
            return []
        path = list(spec.submodule_search_locations)
    return [os.path.abspath(folder) for folder in path or ()]


def line(finding: Finding) -> str:
    """A finding on one line, safe to print."""
    way = f": {finding.hint}" if finding.hint else ""
    return printable(f"{finding.path}:{finding.line}: {finding.message}{way} [{finding.rule}]")


def show(text: str) -> None:
    """Print a line as it is: rich would draw pictures of `:100:`, eat `[brackets]` and break long lines."""
    output.console.print(text, markup=False, emoji=False, highlight=False, soft_wrap=True)


def escaped(text: str) -> str:
    """A text that import-linter prints for us, as rich markup."""
    return printable(text).replace("[", "\\[")


class BoundariesContract(HoldfastContract, type_name="boundaries"):
    """Business modules depend on core, never on each other."""

    def drawing(self, graph: ImportGraph) -> Drawing:
        """The units, and the imports between them. Raises CheckError for options that cannot be meant."""
        if self.problem:
            raise CheckError("option", f'the contract "{self.name}": {self.problem}')
        options = self._options()
        return draw(self.name, self._imports(graph, options), options)


class FrozenContract(HoldfastContract, type_name="frozen"):
    """Legacy modules gain no importers."""


class LayeredContract(HoldfastContract, type_name="layered"):
    """Layers import downwards."""


class ModuleShapeContract(HoldfastContract, type_name="module_shape"):
    """Modules stay within limits."""


class NoCyclesContract(HoldfastContract, type_name="no_cycles"):
    """Units do not depend on each other in a circle."""


class PublicApiContract(HoldfastContract, type_name="public_api"):
    """Other modules are used through their public API."""


class ReferencesContract(HoldfastContract, type_name="references"):
    """Dependencies written as strings respect the boundaries."""


class ThirdPartyContract(HoldfastContract, type_name="third_party"):
    """External packages are imported only where they may be."""


class PresetContract(Contract):
    """Contracts that belong together, each judged and reported by itself."""

    preset = fields.StringField()
    broken_contract_guidance = fields.TextField(required=False)

    def __init__(self, name: str, session_options: dict[str, Any], contract_options: dict[str, Any]) -> None:
        """Options that all our types share go to each contract; all others are the preset's variables."""
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
            self.contracts = [self._make(options, passed) for options in expanded]
        except InvalidContractOptions as error:
            self.problem = _sentence(error)
        except CheckError as error:
            self.problem = error.message

    def _make(self, options: dict[str, Any], passed: dict[str, Any]) -> Contract:
        """One of the contracts; of what is passed on, a built-in type takes only what it has."""
        kind = registry.get_contract_class(options["type"])
        fitting = {name: value for name, value in passed.items() if hasattr(kind, name)}
        written = {name: str(value) if isinstance(value, bool) else value for name, value in options.items()}
        identity = {"id": f"{self.contract_options.get('id') or self.name}.{options['id']}"}
        return kind(options["name"], self.session_options, {**written, **fitting, **identity})

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """import-linter's question, asked of each contract in turn."""
        parts = [(contract, _checked(contract, graph, verbose)) for contract in self.contracts]
        return ContractCheck(
            kept=not self.problem and all(check.kept for _, check in parts),
            metadata={PARTS: parts},
            warnings=list(dict.fromkeys(warning for _, check in parts for warning in check.warnings)),
            ignored_import_count=max((check.ignored_import_count for _, check in parts), default=0),
        )

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Each broken contract under its own heading."""
        if self.problem:
            show(f"{_ended(self.problem)}\n")
        parts: Iterable[tuple[Contract, ContractCheck]] = check.metadata[PARTS]
        for contract, part in parts:
            if not part.kept:
                output.print_heading(contract.name, output.HEADING_LEVEL_THREE, style=output.ERROR)
                if isinstance(part.metadata.get(OUTCOME), Outcome) and not isinstance(contract, HoldfastContract):
                    show(f"{_ended(part.metadata[OUTCOME].problem)}\n")
                else:
                    contract.render_broken_contract(part)
        contract_utils.render_broken_contract_guidance(self.broken_contract_guidance)  # type: ignore[arg-type]


def _checked(contract: Contract, graph: ImportGraph, verbose: bool) -> ContractCheck:
    """A contract's answer; an exception of a built-in type is a broken contract with a sentence."""
    try:
        return contract.check(deepcopy(graph), verbose)
    except Exception as error:  # noqa: BLE001  # the other contracts are still worth checking
        return ContractCheck(kept=False, metadata={OUTCOME: Outcome(problem=str(error).rstrip("."))})


TYPES = tuple(sorted((*boundaries.NAMES, "preset")))
