"""Every route asks who is calling, or is public on purpose.

The route that everybody forgot is the one without a guard: an endpoint for exports, a webhook without a signature, a debug page.
Which routes are public is a decision, so it is written down once, with a reason; every other route has a guard.

```python bad
from fastapi import APIRouter

router = APIRouter()


@router.get("/exports/{id}")
def export(id: int):
    return load(id)
```

```python good
from fastapi import APIRouter, Depends

from shop.users import get_current_user

router = APIRouter(dependencies=[Depends(get_current_user)])


@router.get("/exports/{id}")
def export(id: int):
    return load(id)
```

## What it reports

Routes of FastAPI, Starlette, Flask, Django, Django REST framework, Litestar and Sanic for which nothing asks who is calling.
Looked at are decorators, dependencies (of parameters, routers, mounts and applications, and what they depend on),
`permission_classes` and default permissions, mixins and base classes, hooks and middleware that refuse or send to a login page, and
the handler itself: a 401 or 403 in it, or in what it calls, up to three calls away, or a signature that it verifies.

Routes that check credentials themselves (a login) are not reported: they cannot ask for a session.

## Adopting it

`holdfast routes --public` prints the routes for which no guard was found, as a table to paste and to go through:

```toml
[tool.holdfast.rules.auth-on-route]
guards = ["shop.security.staff_only"]
public = { "/health" = "the load balancer asks", "GET /articles/*" = "everybody may read" }
```

A path that matches no route, and a reason that is empty, are errors.

## What it does not see

Whether a guard checks enough: an object of somebody else's, the wrong role. Middleware whose exemptions cover a route. Guards at a
proxy (list the routes as public, with that reason).
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
