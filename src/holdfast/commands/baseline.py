"""`holdfast baseline`: adopt findings as known, take out what was fixed, show how many there are."""

from __future__ import annotations

import argparse
import os
import sys

from holdfast import baseline, engine, files, known
from holdfast.commands import selection
from holdfast.formats import text
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from holdfast.baseline import Entry, Matched
    from holdfast.config import Config
    from holdfast.engine import Report

ACTIONS = {
    "write": "adopt all current findings as known",
    "prune": "take out what was fixed; never adds anything",
    "status": "count known, stale and new findings by rule",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    actions = parser.add_subparsers(prog=parser.prog, metavar="ACTION", dest="action", required=True)
    for name, summary in ACTIONS.items():
        action = actions.add_parser(name, help=summary, description=summary, formatter_class=parser.formatter_class)
        action.add_argument("paths", nargs="*", metavar="PATH", help="files and folders (default: the working directory)")
        selection.arguments(action)
        instead = action.add_mutually_exclusive_group()
        instead.add_argument("--tools", action="store_true", help="run the tools of the ratchet instead of rules")
        instead.add_argument("--contracts", action="store_true", help="check the contracts about imports instead of rules")
        action.add_argument(
            "--source-root", action="append", default=[], metavar="FOLDER", help="for --contracts: as for `holdfast contracts`"
        )
        if name == "write":
            action.add_argument("--force", action="store_true", help="write in CI, too, and add to a baseline that is there")


def run(options: argparse.Namespace) -> int:
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
    stored = known.load(root, config.baseline) if os.path.lexists(os.path.join(root, config.baseline)) else None
    report, matched = _held(config.replace(baseline=""), root, paths, stored.entries if stored else (), options)
    sys.stderr.write("".join(text.write_error(error, root) for error in report.errors))
    if report.errors:
        sys.stderr.write("holdfast: not everything was checked, so the baseline is left as it is\n")
        return 2
    if options.action == "status":
        sys.stdout.write(_table(matched))
        return 0
    new = [finding for finding in matched.findings if finding.status == "new"]
    if options.action == "prune":
        return _prune(stored, matched, root)
    first = stored is not None and _first(stored, matched, whole)
    if stored and new and not options.force and not first:
        sys.stdout.write(text.write(report.replace(findings=matched.findings)))
        sys.stderr.write(
            f"holdfast: {config.baseline} is there and would get {_counted(len(new))} more: fix them, or use --force\n"
        )
        return 1
    entries = matched.adopted()
    _write(root, config.baseline, entries)
    rules = ", ".join(f"{name} {sum(finding.rule == name for finding in new)}" for name in sorted({found.rule for found in new}))
    sys.stderr.write(
        f"holdfast: {_counted(len(new))} adopted{f' ({rules})' if rules else ''}; {_stand(config.baseline, entries)}\n"
    )
    return 0


def _with_contracts() -> str | None:
    """The working directory, where it has contracts: in a repository of several projects each has its own baseline for them."""
    from holdfast.commands import contracts

    try:
        contracts.host().configuration(os.getcwd())
    except CheckError:
        return None
    return os.getcwd()


def _first(stored: known.Stored, matched: Matched, whole: bool) -> bool:
    """Whether a file that is there holds nothing of this kind yet: just what rules, or contracts or tools, have adopted."""
    if whole:
        return not any(map(matched.judged, stored.entries))
    return stored.entries != () and all(entry.contract or ":" in entry.rule for entry in stored.entries)


def _held(
    config: Config, root: str, paths: list[str], entries: Sequence[Entry], options: argparse.Namespace
) -> tuple[Report, Matched]:
    """What rules, tools or contracts find, held against the entries."""
    if options.contracts:
        from holdfast.commands import contracts

        answer = contracts.host().run_unheld(root, tuple(options.source_root))
        return answer.report, answer.against(entries)
    if options.tools:
        from holdfast import ratchet

        report = ratchet.run(config, root)
    else:
        report = engine.run(config, root, paths)
    return report, engine.against(report, entries)


def _prune(stored: known.Stored | None, matched: Matched, root: str) -> int:
    """Write the entries that are left, where that changes the file."""
    if stored is None:
        sys.stderr.write("holdfast: there is no baseline\n")
        return 0
    entries = matched.pruned()
    if baseline.written(entries) != stored.text:
        _write(root, stored.path, entries)
    gone = sum(entry.times for entry in stored.entries) - sum(entry.times for entry in entries)
    sys.stderr.write(f"holdfast: {_counted(gone)} taken out; {_stand(stored.path, entries)}\n")
    return 0


def _write(root: str, path: str, entries: Iterable[Entry]) -> None:
    try:
        files.write(os.path.join(root, path), baseline.written(entries).encode())
    except OSError as error:
        raise CheckError("option", f"the baseline cannot be written: {error.strerror}", path) from error


def _counted(number: int) -> str:
    return text.count(number, "finding")


def _stand(path: str, entries: Iterable[Entry]) -> str:
    return f"{path} knows {_counted(sum(entry.times for entry in entries))}"


def _table(matched: Matched) -> str:
    """Known, stale and new findings, one line a rule; entries that were not judged count as neither."""
    rows: dict[str, dict[str, int]] = {}
    for finding in matched.findings:
        if finding.status in {"known", "new"}:
            row = rows.setdefault(finding.rule, {})
            row[finding.status] = row.get(finding.status, 0) + 1
    for entry, left in matched.stale():
        row = rows.setdefault(entry.rule, {})
        row["stale"] = row.get("stale", 0) + entry.times - left
    kinds = ("known", "stale", "new")
    width = max(map(len, rows), default=4)
    lines = [f"{name:<{width}}" + "".join(f"  {row.get(kind, 0):>5}" for kind in kinds) for name, row in sorted(rows.items())]
    return "\n".join([f"{'rule':<{width}}" + "".join(f"  {kind:>5}" for kind in kinds), *lines]) + "\n"
