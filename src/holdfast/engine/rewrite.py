"""Rewrite one file with libcst: put what the fixes of rules return in the places of their findings."""

from __future__ import annotations

import ast

from holdfast import rules
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

    from holdfast.code.source import Source
    from holdfast.engine.checks import Chosen

    Place = tuple[int, ...]
    Line = cst.SimpleStatementLine | cst.SimpleStatementSuite
    Block = cst.IndentedBlock | cst.Module

SIMPLE: dict[type[ast.AST], tuple[type[cst.CSTNode], ...]] = {
    ast.alias: (cst.ImportAlias,),
    ast.AnnAssign: (cst.AnnAssign,),
    ast.Assert: (cst.Assert,),
    ast.Assign: (cst.Assign,),
    ast.Attribute: (cst.Attribute,),
    ast.AugAssign: (cst.AugAssign,),
    ast.Await: (cst.Await,),
    ast.BinOp: (cst.BinaryOperation,),
    ast.BoolOp: (cst.BooleanOperation,),
    ast.Break: (cst.Break,),
    ast.Call: (cst.Call,),
    ast.Compare: (cst.Comparison,),
    ast.Constant: (cst.SimpleString, cst.ConcatenatedString, cst.Integer, cst.Float, cst.Imaginary, cst.Name, cst.Ellipsis),
    ast.Continue: (cst.Continue,),
    ast.Delete: (cst.Del,),
    ast.Dict: (cst.Dict,),
    ast.DictComp: (cst.DictComp,),
    ast.Expr: (cst.Expr,),
    ast.Global: (cst.Global,),
    ast.IfExp: (cst.IfExp,),
    ast.Import: (cst.Import,),
    ast.ImportFrom: (cst.ImportFrom,),
    ast.JoinedStr: (cst.FormattedString, cst.ConcatenatedString),
    ast.keyword: (cst.Arg,),
    ast.Lambda: (cst.Lambda,),
    ast.List: (cst.List,),
    ast.ListComp: (cst.ListComp,),
    ast.Name: (cst.Name,),
    ast.NamedExpr: (cst.NamedExpr,),
    ast.Nonlocal: (cst.Nonlocal,),
    ast.Pass: (cst.Pass,),
    ast.Raise: (cst.Raise,),
    ast.Return: (cst.Return,),
    ast.Set: (cst.Set,),
    ast.SetComp: (cst.SetComp,),
    ast.Subscript: (cst.Subscript,),
    ast.UnaryOp: (cst.UnaryOperation,),
    ast.Yield: (cst.Yield,),
    ast.YieldFrom: (cst.Yield,),
}
"""The libcst nodes for a node of the tree, with the same start and end. Neither includes the parentheses around an expression.
Tuples and generators are missing because ast includes their parentheses."""
COMPOUND: dict[type[ast.AST], tuple[type[cst.CSTNode], ...]] = {
    ast.AsyncFor: (cst.For,),
    ast.AsyncFunctionDef: (cst.FunctionDef,),
    ast.AsyncWith: (cst.With,),
    ast.ClassDef: (cst.ClassDef,),
    ast.ExceptHandler: (cst.ExceptHandler, cst.ExceptStarHandler),
    ast.For: (cst.For,),
    ast.FunctionDef: (cst.FunctionDef,),
    ast.If: (cst.If,),
    ast.Match: (cst.Match,),
    ast.Try: (cst.Try,),
    ast.TryStar: (cst.TryStar,),
    ast.While: (cst.While,),
    ast.With: (cst.With,),
}
"""The same for nodes with a body. Only the start is the same, because a finding stands on the header."""
KINDS = {
    written: [kind for kind, others in (SIMPLE | COMPOUND).items() if written in others]
    for fitting in (SIMPLE | COMPOUND).values()
    for written in fitting
}
"""The types of tree nodes for each libcst node."""


