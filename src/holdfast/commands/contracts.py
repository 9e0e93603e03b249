"""`holdfast contracts`: module boundaries, by the contracts of import-linter's configuration."""

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
modules = [{modules}] # each is a unit, new ones by themselves
core = [{core}
] # what every unit may import, and what imports no unit
via = {via} # sub-modules through which units may be used by others
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument(
        "words",
        nargs="*",
        metavar="ACTION",
        help="check the contracts (default), propose some for a root package (init PACKAGE), or draw the units (graph)",
    )
    parser.add_argument("--config", metavar="FILE", help="the configuration (default: setup.cfg, .importlinter, pyproject.toml)")
    parser.add_argument("--contract", action="append", default=[], metavar="ID", help="check this contract only; may be repeated")
    parser.add_argument("--files", nargs="*", metavar="PATH", help="judge only the imports in these files, where a contract can")
    parser.add_argument(
        "--source-root", action="append", default=[], metavar="FOLDER", help="a folder that holds root packages; may be repeated"
    )
    parser.add_argument(
        "--trust-contract-types", action="store_true", help="import the contract types that other packages define, too"
    )
    parser.add_argument("--no-cache", action="store_true", help="do not keep import-linter's cache")
    parser.add_argument("--drawing", choices=DRAWINGS, help="for graph: how to draw (default: mermaid)")
    output.add_arguments(parser)


def run(options: SimpleNamespace) -> int:
    """Check, propose or draw; returns the exit code."""
    _understand(options)
    linter = host()
    if options.action == "init":
        return _init(options, linter.proposal(options.package, os.getcwd(), tuple(options.source_root)))
    config = os.path.abspath(options.config) if options.config else linter.configuration(os.getcwd())
    if not os.path.isfile(config):
        raise CheckError("option", "the configuration does not exist", options.config)
    wanted = linter.Wanted(
        config=config,
        contracts=tuple(options.contract),
        files=None if options.files is None else tuple(map(os.path.abspath, options.files)),
        places=tuple(options.source_root),
        trusting=options.trust_contract_types,
        cached=not options.no_cache,
    )
    if options.action == "graph":
        return _graph(options, linter.drawings(wanted))
    answer = linter.run(wanted)
    output.write(answer.report, options, summary=_summary(answer))
    if options.format in {None, "text"} and not options.output:
        sys.stdout.write(answer.said)
    code: int = answer.report.exit_code("warning")
    return code


def _understand(options: SimpleNamespace) -> None:
    """Set action, package and files. A hook puts its args between `--files` and the names, which are words of their own then."""
    words: list[str] = options.words
    if options.files is not None and words[:1] != ["check"]:
        options.files += words
        words = []
    action, *packages = words or ["check"]
    if action not in ACTIONS:
        raise CheckError("option", f'there is no action "{action}"{suggestion(action, list(ACTIONS))}')
    if len(packages) != (action == "init"):
        raise CheckError("option", "init takes the root package; check and graph take none: the configuration names them")
    options.action, options.package = action, "".join(packages)


def host() -> ModuleType:
    """What runs the contracts. Raises CheckError where its library is missing."""
    try:
        from holdfast.hosts import module_boundaries
    except ImportError as error:
        raise CheckError("option", "contracts need the extra `import-linter`: pip install 'holdfast[import-linter]'") from error
    return module_boundaries


def _graph(options: SimpleNamespace, drawings: list[Drawing]) -> int:
    """Write a drawing a contract; for SVG there can be only one."""
    from holdfast.formats import drawing

    form = options.drawing or "mermaid"
    if form == "svg" and len(drawings) > 1:
        raise CheckError("option", "an SVG file holds one drawing: name the contract with --contract")
    document = "\n".join(drawing.write(one, form) for one in drawings)
    if options.output:
        output.write_file(options.output, document)
    else:
        sys.stdout.write(document)
    return 0


def _init(options: SimpleNamespace, found: Proposal) -> int:
    """Show the proposed contract; the configuration is the team's to write."""
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
        f"holdfast: {units} in {found.container}, {len(found.core)} core. Put this into pyproject.toml and correct it; then "
        "`holdfast contracts` says what breaks it, and `holdfast baseline write --contracts` makes that known\n"
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
