"""What a `print` writes as a log message: a text with placeholders, and the values for them."""

from __future__ import annotations

import ast
import re

import libcst as cst

from holdfast.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    Parts = list[str | tuple[cst.BaseExpression, str]]

RESERVED = frozenset(
    "name msg args levelname levelno pathname filename module exc_info exc_text stack_info lineno funcName created msecs "
    "relativeCreated thread threadName processName process message asctime taskName".split()
)
RESERVED_BY_STRUCTLOG = frozenset("event self level logger logger_name timestamp exception stack".split())
VAGUE = frozenset("id pk e ex err exc error exception".split())
PERCENT = re.compile(r"%(?:%|[-+ #0]*\d*(?:\.\d+)?[sradiufFeEgGxXoc])")
LABEL = re.compile(r"\w.*[:=]\s*", re.DOTALL)
BETWEEN = re.compile(r"[\s,;:=|/()\[\].-]*")
RULER = re.compile(r"[\s=*#_~.+-]*")


class Message(Record):
    """The parts of a message in order: plain text, or a value with its conversion as in `%` ("s", "r", "5.2f")."""

    parts: tuple[str | tuple[cst.BaseExpression, str], ...]
    written: cst.BaseExpression | None = None
    """The one argument of the call, where it is certainly text."""

    @property
    def text(self) -> str:
        """The plain text, without the values."""
        return "".join(part for part in self.parts if isinstance(part, str))

    @property
    def values(self) -> list[cst.BaseExpression]:
        """The values."""
        return [part[0] for part in self.parts if not isinstance(part, str)]

    @property
    def is_ruler(self) -> bool:
        """Whether the message only draws a line, or nothing."""
        return not self.values and bool(RULER.fullmatch(self.text))

    def arguments(self, braces: bool = False) -> list[cst.Arg]:
        """A literal with placeholders and the values for them; `%s` as logging wants it, or `{}` as loguru does."""
        written = ""
        values = list(self.values)
        for part in self.parts:
            if isinstance(part, str):
                doubled = escaped(part) if braces else part.replace("%", "%%")
                written += doubled if values else part
            elif not braces:
                written += f"%{part[1]}"
            elif part[1] in ("s", "r", "a"):
                written += "{}" if part[1] == "s" else f"{{!{part[1]}}}"
            else:
                written += "{}"
                values[values.index(part[0])] = _percent_of(*part)
        return [cst.Arg(literal(written)), *map(cst.Arg, values)]

    @property
    def finished(self) -> cst.BaseExpression:
        """The message as one text, with its values put in."""
        if self.written or not self.values:
            return self.written or literal(self.text)
        text, *values = (argument.value for argument in self.arguments())
        elements = [cst.Element(value) for value in values]
        return cst.BinaryOperation(left=text, operator=cst.Modulo(), right=cst.Tuple(elements))

    def by_name(self, reserved: frozenset[str] = RESERVED) -> dict[str, cst.BaseExpression] | None:
        """The values by the names they have in the code; None where one has no telling name, two have the same, or the text
        would not read without its values: they must follow a label ("Provisioning firm: ...")."""
        first, *others = self.parts or ("",)
        between = [part for part in others if isinstance(part, str)]
        if not isinstance(first, str) or not LABEL.fullmatch(first) or not all(map(BETWEEN.fullmatch, between)):
            return None
        found: dict[str, cst.BaseExpression] = {}
        for part in others:
            if isinstance(part, str):
                continue
            chain = _chain(part[0]) if part[1] in ("s", "r") else []
            name = chain[-1] if chain else ""
            if (name in reserved or name in found or name in VAGUE) and len(chain) > 1:
                name = "_".join(chain[-2:])
            if len(name) < 2 or name in reserved or name in found or name in VAGUE or name.startswith("__"):
                return None
            found[name] = part[0]
        return found


def escaped(text: str) -> str:
    """A text for a library that reads braces as placeholders."""
    return text.replace("{", "{{").replace("}", "}}")