class Rewriter(cst.CSTTransformer):
    """Rewrites the findings of one file. Afterwards each finding is in `done` or, with the reason, in `left`."""

    def __init__(self, source: Source, findings: list[Finding], chosen: Iterable[Chosen]) -> None:
        super().__init__()
        self.source = source
        self.chosen = {rule.name: (rule, options) for rule, options in chosen}
        self.done: list[Finding] = []
        self.left: list[tuple[Finding, str]] = []
        self.imports: dict[tuple[str, str | None], None] = {}
        self.definitions: dict[str, None] = {}
        self.moved: set[str] = set()
        """The lines of decorators that change their order."""
        self._removed: set[cst.CSTNode] = set()
        self._sinking: dict[cst.CSTNode, Place] = {}
        self._positions: dict[cst.CSTNode, CodeRange] = {}
        self._wanted: dict[tuple[Place, type[ast.AST]], tuple[ast.AST, Finding]] = {}
        lines = {finding.line for finding in findings}
        at: dict[Place, list[ast.AST]] = {}
        for node in source.nodes(*SIMPLE, *COMPOUND):
            if getattr(node, "lineno", 0) in lines and not _is_part_of_string(source, node):
                at.setdefault(source.place(node), []).append(node)
        for finding in findings:
            self._want(finding, at.get(_place(finding), []))

    def _want(self, finding: Finding, nodes: list[ast.AST]) -> None:
        """Choose the node of a finding: one of the rule's anchors, and an expression rather than its statement."""
        anchors = self.chosen[finding.rule][0].anchors
        fitting = [node for node in nodes if type(node) in anchors or not anchors]
        node = min(fitting, key=lambda node: isinstance(node, ast.Expr), default=None)
        if node is None:
            self.left.append((finding, "fixes of this type of node are not supported"))
        elif self._wanted.setdefault((_key(type(node), _place(finding)), type(node)), (node, finding))[1] is not finding:
            self.left.append((finding, "another fix rewrites the same place: run it again"))

    def run(self) -> bytes:
        """The rewritten file."""
        bom = b"\xef\xbb\xbf" if self.source.data.startswith(b"\xef\xbb\xbf") else b""
        data = self.source.data.removeprefix(bom)
        old_mac = b"\r" in data and b"\n" not in data  # libcst does not support lines that end with \r alone
        wrapper = MetadataWrapper(cst.parse_module(data.replace(b"\r", b"\n") if old_mac else data), unsafe_skip_copy=True)
        self._positions = dict(wrapper.resolve(PositionProvider))
        module = wrapper.module.visit(self)
        self.left += [(finding, "its place was not found again") for _, finding in self._wanted.values()]
        module = fix_imports.added(module, list(self.imports))
        module = fix_imports.without_unused(module, self.source.tree)
        if self.definitions:
            module = _defined(module, list(self.definitions))
        return bom + (module.bytes.replace(b"\n", b"\r") if old_mac else module.bytes)

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> Any:  # accepts any node
        """Replace a node after the nodes in it, so that a fix sees the fixes inside its node."""
        updated: Any = super().on_leave(original_node, updated_node)
        if self._removed and isinstance(original_node, cst.SimpleStatementLine | cst.SimpleStatementSuite):
            updated = self._shortened(original_node, updated)
        if self._removed and isinstance(original_node, cst.IndentedBlock | cst.Module):
            updated = _without(original_node, updated, self._removed)
        if (self._removed or self._sinking) and isinstance(original_node, cst.FunctionDef | cst.ClassDef):
            updated = updated.with_changes(decorators=self._decorators(original_node, updated))
        for kind in KINDS.get(type(original_node), ()):
            wanted = self._wanted.pop((_key(kind, self._at(original_node)), kind), None)
            if wanted:
                return self._replaced(*wanted, original_node, updated)
        return updated

    def _at(self, node: cst.CSTNode) -> Place:
        at = self._positions[node]
        return at.start.line, at.start.column + 1, at.end.line, at.end.column + 1

    def _replaced(self, node: ast.AST, finding: Finding, original: cst.CSTNode, updated: cst.CSTNode) -> cst.CSTNode:
        result = self._fix(node, finding, updated)
        if isinstance(result, str):
            self.left.append((finding, result))
            return updated
        self.done.append(finding)
        self.imports.update(dict.fromkeys(result.imports))
        self.definitions.update(dict.fromkeys(result.definitions))
        if result.node is None:
            self._removed.add(original)
        if result.below is not None:
            self._sinking[original] = self.source.place(result.below)
            last = getattr(result.below, "end_lineno", finding.end_line)
            self.moved.update(self.source.lines[finding.line - 1 : last])
        return result.node or updated

    def _fix(self, node: ast.AST, finding: Finding, updated: cst.CSTNode) -> Replacement | str:
        """The result of the rule's fix. A mistake in the fix becomes a reason to leave the code alone."""
        _, options = self.chosen[finding.rule]
        try:
            result = rules.load_fix(finding.rule)(self.source, node, updated, options)
        except Exception as error:  # noqa: BLE001  # one broken fix must not stop the others
            return f"the fix of {finding.rule} failed, please report it: {type(error).__name__}: {error}"
        if isinstance(result, Replacement) and result.node is None and not self._is_removable(node):
            return f"the fix of {finding.rule} failed, please report it: {type(node).__name__} cannot be removed here"
        if not isinstance(result, Replacement | str):
            return (
                f"the fix of {finding.rule} failed, please report it: it returned {result!r} instead of a Replacement or a reason"
            )
        return result

    def _is_removable(self, node: ast.AST) -> bool:
        """Return whether a node is a statement, an expression statement, or a decorator."""
        above = self.source.parent(node)
        return isinstance(node, ast.stmt) or isinstance(above, ast.Expr) or node in getattr(above, "decorator_list", ())

    def _shortened(self, original: Line, updated: Line) -> Line:
        """A line without its removed statements. A line without any statement left is removed together with its block."""
        kept = [new for old, new in zip(original.body, updated.body, strict=True) if not self._is_removed(old)]
        if not kept:
            self._removed.add(original)
            return updated
        if len(kept) == len(updated.body):
            return updated
        return updated.with_changes(body=[*kept[:-1], kept[-1].with_changes(semicolon=cst.MaybeSentinel.DEFAULT)])

    def _decorators(self, original: cst.FunctionDef | cst.ClassDef, updated: cst.FunctionDef | cst.ClassDef) -> list[cst.Decorator]:
        """The decorators in their new order, without the removed ones. Comments move with their decorator."""
        pairs = zip(original.decorators, updated.decorators, strict=True)
        order = [pair for pair in pairs if pair[0].decorator not in self._removed]
        for pair in reversed(order.copy()):
            below = self._sinking.get(pair[0].decorator)
            if below:
                order.remove(pair)
                places = [self._at(old.decorator) for old, _ in order]
                order.insert(places.index(below) + 1, pair)
        return [new for _, new in order]

    def _is_removed(self, statement: cst.BaseSmallStatement) -> bool:
        return statement in self._removed or (isinstance(statement, cst.Expr) and statement.value in self._removed)


