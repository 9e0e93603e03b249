"""`holdfast baseline`: accept findings as known, remove fixed ones from the baseline, or count them."""

from __future__ import annotations

import os
import sys

from holdfast import files, rules
from holdfast.baseline.document import to_text
from holdfast.baseline.entries import merged
from holdfast.baseline.file import BaselineFile, load, place_of
from holdfast.baseline.merging import difference
from holdfast.code import discovery
from holdfast.commands import baseline_in_git, selection
from holdfast.engine import config as configuration
from holdfast.engine.projects import Share, require_rules
from holdfast.engine.report import Report, match_report
from holdfast.engine.run import run_share
from holdfast.formats import text
from holdfast.record import Record
from holdfast.rule import CheckError, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable
    from types import SimpleNamespace

    from holdfast.baseline.entries import Entry
    from holdfast.baseline.matching import Matched
    from holdfast.engine.config import Config

ACTIONS = {
    "write": "accept all current findings as known",
    "prune": "remove the entries of fixed findings, and add nothing",
    "status": "count the known, stale and new findings of each rule, and the dead entries",
}
SOURCES = ("rules", "tools", "contracts")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    actions = parser.add_subparsers(prog=parser.prog, metavar="ACTION", dest="action", required=True)
    for name, summary in ACTIONS.items():
        action = actions.add_parser(name, help=summary, description=summary, formatter_class=parser.formatter_class)
        action.add_argument("paths", nargs="*", metavar="PATH", help="files and folders (default: the working directory)")
        selection.add_arguments(action)
        action.add_argument(
            "--only",
            action="append",
            default=[],
            metavar="SOURCE",
            help="use only the findings of rules, tools or contracts, or of a tool or its codes (`ruff:UP`); may be repeated",
        )
        for source in ("tools", "contracts"):
            action.add_argument(
                f"--{source}", action="append_const", dest="only", const=source, help=f"the same as --only {source}"
            )
        action.add_argument("--source-root", action="append", default=[], metavar="FOLDER", help="as in `holdfast contracts`")
        if name == "write":
            action.add_argument("--force", action="store_true", help="also write in CI, and if the baseline grows")
        if name == "prune":
            action.add_argument("--dead", action="store_true", help="also remove entries that no run can judge; see `status`")
    baseline_in_git.add_actions(actions, parser.formatter_class)


def run(options: SimpleNamespace) -> int:
    """Run the action. Exit code 2, and nothing is written: something could not be checked."""
    force = options.action != "write" or options.force
    if not force and os.environ.get("CI", "").lower() not in {"", "0", "false"}:
        raise CheckError("option", "refusing to write a baseline in CI, where nobody reviews it: run this locally, or use --force")
    tools = [one for one in options.only if one not in SOURCES]
    options.only = [source for source in SOURCES if source in options.only or (source == "tools" and tools)]
    is_partial = bool(options.paths or options.select or options.ignore or options.scope)
    if is_partial and (set(options.only) - {"rules"} or getattr(options, "dead", False)):
        raise CheckError(
            "option",
            "--only tools, --only contracts and --dead check everything: remove the paths, --select, --ignore and --scope",
        )
    if options.only == ["contracts"] and not options.root:
        options.root = _working_directory_with_contracts()
    paths = [os.path.abspath(path) for path in options.paths or [("rules" not in options.only and options.root) or "."]]
    projects = selection.projects(options)
    if options.only and "rules" not in options.only:
        root = projects.root_of(paths[0])
        shares = [Share(root=root, config=projects.config(root))]
    else:
        shares = projects.shares(paths, [])
        require_rules([share.config for share in shares])
    codes = []
    for share in shares:
        if len(shares) > 1:
            sys.stderr.write(f"holdfast: project {text.shown_path(share.root, '.')}\n")
        codes.append(_run(options, share, tools, is_partial))
    return max(codes, default=0)


