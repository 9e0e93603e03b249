"""How a long call is laid out: one argument a line, and a long text in several literals."""

from __future__ import annotations

import ast
import re

import libcst as cst

from holdfast.rules.no_print.messages import code_of, literal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.code.source import Source

USUAL = 88
STEP = " " * 4
CONFIGURATION = ("ruff.toml", "pyproject.toml", "setup.cfg", "tox.ini", ".flake8")
LENGTH = re.compile(r"^\s*(?:line|max-line)[-_]length\s*=\s*(\d+)", re.MULTILINE)


def wrapped(source: Source, node: ast.Call, call: cst.Call) -> cst.Call:
    """A call that fits the project's line length at the place of a node, as far as its parts allow."""
    line = source.lines[node.lineno - 1]
    indent = line[: len(line) - len(line.lstrip())]
    width = _line_length(source)
    code = code_of(call)
    if len(line) - len(line[node.col_offset :]) + len(code) <= width or line[: node.col_offset].strip():
        return call
    room = width - len(indent) - len(STEP)
    arguments = [code_of(argument.with_changes(comma=cst.MaybeSentinel.DEFAULT)) for argument in call.args]
    together = ", ".join(arguments)
    if len(together) <= room:
        inside = f"{STEP}{together}\n"
    else:
        first = call.args[0].value
        text = first.evaluated_value if isinstance(first, cst.SimpleString) else None
        if isinstance(text, str) and len(arguments[0]) >= room:
            arguments[0] = f"\n{STEP}".join(_pieces(text, room - 1))
        inside = "".join(f"{STEP}{argument},\n" for argument in arguments)
    made = cst.parse_expression(f"{code_of(call.func)}(\n{inside})")  # libcst adds the indentation of the block
    return made if isinstance(made, cst.Call) else call


def _pieces(text: str, width: int) -> list[str]:
    """A text as literals that are not longer than a width, cut between words."""
    found, piece = [], ""
    for word in re.findall(r"\S*\s*", text):
        if piece and len(literal(piece + word).value) > width:
            found.append(piece)
            piece = ""
        piece += word
    return [literal(part).value for part in (*found, piece) if part]


def _line_length(source: Source) -> int:
    """The line length that the project's formatter or linter allows."""
    if source.project is None:
        return USUAL
    if "line length" not in source.project.cache:
        files = (source.project.source(name) for name in CONFIGURATION)
        found = (LENGTH.search(file.data.decode("utf-8", "replace")) for file in files if file)
        source.project.cache["line length"] = next((int(match[1]) for match in found if match), USUAL)
    return int(source.project.cache["line length"])
