"""What limits how often a route can be called: limits around it, limits by default, and why a limit does not count."""

from __future__ import annotations

import ast
import re
from itertools import islice

from holdfast.code import definitions
from holdfast.code.scopes import FunctionNode
from holdfast.code.words import words
from holdfast.routes import counting, handlers, limiters
from holdfast.routes.controls import Control, Subject, read
from holdfast.routes.limit_signs import BY_PLACE, OWN_CODE, OWN_MIDDLEWARE
from holdfast.rule import HARD, SOFT, STRUCTURE, WORDS, Sign, Silencer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.routes.default_limits import Defaults
    from holdfast.routes.routing import Piece, Route

THROTTLED = re.compile(r"(rest_framework_simplejwt|dj_rest_auth|djoser|knox)\b")  # their views keep DRF's default throttles
UPLOADS = frozenset({"upload", "uploads", "concurrency"})
EXEMPTING = frozenset({"exempt", "ratelimit_exempt", "axes_exempt", "no_throttle"})
LOGIN_VIEWS = ("LoginView", "TokenObtainPairView", "ObtainAuthToken")
LOGIN_NAMES = frozenset({*LOGIN_VIEWS, "obtain_auth_token"})
LOGIN_URLS = frozenset({"django.contrib.auth.urls", "rest_framework.urls"})


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
GROUPS = (*BY_PLACE.values(), BY_DEFAULT, counting.SIGNS)
SIGNS = tuple({sign.name: sign for group in GROUPS for sign in group if sign not in (OWN_CODE, OWN_MIDDLEWARE)}.values())
"""All signs of a limit. Code of the project has the sign of its shape, see counting.py."""


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
