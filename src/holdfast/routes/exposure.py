"""Whether unknown callers reach a route: the sign, the reasons for silence, and the account of a route."""

from __future__ import annotations

from functools import cached_property

from holdfast.record import Record
from holdfast.routes import why
from holdfast.rule import SOFT, STRUCTURE, Sign, Silencer, decide

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from holdfast.code.source import Source
    from holdfast.routes.controls import Control
    from holdfast.routes.endpoints import Endpoint
    from holdfast.routes.model import Routes
    from holdfast.routes.routing import Route
    from holdfast.rule import Account, Decision


class Case(Record):
    """A route as auth-on-route judges it."""

    routes: Routes
    route: Route
    names: tuple[str, ...] = ()
    """The names of guards in the configuration."""
    public: dict[int, str] = {}  # noqa: RUF012  # records are frozen
    """The reasons of the routes that the configuration lists as public, by the id of the route."""

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
        return self.routes.named(self.route, self.names)

    @cached_property
    def decision(self) -> Decision:
        """What the tables below decide."""
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


def unguarded(routes: Routes) -> list[Route]:
    """Return the routes that have no authentication check and should have one, whatever the configuration says."""
    return [route for route in routes.all if Case(routes=routes, route=route).decision.reports]


def accounts(routes: Routes, source: Source, line: int, judged: Iterable[Case]) -> Iterator[Account]:
    """Yield an account of each route that starts on a line of a file; judged: every route of the project."""
    cases = {id(case.route): case for case in judged}
    for route, node in why.at(routes, source, line):
        case = cases[id(route)]
        reasons = [why.of_sign(one, route, silencer=case.decision.silencer) for one in SIGNS if one.found(case)]
        reasons += why.of_controls("guard", routes.guards(route))
        reasons += why.of_others(routes, route, "guard", routes.guards(route))
        reasons += why.of_silencers(SILENCERS, case)
        yield why.account(route, source, node, case.decision.reports, _decided(case), reasons)


def _decided(case: Case) -> tuple[str, str]:
    """Return why a route is reported or not, and the name of what decided."""
    sign, silencer, guard = case.decision.sign, case.decision.silencer, case.guard
    if guard and guard.sign:
        return f"a guard lets only known callers in: `{guard.what}`", guard.sign.name
    if silencer:
        return why.won(silencer, case)
    return (sign.sentence, sign.name) if sign else ("", "")
