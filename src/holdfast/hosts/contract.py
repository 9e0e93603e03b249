"""The base class of Holdfast's contract types for import-linter: options, judgement and output.

Invalid options make a contract broken, with a sentence that says why. import-linter itself would check none of the contracts.
"""

from __future__ import annotations

import os

from importlinter.application import contract_utils, output
from importlinter.application.contract_utils import AlertLevel
from importlinter.domain import fields
from importlinter.domain.contract import Contract, ContractCheck, InvalidContractOptions, registry
from importlinter.domain.helpers import MissingImport

from holdfast import boundaries
from holdfast.baseline.file import load
from holdfast.boundaries.edges import ContractOptions, Imports, check_choice, fail
from holdfast.engine import config as configuration
from holdfast.engine.contracts import Outcome, judge, with_baseline
from holdfast.engine.run import paused_gc
from holdfast.formats.text import printable
from holdfast.hosts.graph_imports import imports_of
from holdfast.rule import CheckError, Finding, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from grimp import ImportGraph

OUTCOME = "outcome"
"""The key of our outcome in the metadata of import-linter's ContractCheck."""


class OptionField(fields.Field[object]):
    """A field that converts values from TOML and INI files to the type of the option's default."""

    def parse(self, raw_data: Any) -> object:
        """Return the value of the option. Raises ValidationError with a sentence."""
        kind = type(self.default)
        items = [raw_data] if isinstance(raw_data, str) else raw_data
        if kind is dict:
            return _table(items)
        if kind is tuple:
            if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
                raise fields.ValidationError("Must be a list of strings.")
            return tuple(item.strip() for item in items if item.strip())
        if isinstance(raw_data, list | dict):
            raise fields.ValidationError("Must be a single value, not a list or a table.")
        if kind is bool:
            return fields.BooleanField().parse(str(raw_data))
        return fields.IntegerField(minimum=0).parse(raw_data) if kind is int else str(raw_data).strip()


def _table(items: Any) -> dict[str, str]:
    """A table from names to texts, from a TOML table or from lines of `name: text`."""
    pairs = items.items() if isinstance(items, dict) else [line.partition(":")[::2] for line in items if line.strip()]
    table = {str(name).strip(): " | ".join(text) if isinstance(text, list) else str(text).strip() for name, text in pairs}
    if not all(table) or not all(table.values()):
        raise fields.ValidationError("Must be a table, or lines of the form `name: module`.")
    return table


