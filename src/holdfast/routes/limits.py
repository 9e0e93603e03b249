"""What limits how often somebody may try: limiters of libraries, and hand-written ones by their names and their structure."""

from __future__ import annotations

import ast
import re

from holdfast.code import definitions
from holdfast.code.definitions import Definition
from holdfast.code.scopes import FunctionNode
from holdfast.code.words import words
from holdfast.record import Record
from holdfast.routes import around, limiters, routing, switches
from holdfast.routes.counting import sign, speaks_of_limits
from holdfast.secrets import names as secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.project import Project
    from holdfast.code.source import Source
    from holdfast.routes.routing import Piece, Route

THROTTLED = re.compile(r"(rest_framework_simplejwt|dj_rest_auth|djoser|knox)\b")  # their views leave DRF's throttles as they are
UPLOADS = frozenset({"upload", "uploads", "concurrency"})  # what limits these leaves logins alone
LOCKOUTS = ("axes", "defender", "django_useraudit", "useraudit")
STOCK = frozenset({"AnonRateThrottle", "UserRateThrottle"})
SETTINGS = ("REST_FRAMEWORK", "ROOT_URLCONF", "MIDDLEWARE", "INSTALLED_APPS")
SETTINGS_WORDS = (
    b"throttle_classes",
    b"throttle_rates",
    b"axes",
    b"defender",
    b"useraudit",
    b"ratelimit",
    b"middleware",
    b"root_urlconf",
)


class Limit(Record):
    """What limits a route: in words, and where that stands; the switch that it depends on, if any."""

    what: str
    source: Source
    node: ast.AST
    switch: routing.Switch | None = None

    @property
    def is_off(self) -> bool:
        """Whether it limits nothing where nobody switches it on."""
        return self.switch is not None and self.switch.is_off


class Facts:
    """What holds for a whole project: default limits of libraries, and what the settings switch on."""

    def __init__(self, project: Project) -> None:
        self.flask: Limit | None = None
        self.slowapi: Limit | None = None
        self.sanic: Limit | None = None
        self.drf: Limit | None = None
        self.lockout: Limit | None = None
        self.has_settings = self.has_rates = False
        throttles: list[tuple[Limit, bool]] = []
        self.middleware: list[Definition] = []
        for source in project.mentioning(b"limiter(", *SETTINGS_WORDS):
            if not source.is_test and definitions.is_readable(source):
                self._read(source)
                throttles += self._throttles(source)
        counted = [limit for limit, by_rate in throttles if not (by_rate and self.lacks_rates)]
        self.drf = next((limit for limit in counted if not limit.is_off), counted[0] if counted else None)

    @property
    def lacks_rates(self) -> bool:
        """Whether there are settings, and none gives a rate; those of an application to be installed are not here."""
        return self.has_settings and not self.has_rates

    def _read(self, source: Source) -> None:
        self.has_settings = self.has_settings or any(name in source.binder_table for name in SETTINGS)
        for call in source.nodes(ast.Call):
            if (source.qualname(call.func) or "").endswith("Limiter"):
                self._limiter(source, call)
        for constant in source.nodes(ast.Constant):
            if isinstance(constant.value, str):
                self._setting(source, constant, constant.value)

    def _throttles(self, source: Source) -> list[tuple[Limit, bool]]:
        """DRF's default throttles, each with whether it is one of DRF's own, which limit nothing without a rate."""
        found: list[tuple[Limit, bool]] = []
        rates: list[ast.expr] = []
        for table in source.nodes(ast.Dict):
            classes, rated = (definitions.entry(table, f"DEFAULT_THROTTLE_{name}") for name in ("CLASSES", "RATES"))
            rates += [rated] if rated is not None else []
            named = {definitions.text(source, part).rpartition(".")[2] for part in getattr(classes, "elts", ())}
            if classes is not None and not all("Scoped" in name for name in named) and _has_rate(rated):
                limit = Limit(what="DEFAULT_THROTTLE_CLASSES", source=source, node=classes, switch=_of_settings(source, table))
                found.append((limit, named <= STOCK))
        spoken_of = any(constant.value == "DEFAULT_THROTTLE_RATES" for constant in source.nodes(ast.Constant))
        self.has_rates = self.has_rates or (spoken_of and (not rates or any(map(_has_rate, rates))))
        return found

    def _limiter(self, source: Source, call: ast.Call) -> None:
        """The default limits of slowapi, Flask-Limiter or sanic-limiter."""
        names = ("default_limits", "application_limits", "global_limits")
        given = next((found for name in names if (found := routing.argument(call, name)) is not None), None)
        if given is None or (isinstance(given, ast.List) and not given.elts) or getattr(given, "value", "") is None:
            return
        limit = Limit(what="default limits", source=source, node=call, switch=_of_limiter(source, call))
        if (source.qualname(call.func) or "").startswith("slowapi"):
            self.slowapi = limit
        elif (source.qualname(call.func) or "").startswith("sanic"):
            self.sanic = limit
        else:
            self.flask = limit

    def _setting(self, source: Source, constant: ast.Constant, value: str) -> None:
        """A middleware that limits, or a library that locks out."""
        package, _, rest = value.partition(".")
        if package in LOCKOUTS:
            if not rest or rest.startswith("backends."):
                self.lockout = Limit(what=f"{package} locks out", source=source, node=constant)
        elif value.endswith("ratelimit.middleware.RatelimitMiddleware"):
            return  # only answers what the decorators raise
        elif "iddleware" in rest and speaks_of_limits(rest.rpartition(".")[2]):
            self.middleware.append(_named(source, value) or Definition(source=source, node=constant))