def _percent_of(value: cst.BaseExpression, conversion: str) -> cst.BaseExpression:
    """`"%5.2f" % (value,)`, for a library that knows no such placeholders."""
    element = cst.Element(value, comma=cst.Comma())
    return cst.BinaryOperation(left=literal(f"%{conversion}"), operator=cst.Modulo(), right=cst.Tuple([element]))


def _chain(value: cst.BaseExpression) -> list[str]:
    if isinstance(value, cst.Name):
        return [value.value]
    if isinstance(value, cst.Attribute):
        owner = _chain(value.value)
        return [*owner, value.attr.value] if owner else []
    return []


def code_of(value: cst.CSTNode) -> str:
    """The source of an expression."""
    return cst.Module([]).code_for_node(value)


def in_parentheses(value: cst.BaseExpression) -> cst.BaseExpression:
    """An expression that can be one of several arguments: `a, b` and `x for x in y` need parentheses for that."""
    if isinstance(value, cst.Tuple | cst.GeneratorExp) and not value.lpar:
        return value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return value


def literal(text: str) -> cst.SimpleString:
    """A string literal with double quotes, where that needs no more escapes."""
    written = repr(text)
    if written.startswith("'") and '"' not in written:
        written = f'"{written[1:-1]}"'.replace("\\'", "'")
    return cst.SimpleString(written)


def of(values: list[cst.BaseExpression], separator: str) -> Message:
    """The message that `print(*values, sep=separator)` writes."""
    parts: Parts = []
    for index, value in enumerate(values):
        parts += [separator] if index else []
        parts += _parts(in_parentheses(value))
    written = values[0] if len(values) == 1 and _is_text(values[0]) else None
    return Message(parts=tuple(_joined(parts)), written=written)


def _joined(parts: Parts) -> Parts:
    joined: Parts = []
    for part in map(_written_out, parts):
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        elif part != "":
            joined.append(part)
    return joined


def _written_out(part: str | tuple[cst.BaseExpression, str]) -> str | tuple[cst.BaseExpression, str]:
    """A literal as text: `"{}".format("text")`."""
    value = part[0] if not isinstance(part, str) and part[1] == "s" else None
    text = value.evaluated_value if isinstance(value, cst.SimpleString) else None
    return text if isinstance(text, str) else part


def _parts(value: cst.BaseExpression) -> Parts:
    """Text and values of one argument; what cannot be taken apart is one value."""
    whole: Parts = [(value, "s")]
    match value:
        case cst.SimpleString():
            text = value.evaluated_value
            return [text] if isinstance(text, str) else whole
        case cst.FormattedString():
            return _interpolated(value.parts, value) or whole
        case cst.ConcatenatedString():
            pieces = [_parts(side) for side in (value.left, value.right)]
            return [*pieces[0], *pieces[1]] if all(_is_text(side) for side in (value.left, value.right)) else whole
        case cst.BinaryOperation(left=left, operator=cst.Add(), right=right) if _is_text(left) or _is_text(right):
            return [*_parts(left), *_parts(right)]
        case cst.BinaryOperation(left=cst.SimpleString() as left, operator=cst.Modulo(), right=right):
            return _percent(left, right) or whole
        case cst.Call(func=cst.Attribute(value=cst.SimpleString() as left, attr=cst.Name(value="format")), args=given):
            return _formatted(left, [*given]) or whole
        case cst.Call(func=cst.Name(value="str"), args=[cst.Arg(keyword=None, star="", value=inner)]):
            return [(inner, "s")]
    return whole


