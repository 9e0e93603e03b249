"""Plan what `holdfast init` writes: the hooks, the configuration and the baseline with which the first run passes."""

from __future__ import annotations

import os

from holdfast import rules
from holdfast.adoption import Change, detect, pre_commit_file, pyproject_file
from holdfast.baseline.document import to_text
from holdfast.code import discovery
from holdfast.engine import config as configuration
from holdfast.engine.report import Report, match_report
from holdfast.engine.run import run as run_rules
from holdfast.record import Record
from holdfast.rule import CheckError

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


def plan(root: str, repository: str, revision: str) -> Plan:
    """Plan the changes that a repository needs. root: its top, an absolute path.

    If `[tool.holdfast]` exists, its choices are kept: no rule is selected and no finding is accepted. Raises CheckError for a file
    that cannot be extended.
    """
    is_first_time = not configuration.is_configured(root)
    frameworks = detect.frameworks(root)
    select = sorted([name for name in rules.names() if rules.load(name).default] + list(FOR_WEB) * bool(frameworks))
    hooks = ("holdfast", *(["holdfast-project"] * bool(frameworks)))
    hooks_change = pre_commit_file.change(root, hooks, repository, revision)
    config = configuration.read(os.path.join(root, pyproject_file.PATH))
    if is_first_time:
        config = config.replace(select=tuple(select))
    files = list(discovery.python_files(root, root))
    report = run_rules(config.replace(baseline=""), root, [root]) if files else Report(root=root)
    broken = [error.path for error in report.errors if _is_excludable(root, error)]
    errors = tuple(error for error in report.errors if error.path not in broken)
    if errors:
        return Plan(frameworks=tuple(frameworks), errors=errors)
    excluded = detect.globs_for(broken, files)
    changes = [hooks_change, pyproject_file.change(root, select, excluded)]
    adopted: dict[str, int] = {}
    if is_first_time and report.findings and not os.path.lexists(os.path.join(root, config.baseline)):
        changes.append(_baseline(report, config.baseline))
        for finding in report.new():
            adopted[finding.rule] = adopted.get(finding.rule, 0) + 1
    return Plan(
        changes=tuple(change for change in changes if change),
        frameworks=tuple(frameworks),
        excluded=tuple(excluded),
        adopted=adopted,
    )


def _is_excludable(root: str, error: CheckError) -> bool:
    """Whether an error is about the content of a readable file, for every version of Python, and TOML can express its name."""
    has_text_name = error.path.encode("utf-8", "ignore").decode() == error.path != ""
    return has_text_name and error.kind in ("syntax", "unreadable") and os.access(os.path.join(root, error.path), os.R_OK)


def _baseline(report: Report, path: str) -> Change | None:
    entries = match_report(report, ()).adopted()
    return Change(path=path, before=None, after=to_text(entries).encode()) if entries else None
