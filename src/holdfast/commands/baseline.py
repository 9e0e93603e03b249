"""`holdfast baseline`: accept findings as known, remove fixed ones from the baseline, or count them."""

from __future__ import annotations

import os
import sys

from holdfast import files
from holdfast.baseline.document import to_text
from holdfast.baseline.file import BaselineFile, load
from holdfast.code import discovery
from holdfast.commands import selection
from holdfast.engine.report import match_report
from holdfast.engine.run import run as run_rules
from holdfast.formats import text
from holdfast.record import Record
from holdfast.rule import CheckError, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable
    from types import SimpleNamespace

    from holdfast.baseline.entries import Entry
    from holdfast.baseline.matching import Matched
    from holdfast.engine.config import Config
    from holdfast.engine.report import Report

ACTIONS = {
    "write": "accept all current findings as known",
    "prune": "remove the entries of fixed findings, and add nothing",
    "status": "count the known, stale and new findings of each rule",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    actions = parser.add_subparsers(prog=parser.prog, metavar="ACTION", dest="action", required=True)
    for name, summary in ACTIONS.items():
        action = actions.add_parser(name, help=summary, description=summary, formatter_class=parser.formatter_class)
        action.add_argument("paths", nargs="*", metavar="PATH", help="files and folders (default: the working directory)")
        selection.add_arguments(action)
        source = action.add_mutually_exclusive_group()
        source.add_argument("--tools", action="store_true", help="use the findings of the tools that `holdfast ratchet` runs")
        source.add_argument("--contracts", action="store_true", help="use the findings of `holdfast contracts`")
        action.add_argument(
            "--source-root", action="append", default=[], metavar="FOLDER", help="for --contracts, as in `holdfast contracts`"
        )
        if name == "write":
            action.add_argument("--force", action="store_true", help="also write in CI, and if the baseline grows")


def run(options: SimpleNamespace) -> int:
    """Run the action. Exit code 2, and nothing is written: something could not be checked."""
    force = options.action != "write" or options.force
    if not force and os.environ.get("CI", "").lower() not in {"", "0", "false"}:
        raise CheckError("option", "refusing to write a baseline in CI, where nobody reviews it: run this locally, or use --force")
    is_of_other_source = options.tools or options.contracts
    if is_of_other_source and (options.paths or options.select or options.ignore or options.scope):
        raise CheckError(
            "option", "--tools and --contracts check everything: remove the paths, --select, --ignore and --scope from the command"
        )
    if options.contracts and not options.root:
        options.root = _working_directory_with_contracts()
    paths = [os.path.abspath(path) for path in options.paths or [(is_of_other_source and options.root) or "."]]
    root, config = selection.root_and_config(options, paths)
    report, baselines = _matched_baselines(config, root, paths, options)
    sys.stderr.write("".join(text.write_error(error, root) for error in report.errors))
    if report.errors:
        sys.stderr.write("holdfast: not everything was checked, so the baseline was not changed\n")
        return 2
    if options.action == "status":
        sys.stdout.write(_table([baseline.matched for baseline in baselines]))
        return 0
    if options.action == "prune":
        for baseline in baselines:
            _prune(baseline, root)
        return 0
    growing = [] if options.force else [baseline for baseline in baselines if baseline.is_growing(is_of_other_source)]
    for baseline in growing or baselines:
        if growing:
            sys.stdout.write(text.write(report.replace(findings=baseline.matched.findings)))
            more = f"would accept {_findings(len(baseline.new))} more: fix them, or use --force"
            sys.stderr.write(f"holdfast: {baseline.path} exists and {more}\n")
        else:
            _adopt(baseline, root)
    return int(bool(growing))


class _Matched(Record):
    """A baseline file, None if it does not exist, and the findings matched with its entries."""

    path: str
    file: BaselineFile | None
    matched: Matched

    @property
    def new(self) -> list[Finding]:
        """The findings that the baseline does not accept."""
        return [finding for finding in self.matched.findings if finding.status == "new"]

    def is_growing(self, is_of_other_source: bool) -> bool:
        """Whether an existing baseline would get more entries of a kind (rules, tools or contracts) that it already has."""
        if self.file is None or not self.new:
            return False
        entries = self.file.entries
        if is_of_other_source:
            return any(map(self.matched.is_judged, entries))
        return not entries or not all(entry.contract or ":" in entry.rule for entry in entries)


def _working_directory_with_contracts() -> str | None:
    """The working directory, if it has contracts: in a repository of several projects, each has a baseline of its own."""
    from holdfast.commands import contracts

    try:
        contracts.host().linter_config.find(os.getcwd())
    except CheckError:
        return None
    return os.getcwd()


def _matched_baselines(config: Config, root: str, paths: list[str], options: SimpleNamespace) -> tuple[Report, list[_Matched]]:
    """The findings of rules, tools or contracts, and every baseline concerned: contracts may have baselines of their own."""
    if options.contracts:
        from holdfast.commands import contracts

        answer = contracts.host().run_without_baseline(root, tuple(options.source_root))
        judged = [path for path, ids in answer.ids.items() if ids] or [""]
        by_path = {path: _load(root, path or config.baseline) for path in judged}
        return answer.report, [
            _Matched(path=path or config.baseline, file=file, matched=answer.against(file.entries if file else (), path))
            for path, file in by_path.items()
        ]
    path, file = config.baseline, _load(root, config.baseline)
    config = config.replace(baseline="")
    if options.tools:
        from holdfast.ratchet.run import run as run_tools

        report = run_tools(config, root)
    else:
        report = run_rules(config, root, paths)
    return report, [_Matched(path=path, file=file, matched=match_report(report, file.entries if file else ()))]


def _load(root: str, path: str) -> BaselineFile | None:
    return load(root, path) if os.path.lexists(os.path.join(root, path)) else None


def _adopt(baseline: _Matched, root: str) -> None:
    """Write all findings to the baseline."""
    entries = baseline.matched.adopted()
    _write(root, baseline.path, entries)
    names = [finding.rule for finding in baseline.new]
    counts = ", ".join(f"{name} {names.count(name)}" for name in sorted(set(names)))
    by_rule = f" ({counts})" if counts else ""
    sys.stderr.write(f"holdfast: accepted {_findings(len(names))}{by_rule}; {_total(baseline.path, entries)}\n")


def _prune(baseline: _Matched, root: str) -> None:
    """Write the remaining entries, if this changes the file."""
    if baseline.file is None:
        sys.stderr.write("holdfast: there is no baseline\n")
        return
    entries = baseline.matched.pruned()
    if to_text(entries) != baseline.file.text:
        _write(root, baseline.file.path, entries)
    removed = sum(entry.times for entry in baseline.file.entries) - sum(entry.times for entry in entries)
    sys.stderr.write(f"holdfast: removed {_findings(removed)}; {_total(baseline.path, entries)}\n")


def _write(root: str, path: str, entries: Iterable[Entry]) -> None:
    try:
        top = discovery.checkout_of(root) or root
        files.write_below(top, os.path.relpath(os.path.join(root, path), top), to_text(entries).encode())
    except OSError as error:
        raise CheckError("option", f"cannot write the baseline: {error.strerror}", path) from error


def _findings(number: int) -> str:
    return text.count(number, "finding")


def _total(path: str, entries: Iterable[Entry]) -> str:
    return f"{path} now contains {_findings(sum(entry.times for entry in entries))}"


def _table(results: list[Matched]) -> str:
    """The numbers of known, stale and new findings, one line per rule. Entries that were not judged do not count."""
    rows: dict[str, dict[str, int]] = {}
    for finding in (finding for matched in results for finding in matched.findings):
        if finding.status in {"known", "new"}:
            row = rows.setdefault(finding.rule, {})
            row[finding.status] = row.get(finding.status, 0) + 1
    for entry, left in (stale for matched in results for stale in matched.stale()):
        row = rows.setdefault(entry.rule, {})
        row["stale"] = row.get("stale", 0) + entry.times - left
    kinds = ("known", "stale", "new")
    width = max(map(len, rows), default=4)
    lines = [f"{name:<{width}}" + "".join(f"  {row.get(kind, 0):>5}" for kind in kinds) for name, row in sorted(rows.items())]
    return "\n".join([f"{'rule':<{width}}" + "".join(f"  {kind:>5}" for kind in kinds), *lines]) + "\n"
