"""What `holdfast init` would write: the hooks, the configuration and the baseline that make the first run green."""

from __future__ import annotations

import os

from holdfast import rules
from holdfast.adoption import Change, look, pre_commit_file, pyproject_file
from holdfast.baseline import entries as baseline
from holdfast.code import discovery
from holdfast.engine import config as configuration, report as reports, run as engine
from holdfast.record import Record
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.engine.report import Report

FOR_WEB = ("ineffective-ratelimit", "ratelimit-on-auth", "shared-ratelimit-storage")
"""What is selected beside the rules that are on by default where a web framework is found; auth-on-route wants a list first."""


class Plan(Record):
    """Changes to files, in the order in which they are written, and what a person wants to know about them.

    frameworks: names of web frameworks. excluded: globs of files that no Python parses. adopted: how many findings of each
    rule the baseline gets. errors: what could not be checked; then there are no changes.
    """

    changes: tuple[Change, ...] = ()
    frameworks: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    adopted: dict[str, int] = {}  # noqa: RUF012  # records are frozen
    errors: tuple[CheckError, ...] = ()


def plan(root: str, repository: str, revision: str) -> Plan:
    """Look at the repository whose top is root (absolute) and plan what is missing.

    Whoever has [tool.holdfast] has chosen: then no rule is selected and no finding adopted. Raises CheckError for a file that
    cannot be added to.
    """
    first = not configuration.exists(root)
    frameworks = look.frameworks(root)
    select = sorted([name for name in rules.names() if rules.load(name).default] + list(FOR_WEB) * bool(frameworks))
    hooks = ("holdfast", *(["holdfast-project"] * bool(frameworks)))
    hooked = pre_commit_file.change(root, hooks, repository, revision)
    config = configuration.read(os.path.join(root, pyproject_file.PATH))
    if first:
        config = config.replace(select=tuple(select))
    files = list(discovery.python_files(root, root))
    report = engine.run(config.replace(baseline=""), root, [root]) if files else reports.Report(root=root)
    broken = [error.path for error in report.errors if _no_python(root, error)]
    errors = tuple(error for error in report.errors if error.path not in broken)
    if errors:
        return Plan(frameworks=tuple(frameworks), errors=errors)
    excluded = look.folded(broken, files)
    changes = [hooked, pyproject_file.change(root, select, excluded)]
    adopted: dict[str, int] = {}
    if first and report.findings and not os.path.lexists(os.path.join(root, config.baseline)):
        changes.append(_baseline(report, config.baseline))
        for finding in report.new():
            adopted[finding.rule] = adopted.get(finding.rule, 0) + 1
    return Plan(
        changes=tuple(change for change in changes if change),
        frameworks=tuple(frameworks),
        excluded=tuple(excluded),
        adopted=adopted,
    )


def _no_python(root: str, error: CheckError) -> bool:
    """Whether an error says that a file can be read, is no Python of any version, and has a name that can be excluded."""
    named = error.path.encode("utf-8", "ignore").decode() == error.path != ""  # TOML holds nothing but text
    return named and error.kind in ("syntax", "unreadable") and os.access(os.path.join(root, error.path), os.R_OK)


def _baseline(report: Report, path: str) -> Change | None:
    entries = reports.against(report, ()).adopted()
    return Change(path=path, before=None, after=baseline.written(entries).encode()) if entries else None
