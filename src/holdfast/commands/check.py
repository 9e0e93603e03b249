"""`holdfast check`: run rules over files and folders, and report or fix what they find."""

from __future__ import annotations

import os
import sys

from holdfast.commands import output, selection
from holdfast.engine import progress
from holdfast.engine.run import run as run_rules, run_text
from holdfast.formats import text
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import SimpleNamespace

    from holdfast.commands.plain import Parser
    from holdfast.engine.config import Config
    from holdfast.engine.report import Report


def add_arguments(parser: Parser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="files and folders; `-` is standard input (default: the working directory)"
    )
    selection.add_arguments(parser)
    output.add_arguments(parser)
    parser.add_argument("--no-baseline", action="store_true", help="ignore the baseline: known findings count as new")
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
    root, config = selection.root_and_config(options, paths or [stdin_path or os.getcwd()])
    baseline = "" if options.no_baseline else config.baseline
    config = config.replace(baseline=baseline, since=options.since or "", cached=not options.no_cache)
    if stdin_path and (options.fix or options.diff or options.since):
        raise CheckError("option", "--fix, --diff and --since cannot be used with standard input: name files instead")
    if stdin_path:
        path = os.path.relpath(stdin_path, root).replace(os.sep, "/")
        report = run_text(config, root, path, sys.stdin.buffer.read())
    else:
        with progress.shown(sys.stderr) as show_progress:
            report = run_rules(config, root, paths, jobs=options.jobs, progress=show_progress)
        if options.diff or options.fix:
            return _fix(report, config, options, paths)
    output.write(report, options)
    return report.exit_code(config.fail_on)


def _fix(report: Report, config: Config, options: SimpleNamespace, paths: list[str]) -> int:
    """Show or write the fixes of a report's findings, then report the remaining findings."""
    from holdfast import files
    from holdfast.engine import fix

    not_fixed: list[str] = []
    fixed = changed = 0
    for path in sorted({finding.path for finding in report.new() if finding.fix}):
        outcome, before = fix.fix_file(report, path, config)
        fixed, changed = fixed + len(outcome.done), changed + bool(outcome.done)
        not_fixed += [f"{path}:{finding.line}: not fixed: {reason}" for finding, reason in outcome.left]
        if options.diff:
            sys.stdout.write(files.diff(path, before, outcome.data))
        elif outcome.done:
            _rewrite(report.root, path, outcome.data)
    sys.stderr.write("".join(f"holdfast: note: {text.printable(line)}\n" for line in not_fixed))
    total, places = text.count(len(report.new()), "finding"), text.count(changed, "file")
    if options.diff:
        sys.stderr.write("".join(text.write_error(error, report.root) for error in report.errors))
        sys.stderr.write(f"holdfast: --fix would fix {fixed} of {total} in {places}\n")
        return 2 if report.errors else int(fixed > 0)
    sys.stderr.write(f"holdfast: fixed {fixed} of {total} in {places}\n")
    after = run_rules(config, report.root, paths, jobs=options.jobs) if fixed else report
    output.write(after, options)
    return after.exit_code(config.fail_on)


def _rewrite(root: str, path: str, data: bytes) -> None:
    from holdfast import files

    try:
        files.write_below(root, path, data)
    except OSError as error:
        raise CheckError("unreadable", f"cannot write the fixed file: {error.strerror}", path) from error
