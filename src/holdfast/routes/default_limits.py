"""Limits of the whole project: default limits of limiters, and what Django's settings throttle, lock out or pass through."""

from __future__ import annotations

import ast

from holdfast.code import definitions
from holdfast.code.definitions import Located
from holdfast.routes import limiters, routing, switches
from holdfast.routes.controls import Control
from holdfast.routes.counting import is_limit_name
from holdfast.routes.routing import Piece, Switch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.code.source import ProjectLike, Source

LOCKOUTS = ("axes", "defender", "django_useraudit", "useraudit")
STOCK_THROTTLES = frozenset({"AnonRateThrottle", "UserRateThrottle"})
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


class Defaults:
    """The default limits of a project: flask, slowapi and sanic by their limiters; drf, lockout and middleware by settings."""

    def __init__(self, project: ProjectLike) -> None:
        self.flask: Control | None = None
        self.slowapi: Control | None = None
        self.sanic: Control | None = None
        self.lockout: Control | None = None
        self.middleware: list[Piece] = []
        self.has_settings = self.has_rates = False
        throttles: list[Control] = []
        for source in project.mentioning(b"limiter(", *SETTINGS_WORDS):
            if not source.is_test and definitions.is_readable(source):
                self._read(source)
                throttles += self._throttles(source)
        effective = [one for one in throttles if not self.has_no_rate(one)]
        self.drf = next((one for one in effective if not one.is_off), effective[0] if effective else None)

    def has_no_rate(self, throttles: Control) -> bool:
        """Return whether throttles are all DRF's own and the settings give no rate, without which they limit nothing.

        A project without settings may be an application for others: its rates are unknown.
        """
        return throttles.classes is not None and throttles.classes <= STOCK_THROTTLES and self.has_settings and not self.has_rates

    def _read(self, source: Source) -> None:
        self.has_settings = self.has_settings or any(name in source.binder_table for name in SETTINGS)
        for call in source.nodes(ast.Call):
            if (source.qualname(call.func) or "").endswith("Limiter"):
                self._read_limiter(source, call)
        for constant in source.nodes(ast.Constant):
            if isinstance(constant.value, str):
                self._read_setting(source, constant, constant.value)

    def _throttles(self, source: Source) -> list[Control]:
        """Return the default throttles of Django REST framework in a file, without those whose rates are all None."""
        found: list[Control] = []
        rates: list[ast.expr] = []
        for table in source.nodes(ast.Dict):
            classes, rated = (definitions.entry(table, f"DEFAULT_THROTTLE_{name}") for name in ("CLASSES", "RATES"))
            rates += [rated] if rated is not None else []
            named = frozenset(definitions.text(source, part).rpartition(".")[2] for part in getattr(classes, "elts", ()))
            if classes is not None and not all("Scoped" in name for name in named) and _has_rate(rated):
                switch = _settings_switch(source, table)
                what = "DEFAULT_THROTTLE_CLASSES"
                found.append(Control(what=what, source=source, node=classes, classes=named, switch=switch))
        is_mentioned = any(constant.value == "DEFAULT_THROTTLE_RATES" for constant in source.nodes(ast.Constant))
        self.has_rates = self.has_rates or (is_mentioned and (not rates or any(map(_has_rate, rates))))
        return found

    def _read_limiter(self, source: Source, call: ast.Call) -> None:
        """Keep the default limits of slowapi, Flask-Limiter or sanic-limiter."""
        names = ("default_limits", "application_limits", "global_limits")
        given = next((found for name in names if (found := routing.argument(call, name)) is not None), None)
        if given is None or (isinstance(given, ast.List) and not given.elts) or getattr(given, "value", "") is None:
            return
        limit = Control(what="default limits", source=source, node=call, switch=limiters.limiter_switch(source, call))
        if (source.qualname(call.func) or "").startswith("slowapi"):
            self.slowapi = limit
        elif (source.qualname(call.func) or "").startswith("sanic"):
            self.sanic = limit
        else:
            self.flask = limit

    def _read_setting(self, source: Source, constant: ast.Constant, value: str) -> None:
        """Keep a middleware that limits, or a library that locks out."""
        package, _, rest = value.partition(".")
        if package in LOCKOUTS:
            if not rest or rest.startswith("backends."):
                self.lockout = Control(what=f"{package} locks out", source=source, node=constant)
        elif value.endswith("ratelimit.middleware.RatelimitMiddleware"):
            return  # it only answers where a decorator raises
        elif "iddleware" in rest and is_limit_name(rest.rpartition(".")[2]):
            found = _named_class(source, value) or Located(source=source, node=constant)
            self.middleware.append(Piece(where="middleware", source=found.source, node=found.node))


def _named_class(source: Source, dotted: str) -> Located | None:
    """Return the class that a setting names."""
    module, _, name = dotted.rpartition(".")
    home = definitions.module(source.project, module, source.path) if source.project else None
    return definitions.member(Located(source=home, node=home.tree), name) if home else None


def _settings_switch(source: Source, table: ast.Dict) -> Switch | None:
    """Return the switch of settings: an `if` around them, or a file that is for development or tests only."""
    if switches.is_unread(source.path):
        return Switch(what=source.path, is_off=True)
    return switches.around(source, table)


def _has_rate(rates: ast.expr | None) -> bool:
    """Return whether a table of rates has one that is not None; unknown tables have one."""
    if not isinstance(rates, ast.Dict):
        return True
    return any(not (isinstance(value, ast.Constant) and not value.value) for value in rates.values)