def _run(options: SimpleNamespace, share: Share, tools: list[str], is_partial: bool) -> int:
    """Write, prune or count the baselines of one project, and return the exit code."""
    root, config = share.root, share.config
    configured = _configured(config, root) if len(options.only) != 1 and not is_partial else ("rules",)
    sources = [source for source in configured if source in options.only] if len(options.only) > 1 else options.only or configured
    reports: list[Report] = []
    baselines: list[_Matched] = []
    for source in sources:
        report, found = _matched_baselines(source, share, options, tools)
        reports.append(report)
        baselines += found
    errors = [error for report in reports for error in report.errors]
    sys.stderr.write("".join(text.write_error(error, root) for error in errors))
    if errors:
        others = "" if options.only else f"; `--only {sources[0]}` leaves the other findings out" if len(sources) > 1 else ""
        sys.stderr.write(f"holdfast: not everything was checked, so the baseline was not changed{others}\n")
        return 2
    by_path: dict[str, list[_Matched]] = {}
    for baseline in baselines:
        by_path.setdefault(baseline.path, []).append(baseline)
    if options.action == "status":
        sys.stdout.write(_table([baseline.matched for baseline in baselines]))
        sys.stdout.write("" if is_partial else _dead_lines(by_path, config))
    if options.action == "prune":
        for parts in by_path.values():
            _prune(parts, root, _dead(parts, config) if options.dead else {})
    return _accept(baselines, by_path, root, force=options.force) if options.action == "write" else 0


def _accept(baselines: list[_Matched], by_path: dict[str, list[_Matched]], root: str, *, force: bool) -> int:
    """Write all findings. Exit code 1, and nothing is written: a baseline would grow."""
    growing = [] if force else [baseline for baseline in baselines if baseline.is_growing()]
    for baseline in growing:
        sys.stdout.write(text.write(Report(root=root, findings=baseline.matched.findings)))
        more = f"would accept {_findings(len(baseline.new))} more: fix them, or use --force"
        sys.stderr.write(f"holdfast: {text.shown_path(root, baseline.path)} exists and {more}\n")
    if not growing:
        for parts in by_path.values():
            _adopt(parts, root)
    return int(bool(growing))


class _Matched(Record):
    """A baseline file, None if it does not exist, and the findings of one source matched with its entries."""

    source: str
    path: str
    file: BaselineFile | None
    matched: Matched

    @property
    def new(self) -> list[Finding]:
        """The findings that the baseline does not accept."""
        return [finding for finding in self.matched.findings if finding.status == "new"]

    def is_growing(self) -> bool:
        """Whether an existing baseline would get more entries of a kind (rules, tools or contracts) that it already has."""
        if self.file is None or not self.new:
            return False
        entries = self.file.entries
        if self.source != "rules":
            return any(map(self.matched.is_judged, entries))
        return not entries or any(_source_of(entry) == "rules" for entry in entries)


def _source_of(entry: Entry) -> str:
    return "contracts" if entry.contract else "tools" if ":" in entry.rule else "rules"


def _configured(config: Config, root: str) -> tuple[str, ...]:
    """The sources that the project uses. Contracts count if the configuration names a type of ours, and the extra is installed."""
    found = ["rules", *(["tools"] if config.tools else [])]
    if _has_contracts(root):
        found.append("contracts")
    return tuple(found)


def _has_contracts(root: str) -> bool:
    from holdfast.commands import contracts

    try:
        path = contracts.host().linter_config.find(root)
    except CheckError:
        return False
    with open(path, encoding="utf-8", errors="replace") as file:
        return "holdfast.hosts.import_linter" in file.read()


def _working_directory_with_contracts() -> str | None:
    """The working directory, if it has contracts: in a repository of several projects, each has a baseline of its own."""
    from holdfast.commands import contracts

    try:
        contracts.host().linter_config.find(os.getcwd())
    except CheckError:
        return None
    return os.getcwd()


def _matched_baselines(source: str, share: Share, options: SimpleNamespace, tools: list[str]) -> tuple[Report, list[_Matched]]:
    """The findings of rules, tools or contracts, and every baseline concerned: contracts may have baselines of their own.

    tools: the tools or codes to which the findings of tools are limited; empty for all.
    """
    root, config = share.root, share.config
    if source == "contracts":
        from holdfast.commands import contracts

        answer = contracts.host().run_without_baseline(root, tuple(options.source_root))
        judged = [path for path, ids in answer.ids.items() if ids] or [""]
        by_path = {path: _load(root, path or config.baseline) for path in judged}
        return answer.report, [
            _Matched(
                source=source, path=path or config.baseline, file=file, matched=answer.against(file.entries if file else (), path)
            )
            for path, file in by_path.items()
        ]
    path, file = config.baseline, _load(root, config.baseline)
    config = config.replace(baseline="")
    if source == "tools":
        from holdfast.ratchet.run import run as run_tools

        report = run_tools(config, root, tools)
    else:
        report = run_share(share.replace(config=config))
    return report, [_Matched(source=source, path=path, file=file, matched=match_report(report, file.entries if file else ()))]


