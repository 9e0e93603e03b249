"""import-linter in this process: what the hook `module-boundaries` and `holdfast contracts` run.

The same configuration, contracts and answers as `lint-imports`, for a project that need not be installed; findings go through
Holdfast's formats, and what cannot be checked is an error (exit code 2), not a violation.
"""

from __future__ import annotations

import os
from copy import deepcopy

from importlinter.application import output
from importlinter.application.app_config import settings
from importlinter.application.use_cases import read_user_options
from importlinter.configuration import configure
from importlinter.domain.contract import Contract, ContractCheck, InvalidContractOptions, registry

from holdfast import boundaries
from holdfast.baseline import entries as baseline
from holdfast.boundaries.propose import propose
from holdfast.code import discovery
from holdfast.engine import report as reports, run as engine
from holdfast.hosts import import_linter as ours, partial_graph, root_packages
from holdfast.record import Record
from holdfast.rule import CheckError, Finding, suggestion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

    from grimp import ImportGraph
    from importlinter.application.user_options import UserOptions

    from holdfast.baseline.entries import Entry, Matched
    from holdfast.boundaries.drawing import Drawing
    from holdfast.boundaries.propose import Proposal

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
ALONE = boundaries.BY_IMPORTER - {"third_party"}
"""Types that need no import of other modules to judge those of one; third_party asks what the whole code base imports."""


class Wanted(Record):
    """What to check. config: the configuration's absolute path; contracts: ids, none for all; files: absolute paths whose
    imports alone are judged, None for all; places: folders that may hold the root packages; trusting: whether contract types of
    other packages may be imported; cached: whether import-linter's cache is used; held: whether the baseline is."""

    config: str
    contracts: tuple[str, ...] = ()
    files: tuple[str, ...] | None = None
    places: tuple[str, ...] = ()
    trusting: bool = False
    cached: bool = True
    held: bool = True


class Answer(Record):
    """What came of a run: the report, how many contracts are kept, and what import-linter's own contracts say."""

    report: reports.Report
    kept: int = 0
    broken: int = 0
    said: str = ""
    ids: Mapping[str, frozenset[str]] = {}  # answers are frozen
    """The ids of the contracts of our types, which name them in baselines, by the baseline's path; "" is the usual one."""

    def against(self, entries: Sequence[Entry], path: str = "") -> Matched:
        """The findings of the contracts that share a baseline, held against its entries for them."""
        ids = self.ids.get(path, frozenset())
        findings = [finding for finding in self.report.findings if finding.contract and finding.contract[0] in ids]
        return baseline.apply(
            entries, findings, judged=lambda entry: entry.contract[:1] != () and entry.contract[0] in ids, gone=lambda _: False
        )


def configuration(folder: str) -> str:
    """The absolute path of the configuration in a folder. Raises CheckError("option") where there is none."""
    for name in FILES:
        path = os.path.join(folder, name)
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                text = file.read()
        except OSError:
            continue
        if "[tool.importlinter" in text if name.endswith(".toml") else "[importlinter" in text:
            return path
    raise CheckError(
        "option", f"no import-linter configuration in {', '.join(FILES)}: `holdfast contracts init PACKAGE` proposes one", folder
    )


def run(wanted: Wanted) -> Answer:
    """Check the contracts of a configuration; a file that cannot be read is an error of the report.

    Raises CheckError("option") for what cannot be meant, found or trusted.
    """
    with engine.resting_collector():
        try:
            contracts, graph, judged = _prepared(wanted)
        except CheckError as error:
            if error.kind == "option":
                raise
            return Answer(report=reports.Report(root=os.path.dirname(wanted.config), errors=(error,)))
        return _answer([(contract, _check(contract, graph, judged)) for contract in contracts], wanted)


def run_unheld(root: str, places: tuple[str, ...] = ()) -> Answer:
    """Check all contracts of the configuration in a folder (absolute) as if there were no baseline; places as in Wanted."""
    return run(Wanted(config=configuration(root), places=places, held=False))


def drawings(wanted: Wanted) -> list[Drawing]:
    """The units of each contract about boundaries, and the imports between them. Raises CheckError as run does."""
    contracts, graph, _ = _prepared(wanted.replace(files=None))
    parts = [part for contract in contracts for part in getattr(contract, "contracts", [contract])]
    found = [part.drawing(graph) for part in parts if isinstance(part, ours.BoundariesContract)]
    if not found:
        raise CheckError("option", "there is no contract of the type boundaries to draw", os.path.basename(wanted.config))
    return found


def proposal(package: str, root: str, places: tuple[str, ...] = ()) -> Proposal:
    """A contract that fits a root package, found below the root (absolute). Raises CheckError for what cannot be found."""
    configure()
    with root_packages.building(root, root_packages.find([package], root, places)):
        graph = _built([package], external=False, typed=False, cached=False)
    direct = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    return propose(package, graph.modules, direct)


