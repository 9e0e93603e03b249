"""Reports routes that have no authentication check and are not listed as public.

The rule looks for a guard on every route: a decorator, dependency, permission class, middleware or check in the handler that lets
only authenticated callers in. A route without one is either a mistake or a decision, and decisions belong in the configuration.

## Why is this bad?

One forgotten guard exposes everything that the route returns or changes: an export, a webhook without a signature, a debug page.
Nobody notices, because the route works. In Langflow, several API endpoints had no authentication check, and anyone could read
conversations and delete messages (CVE-2026-21445).

## Example

```python bad
from fastapi import APIRouter

router = APIRouter()


@router.get("/exports/{id}")
def export(id: int):
    return load(id)
```

Use instead:

```python good
from fastapi import APIRouter, Depends

from shop.users import get_current_user

router = APIRouter(dependencies=[Depends(get_current_user)])


@router.get("/exports/{id}")
def export(id: int):
    return load(id)
```

## What it reports

Routes of FastAPI, Starlette, Flask, Django, Django REST framework, Litestar and Sanic for which it finds no guard. It looks for
guards in these places:

- decorators of the handler
- dependencies of parameters, routers, mounts and applications, and the dependencies of those
- `permission_classes` and default permissions
- mixins and base classes
- hooks and middleware that refuse a request or redirect it to a login page
- the handler and the functions it calls, up to three calls away: an answer of 401 or 403, or the verification of a signature

## What it leaves alone

- Routes that check credentials themselves, such as a login: they cannot require a session.
- Routes that a library registers.
- Tests.
- Routes listed in `public`, and routes guarded by a name in `guards`:

```toml
[tool.holdfast.rules.auth-on-route]
guards = ["shop.security.staff_only"]
public = { "/health" = "the load balancer calls it", "GET /articles/*" = "articles are public" }
```

`holdfast routes --public` prints this table for the routes without a guard. A path that matches no route and an empty reason are
errors.

## What it does not see

- Whether a guard is sufficient. It may check the wrong role, or let one user read the objects of another.
- Exemption lists in middleware: the middleware counts as a guard, although it may skip the route.
- Guards in a proxy. List these routes in `public` and name the proxy as the reason.

## References

- [CWE-306: Missing Authentication for Critical Function](https://cwe.mitre.org/data/definitions/306.html)
- [OWASP API Security Top 10, API2:2023](https://owasp.org/API-Security/editions/2023/en/0xa2-broken-authentication/)
- [CVE-2026-21445](https://nvd.nist.gov/vuln/detail/CVE-2026-21445): endpoints of Langflow without authentication
- [How to protect routes](../how-to/protect-routes.md)
"""

from __future__ import annotations

from holdfast.routes import exposure, model
from holdfast.rule import Finding, Options as BaseOptions, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.source import ProjectLike, Source
    from holdfast.routes.exposure import Case
    from holdfast.routes.model import Routes
    from holdfast.rule import Account


class Options(BaseOptions):
    """The options of auth-on-route."""

    public: dict[str, str] = {}  # noqa: RUF012  # options are frozen
    """Paths (with `*`, and perhaps a method before them) that are open to everybody, and why."""
    guards: tuple[str, ...] = ()
    """Names of decorators, dependencies, classes and functions that let only known callers in."""


def check(project: ProjectLike, options: Options) -> Iterator[Finding]:
    seen: set[tuple[str, int]] = set()
    for case in _cases(model.of(project), options):
        place = (case.route.place.source.path, case.route.place.line)
        if place not in seen and case.decision.reports:
            seen.add(place)
            yield case.route.place.source.finding(
                case.route.place.node,
                f"`{case.route.label}` has no authentication check",
                hint="add a guard, name one that Holdfast does not know in `guards = [...]`, or list the path in `public` with a "
                "reason (`holdfast routes --public` writes the list)",
                confidence="medium",
            )


def _cases(found: Routes, options: Options) -> Iterator[Case]:
    public = found.excused("public of auth-on-route", options.public)
    return (exposure.Case(routes=found, route=route, names=options.guards, public=public) for route in found.all)


def why(source: Source, options: Options, line: int) -> Iterator[Account]:
    """Yield an account of each route whose handler, class, decorator or registration starts on a line."""
    found = model.of(source.project) if source.project else None
    return exposure.accounts(found, source, line, _cases(found, options)) if found else iter(())


rule = Rule(
    name="auth-on-route",
    code="HF204",
    summary="every route has an authentication check or is listed as public",
    since="0.1.0",
    level="warning",
    check=check,
    options=Options,
    scope="project",
    default=False,
    cwe=306,
    signs=exposure.SIGNS,
    silencers=exposure.SILENCERS,
    why=why,
)
