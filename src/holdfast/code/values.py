"""Follow values back to their origins: the expressions that may have been assigned to a name or an attribute."""

from __future__ import annotations

import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.code.scopes import FunctionNode
    from holdfast.code.source import Source

DEPTH = 4
MOST = 12  # names with more assignments are not followed: it is slow, and the result says little
MOST_RETURNS = 100


def of(source: Source, name: ast.Name) -> list[ast.expr]:
    """The expressions that may have been assigned to a name before it is used; empty if one of the values is not known.

    `x = ...`, `x: T = ...`, `(x := ...)` and `x, y = a, b` are followed. Parameters, loops, `with`, imports and the unpacking of
    calls are not.
    """
    found: list[ast.expr] = []
    binders = source.binders(name.id, name)
    for binder in binders if len(binders) <= MOST else ():
        value = assigned(source, binder)
        if value is None:
            return []
        found.append(value)
    earlier = [value for value in found if (value.lineno, value.col_offset) < (name.lineno, name.col_offset)]
    return earlier or found


def assigned(source: Source, binder: ast.AST) -> ast.expr | None:
    """The expression that a binder assigns to its name, or None."""
    above = source.parent(binder)
    if isinstance(above, ast.Assign) and binder in above.targets:
        return above.value
    if isinstance(above, ast.AnnAssign | ast.NamedExpr) and above.target is binder:
        return above.value
    if isinstance(above, ast.Tuple):
        outer = source.parent(above)
        if isinstance(outer, ast.Assign) and isinstance(outer.value, ast.Tuple) and len(outer.value.elts) == len(above.elts):
            return next(value for target, value in zip(above.elts, outer.value.elts, strict=True) if target is binder)
    return None


def unpacked(source: Source, binder: ast.AST) -> ast.expr | None:
    """The call of `split` or `partition` that a binder takes a part of, as in `algorithm, digest = stored.split("$")`."""
    above = source.parent(binder)
    outer = source.parent(above) if isinstance(above, ast.Tuple | ast.List) else None
    value = outer.value if isinstance(outer, ast.Assign) else None
    cut = (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Attribute)
        and value.func.attr.lstrip("r") in ("split", "partition")
    )
    return value if cut else None


def of_attribute(source: Source, attribute: ast.Attribute) -> list[ast.expr]:
    """The expressions that the enclosing class assigns to `self.x`, in a method or its body; empty if there are too many."""
    owner = source.enclosing(attribute, ast.ClassDef)
    if owner is None or not isinstance(attribute.value, ast.Name) or attribute.value.id not in ("self", "cls"):
        return []
    found = source.attributes.get((owner, attribute.attr), [])
    return found if len(found) <= MOST else []


def called(source: Source, call: ast.Call) -> FunctionNode | None:
    """The function of this file, or the method of the enclosing class, that a call calls."""
    callee = call.func
    definitions: list[ast.AST] = []
    if isinstance(callee, ast.Name):
        definitions = source.binders(callee.id, callee)
    elif isinstance(callee, ast.Attribute) and isinstance(callee.value, ast.Name) and callee.value.id in ("self", "cls"):
        owner = source.enclosing(call, ast.ClassDef)
        definitions = _parts(source, owner).get(callee.attr, []) if owner else []
    functions = [part for part in definitions if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)]
    return functions[0] if len(functions) == 1 else None


def _parts(source: Source, owner: ast.ClassDef) -> dict[str, list[ast.AST]]:
    """The definitions in the body of a class, by name."""
    if ("parts", owner) not in source.memo:
        found: dict[str, list[ast.AST]] = {}
        for part in owner.body:
            found.setdefault(getattr(part, "name", ""), []).append(part)
        source.memo["parts", owner] = found
    parts: dict[str, list[ast.AST]] = source.memo["parts", owner]
    return parts


def returned(source: Source, call: ast.Call) -> list[ast.expr]:
    """The expressions that a call may return, if it calls a function of this file or a method of the enclosing class.

    The list is empty if the function has too many return statements.
    """
    function = called(source, call)
    statements = source.returns.get(function, []) if function else []
    if len(statements) > MOST_RETURNS:
        return []
    return [statement.value for statement in statements if statement.value is not None]


def origins(source: Source, expression: ast.expr) -> list[ast.expr]:
    """An expression, and the expressions it may stand for: through names, attributes of `self` and calls in this file."""
    if not isinstance(expression, ast.Name | ast.Attribute | ast.Call | ast.Await):
        return [expression]
    if expression not in source.origins:
        level: list[ast.expr] = [expression]
        found = [*level]
        for _ in range(DEPTH):
            followed = dict.fromkeys(value for node in level for value in _followed(source, node))
            level = [value for value in followed if value not in found]
            if not level:
                break
            found += level
        source.origins[expression] = found
    return source.origins[expression]


