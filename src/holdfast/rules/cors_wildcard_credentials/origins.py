"""Tell whether a value allows every origin, followed through names, settings classes and defaults of the environment."""

from __future__ import annotations

import ast
import re

from holdfast.code import definitions
from holdfast.secrets import names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.code.source import Source

DEPTH = 4
STRANGER = "https://stranger.example"


def is_wildcard(source: Source, value: ast.expr, depth: int = DEPTH) -> bool:
    """Return whether a value allows every origin, or has a default that does: `*`, a pattern for all, `True`."""
    match value:
        case ast.Constant(value=True):
            return True
        case ast.Constant(value=str(text)):
            return text == "*" or _matches_all(text)
        case ast.Name() | ast.Attribute():
            found = definitions.resolve(source, value) or _field(source, value)
            expression = found.node if found else None
            return isinstance(expression, ast.expr) and bool(depth) and is_wildcard(found.source, expression, depth - 1)  # type: ignore[union-attr]
        case ast.Call(func=callee) if definitions.resolve(source, callee) is None:
            parts: list[ast.expr] = [*value.args[1:], *(keyword.value for keyword in value.keywords)]
            parts += [callee.value] if isinstance(callee, ast.Attribute) and isinstance(callee.value, ast.Call) else []
            return any(is_wildcard(source, part, depth) for part in parts)
        case ast.List() | ast.Tuple() | ast.Set():
            return any(is_wildcard(source, part, depth) for part in value.elts)
        case ast.Dict():
            return any(is_wildcard(source, part, depth) for part in value.values)
        case ast.IfExp():
            return is_wildcard(source, value.body, depth) or is_wildcard(source, value.orelse, depth)
        case ast.BoolOp():
            return any(is_wildcard(source, part, depth) for part in value.values)
        case ast.Lambda():
            return is_wildcard(source, value.body, depth)
    return False


def _matches_all(pattern: str) -> bool:
    try:
        return bool(re.fullmatch(pattern, STRANGER))
    except re.error:
        return False


def _field(source: Source, value: ast.expr) -> definitions.Located | None:
    """Return the default of a field of a settings class, also of one that is a field of another: `config.project.origins`."""
    found = definitions.of_instance(source, value)
    if found or not isinstance(value, ast.Attribute):
        return found
    owner = definitions.instance(source, value.value) or _declared(source, value.value)
    return definitions.member(owner, value.attr) if owner else None


def _declared(source: Source, value: ast.expr) -> definitions.Located | None:
    """Return the class by which a settings class annotates a field: of `project: ProjectSettings` for `config.project`."""
    if not isinstance(value, ast.Attribute):
        return None
    owner = definitions.instance(source, value.value)
    body = owner.node.body if owner and isinstance(owner.node, ast.ClassDef) else []
    fields = (part for part in body if isinstance(part, ast.AnnAssign) and names.spoken_name(part.target) == value.attr)
    return next((definitions.resolve(owner.source, part.annotation) for part in fields), None) if owner else None
