"""Fixes: findings in, rewritten files out. The only module, beside the rules' own fixes, that imports libcst.

A rule's fix gets the tree's node, libcst's node at the same place and the rule's options, and returns what to put there, or a
sentence why not. The rest is done here: matching positions, imports, definitions after them, the check that nothing else
changed and that a second run changes nothing, and a write that happens whole or not at all.
"""

from __future__ import annotations

import ast
import difflib
import os

from holdfast import rules
from holdfast.code.source import Source
from holdfast.engine import checks, config as configuration
from holdfast.record import Record
from holdfast.rule import CheckError, Finding, Replacement

try:
    import libcst as cst
    from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider
except ImportError as error:
    raise CheckError("option", "--fix needs libcst: pip install 'holdfast[fix]' (a hook of ours brings it along)") from error

from holdfast.engine import fix_imports

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from holdfast.code.source import ProjectLike
    from holdfast.engine.checks import Chosen, Outcome
    from holdfast.engine.config import Config
    from holdfast.engine.report import Report

    Place = tuple[int, int, int, int]
    Line = cst.SimpleStatementLine | cst.SimpleStatementSuite
    Block = cst.IndentedBlock | cst.Module

# Which libcst nodes stand for a node of the tree: both leave out enclosing parentheses.
SAME_NODES: dict[type[ast.AST], tuple[type[cst.CSTNode], ...]] = {ast.Compare: (cst.Comparison,), ast.Call: (cst.Call,)}


class Fixed(Record):
    """A file after its fixes: its bytes, old or new, what was fixed, and what was left, with the reason."""

    data: bytes
    done: tuple[Finding, ...] = ()
    left: tuple[tuple[Finding, str], ...] = ()


def fix_source(source: Source, findings: Iterable[Finding], chosen: list[Chosen]) -> Fixed:
    """Apply the fixes of findings of one file; chosen are the rules that found them, for the check afterwards."""
    wanted = [finding for finding in findings if finding.path == source.path and finding.fix and finding.status == "new"]
    if not wanted:
        return Fixed(data=source.data)
    fixer = _Fixer(source, wanted, chosen)
    try:
        data = fixer.run()
    except (cst.ParserSyntaxError, RecursionError) as error:
        return Fixed(data=source.data, left=tuple((finding, f"libcst cannot read the file ({error})") for finding in wanted))
    problem = _problem(source, data, fixer, chosen) if fixer.done else ""
    if problem:
        return Fixed(data=source.data, left=tuple((finding, problem) for finding in wanted))
    return Fixed(data=data, done=tuple(fixer.done), left=tuple(fixer.left))


def fix_file(report: Report, path: str, config: Config) -> tuple[Fixed, bytes]:
    """Apply the fixes of a report's findings in one file (path relative to the root), in memory; and the bytes as they were."""
    chosen = [(rule, configuration.options_of(rule, config)) for rule in configuration.selected(config)]
    with open(os.path.join(report.root, path), "rb") as file:
        data = file.read()
    project = checks.project_of(report.root, chosen)
    return fix_source(_source(project, path, data), report.new(), chosen), data


def _source(project: ProjectLike | None, path: str, data: bytes) -> Source:
    """A file with a text of its own, which its project, if there is one, has from it."""
    return project.with_text(path, data) if project else Source(path, data)


