"""Django's views: the handler inside wrappers and `as_view`, and the HTTP methods that functions and classes answer."""

from __future__ import annotations

import ast

from holdfast.code import definitions
from holdfast.code.definitions import Located
from holdfast.routes import routing
from holdfast.routes.frameworks import drf
from holdfast.routes.routing import Layer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.code.source import Source

# The methods that the generic views answer, by the last part of their name.
GENERIC = {
    "TemplateView": ("GET",),
    "ListView": ("GET",),
    "DetailView": ("GET",),
    "BaseListView": ("GET",),
    "BaseDetailView": ("GET",),
    "FilterView": ("GET",),
    "RedirectView": routing.ANY,
    "FormView": ("GET", "POST"),
    "CreateView": ("GET", "POST"),
    "UpdateView": ("GET", "POST"),
    "DeleteView": ("GET", "POST"),
    "LoginView": ("GET", "POST"),
    "LogoutView": ("GET", "POST"),
    "PasswordResetView": ("GET", "POST"),
    "PasswordResetConfirmView": ("GET", "POST"),
    "PasswordChangeView": ("GET", "POST"),
    "PasswordResetDoneView": ("GET",),
    "PasswordResetCompleteView": ("GET",),
    "PasswordChangeDoneView": ("GET",),
    "ArchiveIndexView": ("GET",),
    "Feed": ("GET",),
}
GATES = {"require_POST": ("POST",), "require_GET": ("GET",), "require_safe": ("GET",)}
DEPTH = 10  # wrappers within wrappers


def unwrapped(source: Source, expression: ast.expr, depth: int = DEPTH) -> tuple[Located | None, tuple[Layer, ...]]:
    """Return the function or class that answers, and the calls around it: `login_required(View.as_view())`."""
    found = definitions.resolve(source, expression)
    if found is None or not isinstance(found.node, ast.Call) or depth <= 0:
        return found, ()
    call, layer = found.node, Layer(source=found.source, call=found.node)
    if isinstance(call.func, ast.Attribute) and call.func.attr == "as_view":
        return definitions.resolve(found.source, call.func.value) or _of_self(found.source, call.func.value), (layer,)
    for argument in [*call.args, call.func]:
        handler, layers = unwrapped(found.source, argument, depth - 1) if isinstance(argument, ast.expr) else (None, ())
        if (handler and handler.name) or _is_view(argument):
            return handler, (layer, *layers)
    return None, (layer,)


def _is_view(expression: ast.expr) -> bool:
    """Return whether an expression is a class-based view, of the project or of a library."""
    return isinstance(expression, ast.Call) and isinstance(expression.func, ast.Attribute) and expression.func.attr == "as_view"


def _of_self(source: Source, expression: ast.expr) -> Located | None:
    """Return the class in `self.login_view`, where a call like `get_class("customer.views", "LoginView")` loads it."""
    cls = source.enclosing(expression, ast.ClassDef)
    assigned = source.attributes.get((cls, getattr(expression, "attr", "")), []) if cls else []
    for value in assigned:
        names = [definitions.text(source, argument) for argument in getattr(value, "args", ())]
        module = _loaded(source, names[0]) if len(names) == 2 else None
        found = definitions.member(Located(source=module, node=module.tree), names[1]) if module else None
        if found:
            return found
    return None


def _loaded(source: Source, name: str) -> Source | None:
    """The module that a loader of classes means by a name: absolute, or relative to one of the packages around the file."""
    names = (name, *(f"{'.' * level}{name}" for level in range(1, source.path.count("/") + 2)))
    found = (definitions.module(source.project, one, source.path) for one in names) if source.project and name else ()
    return next(filter(None, found), None)


def methods(handler: Located) -> tuple[str, ...]:
    """Return the HTTP methods that a view answers."""
    return _class_methods(handler) if isinstance(handler.node, ast.ClassDef) else _function_methods(handler)


def _class_methods(cls: Located) -> tuple[str, ...]:
    named = definitions.member(cls, "http_method_names")
    allowed = routing.strings(named.source, named.node) if named and isinstance(named.node, ast.expr) else ()
    own = {name.upper() for name in routing.HTTP_METHODS if definitions.member(cls, name)} - {"OPTIONS", "HEAD", "TRACE"}
    for base in definitions.foreign_bases(cls):
        name = base.rpartition(".")[2]
        own |= set(drf.GENERIC.get(name, ()) if base.startswith("rest_framework") or name in drf.GENERIC else GENERIC.get(name, ()))
        own |= set(GENERIC.get(name, ())) if not own else set()
    if "ANY" in own:
        own = set()
    kept = [name for name in ("GET", "POST", "PUT", "PATCH", "DELETE") if name in own and (not allowed or name in allowed)]
    return tuple(kept) or routing.ANY


def _function_methods(function: Located) -> tuple[str, ...]:
    for decorator in getattr(function.node, "decorator_list", []):
        callee = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = (function.source.qualname(callee) or "").rpartition(".")[2]
        if name in GATES:
            return GATES[name]
        if name in ("require_http_methods", "api_view"):
            given = (
                routing.argument(decorator, "http_method_names" if name == "api_view" else "request_method_list", 0)
                if isinstance(decorator, ast.Call)
                else None
            )
            return routing.strings(function.source, given) or (("GET",) if name == "api_view" else routing.ANY)
    return routing.ANY
