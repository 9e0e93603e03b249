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

from holdfast.routes import model
from holdfast.rule import Finding, Options as BaseOptions, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.project import Project


class Options(BaseOptions):
    """What a team teaches the rule."""

    public: dict[str, str] = {}  # noqa: RUF012  # options are frozen
    """Paths (with `*`, and perhaps a method before them) that are open to everybody, and why."""
    guards: tuple[str, ...] = ()
    """Names of decorators, dependencies, classes and functions that let only known callers in."""


def check(project: Project, options: Options) -> Iterator[Finding]:
    found = model.of(project)
    public = found.excused("public of auth-on-route", options.public)
    seen: set[tuple[str, int]] = set()
    for route in found.unguarded:
        place = (route.place.source.path, route.place.line)
        if place in seen or route in public or found.mentions(route, options.guards):
            continue
        seen.add(place)
        yield route.place.source.finding(
            route.place.node,
            f"{','.join(route.methods)} {route.path} asks nobody who is calling",
            hint="add a guard, or list the path under `public` with a reason (`holdfast routes --public` writes the list)",
            confidence="medium",
        )


rule = Rule(
    name="auth-on-route",
    code="HF204",
    summary="every route asks who is calling, or is public on purpose",
    since="0.1.0",
    level="warning",
    check=check,
    options=Options,
    scope="project",
    default=False,
    cwe=306,
)
