"""Import statements: their positions, the names that they import, and whether they run when the module is imported.

The graph contains only the first physical line of a statement, so the rest is read from its file. A line that is not a complete
statement is joined with the lines up to the next closing bracket. If the result cannot be parsed (`except ImportError: import x`,
brackets in comments), the whole file is parsed.
"""

from __future__ import annotations

import ast
import re
import warnings
from functools import cache, lru_cache
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

from holdfast.code.scopes import FunctionNode
from holdfast.code.source import Source
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from holdfast.boundaries.files import Files

    Node = ast.Import | ast.ImportFrom

PLAIN = re.compile(r"(?:from\s+[\w.]+\s+import\s+(?:\([\w\s,]*\)|\w[\w ,]*)|import\s+\w[\w. ,]*)(?<=[\w)])(?=\s*(?:#|$))")
"""An import statement that is alone on its lines, apart from comments. Matching is several times as fast as parsing."""


class Edge(NamedTuple):
    """One import statement in the graph. It is a tuple, because there are thousands."""

    importer: str
    imported: str
    line_number: int
    line_contents: str


class Statement(NamedTuple):
    """An import statement that imports a certain module.

    names: the names that it imports from the module: "" is the module itself, "*" is everything. For an external package they are
    whole dotted names. code: its first line. Lines and columns are 1-based.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    names: tuple[str, ...]
    code: str

    def at(self, above: int, indent: int, code: str) -> Statement:
        """Return the statement moved down by `above` lines, its first line moved right by `indent`, with that line's code."""
        line, column, end_line, end_column, names, _ = self
        last = indent if end_line == 1 else 0
        return Statement(line + above, column + indent * (line == 1), end_line + above, end_column + last, names, code)


