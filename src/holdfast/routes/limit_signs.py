"""The signs of a limit, by where they are found: decorators, dependencies, classes, routers, hooks, middleware and code."""

from __future__ import annotations

import ast

from holdfast.code import definitions
from holdfast.code.definitions import Located
from holdfast.code.scopes import FunctionNode
from holdfast.code.words import words
from holdfast.routes import counting, limiters, routing, switches
from holdfast.routes.controls import Control, Subject
from holdfast.routes.counting import is_limit_name
from holdfast.rule import HARD, SOFT, Sign
from holdfast.secrets import names as secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.code.source import Source

SLOWAPI = frozenset({"SlowAPIMiddleware", "SlowAPIASGIMiddleware"})


# -- signs of a decorator


def _listed_throttles(subject: Subject) -> Control | None:
    """`@throttle_classes([...])`, `@action(throttle_classes=[...])`."""
    name, node = subject.piece.name, subject.piece.node
    arguments = node.args if isinstance(node, ast.Call) else []
    if name == "throttle_classes":
        return _throttles(subject.piece.source, node, arguments[0] if arguments else None)
    listed = routing.argument(node, "throttle_classes") if name == "action" and isinstance(node, ast.Call) else None
    return _throttles(subject.piece.source, node, listed) if listed is not None else None


def _throttles(source: Source, node: ast.AST, listed: ast.AST | None) -> Control:
    named = frozenset(source.show(part).rpartition(".")[2] for part in getattr(listed, "elts", ()))
    return Control(what="throttle_classes", source=source, node=node, classes=named)


def _limiter(subject: Subject) -> Control | None:
    """`@limiter.limit("5/minute")`."""
    source, node = subject.piece.source, subject.piece.node
    callee = node.func if isinstance(node, ast.Call) else node
    owner = source.show(callee.value) if isinstance(callee, ast.Attribute) else ""
    is_named_so = subject.piece.name in (*limiters.SHARED_NAMES, "hit") and "limit" in owner.lower()
    is_known = isinstance(node, ast.expr) and limiters.is_limit(source, node)
    return _of_decorator(source, node) if is_named_so or is_known else None


def _named_decorator(subject: Subject) -> Control | None:
    """`@ratelimit(...)`, `@throttle`."""
    name = subject.piece.name
    is_named_so = name != "throttle_classes" and is_limit_name(name)
    return _of_decorator(subject.piece.source, subject.piece.node) if is_named_so else None


def _of_decorator(source: Source, node: ast.AST) -> Control:
    callee = node.func if isinstance(node, ast.Call) else node
    return Control(what=source.show(callee), source=source, node=node, switch=limiters.switch(source, node))


def _own_decorator(subject: Subject) -> Control | None:
    """A decorator of the project that counts attempts, or that applies a limiter."""
    node, handler = subject.piece.node, subject.route.handler
    found = definitions.resolve(subject.piece.source, node.func if isinstance(node, ast.Call) else node)
    if found is None or not isinstance(found.node, FunctionNode) or found.node is (handler.node if handler else None):
        return None
    return counting.of(found.source, found.node) or _applied_limiter(found)


def _applied_limiter(function: Located) -> Control | None:
    """`return limiter.limit(*args)` in a decorator of the project."""
    for part in ast.walk(function.node):
        match part:
            case ast.Call(func=ast.Attribute(attr="limit" | "shared_limit", value=owner)) if "limiter" in words(
                secrets.spoken_name(owner)
            ):
                switch = switches.around(function.source, part)
                return Control(what=function.source.show(part.func), source=function.source, node=part, switch=switch)
    return None


# -- signs of dependencies, functions, middleware, routers and classes


def _own_code(subject: Subject) -> Control | None:
    """A function or class of the project whose code limits attempts."""
    is_code = isinstance(subject.piece.node, FunctionNode | ast.ClassDef)
    return counting.of(subject.piece.source, subject.piece.node) if is_code else None


def _named(subject: Subject) -> Control | None:
    """A dependency or middleware of a library by its name."""
    piece = subject.piece
    is_code = isinstance(piece.node, FunctionNode | ast.ClassDef)
    return Control(what=piece.name, source=piece.source, node=piece.node) if not is_code and is_limit_name(piece.name) else None