class _Fixer(cst.CSTTransformer):
    """Puts replacements where the findings are."""

    def __init__(self, source: Source, findings: list[Finding], chosen: Iterable[Chosen]) -> None:
        super().__init__()
        self.source = source
        self.options = {rule.name: options for rule, options in chosen}
        self.definitions: dict[str, None] = {}
        self.removed: set[cst.CSTNode] = set()
        self.emptied: set[cst.CSTNode] = set()
        self.done: list[Finding] = []
        self.left: list[tuple[Finding, str]] = []
        self.imports: dict[tuple[str, str | None], None] = {}
        self.sinking: dict[cst.CSTNode, Place] = {}
        self.moved: set[str] = set()
        places = {_place(finding): finding for finding in findings}
        self.nodes = {
            (place, kind): (node, places[place])
            for kind in SAME_NODES
            for node in source.nodes(kind)
            if (place := source.place(node)) in places
        }
        self.positions: dict[cst.CSTNode, CodeRange] = {}

    def run(self) -> bytes:
        """The rewritten file."""
        bom = b"\xef\xbb\xbf" if self.source.data.startswith(b"\xef\xbb\xbf") else b""
        data = self.source.data.removeprefix(bom)
        old_mac = b"\r" in data and b"\n" not in data  # libcst knows no line that ends at \r alone
        wrapper = MetadataWrapper(cst.parse_module(data.replace(b"\r", b"\n") if old_mac else data), unsafe_skip_copy=True)
        self.positions = dict(wrapper.resolve(PositionProvider))
        module = wrapper.module.visit(self)
        matched = [finding for finding, _ in self.left] + self.done
        for _, finding in self.nodes.values():
            if finding not in matched:
                self.left.append((finding, "its place was not found again"))
        module = fix_imports.added(module, list(self.imports))
        module = fix_imports.without_unused(module, self.source.tree)
        if self.definitions:
            module = _defined(module, list(self.definitions))
        return bom + (module.bytes.replace(b"\n", b"\r") if old_mac else module.bytes)

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> Any:  # it takes any node
        """Replace a node on the way up, so that fixes within fixes hold."""
        updated: Any = super().on_leave(original_node, updated_node)
        if self.removed and isinstance(original_node, cst.SimpleStatementLine | cst.SimpleStatementSuite):
            return self._shortened(original_node, updated)
        if self.emptied and isinstance(original_node, cst.IndentedBlock | cst.Module):
            return _without(original_node, updated, self.emptied)
        if self.sinking and isinstance(original_node, cst.FunctionDef | cst.ClassDef):
            return updated.with_changes(decorators=self._sunk(original_node, updated))
        for kind, fitting in SAME_NODES.items():
            if isinstance(original_node, fitting):
                place = self._at(original_node)
                if (place, kind) in self.nodes:
                    return self._replaced(*self.nodes[place, kind], original_node, updated)
        return updated

    def _at(self, node: cst.CSTNode) -> Place:
        at = self.positions[node]
        return at.start.line, at.start.column + 1, at.end.line, at.end.column + 1

    def _replaced(self, node: ast.AST, finding: Finding, original: cst.CSTNode, updated: object) -> object:
        result = rules.load_fix(finding.rule)(self.source, node, updated, self.options[finding.rule])
        if isinstance(result, Replacement):
            self.done.append(finding)
            self.imports.update(dict.fromkeys(result.imports))
            self.definitions.update(dict.fromkeys(result.definitions))
            if result.node is None:
                self.removed.add(original)
            if result.below is not None:
                self.sinking[original] = self.source.place(result.below)
                last = getattr(result.below, "end_lineno", finding.end_line)
                self.moved.update(self.source.lines[finding.line - 1 : last])
            return result.node or updated
        self.left.append((finding, result))
        return updated

    def _shortened(self, original: Line, updated: Line) -> Line:
        """A line without the statements that go; one where all go is dropped with its block's next step."""
        kept = [new for old, new in zip(original.body, updated.body, strict=True) if not self._goes(old)]
        if not kept:
            self.emptied.add(original)
            return updated
        if len(kept) == len(updated.body):
            return updated
        return updated.with_changes(body=[*kept[:-1], kept[-1].with_changes(semicolon=cst.MaybeSentinel.DEFAULT)])

    def _sunk(self, original: cst.FunctionDef | cst.ClassDef, updated: cst.FunctionDef | cst.ClassDef) -> list[cst.Decorator]:
        """Decorators in their new order; those that move keep theirs, and take their comments along."""
        order = list(zip(original.decorators, updated.decorators, strict=True))
        for pair in reversed(order.copy()):
            below = self.sinking.get(pair[0].decorator)
            if below:
                order.remove(pair)
                places = [self._at(old.decorator) for old, _ in order]
                order.insert(places.index(below) + 1, pair)
        return [new for _, new in order]

    def _goes(self, statement: cst.BaseSmallStatement) -> bool:
        return isinstance(statement, cst.Expr) and statement.value in self.removed


