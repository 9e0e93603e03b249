"""The one pipeline of every host: path, Source, prefilter, rule, findings, exemptions, report."""

from __future__ import annotations

import gc
import os
import re

from holdfast import rules as registry
from holdfast.code import discovery
from holdfast.code.source import Source, other_encoding
from holdfast.engine import config as configuration, exemptions as exempt
from holdfast.record import Record
from holdfast.rule import LEVELS, CheckError, Count, Finding, Options, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from holdfast.baseline.entries import Entry, Matched
    from holdfast.code.project import Project
    from holdfast.engine.changes import Changes
    from holdfast.engine.config import Config

PARALLEL_FROM = 1_500_000
"""Bytes of source from which other processes are worth their start."""
LONGEST_FRAME = 200

Chosen = tuple[Rule, Options]


class Report(Record):
    """What a run found. Findings and errors are sorted; files and excluded are counts; notes are for people.

    rules: the names of those that ran. looked_at: the paths of the files. whole: whether that was everything below the root.
    counts: the ratchet's, by rule.
    """

    root: str
    findings: tuple[Finding, ...] = ()
    errors: tuple[CheckError, ...] = ()
    files: int = 0
    excluded: int = 0
    notes: tuple[str, ...] = ()
    rules: frozenset[str] = frozenset()
    looked_at: frozenset[str] = frozenset()
    whole: bool = False
    counts: tuple[Count, ...] = ()

    def new(self) -> tuple[Finding, ...]:
        """The findings that no comment exempts and no baseline knows."""
        return tuple(finding for finding in self.findings if finding.status == "new")

    def exit_code(self, fail_on: str) -> int:
        """2 with any error, else 1 with a new finding at this level or above, else 0."""
        if self.errors:
            return 2
        return int(any(LEVELS.index(finding.level) >= LEVELS.index(fail_on) for finding in self.new()))


class Outcome(Record):
    """What came of one file."""

    findings: tuple[Finding, ...] = ()
    errors: tuple[CheckError, ...] = ()


# -- one file


def check_source(source: Source, chosen: Iterable[Chosen], *, prefilter: bool = True) -> Outcome:
    """Run file rules over one file: the whole of what a host needs. Exempted findings are marked, not dropped.

    Without the prefilter every file is parsed: slower, with the same findings (a test looks).
    """
    chosen = tuple(chosen)
    lowered = source.data.lower()
    everything = not prefilter or other_encoding(source.data)
    wanting = [(rule, options) for rule, options in chosen if everything or not rule.mentions or _mentions(lowered, rule, options)]
    if not wanting and exempt.MENTION not in source.data:
        return Outcome()
    try:
        source.tree  # noqa: B018  # a file that cannot be parsed is one error, whatever the rules
    except CheckError as error:
        return Outcome(errors=(error,))
    findings: list[Finding] = []
    errors: list[CheckError] = []
    for rule, options in wanting:
        try:
            findings += [complete(rule, source, finding) for finding in rule.check(source, options)]
        except CheckError as error:
            errors.append(error)
        except Exception as error:  # noqa: BLE001  # one broken rule must not hide what the others found
            errors.append(_internal(rule, error, source.path))
    exemptions, wrong = exempt.read(source)
    findings, about = exempt.apply(source, findings, exemptions, frozenset(rule.name for rule, _ in chosen))
    return Outcome(findings=(*findings, *about), errors=(*errors, *wrong))


def _mentions(lowered: bytes, rule: Rule, options: Options) -> bool:
    """Whether a file, in lower case, contains one of the words without which a rule has nothing to say."""
    words = (*rule.mentions, *options.mentions)
    found = any(word in lowered for word in words)
    return found and (not rule.whole_words or re.search(rb"\b(?:%s)\b" % b"|".join(words), lowered) is not None)


def complete(rule: Rule, source: Source, finding: Finding) -> Finding:
    """A rule's finding with all that the engine knows of it."""
    frame = source.shown_line(finding.line, secret=rule.secret)[:LONGEST_FRAME]
    return finding.replace(rule=rule.name, code=rule.code, level=finding.level or rule.level, frame=frame)


def _internal(rule: Rule, error: Exception, path: str) -> CheckError:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" at {os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else ""
    return CheckError("internal", f"{rule.name} failed, please report it: {type(error).__name__}: {error}{where}", path)


# -- many files


class resting_collector:  # noqa: N801  # reads as a function, like contextlib's own
    """Without the garbage collector for a while: trees hold no cycles, and parsing and indexing are a third faster."""

    def __enter__(self) -> None:
        self.was_on = gc.isenabled()
        gc.disable()

    def __exit__(self, *_: object) -> None:
        if self.was_on:
            gc.enable()


