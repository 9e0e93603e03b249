"""Facts about Python's syntax: where a header ends, what identifies a statement, what a syntax error means."""

from __future__ import annotations

import ast
import re
import sys

from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from hashlib import _Hash

    Hash = _Hash

# Syntax that an older interpreter cannot parse: version, name, a pattern of the line, a pattern of the error message.
NEWER_SYNTAX = (
    ((3, 12), "a type statement", r"^\s*type\s+\w+\s*(\[.*\])?\s*=", ""),
    ((3, 12), "type parameters", r"^\s*(async\s+def|def|class)\s+\w+\s*\[", ""),
    ((3, 12), "a nested f-string", r"", r"^f-string"),
    ((3, 12), "a nested f-string", r"\b[rR]?[fF][rR]?(\"|').*\{[^}]*\1", ""),
    ((3, 14), "except without parentheses", r"^\s*except\s*\*?\s+[\w.]+\s*,\s*(\w+\.)*[A-Z]", ""),
    ((3, 14), "a template string", r"\b[rR]?[tT][rR]?(\"|')", ""),
    ((3, 15), "a lazy import", r"^\s*lazy\s+(import|from)\b", ""),
)
DIGITS = 32
PYTHON_2 = ("Missing parentheses in call to", "multiple exception types must be parenthesized", "leading zeros in decimal")


def explain(error: SyntaxError, data: bytes) -> CheckError:
    """The error to report for a syntax error: broken code, newer syntax than the interpreter knows, or bytes that are not text."""
    line = error.lineno or 0
    message = error.msg or "invalid syntax"
    if "unicode error" in message or "codec can't decode" in message or "encoding" in message:
        return CheckError("unreadable", f"cannot be decoded: {message}", line=line)
    if "null bytes" in message:
        return CheckError("unreadable", message, line=line)
    rows = data.splitlines()  # bytes split at \n, \r\n and \r only
    text = rows[line - 1].decode("utf-8", "replace") if 0 < line <= len(rows) else ""
    for version, name, line_pattern, message_pattern in NEWER_SYNTAX:
        fits = re.search(line_pattern, text) and re.search(message_pattern, message)
        if sys.version_info < version and fits:
            wanted, running = ".".join(map(str, version)), ".".join(map(str, sys.version_info[:2]))
            return CheckError(
                "newer-syntax",
                f"this looks like {name}, which needs Python {wanted}, but Holdfast runs on Python {running} ({message}): "
                f"run Holdfast with Python {wanted} or newer (in pre-commit: language_version: python{wanted})",
                line=line,
            )
    if message.startswith(PYTHON_2):
        return CheckError("syntax", f"{message} (if this is Python 2, exclude the file)", line=line)
    return CheckError("syntax", f"cannot be parsed: {message}", line=line)


def has_body(node: ast.AST) -> bool:
    """Return whether a node has a header and a body: a module, a compound statement, a `case` or an `except`."""
    return isinstance(getattr(node, "body", None), list) or isinstance(node, ast.Match)


def header_end(node: ast.AST, lines: list[str]) -> tuple[int, int]:
    """Where the header of a compound statement ends, right after its colon: line (1-based), column (0-based, UTF-8 bytes).

    lines: the lines of the file. Between the last expression of a header and its colon there are only names, brackets, commas and
    comments. So the header ends at the first colon after that expression that is not in a comment.
    """
    line, offset = getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
    for part in _header(node):
        line, offset = max((line, offset), _furthest(part))
    for number in range(line, len(lines) + 1):
        text = lines[number - 1].encode("utf-8", "surrogatepass")
        start = offset if number == line else 0
        colon = text.find(b":", start)
        comment = text.find(b"#", start)
        if colon >= 0 and (comment < 0 or colon < comment):
            return number, colon + 1
    return line, offset