def _named(source: Source, dotted: str) -> Definition | None:
    """The class that a setting names."""
    module, _, name = dotted.rpartition(".")
    home = definitions.module(source.project, module, source.path) if source.project else None
    return definitions.member(Definition(source=home, node=home.tree), name) if home else None


def _of_settings(source: Source, table: ast.Dict) -> routing.Switch | None:
    """The switch of what settings say: an `if` around them, or a file that is for development or tests alone."""
    if switches.is_unread(source.path):
        return routing.Switch(what=source.path, is_off=True)
    return switches.around(source, table)


def _of_limiter(source: Source, making: ast.Call) -> routing.Switch | None:
    """The switch of a limiter: `Limiter(enabled=...)`, or the setting that the library reads."""
    enabled = routing.argument(making, "enabled")
    if enabled is not None:
        return switches.of(source, enabled) or (
            routing.Switch(what="enabled=False", is_off=True) if getattr(enabled, "value", None) is False else None
        )
    return _by_setting(source, "RATELIMIT_ENABLED")


def _by_setting(source: Source, name: str) -> routing.Switch | None:
    """The switch that a library's own setting is, where it is off."""
    value = switches.setting(source.project, name)
    return routing.Switch(what=name, is_off=True) if value.known and not value.value else None


def _has_rate(rates: ast.expr | None) -> bool:
    if not isinstance(rates, ast.Dict):
        return True
    return any(not (isinstance(value, ast.Constant) and not value.value) for value in rates.values)


def of(route: Route, pieces: list[Piece], facts: Facts) -> Limit | None:
    """What limits a route; None where nothing was found that does by default."""
    return next((found for found in _all(route, pieces, facts) if not found.is_off), None)


def off(route: Route, pieces: list[Piece], facts: Facts) -> Limit | None:
    """What would limit a route if somebody switched it on."""
    return next((found for found in _all(route, pieces, facts) if found.is_off), None)


def _all(route: Route, pieces: list[Piece], facts: Facts) -> Iterator[Limit]:
    if any(_is_exempt(piece) for piece in pieces if piece.where == "decorator"):
        return
    for piece in pieces:
        found = _of_piece(route, piece, facts)
        if found:
            yield found.replace(switch=switches.joined(piece.switch, found.switch))
    by_default = _by_default(route, pieces, facts)
    if by_default:
        yield by_default


def _is_exempt(piece: Piece) -> bool:
    return piece.name in ("exempt", "ratelimit_exempt", "axes_exempt", "no_throttle")


def _of_piece(route: Route, piece: Piece, facts: Facts) -> Limit | None:
    source, node = piece.source, piece.node
    if piece.where == "decorator":
        return _decorator(route, piece, facts)
    if piece.where == "dependency":
        if isinstance(node, FunctionNode | ast.ClassDef):
            found = _in_function(source, node)
            return found or (Limit(what=piece.name, source=source, node=node) if speaks_of_limits(piece.name) else None)
        return Limit(what=piece.name, source=source, node=node) if speaks_of_limits(piece.name) else None
    if piece.where == "router":
        return _router(piece)
    if piece.where in ("middleware", "hook"):
        return _middleware(route, piece, facts)
    if piece.where == "class":
        return _class(Definition(source=source, node=node), facts)
    return _in_function(source, node)


