"""`holdfast contracts`: check, propose or draw module boundaries, with the contracts in import-linter's configuration."""

from __future__ import annotations

import json
import os
import sys

from holdfast.commands import output
from holdfast.formats import text
from holdfast.rule import CheckError, suggestion

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from types import ModuleType, SimpleNamespace

    from holdfast.boundaries.drawing import Drawing
    from holdfast.boundaries.propose import Proposal
    from holdfast.hosts import module_boundaries

ACTIONS = ("check", "init", "graph")
DRAWINGS = ("mermaid", "dot", "svg")
CONTRACT = """[tool.importlinter]
root_package = {package}
contract_types = ["preset: holdfast.hosts.import_linter.PresetContract"]

[[tool.importlinter.contracts]]
id = "boundaries"
name = "Modules depend on core, never on each other"
type = "boundaries"
modules = [{modules}] # each match is a unit, also modules that are added later
core = [{core}
] # every unit may import these; they may import no unit
via = {via} # sub-modules that other units may import
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument(
        "words",
        nargs="*",
        metavar="ACTION",
        help="`check` the contracts (default), propose a contract for a package (`init PACKAGE`), or draw the units (`graph`)",
    )
    parser.add_argument("--config", metavar="FILE", help="the configuration (default: setup.cfg, .importlinter, pyproject.toml)")
    parser.add_argument("--contract", action="append", default=[], metavar="ID", help="check only this contract; may be repeated")
    parser.add_argument(
        "--files", nargs="*", metavar="PATH", help="check only the imports in these files, if the type of a contract allows it"
    )
    parser.add_argument(
        "--source-root", action="append", default=[], metavar="FOLDER", help="a folder that contains root packages; may be repeated"
    )
    parser.add_argument("--trust-contract-types", action="store_true", help="also import contract types from other packages")
    parser.add_argument("--no-cache", action="store_true", help="do not use import-linter's cache")
    parser.add_argument("--no-baseline", action="store_true", help="ignore the baseline: known findings count as new")
    parser.add_argument("--drawing", choices=DRAWINGS, help="the format of `graph` (default: mermaid)")
    output.add_arguments(parser)


def run(options: SimpleNamespace) -> int:
    """Check, propose or draw, and return the exit code."""
    _set_action(options)
    linter = host()
    if options.action == "init":
        return _init(options, linter.proposal(options.package, os.getcwd(), tuple(options.source_root)))
    config = os.path.abspath(options.config) if options.config else linter.linter_config.find(os.getcwd())
    if not os.path.isfile(config):
        raise CheckError("option", "the configuration file does not exist", options.config)
    request = linter.Request(
        config=config,
        contracts=tuple(options.contract),
        files=None if options.files is None else tuple(map(os.path.abspath, options.files)),
        source_roots=tuple(options.source_root),
        trust_all=options.trust_contract_types,
        cached=not options.no_cache,
        use_baseline=not options.no_baseline,
    )
    if options.action == "graph":
        return _graph(options, linter.drawings(request))
    answer = linter.run(request)
    output.write(answer.report, options, summary=_summary(answer))
    if options.format in {None, "text"} and not options.output:
        sys.stdout.write(answer.output)
    code: int = answer.report.exit_code("warning")
    return code


def _set_action(options: SimpleNamespace) -> None:
    """Set action, package and files. A hook's args may separate `--files` from the file names, which are then in `words`."""
    words: list[str] = options.words
    if options.files is not None and words[:1] != ["check"]:
        options.files += words
        words = []
    action, *packages = words or ["check"]
    if action not in ACTIONS:
        raise CheckError("option", f'there is no action "{action}"{suggestion(action, list(ACTIONS))}')
    if len(packages) != (action == "init"):
        raise CheckError("option", "`init` needs one package; `check` and `graph` take the packages from the configuration")
    options.action, options.package = action, "".join(packages)


def host() -> ModuleType:
    """Return the module that runs contracts. Raises CheckError if import-linter is not installed."""
    try:
        from holdfast.hosts import module_boundaries
    except ImportError as error:
        message = "contracts need the extra `import-linter`: run pip install 'holdfast[import-linter]'"
        raise CheckError("option", message) from error
    return module_boundaries


def _graph(options: SimpleNamespace, drawings: list[Drawing]) -> int:
    """Write a drawing of each contract; an SVG file can contain only one."""
    from holdfast.formats import drawing

    form = options.drawing or "mermaid"
    if form == "svg" and len(drawings) > 1:
        raise CheckError("option", "an SVG file can contain only one drawing: select a contract with --contract ID")
    document = "\n".join(drawing.write(one, form) for one in drawings)
    if options.output:
        output.write_file(options.output, document)
    else:
        sys.stdout.write(document)
    return 0


def _init(options: SimpleNamespace, found: Proposal) -> int:
    """Write the proposed contract, which the user then adds to the configuration."""
    package = options.package
    document = CONTRACT.format(
        package=json.dumps(package),
        modules=json.dumps(f"{found.container}.*"),
        core="".join(f"\n  {json.dumps(name)}," for name in found.core),
        via=json.dumps(list(found.via)),
    )
    if options.output:
        output.write_file(options.output, document)
    else:
        sys.stdout.write(document)
    units = text.count(len(found.units), "unit")
    sys.stderr.write(
        f"holdfast: found {units} in {found.container}, {len(found.core)} core. Add the contract to pyproject.toml and adjust it. "
        "Then `holdfast contracts` shows what breaks it, and `holdfast baseline write --contracts` accepts that as known\n"
    )
    return 0


def _summary(answer: module_boundaries.Answer) -> str:
    """One line about the whole run, for standard error."""
    report = answer.report
    parts = [f"{text.count(answer.kept, 'contract')} kept, {answer.broken} broken", text.count(len(report.new()), "finding")]
    known, exempt = (sum(finding.status == status for finding in report.findings) for status in ("known", "exempt"))
    parts += [f"{known} known (baseline)"] if known else []
    parts += [f"{exempt} exempt"] if exempt else []
    parts += [f"{text.count(len(report.errors), 'error')}: not everything was checked"] if report.errors else []
    return f"holdfast: {', '.join(parts)}\n"
