"""Facts about Python's syntax as pure functions: where a header ends, a statement's identity, what a syntax error means."""

from __future__ import annotations

import ast
import re
import sys

from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# What a file may use that an older interpreter cannot parse: version, name, the pattern of its line, the message it causes.
NEWER_SYNTAX = (
    ((3, 12), "a type statement", r"^\s*type\s+\w+\s*(\[.*\])?\s*=", ""),
    ((3, 12), "type parameters", r"^\s*(async\s+def|def|class)\s+\w+\s*\[", ""),
    ((3, 12), "a nested f-string", r"", r"^f-string"),
    ((3, 12), "a nested f-string", r"\b[rR]?[fF][rR]?(\"|').*\{[^}]*\1", ""),
    ((3, 14), "except without parentheses", r"^\s*except\s*\*?\s+[\w.]+\s*,\s*(\w+\.)*[A-Z]", ""),
    ((3, 14), "a template string", r"\b[rR]?[tT][rR]?(\"|')", ""),
    ((3, 15), "a lazy import", r"^\s*lazy\s+(import|from)\b", ""),
)
PYTHON_2 = ("Missing parentheses in call to", "multiple exception types must be parenthesized", "leading zeros in decimal")


def explain(error: SyntaxError, data: bytes) -> CheckError:
    """What a syntax error means: broken, newer than the running interpreter, or bytes that are no text."""
    line = error.lineno or 0
    message = error.msg or "invalid syntax"
    if "unicode error" in message or "codec can't decode" in message or "encoding" in message:
        return CheckError("unreadable", f"cannot be decoded: {message}", line=line)
    if "null bytes" in message:
        return CheckError("unreadable", message, line=line)
    rows = data.splitlines()  # bytes know just \n, \r\n and \r
    text = rows[line - 1].decode("utf-8", "replace") if 0 < line <= len(rows) else ""
    for version, name, pattern, says in NEWER_SYNTAX:
        fits = (not pattern or re.search(pattern, text)) and (not says or re.search(says, message))
        if sys.version_info < version and fits:
            wanted, running = ".".join(map(str, version)), ".".join(map(str, sys.version_info[:2]))
            return CheckError(
                "newer-syntax",
                f"looks like {name}, which needs Python {wanted}, and this is Python {running} ({message}): "
                f"run Holdfast with Python {wanted} or newer (in pre-commit: language_version: python{wanted})",
                line=line,
            )
    if message.startswith(PYTHON_2):
        return CheckError("syntax", f"{message} (if this is Python 2, exclude the file)", line=line)
    return CheckError("syntax", f"cannot be parsed: {message}", line=line)


def has_body(node: ast.AST) -> bool:
    """Whether a node is a compound statement, a `case` or an `except`: something with a header and a body."""
    return isinstance(getattr(node, "body", None), list) or isinstance(node, ast.Match)


def header_end(node: ast.AST, lines: list[str]) -> tuple[int, int]:
    """Where the header of a compound statement ends, just behind its colon: line (1-based), column (0-based, UTF-8 bytes).

    lines: the lines of the file. Between the last expression of a header and its colon stand only names, brackets, commas
    and comments, so the first colon behind that expression that is in no comment is the one.
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
    """The last position that a node or anything in it reaches (arguments and with-items have none of their own)."""
    ends = ((getattr(part, "end_lineno", None) or 0, getattr(part, "end_col_offset", None) or 0) for part in ast.walk(node))
    return max(ends)


def canonical(node: ast.AST) -> str:
    """Our own canonical form of a statement, or of the header of a compound one: no positions, the same for every Python.

    `ast.dump` and `ast.unparse` change between versions; this names node types, and fields that are not empty.
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
        return hex(value)  # repr of a very long number raises ValueError
    return ascii(value)  # repr writes a letter or its escape by the Unicode version of the interpreter


_NO_IDENTITY = ("ctx", "kind", "type_comment", "simple")  # simple: whether parentheses stand around an annotated name


def _deleted(targets: list[ast.expr]) -> Iterator[ast.expr]:
    """What is deleted; formatters take the parentheses of `del (a, b)` away, which are a tuple."""
    for target in targets:
        if isinstance(target, ast.Tuple | ast.List):
            yield from _deleted(target.elts)
        else:
            yield target


def _joined(node: ast.JoinedStr) -> str:
    """The parts of an f-string, literal text in one piece: how it is cut up differs between versions."""
    parts: list[str] = []
    literal = ""
    for value in node.values:
        if isinstance(value, ast.Constant):
            literal += str(value.value)
        else:
            parts += [ascii(literal)] * bool(literal) + [_canonical(value)]
            literal = ""
    return " ".join(parts + [ascii(literal)] * bool(literal))


def fingerprint(statement: ast.AST, node: ast.AST) -> str:
    """What identifies a finding at a node in a statement: a hash of both canonical forms.

    Of two comparisons in one statement each has its own, so that a new one does not pass for the one that was there.
    """
    return digest(canonical(statement) if node is statement else f"{canonical(statement)}\n{canonical(node)}")


def digest(text: str) -> str:
    """A hash of a text, as 32 hexadecimal digits."""
    import hashlib  # about 5 ms, paid only where there is something to say

    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
