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
PERCENT = re.compile(r"%(?:%|[sdrai])")


class Message(Record):
    """The parts of a message in order: plain text, or a value with its conversion ("s", "r" or "a")."""

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

    def arguments(self, braces: bool = False) -> list[cst.Arg]:
        """A literal with placeholders and the values for them; `%s` as logging wants it, or `{}` as loguru does."""
        if self.written and [self.written] == self.values:
            return [cst.Arg(self.written)]  # one text that could not be taken apart
        written = ""
        for part in self.parts:
            if isinstance(part, str):
                escaped = part.replace("{", "{{").replace("}", "}}") if braces else part.replace("%", "%%")
                written += escaped if self.values else part
            elif braces:
                written += "{}" if part[1] == "s" else f"{{!{part[1]}}}"
            else:
                written += f"%{part[1]}"
        return [cst.Arg(literal(written)), *map(cst.Arg, self.values)]

    @property
    def finished(self) -> cst.BaseExpression:
        """The message as one text, with its values put in."""
        if self.written or not self.values:
            return self.written or literal(self.text)
        text, *values = (argument.value for argument in self.arguments())
        elements = [cst.Element(value) for value in values]
        return cst.BinaryOperation(left=text, operator=cst.Modulo(), right=cst.Tuple(elements))

    def by_name(self) -> dict[str, cst.BaseExpression] | None:
        """The values by the names they have in the code; None where one has no name, or two have the same."""
        found: dict[str, cst.BaseExpression] = {}
        for value in self.values:
            chain = _chain(value)
            name = chain[-1] if chain else ""
            if (name in RESERVED or name in found) and len(chain) > 1:
                name = "_".join(chain[-2:])
            if not name or name in RESERVED or name in found:
                return None
            found[name] = value
        return found


def _chain(value: cst.BaseExpression) -> list[str]:
    if isinstance(value, cst.Name):
        return [value.value]
    if isinstance(value, cst.Attribute):
        owner = _chain(value.value)
        return [*owner, value.attr.value] if owner else []
    return []


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
        parts += _parts(value)
    written = values[0] if len(values) == 1 and _is_text(values[0]) else None
    return Message(parts=tuple(_joined(parts)), written=written)


def _joined(parts: Parts) -> Parts:
    joined: Parts = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        elif part != "":
            joined.append(part)
    return joined


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
    """The parts of an f-string; a format (`:.2f`) becomes a call of `format`, which does the same."""
    found: Parts = []
    for piece in pieces:
        if isinstance(piece, cst.FormattedStringText):
            source = piece.value.replace("{{", "{").replace("}}", "}")
            raw = "r" in string.prefix.lower()
            found.append(source if raw else ast.literal_eval(f"{string.quote}{source}{string.quote}"))
            continue
        if not isinstance(piece, cst.FormattedStringExpression) or piece.equal is not None:
            return []  # f"{name=}" shows the source as well
        conversion, value = piece.conversion or "s", piece.expression
        if piece.format_spec:
            if piece.conversion or not all(isinstance(part, cst.FormattedStringText) for part in piece.format_spec):
                return []
            spec = "".join(part.value for part in piece.format_spec if isinstance(part, cst.FormattedStringText))
            value = cst.Call(func=cst.Name("format"), args=[_first(value), cst.Arg(literal(spec))])
        found.append((value, conversion))
    return found


def _first(value: cst.BaseExpression) -> cst.Arg:
    return cst.Arg(value, comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")))


def _percent(left: cst.SimpleString, right: cst.BaseExpression) -> Parts:
    """`"%s is %r" % (a, b)`, with simple places only, and as many values; one value alone must be certainly no tuple."""
    text = left.evaluated_value
    elements = right.elements if isinstance(right, cst.Tuple) else [cst.Element(right)] if _is_text(right) else []
    if not isinstance(text, str) or not elements:
        return []
    places = PERCENT.findall(text)
    if PERCENT.sub("", text).count("%") or any(isinstance(element, cst.StarredElement) for element in elements):
        return []
    wanted = [place for place in places if place != "%%"]
    if len(wanted) != len(elements) or any(place in ("%d", "%i") for place in wanted):
        return []  # %d also turns 1.5 into 1
    values = iter(elements)
    texts = PERCENT.split(text)
    found: Parts = [texts[0]]
    for place, following in zip(places, texts[1:], strict=True):
        found += ["%" if place == "%%" else (next(values).value, place[1]), following]
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
        if name not in named or spec:
            return []
        used.append(name)
        found.append((named[name], conversion or "s"))
    return found if used == list(named) else []