def _is_text(value: cst.BaseExpression) -> bool:
    """Whether a value is certainly text, so that what is added to it is text as well."""
    match value:
        case cst.SimpleString():
            return isinstance(value.evaluated_value, str)
        case cst.FormattedString():
            return True
        case cst.ConcatenatedString():
            return _is_text(value.left) and _is_text(value.right)
        case cst.BinaryOperation(left=left, operator=cst.Add(), right=right):
            return _is_text(left) or _is_text(right)
        case cst.BinaryOperation(left=cst.SimpleString() as left, operator=cst.Modulo()):
            return isinstance(left.evaluated_value, str)
        case cst.Call(func=cst.Attribute(value=cst.SimpleString() as left, attr=cst.Name(value="format"))):
            return isinstance(left.evaluated_value, str)
        case cst.Call(func=cst.Name(value="str")):
            return True
    return False


def _interpolated(pieces: Iterable[cst.BaseFormattedStringContent], string: cst.FormattedString) -> Parts:
    """The parts of an f-string; a value with a format (`:.2f`) becomes an f-string of its own."""
    found: Parts = []
    for piece in pieces:
        if isinstance(piece, cst.FormattedStringText):
            source = piece.value.replace("{{", "{").replace("}}", "}")
            raw = "r" in string.prefix.lower()
            found.append(source if raw else ast.literal_eval(f"{string.quote}{source}{string.quote}"))
            continue
        if not isinstance(piece, cst.FormattedStringExpression):
            return []
        conversion, value = piece.conversion or "s", in_parentheses(piece.expression)
        if piece.equal is not None:  # f"{name=}" shows the source as well
            spaces = (piece.whitespace_before_expression, piece.equal.whitespace_before, piece.equal.whitespace_after)
            if any(map(code_of, spaces)) or piece.format_spec is not None:
                return []
            found.append(f"{code_of(piece.expression)}=")
            conversion = piece.conversion or "r"
        if piece.format_spec is not None:
            value, conversion = string.with_changes(parts=[piece], lpar=[], rpar=[]), "s"
        found.append((value, conversion))
    return found


def _percent(left: cst.SimpleString, right: cst.BaseExpression) -> Parts:
    """`"%s is %r" % (a, b)`, with as many values as places. One value alone counts as no tuple, except in a call's arguments."""
    text = left.evaluated_value
    if isinstance(right, cst.Tuple):
        elements: list[cst.BaseElement] = list(right.elements)
    elif (isinstance(right, cst.Name) and right.value in ("args", "params", "row")) or isinstance(right, cst.Dict):
        return []
    else:
        elements = [cst.Element(right)]
    if not isinstance(text, str) or not elements:
        return []
    places = PERCENT.findall(text)
    if PERCENT.sub("", text).count("%") or any(isinstance(element, cst.StarredElement) for element in elements):
        return []
    wanted = [place for place in places if place != "%%"]
    if len(wanted) != len(elements):
        return []
    values = iter(elements)
    texts = PERCENT.split(text)
    found: Parts = [texts[0]]
    for place, following in zip(places, texts[1:], strict=True):
        found += ["%" if place == "%%" else (next(values).value, place[1:]), following]
    return found


def _formatted(left: cst.SimpleString, given: list[cst.Arg]) -> Parts:
    """`"{} is {b!r}".format(a, b=b)`, each value used once and in the order in which it is given."""
    from string import Formatter

    text = left.evaluated_value
    if not isinstance(text, str) or any(argument.star for argument in given):
        return []
    named = {argument.keyword.value if argument.keyword else str(index): argument.value for index, argument in enumerate(given)}
    found: Parts = []
    used: list[str] = []
    for before, field, spec, conversion in Formatter().parse(text):
        found.append(before)
        if field is None:
            continue
        name = field or str(len(used))
        value = named.get(name)
        if value is None or "{" in (spec or ""):
            return []
        used.append(name)
        if spec:
            code = code_of(value)
            if not {'"', "\\", "\n", "{", "}", "!", ":"}.isdisjoint(code + spec):
                return []
            pieces = [cst.FormattedStringExpression(value, conversion=conversion, format_spec=[cst.FormattedStringText(spec)])]
            found.append((cst.FormattedString(pieces, start='f"'), "s"))
            continue
        found.append((value, conversion or "s"))
    return found if used == list(named) else []
