"""Tell whether a value is text or bytes, and never None, from literals, annotations and well-known calls."""

from __future__ import annotations

import ast

from holdfast.code import usage, values
from holdfast.code.words import wordset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdfast.code.source import Source

DEPTH = 5
SAME = wordset("strip lstrip rstrip lower upper casefold replace removeprefix removesuffix zfill title")
TEXT_METHODS = wordset("hexdigest decode format isoformat hex")
BYTES_METHODS = wordset("digest encode")
TEXT_CALLS = wordset(
    "builtins.str builtins.repr builtins.hex builtins.chr secrets.token_hex secrets.token_urlsafe os.environ.__getitem__ "
    "urllib.parse.quote urllib.parse.unquote django.utils.encoding.force_str django.utils.encoding.smart_str "
    "django.utils.crypto.get_random_string"
)
BYTES_CALLS = wordset(
    "builtins.bytes secrets.token_bytes os.urandom hmac.digest base64.b64encode base64.b64decode base64.urlsafe_b64encode "
    "base64.urlsafe_b64decode base64.b32encode base64.b16encode base64.standard_b64encode base64.standard_b64decode "
    "binascii.hexlify binascii.unhexlify hashlib.pbkdf2_hmac hashlib.scrypt django.utils.encoding.force_bytes "
    "django.utils.encoding.smart_bytes"
)
REQUEST_TEXT = wordset("headers cookies COOKIES META args form GET POST query_params path_params")
REQUEST_BYTES = wordset("body data get_data")


def same(source: Source, left: ast.expr, right: ast.expr) -> tuple[str, str]:
    """("str" or "bytes", "") if both sides are known to have that type; ("", the reason why not) otherwise."""
    kinds = [of(source, side) for side in (left, right)]
    unknown = [source.show(side) for side, kind in zip((left, right), kinds, strict=True) if not kind]
    if unknown:
        return (
            "",
            f"{' and '.join(f'`{shown}`' for shown in unknown)} may be None or a mix of str and bytes",
        )
    if kinds[0] != kinds[1]:
        return "", "one side is text and the other bytes, which are never equal"
    return kinds[0], ""


def of(source: Source, node: ast.expr, depth: int = DEPTH) -> str:  # noqa: C901  # one case for each kind of expression
    """ "str" or "bytes"; "" if the type is not known."""
    if depth < 0:
        return ""
    match node:
        case ast.Call(func=ast.Attribute(attr="split" | "partition" | "rsplit" | "rpartition", value=receiver)):
            return of(source, receiver, depth - 1)  # the type of each part, if they are unpacked
        case ast.Constant(value=value):
            return type(value).__name__ if isinstance(value, str | bytes) else ""
        case ast.JoinedStr():
            return "str"
        case ast.Name():
            return _of_name(source, node, depth)
        case ast.Attribute():
            return _of_attribute(source, node, depth)
        case ast.Call():
            return _of_call(source, node, depth)
        case ast.Subscript():
            return _of_item(source, node, depth)
        case ast.BinOp(left=left, op=ast.Mod()):
            return of(source, left, depth - 1)
        case ast.BinOp(left=left, op=ast.Add(), right=right) | ast.IfExp(body=left, orelse=right):
            return _agreed(of(source, part, depth - 1) for part in (left, right))
        case ast.BoolOp(values=parts):
            return _agreed(of(source, part, depth - 1) for part in parts)
        case ast.NamedExpr(value=value) | ast.Await(value=value):
            return of(source, value, depth - 1)
    return ""


def _agreed(kinds: Iterable[str]) -> str:
    """The type that all have; "" if two differ. The types are computed until the first one that is not known."""
    agreed = ""
    for kind in kinds:
        if not kind or (agreed and kind != agreed):
            return ""
        agreed = kind
    return agreed


def _annotated(annotation: ast.expr | None) -> str:
    match annotation:
        case ast.Name(id="str" | "bytes" as name) | ast.Constant(value="str" | "bytes" as name):
            return str(name)
        case ast.Subscript(value=ast.Name(id="Annotated"), slice=ast.Tuple(elts=[first, *_])):
            return _annotated(first)
    return ""


def _of_name(source: Source, name: ast.Name, depth: int) -> str:
    used = usage.kind(source, name)
    if used:
        return used
    binders = source.binders(name.id, name)
    return _agreed(_bound(source, name, binder, depth) for binder in binders) if len(binders) <= values.MOST else ""


