"""What stands around a route and runs with it: decorators, dependencies, routers, hooks, middleware, class attributes, bodies."""

from __future__ import annotations

import ast
import re

from holdfast.code import definitions
from holdfast.code.definitions import Definition
from holdfast.code.scopes import FunctionNode
from holdfast.code.words import words, wordset
from holdfast.routes import routing
from holdfast.routes.frameworks import litestar
from holdfast.routes.routing import Piece
from holdfast.secrets import names as secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.source import Source
    from holdfast.routes.hooks import Hooks
    from holdfast.routes.routing import Route

DEPTH = 3  # helpers of helpers
MOST = 80  # functions looked at for one route
HARMLESS = wordset("get post put patch delete route db database auth session")  # routes, and what gives something
BASIC_OPENS = frozenset({"login", "signin", "token", "tokens", "session", "sessions"})
OUTER = frozenset({"decorator", "dependency", "hook", "middleware"})
VIEW_METHODS = ("dispatch", "form_valid", "get_form", "get_permissions", "get_throttles", "perform_create", "initial", "setup")
FORM_ATTRIBUTES = ("form_class", "serializer_class", "authentication_form", "password_reset_form")
FORM_METHODS = re.compile(
    r"^(clean|validate|save|is_valid|authenticate|get_user|create|confirm_login_allowed|__init__|__call__|on_|dispatch)"
)


def pieces(route: Route, hooks: Hooks) -> list[Piece]:
    """All that runs with a route, what stands nearest first."""
    found = [*_on_definitions(route), *_dependencies(route), *_on_layers(route, hooks), *_bodies(route)]
    if route.framework == "litestar":
        found += _applied(route, hooks)
    return [*found, *hooks.around(route)]


def opens(route: Route) -> bool:
    """Whether a route hands out a session or a token, by its name and path: `POST /tokens`."""
    named = words(f"{route.called}_{route.path.rpartition('/')[2]}")
    return "POST" in route.methods and bool(BASIC_OPENS & set(named))


def logs_in_by_basic(route: Route, piece: Piece) -> bool:
    """Whether a decorator asks for a password by HTTP Basic before a route that hands out a session or a token: a login."""
    if piece.where != "decorator" or not opens(route):
        return False
    callee = piece.node.func if isinstance(piece.node, ast.Call) else piece.node
    owner = definitions.resolve(piece.source, callee.value) if isinstance(callee, ast.Attribute) else None
    made = owner.source.show(owner.node, secret=False) if owner and isinstance(owner.node, ast.Call) else ""
    return "basic" in words(piece.source.show(callee)) or "HTTPBasicAuth" in made


def not_followed(route: Route, pieces: list[Piece]) -> Piece | None:
    """The first decorator, dependency, hook or middleware that the project should have and that was not found in it.

    What comes from a library is known by its name; this may do anything.
    """
    registering = {layer.call for layer in route.layers}
    for piece in pieces:
        node = piece.node.func if isinstance(piece.node, ast.Call) else piece.node
        if piece.where not in OUTER or piece.node in registering or HARMLESS & set(words(piece.name)):
            continue
        if isinstance(node, ast.Name | ast.Attribute) and definitions.is_missing(piece.source, node):
            return piece
    return None


def functions(route: Route) -> list[Definition]:
    """The functions that answer a route: the handler, or the methods of its class that its HTTP methods lead to."""
    handler = route.handler
    if handler is None:
        return []
    if isinstance(handler.node, FunctionNode):
        return [handler]
    actions = [name for name in ("list", "create", "retrieve", "update", "partial_update", "destroy") if route.framework == "drf"]
    wanted = [route.method_name] if route.method_name else [*map(str.lower, route.methods), *actions]
    if route.methods == routing.ANY:
        wanted += ["get", "post"]
    members = [definitions.member(handler, name) for name in (*wanted, *VIEW_METHODS)]
    return [found for found in members if found and isinstance(found.node, FunctionNode)]


