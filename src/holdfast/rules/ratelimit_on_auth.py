"""Whoever may try a password, a code or a token is limited in how often.

A login that answers any number of attempts is a login that gives in: passwords are sprayed, four-digit codes are tried out in
minutes, reset mails flood a mailbox. Two thirds of the projects that have a limiter forgot an endpoint; so this rule asks of
each endpoint, not of the project.

```python bad
from fastapi import APIRouter

router = APIRouter()


@router.post("/login")
def login(form):
    return issue_token(authenticate(form.username, form.password))
```

```python good
from fastapi import APIRouter
from shop.limits import limiter

router = APIRouter()


@router.post("/login")
@limiter.limit("5/minute")
def login(form):
    return issue_token(authenticate(form.username, form.password))
```

## What it reports

Routes of FastAPI, Starlette, Flask, Django, Django REST framework, Litestar and Sanic that check credentials and that nothing
limits: logins, token issue, one-time codes, password reset and its confirmation, registration, resending of verification mails.
What makes an endpoint one of these is said in the message: a base class (`LoginView`, `TokenObtainPairView`), a call
(`authenticate`, `verify_password`) where name or path agree, a login form (`OAuth2PasswordRequestForm`, `InviteSignupForm`), or
name and path alone (`POST /forgot-password`, also in Spanish or Portuguese: `recuperar_contrasena`). A library's login is
reported where a URLconf, or `include_router(fastapi_users.get_auth_router(...))`, mounts it. Routes that a project registers by
own means are followed where the path stands beside the view: `@route("/x")`, `@expose("/x")`, `[("/x", View), ...]` and loops
over such rows, `register(View, "/x")`, and URLconfs that code mounts by the names of applications.

## What counts as a limit

Decorators, dependencies, routers and mounts, hooks and middleware, `throttle_classes` and default throttles, default limits of
Flask-Limiter, slowapi and sanic-limiter, Litestar's `RateLimitConfig`, django-axes, django-defender and django-useraudit, the
views of django-allauth and what is derived from them (as of its version 0.51, unless `ACCOUNT_RATE_LIMITS` is off), the devices
of django-otp, and a project's own: a function that the handler, or the form that the view is given, calls, up to three calls
away, that is named like a limit (`check_rate_limit`), answers 429, raises `TooManyRequests`, counts failed logins, or compares
attempts with a number. DRF's own throttles count where the settings give a rate: without one they limit nothing.

A limit behind a switch (`if settings.RATE_LIMIT_ENABLED:`, `Limiter(enabled=...)`, `RATELIMIT_ENABLE`, an early `return`)
counts where the switch is on by default or where that cannot be told, and where it depends on the place (`DEBUG`,
`ENVIRONMENT`). One that is off by default does not: the finding is a warning that names it and the switch. A decorator,
dependency or middleware that the project should have and that was not found makes the finding a warning of low confidence that
names it.

## What it leaves alone

Endpoints behind a login; logout, token lists, enrolment; what answers GET alone, unless it sends a code again, takes a password or
lets in whoever has a link; what adds a user where code refuses strangers; tests. Refresh, OAuth callbacks and introspection are
*secondary*: `secondary = true` reports them, too.

What the code cannot show belongs in the configuration, with a reason. A path may hold `*` and follow a method (`POST /login`);
one that matches no route is an error:

```toml
[tool.holdfast.rules.ratelimit-on-auth]
limited-elsewhere = { "/api/*" = "nginx: limit_req zone=api, see deploy/nginx.conf" }
not-auth = { "/webhooks/token" = "a machine's token of 256 random bits" }
limits = ["shop.security.slow_down"]
guards = ["shop.security.staff_only"]
```

## What it does not see

Limits at a proxy (name them), routes that are registered at run time, GraphQL mutations. Whether a limit is effective
is another rule's business.
"""

from __future__ import annotations

