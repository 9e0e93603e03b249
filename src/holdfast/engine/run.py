"""Check paths with the configured rules: find the files, run the rules, and make the report."""

from __future__ import annotations

import gc
import os

from holdfast import rules
from holdfast.code import discovery
from holdfast.code.source import Source
from holdfast.engine import checks, config as configuration
from holdfast.engine.checks import Chosen, Outcome
from holdfast.engine.projects import Projects, common_root, is_below, require_rules
from holdfast.engine.report import Report, finished, joined, without_ignored
from holdfast.record import Record
from holdfast.rule import CheckError, Options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from holdfast.code.project import Project
    from holdfast.engine.changes import Changes
    from holdfast.engine.config import Config
    from holdfast.engine.projects import Share

NOTEBOOK = ".ipynb"
PARALLEL_FROM = 1_500_000
"""The amount of source in bytes for which starting processes takes less time than it saves."""


class paused_gc:  # noqa: N801  # used like the functions of contextlib
    """Switch off garbage collection in a `with` block. Trees contain no cycles, and parsing is a third faster without it."""

    def __enter__(self) -> None:
        self.was_on = gc.isenabled()
        gc.disable()

    def __exit__(self, *_: object) -> None:
        if self.was_on:
            gc.enable()


class Part(Record):
    """One project of a run: its configuration and its report."""

    config: Config
    report: Report


class Run(Record):
    """The report of a run, and the reports of its projects. Paths in a report are relative to the root of that report."""

    report: Report
    parts: tuple[Part, ...] = ()

    @property
    def exit_code(self) -> int:
        """2 if there is an error, 1 if a project has a new finding at or above its `fail-on`, otherwise 0."""
        codes = [part.report.exit_code(part.config.fail_on) for part in self.parts]
        return 2 if self.report.errors else max(codes, default=0)


def run_projects(projects: Projects, paths: list[str], *, jobs: int = 0, progress: Callable[[int, int], None] | None = None) -> Run:
    """Check files and folders, each file in its own project.

    paths: absolute. jobs: the number of processes; 0 for one per core. progress: called with the number of files that are done and
    the number of all files. Errors become part of the report, except for those in a configuration, which are raised as
    CheckError("option").
    """
    notes: list[str] = []
    shares = projects.shares(paths, notes)
    require_rules([share.config for share in shares])
    total, done = sum(len(share.files) for share in shares), 0
    parts: list[Part] = []
    for share in shares:
        shown = None if progress is None else _shifted(progress, done, total)
        report = run_share(share, jobs=jobs, progress=shown)
        own = tuple(error for error in report.errors if not error.path or _is_own(projects, share.root, error.path))
        parts.append(Part(config=share.config, report=report.replace(errors=own)))
        done += len(share.files)
    roots = [share.root for share in shares] or [projects.root_of(path) for path in paths]
    return Run(report=joined(common_root(roots), [part.report for part in parts], tuple(dict.fromkeys(notes))), parts=tuple(parts))


def _shifted(progress: Callable[[int, int], None], before: int, total: int) -> Callable[[int, int], None]:
    return lambda done, _: progress(before + done, total)


def _is_own(projects: Projects, root: str, path: str) -> bool:
    """Whether an error is about a file of this project. Its rules also read files of projects below."""
    inner = os.path.normpath(os.path.join(root, path))
    return not is_below(inner, root) or projects.root_of(inner, root) == root


def run(
    config: Config, root: str, paths: list[str], *, jobs: int = 0, progress: Callable[[int, int], None] | None = None
) -> Report:
    """Check files and folders as one project. root: an absolute path; for the others see run_projects."""
    return run_projects(Projects(lambda _: config, root), paths, jobs=jobs, progress=progress).report


def run_share(share: Share, *, jobs: int = 0, progress: Callable[[int, int], None] | None = None) -> Report:
    """Check the files of one project."""
    config, root = share.config, share.root
    chosen = [(rule, configuration.options_of(rule, config)) for rule in configuration.selected(config)]
    changes = _changes(config, root)
    notes: list[str] = []
    files = _without_notebooks(list(share.files), notes)
    kept = [path for path in files if not discovery.matches(path, config.exclude)]
    file_rules = [pair for pair in chosen if pair[0].scope == "file"]
    with paused_gc():
        outcomes = list(_counted(_file_outcomes(root, kept, file_rules, jobs, config.source_roots), len(kept), progress))
    project_rules = [pair for pair in chosen if pair[0].scope == "project"]
    if project_rules:
        outcomes += _project_outcomes(root, project_rules, set(kept), config, notes)
    findings = without_ignored([finding for outcome in outcomes for finding in outcome.findings], config)
    found = (error for outcome in outcomes for error in outcome.errors)
    errors = [error for error in found if not discovery.matches(error.path, config.exclude)]  # project rules read all files
    unique = {(error.path, error.line, error.kind, error.message): error for error in (*share.errors, *errors)}
    report = Report(
        root=root,
        findings=tuple(findings),
        errors=tuple(unique.values()),
        files=len(kept),
        excluded=len(files) - len(kept),
        notes=tuple(notes),
        rules=_ran(chosen, config),
        looked_at=frozenset(kept),
        whole=share.whole,
    )
    return finished(report, config, changes)