def _load(root: str, path: str) -> BaselineFile | None:
    return load(root, path) if os.path.lexists(os.path.join(root, path)) else None


def _combined(parts: list[_Matched], changed: Callable[[Matched], list[Entry]]) -> list[Entry]:
    """The entries of a baseline after a change by each source, which concerns only the source's own entries."""
    sources = {part.source for part in parts}
    kept = [entry for entry in (parts[0].file.entries if parts[0].file else ()) if _source_of(entry) not in sources]
    return merged([*kept, *(entry for part in parts for entry in changed(part.matched) if _source_of(entry) == part.source)])


def _adopt(parts: list[_Matched], root: str) -> None:
    """Write all findings to the baseline."""
    entries = _combined(parts, lambda matched: matched.adopted())
    _write(root, parts[0].path, entries)
    names = [finding.rule for part in parts for finding in part.new]
    counts = ", ".join(f"{name} {names.count(name)}" for name in sorted(set(names)))
    by_rule = f" ({counts})" if counts else ""
    sys.stderr.write(f"holdfast: accepted {_findings(len(names))}{by_rule}; {_total(root, parts[0].path, entries)}\n")


def _prune(parts: list[_Matched], root: str, dead: dict[int, str]) -> None:
    """Write the remaining entries, if this changes the file. dead: the numbers of entries to remove as well."""
    file = parts[0].file
    if file is None:
        sys.stderr.write("holdfast: there is no baseline\n")
        return
    entries = [entry for entry in _combined(parts, lambda matched: matched.pruned()) if entry.number not in dead]
    found = difference(file.entries, entries)
    lowered = f" and lowered {text.count(len(found.lowered), 'limit')}" if found.lowered else ""
    stage = ""
    if to_text(entries) != file.text:
        _write(root, file.path, entries)
        stage = f"; stage the baseline: git add {text.printable(os.path.relpath(os.path.join(root, file.path)))}"
    sys.stderr.write(f"holdfast: removed {_findings(len(found.removed))}{lowered}; {_total(root, file.path, entries)}{stage}\n")


def _write(root: str, path: str, entries: Iterable[Entry]) -> None:
    try:
        top = discovery.checkout_of(root) or root
        files.write_below(top, os.path.relpath(os.path.join(root, path), top), to_text(entries).encode())
    except OSError as error:
        raise CheckError("option", f"cannot write the baseline: {error.strerror}", path) from error


def _findings(number: int) -> str:
    return text.count(number, "finding")


def _total(root: str, path: str, entries: Iterable[Entry]) -> str:
    return f"{text.shown_path(root, path)} now contains {_findings(sum(entry.times for entry in entries))}"


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


# -- entries that no run can judge


def _dead(parts: list[_Matched], config: Config) -> dict[int, str]:
    """The entries that no run with this configuration can judge, by their number in the file, each with the reason."""
    file = parts[0].file
    if file is None:
        return {}
    known = {part.source: part for part in parts}
    selected = {rule.name for rule in (*configuration.selected(config.replace(scope="")), *rules.own())}
    found: dict[int, str] = {}
    for entry in file.entries:
        if entry.contract:
            of_contracts = known.get("contracts")
            if of_contracts and not of_contracts.matched.is_judged(entry):
                found[entry.number] = f"there is no contract with the id {entry.contract[0]}"
        elif ":" in entry.rule:
            tool = entry.rule.partition(":")[0]
            if tool not in config.tools:
                found[entry.number] = f"{tool} is not configured in [tool.holdfast.tools]"
        elif entry.rule not in selected:
            found[entry.number] = "the rule is not selected"
        elif discovery.matches(entry.path, config.exclude):
            found[entry.number] = "the file is excluded"
    return found


def _dead_lines(by_path: dict[str, list[_Matched]], config: Config) -> str:
    """One line for each dead entry, and how to remove them."""
    lines: list[str] = []
    for parts in by_path.values():
        dead = _dead(parts, config)
        entries = parts[0].file.entries if parts[0].file else ()
        lines += [f"dead: {entry.rule} in {place_of(entry)}: {dead[entry.number]}" for entry in entries if entry.number in dead]
    lines += ["`holdfast baseline prune --dead` removes the dead entries"] if lines else []
    return "".join(f"{text.printable(line)}\n" for line in lines)