def _bound(source: Source, name: ast.Name, binder: ast.AST, depth: int) -> str:
    """The type of the value that a binder gives a name."""
    above = source.parent(binder)
    if isinstance(binder, ast.arg):
        default = values.default(source, binder)
        return "" if default is not None and _may_be_none(default) else _annotated(binder.annotation)
    if isinstance(above, ast.AnnAssign) and _annotated(above.annotation):
        return _annotated(above.annotation)
    value = values.assigned(source, binder) or values.unpacked(source, binder)
    is_optional = value is not None and _is_read_from_request(value) and usage.is_guarded(source, name)
    return "str" if is_optional else of(source, value, depth - 1) if value is not None else ""


def _may_be_none(default: ast.expr) -> bool:
    """Return whether a default makes None possible: `= None`, `= Header(None)`, `= Query(default=None)`."""
    if isinstance(default, ast.Call):
        given = [*default.args[:1], *(keyword.value for keyword in default.keywords if keyword.arg == "default")]
        return any(_may_be_none(value) for value in given)
    return isinstance(default, ast.Constant) and default.value is None


def _of_attribute(source: Source, attribute: ast.Attribute, depth: int) -> str:
    if attribute.attr in REQUEST_BYTES and _is_request(attribute.value):
        return "bytes"
    owner = source.enclosing(attribute, ast.ClassDef)
    if owner is None or not isinstance(attribute.value, ast.Name) or attribute.value.id not in ("self", "cls"):
        return ""
    declared = [
        _annotated(part.annotation)
        for part in owner.body
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name) and part.target.id == attribute.attr
    ]
    return _agreed(declared or (of(source, value, depth - 1) for value in values.of_attribute(source, attribute)))


def _is_request(node: ast.expr) -> bool:
    return isinstance(node, ast.Name | ast.Attribute) and (node.id if isinstance(node, ast.Name) else node.attr) == "request"


def _of_item(source: Source, item: ast.Subscript, depth: int) -> str:
    """The type of a slice is that of the whole. Items of a request's headers, form or query, and of os.environ, are text."""
    parts = isinstance(item.value, ast.Call) and isinstance(item.value.func, ast.Attribute) and "split" in item.value.func.attr
    if isinstance(item.slice, ast.Slice) or parts:
        return of(source, item.value, depth - 1)
    holder = item.value
    if isinstance(holder, ast.Attribute) and holder.attr in REQUEST_TEXT and _is_request(holder.value):
        return "str"
    return "str" if source.qualname(holder) == "os.environ" else ""


def _of_call(source: Source, call: ast.Call, depth: int) -> str:  # noqa: C901
    name = source.qualname(call.func) or ""
    if name in TEXT_CALLS:
        return "str"
    if name in BYTES_CALLS:
        return "bytes"
    if name in ("os.getenv", "os.environ.get"):
        return of(source, call.args[1], depth - 1) if len(call.args) > 1 else ""
    if not isinstance(call.func, ast.Attribute) or name:
        return _agreed(_returned(source, call, depth))
    method, receiver = call.func.attr, call.func.value
    if method in SAME:
        return of(source, receiver, depth - 1)
    if method in TEXT_METHODS:
        return "str"
    if method in BYTES_METHODS:
        return "bytes"
    if method == "join":
        return of(source, receiver, depth - 1)
    if method in REQUEST_BYTES and _is_request(receiver):
        return "bytes"
    if _is_read_from_request(call) and len(call.args) > 1:
        return of(source, call.args[1], depth - 1)
    return _agreed(_returned(source, call, depth))


def _is_read_from_request(node: ast.expr) -> bool:
    """Return whether an expression reads optional text from a request: `request.headers.get("X")`."""
    match node:
        case ast.Call(func=ast.Attribute(attr="get", value=ast.Attribute(attr=holder, value=owner))):
            return holder in REQUEST_TEXT and _is_request(owner)
    return False


def _returned(source: Source, call: ast.Call, depth: int) -> Iterable[str]:
    """The types that a function of this file returns, from its annotation or its return statements."""
    function = values.called(source, call)
    if function is None:
        return []
    if function.returns is not None:
        return [_annotated(function.returns)]
    if any(statement.value is None for statement in source.returns.get(function, [])):
        return []
    return (of(source, value, depth - 1) for value in values.returned(source, call))
