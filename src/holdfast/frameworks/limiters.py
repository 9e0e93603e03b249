"""Limiters as the libraries make them: slowapi, Flask-Limiter, django-ratelimit."""

from __future__ import annotations

import ast

from holdfast import definitions, secrets
from holdfast.frameworks import routing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.project import Project
    from holdfast.source import Source

LIBRARIES = ("slowapi", "flask_limiter")
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
    made_of = routing.made_by(source, decorator.func.value)
    if made_of and isinstance(made_of.node, ast.Call):
        return (made_of.source.qualname(made_of.node.func) or "").partition(".")[0] in LIBRARIES
    return "limiter" in secrets.words(secrets.spoken_name(decorator.func.value))


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
