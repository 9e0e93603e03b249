"""`holdfast check`: run rules over files and folders, show what they found or fix it."""

from __future__ import annotations

import os
import sys

from holdfast.commands import output, selection
from holdfast.engine import progress, run as engine
from holdfast.formats import text
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import SimpleNamespace

    from holdfast.commands.plain import Parser
    from holdfast.engine.config import Config
    from holdfast.engine.report import Report


def add_arguments(parser: Parser) -> None:
    """What the command takes."""
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="files and folders; `-` is standard input (default: the working directory)"
    )
    selection.add_arguments(parser)
    output.add_arguments(parser)
    parser.add_argument("--no-baseline", action="store_true", help="do without the baseline: known findings count as new")
    parser.add_argument("--no-cache", action="store_true", help="judge the project anew, and keep nothing for the next run")
    parser.add_argument("--since", metavar="REV", help="only findings on lines that changed since the merge base of REV and HEAD")
    parser.add_argument("--fix", action="store_true", help="rewrite what can be fixed (needs the extra `fix`); read the changes")
    parser.add_argument("--diff", action="store_true", help="show what --fix would change, and change nothing")
    parser.add_argument(
        "--jobs", type=_jobs, default=0, metavar="N", help="processes (default: one a core, where there is enough to do)"
    )
    parser.add_argument("--stdin-filename", metavar="PATH", help="the path that standard input is to be checked as")


def _jobs(value: str) -> int:
    number = int(value)
    if number < 1:
        from argparse import ArgumentTypeError

        raise ArgumentTypeError("must be at least 1")
    return number


def run(options: SimpleNamespace) -> int:
    """Check, or fix; returns the exit code."""
    paths = [os.path.abspath(path) for path in options.paths or ["."] if path != "-"]
    if "-" in options.paths and (paths or not options.stdin_filename):
        raise CheckError("option", "`-` stands alone and needs --stdin-filename, the path to check it as")
    named = os.path.abspath(options.stdin_filename) if "-" in options.paths else None
    root, config = selection.root_and_config(options, paths or [named or os.getcwd()])
    baseline = "" if options.no_baseline else config.baseline
    config = config.replace(baseline=baseline, since=options.since or "", cached=not options.no_cache)
    if named and (options.fix or options.diff or options.since):
        raise CheckError("option", "--fix, --diff and --since work on files, not on standard input")
    if named:
        path = os.path.relpath(named, root).replace(os.sep, "/")
        report = engine.run_text(config, root, path, sys.stdin.buffer.read())
    else:
        with progress.shown(sys.stderr) as count:
            report = engine.run(config, root, paths, jobs=options.jobs, progress=count)
        if options.diff or options.fix:
            return _fix(report, config, options, paths)
    output.write(report, options)
    return report.exit_code(config.fail_on)


def _fix(report: Report, config: Config, options: SimpleNamespace, paths: list[str]) -> int:
    """Show or write the fixes of a report's findings; then report what is left."""
    from holdfast import files
    from holdfast.engine import fix

    left: list[str] = []
    fixed = changed = 0
    for path in sorted({finding.path for finding in report.new() if finding.fix}):
        outcome, before = fix.fix_file(report, path, config)
        fixed, changed = fixed + len(outcome.done), changed + bool(outcome.done)
        left += [f"{path}:{finding.line}: left alone: {reason}" for finding, reason in outcome.left]
        if options.diff:
            sys.stdout.write(files.diff(path, before, outcome.data))
        elif outcome.done:
            _rewrite(report.root, path, outcome.data)
    sys.stderr.write("".join(f"holdfast: note: {text.printable(line)}\n" for line in left))
    if options.diff:
        sys.stderr.write("".join(text.write_error(error, report.root) for error in report.errors))
        sys.stderr.write(
            f"holdfast: {fixed} of {text.count(len(report.new()), 'finding')} would be fixed, in {text.count(changed, 'file')}\n"
        )
        return 2 if report.errors else int(fixed > 0)
    sys.stderr.write(f"holdfast: {fixed} of {text.count(len(report.new()), 'finding')} fixed, in {text.count(changed, 'file')}\n")
    after = engine.run(config, report.root, paths, jobs=options.jobs) if fixed else report
    output.write(after, options)
    return after.exit_code(config.fail_on)


def _rewrite(root: str, path: str, data: bytes) -> None:
    from holdfast import files

    try:
        files.write(os.path.join(root, path), data)
    except OSError as error:
        raise CheckError("unreadable", f"cannot be rewritten: {error.strerror}", path) from error
