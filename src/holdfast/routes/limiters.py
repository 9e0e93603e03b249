"""Limiters as the libraries create them: slowapi, Flask-Limiter, django-ratelimit."""

from __future__ import annotations

import ast

from holdfast.code import definitions
from holdfast.code.definitions import Located
from holdfast.code.scopes import FunctionNode
from holdfast.code.words import words
from holdfast.routes import routing, switches
from holdfast.routes.routing import Switch
from holdfast.secrets import names as secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.source import ProjectLike, Source

LIBRARIES = ("slowapi", "flask_limiter")
REQUESTS = frozenset({"fastapi.Request", "fastapi.requests.Request", "starlette.requests.Request"})
REGISTERING = frozenset({*routing.HTTP_METHODS, "route", "api_route"})
SHARED_NAMES = frozenset({"limit", "shared_limit"})


def sources(project: ProjectLike) -> Iterator[Source]:
    """Yield the files that mention limiters or throttles, without tests."""
    for source in project.mentioning(b"limiter", b"ratelimit", b"throttle"):
        if not source.is_test and definitions.is_readable(source):
            yield source


def made(source: Source) -> Iterator[tuple[ast.Call, str]]:
    """Yield each call in a file that creates a limiter, with its library."""
    for call in source.nodes(ast.Call):
        library, _, name = (source.qualname(call.func) or "").partition(".")
        if library in LIBRARIES and name.rpartition(".")[2] == "Limiter":
            yield call, library


def is_limit(source: Source, decorator: ast.expr) -> bool:
    """Return whether a decorator is `@limiter.limit(...)` of slowapi or Flask-Limiter."""
    if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Attribute):
        return False
    if decorator.func.attr not in SHARED_NAMES:
        return False
    making = limiter(source, decorator)
    if making:
        return library(making) in LIBRARIES
    return "limiter" in words(secrets.spoken_name(decorator.func.value))


def limiter(source: Source, decorator: ast.expr) -> Located | None:
    """Return the call that creates the limiter of `@limiter.limit(...)`, where it is found."""
    callee = decorator.func if isinstance(decorator, ast.Call) else decorator
    made_of = routing.made_by(source, callee.value) if isinstance(callee, ast.Attribute) else None
    return made_of if made_of and isinstance(made_of.node, ast.Call) else None


def library(making: Located) -> str:
    """Return the package whose function or class a call calls."""
    return (making.source.qualname(making.node.func) or "").partition(".")[0] if isinstance(making.node, ast.Call) else ""


def is_django_ratelimit(source: Source, call: ast.Call) -> bool:
    """Return whether a call is django-ratelimit's decorator."""
    return (source.qualname(call.func) or "") in ("django_ratelimit.decorators.ratelimit", "ratelimit.decorators.ratelimit")


# -- switches


def switch(source: Source, decorator: ast.AST) -> Switch | None:
    """Return the switch of a library's decorator: that of its limiter, or a setting."""
    making = limiter(source, decorator) if isinstance(decorator, ast.expr) else None
    if making and isinstance(making.node, ast.Call) and library(making) in LIBRARIES:
        return limiter_switch(making.source, making.node)
    by_django = isinstance(decorator, ast.Call) and is_django_ratelimit(source, decorator)
    return setting_switch(source, "RATELIMIT_ENABLE") if by_django else None


def limiter_switch(source: Source, making: ast.Call) -> Switch | None:
    """Return the switch of a limiter: `Limiter(enabled=...)`, or the setting that the library reads."""
    enabled = routing.argument(making, "enabled")
    if enabled is None:
        return setting_switch(source, "RATELIMIT_ENABLED")
    is_false = getattr(enabled, "value", None) is False
    return switches.of(source, enabled) or (Switch(what="enabled=False", is_off=True) if is_false else None)


def setting_switch(source: Source, name: str) -> Switch | None:
    """Return a library's own setting as a switch, where the project's settings switch it off."""
    value = switches.setting(source.project, name)
    return Switch(what=name, is_off=True) if value.known and not value.value else None


# -- the place of a limit among the decorators of a route


def is_registration(source: Source, decorator: ast.expr) -> bool:
    """Return whether a decorator registers a route: `@router.post("/login")`."""
    if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Attribute):
        return False
    path = routing.argument(decorator, "path", 0) or routing.argument(decorator, "rule")
    return decorator.func.attr in REGISTERING and path is not None and definitions.text(source, path).startswith(("/", "{"))