def _is_part_of_string(source: Source, node: ast.AST) -> bool:
    """Return whether a node is literal text or a format in an f-string. In Python 3.11 its position is that of the whole."""
    above = source.parent(node)
    return isinstance(above, ast.JoinedStr) or (isinstance(above, ast.FormattedValue) and above.format_spec is node)


def _place(finding: Finding) -> Place:
    return finding.line, finding.column, finding.end_line, finding.end_column


def _key(kind: type[ast.AST], place: Place) -> Place:
    """The part of a place that a tree node and its libcst node share: start and end, or only the start for a node with a body."""
    return place[:2] if kind in COMPOUND else place


def _without(original: Block, updated: Block, removed: set[cst.CSTNode]) -> Block:
    """A block without its removed lines and statements. Comments above them stay."""
    body: list[cst.BaseStatement] = []
    carried: list[cst.EmptyLine] = []
    for old, new in zip(original.body, updated.body, strict=True):
        leading = list(getattr(new, "leading_lines", []))
        if old not in removed:
            body.append(new.with_changes(leading_lines=[*carried, *leading]) if carried else new)
            carried = []
        elif any(line.comment for line in leading):
            carried += leading
    return updated.with_changes(body=body, footer=[*carried, *updated.footer])


def _defined(module: cst.Module, definitions: list[str]) -> cst.Module:
    """A module with definitions added after its imports."""
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
