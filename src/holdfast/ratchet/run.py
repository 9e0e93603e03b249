"""Running a tool, and its results as findings of ours: with a symbol and a statement, so that a baseline can hold them."""

from __future__ import annotations

import ast
import os
import re

from holdfast.baseline import stored as known
from holdfast.code import discovery, syntax
from holdfast.code.source import Source
from holdfast.engine import report as reports
from holdfast.engine.checks import LONGEST_FRAME
from holdfast.ratchet.tool import Ran, Result, Tool, failed, is_sound
from holdfast.ratchet.tools import SEPARATOR, load
from holdfast.record import Record
from holdfast.rule import CheckError, Count, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from holdfast.engine.config import Config
    from holdfast.engine.report import Report
    from holdfast.engine.tool_settings import Settings

NOTEBOOK = ".ipynb"


class Outcome(Record):
    """What came of one tool. Findings are as the engine's, with a rule such as "ruff:BLE001"."""

    findings: tuple[Finding, ...] = ()
    errors: tuple[CheckError, ...] = ()


def run(config: Config, root: str) -> Report:
    """Run the tools that a configuration names, in the root (absolute), and hold what they find against its baseline.

    A failing tool is an error of the report. Raises CheckError("option") where no tool is configured.
    """
    if not config.tools:
        raise CheckError("option", "no tool is configured: give [tool.holdfast.tools.ruff] or another a table in pyproject.toml")
    outcomes = {name: outcome_of(name, settings, root, config.exclude) for name, settings in config.tools.items()}
    report = reports.Report(
        root=root,
        findings=tuple(finding for outcome in outcomes.values() for finding in outcome.findings),
        errors=tuple(error for outcome in outcomes.values() for error in outcome.errors),
        rules=frozenset(outcomes),
        whole=True,
    )
    report = reports.finished(report, config)
    return report.replace(counts=_counts(report, config))


def _counts(report: Report, config: Config) -> tuple[Count, ...]:
    """What the baseline knows, what there is and what shall be, for each rule of the tools; nothing with an error."""
    if report.errors:
        return ()  # what could not be counted is not counted
    before: dict[str, int] = {}
    if config.baseline and os.path.lexists(os.path.join(report.root, config.baseline)):
        for entry in known.load(report.root, config.baseline).entries:
            if entry.rule.partition(SEPARATOR)[0] in config.tools:
                before[entry.rule] = before.get(entry.rule, 0) + entry.times
    now: dict[str, int] = {}
    for finding in report.findings:
        if SEPARATOR in finding.rule:
            now[finding.rule] = now.get(finding.rule, 0) + 1
    targets = {
        f"{name}{SEPARATOR}{code}": target for name, settings in config.tools.items() for code, target in settings.targets.items()
    }
    return tuple(
        Count(rule=rule, baseline=before.get(rule, 0), now=now.get(rule, 0), target=targets.get(rule))
        for rule in sorted({*before, *now, *targets})
    )


def outcome_of(name: str, settings: Settings, root: str, exclude: Sequence[str] = ()) -> Outcome:
    """Run a tool in the root (absolute) and read what it says; nothing is raised, whatever fails is an error of the outcome.

    exclude: globs of files whose findings and errors do not count. Exemptions of ours play no part: a tool has its own.
    """
    tool = load(name)
    findings: list[Finding] = []
    errors: list[CheckError] = []
    try:
        program = _program(name, root)
        files = _files(root, settings, exclude) if tool.files else ()
        ran = (_process(program, call, root, settings, name) for call in tool.calls(settings, files))
        said = [item for one in ran for item in _said(tool, one)]
        sources: dict[str, Source | None] = {}
        for item in said:
            path = _below(item.path, root, name)
            if path and discovery.matches(path, exclude):
                continue
            if isinstance(item, CheckError):
                errors.append(item.at(path))
                continue
            if path not in sources:
                sources[path] = _source(path, root)
            findings.append(_finding(tool, item.replace(path=path), sources[path]))
    except CheckError as error:
        errors.append(error)
    return Outcome(findings=tuple(findings), errors=tuple(errors))


def _said(tool: Tool, ran: Ran) -> list[Result | CheckError]:
    """What a run of a tool found. Raises CheckError where it failed or its output is not what it should be."""
    items = list(tool.results(ran))
    if not all(map(is_sound, items)):
        raise failed(tool.name, ran, "its output has another form")
    return items


# -- the process


def _program(name: str, root: str) -> str:
    """The tool beside this Python, else the one on the PATH. Raises CheckError where there is none."""
    import shutil
    import sys

    beside = os.path.dirname(sys.executable)
    found = shutil.which(name, path=beside) or shutil.which(name)
    if found is None or os.path.dirname(os.path.abspath(found)) == root:  # on Windows `which` looks in the working directory
        raise CheckError(
            "option", f"{name} is not installed: put it beside Holdfast or on the PATH, or take it out of [tool.holdfast.tools]"
        )
    return found


