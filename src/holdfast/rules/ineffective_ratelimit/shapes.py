"""The shapes of a limit without effect, as signs: each returns the finding."""

from __future__ import annotations

import ast

from holdfast.code import definitions
from holdfast.code.definitions import Located
from holdfast.routes import limiters
from holdfast.rule import HARD, Finding, Sign

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.rules.ineffective_ratelimit.declared import Limit


def _above_route(limit: Limit) -> Finding | None:
    source, node = limit.source, limit.node
    function = limit.holder
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) or not isinstance(node, ast.expr):
        return None
    following = function.decorator_list[function.decorator_list.index(node) + 1 :]
    if not any(limiters.is_registration(source, decorator) for decorator in following):
        return None
    message = f"`{source.show(node)}` is above the decorator of the route, which registers the function without it"
    below = limiters.place_below(source, function, node)
    why_not = f" (`--fix` leaves it: {below})" if isinstance(below, str) else ""
    hint = f"move it below the decorator of the route{why_not}"
    return source.finding(node, message, hint=hint, fix=None if why_not else "safe")


def _unapplied_defaults(limit: Limit) -> Finding | None:
    call = limit.node
    if not isinstance(call, ast.Call) or not limiters.has_defaults(call):
        return None
    if limiters.is_used(limit.project, b"slowapi", "SlowAPIMiddleware"):
        return None
    message = "`default_limits` of slowapi take effect through `SlowAPIMiddleware`, which the project does not add"
    return limit.source.finding(call, message, hint="add `app.add_middleware(SlowAPIMiddleware)`")


def _unattached(limit: Limit) -> Finding | None:
    call = limit.node
    if not isinstance(call, ast.Call) or limiters.is_attached(limit.project, limit.source, call):
        return None
    message = "this `Limiter` limits nothing: it has no application, and its `init_app` is never called"
    return limit.source.finding(call, message, hint="call `limiter.init_app(app)` where the application is created")


def _unread_result(limit: Limit) -> Finding | None:
    blocks = _keyword(limit.node, "block")
    if not isinstance(blocks, ast.Constant) or blocks.value is not False:
        return None
    if limiters.is_used(limit.project, b"limited", "limited"):
        return None
    message = "this limit refuses nothing: `block=False` only sets `request.limited`, which the project never reads"
    return limit.source.finding(limit.node, message, hint="set `block=True`, or answer 429 where `request.limited` is true")


def _get_only(limit: Limit) -> Finding | None:
    call, source = limit.node, limit.source
    if not isinstance(call, ast.Call) or not limiters.is_get_only(source, _keyword(call, "method")):
        return None
    if not limiters.has_post_data(source, call):
        return None
    message = "this limit counts GET requests only, but the view reads `request.POST`"
    return source.finding(call, message, hint='set `method="POST"` or `method=ratelimit.ALL`')


def _keyword(call: ast.AST, name: str) -> ast.expr | None:
    keywords = call.keywords if isinstance(call, ast.Call) else []
    return next((keyword.value for keyword in keywords if keyword.arg == name), None)


def _missing_scope(limit: Limit) -> Finding | None:
    names = [limit.source.show(part) for part in getattr(limit.node, "elts", ())]
    if not names or not all(name.endswith("ScopedRateThrottle") for name in names):
        return None
    if definitions.member(Located(source=limit.source, node=limit.holder), "throttle_scope"):
        return None
    message = "`ScopedRateThrottle` limits nothing in a class without `throttle_scope`"
    return limit.source.finding(limit.node, message, hint='add `throttle_scope = "login"`, with a rate in the settings')


def _unused_rates(limit: Limit) -> Finding | None:
    has_classes = isinstance(limit.holder, ast.Dict) and definitions.entry(limit.holder, "DEFAULT_THROTTLE_CLASSES") is not None
    if has_classes or limiters.is_used(limit.project, b"throttle_classes", "throttle_classes"):
        return None
    message = "these rates limit nothing: no setting and no view names a throttle class"
    return limit.source.finding(limit.node, message, hint="add `DEFAULT_THROTTLE_CLASSES`, or `throttle_classes` in the views")


def _missing_rates(limit: Limit) -> Finding | None:
    classes = definitions.entry(limit.holder, "DEFAULT_THROTTLE_CLASSES") if isinstance(limit.holder, ast.Dict) else None
    is_named = classes is not None and (not isinstance(classes, ast.List | ast.Tuple) or bool(classes.elts))
    rates = getattr(limit.node, "values", [])
    if not is_named or not all(isinstance(rate, ast.Constant) and not rate.value for rate in rates):
        return None
    message = "the throttles limit nothing: every rate is None"
    return limit.source.finding(limit.node, message, hint='set a rate, for example `"anon": "100/day"`')


SIGNS = {
    "decorator": (Sign(name="above-route", strength=HARD, sentence="it is above the decorator of the route", found=_above_route),),
    "slowapi": (
        Sign(
            name="unapplied-defaults", strength=HARD, sentence="no middleware applies its default limits", found=_unapplied_defaults
        ),
    ),
    "flask_limiter": (Sign(name="unattached", strength=HARD, sentence="it has no application", found=_unattached),),
    "django-ratelimit": (
        Sign(name="unread-result", strength=HARD, sentence="it only counts, and nothing reads the result", found=_unread_result),
        Sign(name="get-only", strength=HARD, sentence="it counts GET only on a view that reads POST", found=_get_only),
    ),
    "throttles": (Sign(name="no-scope", strength=HARD, sentence="its class has no throttle scope", found=_missing_scope),),
    "rates": (
        Sign(name="unused-rates", strength=HARD, sentence="no throttle class uses the rates", found=_unused_rates),
        Sign(name="no-rate", strength=HARD, sentence="every rate is None", found=_missing_rates),
    ),
}
"""The shapes of a limit without effect, by the kind of the limit."""
