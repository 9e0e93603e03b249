"""Plan what `holdfast init` writes: the hooks, the configuration and the baseline with which the first run passes."""

from __future__ import annotations

import os

from holdfast import rules
from holdfast.adoption import Change, detect, pre_commit_file, pyproject_file
from holdfast.baseline.document import to_text
from holdfast.code import discovery
from holdfast.engine import config as configuration
from holdfast.engine.projects import Projects, Share, is_below
from holdfast.engine.report import Report, match_report
from holdfast.engine.run import run_share
from holdfast.record import Record
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.engine.config import Config

HOOKS = {"holdfast": "file", "holdfast-project": "project"}
"""The hooks, each with the scope of the rules that it runs."""
FOR_WEB = ("ineffective-ratelimit", "ratelimit-on-auth", "shared-ratelimit-storage")
"""The rules that are selected in addition if a web framework is found; auth-on-route first needs a list of public routes."""


class Plan(Record):
    """Changes to files, in the order of writing, and facts about them for the user.

    frameworks: names of web frameworks. excluded: globs of files that cannot be parsed. adopted: for each rule the number of
    findings that the baseline accepts. errors: if there are any, there are no changes.
    """

    changes: tuple[Change, ...] = ()
    frameworks: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    adopted: dict[str, int] = {}  # noqa: RUF012  # records are frozen
    errors: tuple[CheckError, ...] = ()


def level(path: str, top: str) -> str:
    """Return the folder that `holdfast init` configures for a path: its project, the nearest with a pyproject.toml, or the top.

    path: absolute. top: of its checkout.
    """
    root = Projects(configuration.read_project).root_of(path)
    folder = path if os.path.isdir(path) else os.path.dirname(path)
    while not configuration.is_configured(root) and folder != top:
        if os.path.lexists(os.path.join(folder, configuration.SHARED_FILE)):
            return folder
        folder = os.path.dirname(folder)
    return root


def plan(top: str, root: str, repository: str, revision: str) -> Plan:
    """Plan the changes that a repository needs. top: of the checkout; root: the folder to configure. Both are absolute.

    If the root has a configuration, its choices are kept: no rule is selected and no finding is accepted. Raises CheckError for a
    file that cannot be extended.
    """
    is_first_time = not configuration.is_configured(root)
    frameworks = detect.frameworks(root)
    select = sorted([name for name in rules.names() if rules.load(name).default] + list(FOR_WEB) * bool(frameworks))
    inner = "" if root == top else f"{discovery.relative(root, top)}/"
    config = configuration.read_project(root)
    if is_first_time:
        config = config.replace(select=tuple(select))
    shares = _shares(root, config)
    share = next((share for share in shares if share.root == root), Share(root=root, config=config, whole=True))
    scopes = {rule.scope for each in (share, *shares) for rule in configuration.selected(each.config)}
    hooks = [name for name, scope in HOOKS.items() if scope in scopes and (scope == "file" or frameworks)]
    hooks_change = pre_commit_file.change(top, hooks, repository, revision)
    report = run_share(share.replace(config=config.replace(baseline="")))
    broken = [error.path for error in report.errors if _is_excludable(root, error)]
    errors = tuple(error for error in report.errors if error.path not in broken)
    if errors:
        return Plan(frameworks=tuple(frameworks), errors=errors)
    excluded = detect.globs_for(broken, share.files)
    changes = [hooks_change]
    if share.files or not shares:  # otherwise every file belongs to a project that is configured already
        path = discovery.relative(pyproject_file.path_in(root), top)
        globs = (*config.exclude, *excluded) if excluded else ()  # a list replaces the one that it inherits
        changes.append(pyproject_file.change(top, path, select, globs))
    adopted: dict[str, int] = {}
    if is_first_time and report.findings and not os.path.lexists(os.path.join(root, config.baseline)):
        changes.append(_baseline(report, config.baseline, inner))
        for finding in report.new():
            adopted[finding.rule] = adopted.get(finding.rule, 0) + 1
    return Plan(
        changes=tuple(change for change in changes if change),
        frameworks=tuple(frameworks),
        excluded=tuple(excluded),
        adopted=adopted,
    )


def _shares(root: str, config: Config) -> list[Share]:
    """The projects at and below a folder that contain files. config: the configuration of the folder itself."""
    files = list(discovery.python_files(root, root))
    projects = Projects(lambda folder: config if folder == root else configuration.read_project(folder))
    found: dict[str, list[str]] = {}
    for path in files:
        inner = os.path.join(root, path)
        nearest = projects.root_of(inner)
        owner = nearest if is_below(nearest, root) else root
        found.setdefault(owner, []).append(discovery.relative(inner, owner))
    return [
        Share(root=owner, config=projects.config(owner), files=tuple(names), whole=True) for owner, names in sorted(found.items())
    ]


def _is_excludable(root: str, error: CheckError) -> bool:
    """Whether an error is about the content of a readable file, for every version of Python, and TOML can express its name."""
    has_text_name = error.path.encode("utf-8", "ignore").decode() == error.path != ""
    return has_text_name and error.kind in ("syntax", "unreadable") and os.access(os.path.join(root, error.path), os.R_OK)


def _baseline(report: Report, path: str, inner: str) -> Change | None:
    entries = match_report(report, ()).adopted()
    return Change(path=inner + path, before=None, after=to_text(entries).encode()) if entries else None