def _process(program: str, arguments: Sequence[str], root: str, settings: Settings, name: str) -> Ran:
    import subprocess

    try:
        ran = subprocess.run(  # noqa: S603
            [program, *arguments],
            cwd=root,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=settings.timeout,
            check=False,
            env={**os.environ, "PYTHONSAFEPATH": "1", "PYTHONIOENCODING": "utf-8"},
        )
    except subprocess.TimeoutExpired as error:
        message = f"{name} did not end within {settings.timeout} seconds: set `timeout` in [tool.holdfast.tools.{name}]"
        raise CheckError("internal", message) from error
    except OSError as error:
        raise CheckError("internal", f"{name} cannot be started: {error.strerror or error}") from error
    out, err = (stream.decode("utf-8", "replace") for stream in (ran.stdout, ran.stderr))
    return Ran(arguments=tuple(arguments), code=ran.returncode, out=out, err=err)


def _files(root: str, settings: Settings, exclude: Sequence[str]) -> list[str]:
    """The Python files below the paths of the settings, relative to the root."""
    paths = [os.path.join(root, path) for path in settings.paths] or [root]
    names = dict.fromkeys(name for path in paths for name in discovery.expand(path, root, []))
    return [name for name in names if not discovery.matches(name, exclude)]


def _below(path: str, root: str, name: str) -> str:
    """A path that a tool names, relative to the root with `/`; "" for none. Raises CheckError for one outside the root."""
    if not path:
        return ""
    for top in (root, os.path.realpath(root)):
        shown = discovery.relative(os.path.normpath(os.path.join(top, path)), top)
        if shown != ".." and not shown.startswith("../") and not os.path.isabs(shown):
            return shown
    raise CheckError("option", f"{name} reports a file outside the root {root}: {path}")


# -- findings


def _source(path: str, root: str) -> Source | None:
    """The file, where it can be read."""
    try:
        with open(os.path.join(root, path), "rb") as file:
            return Source(path, file.read())
    except OSError:
        return None


def _finding(tool: Tool, result: Result, source: Source | None) -> Finding:
    """A result as a finding. The statement is what identifies it; beyond statements, the text of its line, or its message."""
    secret = result.code in tool.secret
    message = re.split(r"['\"`]", result.message, maxsplit=1)[0] + '"…"' if secret else result.message
    finding = Finding(
        path=result.path,
        line=result.line,
        column=result.column + result.in_bytes,
        end_line=result.end_line or result.line,
        end_column=result.end_column or result.column + result.in_bytes,
        message=message,
        level=result.level,
        measure=result.measure,
        statement=syntax.digest(result.code if result.whole_file else message),
        span=(result.line, result.line),
        rule=f"{tool.name}{SEPARATOR}{result.code}",
        code=result.code,
        page=result.url,
    )
    if source is None or result.whole_file or result.path.endswith(NOTEBOOK):
        return finding
    line = source.lines[result.line - 1] if result.line <= len(source.lines) else ""
    try:
        node = _node_at(source, result)
        place = (
            {"statement": syntax.fingerprint(source.holder(node), node), "symbol": source.symbol(node), "span": source.span(node)}
            if _stands_on(source, node, result.line)
            else {"statement": syntax.digest(line.strip()), "symbol": source.symbol(node)}
        )
        frame = source.shown_line(result.line, secret=secret)
    except CheckError:  # it does not parse here
        place = {"statement": syntax.digest(line.strip())}
        frame = "" if secret else line
    return finding.replace(frame=frame[:LONGEST_FRAME], **place)


def _node_at(source: Source, result: Result) -> ast.AST:
    """The innermost node around a result; the module where it stands between statements."""
    start = _offset(source, result.line, result.column, result.in_bytes)
    end = _offset(source, result.end_line, result.end_column, result.in_bytes) if result.end_line else start
    found: ast.AST = source.tree
    waiting = list(ast.iter_child_nodes(found))
    while waiting:
        node = waiting.pop()
        if not hasattr(node, "end_lineno"):  # arguments, with-items and the like have no place of their own
            waiting += ast.iter_child_nodes(node)
        elif _reach(node)[0] <= start and end <= _reach(node)[1]:
            found = node
            waiting = [] if isinstance(node, ast.JoinedStr) else list(ast.iter_child_nodes(node))  # before 3.12 theirs are wrong
    return found


def _offset(source: Source, line: int, column: int, in_bytes: bool) -> tuple[int, int]:
    """Line and offset as ast has them."""
    if in_bytes:
        return line, column
    text = source.lines[line - 1] if line <= len(source.lines) else ""
    return line, len(text[: column - 1].encode("utf-8", "surrogatepass"))


def _reach(node: ast.AST) -> tuple[tuple[int, int], tuple[int, int]]:
    """Where a node begins, with its decorators, and ends."""
    starts = ((part.lineno, part.col_offset) for part in (node, *getattr(node, "decorator_list", ())))
    return min(starts), (node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]


def _stands_on(source: Source, node: ast.AST, line: int) -> bool:
    """Whether a line is one of the statement, or the header, that holds a node, and not just somewhere in its body."""
    if isinstance(node, ast.Module):
        return False
    first, last = source.span(node)
    return first <= line <= last
