"""Limiters as the libraries make them: slowapi, Flask-Limiter, django-ratelimit."""

from __future__ import annotations

import ast

from holdfast.code import definitions
from holdfast.code.definitions import Definition
from holdfast.code.scopes import FunctionNode
from holdfast.code.words import words
from holdfast.routes import routing
from holdfast.secrets import names as secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.project import Project
    from holdfast.code.source import Source

LIBRARIES = ("slowapi", "flask_limiter")
REQUESTS = frozenset({"fastapi.Request", "fastapi.requests.Request", "starlette.requests.Request"})
REGISTERING = frozenset({*routing.HTTP_METHODS, "route", "api_route"})


def sources(project: Project) -> Iterator[Source]:
    """The files that speak of limiters and throttles, tests left out."""
    for source in project.mentioning(b"limiter", b"ratelimit", b"throttle"):
        if not source.is_test and definitions.is_readable(source):
            yield source


def made(source: Source) -> Iterator[tuple[ast.Call, str]]:
    """The limiters that a file makes, with their library."""
    for call in source.nodes(ast.Call):
        library, _, name = (source.qualname(call.func) or "").partition(".")
        if library in LIBRARIES and name.rpartition(".")[2] == "Limiter":
            yield call, library


def limits(source: Source, decorator: ast.expr) -> bool:
    """Whether a decorator is `@limiter.limit(...)` of slowapi or Flask-Limiter."""
    if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Attribute):
        return False
    if decorator.func.attr not in ("limit", "shared_limit"):
        return False
    making = limiter(source, decorator)
    if making:
        return library(making) in LIBRARIES
    return "limiter" in words(secrets.spoken_name(decorator.func.value))


def limiter(source: Source, decorator: ast.expr) -> Definition | None:
    """The call that makes the limiter of `@limiter.limit(...)`, where it is found."""
    callee = decorator.func if isinstance(decorator, ast.Call) else decorator
    made_of = routing.made_by(source, callee.value) if isinstance(callee, ast.Attribute) else None
    return made_of if made_of and isinstance(made_of.node, ast.Call) else None


def library(making: Definition) -> str:
    """The package that a call makes something of."""
    return (making.source.qualname(making.node.func) or "").partition(".")[0] if isinstance(making.node, ast.Call) else ""


def place_below(source: Source, function: FunctionNode, limit: ast.expr) -> ast.expr | str:
    """The route's decorator under which a limit that stands above it may move, or why it may not.

    Only other limits may stand between: what another decorator does with the limit inside is not known.
    """
    following = function.decorator_list[function.decorator_list.index(limit) + 1 :]
    kinds = [(limits(source, part) and "limit") or (registers(source, part) and "route") or "other" for part in following]
    first = next((index for index, kind in enumerate(kinds) if kind != "limit"), len(kinds))
    last = next((index for index, kind in enumerate(kinds) if index > first and kind != "route"), len(kinds)) - 1
    if kinds[first] != "route":
        return f"{source.show(following[first])} stands between"
    if "route" in kinds[last + 1 :]:
        return "another route's decorator stands further down"
    return _hindrance(source, function, limit) or following[last]


def _hindrance(source: Source, function: FunctionNode, limit: ast.expr) -> str:
    """Why the endpoint would fail with its limit; "" where it would not."""
    making = limiter(source, limit)
    if making is None or not isinstance(making.node, ast.Call):
        return "what the limiter is was not found"
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
        return "slowapi with headers_enabled needs a parameter `response: Response`"
    if any(part.module == "__future__" for part in source.nodes(ast.ImportFrom)):
        return "not every FastAPI reads postponed annotations through slowapi's decorator"
    return ""


def registers(source: Source, decorator: ast.expr) -> bool:
    """Whether a decorator registers a route: `@router.post("/login")`."""
    if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Attribute):
        return False
    path = routing.argument(decorator, "path", 0) or routing.argument(decorator, "rule")
    return decorator.func.attr in REGISTERING and path is not None and definitions.text(source, path).startswith(("/", "{"))


def has_defaults(call: ast.Call) -> bool:
    """Whether a limiter is given default limits."""
    given = routing.argument(call, "default_limits")
    return given is not None and not (isinstance(given, ast.List) and not given.elts)


def is_attached(project: Project, source: Source, call: ast.Call) -> bool:
    """Whether a Flask-Limiter knows its application: given at once, or by `init_app`, whoever calls it."""
    if routing.argument(call, "app") is not None or len(call.args) > 1:
        return True
    if len(call.args) == 1 and secrets.spoken_name(call.args[0]) in ("app", "application"):
        return True
    if not isinstance(source.parent(call), ast.Assign | ast.AnnAssign):
        return True  # handed on to somebody
    for other in project.mentioning(b"init_app"):
        if other.is_test or not definitions.is_readable(other):
            continue
        for init in other.nodes(ast.Call):
            if isinstance(init.func, ast.Attribute) and init.func.attr == "init_app":
                found = routing.made_by(other, init.func.value)
                if found is None or found.node is call:
                    return True  # the variable of a loop may be anything
    return False


def uses(project: Project, word: bytes, name: str) -> bool:
    """Whether any file of the project, tests left out, uses a name beside importing it."""
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


def is_django_ratelimit(source: Source, call: ast.Call) -> bool:
    """Whether a call is django-ratelimit's decorator."""
    return (source.qualname(call.func) or "") in ("django_ratelimit.decorators.ratelimit", "ratelimit.decorators.ratelimit")


def only_gets(source: Source, methods: ast.expr | None) -> bool:
    """Whether a limit counts GET alone."""
    if methods is None:
        return False
    named = routing.strings(source, methods) or (definitions.text(source, methods).upper(),)
    return named == ("GET",)


def reads_post(source: Source, call: ast.Call) -> bool:
    """Whether the view that a decorator limits reads the body of a POST."""
    function = source.parent(call)
    nodes = ast.walk(function) if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) else ()
    return any(isinstance(node, ast.Attribute) and node.attr == "POST" for node in nodes)


def counts_in_cache(source: Source) -> bool:
    """Whether a file limits by Django's cache: with django-ratelimit, or with throttles of Django REST framework."""
    if any(is_django_ratelimit(source, call) for call in source.nodes(ast.Call)):
        return True
    names = [node.id for node in source.nodes(ast.Name)]
    words = [str(node.value) for node in source.nodes(ast.Constant)]
    return "throttle_classes" in names or "DEFAULT_THROTTLE_CLASSES" in words