def _on_definitions(route: Route) -> Iterator[Piece]:
    handler = route.handler
    classes = definitions.lineage(handler) if handler and isinstance(handler.node, ast.ClassDef) else []
    for definition in [*functions(route), *classes]:
        for decorator in getattr(definition.node, "decorator_list", ()):
            yield Piece(where="decorator", source=definition.source, node=decorator)
            for argument in decorator.args if isinstance(decorator, ast.Call) else ():  # method_decorator(limit, name="post")
                if isinstance(argument, ast.Call | ast.Name | ast.Attribute):
                    yield Piece(where="decorator", source=definition.source, node=argument)
    for cls in classes:
        for name in ("decorators", "method_decorators"):
            listed = definitions.own_member(cls, name)
            for part in getattr(listed.node, "elts", ()) if listed else ():
                yield Piece(where="decorator", source=cls.source, node=part)
        yield Piece(where="class", source=cls.source, node=cls.node)


def _dependencies(route: Route) -> Iterator[Piece]:
    """What FastAPI's `Depends` and `Security` bring, on parameters, decorators, routers and mounts, and what these depend on."""
    seen: set[ast.AST] = set()
    answering = functions(route)
    starts = [(function.source, expression) for function in answering for expression in parameters(function.node)]
    starts += [start for function in answering for start in _of_controller(function)]
    for layer in route.layers:
        if isinstance(layer.call, ast.Call):
            given = routing.argument(layer.call, "dependencies")
            listed = definitions.resolve(layer.source, given) if given is not None else None
            starts += [(listed.source, part) for part in getattr(listed.node, "elts", ())] if listed else []
    for source, expression in starts:
        yield from _depended(source, expression, seen, DEPTH + 1)


def _of_controller(function: Definition) -> Iterator[tuple[Source, ast.expr]]:
    """The annotations and values in the body of the class around a handler, and its bases: `user: User = Depends(get_user)`."""
    owner = function.source.enclosing(function.node, ast.ClassDef)
    for cls in definitions.lineage(Definition(source=function.source, node=owner)) if owner else ():
        for part in getattr(cls.node, "body", ()):
            if isinstance(part, ast.AnnAssign):
                yield from ((cls.source, expression) for expression in (part.annotation, part.value) if expression)


def parameters(function: ast.AST) -> list[ast.expr]:
    """The annotations and defaults of the parameters of a function."""
    arguments = getattr(function, "args", None)
    if not isinstance(arguments, ast.arguments):
        return []
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    annotations = [argument.annotation for argument in every if argument.annotation]
    return [*annotations, *arguments.defaults, *(default for default in arguments.kw_defaults if default)]


def _depended(source: Source, expression: ast.expr, seen: set[ast.AST], depth: int) -> Iterator[Piece]:
    """The dependencies that an annotation, a default or an element of `dependencies` names, and theirs."""
    whole: ast.AST = expression
    if isinstance(expression, ast.Name | ast.Attribute):
        alias = definitions.resolve(source, expression)  # CurrentUser = Annotated[User, Depends(get_user)]
        if alias is None or not isinstance(alias.node, ast.Subscript | ast.Call):
            return
        source, whole = alias.source, alias.node
    for written in ast.walk(whole):
        home, call = source, written
        if isinstance(written, ast.Call) and not _is_depends(written):  # CurrentUser(), which returns Depends(get_user)
            returned = definitions.returned(definitions.resolve(source, written.func))
            home, call = (returned[0].source, returned[0].node) if len(returned) == 1 else (source, written)
        if isinstance(call, ast.Call) and _is_depends(call):
            given = routing.argument(call, "dependency", 0)
            if given is not None and given not in seen and depth > 0:
                seen.add(given)
                yield from _dependency(home, given, seen, depth)


def _is_depends(call: ast.Call) -> bool:
    return secrets.spoken_name(call.func) in ("Depends", "Security")


