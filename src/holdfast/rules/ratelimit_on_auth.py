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

from holdfast.routes import attempts, endpoints, model
from holdfast.rule import Evidence, Finding, Options as BaseOptions, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.source import ProjectLike, Source
    from holdfast.routes.attempts import Case
    from holdfast.routes.model import Routes
    from holdfast.routes.routing import Route
    from holdfast.rule import Account

USUAL = {"drf": "`throttle_classes`", "django": "`@ratelimit`", "litestar": "`middleware=[RateLimitConfig(...).middleware]`"}


class Options(BaseOptions):
    """The options of ratelimit-on-auth."""

    secondary: bool = False
    """Also report routes that refresh tokens, answer OAuth and SAML callbacks, or introspect tokens."""
    limits: tuple[str, ...] = ()
    """Names of decorators, functions, dependencies and classes that limit: `slow_down`, or dotted."""
    guards: tuple[str, ...] = ()
    """Names of decorators, dependencies and classes that let only known callers in."""
    limited_elsewhere: dict[str, str] = {}  # noqa: RUF012  # options are frozen
    """Paths (with `*`) that something outside the code limits, and what that is."""
    not_auth: dict[str, str] = {}  # noqa: RUF012
    """Paths (with `*`) that check no credentials, and why."""


def check(project: ProjectLike, options: Options) -> Iterator[Finding]:
    seen: set[tuple[str, int]] = set()
    for case in _cases(model.of(project), options):
        place = (case.route.place.source.path, case.route.place.line)
        if place not in seen and case.silencer is None:
            seen.add(place)
            yield _finding(case)


def _cases(found: Routes, options: Options) -> Iterator[Case]:
    """Yield each route that checks credentials."""
    not_auth = found.excused("not-auth of ratelimit-on-auth", options.not_auth)
    elsewhere = found.excused("limited-elsewhere of ratelimit-on-auth", options.limited_elsewhere)
    for route in found.all:
        endpoint = found.endpoint(route)
        if endpoint:
            yield attempts.Case(
                routes=found,
                route=route,
                endpoint=endpoint,
                secondary=options.secondary,
                names=(*options.limits, *options.guards),
                not_auth=not_auth,
                limited_elsewhere=elsewhere,
            )


def _finding(case: Case) -> Finding:
    found, route, endpoint = case.routes, case.route, case.endpoint
    source, node = route.place.source, route.place.node
    off, unknown = found.limit_off_by_default(route), next(found.unresolved(route), None)
    message = f"`{route.label}` checks credentials ({endpoint.reason}) and is not rate-limited"
    evidence = [Evidence(message=f"mounted under `{route.condition}`", path=source.path, line=route.place.line, column=1)]
    confidence = "medium" if endpoint.is_by_name_only else "high"
    if off and off.switch:
        place = off.source.evidence(off.node, f"is off by default ({off.switch.what})")
        message += f": `{off.what}` at {place.path}:{place.line} {place.message}"
        evidence, confidence = [*evidence, place], "medium"
    if unknown:
        message += f"; `{unknown.name}` was not found in the project and may be a limit"
        confidence = "low"
    return source.finding(
        node,
        message,
        hint=_hint(found, route),
        confidence=confidence,
        level="warning" if off or unknown else "",
        evidence=tuple(evidence if route.condition else evidence[1:]),
    )


def _hint(found: Routes, route: Route) -> str:
    own, functions = found.usual_limit(route.framework), found.function_count(route)
    add = f"`{own}`, which limits similar endpoints of this project" if own else USUAL.get(route.framework, "`@limiter.limit`")
    return (
        f"add {add}, or name your own limit in `limits = [...]`, or a limit outside the code in `limited-elsewhere` "
        f"(checked: decorators, dependencies, routers, middleware, classes, {functions} functions)"
    )


def why(source: Source, options: Options, line: int) -> Iterator[Account]:
    """Yield an account of each route whose handler, class, decorator or registration starts on a line."""
    found = model.of(source.project) if source.project else None
    return attempts.accounts(found, source, line, _cases(found, options)) if found else iter(())


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
    signs=endpoints.SIGNS,
    silencers=(*endpoints.ALL_SILENCERS, *attempts.SILENCERS),
    why=why,
)