def _followed(source: Source, expression: ast.expr) -> list[ast.expr]:
    match expression:
        case ast.Name():
            return of(source, expression)
        case ast.Attribute():
            return of_attribute(source, expression)
        case ast.Call():
            return returned(source, expression)
        case ast.Await(value=inner):
            return [inner]
    return []


REQUESTS = frozenset({"request", "req", "environ", "META", "matchdict"})
REQUEST_NAMES = REQUESTS | {"headers", "cookies", "websocket", "ws"}
SETTINGS = frozenset({"settings", "CONFIG", "app_settings", "CONF"})
ROUTE_DECORATORS = frozenset({"get", "post", "put", "patch", "delete", "route", "api_route", "websocket"})
PARAMETER_SOURCES = frozenset(
    {"Header", "Query", "Cookie", "Form", "Body", "Security", "Depends", "HeaderParameter", "QueryParameter", "CookieParameter"}
)


def is_setting(expression: ast.expr) -> bool:
    """Return whether a value is read from the settings object of the project."""
    return any(_named(node) in SETTINGS for node in ast.walk(expression))


def _named(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def is_external(source: Source, expression: ast.expr, depth: int = DEPTH) -> bool:
    """Return whether a value comes from a request: its headers or environment, or the parameters of an endpoint.

    depth: how many assignments are followed.
    """
    nodes = [node for node in ast.walk(expression) if isinstance(node, ast.Name | ast.Attribute)]
    nodes = [node for node in nodes if not _is_not_from_request(source, node)]
    return any(
        _named(node) in (REQUEST_NAMES if isinstance(node, ast.Name) else REQUESTS) or _is_header_of_handler(source, node)
        for node in nodes
    ) or any(_is_bound_to_request(source, node, depth) for node in nodes if isinstance(node, ast.Name))


def _is_bound_to_request(source: Source, name: ast.Name, depth: int) -> bool:
    """Return whether a name has a value from a request. The answer is the same wherever the name means the same."""
    binders = source.binders(name.id, name)
    if not binders:
        return False
    key = (("external", depth), binders[0])
    if key not in source.memo:
        source.memo[key] = any(_binds_request(source, binder) for binder in binders) or (
            depth > 0
            and any(
                is_external(source, value, depth - 1)
                for binder in binders
                if (value := assigned(source, binder) or unpacked(source, binder)) is not None
            )
        )
    return bool(source.memo[key])


def _binds_request(source: Source, binder: ast.AST) -> bool:
    """Return whether a binder is a parameter of a route, or one that is declared to come from a request."""
    if not isinstance(binder, ast.arg):
        return False
    given = (default(source, binder), *_metadata(binder))
    from_request = any(isinstance(value, ast.Call) and _named(value.func) in PARAMETER_SOURCES for value in given)
    return from_request or _is_of_route(source, binder)


def _is_header_of_handler(source: Source, node: ast.AST) -> bool:
    """Whether it is `self.headers` of a server written by hand: a class whose base is a request handler."""
    if not (isinstance(node, ast.Attribute) and node.attr == "headers" and _named(node.value) == "self"):
        return False
    owner = source.enclosing(node, ast.ClassDef)
    return owner is not None and any(_named(base).endswith("RequestHandler") for base in owner.bases)


def _is_of_route(source: Source, argument: ast.arg) -> bool:
    """Whether a parameter is one of a function that a decorator makes a route: `@router.put("/first_install")`."""
    above = source.parent(source.parent(argument) or argument)
    decorators = above.decorator_list if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef) else []
    calls = (one.func for one in decorators if isinstance(one, ast.Call))
    return any(isinstance(callee, ast.Attribute) and callee.attr in ROUTE_DECORATORS for callee in calls)


def _is_not_from_request(source: Source, node: ast.AST) -> bool:
    """Return whether a name looks like part of a request and is not: `request.user.state`, `os.environ`."""
    above = source.parent(node)
    asks = isinstance(above, ast.Attribute) and above.attr == "user"
    return asks or (isinstance(node, ast.Attribute) and node.attr == "environ" and source.qualname(node) == "os.environ")


def _metadata(argument: ast.arg) -> list[ast.expr]:
    """The metadata in the annotation of a parameter: the `Header()` of `Annotated[str, Header()]`."""
    match argument.annotation:
        case ast.Subscript(value=ast.Name(id="Annotated") | ast.Attribute(attr="Annotated"), slice=ast.Tuple(elts=[_, *notes])):
            return notes
    return []


def default(source: Source, argument: ast.arg) -> ast.expr | None:
    """The default value of a parameter."""
    above = source.parent(argument)
    if not isinstance(above, ast.arguments):
        return None
    positional = [*above.posonlyargs, *above.args]
    if argument in positional:
        index = positional.index(argument) - len(positional) + len(above.defaults)
        return above.defaults[index] if index >= 0 else None
    return above.kw_defaults[above.kwonlyargs.index(argument)] if argument in above.kwonlyargs else None
