"""`holdfast contracts`: module boundaries, by the contracts of import-linter's configuration."""

from __future__ import annotations

import argparse
import os
import sys

from holdfast.commands import output
from holdfast.formats import text
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.hosts import module_boundaries

ACTIONS = ("check", "init", "graph")


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument(
        "action",
        nargs="?",
        choices=ACTIONS,
        default="check",
        help="check the contracts (default), propose some (init), or draw the units (graph)",
    )
    parser.add_argument("package", nargs="?", metavar="PACKAGE", help="for init: the root package")
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
    output.arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Check, propose or draw; returns the exit code."""
    if options.action != "init" and options.package:
        raise CheckError("option", f"{options.action} takes no package: the configuration names them")
    try:
        from holdfast.hosts import module_boundaries as host
    except ImportError as error:
        raise CheckError("option", "contracts need the extra `import-linter`: pip install 'holdfast[import-linter]'") from error
    config = os.path.abspath(options.config) if options.config else host.configuration(os.getcwd())
    if not os.path.isfile(config):
        raise CheckError("option", "the configuration does not exist", options.config)
    answer = host.run(
        host.Wanted(
            config=config,
            contracts=tuple(options.contract),
            files=None if options.files is None else tuple(map(os.path.abspath, options.files)),
            places=tuple(options.source_root),
            trusting=options.trust_contract_types,
            cached=not options.no_cache,
        )
    )
    output.write(answer.report, options, summary=_summary(answer))
    if options.format in (None, "text"):
        sys.stdout.write(answer.said)
    return answer.report.exit_code("warning")


def _summary(answer: module_boundaries.Answer) -> str:
    """One line about the whole run, for standard error."""
    report = answer.report
    parts = [f"{text.count(answer.kept, 'contract')} kept, {answer.broken} broken", text.count(len(report.new()), "finding")]
    known, exempt = (sum(finding.status == status for finding in report.findings) for status in ("known", "exempt"))
    parts += [f"{known} known (baseline)"] if known else []
    parts += [f"{exempt} exempt"] if exempt else []
    parts += [f"{text.count(len(report.errors), 'error')}: not everything was checked"] if report.errors else []
    return f"holdfast: {', '.join(parts)}\n"