from holdfast.routes import model
from holdfast.rule import Evidence, Finding, Options as BaseOptions, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.project import Project
    from holdfast.routes.endpoints import Endpoint
    from holdfast.routes.model import Routes
    from holdfast.routes.routing import Route

USUAL = {"drf": "throttle_classes", "django": "@ratelimit", "litestar": "middleware=[RateLimitConfig(...).middleware]"}


class Options(BaseOptions):
    """What a team teaches the rule."""

    secondary: bool = False
    """Also report refresh, OAuth and SAML callbacks, introspection."""
    limits: tuple[str, ...] = ()
    """Names of decorators, functions, dependencies and classes that limit: `slow_down`, or dotted."""
    guards: tuple[str, ...] = ()
    """Names of decorators, dependencies and classes that let only known callers in."""
    limited_elsewhere: dict[str, str] = {}  # noqa: RUF012  # options are frozen
    """Paths (with `*`) that something outside the code limits, and what that is."""
    not_auth: dict[str, str] = {}  # noqa: RUF012
    """Paths (with `*`) that check no credentials, and why."""


def check(project: Project, options: Options) -> Iterator[Finding]:
    found = model.of(project)
    excused = found.excused("limited-elsewhere of ratelimit-on-auth", options.limited_elsewhere)
    excused += found.excused("not-auth of ratelimit-on-auth", options.not_auth)
    seen: set[tuple[str, int]] = set()
    for route in found.all:
        place = (route.place.source.path, route.place.line)
        endpoint = None if place in seen or route in excused else found.endpoint(route)
        if endpoint is None or (endpoint.tier != "core" and not options.secondary):
            continue
        guard = found.protection(route) if endpoint.is_of_admins else found.guard(route)
        if not (guard or found.limit(route) or found.mentions(route, (*options.limits, *options.guards))):
            seen.add(place)
            yield _finding(found, route, endpoint)


def _finding(found: Routes, route: Route, endpoint: Endpoint) -> Finding:
    source, node = route.place.source, route.place.node
    methods = ",".join(route.methods)
    why = " and ".join(endpoint.reasons)
    off, unknown = found.limit_off_by_default(route), found.not_followed(route)
    message = f"{methods} {route.path} checks credentials ({why}), and nothing limits how often"
    evidence = [Evidence(message=f"mounted under {route.condition}", path=source.path, line=route.place.line, column=1)]
    confidence = "medium" if endpoint.reasons == ("by its name and path",) else "high"
    if off and off.switch:
        place = off.source.evidence(off.node, f"is off by default ({off.switch.what})")
        message += f": `{off.what}` at {place.path}:{place.line} {place.message}"
        evidence, confidence = [*evidence, place], "medium"
    if unknown:
        message += f"; `{unknown.name}` was not found and may do it"
        confidence = "low"
    return source.finding(
        node,
        message,
        hint=_hint(found, route, sum(piece.where in ("body", "helper") for piece in found.pieces(route))),
        confidence=confidence,
        level="warning" if off or unknown else "",
        evidence=tuple(evidence if route.condition else evidence[1:]),
    )


def _hint(found: Routes, route: Route, helpers: int) -> str:
    """What to write: the project's own limiter, if it has one."""
    looked = f"looked for a limit in decorators, dependencies, routers, middleware, classes and {helpers} functions"
    usual = USUAL.get(route.framework, "@limiter.limit")
    others = [other for other in found.all if other.framework == route.framework and found.endpoint(other)]
    limited = [limit.what for other in others if (limit := found.limit(other))]
    own = max(sorted(set(limited)), key=limited.count) if limited else ""
    return (
        f"{own} limits other endpoints like this here; {looked}"
        if own
        else f"add {usual}, or name what limits it elsewhere; {looked}"
    )


rule = Rule(
    name="ratelimit-on-auth",
    code="HF201",
    summary="endpoints that check credentials are rate-limited",
    since="0.1.0",
    level="error",
    check=check,
    options=Options,
    scope="project",
    default=False,
    cwe=307,
)