def _dependency(source: Source, given: ast.expr, seen: set[ast.AST], depth: int) -> Iterator[Piece]:
    """One dependency as it is written, the function or class that it is, and what that depends on."""
    found = definitions.resolve(source, given.func if isinstance(given, ast.Call) else given)
    if _is_optional(given) or (found and _is_optional(found.node)):
        return
    yield Piece(where="dependency", source=source, node=given)
    if found and isinstance(found.node, ast.Call):  # token = OAuth2PasswordBearer(...)
        yield Piece(where="dependency", source=found.source, node=found.node)
        found = definitions.resolve(found.source, found.node.func)
    if found is None or not isinstance(found.node, FunctionNode | ast.ClassDef):
        return
    yield Piece(where="dependency", source=found.source, node=found.node)
    for part in _callables(found):
        for inner in parameters(part.node):
            yield from _depended(part.source, inner, seen, depth - 1)


def _callables(found: Definition) -> list[Definition]:
    """A function and those within it, which it may return; of a class the methods that FastAPI calls."""
    if isinstance(found.node, ast.ClassDef):
        methods = (definitions.member(found, name) for name in ("__call__", "__init__"))
        return [method for method in methods if method]
    nested = [part for part in getattr(found.node, "body", ()) if isinstance(part, FunctionNode)]
    return [found, *(Definition(source=found.source, node=part) for part in nested)]


def _is_optional(made: ast.AST) -> bool:
    """Whether a dependency is made not to insist: `Auth(token_required=False)`."""
    given = made.keywords if isinstance(made, ast.Call) else []
    return any(isinstance(keyword.value, ast.Constant) and keyword.value.value is False for keyword in given)


def _applied(route: Route, hooks: Hooks) -> Iterator[Piece]:
    """The guards, middleware and authentication of Litestar's layers, but for those that leave the route out.

    Authentication whose exceptions cannot be read is no more than a middleware that may guard.
    """
    seen: set[ast.AST] = set()
    for one in (*litestar.applied(route), *hooks.litestar):
        left_out = litestar.leaves_out(one, route)
        if one.where == "guard" and isinstance(one.node, ast.expr):
            yield from _dependency(one.source, one.node, seen, DEPTH)
        elif not left_out:
            certain = one.where == "authentication" and left_out is False
            yield Piece(where="dependency" if certain else "middleware", source=one.source, node=one.node)


def _on_layers(route: Route, hooks: Hooks) -> Iterator[Piece]:
    for layer in route.layers:
        if not isinstance(layer.call, ast.Module | ast.ClassDef | FunctionNode):  # a controller's text is not what stands around it
            yield Piece(where="router", source=layer.source, node=layer.call)
        yield from hooks.by_router.get(layer.call, ())
    if route.handler:
        yield from hooks.by_router.get(route.handler.node, ())


def _bodies(route: Route) -> Iterator[Piece]:
    """The functions that answer, and those of the project that these call."""
    level = functions(route)
    for form in _forms(route):
        found = definitions.resolve(form.source, form.node)
        if found and isinstance(found.node, ast.ClassDef):
            level += _methods(found)
    seen: set[ast.AST] = set()
    where = "body"
    for _ in range(DEPTH + 1):
        following: list[Definition] = []
        for function in level:
            if function.node in seen or len(seen) > MOST:
                continue
            seen.add(function.node)
            yield Piece(where=where, source=function.source, node=function.node)
            following += callees(function)
        level, where = following, "helper"


def _forms(route: Route) -> Iterator[Definition]:
    """The forms and serializers that a view is given: as attributes of its class, or where the URLconf mounts it."""
    if route.handler and isinstance(route.handler.node, ast.ClassDef):
        found = (definitions.member(route.handler, name) for name in FORM_ATTRIBUTES)
        yield from (form for form in found if form)
    for layer in route.layers:
        for keyword in layer.call.keywords if isinstance(layer.call, ast.Call) else ():
            if keyword.arg in FORM_ATTRIBUTES:  # View.as_view(authentication_form=Form)
                yield Definition(source=layer.source, node=keyword.value)


