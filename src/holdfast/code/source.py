"""One file, read once: its bytes, text and tree, the nodes of each type, their parents, and the meaning of names."""

from __future__ import annotations

import ast
import re
import warnings
from bisect import bisect_left
from functools import cached_property
from itertools import accumulate

from holdfast.code import conventions, literals, scopes, syntax
from holdfast.code.encoding import decoded, is_other_encoding, searchable
from holdfast.code.scopes import Definition, FunctionNode
from holdfast.rule import CheckError, Evidence, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Protocol, TypeVar, overload

    from holdfast.code.modules import Modules
    from holdfast.code.syntax import Hash

    class ProjectLike(Protocol):
        """The parts of holdfast.code.project.Project that a file may use."""

        cache: dict[str, Any]
        unreadable: dict[str, CheckError]

        @property
        def files(self) -> tuple[str, ...]: ...
        @property
        def modules(self) -> Modules: ...
        def modules_with(self, path: str) -> Modules: ...
        @property
        def entry_points(self) -> frozenset[str]: ...
        def source(self, path: str) -> Source | None: ...
        def with_text(self, path: str, data: bytes) -> Source: ...
        def mentioning(self, *words: bytes, patterns: tuple[tuple[bytes, bytes], ...] = ()) -> Iterator[Source]: ...

    Node = TypeVar("Node", bound=ast.AST)
    Second = TypeVar("Second", bound=ast.AST)
    Third = TypeVar("Third", bound=ast.AST)
LONGEST_SHOWN = 60
LONGEST_FRAME = 200