def _header(node: ast.AST) -> list[ast.AST]:
    """The nodes between a compound statement's keyword and its colon."""
    inside: list[ast.AST] = []
    for name in node._fields:
        if name in ("body", "orelse", "finalbody", "handlers", "cases", "decorator_list"):
            continue
        value = getattr(node, name, None)
        inside += [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, ast.AST)]
    return inside


def _furthest(node: ast.AST) -> tuple[int, int]:
    """The last position of a node and the nodes in it; arguments and with-items have no position of their own."""
    ends = ((getattr(part, "end_lineno", None) or 0, getattr(part, "end_col_offset", None) or 0) for part in ast.walk(node))
    return max(ends)


def canonical(node: ast.AST) -> str:
    """The canonical form of a statement, or of the header of a compound statement: node types, and fields that are not empty.

    It contains no positions and is the same for every version of Python. The results of `ast.dump` and `ast.unparse` are not.
    """
    if has_body(node):
        inner = " ".join(_canonical(part) for part in [*getattr(node, "decorator_list", []), *_header(node)])
        return f"{type(node).__name__}({getattr(node, 'name', None) or ''} {inner})"
    return _canonical(node)


def _canonical(value: object) -> str:
    if isinstance(value, ast.JoinedStr):
        return f"JoinedStr({_joined(value)})"
    if isinstance(value, ast.Delete):
        return f"Delete({' '.join(_canonical(target) for target in _deleted(value.targets))})"
    if isinstance(value, ast.AST):
        fields = ((name, getattr(value, name, None)) for name in value._fields if name not in _NO_IDENTITY)
        kept = (f"{name}={_canonical(field)}" for name, field in fields if field is not None and field != [])
        return f"{type(value).__name__}({' '.join(kept)})"
    if isinstance(value, list):
        return f"[{' '.join(map(_canonical, value))}]"
    if isinstance(value, int) and not isinstance(value, bool):
        return hex(value)  # repr raises ValueError for a very long number
    return ascii(value)  # whether repr escapes a letter depends on the Unicode version of the interpreter


_NO_IDENTITY = ("ctx", "kind", "type_comment", "simple")  # simple: whether an annotated name has parentheses


def _deleted(targets: list[ast.expr]) -> Iterator[ast.expr]:
    """Yield the deleted targets, those of a tuple one by one: formatters turn `del (a, b)` into `del a, b`."""
    for target in targets:
        if isinstance(target, ast.Tuple | ast.List):
            yield from _deleted(target.elts)
        else:
            yield target


def _joined(node: ast.JoinedStr) -> str:
    """The parts of an f-string, with adjacent literal text joined: versions of Python split it differently."""
    parts: list[str] = []
    literal = ""
    for value in node.values:
        if isinstance(value, ast.Constant):
            literal += str(value.value)
        else:
            parts += [ascii(literal)] * bool(literal) + [_canonical(value)]
            literal = ""
    return " ".join(parts + [ascii(literal)] * bool(literal))


def fingerprint(statement: ast.AST, node: ast.AST, hashes: dict[ast.AST, Hash]) -> str:
    """The hash of a statement and of a node in it, which identifies a finding at the node.

    Two comparisons in one statement have different fingerprints, so a new one does not match the baseline entry of the other.
    hashes: the hashes of the statements of this file so far. A statement with many findings is read once.
    """
    if statement not in hashes:
        hashes[statement] = _hash(canonical(statement))
    whole = hashes[statement].copy()
    if node is not statement:
        whole.update(f"\n{canonical(node)}".encode("utf-8", "surrogatepass"))
    return whole.hexdigest()[:DIGITS]


def digest(text: str) -> str:
    """A hash of a text, as 32 hexadecimal digits."""
    return _hash(text).hexdigest()[:DIGITS]


def _hash(text: str) -> Hash:
    import hashlib  # takes about 5 ms, so only runs with findings import it

    return hashlib.sha256(text.encode("utf-8", "surrogatepass"))