def place_below(source: Source, function: FunctionNode, limit: ast.expr) -> ast.expr | str:
    """Return the route decorator below which a limit that is above it can move, or the reason why it cannot.

    Only other limits may be between them: the effect of another decorator on a limited function is unknown.
    """
    following = function.decorator_list[function.decorator_list.index(limit) + 1 :]
    kinds = [(is_limit(source, part) and "limit") or (is_registration(source, part) and "route") or "other" for part in following]
    first = next((index for index, kind in enumerate(kinds) if kind != "limit"), len(kinds))
    last = next((index for index, kind in enumerate(kinds) if index > first and kind != "route"), len(kinds)) - 1
    if kinds[first] != "route":
        return f"`{source.show(following[first])}` is between them"
    if "route" in kinds[last + 1 :]:
        return "another route decorator follows further down"
    return _obstacle(source, function, limit) or following[last]


def _obstacle(source: Source, function: FunctionNode, limit: ast.expr) -> str:
    """Return why the endpoint would fail with its limit in effect; "" where it would not."""
    making = limiter(source, limit)
    if making is None or not isinstance(making.node, ast.Call):
        return "the definition of the limiter was not found"
    if library(making) != "slowapi":
        return ""
    parameters = {
        argument.arg: argument for argument in [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    }
    request = parameters.get("request")
    if request is None or request.annotation is None or source.qualname(request.annotation) not in REQUESTS:
        return "slowapi needs a parameter `request: Request`"
    headers = routing.argument(making.node, "headers_enabled")
    if headers is not None and not (isinstance(headers, ast.Constant) and not headers.value) and "response" not in parameters:
        return "slowapi with `headers_enabled` needs a parameter `response: Response`"
    if any(part.module == "__future__" for part in source.nodes(ast.ImportFrom)):
        return "not every version of FastAPI reads postponed annotations through slowapi's decorator"
    return ""


# -- whether a limiter is in effect


def has_defaults(call: ast.Call) -> bool:
    """Return whether a limiter is created with default limits."""
    given = routing.argument(call, "default_limits")
    return given is not None and not (isinstance(given, ast.List) and not given.elts)


def is_attached(project: ProjectLike, source: Source, call: ast.Call) -> bool:
    """Return whether a Flask-Limiter gets an application: as an argument, or by a call of `init_app` anywhere."""
    if routing.argument(call, "app") is not None or len(call.args) > 1:
        return True
    if len(call.args) == 1 and secrets.spoken_name(call.args[0]) in ("app", "application"):
        return True
    if not isinstance(source.parent(call), ast.Assign | ast.AnnAssign):
        return True  # other code gets it
    for other in project.mentioning(b"init_app"):
        if other.is_test or not definitions.is_readable(other):
            continue
        for init in other.nodes(ast.Call):
            if isinstance(init.func, ast.Attribute) and init.func.attr == "init_app":
                found = routing.made_by(other, init.func.value)
                if found is None or found.node is call:
                    return True  # the variable of a loop may be anything
    return False


def is_used(project: ProjectLike, word: bytes, name: str) -> bool:
    """Return whether a file of the project, tests left out, uses a name, other than in an import."""
    for source in project.mentioning(word):
        if source.is_test or not definitions.is_readable(source):
            continue
        if any(node.attr == name for node in source.nodes(ast.Attribute)):
            return True
        if any(node.id == name for node in source.nodes(ast.Name)):
            return True
        if any(node.value == name or str(node.value).endswith(f".{name}") for node in source.nodes(ast.Constant)):
            return True
    return False


def is_get_only(source: Source, methods: ast.expr | None) -> bool:
    """Return whether the `method` argument of a limit is GET alone."""
    if methods is None:
        return False
    named = routing.strings(source, methods) or (definitions.text(source, methods).upper(),)
    return named == ("GET",)


def has_post_data(source: Source, call: ast.Call) -> bool:
    """Return whether the view that a decorator limits reads `request.POST`."""
    function = source.parent(call)
    nodes = ast.walk(function) if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) else ()
    return any(isinstance(node, ast.Attribute) and node.attr == "POST" for node in nodes)


def has_cache_limits(source: Source) -> bool:
    """Return whether a file limits by Django's cache: with django-ratelimit, or with throttles of Django REST framework."""
    if any(is_django_ratelimit(source, call) for call in source.nodes(ast.Call)):
        return True
    names = [node.id for node in source.nodes(ast.Name)]
    texts = [str(node.value) for node in source.nodes(ast.Constant)]
    return "throttle_classes" in names or "DEFAULT_THROTTLE_CLASSES" in texts
