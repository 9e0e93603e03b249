"""The one pipeline of every host: paths, files, what the rules say of each, the report."""

from __future__ import annotations

import gc
import os

from holdfast import rules as registry
from holdfast.code import discovery
from holdfast.code.source import Source
from holdfast.engine import checks, config as configuration, report as reports
from holdfast.engine.checks import Chosen, Outcome
from holdfast.engine.report import Report
from holdfast.rule import CheckError, Options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from holdfast.code.project import Project
    from holdfast.engine.changes import Changes
    from holdfast.engine.config import Config

PARALLEL_FROM = 1_500_000
"""Bytes of source from which other processes are worth their start."""


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
        outcomes = list(_counted(_outcomes(root, kept, file_rules, jobs, config.source_roots), len(kept), progress))
    project_rules = [pair for pair in chosen if pair[0].scope == "project"]
    if project_rules:
        outcomes += _of_project(root, project_rules, set(kept), config)
    findings = reports.without_ignored([finding for outcome in outcomes for finding in outcome.findings], config)
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
    return reports.finished(report, config, changes)


def run_text(config: Config, root: str, path: str, data: bytes) -> Report:
    """Check one file that is not read from disk: standard input under a name. path: relative to the root, with `/`."""
    chosen = [(rule, configuration.options_of(rule, config)) for rule in configuration.selected(config)]
    if discovery.matches(path, config.exclude):
        return Report(root=root, excluded=1)
    project = checks.project_of(root, chosen, config.source_roots)
    outcome = checks.check_source(Source(path, data, project=project), [pair for pair in chosen if pair[0].scope == "file"])
    report = Report(
        root=root,
        findings=tuple(reports.without_ignored(list(outcome.findings), config)),
        errors=outcome.errors,
        files=1,
        rules=_ran([pair for pair in chosen if pair[0].scope == "file"], config),
        looked_at=frozenset((path,)),
    )
    return reports.finished(report, config)


def _ran(chosen: list[Chosen], config: Config) -> frozenset[str]:
    """The names of the rules that ran; those about exemptions only where the command line leaves no rule about files out."""
    about = () if config.narrowed or config.scope == "project" else registry.own()
    return frozenset(rule.name for rule in (*(rule for rule, _ in chosen), *about))


def _changes(config: Config, root: str) -> Changes | None:
    if not config.since:
        return None
    from holdfast.engine import changes

    return changes.since(root, config.since)


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


def _of_project(root: str, chosen: list[Chosen], looked_at: set[str], config: Config) -> list[Outcome]:
    """Run project rules; their findings in the files of this run count, as `check one/view.py` says what the whole run says."""
    from holdfast.code import answers as result_cache
    from holdfast.code.project import Project

    project = Project(root, config.source_roots)
    cache = result_cache.Cache(project, chosen) if config.cached else None
    kept = cache.answer() if cache else None
    outcomes = [Outcome(findings=findings) for findings in kept or ()]
    if kept is None:
        with resting_collector():
            outcomes = [checks.check_project(project, pair) for pair in chosen]
        if cache and not any(outcome.errors for outcome in outcomes):
            cache.keep([outcome.findings for outcome in outcomes])
    return [outcome.replace(findings=tuple(found for found in outcome.findings if found.path in looked_at)) for outcome in outcomes]


def _counted(outcomes: Iterable[Outcome], total: int, progress: Callable[[int, int], None] | None) -> Iterator[Outcome]:
    """The same outcomes; progress hears of each."""
    for done, outcome in enumerate(outcomes, 1):
        if progress is not None:
            progress(done, total)
        yield outcome


def _outcomes(root: str, names: list[str], chosen: list[Chosen], jobs: int, source_roots: tuple[str, ...]) -> Iterator[Outcome]:
    """Check each file, in this process or, where there is enough to read, in several."""
    cores = jobs or (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    sizes = {name: _size(os.path.join(root, name)) for name in names} if cores > 1 and len(names) > 1 else {}
    if sum(sizes.values()) < PARALLEL_FROM:
        project = checks.project_of(root, chosen, source_roots)
        yield from (checks.check_file(root, name, chosen, project) for name in names)
        return
    import multiprocessing
    import sys

    os.environ["PYTHONSAFEPATH"] = "1"  # a started interpreter must not import from the checked folder
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else None)
    largest_first = sorted(names, key=lambda name: -sizes[name])
    shares = [largest_first[start :: cores * 8] for start in range(min(cores * 8, len(names)))]
    given = (root, [(rule.name, options) for rule, options in chosen], source_roots)
    with context.Pool(min(cores, len(shares)), _begin, given) as pool:
        for outcomes in pool.imap_unordered(_check_share, shares):
            yield from outcomes


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


_worker: dict[str, tuple[str, list[Chosen], Project | None]] = {}


def _begin(root: str, named: list[tuple[str, Options]], source_roots: tuple[str, ...]) -> None:
    gc.disable()
    chosen = [(registry.load(name), options) for name, options in named]
    _worker["work"] = (root, chosen, checks.project_of(root, chosen, source_roots))


def _check_share(names: list[str]) -> list[Outcome]:
    root, chosen, project = _worker["work"]
    return [checks.check_file(root, name, chosen, project) for name in names]
