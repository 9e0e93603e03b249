"""The functions that answer a route, the functions of the project that they call, and what a function calls by name."""

from __future__ import annotations

import ast
import re

from holdfast.code import definitions
from holdfast.code.definitions import Located
from holdfast.code.scopes import FunctionNode
from holdfast.routes import routing
from holdfast.routes.routing import Piece
from holdfast.secrets import names as secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.source import Source
    from holdfast.routes.routing import Route

DEPTH = 3  # helpers of helpers
MOST = 80  # functions read for one route
ACTIONS = ("list", "create", "retrieve", "update", "partial_update", "destroy")  # of a DRF viewset
VIEW_METHODS = ("dispatch", "form_valid", "get_form", "get_permissions", "get_throttles", "perform_create", "initial", "setup")
FORM_ATTRIBUTES = ("form_class", "serializer_class", "authentication_form", "password_reset_form")
FORM_METHODS = re.compile(
    r"^(clean|validate|save|is_valid|authenticate|get_user|create|confirm_login_allowed|__init__|__call__|on_|dispatch)"
)


def functions(route: Route) -> list[Located]:
    """Return the functions that answer a route: the handler, or the methods of its class for the route's HTTP methods."""
    handler = route.handler
    if handler is None:
        return []
    if isinstance(handler.node, FunctionNode):
        return [handler]
    actions = ACTIONS if route.framework == "drf" else ()
    wanted = [route.method_name] if route.method_name else [*map(str.lower, route.methods), *actions]
    if route.methods == routing.ANY:
        wanted += ["get", "post"]
    members = [definitions.member(handler, name) for name in (*wanted, *VIEW_METHODS)]
    return [found for found in members if found and isinstance(found.node, FunctionNode)]


def bodies(route: Route) -> Iterator[Piece]:
    """Yield the functions that answer a route ("body"), then the project's functions that these call ("helper")."""
    level = functions(route)
    for form in _forms(route):
        found = definitions.resolve(form.source, form.node)
        if found and isinstance(found.node, ast.ClassDef):
            level += _methods(found)
    seen: set[ast.AST] = set()
    where = "body"
    for _ in range(DEPTH + 1):
        following: list[Located] = []
        for function in level:
            if function.node in seen or len(seen) > MOST:
                continue
            seen.add(function.node)
            yield Piece(where=where, source=function.source, node=function.node)
            following += callees(function)
        level, where = following, "helper"


def _forms(route: Route) -> Iterator[Located]:
    """Yield the forms and serializers of a view: attributes of its class, or arguments of `as_view` in the URLconf."""
    if route.handler and isinstance(route.handler.node, ast.ClassDef):
        found = (definitions.member(route.handler, name) for name in FORM_ATTRIBUTES)
        yield from (form for form in found if form)
    for layer in route.layers:
        for keyword in layer.call.keywords if isinstance(layer.call, ast.Call) else ():
            if keyword.arg in FORM_ATTRIBUTES:  # View.as_view(authentication_form=Form)
                yield Located(source=layer.source, node=keyword.value)


def _methods(cls: Located) -> list[Located]:
    """Return the methods of a form or service class, inherited ones included, that check or save something."""
    found: dict[str, Located] = {}
    for one in definitions.lineage(cls):
        for part in one.node.body if isinstance(one.node, ast.ClassDef) else ():
            if isinstance(part, FunctionNode) and FORM_METHODS.match(part.name):
                found.setdefault(part.name, Located(source=one.source, node=part))
    return list(found.values())


def called_names(piece: Piece) -> set[str]:
    """Return the names of the functions that a function calls."""
    memo = piece.source.memo
    if ("called", piece.node) not in memo:
        calls = (part for part in ast.walk(piece.node) if isinstance(part, ast.Call) and not _is_caller_lookup(part))
        memo["called", piece.node] = {secrets.spoken_name(call.func) for call in calls}
    found: set[str] = memo["called", piece.node]
    return found


def _is_caller_lookup(call: ast.Call) -> bool:
    """Return whether a call only finds out who sends the request, and logs nobody in: `authenticator.authenticate(request)`."""
    given = call.args[0] if len(call.args) == 1 and not call.keywords else None
    return isinstance(call.func, ast.Attribute) and call.func.attr == "authenticate" and getattr(given, "id", "") == "request"


@definitions.remembered
def callees(function: Located) -> list[Located]:
    """Return the project's functions that a function calls. For a class that it creates: the methods that check something."""
    calls = [call for call in ast.walk(function.node) if isinstance(call, ast.Call)]
    return list({one.node: one for call in calls for one in _called(function.source, call)}.values())


def _called(source: Source, call: ast.Call) -> list[Located]:
    if isinstance(call.func, ast.Attribute) and getattr(getattr(call.func.value, "func", None), "id", "") == "super":
        cls = source.enclosing(call, ast.ClassDef)
        above = definitions.lineage(Located(source=source, node=cls))[1:] if cls else []
        inherited = next((found for base in above if (found := definitions.own_member(base, call.func.attr))), None)
        return [inherited] if inherited and isinstance(inherited.node, FunctionNode) else []
    found = definitions.resolve(source, call.func)
    if found is None and isinstance(call.func, ast.Attribute):
        owner = _owner(source, call.func.value)
        found = definitions.member(owner, call.func.attr) if owner else None
    if found and isinstance(found.node, ast.ClassDef):
        return _methods(found)
    return [found] if found and isinstance(found.node, FunctionNode) else []


def _owner(source: Source, value: ast.expr) -> Located | None:
    """Return the class whose method is called: of `self`, of an instance, or of a parameter with an annotation."""
    if isinstance(value, ast.Name) and value.id in ("self", "cls"):
        cls = source.enclosing(value, ast.ClassDef)
        return Located(source=source, node=cls) if cls else None
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


def _annotated(source: Source, annotation: ast.expr) -> Located | None:
    """Return the class that an annotation names: `Service`, `Annotated[Service, Depends()]`, or an alias of one."""
    if isinstance(annotation, ast.Subscript):
        inner = annotation.slice.elts[0] if isinstance(annotation.slice, ast.Tuple) else annotation.slice
        return _annotated(source, inner)
    found = definitions.resolve(source, annotation) if isinstance(annotation, ast.Name | ast.Attribute) else None
    if found and isinstance(found.node, ast.Subscript):
        return _annotated(found.source, found.node)
    return found if found and isinstance(found.node, ast.ClassDef) else None