def _prepared(wanted: Wanted) -> tuple[list[Contract], ImportGraph, frozenset[str] | None]:
    """The contracts, the graph, and the modules whose imports alone are judged (None for all)."""
    configure()
    root = os.path.dirname(wanted.config)
    options = _read(wanted.config)
    _register(options, wanted)
    chosen = _chosen(options, wanted)
    folders = root_packages.find(options.session_options["root_packages"], root, wanted.places)
    judged = None
    if wanted.files is not None:
        files = (os.path.join(root, path) for given in wanted.files for path in discovery.expand(given, root, []))
        judged = frozenset(filter(None, (root_packages.module_of(path, folders) for path in files)))
    with root_packages.building(root, folders):
        graph = _graph(options, chosen, judged, wanted)
    return list(_made(options, chosen, root, wanted)), graph, judged


# -- the configuration


def _read(path: str) -> UserOptions:
    name = os.path.basename(path)
    try:
        options = read_user_options(path)
    except KeyError as error:
        raise CheckError("option", f"the configuration of import-linter lacks {error}", name) from error
    except FileNotFoundError as error:
        raise CheckError("option", "holds no configuration of import-linter", name) from error
    except (AttributeError, TypeError) as error:
        raise CheckError("option", "holds contracts that are no list: TOML wants [[tool.importlinter.contracts]]", name) from error
    except Exception as error:
        raise CheckError("option", f"cannot be read: {error}", name) from error
    if not options.contracts_options:
        raise CheckError(
            "option", "holds no contract: TOML wants [[tool.importlinter.contracts]], INI [importlinter:contract:id]", name
        )
    for option in options.session_options.keys() - set(SESSION):
        meant = suggestion(option, list(SESSION))
        if "did you mean" in meant:  # others may be meant for contract types of other packages
            raise CheckError("option", f'import-linter has no option "{option}"{meant}', name)
    for option in ("root_packages", "contract_types"):
        options.session_options[option] = _strings(options.session_options.get(option, []), option, name)
    return options


def _strings(value: object, option: str, where: str) -> list[str]:
    """A list of strings; a single one counts as a list."""
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list | tuple) or not all(isinstance(item, str) and item for item in items):
        raise CheckError("option", f"{option} is a list of strings", where)
    return list(items)


def _register(options: UserOptions, wanted: Wanted) -> None:
    """Register the contract types: import-linter's own, ours, and those of others where they may be imported."""
    import importlib

    for name, path in BUILT_IN.items():
        module, _, cls = path.partition(".")
        registry.register(getattr(importlib.import_module(f"importlinter.contracts.{module}"), cls), name)
    registry.register(ours.PresetContract, "preset")
    for entry in options.session_options["contract_types"]:
        name, _, path = (part.strip() for part in entry.partition(":"))
        module, _, cls = path.rpartition(".")
        if not module:
            message = f'contract_types holds "name: module.Class", not "{entry}"'
            raise CheckError("option", message, os.path.basename(wanted.config))
        if not path.startswith(TRUSTED) and not wanted.trusting:
            where = os.path.basename(wanted.config)
            raise CheckError(
                "option", f"contract_types names {path}, code of another package: --trust-contract-types runs it", where
            )
        try:
            registry.register(getattr(importlib.import_module(module), cls), name)
        except (ImportError, AttributeError, ValueError) as error:
            raise CheckError(
                "option", f"contract_types: {entry} cannot be imported: {error}", os.path.basename(wanted.config)
            ) from error


def _chosen(options: UserOptions, wanted: Wanted) -> list[dict[str, Any]]:
    """The contracts that were asked for."""
    every = options.contracts_options
    known = [str(contract.get("id", "")) for contract in every]
    for name in wanted.contracts:
        if name not in known:
            listed = [known_id for known_id in known if known_id]
            raise CheckError("option", f'there is no contract with the id "{name}"{suggestion(name, listed)}')
    return [contract for contract in every if not wanted.contracts or contract.get("id") in wanted.contracts]


def _made(options: UserOptions, chosen: list[dict[str, Any]], root: str, wanted: Wanted) -> Iterator[Contract]:
    """The contracts as objects; one that cannot be made is made an error later, so that the others are still checked."""
    for written in chosen:
        name = str(written.get("name") or written.get("id") or "")
        kind = str(written.get("type", ""))
        try:
            cls = registry.get_contract_class(kind)
        except Exception as error:
            known = [*BUILT_IN, *ours.TYPES]
            message = f'the contract "{name}" has the type "{kind}", which does not exist{suggestion(kind, known)}'
            raise CheckError("option", message, os.path.basename(wanted.config), line_of(wanted.config, written)) from error
        try:
            contract = cls(name, options.session_options, written)
        except InvalidContractOptions as error:
            raise CheckError(
                "option",
                f'the contract "{name}": {"; ".join(f"`{field}`: {said}" for field, said in error.errors.items())}',
                os.path.basename(wanted.config),
                line_of(wanted.config, written),
            ) from error
        for part in getattr(contract, "contracts", [contract]):
            if isinstance(part, ours.HoldfastContract):
                part.root_folder, part.held = root, wanted.held
        yield contract


