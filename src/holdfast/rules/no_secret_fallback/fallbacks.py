"""Fallbacks: settings, fields and parameters, each with the literal that is used if nothing is set."""

from __future__ import annotations

import ast

from holdfast.code import values
from holdfast.code.words import singular, words, wordset
from holdfast.record import Record
from holdfast.secrets import settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.source import Source

READ, EMPTY, FIELD, PARAMETER = "read", "empty", "field", "parameter"
SETTINGS_CLASSES = wordset("setting config configuration")
CLASSES_OF_FIELDS = wordset("Field SecretStr SecretBytes")


class Fallback(Record):
    """A named value and the literal in its place; node is where a finding is reported. form: READ, EMPTY, FIELD or PARAMETER."""

    source: Source
    node: ast.AST
    form: str
    name: str
    text: str
    insecure: dict[str, str]
    """The option of the same name."""


def every(source: Source, insecure: dict[str, str]) -> Iterator[Fallback]:
    """All fallbacks of a file whose literal is not empty."""
    for node, form, name, value in (*_reads(source), *_empties(source), *_fields(source), *_parameters(source)):
        text = literal(source, value)
        if name and text:
            yield Fallback(source=source, node=node, form=form, name=name, text=text, insecure=insecure)


def literal(source: Source, value: ast.expr | None, depth: int = 3) -> str:
    """The text of a literal, directly or by the name of a constant; "" for everything else."""
    match value:
        case ast.Constant(value=str(text)):
            return text
        case ast.Constant(value=bytes(data)):
            return data.decode("latin-1")
        case ast.BinOp(left=ast.Constant() as part, op=ast.Mult()):
            return literal(source, part)
        case ast.Name() if depth:
            texts = [literal(source, one, depth - 1) for one in values.of(source, value)]
            return texts[-1] if texts and all(texts) else ""
        case ast.Call(func=ast.Attribute(attr="encode", value=inner)):
            return literal(source, inner, depth)
    return ""


Row = tuple[ast.AST, str, str, ast.expr | None]


def _reads(source: Source) -> Iterator[Row]:
    for call in source.nodes(ast.Call):
        found = settings.read(source, call)
        if found:
            yield call, READ, *found
        for keyword in call.keywords if (source.qualname(call.func) or "").endswith("environ.Env") else ():
            match keyword.value:
                case ast.Tuple(elts=[_, default]):
                    yield keyword.value, READ, keyword.arg or "", default


def _empties(source: Source) -> Iterator[Row]:
    """`SETTING or "x"`, `SETTING if SETTING else "x"`."""
    for node in source.nodes(ast.BoolOp):
        if isinstance(node.op, ast.Or) and literal(source, node.values[-1]):
            yield node, EMPTY, settings.configured_name(source, node.values[-2]), node.values[-1]
    for choice in source.nodes(ast.IfExp):
        for value, other in ((choice.body, choice.orelse), (choice.orelse, choice.body)):
            tested = {ast.dump(part) for part in ast.walk(choice.test)}
            if ast.dump(value) in tested and literal(source, other):
                yield choice, EMPTY, settings.configured_name(source, value), other


def _fields(source: Source) -> Iterator[Row]:
    """The annotated fields of settings classes."""
    for field in source.nodes(ast.AnnAssign):
        owner = source.parent(field)
        if isinstance(owner, ast.ClassDef) and isinstance(field.target, ast.Name) and _holds_settings(owner):
            yield field, FIELD, field.target.id, _value_of_field(field.value)


def _holds_settings(owner: ast.ClassDef) -> bool:
    named = [owner.name, *(base.id if isinstance(base, ast.Name) else getattr(base, "attr", "") for base in owner.bases)]
    return any(singular(words(name)[-1]) in SETTINGS_CLASSES for name in named if words(name))


def _value_of_field(value: ast.expr | None) -> ast.expr | None:
    while isinstance(value, ast.Call) and isinstance(value.func, ast.Name | ast.Attribute):
        called = value.func.id if isinstance(value.func, ast.Name) else value.func.attr
        if called not in CLASSES_OF_FIELDS:
            break
        named = (keyword.value for keyword in value.keywords if keyword.arg == "default")
        value = next(iter([*value.args[:1], *named]), None)
    return value


def _parameters(source: Source) -> Iterator[Row]:
    for argument in source.nodes(ast.arg):
        default = values.default(source, argument)
        if isinstance(default, ast.Constant) and source.function(argument):
            yield argument, PARAMETER, argument.arg, default


def target(fallback: Fallback) -> str:
    """The name that the value gets: of a variable, an attribute, a key or an argument; "" if there is none."""
    source = fallback.source
    node = fallback.node
    above = source.parent(node)
    while isinstance(above, ast.Call | ast.Attribute | ast.BoolOp | ast.Await):
        node, above = above, source.parent(above)
    match above:
        case ast.Assign(targets=[ast.Name(id=name) | ast.Attribute(attr=name), *_]) | ast.keyword(arg=str(name)):
            return name
        case ast.AnnAssign(target=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name
        case ast.Dict(keys=keys, values=held) if node in held:
            key = keys[held.index(node)]
            return str(key.value) if isinstance(key, ast.Constant) else ""
    return fallback.name if fallback.form in (FIELD, PARAMETER) else ""


def written(node: ast.AST) -> str:
    """The name of a variable or an attribute, or the text of a literal; "" for everything else."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Constant(value=str(name)):
            return name
        case ast.Constant(value=bytes(data)):
            return data.decode("latin-1")
    return ""


def is_cast(fallback: Fallback) -> bool:
    """Whether the value becomes a number or a boolean, or is compared with a text."""
    source, node = fallback.source, fallback.node
    keywords = node.keywords if isinstance(node, ast.Call) else []
    casts = [keyword.value for keyword in keywords if keyword.arg in ("cast", "type", "var_type")]
    above = source.parent(node)
    while isinstance(above, ast.Attribute):  # a method of the text
        called = source.parent(above)
        above = source.parent(called) if isinstance(called, ast.Call) else called
    casts += [above.func] if isinstance(above, ast.Call) else []
    plain = any(isinstance(cast, ast.Name) and cast.id in ("int", "float", "bool") for cast in casts)
    return plain or isinstance(above, ast.Compare)
