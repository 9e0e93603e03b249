"""What limits how often somebody may try: limiters of libraries, and hand-written ones by their names and their structure."""

from __future__ import annotations

import ast
import re
from itertools import pairwise

from holdfast import definitions, secrets
from holdfast.definitions import Definition
from holdfast.frameworks import around, limiters, routing, switches
from holdfast.record import Record
from holdfast.scopes import FunctionNode
from holdfast.secrets import wordset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.frameworks.around import Piece
    from holdfast.frameworks.routing import Route
    from holdfast.project import Project
    from holdfast.source import Source

LIMITS = wordset(
    "ratelimit ratelimits ratelimited ratelimiter ratelimiting throttle throttled throttles throttling throttler limiter limited "
    "lockout bruteforce axes hammering"
)
PAIRS = frozenset(
    tuple(pair.split("-"))
    for pair in (
        "rate-limit rate-limits rate-limited rate-limiter rate-limiting brute-force too-many attempt-limit attempts-limit "
        "login-attempts failed-attempts failed-logins login-failures lock-out locked-out is-locked account-locked max-attempts "
        "login-attempt failed-attempt attempts-left remaining-attempts over-limit login-block mfa-block ip-block block-util "
        "block-utils flood-control too-soon too-short resend-cooldown"
    ).split()
)
NOT_LIMITS = wordset("csp database exempt unlimited disable disabled skip bypass get_limiter token tokens llm outbound")
FORGETTING = wordset("reset clear remove delete forget")
COUNTED = wordset("attempts attempt failures failed tries lockout locked cooldown throttle")
REFUSING = re.compile(
    r"RateLimit|TooMany|Throttled|LimitExceeded|LimitReached|LockedOut|AccountLocked|Locked|TooSoon|TooShort|Cooldown"
)
TOO_MANY = re.compile(r"429|TOO_MANY_REQUESTS")
THROTTLED = re.compile(r"(rest_framework_simplejwt|dj_rest_auth|djoser|knox)\b")  # their views leave DRF's throttles as they are
SETTINGS_WORDS = (b"throttle_classes", b"axes", b"defender", b"ratelimit", b"middleware")


class Limit(Record):
    """What limits a route: in words, and where that stands; the switch that it depends on, if any."""

    what: str
    source: Source
    node: ast.AST
    switch: switches.Switch | None = None

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
        self.middleware: list[Definition] = []
        for source in project.mentioning(b"limiter(", *SETTINGS_WORDS):
            if not source.is_test and definitions.is_readable(source):
                self._read(source)

    def _read(self, source: Source) -> None:
        for call in source.nodes(ast.Call):
            if (source.qualname(call.func) or "").endswith("Limiter"):
                self._limiter(source, call)
        for table in source.nodes(ast.Dict):
            classes, rates = (definitions.entry(table, f"DEFAULT_THROTTLE_{name}") for name in ("CLASSES", "RATES"))
            scoped = all("Scoped" in source.show(part, secret=False) for part in getattr(classes, "elts", ()))
            if classes is not None and getattr(classes, "elts", None) and not scoped and _has_rate(rates):
                limit = Limit(what="DEFAULT_THROTTLE_CLASSES", source=source, node=classes, switch=_of_settings(source, table))
                self.drf = limit if self.drf is None or self.drf.is_off else self.drf
        for constant in source.nodes(ast.Constant):
            if isinstance(constant.value, str):
                self._setting(source, constant, constant.value)

    def _limiter(self, source: Source, call: ast.Call) -> None:
        """The default limits of slowapi, Flask-Limiter or sanic-limiter."""
        names = ("default_limits", "application_limits", "global_limits")
        given = next((found for name in names if (found := routing.argument(call, name)) is not None), None)
        if given is None or (isinstance(given, ast.List) and not given.elts):
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
        if package in ("axes", "defender"):
            if not rest or rest.startswith("backends."):
                self.lockout = Limit(what=f"{package} locks out", source=source, node=constant)
        elif value == "django_ratelimit.middleware.RatelimitMiddleware":
            return  # only answers what the decorators raise
        elif "iddleware" in rest and speaks_of_limits(rest.rpartition(".")[2]):
            self.middleware.append(_named(source, value) or Definition(source=source, node=constant))


