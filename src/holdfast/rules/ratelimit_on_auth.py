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
