"""What limits how often a route can be called: the signs by where they are found, and the reasons why a limit does not count."""

from __future__ import annotations

import ast
import re
from itertools import islice

from holdfast.code import definitions
from holdfast.code.definitions import Definition
from holdfast.code.scopes import FunctionNode
from holdfast.code.words import words
from holdfast.routes import counting, handlers, limiters, routing, switches
from holdfast.routes.controls import Control, Subject, read
from holdfast.routes.counting import is_limit_name
from holdfast.rule import HARD, SOFT, STRUCTURE, WORDS, Sign, Silencer
from holdfast.secrets import names as secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.source import Source
    from holdfast.routes.default_limits import Defaults
    from holdfast.routes.routing import Piece, Route

THROTTLED = re.compile(r"(rest_framework_simplejwt|dj_rest_auth|djoser|knox)\b")  # their views keep DRF's default throttles
UPLOADS = frozenset({"upload", "uploads", "concurrency"})
EXEMPTING = frozenset({"exempt", "ratelimit_exempt", "axes_exempt", "no_throttle"})
SLOWAPI = frozenset({"SlowAPIMiddleware", "SlowAPIASGIMiddleware"})
LOGIN_VIEWS = ("LoginView", "TokenObtainPairView", "ObtainAuthToken")
LOGIN_NAMES = frozenset({*LOGIN_VIEWS, "obtain_auth_token"})
LOGIN_URLS = frozenset({"django.contrib.auth.urls", "rest_framework.urls"})


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


def _applied_limiter(function: Definition) -> Control | None:
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
    own = definitions.own_member(Definition(source=subject.piece.source, node=subject.piece.node), "throttle_classes")
    return _throttles(own.source, own.node, own.node) if own else None


def _throttle_scope(subject: Subject) -> Control | None:
    """`throttle_scope = "login"` in a class."""
    scope = definitions.own_member(Definition(source=subject.piece.source, node=subject.piece.node), "throttle_scope")
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


# -- signs of what holds by default


def _allauth(subject: Subject) -> Control | None:
    """A view of django-allauth or derived from one, https://docs.allauth.org/en/latest/account/rate_limits.html."""
    route = subject.route
    cls = route.handler if route.handler and isinstance(route.handler.node, ast.ClassDef) else None
    names = definitions.foreign_bases(cls) if cls else [route.called] if route.handler is None else []
    if not any(name.startswith("allauth.account.") for name in names):
        return None
    source = route.place.source
    switch = limiters.setting_switch(source, "ACCOUNT_RATE_LIMITS")
    return Control(what="django-allauth's own limits", source=source, node=route.place.node, switch=switch)


def _default_limits(subject: Subject) -> Control | None:
    facts: Defaults = subject.facts
    return {"flask": facts.flask, "sanic": facts.sanic}.get(subject.route.framework)


def _default_throttles(subject: Subject) -> Control | None:
    route, facts = subject.route, subject.facts
    is_library = route.handler is None and THROTTLED.match(route.called)
    found: Control | None = facts.drf if is_library or (route.framework == "drf" and route.handler) else None
    return found


def _settings_middleware(subject: Subject) -> Control | None:
    """A middleware of Django's settings: of the project, or of a library by its name."""
    for piece in subject.facts.middleware if subject.route.framework in ("django", "drf") else ():
        if isinstance(piece.node, ast.Constant):
            return Control(what=str(piece.node.value), source=piece.source, node=piece.node)
        found = next(read((OWN_MIDDLEWARE,), SILENCERS, subject.replace(piece=piece)), None)
        if found and found.silencer in (None, OFF):
            return found
    return None


def _lockout(subject: Subject) -> Control | None:
    """A library that locks users out, where Django's `authenticate` runs."""
    is_django = subject.route.framework in ("django", "drf")
    found: Control | None = subject.facts.lockout
    return found if is_django and found and _is_authenticating(subject.route, subject.pieces) else None