def run(
    config: Config, root: str, paths: list[str], *, jobs: int = 0, progress: Callable[[int, int], None] | None = None
) -> Report:
    """Check files and folders.

    root and paths are absolute; jobs is the number of processes (0: as many as there are cores); progress is told how many
    files are done, of how many. Every error becomes part of the report; only an error of the configuration is raised, as
    CheckError("option").
    """
    chosen = [(rule, configuration.options_of(rule, config)) for rule in configuration.selected(config)]
    changes = _changes(config, root)
    notes: list[str] = []
    names, errors = _expand(paths, root, notes)
    kept = [name for name in names if not discovery.matches(name, config.exclude)]
    file_rules = [pair for pair in chosen if pair[0].scope == "file"]
    with resting_collector():
        outcomes = list(_counted(_outcomes(root, kept, file_rules, jobs), len(kept), progress))
    project_rules = [pair for pair in chosen if pair[0].scope == "project"]
    if project_rules:
        outcomes += _of_project(root, project_rules, set(kept), config)
    findings = _kept([finding for outcome in outcomes for finding in outcome.findings], config)
    found = (error for outcome in outcomes for error in outcome.errors)
    errors += [error for error in found if not discovery.matches(error.path, config.exclude)]  # of evidence
    errors = list({(error.path, error.line, error.kind, error.message): error for error in errors}.values())
    report = Report(
        root=root,
        findings=tuple(findings),
        errors=tuple(errors),
        files=len(kept),
        excluded=len(names) - len(kept),
        notes=tuple(notes),
        rules=_ran(chosen, config),
        looked_at=frozenset(kept),
        whole=root in paths,
    )
    return finished(report, config, changes)


def run_text(config: Config, root: str, path: str, data: bytes) -> Report:
    """Check one file that is not read from disk: standard input under a name. path: relative to the root, with `/`."""
    chosen = [(rule, configuration.options_of(rule, config)) for rule in configuration.selected(config)]
    if discovery.matches(path, config.exclude):
        return Report(root=root, excluded=1)
    project = project_of(root, chosen)
    outcome = check_source(Source(path, data, project=project), [pair for pair in chosen if pair[0].scope == "file"])
    report = Report(
        root=root,
        findings=tuple(_kept(list(outcome.findings), config)),
        errors=outcome.errors,
        files=1,
        rules=_ran([pair for pair in chosen if pair[0].scope == "file"], config),
        looked_at=frozenset((path,)),
    )
    return finished(report, config)


def _ran(chosen: list[Chosen], config: Config) -> frozenset[str]:
    """The names of the rules that ran; those about exemptions only where the command line leaves no rule about files out."""
    about = () if config.narrowed or config.scope == "project" else registry.own()
    return frozenset(rule.name for rule in (*(rule for rule, _ in chosen), *about))


# -- what of it counts


def _changes(config: Config, root: str) -> Changes | None:
    if not config.since:
        return None
    from holdfast.engine import changes

    return changes.since(root, config.since)


def finished(report: Report, config: Config, changes: Changes | None = None) -> Report:
    """A report with what the baseline knows marked, and without what stands on unchanged lines; sorted and numbered."""
    ordered = sorted(report.findings, key=_place)
    if changes is not None:
        ordered.sort(key=changes.touch)  # of equal findings the old ones are known first
    report = report.replace(findings=tuple(ordered))
    if config.baseline and os.path.lexists(os.path.join(report.root, config.baseline)):
        report = _known(report, config)
    findings = [finding for finding in report.findings if changes is None or changes.touch(finding)]
    errors = sorted(report.errors, key=lambda error: (error.path, error.line, error.message))
    return report.replace(findings=number(findings), errors=tuple(errors))


def _known(report: Report, config: Config) -> Report:
    """A report held against its baseline; what is stale in that is a finding, too."""
    from holdfast.baseline import stored as known

    try:
        stored = known.load(report.root, config.baseline)
    except CheckError as error:
        return report.replace(errors=(*report.errors, error))
    matched = against(report, stored.entries)
    about = [] if config.since or report.errors else _kept(known.about(matched, stored), config)
    return report.replace(findings=(*matched.findings, *about))


def against(report: Report, entries: Sequence[Entry]) -> Matched:
    """Hold a report's findings against the entries of a baseline; what the report was about decides which are judged."""
    from holdfast.baseline import stored as known

    return known.of_run(
        entries, report.findings, root=report.root, ran=report.rules, looked_at=report.looked_at, whole=report.whole
    )


def _place(finding: Finding) -> tuple[str, int, int, str, str]:
    return finding.path, finding.line, finding.column, finding.code, finding.message


def number(findings: list[Finding]) -> tuple[Finding, ...]:
    """The findings sorted by place, each with a fingerprint that survives moved lines; equal ones are counted through."""
    if not findings:
        return ()
    import hashlib

    seen: dict[tuple[str, ...], int] = {}
    numbered: list[Finding] = []
    for finding in sorted(findings, key=_place):
        identity = (finding.rule, *(finding.contract or (finding.path, finding.symbol, finding.statement)))
        seen[identity] = seen.get(identity, 0) + 1
        digest = hashlib.sha256("\0".join((*identity, str(seen[identity]))).encode("utf-8", "surrogatepass"))
        numbered.append(finding.replace(fingerprint=digest.hexdigest()[:32]))
    return tuple(numbered)


def _expand(paths: list[str], root: str, notes: list[str]) -> tuple[list[str], list[CheckError]]:
    """The files that the given paths stand for, each once, and an error for every path that stands for nothing."""
    names: dict[str, None] = {}
    errors: list[CheckError] = []
    for path in paths:
        try:
            names.update(dict.fromkeys(discovery.expand(path, root, notes)))
        except CheckError as error:
            errors.append(error)
    return list(names), errors