def _slowapi_middleware(subject: Subject) -> Control | None:
    """The default limits of slowapi, which its middleware applies."""
    is_applied = subject.piece.name in SLOWAPI and subject.route.framework == "fastapi"
    found: Control | None = subject.facts.slowapi if is_applied else None
    return found


def _limited_router(subject: Subject) -> Control | None:
    """A limiter among the arguments of a router, a mount or a wrapper."""
    source = subject.piece.source
    for part in ast.walk(subject.piece.node):
        if isinstance(part, ast.Call):
            name = getattr(part.func, "attr", getattr(part.func, "id", ""))
            owner = source.show(part.func.value) if isinstance(part.func, ast.Attribute) else ""
            if is_limit_name(name) or (name in limiters.SHARED_NAMES and "limit" in owner.lower()):
                return Control(what=source.show(part.func), source=source, node=part)
    return None


def _class_throttles(subject: Subject) -> Control | None:
    """`throttle_classes = [...]` in a class."""
    own = definitions.own_member(Located(source=subject.piece.source, node=subject.piece.node), "throttle_classes")
    return _throttles(own.source, own.node, own.node) if own else None


def _throttle_scope(subject: Subject) -> Control | None:
    """`throttle_scope = "login"` in a class."""
    scope = definitions.own_member(Located(source=subject.piece.source, node=subject.piece.node), "throttle_scope")
    is_named = scope and isinstance(scope.node, ast.Constant) and scope.node.value
    return Control(what="throttle_scope", source=scope.source, node=scope.node) if scope and is_named else None


def _limiting_base(subject: Subject) -> Control | None:
    """`class Login(RateLimitMixin, View)`."""
    source = subject.piece.source
    for base in getattr(subject.piece.node, "bases", ()):
        name = source.show(base)
        if is_limit_name(name.rpartition(".")[2]):
            return Control(what=name, source=source, node=base)
    return None


THROTTLES = Sign(name="throttle-classes", strength=HARD, sentence="a decorator lists throttle classes", found=_listed_throttles)
LIMITER = Sign(name="limiter", strength=HARD, sentence="a decorator is a limiter's", found=_limiter)
NAMED_DECORATOR = Sign(name="limit-name", strength=SOFT, sentence="a decorator is named like a limit", found=_named_decorator)
OWN_DECORATOR = Sign(
    name="own-decorator", strength=SOFT, sentence="a decorator of the project applies a limiter", found=_own_decorator
)
OWN_CODE = Sign(name="own-code", strength=SOFT, sentence="code of the project limits attempts", found=_own_code)
NAMED = Sign(name="limit-name", strength=SOFT, sentence="a library's dependency or middleware is named like a limit", found=_named)
OWN_MIDDLEWARE = Sign(name="own-middleware", strength=SOFT, sentence="a middleware of the project limits attempts", found=_own_code)
SLOWAPI_MIDDLEWARE = Sign(
    name="slowapi-middleware", strength=HARD, sentence="slowapi's middleware applies default limits", found=_slowapi_middleware
)
ROUTER = Sign(name="limited-router", strength=SOFT, sentence="a router, mount or wrapper has a limiter", found=_limited_router)
CLASS_THROTTLES = Sign(
    name="class-throttle-classes", strength=HARD, sentence="the class lists throttle classes", found=_class_throttles
)
THROTTLE_SCOPE = Sign(name="throttle-scope", strength=HARD, sentence="the class has a throttle scope", found=_throttle_scope)
LIMITING_BASE = Sign(name="limiting-base-class", strength=SOFT, sentence="a base class is named like a limit", found=_limiting_base)

BY_PLACE = {
    "decorator": (THROTTLES, LIMITER, NAMED_DECORATOR, OWN_DECORATOR),
    "dependency": (OWN_CODE, NAMED),
    "class": (CLASS_THROTTLES, THROTTLE_SCOPE, LIMITING_BASE),
    "router": (ROUTER,),
    "hook": (SLOWAPI_MIDDLEWARE, OWN_MIDDLEWARE, NAMED),
    "middleware": (SLOWAPI_MIDDLEWARE, OWN_MIDDLEWARE, NAMED),
    "body": (OWN_CODE,),
    "helper": (OWN_CODE,),
}
"""The signs of a limit, by the place of a piece around the route."""