def _decorator(route: Route, piece: Piece, facts: Facts) -> Limit | None:
    """`@limiter.limit("5/minute")`, `@ratelimit(...)`, a project's own decorator that refuses with 429."""
    node, source = piece.node, piece.source
    callee = node.func if isinstance(node, ast.Call) else node
    owner = source.show(callee.value) if isinstance(callee, ast.Attribute) else ""
    in_action = routing.argument(node, "throttle_classes") if piece.name == "action" and isinstance(node, ast.Call) else None
    if piece.name == "throttle_classes" or in_action is not None:
        listed = in_action or (node.args[0] if isinstance(node, ast.Call) and node.args else None)
        return _throttles(source, node, listed, facts)
    named = piece.name in ("limit", "shared_limit", "hit") and "limit" in owner.lower()
    if named or speaks_of_limits(piece.name) or (isinstance(node, ast.expr) and limiters.limits(source, node)):
        return Limit(what=source.show(callee), source=source, node=node, switch=_of_decorator(source, node))
    found = definitions.resolve(source, callee)
    if found and isinstance(found.node, FunctionNode) and found.node is not (route.handler.node if route.handler else None):
        return _in_function(found.source, found.node) or _hands_on(found)
    return None


def _hands_on(function: Definition) -> Limit | None:
    """What a project's own decorator makes of a limiter: `return limiter.limit(*args)`."""
    for part in ast.walk(function.node):
        match part:
            case ast.Call(func=ast.Attribute(attr="limit" | "shared_limit", value=owner)) if "limiter" in words(
                secrets.spoken_name(owner)
            ):
                switch = switches.around(function.source, part)
                return Limit(what=function.source.show(part.func), source=function.source, node=part, switch=switch)
    return None


def _of_decorator(source: Source, decorator: ast.AST) -> routing.Switch | None:
    """The switch of a library's decorator: that of its limiter, or a setting."""
    making = limiters.limiter(source, decorator) if isinstance(decorator, ast.expr) else None
    if making and isinstance(making.node, ast.Call) and limiters.library(making) in limiters.LIBRARIES:
        return _of_limiter(making.source, making.node)
    by_django = isinstance(decorator, ast.Call) and limiters.is_django_ratelimit(source, decorator)
    return _by_setting(source, "RATELIMIT_ENABLE") if by_django else None


def _router(piece: Piece) -> Limit | None:
    """A limiter among the arguments of a router, a mount or a wrapper."""
    for part in ast.walk(piece.node):
        if isinstance(part, ast.Call):
            name = getattr(part.func, "attr", getattr(part.func, "id", ""))
            owner = piece.source.show(part.func.value) if isinstance(part.func, ast.Attribute) else ""
            if speaks_of_limits(name) or (name in ("limit", "shared_limit") and "limit" in owner.lower()):
                return Limit(what=piece.source.show(part.func), source=piece.source, node=part)
    return None


def _middleware(route: Route, piece: Piece, facts: Facts) -> Limit | None:
    """A middleware that limits; one with a table of paths only where the route's path is among them."""
    node, source = piece.node, piece.source
    if piece.name in ("SlowAPIMiddleware", "SlowAPIASGIMiddleware"):
        return facts.slowapi if route.framework == "fastapi" else None
    if not isinstance(node, ast.ClassDef | FunctionNode):
        return Limit(what=piece.name, source=source, node=node) if speaks_of_limits(piece.name) else None
    found = _in_function(source, node)
    if found is None or UPLOADS & set(words(piece.name)):
        return None
    left_out = {path for test in _skips(node) for path in _paths(test)}
    paths = _paths(node) - left_out
    own = route.path.rstrip("/")
    matching = not paths or any(own.startswith(path.rstrip("/")) or own.endswith(path.rstrip("/")) for path in paths)
    return found if matching and route.path not in left_out else None


def _paths(node: ast.AST) -> set[str]:
    """The paths that a text speaks of."""
    texts = (part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str))
    return {text for text in texts if text.startswith("/") and len(text) > 1 and " " not in text}


def _skips(node: ast.AST) -> Iterator[ast.expr]:
    """The tests by which a middleware hands a request on: `if request.url.path in [...]: return await call_next(request)`."""
    for part in ast.walk(node):
        match part:
            case ast.If(test=test, body=[ast.Return(value=ast.Await(value=ast.Call()) | ast.Call())]):
                yield test


