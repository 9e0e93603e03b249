"""The import statements behind the edges: their places, the names they import, whether they run when the module is imported.

The graph knows the first physical line of a statement only, so the statement is read from its file, by itself: a line that
is no whole statement is joined with those below it to the next closing bracket, and where even that cannot be parsed
(`except ImportError: import x`, brackets in comments), the whole file is.
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
"""An import statement of which only comments follow on its last line: to parse it would take several times as long."""


class Edge(NamedTuple):
    """One import statement as the graph has it; a tuple, because there are thousands."""

    importer: str
    imported: str
    line_number: int
    line_contents: str


class Statement(NamedTuple):
    """An import statement that imports a certain module.

    names: what it takes from the module: "" is the module itself, "*" everything; of an external package the whole dotted
    name. code: its first line. Lines and columns are 1-based.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    names: tuple[str, ...]
    code: str

    def at(self, above: int, indent: int, code: str) -> Statement:
        """The statement below so many lines, its first line moved to the right, with the code of that line."""
        line, column, end_line, end_column, names, _ = self
        last = indent if end_line == 1 else 0
        return Statement(line + above, column + indent * (line == 1), end_line + above, end_column + last, names, code)


class Statements:
    """The statements of a code base, read when asked for.

    details: the statements between two modules as the graph has them. modules: the names of all modules of the code base.
    type_checking, functions: whether imports under `if TYPE_CHECKING:` and inside functions count.
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
        self.everything = type_checking and functions
        self.type_checking, self.functions = type_checking, functions
        self.shapes = cache(self._shapes)  # the same statements stand in many files

    def of(self, importer: str, imported: str, name: str = "") -> list[Statement]:
        """The counted statements by which a module imports another, or a certain name of it, in order."""
        edges = self._edges(importer, imported)
        if name:
            found = [statement for edge in edges for statement in self._at(edge) if name in statement.names]
        else:
            found = [statement for edge in edges for statement in self._plain(edge) or self._at(edge)]
        return found if len(found) < 2 else sorted(set(found))

    def names(self, importer: str, imported: str) -> tuple[str, ...]:
        """The names that a module takes from another, in the order of the lines; files are opened for long statements only."""
        found: dict[str, None] = {}
        for edge in self._edges(importer, imported):
            line = edge.line_contents.strip()
            shapes = _is_whole(line) and self.shapes(line, importer if "from ." in line else "", imported)
            for names in [shape.names for shape in shapes or self._at(edge)]:
                found.update(dict.fromkeys(names))
        return tuple(found)

    def _text(self, edge: Edge) -> tuple[str, str, int]:
        """The line at which an edge's statement starts; the statement's text, as far as it can be told; and its indentation."""
        importer, _, number, contents = edge
        path = self.files.path(importer)
        code = (self.files.line(path, number) if path else None) or contents
        text = code.lstrip()
        indent = len(code) - len(text)
        return code, self._joined(text, path, number) if "(" in text or text.endswith("\\") else text, indent

    def _plain(self, edge: Edge) -> list[Statement]:
        """An edge's statement without its names, where it can be seen to be the only one on its line."""
        code, text, indent = self._text(edge)
        found = PLAIN.match(text)
        if found is None:
            return []
        line, end, below = edge.line_number, found.end(), text.count("\n", 0, found.end())
        last = end - text.rfind("\n", 0, end) if below else indent + end + 1
        return [Statement(line, indent + 1, line + below, last, (), code)]

    def _at(self, edge: Edge) -> list[Statement]:
        """The statements that start on an edge's line and import what it says."""
        importer, imported, number, _ = edge
        code, text, indent = self._text(edge)
        shapes = self.shapes(text, importer if "from ." in text else "", imported)
        source = None if shapes or parsed(text) else self.files.source(importer)
        if source is not None:
            nodes = [node for node in source.nodes(ast.Import, ast.ImportFrom) if node.lineno == number]
            return [shape.at(0, 0, code) for node in nodes for shape in self._shape(source, node, importer, imported)]
        return [shape.at(number - 1, indent, code) for shape in shapes]

    def _shapes(self, text: str, importer: str, imported: str) -> list[Statement]:
        """The statements in a text that import a module; the importer is named where one of them may be relative to it."""
        source = Source("", text.encode())
        return [shape for node in parsed(text) for shape in self._shape(source, node, importer, imported)]

    def _shape(self, source: Source, node: Node, importer: str, imported: str) -> list[Statement]:
        """An import statement where it stands in its source; nothing where it does not import the module."""
        names = self._names(node, importer, imported)
        return [Statement(*source.place(node), names, "")] if names else []

    def _joined(self, text: str, path: str, number: int) -> str:
        """A line with those below it that its brackets and backslashes reach, as far as that can be told without parsing."""
        if text.count("(") > text.count(")"):
            return f"{text}\n{self.files.until(path, number + 1, ')')}"
        lines = [text]
        while lines[-1].endswith("\\") and (line := self.files.line(path, number + len(lines))) is not None:
            lines.append(line)
        return "\n".join(lines)

    def count(self, importer: str, imported: str) -> bool:
        """Whether any of the statements counts; of one that the graph knows nothing about, it does."""
        return self.everything or not list(self.details(importer, imported)) or bool(self._edges(importer, imported))

    def _edges(self, importer: str, imported: str) -> list[Edge]:
        edges = list(self.details(importer, imported))
        if len(edges) > 1:
            edges.sort(key=itemgetter(2))
        return edges if self.everything else [edge for edge in edges if self._counts(edge)]

    def _counts(self, edge: Edge) -> bool:
        """Whether an import is neither under `if TYPE_CHECKING:` nor in a function, as far as that matters."""
        source = self.files.source(edge.importer)
        line = "" if source is None else self.files.line(source.path, edge.line_number) or ""
        if source is None or line.startswith(("import ", "from ")):  # in no function and under no `if`
            return True
        if self.functions and b"TYPE_CHECKING" not in source.data:
            return True
        try:
            nodes = [node for node in source.nodes(ast.Import, ast.ImportFrom) if node.lineno == edge.line_number]
        except CheckError:
            return True
        hidden = [
            (not self.functions and source.enclosing(node, *FunctionNode.__args__) is not None)
            or (not self.type_checking and _for_types(source, node))
            for node in nodes
        ]
        return not hidden or not all(hidden)

    def _names(self, node: Node, importer: str, imported: str) -> tuple[str, ...]:
        """What an import statement takes from a module; empty where it does not import it."""
        if isinstance(node, ast.Import):
            targets = [(alias.name, "") for alias in node.names]
        else:
            base = self._base(node, importer)
            targets = [(base, alias.name) for alias in node.names]
        return tuple(name for name in (self._from(*target, imported) for target in targets) if name is not None)

    def _from(self, base: str, name: str, imported: str) -> str | None:
        """The name as it is taken from the imported module; None where base and name stand for something else."""
        full = f"{base}.{name}" if name not in ("", "*") else base
        if imported not in self.modules:  # an external package
            return (f"{full}.*" if name == "*" else full) if full == imported or full.startswith(f"{imported}.") else None
        if full == imported:
            return "*" if name == "*" else ""
        return name if base == imported and full not in self.modules else None

    def _base(self, node: ast.ImportFrom, importer: str) -> str:
        """The absolute name of the module that an `import from` starts at."""
        if not node.level:
            return node.module or ""
        parts = importer.split(".")
        kept = len(parts) - node.level + self.files.is_package(importer, self.modules)
        return ".".join([*parts[:kept], *([node.module] if node.module else [])])


def _is_whole(line: str) -> bool:
    """Whether a line may be a whole statement."""
    return not line.endswith("\\") and line.count("(") == line.count(")")


def _for_types(source: Source, node: ast.AST) -> bool:
    """Whether a node stands in the body of `if TYPE_CHECKING:`."""
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
    """The import nodes of a text, none where it is no whole statement; the same statements stand in many files."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    imports = tuple(node for node in body if isinstance(node, ast.Import | ast.ImportFrom))
    if len(imports) == len(body):  # most; to walk through a tree takes as long as to parse it
        return imports
    return tuple(node for node in chain.from_iterable(map(ast.walk, body)) if isinstance(node, ast.Import | ast.ImportFrom))
