"""Run tools, and turn their results into findings with a symbol and a statement, so that a baseline can contain them."""

from __future__ import annotations

import ast
import os
import re

from holdfast import files
from holdfast.baseline.file import load as load_baseline
from holdfast.code import discovery, syntax
from holdfast.code.source import LONGEST_FRAME, Source
from holdfast.engine.changes import since as changed_since
from holdfast.engine.report import Report, finished
from holdfast.ratchet import coverage, silenced as silenced_findings
from holdfast.ratchet.tool import Ran, Result, Tool, failed, is_valid
from holdfast.ratchet.tools import SEPARATOR, is_about, load
from holdfast.record import Record
from holdfast.rule import CheckError, Count, Finding, ToolRun, suggestion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from holdfast.engine.changes import Changes
    from holdfast.engine.config import Config
    from holdfast.engine.tool_settings import Settings

NOTEBOOK = ".ipynb"


class Outcome(Record):
    """The findings and errors of one tool. The rule of a finding has a name such as "ruff:BLE001"."""

    findings: tuple[Finding, ...] = ()
    errors: tuple[CheckError, ...] = ()
    silenced: tuple[Finding, ...] = ()
    """The findings that a new comment suppresses, if changes are given."""
    ran: ToolRun | None = None
    """The tool, unless there is an error."""


def run(config: Config, root: str, only: Sequence[str] = (), since: str = "") -> Report:
    """Run the configured tools in the root (absolute), and match their findings with the baseline.

    only: the tools, or the starts of codes such as "ruff:UP", to which the report is limited; empty for all. since: a revision;
    findings that a comment suppresses since then are counted and noted. If a tool fails, the report contains an error.
    Raises CheckError("option") if no tool is configured.
    """
    if not config.tools:
        raise CheckError("option", "no tool is configured: add a table such as [tool.holdfast.tools.ruff] to pyproject.toml")
    names = {one.partition(SEPARATOR)[0] for one in only} or set(config.tools)
    unknown = sorted(names - set(config.tools))
    if unknown:
        raise CheckError("option", f'--only: no tool "{unknown[0]}" is configured{suggestion(unknown[0], list(config.tools))}')
    changes = changed_since(root, since) if since else None
    outcomes = {
        name: outcome_of(name, settings, root, config.exclude, changes) for name, settings in config.tools.items() if name in names
    }
    findings = [finding for outcome in outcomes.values() for finding in outcome.findings]
    report = Report(
        root=root,
        findings=tuple(finding for finding in findings if not only or is_about(finding.rule, only)),
        errors=tuple(error for outcome in outcomes.values() for error in outcome.errors),
        rules=frozenset(only or outcomes),
        whole=True,
        tools=tuple(outcome.ran for outcome in outcomes.values() if outcome.ran),
    )
    report = finished(report, config)
    found = [finding for outcome in outcomes.values() for finding in outcome.silenced]
    silenced = [finding for finding in found if is_about(finding.rule, report.rules)] if since else None
    counts = _counts(report, config, silenced)
    notes = [
        f"{finding.path}:{finding.line}: {finding.rule} is silenced by a comment, not fixed (since {since})"
        for finding in silenced or ()
    ]
    without = [one for one in only if not report.errors and not any(is_about(count.rule, (one,)) for count in counts)]
    notes += [f"--only {one}: there is no such finding, neither in this run nor in the baseline" for one in without]
    return report.replace(counts=counts, notes=(*notes, *_renamed(counts, config, root)))


def _renamed(counts: Sequence[Count], config: Config, root: str) -> Iterator[str]:
    """A sentence for each code in the baseline that has no finding because the tool has renamed it."""
    for count in counts:
        name, _, code = count.rule.partition(SEPARATOR)
        renames = load(name).renames
        if renames and count.baseline and not count.now:
            call, new_name = renames(code)
            new = new_name(_process(_program(name, root), call, root, config.tools[name], name))
            if new:
                rule = f"{name}{SEPARATOR}{new}"
                yield f"{name} renamed {code} to {new}: replace {count.rule} with {rule} in {config.baseline}"