def line_of(path: str, written: dict[str, Any]) -> int:
    """The line of a contract in its configuration, 1-based; 0 where it is not found."""
    marks = [f'"{written.get("id")}"', f"importlinter:contract:{written.get('id')}", str(written.get("name"))]
    with open(path, encoding="utf-8", errors="replace") as file:
        lines = file.readlines()
    return next((number for mark in marks for number, line in enumerate(lines, 1) if mark in line and not line.startswith("#")), 0)


# -- the graph


def _graph(options: UserOptions, chosen: list[dict[str, Any]], judged: frozenset[str] | None, wanted: Wanted) -> ImportGraph:
    """The whole import graph; where all contracts judge each import by itself, the imports of the judged modules are enough."""
    session = options.session_options
    packages = session["root_packages"]
    external, typed = (
        str(session.get(name)).lower() == "true" for name in ("include_external_packages", "exclude_type_checking_imports")
    )
    if judged is not None and all(contract.get("type") in ALONE and not contract.get("ignore_imports") for contract in chosen):
        return partial_graph.build(packages, judged, external, typed)
    return _built(packages, external=external, typed=typed, cached=wanted.cached)


def _built(packages: list[str], *, external: bool, typed: bool, cached: bool) -> ImportGraph:
    graph: ImportGraph = settings.GRAPH_BUILDER.build(
        root_package_names=packages,
        include_external_packages=external,
        exclude_type_checking_imports=typed,
        cache_dir=settings.DEFAULT_CACHE_DIR if cached else None,
    )
    return graph


# -- the contracts


def _check(contract: Contract, graph: ImportGraph, judged: frozenset[str] | None) -> ContractCheck:
    """What a contract says, of the judged modules alone where it can; an exception of another's contract is an error."""
    for part in getattr(contract, "contracts", [contract]):
        if isinstance(part, ours.HoldfastContract) and part.rule.name in boundaries.BY_IMPORTER:
            part.judged_importers = judged
    try:
        return contract.check(deepcopy(graph), verbose=False)
    except Exception as error:
        raise CheckError("option", f'the contract "{contract.name}": {str(error).rstrip(".") or type(error).__name__}') from error


def _answer(checks: list[tuple[Contract, ContractCheck]], wanted: Wanted) -> Answer:
    findings: list[Finding] = []
    errors: list[CheckError] = []
    notes: list[str] = []
    said = ""
    name = os.path.basename(wanted.config)
    for contract, check in checks:
        notes += [str(warning).replace("\\[", "[") for warning in check.warnings]
        for part, partial in check.metadata.get(ours.PARTS) or [(contract, check)]:
            outcome = partial.metadata.get(ours.OUTCOME)
            problem = outcome.problem if outcome is not None else str(getattr(part, "problem", ""))
            if problem:
                line = line_of(wanted.config, contract.contract_options)
                errors.append(CheckError("option", f'the contract "{part.name}": {problem.rstrip(".")}', name, line))
            elif outcome is not None:
                findings += outcome.findings
            elif not partial.kept:
                findings.append(_broken(part, contract, wanted))
                said += _rendered(part, partial)
    kept = sum(check.kept for _, check in checks)
    root = os.path.dirname(wanted.config)
    report = reports.Report(
        root=root,
        findings=tuple(sorted(findings, key=lambda found: (found.path, found.line, found.column, found.message))),
        errors=tuple(errors),
        files=len(wanted.files) if wanted.files is not None else 0,
        notes=tuple(dict.fromkeys(notes)),
    )
    ids: dict[str, frozenset[str]] = {"": frozenset()}
    for part in (part for contract, _ in checks for part in getattr(contract, "contracts", [contract])):
        if isinstance(part, ours.HoldfastContract):
            ids[part.own_baseline] = ids.get(part.own_baseline, frozenset()) | {part.id}
    return Answer(report=report, kept=kept, broken=len(checks) - kept, said=said, ids=ids)


def _broken(part: Contract, contract: Contract, wanted: Wanted) -> Finding:
    """A broken contract of import-linter's own as a finding, where the contract is written."""
    line = line_of(wanted.config, contract.contract_options) or 1
    kind = str(part.contract_options.get("type", "contract"))
    return Finding(
        path=os.path.basename(wanted.config),
        line=line,
        column=1,
        end_line=line,
        end_column=1,
        message=f'the contract "{part.name}" is broken',
        hint="the lines below say which imports break it",
        level="error",
        rule=f"import-linter:{kind}",
        code="",
        symbol=part.name,
        span=(line, line),
    )


def _rendered(part: Contract, check: ContractCheck) -> str:
    """What import-linter prints about a broken contract."""
    show: Callable[[ContractCheck], None] = part.render_broken_contract
    with output.console.capture() as captured:
        output.print_heading(part.name, output.HEADING_LEVEL_THREE)
        show(check)
    return captured.get()