def _without(original: Block, updated: Block, emptied: set[cst.CSTNode]) -> Block:
    """A block without the lines that go; comments above these stay, above what follows."""
    body: list[cst.BaseStatement] = []
    carried: list[cst.EmptyLine] = []
    for old, new in zip(original.body, updated.body, strict=True):
        leading = list(getattr(new, "leading_lines", []))
        if old not in emptied:
            body.append(new.with_changes(leading_lines=[*carried, *leading]) if carried else new)
            carried = []
        elif any(line.comment for line in leading):
            carried += leading
    return updated.with_changes(body=body, footer=[*carried, *updated.footer])


def _place(finding: Finding) -> Place:
    return finding.line, finding.column, finding.end_line, finding.end_column


def _defined(module: cst.Module, definitions: list[str]) -> cst.Module:
    """A module with lines after the imports at its top."""
    body = list(module.body)
    at = 0
    for index, statement in enumerate(body):
        if isinstance(statement, cst.FunctionDef | cst.ClassDef):
            break
        if isinstance(statement, cst.SimpleStatementLine) and any(
            isinstance(part, cst.Import | cst.ImportFrom) for part in statement.body
        ):
            at = index + 1
    lines = [cst.parse_statement(definition) for definition in definitions]
    if lines and isinstance(lines[0], cst.SimpleStatementLine):
        lines[0] = lines[0].with_changes(leading_lines=[cst.EmptyLine(indent=False)])
    if at < len(body):
        leading = list(getattr(body[at], "leading_lines", []))
        wanted = 2 if isinstance(body[at], cst.FunctionDef | cst.ClassDef) else 1
        missing = wanted - sum(not line.comment for line in leading)
        body[at] = body[at].with_changes(leading_lines=[cst.EmptyLine(indent=False)] * missing + leading)
    return module.with_changes(body=[*body[:at], *lines, *body[at:]])


def _problem(source: Source, data: bytes, fixer: _Fixer, chosen: list[Chosen]) -> str:
    """Why a rewritten file must not be written; "" where all is well."""
    after = _source(source.project, source.path, data)
    fixing = {finding.rule for finding in fixer.done}
    before, outcome = (_outcome(one, chosen, fixing) for one in (source, after))
    known = {(error.path, error.message) for error in before.errors}
    broken = [error.message for error in outcome.errors if (error.path, error.message) not in known]
    if broken:
        return f"the fix would break the file ({broken[0]})"
    if len(outcome.findings) != len(before.findings) - len(fixer.done):
        return "the fix would not silence just its findings"
    if _touches_more(source, after, fixer):
        return "the fix would change other lines"
    fixable = [finding for finding in outcome.findings if finding.fix and finding.status == "new" and finding.path == after.path]
    again = _Fixer(after, fixable, chosen)
    again.run()
    return "a second run would change the file again" if again.done else ""


def _outcome(source: Source, chosen: list[Chosen], fixing: set[str]) -> Outcome:
    """What the rules say: those about files of this one; those about the project that fix something here, of all its files."""
    outcomes = [checks.check_source(source, [pair for pair in chosen if pair[0].scope == "file"])]
    for rule, options in chosen:
        if source.project and rule.scope == "project" and rule.name in fixing:
            outcomes.append(checks.check_project(source.project, (rule, options)))
    findings = tuple(finding for outcome in outcomes for finding in outcome.findings)
    return checks.Outcome(findings=findings, errors=tuple(error for outcome in outcomes for error in outcome.errors))


def _touches_more(source: Source, after: Source, fixer: _Fixer) -> bool:
    """Whether lines changed that hold no finding, apart from decorators that only change places, and from added imports and
    definitions and the blank lines around them."""
    allowed = {line for finding in fixer.done for line in range(finding.line, finding.end_line + 1)}
    old, new = ([(number, line) for number, line in enumerate(one.lines, 1) if line.strip()] for one in (source, after))
    matcher = difflib.SequenceMatcher(None, [line for _, line in old], [line for _, line in new], autojunk=False)
    gone: list[str] = []
    come: list[str] = []
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        holds_findings = start < end and {number for number, _ in old[start:end]} <= allowed
        changed = [line for _, line in (*old[start:end], *new[new_start:new_end])]
        if tag != "equal" and fixer.moved.issuperset(changed):
            gone += [line for _, line in old[start:end]]
            come += [line for _, line in new[new_start:new_end]]
            continue
        is_added = all(line.startswith(("import ", "from ", *fixer.definitions)) for line in changed)
        if tag != "equal" and not holds_findings and not is_added:
            return True
    return sorted(gone) != sorted(come)