def _is_authenticating(route: Route, pieces: list[Piece]) -> bool:
    """Return whether Django's `authenticate` runs for a route."""
    if route.handler is None:
        return route.called.rpartition(".")[2] in LOGIN_NAMES or route.called in LOGIN_URLS
    bases = definitions.foreign_bases(route.handler) if isinstance(route.handler.node, ast.ClassDef) else set()
    if any(base.rpartition(".")[2].endswith(LOGIN_VIEWS) for base in bases):
        return True
    return any("authenticate" in handlers.called_names(piece) for piece in pieces if piece.where in ("body", "helper"))


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
BY_DEFAULT = (
    Sign(name="allauth", strength=HARD, sentence="django-allauth limits its own views", found=_allauth),
    Sign(name="default-limits", strength=HARD, sentence="the limiter has default limits", found=_default_limits),
    Sign(name="default-throttles", strength=HARD, sentence="the settings have default throttles", found=_default_throttles),
    Sign(
        name="settings-middleware", strength=SOFT, sentence="the settings list a middleware that limits", found=_settings_middleware
    ),
    Sign(name="lockout", strength=HARD, sentence="a library locks users out after failed logins", found=_lockout),
)
"""The signs of a limit that holds for a route by default: the first one found decides."""
SIGNS = tuple({sign.name: sign for group in (*BY_PLACE.values(), BY_DEFAULT, counting.SIGNS) for sign in group}.values())


# -- silencers


def _is_on_other_paths(subject: Subject) -> bool:
    """Return whether a middleware of the project has a table of paths that leaves the route out."""
    node = subject.piece.node if _is_own_middleware(subject) else None
    if node is None:
        return False
    excluded = {path for test in _skips(node) for path in _paths(test)}
    paths = _paths(node) - excluded
    own = subject.route.path.rstrip("/")
    matches = not paths or any(own.startswith(path.rstrip("/")) or own.endswith(path.rstrip("/")) for path in paths)
    return not matches or subject.route.path in excluded


def _is_own_middleware(subject: Subject) -> bool:
    piece = subject.piece
    return piece is not None and piece.where in ("middleware", "hook") and isinstance(piece.node, ast.ClassDef | FunctionNode)


def _paths(node: ast.AST) -> set[str]:
    """Return the texts in code that are paths."""
    texts = (part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str))
    return {text for text in texts if text.startswith("/") and len(text) > 1 and " " not in text}


def _skips(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the tests under which a middleware passes a request on: `if path in FREE: return await call_next(request)`."""
    for part in ast.walk(node):
        match part:
            case ast.If(test=test, body=[ast.Return(value=ast.Await(value=ast.Call()) | ast.Call())]):
                yield test


def _is_exempt(subject: Subject) -> bool:
    return any(piece.name in EXEMPTING for piece in subject.pieces if piece.where == "decorator")


def _is_replaced(subject: Subject) -> bool:
    handler = subject.route.handler
    if subject.found.sign.name != "default-throttles" or handler is None or not isinstance(handler.node, ast.ClassDef):
        return False
    return definitions.member(handler, "throttle_classes") is not None


OFF = Silencer(name="switched-off", kind=STRUCTURE, sentence="it is off by default", applies=lambda subject: subject.found.is_off)
SILENCERS = (
    Silencer(name="exempt", kind=STRUCTURE, sentence="a decorator exempts the route from limits", applies=_is_exempt),
    Silencer(
        name="no-throttles",
        kind=STRUCTURE,
        sentence="its list of throttle classes is empty",
        applies=lambda subject: subject.found.classes is not None and not subject.found.classes,
    ),
    Silencer(
        name="no-rate",
        kind=STRUCTURE,
        sentence="the settings give no rate, without which these throttles limit nothing",
        applies=lambda subject: subject.facts.has_no_rate(subject.found),
    ),
    Silencer(name="replaced", kind=STRUCTURE, sentence="the class has `throttle_classes` of its own", applies=_is_replaced),
    Silencer(name="other-paths", kind=STRUCTURE, sentence="it limits other paths", applies=_is_on_other_paths),
    Silencer(
        name="uploads",
        kind=WORDS,
        sentence="its name says that it limits uploads or concurrency",
        applies=lambda subject: _is_own_middleware(subject) and UPLOADS & set(words(subject.piece.name)),
    ),
    OFF,
)


def controls(route: Route, pieces: list[Piece], facts: Defaults) -> Iterator[Control]:
    """Yield every limit found around a route, the nearest first, with the reason where it does not count."""
    subject = Subject(route=route, pieces=pieces, facts=facts)
    for piece in pieces:
        signs = BY_PLACE.get(piece.where, ())
        if signs:
            yield from read(signs, SILENCERS, subject.replace(piece=piece))
    yield from islice(read(BY_DEFAULT, SILENCERS, subject), 1)
