"""The `holdfast` command, which is also what the pre-commit hooks start."""

from __future__ import annotations

import argparse
import os
import sys

from holdfast import config as configuration, engine
from holdfast.formats import text
from holdfast.rule import LEVELS, CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from holdfast.config import Config
    from holdfast.engine import Report

EPILOG = """exit codes: 0 nothing found, 1 findings at or above fail-on, 2 something could not be checked.
documentation: holdfast rules; holdfast explain RULE"""


def run() -> None:
    """The console script: main, and out, without the tidying up that takes the interpreter as long as a check of one file."""
    code = main()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:  # nobody reads any more
        code = 2
    os._exit(code)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these arguments (the process's own without); returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except CheckError as error:
        sys.stderr.write(text.write_error(error))
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else the interpreter complains on its way out
        return 2
    except KeyboardInterrupt:
        return 130


class _Help(argparse.RawDescriptionHelpFormatter):
    """Help as wide as the terminal, at least when there is help to show: argparse makes a formatter for every argument, and
    to look up the terminal's size costs 3 ms."""

    def __init__(self, prog: str) -> None:
        columns = os.environ.get("COLUMNS", "")
        super().__init__(prog, max_help_position=32, width=int(columns) - 2 if columns.isdecimal() and int(columns) > 40 else 118)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="holdfast",
        description="Small static checks that keep a team's invariants at every commit.",
        epilog=EPILOG,
        formatter_class=_Help,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(prog="holdfast", metavar="COMMAND", required=True)  # prog spares a look at the terminal

    check = commands.add_parser("check", help="check files and folders", epilog=EPILOG, formatter_class=_Help)
    check.set_defaults(run=_check)
    check.add_argument(
        "paths", nargs="*", metavar="PATH", help="files and folders; `-` is standard input (default: the working directory)"
    )
    check.add_argument("--select", action="append", metavar="RULES", help="rules to run, with commas, or `all`; replaces `select`")
    check.add_argument("--ignore", action="append", metavar="RULES", help="rules not to run, with commas; adds to `ignore`")
    check.add_argument(
        "--scope", choices=("file", "project"), help="of the selected rules only those that judge a file, or the project"
    )
    check.add_argument(
        "--option", action="append", default=[], metavar="RULE.NAME=VALUE", help="set a rule's option (VALUE as in TOML)"
    )
    check.add_argument("--fail-on", choices=LEVELS[1:], help="the weakest level that fails (default: warning)")
    check.add_argument("--format", choices=("text", "json"), default="text")
    check.add_argument("--output", metavar="FILE", help="write the report to FILE")
    check.add_argument("--statistics", action="store_true", help="count the findings of each rule instead of listing them")
    check.add_argument("--show-all", action="store_true", help="show exempted findings, too")
    check.add_argument("--fix", action="store_true", help="rewrite what can be fixed (needs the extra `fix`); read the changes")
    check.add_argument("--diff", action="store_true", help="show what --fix would change, and change nothing")
    check.add_argument(
        "--jobs", type=_jobs, default=0, metavar="N", help="processes (default: one a core, where there is enough to do)"
    )
    check.add_argument("--stdin-filename", metavar="PATH", help="the path that standard input is to be checked as")
    check.add_argument("--root", metavar="FOLDER", help="what paths are relative to (default: found from the paths)")
    check.add_argument("--config", metavar="FILE", help="a TOML file with [tool.holdfast] (default: the root's pyproject.toml)")

    table = commands.add_parser(
        "routes", help="list the routes of a web application, and what limits and guards them", formatter_class=_Help
    )
    table.set_defaults(run=_routes)
    table.add_argument("path", nargs="?", default=".", metavar="PATH", help="the project's folder (default: the working directory)")
    table.add_argument("--format", choices=("text", "json", "markdown"), default="text")
    table.add_argument("--auth-only", action="store_true", help="only routes that check credentials")
    table.add_argument("--unlimited", action="store_true", help="only routes for which no limit was found")
    table.add_argument("--public", action="store_true", help="write the unguarded routes as a table for auth-on-route")

    listing = commands.add_parser("rules", help="list the rules", formatter_class=_Help)
    listing.set_defaults(run=_rules)
    explain = commands.add_parser("explain", help="show a rule's page", formatter_class=_Help)
    explain.add_argument("rule", metavar="RULE")
    explain.set_defaults(run=_explain)
    return parser


class _Version(argparse.Action):
    """--version, which looks the version up only when asked: the look-up takes as long as a whole run."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object, **__: object) -> None:
        from importlib.metadata import version

        sys.stdout.write(f"holdfast {version('holdfast')}\n")
        parser.exit()


def _jobs(value: str) -> int:
    number = int(value)
    if number < 1:
        raise argparse.ArgumentTypeError("is at least 1")
    return number


# -- check


def _check(options: argparse.Namespace) -> int:
    paths = [os.path.abspath(path) for path in options.paths or ["."] if path != "-"]
    if "-" in options.paths and (paths or not options.stdin_filename):
        raise CheckError("option", "`-` stands alone and needs --stdin-filename, the path to check it as")
    named = os.path.abspath(options.stdin_filename) if "-" in options.paths else None
    root = os.path.abspath(options.root) if options.root else configuration.find_root(paths or [named or os.getcwd()])
    outside = [path for path in [*paths, *([named] if named else [])] if not _is_below(path, root)]
    if outside:
        raise CheckError("option", f"{outside[0]} lies outside the root {root}")
    config = _config(options, root)
    if named and (options.fix or options.diff):
        raise CheckError("option", "--fix and --diff work on files, not on standard input")
    if named:
        path = os.path.relpath(named, root).replace(os.sep, "/")
        report = engine.run_text(config, root, path, sys.stdin.buffer.read())
    else:
        report = engine.run(config, root, paths, jobs=options.jobs)
        if options.diff or options.fix:
            return _fix(report, config, options, paths)
    _write(report, options)
    return report.exit_code(config.fail_on)


def _fix(report: Report, config: Config, options: argparse.Namespace, paths: list[str]) -> int:
    """Show or write the fixes of a report's findings; then report what is left."""
    from holdfast import fix

    left: list[str] = []
    fixed = changed = 0
    for path in sorted({finding.path for finding in report.new() if finding.fix}):
        outcome, before = fix.fix_file(report, path, config)
        fixed, changed = fixed + len(outcome.done), changed + bool(outcome.done)
        left += [f"{path}:{finding.line}: left alone: {reason}" for finding, reason in outcome.left]
        if options.diff:
            sys.stdout.write(fix.diff(path, before, outcome.data))
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
    _write(after, options)
    return after.exit_code(config.fail_on)


def _rewrite(root: str, path: str, data: bytes) -> None:
    from holdfast import fix

    try:
        fix.write(os.path.join(root, path), data)
    except OSError as error:
        raise CheckError("unreadable", f"cannot be rewritten: {error.strerror}", path) from error


def _is_below(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)


def _config(options: argparse.Namespace, root: str) -> Config:
    """The file's configuration with what the command line says instead."""
    if options.config and not os.path.isfile(options.config):
        raise CheckError("option", "the configuration does not exist", options.config)
    config = configuration.read(options.config or os.path.join(root, "pyproject.toml"))
    changes: dict[str, Any] = {}
    if options.select:
        changes["select"] = _names(options.select, "--select")
    if options.ignore:
        changes["ignore"] = (*config.ignore, *_names(options.ignore, "--ignore"))
    if options.scope:
        changes["scope"] = options.scope
    if options.fail_on:
        changes["fail_on"] = options.fail_on
    if options.option:
        changes["rules"] = _with_options(config.rules, options.option)
    return config.replace(**changes)


def _names(lists: list[str], flag: str) -> tuple[str, ...]:
    names = [name.strip() for written in lists for name in written.split(",") if name.strip()]
    if not names:
        raise CheckError("option", f"{flag} names no rule")
    from holdfast import rules

    try:
        return tuple(name if name == configuration.ALL else rules.current_name(name) for name in names)
    except CheckError as error:
        raise CheckError("option", f"in {flag}: {error.message}") from error


def _with_options(tables: dict[str, dict[str, Any]], settings: list[str]) -> dict[str, dict[str, Any]]:
    """The rules' tables with what `--option RULE.NAME=VALUE` sets."""
    import tomllib

    from holdfast import rules

    changed = {name: dict(table) for name, table in tables.items()}
    for setting in settings:
        target, equals, written = setting.partition("=")
        rule, dot, name = target.partition(".")
        if not (equals and dot):
            raise CheckError("option", f"--option is RULE.NAME=VALUE, not {setting}")
        try:
            value: object = tomllib.loads(f"value = {written}")["value"]
        except tomllib.TOMLDecodeError:
            value = written  # a bare word
        changed.setdefault(rules.current_name(rule), {})[name] = value
    for rule, table in changed.items():
        configuration.make_options(rules.load(rules.current_name(rule)), table)
    return changed


def _write(report: Report, options: argparse.Namespace) -> None:
    if options.statistics:
        document = text.write_statistics(report)
    elif options.format == "json":
        from holdfast.formats import json

        document = json.write(report, show_all=options.show_all)
    else:
        terminal = sys.stdout.isatty() and not options.output
        color = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        document = text.write(report, show_all=options.show_all, frames=terminal, color=color)
    if options.output:
        _write_file(options.output, document)
    else:
        sys.stdout.write(document)
        sys.stdout.flush()
    sys.stderr.write("".join(f"holdfast: note: {text.printable(note)}\n" for note in report.notes))
    sys.stderr.write("".join(text.write_error(error, report.root) for error in report.errors))
    sys.stderr.write(text.write_summary(report))


def _write_file(path: str, document: str) -> None:
    """Write a report whole or not at all."""
    partial = f"{path}.{os.getpid()}.tmp"
    try:
        with open(partial, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(document)
        os.replace(partial, path)
    except OSError as error:
        raise CheckError("option", f"--output {path} cannot be written: {error.strerror}") from error


# -- routes


def _routes(options: argparse.Namespace) -> int:
    """List the routes below a folder; exit code 2 where a file that may register some could not be read."""
    from holdfast import routes
    from holdfast.formats import routes as writer
    from holdfast.project import Project

    root = os.path.abspath(options.path)
    if not os.path.isdir(root):
        raise CheckError("option", "is no folder", options.path)
    with engine.resting_collector():
        found = routes.of(Project(root))
        chosen = [
            route
            for route in found.all
            if (not options.auth_only or found.endpoint(route)) and (not options.unlimited or not found.limit(route))
        ]
        document = writer.write_public(found) if options.public else writer.write(writer.rows(found, chosen), options.format)
    sys.stdout.write(document)
    sys.stdout.flush()
    unreadable = found.project.unreadable.values()
    sys.stderr.write("".join(text.write_error(error, root) for error in unreadable))
    sys.stderr.write(
        f"holdfast: {text.count(len(chosen), 'route')} of {len(found.all)} in {text.count(len(found.project.files), 'file')}\n"
    )
    return 2 if unreadable else 0


# -- rules and explain


def _rules(_options: argparse.Namespace) -> int:
    from holdfast import rules

    rows = [
        (
            rule.code,
            rule.name,
            rule.level,
            "on" if rule.default else "off",
            rule.fix_level or "-",
            ", ".join(rule.hosts),
            rule.summary,
        )
        for rule in rules.every()
    ]
    header = ("code", "rule", "level", "default", "fix", "hosts", "invariant")
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]
    for row in [header, *rows]:
        sys.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n")
    return 0


def _explain(options: argparse.Namespace) -> int:
    from holdfast import pages, rules

    name = rules.current_name(options.rule)
    sys.stdout.write(pages.page(next(rule for rule in rules.every() if rule.name == name)))
    return 0
