"""Find answers to a client: calls that make a response, statuses, and the results of routes."""

from __future__ import annotations

import ast
import re
from http import HTTPStatus

from holdfast.code import values
from holdfast.code.words import words, wordset
from holdfast.secrets import names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.scopes import FunctionNode
    from holdfast.code.source import Source

FRAMEWORKS = wordset(
    "aiohttp bottle cherrypy connexion django falcon fastapi flask flask_restful flask_restx litestar ninja pyramid quart "
    "rest_framework sanic starlette tornado web webob werkzeug"
)
CLIENTS = wordset("requests httpx urllib3 botocore")
# Calls that answer, apart from those that are named for a response or for a status.
CALLS = wordset("HTTPException HttpError HTTPError jsonify abort send_error set_status json_error problem APIException ApiError")
STATUSES = {status.name.replace("_", "").lower(): status.value for status in HTTPStatus}
STATUSES["servererror"] = 500  # HttpResponseServerError
STATUS_NAME = re.compile(r"HTTP_(\d{3})(_|$)")
ERRORS = range(400, 600)
SERVER_ERRORS = range(500, 600)
REGISTERING = wordset("errorhandler app_errorhandler exception_handler")
VIEW = re.compile(r"(View|ViewSet|Resource|Endpoint|Handler|Controller)$")
METHODS = wordset("get post put patch delete dispatch")


def results(answer: ast.Call | ast.Return) -> list[ast.expr]:
    """The expressions that an answer sends."""
    if isinstance(answer, ast.Return):
        return [answer.value] if answer.value else []
    return [*answer.args, *(keyword.value for keyword in answer.keywords)]


def every(source: Source) -> Iterator[ast.Call | ast.Return]:
    """Yield the calls and return statements of a file that may answer a client."""
    for statement in source.nodes(ast.Return):
        value = statement.value
        is_status = isinstance(value, ast.Tuple) and status(value) in ERRORS
        if is_status or isinstance(value, ast.Dict) or _is_dict_call(value):
            yield statement
    for call in source.nodes(ast.Call):
        if is_named_for_answer(call) or (is_handed_over(source, call) and status(call) in ERRORS):
            yield call


def _is_dict_call(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "dict"


def is_named_for_answer(call: ast.Call) -> bool:
    """Return whether a call is named for a response, for an HTTP status of an error or for answering."""
    name = called(call)
    if name in CALLS or status_by_name(name) in ERRORS:
        return True
    owner = called(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    return words(name)[-1:] == ("response",) or name.startswith("HttpResponse") or owner == "Response"


def called(node: ast.expr) -> str:
    """The last name of what a call calls, or of a name or attribute; "" for others."""
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) | ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def is_handed_over(source: Source, call: ast.Call) -> bool:
    """Return whether a call is what a function returns or raises."""
    above = source.parent(call)
    return isinstance(above, ast.Return | ast.Raise)


def status(node: ast.Call | ast.Tuple) -> int:
    """The HTTP status of an error that a call or a returned tuple has; 0 if it has none."""
    given = node.elts[1:] if isinstance(node, ast.Tuple) else [*node.args, *(keyword.value for keyword in node.keywords)]
    found = [_as_status(part) for part in given]
    if isinstance(node, ast.Call):
        found.append(status_by_name(called(node)))
    return next((number for number in found if number in ERRORS), 0)


def _as_status(part: ast.expr) -> int:
    match part:
        case ast.Constant(value=int(number)):
            return number
        case ast.Name(id=name) | ast.Attribute(attr=name):
            match_ = STATUS_NAME.match(name)
            return int(match_[1]) if match_ else STATUSES.get(name.replace("_", "").lower(), 0) if name.isupper() else 0
    return 0


def status_by_name(name: str) -> int:
    """The HTTP status that a class is named for: 400 for `HTTPBadRequest` and `HttpResponseBadRequest`; 0 for others."""
    if not name[:1].isupper():
        return 0
    return STATUSES.get(re.sub(r"^(HTTP|HttpResponse)|(Error|Exception)$", "", name).lower(), 0) or STATUSES.get(
        re.sub(r"^(HTTP|HttpResponse)", "", name).lower(), 0
    )


def is_of_framework(source: Source, call: ast.AST) -> bool:
    """Return whether a call is one of a web framework, by where its name was imported from."""
    name = source.qualname(call.func) if isinstance(call, ast.Call) else None
    return bool(name) and str(name).partition(".")[0] in FRAMEWORKS


def is_of_client(source: Source, call: ast.AST) -> bool:
    """Return whether a call makes a response as a client of HTTP receives it: `tornado.httpclient.HTTPResponse`."""
    name = source.qualname(call.func) if isinstance(call, ast.Call) else None
    return "client" in (name or "") or str(name).partition(".")[0] in CLIENTS


def is_of_web(source: Source) -> bool:
    """Return whether a file imports a web framework."""
    return bool(FRAMEWORKS & source.imported)


def is_route(source: Source, function: FunctionNode | None) -> bool:
    """Return whether a function is a handler: by a decorator, or as a method of a view."""
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    calls = [one.func for one in function.decorator_list if isinstance(one, ast.Call)]
    if any(isinstance(callee, ast.Attribute) and callee.attr in values.ROUTE_DECORATORS for callee in calls):
        return True
    owner = source.parent(function)
    bases = owner.bases if isinstance(owner, ast.ClassDef) else []
    return function.name in METHODS and any(VIEW.search(names.spoken_name(base)) for base in bases)


def is_error_handler(function: FunctionNode | None) -> bool:
    """Return whether a function is registered for every exception: `@app.exception_handler(Exception)`."""
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    calls = (one for one in function.decorator_list if isinstance(one, ast.Call) and called(one) in REGISTERING)
    kinds = [part for call in calls for part in call.args]
    return any(names.spoken_name(part) in ("Exception", "BaseException") or _as_status(part) == SERVER_ERRORS[0] for part in kinds)
