"""Run import-linter in this process, for the hook `module-boundaries` and for `holdfast contracts`.

The configuration, the contracts and the verdicts are those of `lint-imports`, but the project need not be installed, findings are
written in Holdfast's formats, and anything that cannot be checked is an error (exit code 2), not a violation.
"""

from __future__ import annotations

import os
from copy import deepcopy

from importlinter.application import output
from importlinter.application.app_config import settings
from importlinter.configuration import configure
from importlinter.domain.contract import Contract, ContractCheck

from holdfast import boundaries
from holdfast.baseline.matching import match
from holdfast.boundaries.propose import propose
from holdfast.code import discovery
from holdfast.engine.contracts import module_test
from holdfast.engine.report import Report, numbered
from holdfast.engine.run import paused_gc
from holdfast.hosts import linter_config, partial_graph, root_packages
from holdfast.hosts.contract import OUTCOME, HoldfastContract
from holdfast.hosts.import_linter import PARTS, BoundariesContract
from holdfast.record import Record
from holdfast.rule import DOCUMENTATION, CheckError, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from grimp import ImportGraph
    from importlinter.application.user_options import UserOptions

    from holdfast.baseline.entries import Entry
    from holdfast.baseline.matching import Matched
    from holdfast.boundaries.drawing import Drawing
    from holdfast.boundaries.propose import Proposal

WITH_PARTIAL_GRAPH = boundaries.BY_IMPORTER - {"third_party"}
"""Types that judge the imports of a module without those of others; third_party needs all names that the code base imports."""

PAGE = f"{DOCUMENTATION.removesuffix('/rules')}/how-to/module-boundaries.md#import-linters-own-types"
"""The documentation of findings of import-linter's own types."""


class Request(Record):
    """What to check.

    config: the absolute path of the configuration. contracts: ids; empty for all. files: absolute paths of files whose imports
    are judged; None for all. source_roots: folders that may contain the root packages. trust_all: whether contract types of other
    packages may be imported. cached: whether import-linter's cache is used. use_baseline: whether findings are matched with it.
    """

    config: str
    contracts: tuple[str, ...] = ()
    files: tuple[str, ...] | None = None
    source_roots: tuple[str, ...] = ()
    trust_all: bool = False
    cached: bool = True
    use_baseline: bool = True


class Answer(Record):
    """The result of a run: the report, the numbers of kept and broken contracts, and the output of import-linter's own types."""

    report: Report
    kept: int = 0
    broken: int = 0
    output: str = ""
    modules: frozenset[str] = frozenset()
    """The modules of the import graph, if it is whole."""
    ids: Mapping[str, frozenset[str]] = {}  # answers are frozen
    """From the path of a baseline ("" for the one that is configured for Holdfast) to the ids of the contracts that use it."""

    def against(self, entries: Sequence[Entry], path: str = "") -> Matched:
        """Match the findings of the contracts that use a baseline with its entries for them."""
        ids = self.ids.get(path, frozenset())
        findings = [finding for finding in self.report.findings if finding.contract and finding.contract[0] in ids]
        return match(
            entries,
            findings,
            is_judged=lambda entry: entry.contract[:1] != () and entry.contract[0] in ids,
            has_module=module_test(self.modules),
        )


def run(request: Request) -> Answer:
    """Check the contracts of a configuration. A file that cannot be parsed is an error of the report.

    Raises CheckError("option") for an invalid configuration, and for packages that are not found or not trusted.
    """
    with paused_gc():
        try:
            contracts, graph, judged = _prepared(request)
        except CheckError as error:
            if error.kind == "option":
                raise
            return Answer(report=Report(root=os.path.dirname(request.config), errors=(error,)))
        answer = _answer([(contract, _check(contract, graph, judged)) for contract in contracts], request)
        return answer.replace(modules=frozenset(graph.modules if judged is None else ()))


def run_without_baseline(root: str, source_roots: tuple[str, ...] = ()) -> Answer:
    """Check all contracts of the configuration in a folder (absolute), and ignore the baseline. source_roots: as in Request."""
    return run(Request(config=linter_config.find(root), source_roots=source_roots, use_baseline=False))


def drawings(request: Request) -> list[Drawing]:
    """Return the units and imports of each contract of the type `boundaries`. Raises CheckError like `run`."""
    contracts, graph, _ = _prepared(request.replace(files=None))
    found = [part.drawing(graph) for contract in contracts for part in _parts(contract) if isinstance(part, BoundariesContract)]
    if not found:
        message = "there is no contract of the type `boundaries`: only such contracts can be drawn"
        raise CheckError("option", message, os.path.basename(request.config))
    return found


def proposal(package: str, root: str, source_roots: tuple[str, ...] = ()) -> Proposal:
    """Propose a contract for a root package below the root (absolute). Raises CheckError if the package is not found."""
    configure()
    with root_packages.building(root, root_packages.find([package], root, source_roots)):
        graph = _whole_graph([package], external=False, typed=False, cached=False)
    direct = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    return propose(package, graph.modules, direct)