class Statements:
    """The import statements of a code base, which are read when they are needed.

    details: the edges of the graph between two modules. modules: the names of all modules of the code base. type_checking,
    functions: whether imports under `if TYPE_CHECKING:` and inside functions count.
    """

    def __init__(
        self,
        files: Files,
        details: Callable[[str, str], Iterable[Edge]],
        modules: Collection[str],
        type_checking: bool = True,
        functions: bool = True,
    ) -> None:
        self.files = files
        self.details = details
        self.modules = modules
        self.counts_all = type_checking and functions
        self.type_checking, self.functions = type_checking, functions
        self.parsed_statements = cache(self._parsed_statements)  # many files contain the same statements

    def of(self, importer: str, imported: str, name: str = "") -> list[Statement]:
        """Return the statements that count by which a module imports another, or a certain name from it, in order."""
        edges = self._edges(importer, imported)
        if name:
            found = [statement for edge in edges for statement in self._at(edge) if name in statement.names]
        else:
            found = [statement for edge in edges for statement in self._matched(edge) or self._at(edge)]
        return found if len(found) < 2 else sorted(set(found))

    def names(self, importer: str, imported: str) -> tuple[str, ...]:
        """Return the names that a module imports from another, in order. Files are opened only for long statements."""
        found: dict[str, None] = {}
        for edge in self._edges(importer, imported):
            line = edge.line_contents.strip()
            statements = _is_complete(line) and self.parsed_statements(line, importer if "from ." in line else "", imported)
            for names in [statement.names for statement in statements or self._at(edge)]:
                found.update(dict.fromkeys(names))
        return tuple(found)

    def _text(self, edge: Edge) -> tuple[str, str, int]:
        """The first line of an edge's statement, the likely text of the whole statement, and its indentation."""
        importer, _, number, contents = edge
        path = self.files.path(importer)
        code = (self.files.line(path, number) if path else None) or contents
        text = code.lstrip()
        indent = len(code) - len(text)
        return code, self._joined(text, path, number) if "(" in text or text.endswith("\\") else text, indent

    def _matched(self, edge: Edge) -> list[Statement]:
        """An edge's statement without its names, if it matches PLAIN."""
        code, text, indent = self._text(edge)
        found = PLAIN.match(text)
        if found is None:
            return []
        line, end, below = edge.line_number, found.end(), text.count("\n", 0, found.end())
        last = end - text.rfind("\n", 0, end) if below else indent + end + 1
        return [Statement(line, indent + 1, line + below, last, (), code)]

    def _at(self, edge: Edge) -> list[Statement]:
        """The statements on an edge's line that import the edge's module."""
        importer, imported, number, _ = edge
        code, text, indent = self._text(edge)
        statements = self.parsed_statements(text, importer if "from ." in text else "", imported)
        source = None if statements or parsed(text) else self.files.source(importer)
        if source is not None:
            nodes = [node for node in source.nodes(ast.Import, ast.ImportFrom) if node.lineno == number]
            return [one.at(0, 0, code) for node in nodes for one in self._statement(source, node, importer, imported)]
        return [statement.at(number - 1, indent, code) for statement in statements]

    def _parsed_statements(self, text: str, importer: str, imported: str) -> list[Statement]:
        """The statements in a text that import a module. importer: needed only if one of them may be relative to it."""
        source = Source("", text.encode())
        return [statement for node in parsed(text) for statement in self._statement(source, node, importer, imported)]

    def _statement(self, source: Source, node: Node, importer: str, imported: str) -> list[Statement]:
        """An import statement with its position in its source; nothing if it does not import the module."""
        names = self._names(node, importer, imported)
        return [Statement(*source.place(node), names, "")] if names else []

    def _joined(self, text: str, path: str, number: int) -> str:
        """A line joined with the lines below it that likely belong to it, by brackets and backslashes."""
        if text.count("(") > text.count(")"):
            return f"{text}\n{self.files.until(path, number + 1, ')')}"
        lines = [text]
        while lines[-1].endswith("\\") and (line := self.files.line(path, number + len(lines))) is not None:
            lines.append(line)
        return "\n".join(lines)

    def is_counted(self, importer: str, imported: str) -> bool:
        """Return whether one of the statements counts. An import without statements in the graph counts."""
        return self.counts_all or not list(self.details(importer, imported)) or bool(self._edges(importer, imported))

    def _edges(self, importer: str, imported: str) -> list[Edge]:
        edges = list(self.details(importer, imported))
        if len(edges) > 1:
            edges.sort(key=itemgetter(2))
        return edges if self.counts_all else [edge for edge in edges if self._is_edge_counted(edge)]

    def _is_edge_counted(self, edge: Edge) -> bool:
        """Whether an import is neither under `if TYPE_CHECKING:` nor in a function, unless such imports count."""
        source = self.files.source(edge.importer)
        line = "" if source is None else self.files.line(source.path, edge.line_number) or ""
        if source is None or line.startswith(("import ", "from ")):  # neither in a function nor under an `if`
            return True
        if self.functions and b"TYPE_CHECKING" not in source.data:
            return True
        try:
            nodes = [node for node in source.nodes(ast.Import, ast.ImportFrom) if node.lineno == edge.line_number]
        except CheckError:
            return True
        ignored = [
            (not self.functions and source.enclosing(node, *FunctionNode.__args__) is not None)
            or (not self.type_checking and _is_for_type_checking(source, node))
            for node in nodes
        ]
        return not ignored or not all(ignored)

    def _names(self, node: Node, importer: str, imported: str) -> tuple[str, ...]:
        """The names that a statement imports from a module; empty if it does not import the module."""
        if isinstance(node, ast.Import):
            targets = [(alias.name, "") for alias in node.names]
        else:
            base = self._base(node, importer)
            targets = [(base, alias.name) for alias in node.names]
        return tuple(name for name in (self._name(*target, imported) for target in targets) if name is not None)

    def _name(self, base: str, name: str, imported: str) -> str | None:
        """The name that `from base import name` takes from the imported module; None if it imports another module."""
        full = f"{base}.{name}" if name not in ("", "*") else base
        if imported not in self.modules:  # an external package
            return (f"{full}.*" if name == "*" else full) if full == imported or full.startswith(f"{imported}.") else None
        if full == imported:
            return "*" if name == "*" else ""
        return name if base == imported and full not in self.modules else None

    def _base(self, node: ast.ImportFrom, importer: str) -> str:
        """The absolute name of the module after `from`."""
        if not node.level:
            return node.module or ""
        parts = importer.split(".")
        kept = len(parts) - node.level + self.files.is_package(importer, self.modules)
        return ".".join([*parts[:kept], *([node.module] if node.module else [])])


def _is_complete(line: str) -> bool:
    """Whether a line may be a complete statement."""
    return not line.endswith("\\") and line.count("(") == line.count(")")


def _is_for_type_checking(source: Source, node: ast.AST) -> bool:
    """Whether a node is in the body of `if TYPE_CHECKING:`."""
    child = node
    for above in source.ancestors(node):
        if isinstance(above, ast.If) and child in above.body:
            test = above.test
            if getattr(test, "id", None) == "TYPE_CHECKING" or getattr(test, "attr", None) == "TYPE_CHECKING":
                return True
        child = above
    return False


@lru_cache(maxsize=10_000)
def parsed(text: str) -> tuple[Node, ...]:
    """Return the import nodes in a text; none if it is not valid. Cached, because many files contain the same statements."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    imports = tuple(node for node in body if isinstance(node, ast.Import | ast.ImportFrom))
    if len(imports) == len(body):  # the usual case; walking through a tree takes as long as parsing it
        return imports
    return tuple(node for node in chain.from_iterable(map(ast.walk, body)) if isinstance(node, ast.Import | ast.ImportFrom))