def _named(source: Source, dotted: str) -> Definition | None:
    """The class that a setting names."""
    module, _, name = dotted.rpartition(".")
    home = definitions.module(source.project, module, source.path) if source.project else None
    return definitions.member(Definition(source=home, node=home.tree), name) if home else None


def _of_settings(source: Source, table: ast.Dict) -> switches.Switch | None:
    """The switch of what settings say: an `if` around them, or a file that is for development or tests alone."""
    if switches.is_unread(source.path):
        return switches.Switch(what=source.path, is_off=True)
    return switches.around(source, table)


def _of_limiter(source: Source, making: ast.Call) -> switches.Switch | None:
    """The switch of a limiter: `Limiter(enabled=...)`, or the setting that the library reads."""
    enabled = routing.argument(making, "enabled")
    if enabled is not None:
        return switches.of(source, enabled) or (
            switches.Switch(what="enabled=False", is_off=True) if getattr(enabled, "value", None) is False else None
        )
    return _by_setting(source, "RATELIMIT_ENABLED")


def _by_setting(source: Source, name: str) -> switches.Switch | None:
    """The switch that a library's own setting is, where it is off."""
    value = switches.setting(source.project, name)
    return switches.Switch(what=name, is_off=True) if value.known and not value.value else None


def _has_rate(rates: ast.expr | None) -> bool:
    if not isinstance(rates, ast.Dict):
        return True
    return any(not (isinstance(value, ast.Constant) and not value.value) for value in rates.values)


def speaks_of_limits(identifier: str) -> bool:
    """Whether a name speaks of limiting attempts: `check_rate_limit`, `throttle_login`, not `limit` or `token_limit`."""
    split = secrets.words(identifier)
    forgets = split and (split[0] in FORGETTING or (split[-1] in FORGETTING and "password" not in split))
    if NOT_LIMITS & set(split) or forgets or {"password", "short"} <= set(split):
        return False
    return bool(LIMITS & set(split)) or any(pair in PAIRS for pair in pairwise(split)) or split[-2:] == ("rate", "limit")


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
        return _decorator(route, piece)
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
        return _class(Definition(source=source, node=node))
    return _in_function(source, node)


def _decorator(route: Route, piece: Piece) -> Limit | None:
    """`@limiter.limit("5/minute")`, `@ratelimit(...)`, a project's own decorator that refuses with 429."""
    node, source = piece.node, piece.source
    callee = node.func if isinstance(node, ast.Call) else node
    owner = source.show(callee.value) if isinstance(callee, ast.Attribute) else ""
    if piece.name == "throttle_classes":
        listed = node.args[0] if isinstance(node, ast.Call) and node.args else None
        return Limit(what="throttle_classes", source=source, node=node) if getattr(listed, "elts", None) else None
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
            case ast.Call(func=ast.Attribute(attr="limit" | "shared_limit", value=owner)) if "limiter" in secrets.words(
                secrets.spoken_name(owner)
            ):
                switch = switches.around(function.source, part)
                return Limit(what=function.source.show(part.func), source=function.source, node=part, switch=switch)
    return None


def _of_decorator(source: Source, decorator: ast.AST) -> switches.Switch | None:
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
    if found is None:
        return None
    paths = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    paths = [path for path in paths if path.startswith("/") and len(path) > 1 and " " not in path]
    own = route.path.rstrip("/")
    matching = not paths or any(own.startswith(path.rstrip("/")) or own.endswith(path.rstrip("/")) for path in paths)
    return found if matching else None