def run_text(config: Config, root: str, path: str, data: bytes) -> Report:
    """Check text that is not read from a file, such as standard input. path: relative to the root, with `/`."""
    require_rules([config])
    chosen = [(rule, configuration.options_of(rule, config)) for rule in configuration.selected(config)]
    notes: list[str] = []
    if discovery.matches(path, config.exclude) or not _without_notebooks([path], notes):
        return Report(root=root, excluded=1 - len(notes), notes=tuple(notes))
    project = checks.project_of(root, chosen, config.source_roots)
    outcome = checks.check_source(Source(path, data, project=project), [pair for pair in chosen if pair[0].scope == "file"])
    report = Report(
        root=root,
        findings=tuple(without_ignored(list(outcome.findings), config)),
        errors=outcome.errors,
        files=1,
        rules=_ran([pair for pair in chosen if pair[0].scope == "file"], config),
        looked_at=frozenset((path,)),
    )
    return finished(report, config)


def _ran(chosen: list[Chosen], config: Config) -> frozenset[str]:
    """The names of the rules that ran. Rules about Holdfast itself run only if the command line leaves out no file rule."""
    own = () if config.narrowed or config.scope == "project" else rules.own()
    return frozenset(rule.name for rule in (*(rule for rule, _ in chosen), *own))


def _changes(config: Config, root: str) -> Changes | None:
    if not config.since:
        return None
    from holdfast.engine import changes

    return changes.since(root, config.since)


def _without_notebooks(paths: list[str], notes: list[str]) -> list[str]:
    """The paths without notebooks, with a note for each: their JSON often is valid Python, and would pass as clean."""
    skipped = [path for path in paths if path.endswith(NOTEBOOK)]
    notes += [f"{path} was skipped: Holdfast does not check notebooks" for path in skipped]
    return [path for path in paths if path not in skipped] if skipped else paths


def _project_outcomes(root: str, chosen: list[Chosen], looked_at: set[str], config: Config, notes: list[str]) -> list[Outcome]:
    """Run project rules over the whole project, and keep the findings in the files of this run.

    notes: receives a sentence if files of this run are not part of the project.
    """
    from holdfast.code import answers as result_cache
    from holdfast.code.project import Project

    project = Project(root, config.source_roots)
    left_out = len(looked_at - set(project.files))
    if left_out:
        shown = "1 file that git does not track: run" if left_out == 1 else f"{left_out} files that git does not track: run"
        notes.append(f"rules about the project left out {shown} `git add` first")
    cache = result_cache.Cache(project, chosen) if config.cached else None
    cached = cache.answer() if cache else None
    outcomes = [Outcome(findings=findings) for findings in cached or ()]
    if cached is None:
        with paused_gc():
            outcomes = [checks.check_project(project, pair) for pair in chosen]
        if cache and not any(outcome.errors for outcome in outcomes):
            cache.keep([outcome.findings for outcome in outcomes])
    return [outcome.replace(findings=tuple(one for one in outcome.findings if one.path in looked_at)) for outcome in outcomes]


def _counted(outcomes: Iterable[Outcome], total: int, progress: Callable[[int, int], None] | None) -> Iterator[Outcome]:
    """The same outcomes; progress is called after each."""
    for done, outcome in enumerate(outcomes, 1):
        if progress is not None:
            progress(done, total)
        yield outcome


def _file_outcomes(
    root: str, names: list[str], chosen: list[Chosen], jobs: int, source_roots: tuple[str, ...]
) -> Iterator[Outcome]:
    """Check each file, in this process or, if there is enough source, in several."""
    cores = jobs or (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    sizes = {name: _size(os.path.join(root, name)) for name in names} if cores > 1 and len(names) > 1 else {}
    if sum(sizes.values()) < PARALLEL_FROM:
        project = checks.project_of(root, chosen, source_roots)
        yield from (checks.check_file(root, name, chosen, project) for name in names)
        return
    import multiprocessing
    import sys
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from concurrent.futures.process import BrokenProcessPool

    os.environ["PYTHONSAFEPATH"] = "1"  # a new interpreter must not import modules from the checked folder
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else None)
    largest_first = sorted(names, key=lambda name: -sizes[name])
    shares = [largest_first[start :: cores * 8] for start in range(min(cores * 8, len(names)))]
    given = (root, [(rule.name, options) for rule, options in chosen], source_roots)
    with ProcessPoolExecutor(min(cores, len(shares)), context, _start_worker, given) as pool:
        try:
            for done in as_completed([pool.submit(_check_share, share) for share in shares]):
                yield from done.result()
        except BrokenProcessPool as error:  # multiprocessing.Pool would wait for a killed process for ever
            message = "a process was killed, perhaps for lack of memory: start fewer with --jobs"
            raise CheckError("internal", message) from error


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


_worker: dict[str, tuple[str, list[Chosen], Project | None]] = {}


def _start_worker(root: str, named: list[tuple[str, Options]], source_roots: tuple[str, ...]) -> None:
    gc.disable()
    chosen = [(rules.load(name), options) for name, options in named]
    _worker["work"] = (root, chosen, checks.project_of(root, chosen, source_roots))


def _check_share(names: list[str]) -> list[Outcome]:
    root, chosen, project = _worker["work"]
    return [checks.check_file(root, name, chosen, project) for name in names]