def _counts(report: Report, config: Config, silenced: Sequence[Finding] | None) -> tuple[Count, ...]:
    """For each rule of the tools, the numbers in the baseline and in this run, and the target; nothing if there is an error."""
    if report.errors:
        return ()  # the numbers would not be complete
    before: dict[str, int] = {}
    if config.baseline and os.path.lexists(os.path.join(report.root, config.baseline)):
        for entry in load_baseline(report.root, config.baseline).entries:
            before[entry.rule] = before.get(entry.rule, 0) + entry.times
    now: dict[str, int] = {}
    for finding in report.findings:
        now[finding.rule] = now.get(finding.rule, 0) + 1
    targets = {
        f"{name}{SEPARATOR}{code}": target for name, settings in config.tools.items() for code, target in settings.targets.items()
    }
    return tuple(
        Count(
            rule=rule,
            baseline=before.get(rule, 0),
            now=now.get(rule, 0),
            target=targets.get(rule),
            silenced=None if silenced is None else sum(finding.rule == rule for finding in silenced),
        )
        for rule in sorted({*before, *now, *targets, *(finding.rule for finding in silenced or ())})
        if is_about(rule, report.rules)
    )


def outcome_of(name: str, settings: Settings, root: str, exclude: Sequence[str] = (), changes: Changes | None = None) -> Outcome:
    """Run a tool in the root (absolute) and read its results. Nothing is raised; failures are errors of the outcome.

    exclude: globs of files whose findings and errors are ignored. Holdfast's exemptions do not apply, as each tool has its own.
    changes: those in which silenced findings are looked for.
    """
    tool = load(name)
    exclude = (*exclude, *settings.exclude)
    findings: list[Finding] = []
    errors: list[CheckError] = []
    silenced: tuple[Finding, ...] = ()
    ran = None
    try:
        program = _program(name, root)
        files = coverage.expected(name, settings, root, exclude)

        def called(*more: str) -> list[Ran]:
            """The processes of a run with more arguments."""
            calls = tool.calls(settings.replace(args=(*settings.args, *more)), files)
            return [_process(program, call, root, settings, name) for call in calls]

        processes = called()
        results = [item for process in processes for item in _results(tool, process)]
        findings, errors = _sorted_out(tool, results, root, exclude)
        if not errors:
            listed = called(*tool.lists) if tool.lists else processes
            paths = {coverage.relative(path, root, name) for process in listed for path in tool.looked_at(process)}
            looked_at = {path for path in paths if not discovery.matches(path, exclude)}
            errors += coverage.gaps(tool, settings, root, files, looked_at)
            ran = _tool_run(name, _process(program, ["--version"], root, settings, name), len(looked_at), results)
        if not errors and changes and tool.ignore_comments:
            results = [item for process in called(*tool.ignore_comments) for item in _results(tool, process)]
            every, errors = _sorted_out(tool, results, root, exclude)
            silenced = silenced_findings.since(changes, tool, every, findings, root)
    except CheckError as error:
        errors.append(error)
    return Outcome(findings=tuple(findings), errors=tuple(errors), silenced=silenced, ran=None if errors else ran)


def _sorted_out(
    tool: Tool, results: Sequence[Result | CheckError], root: str, exclude: Sequence[str]
) -> tuple[list[Finding], list[CheckError]]:
    """The findings and the errors among the results, without those in excluded files."""
    findings: list[Finding] = []
    errors: list[CheckError] = []
    sources: dict[str, Source | None] = {}
    for item in results:
        path = coverage.relative(item.path, root, tool.name)
        if path and discovery.matches(path, exclude):
            continue
        if isinstance(item, CheckError):
            errors.append(item.at(path))
            continue
        if path not in sources:
            sources[path] = _source(path, root)
        findings.append(_finding(tool, item.replace(path=path), sources[path]))
    return findings, errors


def _tool_run(name: str, version: Ran, files: int, results: Sequence[Result | CheckError]) -> ToolRun:
    """What the report says about a tool. version: the process of `--version`."""
    found = [item for item in results if isinstance(item, Result)]
    names, tags = {item.code: item.name for item in found}, {item.code: item.tags for item in found}
    return ToolRun(name=name, version=_version(version), files=files, names=names, tags=tags)


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


def _version(ran: Ran) -> str:
    """The version in the output of `--version`, or ""."""
    found = re.search(r"\d+(?:\.\d+)+[\w.+-]*", ran.out.split("\n", 1)[0])
    return found[0] if found and ran.code == 0 else ""


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
                "statement": syntax.fingerprint(source.enclosing_statement(node), node, source.hashes),
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
