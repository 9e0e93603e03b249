"""Run tools, and turn their results into findings with a symbol and a statement, so that a baseline can contain them."""

from __future__ import annotations

import ast
import os
import re

from holdfast import files
from holdfast.baseline.file import load as load_baseline
from holdfast.code import discovery, syntax
from holdfast.code.source import Source
from holdfast.engine.checks import LONGEST_FRAME
from holdfast.engine.report import Report, finished
from holdfast.ratchet.tool import Ran, Result, Tool, failed, is_valid
from holdfast.ratchet.tools import SEPARATOR, load
from holdfast.record import Record
from holdfast.rule import CheckError, Count, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from holdfast.engine.config import Config
    from holdfast.engine.tool_settings import Settings

NOTEBOOK = ".ipynb"


class Outcome(Record):
    """The findings and errors of one tool. The rule of a finding has a name such as "ruff:BLE001"."""

    findings: tuple[Finding, ...] = ()
    errors: tuple[CheckError, ...] = ()


def run(config: Config, root: str) -> Report:
    """Run the configured tools in the root (absolute), and match their findings with the baseline.

    If a tool fails, the report contains an error. Raises CheckError("option") if no tool is configured.
    """
    if not config.tools:
        raise CheckError("option", "no tool is configured: add a table such as [tool.holdfast.tools.ruff] to pyproject.toml")
    outcomes = {name: outcome_of(name, settings, root, config.exclude) for name, settings in config.tools.items()}
    report = Report(
        root=root,
        findings=tuple(finding for outcome in outcomes.values() for finding in outcome.findings),
        errors=tuple(error for outcome in outcomes.values() for error in outcome.errors),
        rules=frozenset(outcomes),
        whole=True,
    )
    report = finished(report, config)
    return report.replace(counts=_counts(report, config))


def _counts(report: Report, config: Config) -> tuple[Count, ...]:
    """For each rule of the tools, the numbers in the baseline and in this run, and the target; nothing if there is an error."""
    if report.errors:
        return ()  # the numbers would not be complete
    before: dict[str, int] = {}
    if config.baseline and os.path.lexists(os.path.join(report.root, config.baseline)):
        for entry in load_baseline(report.root, config.baseline).entries:
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
    """Run a tool in the root (absolute) and read its results. Nothing is raised; failures are errors of the outcome.

    exclude: globs of files whose findings and errors are ignored. Holdfast's exemptions do not apply, as each tool has its own.
    """
    tool = load(name)
    findings: list[Finding] = []
    errors: list[CheckError] = []
    try:
        program = _program(name, root)
        files = _files(root, settings, exclude) if tool.files else ()
        processes = (_process(program, call, root, settings, name) for call in tool.calls(settings, files))
        results = [item for ran in processes for item in _results(tool, ran)]
        sources: dict[str, Source | None] = {}
        for item in results:
            path = _relative(item.path, root, name)
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


def _results(tool: Tool, ran: Ran) -> list[Result | CheckError]:
    """The results of a tool's process. Raises CheckError if it failed or its output has an unexpected format."""
    items = list(tool.results(ran))
    if not all(map(is_valid, items)):
        raise failed(tool.name, ran, "the output has an unexpected format")
    return items


# -- the process


def _program(name: str, root: str) -> str:
    """The path of a tool: in the environment of this Python, or on the PATH. Raises CheckError if it is not installed."""
    import sys

    checkout = discovery.checkout_of(root) or root
    found = files.find_program(name, checkout, os.path.dirname(sys.executable)) or files.find_program(name, checkout)
    if found is None:
        message = f"{name} is not installed: install it in Holdfast's environment or on the PATH outside of the checkout, or remove"
        raise CheckError("option", f"{message} it from [tool.holdfast.tools]")
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
            env={
                **os.environ,
                "PATH": files.search_path(discovery.checkout_of(root) or root),
                "PYTHONSAFEPATH": "1",
                "PYTHONIOENCODING": "utf-8",
            },
        )
    except subprocess.TimeoutExpired as error:
        message = f"{name} did not finish in {settings.timeout} seconds: increase `timeout` in [tool.holdfast.tools.{name}]"
        raise CheckError("internal", message) from error
    except OSError as error:
        raise CheckError("internal", f"cannot start {name}: {error.strerror or error}") from error
    out, err = (stream.decode("utf-8", "replace") for stream in (ran.stdout, ran.stderr))
    return Ran(arguments=tuple(arguments), code=ran.returncode, out=out, err=err)