def _methods(cls: Definition) -> list[Definition]:
    found: dict[str, Definition] = {}
    for one in definitions.lineage(cls):
        for part in one.node.body if isinstance(one.node, ast.ClassDef) else ():
            if isinstance(part, FunctionNode) and FORM_METHODS.match(part.name):
                found.setdefault(part.name, Definition(source=one.source, node=part))
    return list(found.values())


@definitions.remembered
def callees(function: Definition) -> list[Definition]:
    """The functions of the project that a function calls; of a class that it makes, the methods that check something."""
    calls = [call for call in ast.walk(function.node) if isinstance(call, ast.Call)]
    return list({one.node: one for call in calls for one in _called(function.source, call)}.values())


def _asks_who(call: ast.Call) -> bool:
    """Whether a call only asks who sends the request, `authenticator.authenticate(request)`: nobody logs in there."""
    given = call.args[0] if len(call.args) == 1 and not call.keywords else None
    return isinstance(call.func, ast.Attribute) and call.func.attr == "authenticate" and getattr(given, "id", "") == "request"


def called_names(piece: Piece) -> set[str]:
    """What a function calls, by the names alone."""
    memo = piece.source.memo
    if ("called", piece.node) not in memo:
        calls = (part for part in ast.walk(piece.node) if isinstance(part, ast.Call) and not _asks_who(part))
        memo["called", piece.node] = {secrets.spoken_name(call.func) for call in calls}
    found: set[str] = memo["called", piece.node]
    return found


def _called(source: Source, call: ast.Call) -> list[Definition]:
    if isinstance(call.func, ast.Attribute) and getattr(getattr(call.func.value, "func", None), "id", "") == "super":
        cls = source.enclosing(call, ast.ClassDef)
        above = definitions.lineage(Definition(source=source, node=cls))[1:] if cls else []
        inherited = next((found for base in above if (found := definitions.own_member(base, call.func.attr))), None)
        return [inherited] if inherited and isinstance(inherited.node, FunctionNode) else []
    found = definitions.resolve(source, call.func)
    if found is None and isinstance(call.func, ast.Attribute):
        owner = _owner(source, call.func.value)
        found = definitions.member(owner, call.func.attr) if owner else None
    if found and isinstance(found.node, ast.ClassDef):
        return _methods(found)
    return [found] if found and isinstance(found.node, FunctionNode) else []


def _owner(source: Source, value: ast.expr) -> Definition | None:
    """The class whose method is called: of `self`, `super()`, an instance, or a parameter with an annotation."""
    if isinstance(value, ast.Name) and value.id in ("self", "cls"):
        cls = source.enclosing(value, ast.ClassDef)
        return Definition(source=source, node=cls) if cls else None
    if isinstance(value, ast.Name):
        for binder in source.binders(value.id, value):
            if isinstance(binder, ast.arg) and binder.annotation is not None:
                return _annotated(source, binder.annotation)
    if isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name) and value.value.id == "self":
        cls = source.enclosing(value, ast.ClassDef)
        for assigned in source.attributes.get((cls, value.attr), []) if cls else ():
            made = _owner(source, assigned) if isinstance(assigned, ast.Name) else definitions.instance(source, assigned)
            if made:
                return made
    if isinstance(value, ast.Call):
        cls_made = definitions.resolve(source, value.func)
        if cls_made and isinstance(cls_made.node, ast.ClassDef):
            return cls_made
    return definitions.instance(source, value)


def _annotated(source: Source, annotation: ast.expr) -> Definition | None:
    """The class of an annotation: `Service`, `Annotated[Service, Depends()]`, or an alias of one."""
    if isinstance(annotation, ast.Subscript):
        inner = annotation.slice.elts[0] if isinstance(annotation.slice, ast.Tuple) else annotation.slice
        return _annotated(source, inner)
    found = definitions.resolve(source, annotation) if isinstance(annotation, ast.Name | ast.Attribute) else None
    if found and isinstance(found.node, ast.Subscript):
        return _annotated(found.source, found.node)
    return found if found and isinstance(found.node, ast.ClassDef) else None
