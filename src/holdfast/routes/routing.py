"""The vocabulary of the route model: routes, routers, mounts, and the pieces of code that run with a route."""

from __future__ import annotations

import ast
import re

from holdfast.code import definitions
from holdfast.code.definitions import Located
from holdfast.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from holdfast.code.source import Source

ANY = ("ANY",)
HTTP_METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")
DEPTH = 8  # routers within routers


class Layer(Record):
    """A router, mount, wrapper or decorator around a handler, which may guard or limit it.

    call: the call that creates or mounts it, with its arguments.
    """

    source: Source
    call: ast.AST


class Route(Record):
    """An endpoint: its methods ("GET", or only "ANY"), the full path as mounted, its handler and the layers around it.

    handler: a function, a class, or None where it is a library's. called: its name in the code. place: its definition, or the
    place where it is mounted if it is a library's. condition: the `if` under which it is mounted, or "".
    """

    methods: tuple[str, ...]
    path: str
    framework: str
    called: str
    place: Located
    handler: Located | None = None
    method_name: str = ""
    """The method of the handler's class that answers, where there is only one."""
    layers: tuple[Layer, ...] = ()
    condition: str = ""
    unplaced: bool = False
    """Whether it is mounted at run time, so that its path and what is around it are unknown."""
    registration: Layer | None = None
    """The decorator or call that registers the handler."""

    @property
    def label(self) -> str:
        """Methods and path: "GET,POST /login"."""
        return f"{','.join(self.methods)} {self.path}"


class Router(Record):
    """An application, a router or a blueprint. node: the call that creates it, which is its identity."""

    source: Source
    node: ast.AST
    framework: str
    prefix: str = ""
    is_app: bool = False


class Mount(Record):
    """One router mounted in another; outer is None where it is unknown."""

    inner: ast.AST
    outer: ast.AST | None
    prefix: str
    layer: Layer
    replaces: bool = False
    """Whether the prefix replaces that of the router (Flask)."""
    condition: str = ""


class Endpoint(Record):
    """A route as it is declared: on a router, with its part of the path."""

    router: ast.AST
    path: str
    methods: tuple[str, ...]
    framework: str
    called: str
    handler: Located | None
    place: Located
    layers: tuple[Layer, ...] = ()
    condition: str = ""


class Table:
    """Routers, mounts and endpoints as they are found; routes() joins them."""

    def __init__(self) -> None:
        self.routers: dict[ast.AST, Router] = {}
        self.mounts: dict[ast.AST, list[Mount]] = {}
        self.endpoints: list[Endpoint] = []

    def add(self, found: Iterable[Router | Mount | Endpoint]) -> None:
        """Add what a framework's module found in a file."""
        for item in found:
            if isinstance(item, Router):
                self.routers[item.node] = item
            elif isinstance(item, Mount):
                self.mounts.setdefault(item.inner, []).append(item)
            else:
                self.endpoints.append(item)

    def routes(self) -> Iterator[Route]:
        """Yield each endpoint at each place where its router is mounted."""
        for endpoint in self.endpoints:
            for prefix, layers, condition in self._chains(endpoint.router, DEPTH):
                yield Route(
                    methods=endpoint.methods,
                    path=joined(prefix, endpoint.path),
                    framework=endpoint.framework,
                    called=endpoint.called,
                    handler=endpoint.handler,
                    place=endpoint.place,
                    layers=(*layers, *endpoint.layers),
                    condition=endpoint.condition or condition,
                    registration=endpoint.layers[-1] if endpoint.layers else None,
                )

    def _chains(self, node: ast.AST, depth: int) -> list[tuple[str, tuple[Layer, ...], str]]:
        """Return prefix, layers (outermost first) and condition of each way from an application to a router."""
        router = self.routers.get(node)
        own = router.prefix if router else ""
        layers = (Layer(source=router.source, call=router.node),) if router else ()
        mounts = self.mounts.get(node, []) if depth else []
        found = []
        for mount in mounts:
            part = mount.prefix if mount.replaces else joined(mount.prefix, own)
            outer = self._chains(mount.outer, depth - 1) if mount.outer is not None else [("", (), "")]
            found += [
                (joined(prefix, part), (*around, mount.layer, *layers), mount.condition or condition)
                for prefix, around, condition in outer
            ]
        return found or [(own, layers, "")]


def joined(prefix: str, path: str) -> str:
    """Join two parts of a path."""
    if not path:
        return prefix
    return (
        f"{prefix.rstrip('/')}/{path.lstrip('/')}" if prefix.endswith("/") or path.startswith("/") or not prefix else prefix + path
    )


def made_by(source: Source, expression: ast.AST) -> Located | None:
    """Return the call that creates what an expression names, through imports, names and functions that return it."""
    found = definitions.resolve(source, expression)
    for _ in range(DEPTH):
        if found and isinstance(found.node, ast.IfExp):
            found = definitions.resolve(found.source, found.node.body)
        if found is None or not isinstance(found.node, ast.Call):
            return _attribute_of_self(source, expression) if found is None else None
        function = definitions.resolve(found.source, found.node.func)
        values = definitions.returned(function)
        if not values:
            return found
        inner = definitions.resolve(values[0].source, values[0].node)
        if inner is None or inner.node is found.node:
            return found
        found = inner
    return found


