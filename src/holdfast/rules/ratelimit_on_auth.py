"""Reports logins and other endpoints that check credentials, when nothing limits how often they may be called.

The rule judges each endpoint by itself. A limiter somewhere in the project proves little: two thirds of the measured projects
that have one forgot at least one endpoint.

## Why is this bad?

Without a limit an attacker can try passwords from a list, try all four-digit codes in minutes, or flood a mailbox with reset
mails. rdiffweb accepted any number of wrong passwords (CVE-2022-3273).

## Example

```python bad
from fastapi import APIRouter

router = APIRouter()


@router.post("/login")
def login(form):
    return issue_token(authenticate(form.username, form.password))
```

Use instead:

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

Routes of FastAPI, Starlette, Flask, Django, Django REST framework, Litestar and Sanic that check credentials and have no rate
limit: login, token issue, one-time codes, password reset and its confirmation, registration, resending of verification mails. The
message names the evidence that the endpoint checks credentials:

- a base class (`LoginView`, `TokenObtainPairView`)
- a call (`authenticate`, `verify_password`), if the name or the path agrees
- a login form (`OAuth2PasswordRequestForm`, `InviteSignupForm`)
- the name and the path alone (`POST /forgot-password`, also in Spanish or Portuguese: `recuperar_contrasena`)
- a login of a library, reported where a URLconf or `include_router(fastapi_users.get_auth_router(...))` mounts it

Routes that a project registers with its own helpers are followed if the path is written next to the view: `@route("/x")`,
`@expose("/x")`, rows such as `("/x", View)`, `register(View, "/x")`, and URLconfs mounted by the name of an application.

## What it leaves alone

Endpoints with a limit. These count as limits:

- decorators, dependencies, routers, mounts, hooks and middleware of a limiter
- `throttle_classes` and default throttles of Django REST framework, if the settings give their rate
- default limits of Flask-Limiter, slowapi and sanic-limiter, and Litestar's `RateLimitConfig`
- django-axes, django-defender, django-useraudit and the devices of django-otp
- views of django-allauth and their subclasses, as of version 0.51, unless `ACCOUNT_RATE_LIMITS` is off
- the project's own code: a function that the handler or its form calls, up to three calls away, that is named like a limit
  (`check_rate_limit`), answers 429, raises `TooManyRequests`, counts failed logins, or compares attempts with a number

A limit may depend on a switch (`if settings.RATE_LIMIT_ENABLED:`, `Limiter(enabled=...)`, `RATELIMIT_ENABLE`, an early `return`):

- The limit counts if the switch is on by default, if its default is unknown, or if it depends on the environment (`DEBUG`).
- The limit does not count if the switch is off by default. The finding is then a warning that names the limit and the switch.

Other endpoints:

- Endpoints that require a login, logout, lists of tokens, and enrolment of a second factor.
- Endpoints for GET only, unless they send a code again, take a password, or log in anyone who has a link.
- Endpoints that add a user, if their code refuses callers without a permission.
- Token refresh, OAuth callbacks and introspection. `secondary = true` reports them, too.
- Tests.

List in the configuration, with a reason, what the code cannot show. A path may contain `*` and may follow a method. A path that
matches no route is an error:

```toml
[tool.holdfast.rules.ratelimit-on-auth]
limited-elsewhere = { "/api/*" = "nginx: limit_req zone=api, see deploy/nginx.conf" }
not-auth = { "POST /webhooks/token" = "a machine's token of 256 random bits" }
limits = ["shop.security.slow_down"]
guards = ["shop.security.staff_only"]
```

## What it does not see

- Limits in a proxy. List them in `limited-elsewhere`.
- Routes that are registered at run time, and GraphQL mutations.
- Whether a limit takes effect: [ineffective-ratelimit](ineffective-ratelimit.md) reports limits that do not.
- A decorator, dependency or middleware whose source it cannot find. The finding is then a warning of low confidence that names
  it.

## References

- [CWE-307: Improper Restriction of Excessive Authentication Attempts](https://cwe.mitre.org/data/definitions/307.html)
- [OWASP Authentication Cheat Sheet](https://cheatsheetseries.owasp.org/cheatsheets/Authentication_Cheat_Sheet.html)
- [CVE-2022-3273](https://nvd.nist.gov/vuln/detail/CVE-2022-3273): rdiffweb without a limit on wrong passwords
- [How to protect routes](../how-to/protect-routes.md)
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