def _kept(findings: list[Finding], config: Config) -> list[Finding]:
    """Without what the configuration ignores for a path, or altogether."""
    globs = {
        glob: {name if name == configuration.ALL else registry.current_name(name) for name in names}
        for glob, names in config.per_path_ignores.items()
    }
    ignored = {registry.current_name(name) for name in config.ignore}

    def dropped(finding: Finding) -> bool:
        return finding.rule in ignored or any(
            names & {finding.rule, configuration.ALL} and discovery.matches(finding.path, (glob,)) for glob, names in globs.items()
        )

    return [finding for finding in findings if not dropped(finding)]


def _of_project(root: str, chosen: list[Chosen], looked_at: set[str], config: Config) -> list[Outcome]:
    """Run project rules; their findings in the files of this run count, as `check one/view.py` says what the whole run says."""
    from holdfast.code import answers as result_cache
    from holdfast.code.project import Project

    project = Project(root)
    cache = result_cache.Cache(project, chosen) if config.cached else None
    kept = cache.answer() if cache else None
    outcomes = [Outcome(findings=findings) for findings in kept or ()]
    if kept is None:
        with resting_collector():
            outcomes = [check_project(project, pair) for pair in chosen]
        if cache and not any(outcome.errors for outcome in outcomes):
            cache.keep([outcome.findings for outcome in outcomes])
    return [outcome.replace(findings=tuple(found for found in outcome.findings if found.path in looked_at)) for outcome in outcomes]


def check_project(project: Project, pair: Chosen) -> Outcome:
    """Run one project rule over the whole project."""
    rule, options = pair
    try:
        found = list(rule.check(project, options))
    except CheckError as error:
        return Outcome(errors=(error,))
    except Exception as error:  # noqa: BLE001
        return Outcome(errors=(_internal(rule, error, ""),))
    by_path: dict[str, list[Finding]] = {}
    for finding in found:
        by_path.setdefault(finding.path, []).append(finding)
    findings: list[Finding] = []
    for path, group in by_path.items():
        source = project.source(path)
        if source is None:
            findings += [finding.replace(rule=rule.name, code=rule.code, level=finding.level or rule.level) for finding in group]
            continue
        marked, _ = exempt.apply(
            source, [complete(rule, source, finding) for finding in group], exempt.read(source)[0], frozenset()
        )
        findings += marked
    return Outcome(findings=tuple(findings), errors=tuple(project.unreadable.values()))


# -- processes


def _counted(outcomes: Iterable[Outcome], total: int, progress: Callable[[int, int], None] | None) -> Iterator[Outcome]:
    """The same outcomes; progress hears of each."""
    for done, outcome in enumerate(outcomes, 1):
        if progress is not None:
            progress(done, total)
        yield outcome


def _outcomes(root: str, names: list[str], chosen: list[Chosen], jobs: int) -> Iterator[Outcome]:
    """Check each file, in this process or, where there is enough to read, in several."""
    cores = jobs or (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    sizes = {name: _size(os.path.join(root, name)) for name in names} if cores > 1 and len(names) > 1 else {}
    if sum(sizes.values()) < PARALLEL_FROM:
        project = project_of(root, chosen)
        yield from (check_file(root, name, chosen, project) for name in names)
        return
    import multiprocessing
    import sys

    os.environ["PYTHONSAFEPATH"] = "1"  # a started interpreter must not import from the checked folder
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else None)
    largest_first = sorted(names, key=lambda name: -sizes[name])
    shares = [largest_first[start :: cores * 8] for start in range(min(cores * 8, len(names)))]
    with context.Pool(min(cores, len(shares)), _begin, (root, [(rule.name, options) for rule, options in chosen])) as pool:
        for outcomes in pool.imap_unordered(_check_share, shares):
            yield from outcomes


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def check_file(root: str, name: str, chosen: list[Chosen], project: Project | None = None) -> Outcome:
    """Read one file (its path relative to the root) and check it."""
    try:
        with open(os.path.join(root, name), "rb") as file:
            data = file.read()
    except OSError as error:
        return Outcome(errors=(CheckError("unreadable", error.strerror or "cannot be read", name),))
    return check_source(Source(name, data, project=project), chosen)


def project_of(root: str, chosen: Iterable[Chosen]) -> Project | None:
    """A project where a rule asks for one, or is about it."""
    if not any(rule.asks or rule.scope == "project" for rule, _ in chosen):
        return None
    from holdfast.code.project import Project

    return Project(root)


_worker: dict[str, tuple[str, list[Chosen], Project | None]] = {}


def _begin(root: str, named: list[tuple[str, Options]]) -> None:
    gc.disable()
    chosen = [(registry.load(name), options) for name, options in named]
    _worker["work"] = (root, chosen, project_of(root, chosen))


def _check_share(names: list[str]) -> list[Outcome]:
    root, chosen, project = _worker["work"]
    return [check_file(root, name, chosen, project) for name in names]