def _attribute_of_self(source: Source, expression: ast.AST) -> Located | None:
    """Return the call assigned to `self.router` in the class around, or in a base of it."""
    if not isinstance(expression, ast.Attribute) or not isinstance(expression.value, ast.Name) or expression.value.id != "self":
        return None
    owner = source.enclosing(expression, ast.ClassDef)
    for cls in definitions.lineage(Located(source=source, node=owner)) if owner else ():
        assigned = cls.source.attributes.get((cls.node, expression.attr), []) if isinstance(cls.node, ast.ClassDef) else []
        calls = [value for value in assigned if isinstance(value, ast.Call)]
        if assigned:
            return Located(source=cls.source, node=calls[0]) if len(calls) == 1 else None
    return None


def given(
    source: Source, expression: ast.AST, framework: str, annotation: re.Pattern[str], names: frozenset[str] = frozenset()
) -> Router | None:
    """Return the application or router of a parameter, by its annotation or its usual name: `def setup(app: FastAPI)`."""
    binders = source.binders(expression.id, expression) if isinstance(expression, ast.Name) else ()
    parameter = next((binder for binder in binders if isinstance(binder, ast.arg)), None)
    if parameter is None:
        return None
    written = source.show(parameter.annotation) if parameter.annotation else ""
    fits = parameter.arg in names or annotation.search(written)
    return Router(source=source, node=parameter, framework=framework, is_app=True) if fits else None


def condition(source: Source, node: ast.AST) -> str:
    """Return the test of the innermost `if` around a node, as text; "" for none."""
    statement = source.enclosing(node, ast.If)
    return f"if {source.show(statement.test, redact=False)}" if statement else ""


def argument(call: ast.Call, name: str, position: int | None = None) -> ast.expr | None:
    """Return an argument of a call by its name, or by its position."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    if (
        position is not None
        and position < len(call.args)
        and not any(isinstance(arg, ast.Starred) for arg in call.args[: position + 1])
    ):
        return call.args[position]
    return None


def strings(source: Source, expression: ast.expr | None) -> tuple[str, ...]:
    """Return the texts of a list of strings, in upper case: methods."""
    found = definitions.resolve(source, expression) if expression is not None else None
    if found and isinstance(found.node, ast.List | ast.Tuple | ast.Set):
        return tuple(definitions.text(found.source, part).upper() for part in found.node.elts)
    return ()


def decorated(source: Source, test: Callable[[ast.Call], object]) -> Iterator[tuple[ast.Call, ast.AST]]:
    """Yield the decorators that are calls and pass a test, each with the function or class that it decorates."""
    for definition in source.nodes(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef):
        for decorator in definition.decorator_list:
            if isinstance(decorator, ast.Call) and test(decorator):
                yield decorator, definition


def unrolled(source: Source, call: ast.Call) -> list[ast.Call]:
    """Return a call in a loop once for each row: `for path, view in [("/x", show)]: app.add_url_rule(path, view_func=view)`."""
    loop = source.enclosing(call, ast.For)
    rows = definitions.resolve(source, loop.iter) if loop and isinstance(loop.target, ast.Tuple) else None
    if loop is None or rows is None or rows.source is not source or not isinstance(rows.node, ast.List | ast.Tuple):
        return [call]
    names = [getattr(target, "id", "") for target in getattr(loop.target, "elts", ())]
    made = []
    for row in rows.node.elts:
        cells = dict(zip(names, getattr(row, "elts", ()), strict=False))
        args = [cells.get(getattr(given, "id", ""), given) for given in call.args]
        keywords = [ast.keyword(arg=one.arg, value=cells.get(getattr(one.value, "id", ""), one.value)) for one in call.keywords]
        made.append(ast.copy_location(ast.Call(func=call.func, args=args, keywords=keywords), call))
    return made


def each(source: Source, given: ast.expr) -> list[Located]:
    """Return the expressions that a call mounts: one, or each element of the list that a loop goes through."""
    if isinstance(given, ast.Name):
        loops = [source.parent(binder) for binder in source.binders(given.id, given)]
        for loop in loops:
            if isinstance(loop, ast.For | ast.AsyncFor):
                several = definitions.resolve(source, loop.iter)
                if several and isinstance(several.node, ast.List | ast.Tuple):
                    return [Located(source=several.source, node=part) for part in several.node.elts]
    return [Located(source=source, node=given)]


class Switch(Record):
    """A condition in words ("RATE_LIMIT_ENABLED"), and whether it is off by default."""

    what: str
    is_off: bool = False


class Piece(Record):
    """Code that runs with a route. where: decorator, dependency, router, hook, middleware, class, body or helper."""

    where: str
    source: Source
    node: ast.AST
    switch: Switch | None = None
    """The condition under which it is added to the application."""

    @property
    def name(self) -> str:
        """The name of a definition, or of the function that a call calls."""
        node = self.node.func if isinstance(self.node, ast.Call) else self.node
        return getattr(node, "name", "") or getattr(node, "attr", "") or getattr(node, "id", "")