def _throttles(source: Source, node: ast.AST, listed: ast.AST | None, facts: Facts) -> Limit | None:
    """The throttles that a view, a decorator or an action lists; DRF's own limit nothing where the settings give no rate."""
    named = {source.show(part).rpartition(".")[2] for part in getattr(listed, "elts", ())}
    counts = named - STOCK or (named and not facts.lacks_rates)
    return Limit(what="throttle_classes", source=source, node=node) if counts else None


def _class(cls: Definition, facts: Facts) -> Limit | None:
    """`throttle_classes = [...]` or `throttle_scope` of a class."""
    own = definitions.own_member(cls, "throttle_classes")
    found = _throttles(own.source, own.node, own.node, facts) if own else None
    if found:
        return found
    scope = definitions.own_member(cls, "throttle_scope")
    if scope and isinstance(scope.node, ast.Constant) and scope.node.value:
        return Limit(what="throttle_scope", source=scope.source, node=scope.node)
    for base in getattr(cls.node, "bases", ()):
        name = cls.source.show(base)
        if speaks_of_limits(name.rpartition(".")[2]):
            return Limit(what=name, source=cls.source, node=base)
    return None


def _in_function(source: Source, node: ast.AST) -> Limit | None:
    """What in a function's own text limits: a call that is named so, a refusal with 429, attempts compared with a number."""
    if ("limit", node) not in source.memo:
        source.memo["limit", node] = _searched(source, node)
    found: Limit | None = source.memo["limit", node]
    return found


def _searched(source: Source, node: ast.AST) -> Limit | None:
    name = getattr(node, "name", "")
    if speaks_of_limits(name):
        return Limit(what=name, source=source, node=node)
    off = None
    for part in ast.walk(node):
        waits = "cooldown" in words(getattr(part, "id", "") or getattr(part, "attr", ""))
        found = "cooldown" if waits else sign(source, part)
        if found:
            switch = switches.joined(switches.around(source, part), _of_decorator(source, part))  # its own decorators are among it
            limit = Limit(what=found, source=source, node=part, switch=switch)
            if not limit.is_off:
                return limit
            off = off or limit
    return off


def _by_default(route: Route, pieces: list[Piece], facts: Facts) -> Limit | None:
    """What a library limits without being told for this route."""
    if _is_of_allauth(route):
        switch = _by_setting(route.place.source, "ACCOUNT_RATE_LIMITS")
        return Limit(what="django-allauth's own limits", source=route.place.source, node=route.place.node, switch=switch)
    if route.framework == "flask" and facts.flask:
        return facts.flask
    if route.framework == "sanic" and facts.sanic:
        return facts.sanic
    if route.framework == "drf" and facts.drf and route.handler:
        own = definitions.member(route.handler, "throttle_classes") if isinstance(route.handler.node, ast.ClassDef) else None
        return None if own else facts.drf
    if facts.drf and route.handler is None and THROTTLED.match(route.called):
        return facts.drf
    for one in facts.middleware if route.framework in ("django", "drf") else ():
        found = _middleware(route, routing.Piece(where="middleware", source=one.source, node=one.node), facts)
        if found or isinstance(one.node, ast.Constant):
            return found or Limit(what=str(getattr(one.node, "value", "")), source=one.source, node=one.node)
    if route.framework in ("django", "drf") and facts.lockout and _authenticates(route, pieces):
        return facts.lockout
    return None


def _is_of_allauth(route: Route) -> bool:
    """Whether a view is django-allauth's or derived from one: https://docs.allauth.org/en/latest/account/rate_limits.html."""
    cls = route.handler if route.handler and isinstance(route.handler.node, ast.ClassDef) else None
    names = definitions.foreign_bases(cls) if cls else [route.called] if route.handler is None else []
    return any(name.startswith("allauth.account.") for name in names)


def _authenticates(route: Route, pieces: list[Piece]) -> bool:
    """Whether Django's `authenticate` runs, which is where lockouts count."""
    if route.handler is None:
        logins = ("LoginView", "TokenObtainPairView", "ObtainAuthToken", "obtain_auth_token")
        return route.called.rpartition(".")[2] in logins or route.called in ("django.contrib.auth.urls", "rest_framework.urls")
    bases = definitions.foreign_bases(route.handler) if isinstance(route.handler.node, ast.ClassDef) else set()
    if any(base.rpartition(".")[2].endswith(("LoginView", "TokenObtainPairView", "ObtainAuthToken")) for base in bases):
        return True
    return any("authenticate" in around.called_names(piece) for piece in pieces if piece.where in ("body", "helper"))
