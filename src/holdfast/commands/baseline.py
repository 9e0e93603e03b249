"""`holdfast baseline`: adopt findings as known, take out what was fixed, show how many there are."""

from __future__ import annotations

import os
import sys

from holdfast import files
from holdfast.baseline import entries as baseline, stored as known
from holdfast.commands import selection
from holdfast.engine import report as reports, run as engine
from holdfast.formats import text
from holdfast.record import Record
from holdfast.rule import CheckError, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable
    from types import SimpleNamespace

    from holdfast.baseline.entries import Entry, Matched
    from holdfast.engine.config import Config
    from holdfast.engine.report import Report

ACTIONS = {
    "write": "adopt all current findings as known",
    "prune": "take out what was fixed; never adds anything",
    "status": "count known, stale and new findings by rule",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    actions = parser.add_subparsers(prog=parser.prog, metavar="ACTION", dest="action", required=True)
    for name, summary in ACTIONS.items():
        action = actions.add_parser(name, help=summary, description=summary, formatter_class=parser.formatter_class)
        action.add_argument("paths", nargs="*", metavar="PATH", help="files and folders (default: the working directory)")
        selection.add_arguments(action)
        instead = action.add_mutually_exclusive_group()
        instead.add_argument("--tools", action="store_true", help="run the tools of the ratchet instead of rules")
        instead.add_argument("--contracts", action="store_true", help="check the contracts about imports instead of rules")
        action.add_argument(
            "--source-root", action="append", default=[], metavar="FOLDER", help="for --contracts: as for `holdfast contracts`"
        )
        if name == "write":
            action.add_argument("--force", action="store_true", help="write in CI, too, and add to a baseline that is there")


def run(options: SimpleNamespace) -> int:
    """Look at the files and do it; exit code 2, and nothing written, where anything could not be checked."""
    force = options.action != "write" or options.force
    if not force and os.environ.get("CI", "").lower() not in {"", "0", "false"}:
        raise CheckError("option", "in CI a baseline is not written: adopt findings where somebody looks at them (or use --force)")
    whole = options.tools or options.contracts
    if whole and (options.paths or options.select or options.ignore or options.scope):
        raise CheckError(
            "option", "--tools and --contracts look at everything: they go with no path, --select, --ignore or --scope"
        )
    if options.contracts and not options.root:
        options.root = _with_contracts()
    paths = [os.path.abspath(path) for path in options.paths or [(whole and options.root) or "."]]
    root, config = selection.root_and_config(options, paths)
    report, held = _held(config, root, paths, options)
    sys.stderr.write("".join(text.write_error(error, root) for error in report.errors))
    if report.errors:
        sys.stderr.write("holdfast: not everything was checked, so the baseline is left as it is\n")
        return 2
    if options.action == "status":
        sys.stdout.write(_table([one.matched for one in held]))
        return 0
    if options.action == "prune":
        for one in held:
            _prune(one, root)
        return 0
    refused = [] if options.force else [one for one in held if one.grows(whole)]
    for one in refused or held:
        if refused:
            sys.stdout.write(text.write(report.replace(findings=one.matched.findings)))
            more = f"would get {_counted(len(one.new))} more: fix them, or use --force"
            sys.stderr.write(f"holdfast: {one.path} is there and {more}\n")
        else:
            _adopt(one, root)
    return int(bool(refused))


class _Held(Record):
    """A baseline file, and the findings held against it."""

    path: str
    stored: known.Stored | None
    matched: Matched

    @property
    def new(self) -> list[Finding]:
        """What the file does not know."""
        return [finding for finding in self.matched.findings if finding.status == "new"]

    def grows(self, whole: bool) -> bool:
        """Whether a file that is there would get more of what it has; not if it has just adopted rules, or contracts or tools."""
        if self.stored is None or not self.new:
            return False
        entries = self.stored.entries
        if whole:
            return any(map(self.matched.judged, entries))
        return not entries or not all(entry.contract or ":" in entry.rule for entry in entries)


def _with_contracts() -> str | None:
    """The working directory, where it has contracts: in a repository of several projects each has its own baseline for them."""
    from holdfast.commands import contracts

    try:
        contracts.host().configuration(os.getcwd())
    except CheckError:
        return None
    return os.getcwd()


def _held(config: Config, root: str, paths: list[str], options: SimpleNamespace) -> tuple[Report, list[_Held]]:
    """What rules, tools or contracts find, and that held against each baseline; contracts may have baselines of their own."""
    if options.contracts:
        from holdfast.commands import contracts

        answer = contracts.host().run_unheld(root, tuple(options.source_root))
        judged = [path for path, ids in answer.ids.items() if ids] or [""]
        stored = {path: _stored(root, path or config.baseline) for path in judged}
        return answer.report, [
            _Held(path=path or config.baseline, stored=one, matched=answer.against(one.entries if one else (), path))
            for path, one in stored.items()
        ]
    one = _stored(root, config.baseline)
    bare = config.replace(baseline="")
    if options.tools:
        from holdfast.ratchet import run as ratchet

        report = ratchet.run(bare, root)
    else:
        report = engine.run(bare, root, paths)
    return report, [_Held(path=config.baseline, stored=one, matched=reports.against(report, one.entries if one else ()))]


def _stored(root: str, path: str) -> known.Stored | None:
    return known.load(root, path) if os.path.lexists(os.path.join(root, path)) else None


def _adopt(held: _Held, root: str) -> None:
    """Write all that was found."""
    entries = held.matched.adopted()
    _write(root, held.path, entries)
    names = [finding.rule for finding in held.new]
    rules = ", ".join(f"{name} {names.count(name)}" for name in sorted(set(names)))
    sys.stderr.write(f"holdfast: {_counted(len(names))} adopted{f' ({rules})' if rules else ''}; {_stand(held.path, entries)}\n")


def _prune(held: _Held, root: str) -> None:
    """Write the entries that are left, where that changes the file."""
    if held.stored is None:
        sys.stderr.write("holdfast: there is no baseline\n")
        return
    entries = held.matched.pruned()
    if baseline.written(entries) != held.stored.text:
        _write(root, held.stored.path, entries)
    gone = sum(entry.times for entry in held.stored.entries) - sum(entry.times for entry in entries)
    sys.stderr.write(f"holdfast: {_counted(gone)} taken out; {_stand(held.stored.path, entries)}\n")


def _write(root: str, path: str, entries: Iterable[Entry]) -> None:
    try:
        files.write(os.path.join(root, path), baseline.written(entries).encode())
    except OSError as error:
        raise CheckError("option", f"the baseline cannot be written: {error.strerror}", path) from error


def _counted(number: int) -> str:
    return text.count(number, "finding")


def _stand(path: str, entries: Iterable[Entry]) -> str:
    return f"{path} knows {_counted(sum(entry.times for entry in entries))}"


def _table(held: list[Matched]) -> str:
    """Known, stale and new findings, one line a rule; entries that were not judged count as neither."""
    rows: dict[str, dict[str, int]] = {}
    for finding in (finding for matched in held for finding in matched.findings):
        if finding.status in {"known", "new"}:
            row = rows.setdefault(finding.rule, {})
            row[finding.status] = row.get(finding.status, 0) + 1
    for entry, left in (stale for matched in held for stale in matched.stale()):
        row = rows.setdefault(entry.rule, {})
        row["stale"] = row.get("stale", 0) + entry.times - left
    kinds = ("known", "stale", "new")
    width = max(map(len, rows), default=4)
    lines = [f"{name:<{width}}" + "".join(f"  {row.get(kind, 0):>5}" for kind in kinds) for name, row in sorted(rows.items())]
    return "\n".join([f"{'rule':<{width}}" + "".join(f"  {kind:>5}" for kind in kinds), *lines]) + "\n"