def _prepared(request: Request) -> tuple[list[Contract], ImportGraph, frozenset[str] | None]:
    """The contracts, the graph, and the modules whose imports are judged (None for all)."""
    configure()
    root = os.path.dirname(request.config)
    options = linter_config.read(request.config)
    linter_config.register_types(options, os.path.basename(request.config), request.trust_all)
    selected = linter_config.select(options, request.contracts)
    folders = root_packages.find(options.session_options["root_packages"], root, request.source_roots)
    judged = None
    if request.files is not None:
        files = (os.path.join(root, path) for given in request.files for path in discovery.expand(given, root, []))
        judged = frozenset(filter(None, (root_packages.module_of(path, folders) for path in files)))
    with root_packages.building(root, folders):
        graph = _graph(options, selected, judged, request)
    contracts = list(linter_config.create(options, selected, request.config))
    for part in (part for contract in contracts for part in _parts(contract)):
        if isinstance(part, HoldfastContract):
            part.root_folder, part.uses_baseline, part.package_folders = root, request.use_baseline, tuple(folders.items())
    return contracts, graph, judged


def _parts(contract: Contract) -> list[Contract]:
    """The contracts of a preset, or the contract itself."""
    parts: list[Contract] = getattr(contract, "contracts", [contract])
    return parts


# -- the graph


def _graph(options: UserOptions, selected: list[dict[str, Any]], judged: frozenset[str] | None, request: Request) -> ImportGraph:
    """The import graph. If all contracts judge each import on its own, it contains only the imports of the judged modules."""
    session = options.session_options
    packages = session["root_packages"]
    external, typed = (
        str(session.get(name)).lower() == "true" for name in ("include_external_packages", "exclude_type_checking_imports")
    )
    if judged is not None and all(
        contract.get("type") in WITH_PARTIAL_GRAPH and not contract.get("ignore_imports") for contract in selected
    ):
        return partial_graph.build(packages, judged, external, typed)
    return _whole_graph(packages, external=external, typed=typed, cached=request.cached)


def _whole_graph(packages: list[str], *, external: bool, typed: bool, cached: bool) -> ImportGraph:
    graph: ImportGraph = settings.GRAPH_BUILDER.build(
        root_package_names=packages,
        include_external_packages=external,
        exclude_type_checking_imports=typed,
        cache_dir=settings.DEFAULT_CACHE_DIR if cached else None,
    )
    return graph


# -- the contracts


def _check(contract: Contract, graph: ImportGraph, judged: frozenset[str] | None) -> ContractCheck:
    """Check a contract, for the judged modules only if its type allows it. Raises CheckError for an exception in another type."""
    for part in _parts(contract):
        if isinstance(part, HoldfastContract) and part.rule.name in boundaries.BY_IMPORTER:
            part.judged_importers = judged
    try:
        return contract.check(deepcopy(graph), verbose=False)
    except Exception as error:
        raise CheckError("option", f'the contract "{contract.name}": {str(error).rstrip(".") or type(error).__name__}') from error


def _answer(checks: list[tuple[Contract, ContractCheck]], request: Request) -> Answer:
    findings: list[Finding] = []
    errors: list[CheckError] = []
    notes: list[str] = []
    rendered = ""
    name = os.path.basename(request.config)
    for contract, check in checks:
        notes += [str(warning).replace("\\[", "[") for warning in check.warnings]
        for part, partial in check.metadata.get(PARTS) or [(contract, check)]:
            outcome = partial.metadata.get(OUTCOME)
            problem = outcome.problem if outcome is not None else str(getattr(part, "problem", ""))
            if problem:
                line = linter_config.line_of(request.config, contract.contract_options)
                errors.append(CheckError("option", f'the contract "{part.name}": {problem.rstrip(".")}', name, line))
            elif outcome is not None:
                findings += outcome.findings
            elif not partial.kept:
                findings.append(_broken(part, contract, request))
                rendered += _rendered(part, partial)
    kept = sum(check.kept for _, check in checks)
    report = Report(
        root=os.path.dirname(request.config),
        findings=numbered(findings),
        errors=tuple(errors),
        files=len(request.files) if request.files is not None else 0,
        notes=tuple(dict.fromkeys(notes)),
    )
    ids: dict[str, frozenset[str]] = {"": frozenset()}
    for part in (part for contract, _ in checks for part in _parts(contract)):
        if isinstance(part, HoldfastContract):
            ids[part.own_baseline] = ids.get(part.own_baseline, frozenset()) | {part.id}
    return Answer(report=report, kept=kept, broken=len(checks) - kept, output=rendered, ids=ids)


def _broken(part: Contract, contract: Contract, request: Request) -> Finding:
    """A finding at the definition of a broken contract of one of import-linter's own types."""
    line = linter_config.line_of(request.config, contract.contract_options) or 1
    kind = str(part.contract_options.get("type", "contract"))
    return Finding(
        path=os.path.basename(request.config),
        line=line,
        column=1,
        end_line=line,
        end_column=1,
        message=f'the contract "{part.name}" is broken',
        hint="see the imports that break it below",
        level="error",
        rule=f"import-linter:{kind}",
        page=PAGE,
        code="",
        symbol=part.name,
        span=(line, line),
    )


def _rendered(part: Contract, check: ContractCheck) -> str:
    """The output of import-linter about a broken contract."""
    render: Callable[[ContractCheck], None] = part.render_broken_contract
    with output.console.capture() as captured:
        output.print_heading(part.name, output.HEADING_LEVEL_THREE)
        render(check)
    return captured.get()
