"""`holdfast check`: run rules over files and folders, and report or fix what they find."""

from __future__ import annotations

import os
import sys

from holdfast.code import discovery
from holdfast.commands import output, selection
from holdfast.engine import progress
from holdfast.engine.run import run_projects, run_text
from holdfast.formats import text
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import SimpleNamespace
    from typing import Any

    from holdfast.commands.plain import Parser
    from holdfast.engine.projects import Projects
    from holdfast.engine.run import Run


def add_arguments(parser: Parser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="files and folders; `-` is standard input (default: the working directory)"
    )
    selection.add_arguments(parser)
    output.add_arguments(parser)
    parser.add_argument("--no-baseline", action="store_true", help="ignore the baseline: known findings count as new")
    parser.add_argument(
        "--stale",
        choices=("finding", "note"),
        help="what a stale entry of the baseline is (default: a note on a merge commit, otherwise a finding)",
    )
    parser.add_argument("--no-cache", action="store_true", help="neither use nor write the cache of project rules")
    parser.add_argument(
        "--since", metavar="REV", help="report only findings on lines that changed since the merge base of REV and HEAD"
    )
    parser.add_argument("--fix", action="store_true", help="fix findings where possible; needs the extra `fix`; review the changes")
    parser.add_argument("--diff", action="store_true", help="show what --fix would change, without changing files")
    parser.add_argument(
        "--jobs", type=_jobs, default=0, metavar="N", help="number of processes (default: one per core for large runs)"
    )
    parser.add_argument("--stdin-filename", metavar="PATH", help="the path under which standard input is checked")


def _jobs(value: str) -> int:
    number = int(value)
    if number < 1:
        from argparse import ArgumentTypeError

        raise ArgumentTypeError("must be at least 1")
    return number


def run(options: SimpleNamespace) -> int:
    """Check or fix, and return the exit code."""
    paths = [os.path.abspath(path) for path in options.paths or ["."] if path != "-"]
    if "-" in options.paths and (paths or not options.stdin_filename):
        raise CheckError("option", "`-` needs --stdin-filename PATH and cannot be combined with other paths")
    stdin_path = os.path.abspath(options.stdin_filename) if "-" in options.paths else None
    changes: dict[str, Any] = {"since": options.since or "", "stale": options.stale or "", "cached": not options.no_cache}
    projects = selection.projects(options, **changes, **({"baseline": ""} if options.no_baseline else {}))
    if stdin_path and (options.fix or options.diff or options.since):
        raise CheckError("option", "--fix, --diff and --since cannot be used with standard input: name files instead")
    if stdin_path:
        root = projects.root_of(stdin_path)
        config = projects.config(root)
        path = os.path.relpath(stdin_path, root).replace(os.sep, "/")
        report = run_text(config, root, path, sys.stdin.buffer.read())
        output.write(report, options)
        return report.exit_code(config.fail_on)
    with progress.shown(sys.stderr) as show_progress:
        ran = run_projects(projects, paths, jobs=options.jobs, progress=show_progress)
    if options.diff or options.fix:
        return _fix(ran, projects, options, paths)
    output.write(ran.report, options)
    return ran.exit_code


def _fix(ran: Run, projects: Projects, options: SimpleNamespace, paths: list[str]) -> int:
    """Show or write the fixes of a run's findings, then report the remaining findings."""
    from holdfast import files
    from holdfast.engine import fix

    report = ran.report
    not_fixed: list[str] = []
    not_written: list[CheckError] = []
    fixed = changed = 0
    for part in ran.parts:
        root = part.report.root
        for path in sorted({finding.path for finding in part.report.new() if finding.fix}):
            shown = discovery.relative(os.path.join(root, path), report.root)
            try:
                outcome, before = fix.fix_file(part.report, path, part.config)
                if outcome.done and not options.diff:
                    _rewrite(root, path, outcome.data)
            except CheckError as error:
                not_written.append(error.at(shown))
                continue
            fixed, changed = fixed + len(outcome.done), changed + bool(outcome.done)
            not_fixed += [f"{shown}:{finding.line}: not fixed: {reason}" for finding, reason in outcome.left]
            if options.diff:
                sys.stdout.write(files.diff(shown, before, outcome.data))
    sys.stderr.write("".join(f"holdfast: note: {text.printable(line)}\n" for line in not_fixed))
    total, places = text.count(len(report.new()), "finding"), text.count(changed, "file")
    if options.diff:
        sys.stderr.write("".join(text.write_error(error, report.root) for error in report.errors))
        sys.stderr.write(f"holdfast: --fix would fix {fixed} of {total} in {places}\n")
        return 2 if report.errors else int(fixed > 0)
    sys.stderr.write(f"holdfast: fixed {fixed} of {total} in {places}\n")
    after = run_projects(projects, paths, jobs=options.jobs) if fixed else ran
    output.write(after.report.replace(errors=(*after.report.errors, *not_written)), options)
    return 2 if not_written else after.exit_code


def _rewrite(root: str, path: str, data: bytes) -> None:
    from holdfast import files

    try:
        files.write_below(root, path, data)
    except OSError as error:
        raise CheckError("unreadable", f"cannot write the fixed file: {error.strerror}", path) from error
