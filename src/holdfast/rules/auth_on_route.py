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

from functools import cached_property

from holdfast.record import Record
from holdfast.routes import model, why as accounts
from holdfast.rule import SOFT, STRUCTURE, Finding, Options as BaseOptions, Rule, Sign, Silencer, decide

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.source import ProjectLike, Source
    from holdfast.routes.controls import Control
    from holdfast.routes.endpoints import Endpoint
    from holdfast.routes.model import Routes
    from holdfast.routes.routing import Route
    from holdfast.rule import Account, Decision


class Options(BaseOptions):
    """The options of auth-on-route."""

    public: dict[str, str] = {}  # noqa: RUF012  # options are frozen
    """Paths (with `*`, and perhaps a method before them) that are open to everybody, and why."""
    guards: tuple[str, ...] = ()
    """Names of decorators, dependencies, classes and functions that let only known callers in."""


class Case(Record):
    """A route as this rule judges it."""

    routes: Routes
    route: Route
    options: Options
    public: dict[int, str]

    @cached_property
    def guard(self) -> Control | None:
        """What lets only known callers in."""
        return self.routes.protection(self.route)

    @cached_property
    def endpoint(self) -> Endpoint | None:
        """Why the route checks credentials itself."""
        return self.routes.endpoint(self.route)

    @cached_property
    def named(self) -> str:
        """The name in the option `guards` that is used by what runs with the route."""
        return self.routes.named(self.route, self.options.guards)

    @cached_property
    def decision(self) -> Decision:
        """What the tables of this rule decide."""
        return decide(SIGNS, SILENCERS, self)


SIGNS = (
    Sign(
        name="no-authentication-check",
        strength=SOFT,
        sentence="nothing that runs with it is known to check who the caller is",
        found=lambda case: case.guard is None,
    ),
)
SILENCERS = (
    Silencer(
        name="library-handler",
        kind=STRUCTURE,
        sentence="its handler is a library's",
        applies=lambda case: case.route.handler is None,
    ),
    Silencer(
        name="mounted-at-run-time",
        kind=STRUCTURE,
        sentence="it is mounted at run time, and what guards it there is unknown",
        applies=lambda case: case.route.unplaced,
    ),
    Silencer(
        name="checks-credentials",
        kind=STRUCTURE,
        sentence="it checks credentials itself, as a login does",
        applies=lambda case: case.endpoint,
    ),
    Silencer(
        name="public",
        kind=STRUCTURE,
        sentence="the option `public` lists its path",
        applies=lambda case: case.public.get(id(case.route)),
    ),
    Silencer(
        name="named-in-options",
        kind=STRUCTURE,
        sentence="the option `guards` names code that runs with it",
        applies=lambda case: case.named,
    ),
)


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
    for route in found.all:
        yield Case(routes=found, route=route, options=options, public=public)


def unguarded(found: Routes) -> list[Route]:
    """Return the routes that the rule would report without any options."""
    return [case.route for case in _cases(found, Options()) if case.decision.reports]


def why(source: Source, options: Options, line: int) -> Iterator[Account]:
    """Yield an account of each route whose handler, class, decorator or registration starts on a line."""
    if source.project is None:
        return
    found = model.of(source.project)
    cases = {id(case.route): case for case in _cases(found, options)}
    for route, node in accounts.at(found, source, line):
        case = cases[id(route)]
        reasons = [accounts.of_sign(one, route, silencer=case.decision.silencer) for one in SIGNS if one.found(case)]
        reasons += accounts.of_controls("guard", found.guards(route))
        reasons += accounts.of_others(found, route, "guard", found.guards(route))
        reasons += accounts.of_silencers(SILENCERS, case)
        yield accounts.account(route, source, node, case.decision.reports, _decided(case), reasons)


def _decided(case: Case) -> tuple[str, str]:
    """Return why a route is reported or not, and the name of what decided."""
    sign, silencer, guard = case.decision.sign, case.decision.silencer, case.guard
    if guard and guard.sign:
        return f"a guard lets only known callers in: `{guard.what}`", guard.sign.name
    if silencer:
        return accounts.won(silencer, case)
    return (sign.sentence, sign.name) if sign else ("", "")


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
    signs=SIGNS,
    silencers=SILENCERS,
    why=why,
)