def _files(root: str, settings: Settings, exclude: Sequence[str]) -> list[str]:
    """The Python files in the configured paths, relative to the root."""
    paths = [os.path.join(root, path) for path in settings.paths] or [root]
    names = dict.fromkeys(name for path in paths for name in discovery.expand(path, root, []))
    return [name for name in names if not discovery.matches(name, exclude)]


def _relative(path: str, root: str, name: str) -> str:
    """A path in a tool's output, relative to the root with `/`; "" stays "". Raises CheckError for a path outside the root."""
    if not path:
        return ""
    for top in (root, os.path.realpath(root)):
        shown = discovery.relative(os.path.normpath(os.path.join(top, path)), top)
        if shown != ".." and not shown.startswith("../") and not os.path.isabs(shown):
            return shown
    raise CheckError("option", f"{name} checked {path}, which is outside the root {root}: correct `paths` or --root")


# -- findings


def _source(path: str, root: str) -> Source | None:
    """The file, or None if it cannot be read."""
    try:
        with open(os.path.join(root, path), "rb") as file:
            return Source(path, file.read())
    except OSError:
        return None


def _finding(tool: Tool, result: Result, source: Source | None) -> Finding:
    """A result as a finding. It is identified by its statement; outside of statements, by the text of its line or its message."""
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
            {
                "statement": syntax.fingerprint(source.enclosing_statement(node), node),
                "symbol": source.symbol(node),
                "span": source.span(node),
            }
            if _is_in_header(source, node, result.line)
            else {"statement": syntax.digest(line.strip()), "symbol": source.symbol(node)}
        )
        frame = source.shown_line(result.line, redact=secret)
    except CheckError:  # this Python cannot parse the file
        place = {"statement": syntax.digest(line.strip())}
        frame = "" if secret else line
    return finding.replace(frame=frame[:LONGEST_FRAME], **place)


def _node_at(source: Source, result: Result) -> ast.AST:
    """The innermost node around a result; the module if it is between statements."""
    start = _offset(source, result.line, result.column, result.in_bytes)
    end = _offset(source, result.end_line, result.end_column, result.in_bytes) if result.end_line else start
    found: ast.AST = source.tree
    waiting = list(ast.iter_child_nodes(found))
    while waiting:
        node = waiting.pop()
        if not hasattr(node, "end_lineno"):  # arguments, with-items and the like have no position
            waiting += ast.iter_child_nodes(node)
        elif _extent(node)[0] <= start and end <= _extent(node)[1]:
            found = node
            is_f_string = isinstance(node, ast.JoinedStr)  # before 3.12, the positions in it are wrong
            waiting = [] if is_f_string else list(ast.iter_child_nodes(node))
    return found


def _offset(source: Source, line: int, column: int, in_bytes: bool) -> tuple[int, int]:
    """Line and byte offset, as in ast."""
    if in_bytes:
        return line, column
    text = source.lines[line - 1] if line <= len(source.lines) else ""
    return line, len(text[: column - 1].encode("utf-8", "surrogatepass"))


def _extent(node: ast.AST) -> tuple[tuple[int, int], tuple[int, int]]:
    """The start of a node, including its decorators, and its end."""
    starts = ((part.lineno, part.col_offset) for part in (node, *getattr(node, "decorator_list", ())))
    return min(starts), (node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]


def _is_in_header(source: Source, node: ast.AST, line: int) -> bool:
    """Whether a line belongs to the simple statement, or to the header of the compound statement, that contains a node."""
    if isinstance(node, ast.Module):
        return False
    first, last = source.span(node)
    return first <= line <= last