class HoldfastContract(Contract):
    """The base class of Holdfast's contract types. A subclass names its type; its fields are the options of the type."""

    rule: Rule
    judged_importers: frozenset[str] | None = None
    """The modules whose imports are judged; None for all."""
    root_folder: str = ""
    """The folder that paths and the baseline are relative to; "" for the working directory."""
    package_folders: tuple[tuple[str, str], ...] = ()
    """The root packages and their folders; if empty, they are looked up on `sys.path`."""
    uses_baseline: bool = True
    """Whether findings are matched with the baseline."""

    ignore_imports = fields.SetField(subfield=fields.ImportExpressionField(), required=False)
    unmatched_ignore_imports_alerting = fields.EnumField(AlertLevel, default=AlertLevel.ERROR)
    broken_contract_guidance = fields.TextField(required=False)

    def __init_subclass__(cls, type_name: str, **_: object) -> None:
        cls.rule = boundaries.load(type_name)
        for name in cls.rule.options.fields:
            assert not hasattr(Contract, name) and name not in vars(HoldfastContract)  # noqa: PT018, S101  # an option would hide it
            setattr(cls, name, OptionField(default=getattr(cls.rule.options, name)))
        registry.register(cls, type_name)

    def __init__(self, name: str, session_options: dict[str, Any], contract_options: dict[str, Any]) -> None:
        self.problem = ""
        try:
            super().__init__(name, session_options, contract_options)
        except InvalidContractOptions as error:
            self.problem = problem_of(error)

    @property
    def id(self) -> str:
        """The name of the contract in baselines."""
        return str(self.contract_options.get("id") or self.name)

    @property
    def own_baseline(self) -> str:
        """The path of the contract's own baseline; "" for the one that is configured for Holdfast."""
        path = str(getattr(self, "baseline", ""))
        return "" if path == ContractOptions.baseline else path

    def outcome(self, graph: ImportGraph) -> Outcome:
        """Return the outcome for a graph. Errors become the problem of the outcome."""
        if self.problem:
            return Outcome(problem=self.problem)
        try:
            with paused_gc():
                options = self.typed_options()
                outcome = judge(self.rule, options, self.id, self.imports(graph, options))
                return self._with_baseline(outcome, options, graph) if self.uses_baseline else outcome
        except CheckError as error:
            place = f"{error.path}:{error.line}: " if error.line else f"{error.path}: " if error.path else ""
            return Outcome(problem=f"{place}{error.message}")
        except Exception as error:  # noqa: BLE001  # a broken contract type must not stop the other contracts
            return Outcome(problem=f"{self.rule.name} failed with {type(error).__name__}: {error}; please report this bug")

    def typed_options(self) -> Any:
        """Return the options as an instance of the rule's Options."""
        return self.rule.options(**{name: getattr(self, name) for name in self.rule.options.fields})

    def imports(self, graph: ImportGraph, options: ContractOptions) -> Imports:
        """Return the imports that the contract judges."""
        root = self.root_folder or os.getcwd()
        return imports_of(graph, self.session_options, options, root, self.judged_importers, self.package_folders)

    def _with_baseline(self, outcome: Outcome, options: ContractOptions, graph: ImportGraph) -> Outcome:
        """The outcome with known findings marked. A baseline that the contract names must exist."""
        check_choice(options.stale_baseline, "stale_baseline", ("error", "warn", "ignore"))
        root = self.root_folder or os.getcwd()
        path = self.own_baseline or configuration.read_project(root).baseline
        if not os.path.lexists(os.path.join(root, path)):
            if self.own_baseline:
                fail(f'the baseline "{path}" does not exist: create it with `holdfast baseline write --contracts`')
            return outcome
        return with_baseline(
            outcome,
            self.rule,
            self.id,
            load(root, path),
            options.stale_baseline,
            self.judged_importers,
            root=root,
            modules=graph.modules,
        )

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002
        """Check the contract, for import-linter."""
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
        return ContractCheck(kept=outcome.is_kept, metadata={OUTCOME: outcome}, warnings=notes, ignored_import_count=ignored)

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print one line per finding, for import-linter."""
        outcome: Outcome = check.metadata[OUTCOME]
        if outcome.problem:
            show(as_sentence(outcome.problem))
        new = outcome.new()
        limit = getattr(self, "max_shown", 0) or len(new)
        for finding in new[:limit]:
            show(line(finding))
        if len(new) > limit:
            show(f"... and {len(new) - limit} more")
        show("")
        contract_utils.render_broken_contract_guidance(self.broken_contract_guidance)  # type: ignore[arg-type]


def problem_of(error: InvalidContractOptions) -> str:
    """Return the errors in the options of a contract as one sentence."""
    return "; ".join(f"`{name}`: {message.rstrip('.')}" for name, message in error.errors.items())


def as_sentence(problem: str) -> str:
    """Return a problem with a full stop, safe to print."""
    return printable(problem) + ("" if problem.endswith(("?", ".")) else ".")


def line(finding: Finding) -> str:
    """Return a finding on one line, safe to print."""
    hint = f": {finding.hint}" if finding.hint else ""
    return printable(f"{finding.path}:{finding.line}: {finding.message}{hint} [{finding.rule}]")


def show(text: str) -> None:
    """Print a line as it is. By default, rich would replace `:100:` by an emoji, drop `[brackets]` and break long lines."""
    output.console.print(text, markup=False, emoji=False, highlight=False, soft_wrap=True)


def escaped(text: str) -> str:
    """Return text as rich markup, safe to print, for import-linter to print."""
    return printable(text).replace("[", "\\[")