class Source:
    """One Python file under the root.

    path: relative to the root, with `/`. data: the file's bytes. tree: the parsed file, if a host already has it. Lines are
    1-based; columns are 1-based and count characters (ast counts UTF-8 bytes from 0). Reading `tree`, or anything that needs it,
    raises CheckError if the file cannot be parsed.
    """

    def __init__(self, path: str, data: bytes, tree: ast.Module | None = None, project: ProjectLike | None = None) -> None:
        self.path = path
        self.data = data
        self.project = project
        self.by_scope: dict[str, dict[scopes.Scope, list[ast.AST]]] = {}  # filled by scopes.binders
        self.origins: dict[ast.expr, list[ast.expr]] = {}  # filled by values.origins
        self._definitions: dict[ast.AST, tuple[Definition, ...]] = {}
        self._offsets: dict[int, list[int]] = {}  # where each character of a line begins, in UTF-8 bytes
        self._frames: dict[tuple[int, bool], str] = {}
        self._header_ends: dict[ast.AST, tuple[int, int]] = {}
        self.hashes: dict[ast.AST, Hash] = {}  # filled by syntax.fingerprint
        self.memo: dict[tuple[object, ast.AST], Any] = {}  # cached answers about a node: (question, node)
        if tree is not None:
            self.tree = tree

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed file. Python's warnings about its code are not shown."""
        if not self.data.isascii() and not is_other_encoding(self.data):
            self._decode()  # ast.parse accepts invalid bytes in comments, the interpreter does not
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return ast.parse(self.data, self.path)
        except SyntaxError as error:
            raise syntax.explain(error, self.data).at(self.path) from error
        except (RecursionError, MemoryError) as error:
            raise CheckError("unreadable", "the code is nested too deeply to be parsed", self.path) from error
        except ValueError as error:  # null bytes, before Python 3.12
            raise CheckError("unreadable", str(error), self.path) from error

    def _decode(self) -> None:
        try:
            self.data.decode("utf-8")
        except UnicodeDecodeError as error:
            line = self.data.count(b"\n", 0, error.start) + 1
            raise CheckError("unreadable", f"cannot be decoded: {error}", self.path, line) from error

    @cached_property
    def text(self) -> str:
        """The decoded file, without its byte order mark, with its own newlines. Raises CheckError for an unusual encoding."""
        if is_other_encoding(self.data):
            try:
                return decoded(self.data)
            except (SyntaxError, LookupError, UnicodeError) as error:  # for example hex, which encodes bytes, not text
                raise CheckError("unreadable", f"cannot be decoded: {error}", self.path, 1) from error
        return self.data.decode("utf-8-sig", "replace")

    @cached_property
    def lowered(self) -> bytes:
        """The bytes of the file in lower case, to look for words before anything is parsed; see encoding.searchable."""
        return searchable(self.data)

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends. A line ends at \\n, \\r\\n or \\r, and at no other character."""
        return re.split(r"\r\n|\n|\r", self.text) if "\r" in self.text else self.text.split("\n")

    @cached_property
    def is_test(self) -> bool:
        """Whether the file is a test, or in a folder of tests or fixtures: see conventions.is_test."""
        return conventions.is_test(self.path, self.project)

    # -- the index

    @cached_property
    def _index(self) -> tuple[dict[type[ast.AST], list[ast.AST]], dict[ast.AST, ast.AST]]:
        index: dict[type[ast.AST], list[ast.AST]] = {}
        parents: dict[ast.AST, ast.AST] = {}
        queue: list[ast.AST] = [self.tree]
        AST = ast.AST  # noqa: N806
        for node in queue:  # breadth first: the loop extends the list; it runs for every node of every file
            kind = node.__class__
            if kind in index:
                index[kind].append(node)
            else:
                index[kind] = [node]
            fields = _KNOWN_FIELDS.get(kind)
            for name in _fields_with_nodes(kind) if fields is None else fields:
                value = getattr(node, name, None)
                if value.__class__ is list:
                    for item in value:
                        if isinstance(item, AST):
                            parents[item] = node
                            queue.append(item)
                elif isinstance(value, AST):
                    parents[value] = node
                    queue.append(value)
        return index, parents

    if TYPE_CHECKING:

        @overload
        def nodes(self, kind: type[Node], /) -> Iterator[Node]: ...
        @overload
        def nodes(self, kind: type[Node], second: type[Second], /) -> Iterator[Node | Second]: ...
        @overload
        def nodes(self, kind: type[Node], second: type[Second], third: type[Third], /) -> Iterator[Node | Second | Third]: ...
        @overload
        def nodes(self, *kinds: type[ast.AST]) -> Iterator[ast.AST]: ...

    def nodes(self, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
        """Yield all nodes of these exact types, outer nodes first. Operators and contexts like ast.Load are not indexed."""
        index = self._index[0]
        for kind in kinds:
            yield from index.get(kind, ())

    def parent(self, node: ast.AST) -> ast.AST | None:
        """The node that contains this one; None for the module."""
        return self._index[1].get(node)

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield the nodes around this one, innermost first."""
        parents = self._index[1]
        above = parents.get(node)
        while above is not None:
            yield above
            above = parents.get(above)

    def within_statement(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield the nodes around this one inside its statement, innermost first."""
        for above in self.ancestors(node):
            if isinstance(above, ast.stmt):
                return
            yield above

    def enclosing(self, node: ast.AST, *kinds: type[Node]) -> Node | None:
        """The innermost node of one of these types around this one."""
        return next((above for above in self.ancestors(node) if isinstance(above, kinds)), None)

    def function(self, node: ast.AST) -> FunctionNode | None:
        """The innermost function around a node."""
        return next((above for above in self.definitions(node) if isinstance(above, FunctionNode)), None)

    def definitions(self, node: ast.AST) -> tuple[Definition, ...]:
        """The functions and classes around a node, innermost first."""
        return scopes.definitions(self._index[1], self._definitions, node)

    @cached_property
    def returns(self) -> dict[FunctionNode | None, list[ast.Return]]:
        """The return statements of each function."""
        found: dict[FunctionNode | None, list[ast.Return]] = {}
        for statement in self.nodes(ast.Return):
            found.setdefault(self.function(statement), []).append(statement)
        return found

    @cached_property
    def attributes(self) -> dict[tuple[ast.ClassDef, str], list[ast.expr]]:
        """The values assigned to `self.x`, or to `x` in the body of a class, by class and name."""
        return scopes.attributes(self)

    # -- names

    @cached_property
    def imported(self) -> frozenset[str]:
        """The top-level packages that the file imports, anywhere in it, without relative imports."""
        found = {alias.name.partition(".")[0] for statement in self.nodes(ast.Import) for alias in statement.names}
        from_ = {(statement.module or "").partition(".")[0] for statement in self.nodes(ast.ImportFrom) if not statement.level}
        return frozenset(found | from_)

    @cached_property
    def binder_table(self) -> dict[str, list[ast.AST]]:
        """All nodes that bind a name, by that name."""
        return scopes.table(self)

    def binders(self, name: str, at: ast.AST) -> list[ast.AST]:
        """The nodes that bind a name that is used at a node: all binders in the innermost scope that binds it.

        A binder is a Name (assigned or deleted), an arg, an alias (an import), a def or class, an except handler or a pattern. The
        list is empty for builtins and for names that only a star import can bind.
        """
        return scopes.binders(self, name, at)

    def qualname(self, node: ast.AST) -> str | None:
        """The dotted name of a Name or a chain of attributes, whatever name it was imported as.

        `new` after `from hmac import new` is "hmac.new", a builtin is "builtins.print", and a relative import keeps its dots. A
        name that is assigned once, from another name, has the dotted name of that one. The result is None for everything else:
        locals, parameters, calls.
        """
        return scopes.qualname(self, node)

    def symbol(self, node: ast.AST) -> str:
        """The names of the definitions around a node, including itself, as in "Class.method"; "" at module level."""
        own = (node,) if isinstance(node, Definition) else ()
        return ".".join(above.name for above in reversed((*own, *self.definitions(node))))

    def symbol_at(self, line: int) -> str:
        """The names of the definitions around a line, as in "Class.method"; "" at module level and for decorators."""
        around = (
            node
            for node in self.nodes(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
            if node.lineno <= line <= (node.end_lineno or node.lineno)
        )
        return ".".join(node.name for node in sorted(around, key=lambda node: node.lineno))

    # -- places

    def column(self, line: int, offset: int) -> int:
        """The column (1-based, characters) of an offset that ast counts (0-based, UTF-8 bytes)."""
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        if text.isascii():
            return offset + 1
        if line not in self._offsets:
            self._offsets[line] = [0, *accumulate(len(letter.encode("utf-8", "surrogatepass")) for letter in text)]
        return min(bisect_left(self._offsets[line], offset), len(text)) + 1

    def place(self, node: ast.AST) -> tuple[int, int, int, int]:
        """Start and end of an expression, a simple statement, the header of a node with a body, or the first line of a module.

        Returns line, column, end_line, end_column.
        """
        if isinstance(node, ast.Module):
            return 1, 1, 1, len(self.lines[0]) + 1
        line, offset = _start(node)
        end_line, end_offset = self._header_end(node) if syntax.has_body(node) else _end(node)
        return line, self.column(line, offset), end_line, self.column(end_line, end_offset)

    def enclosing_statement(self, node: ast.AST) -> ast.AST:
        """The innermost statement, `case` or `except` around a node, or the node itself."""
        held = (node, *self.ancestors(node))
        return next((above for above in held if isinstance(above, ast.stmt | ast.match_case | ast.ExceptHandler)), node)

    def span(self, node: ast.AST) -> tuple[int, int]:
        """First and last line of the simple statement, or of the header (decorators to colon), that contains a node."""
        if isinstance(node, ast.Module):
            return 1, 1
        holder = self.enclosing_statement(node)
        decorators = getattr(holder, "decorator_list", [])
        first = decorators[0].lineno if decorators else _start(holder)[0]
        return first, (self._header_end(holder) if syntax.has_body(holder) else _end(holder))[0]

    def _header_end(self, node: ast.AST) -> tuple[int, int]:
        if node not in self._header_ends:
            self._header_ends[node] = syntax.header_end(node, self.lines)
        return self._header_ends[node]

    def show(self, node: ast.AST, redact: bool = True) -> str:
        """The node's code on one line, shortened; with `redact`, string literals appear as "…". For messages only."""
        line, column, end_line, end_column = self.place(node)
        text = self.shown_line(line, redact, line, column, end_line, end_column).strip()
        for number in range(line + 1, end_line + 1):
            if len(text) > LONGEST_SHOWN:
                break
            text += f" {self.shown_line(number, redact, line, column, end_line, end_column).strip()}"
        return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"

    def shown_line(
        self, number: int, redact: bool, line: int = 1, column: int = 1, end_line: int = 10**9, end_column: int = 10**9
    ) -> str:
        """A line of the file, or its part between two places; with `redact`, string literals appear as "…"."""
        text = self.lines[number - 1] if number <= len(self.lines) else ""
        last = end_column - 1 if number == end_line else len(text)
        first = column - 1 if number == line else 0
        if not redact:
            return text[first:last]
        return literals.redacted(text, first, last, self._literals.get(number, []))

    def frame(self, number: int, redact: bool) -> str:
        """A line of the file as a report shows it, shortened."""
        if (number, redact) not in self._frames:
            self._frames[number, redact] = self.shown_line(number, redact)[:LONGEST_FRAME]
        return self._frames[number, redact]

    @cached_property
    def _literals(self) -> dict[int, list[tuple[int, int]]]:
        """Start and end (0-based columns) of the string literals, or their parts, on each line, in order, outermost only."""
        return literals.places(self)

    def evidence(self, node: ast.AST, message: str) -> Evidence:
        """Evidence for a finding: a node of this file, with a message that explains it."""
        line, column, _, _ = self.place(node)
        return Evidence(message=message, path=self.path, line=line, column=column)

    def finding(
        self,
        node: ast.AST,
        message: str,
        *,
        hint: str = "",
        confidence: str = "high",
        level: str = "",
        evidence: tuple[Evidence, ...] = (),
        fix: str | None = None,
    ) -> Finding:
        """A finding at a node; of a def, a class or another node with a body, at its header.

        fix: "safe" or "unsafe" if the rule's fix can rewrite it.
        """
        line, column, end_line, end_column = self.place(node)
        return Finding(
            path=self.path,
            line=line,
            column=column,
            end_line=end_line,
            end_column=end_column,
            message=message,
            hint=hint,
            symbol=self.symbol(node),
            confidence=confidence,
            level=level,
            evidence=evidence,
            fix=fix,
            statement=syntax.fingerprint(self.enclosing_statement(node), node, self.hashes),
            span=self.span(node),
        )


_KNOWN_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {}
_NO_NODES = {"ctx", "op", "ops", "id", "attr", "arg", "kind", "type_comment", "level", "module", "lineno"}


def _fields_with_nodes(kind: type[ast.AST]) -> tuple[str, ...]:
    """The fields of a node type that can contain indexed nodes."""
    skipped = _NO_NODES | ({"value"} if kind is ast.Constant else set())
    _KNOWN_FIELDS[kind] = tuple(name for name in kind._fields if name not in skipped)
    return _KNOWN_FIELDS[kind]


def _start(node: ast.AST) -> tuple[int, int]:
    if isinstance(node, ast.match_case):
        return node.pattern.lineno, node.pattern.col_offset
    return getattr(node, "lineno", 1), getattr(node, "col_offset", 0)


def _end(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "end_lineno", None) or _start(node)[0], getattr(node, "end_col_offset", None) or 0