def _class(cls: Definition) -> Limit | None:
    """`throttle_classes = [...]` or `throttle_scope` of a class."""
    own = definitions.own_member(cls, "throttle_classes")
    if own and getattr(own.node, "elts", None):
        return Limit(what="throttle_classes", source=own.source, node=own.node)
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
        waits = "cooldown" in secrets.words(getattr(part, "id", "") or getattr(part, "attr", ""))
        found = "cooldown" if waits else _sign(source, part)
        if found:
            switch = switches.joined(switches.around(source, part), _of_decorator(source, part))  # its own decorators are among it
            limit = Limit(what=found, source=source, node=part, switch=switch)
            if not limit.is_off:
                return limit
            off = off or limit
    return off


def _sign(source: Source, part: ast.AST) -> str:
    match part:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            owner = part.func.value if isinstance(part.func, ast.Attribute) else None
            spoken = secrets.spoken_name(owner) if isinstance(owner, ast.expr) else ""
            if speaks_of_limits(name) or (speaks_of_limits(spoken) and name not in ("exempt", "init_app", "reset", "limit")):
                return source.show(part.func)
        case ast.Raise(exc=ast.Call() as raised):
            written = source.show(raised.func)
            status = any(TOO_MANY.search(source.show(given)) for given in [*raised.args[:1], *(k.value for k in raised.keywords)])
            if status or (REFUSING.search(written) and "Password" not in written):  # a password that is too short is another matter
                return f"raise {written}"
        case ast.Return(value=value) if value is not None and any(_is_429(inner) for inner in ast.walk(value)):
            return "429"
        case ast.Call(keywords=keywords) if any(
            keyword.arg in ("status", "status_code") and _is_429(keyword.value) for keyword in keywords
        ):
            return "429"
        case ast.Compare(left=left, ops=[ast.Gt() | ast.GtE() | ast.Lt() | ast.LtE()], comparators=[right]):
            counted = [side for side in (left, right) if secrets.spoken_name(side) in ("count", "len", "scalar")]
            bounds = [
                side
                for side in (left, right)
                if {"window", "repeats", "attempts", "retries", "tries"} & set(secrets.words(secrets.spoken_name(side)))
            ]
            if counted and bounds:
                return source.show(part)
            names = {word for side in (left, right) for word in secrets.words(secrets.spoken_name(side))}
            if COUNTED & names and not isinstance(source.holder(part), ast.While):  # a loop tries again by itself
                return source.show(part)
    return ""


def _is_429(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return node.value == 429
    return isinstance(node, ast.Attribute | ast.Name) and "TOO_MANY_REQUESTS" in (
        getattr(node, "attr", "") or getattr(node, "id", "")
    )


def _by_default(route: Route, pieces: list[Piece], facts: Facts) -> Limit | None:
    """What a library limits without being told for this route."""
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
        found = _middleware(route, around.Piece(where="middleware", source=one.source, node=one.node), facts)
        if found or isinstance(one.node, ast.Constant):
            return found or Limit(what=str(getattr(one.node, "value", "")), source=one.source, node=one.node)
    if route.framework in ("django", "drf") and facts.lockout and _authenticates(route, pieces):
        return facts.lockout
    return None


def _authenticates(route: Route, pieces: list[Piece]) -> bool:
    """Whether Django's `authenticate` runs, which is where lockouts count."""
    if route.handler is None:
        logins = ("LoginView", "TokenObtainPairView", "ObtainAuthToken", "obtain_auth_token")
        return route.called.rpartition(".")[2] in logins or route.called in ("django.contrib.auth.urls", "rest_framework.urls")
    bases = definitions.foreign_bases(route.handler) if isinstance(route.handler.node, ast.ClassDef) else set()
    if any(base.rpartition(".")[2].endswith(("LoginView", "TokenObtainPairView", "ObtainAuthToken")) for base in bases):
        return True
    return any("authenticate" in around.called_names(piece) for piece in pieces if piece.where in ("body", "helper"))
