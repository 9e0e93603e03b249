"""Whether a route that checks credentials can be tried without a limit: the reasons for silence, and the account of a route."""

from __future__ import annotations

from functools import cached_property

from holdfast.record import Record
from holdfast.routes import controls, endpoints, why
from holdfast.rule import STRUCTURE, Silencer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from holdfast.code.source import Source
    from holdfast.routes.controls import Control
    from holdfast.routes.endpoints import Endpoint
    from holdfast.routes.model import Routes
    from holdfast.routes.routing import Route
    from holdfast.rule import Account


class Case(Record):
    """A route that checks credentials, as ratelimit-on-auth judges it."""

    routes: Routes
    route: Route
    endpoint: Endpoint
    secondary: bool
    """Whether secondary endpoints are reported."""
    names: tuple[str, ...]
    """The names of limits and guards in the configuration."""
    not_auth: dict[int, str]
    limited_elsewhere: dict[int, str]
    """The reasons of the routes that the configuration lists, by the id of the route."""

    def guards(self) -> Iterator[Control]:
        """Yield the guards of the route. For `add_user`, which may be an administrator's, also code that refuses."""
        return (self.routes.guards if self.endpoint.may_be_of_admins else self.routes.declared_guards)(self.route)

    @cached_property
    def guard(self) -> Control | None:
        """What lets only known callers in."""
        return controls.first(self.guards())

    @cached_property
    def limit(self) -> Control | None:
        """What limits the route."""
        return self.routes.limit(self.route)

    @cached_property
    def named(self) -> str:
        """The name in the options `limits` and `guards` that is used by what runs with the route."""
        return self.routes.named(self.route, self.names)

    @cached_property
    def silencer(self) -> Silencer | None:
        """The reason for silence; None where the route is reported."""
        return next((silencer for silencer in SILENCERS if silencer.applies(self)), None)


SILENCERS = (
    Silencer(
        name="not-auth",
        kind=STRUCTURE,
        sentence="the option `not-auth` lists its path",
        applies=lambda case: case.not_auth.get(id(case.route)),
    ),
    Silencer(
        name="limited-elsewhere",
        kind=STRUCTURE,
        sentence="the option `limited-elsewhere` lists its path",
        applies=lambda case: case.limited_elsewhere.get(id(case.route)),
    ),
    Silencer(
        name="secondary",
        kind=STRUCTURE,
        sentence="it refreshes a token, answers a callback or the like, and the option `secondary` is off",
        applies=lambda case: case.endpoint.tier != endpoints.CORE and not case.secondary,
    ),
    Silencer(name="guarded", kind=STRUCTURE, sentence="a guard lets only known callers in", applies=lambda case: case.guard),
    Silencer(name="limited", kind=STRUCTURE, sentence="it is rate-limited", applies=lambda case: case.limit),
    Silencer(
        name="named-in-options",
        kind=STRUCTURE,
        sentence="the options `limits` and `guards` name code that runs with it",
        applies=lambda case: case.named,
    ),
)


def accounts(routes: Routes, source: Source, line: int, judged: Iterable[Case]) -> Iterator[Account]:
    """Yield an account of each route that starts on a line of a file; judged: the routes that check credentials."""
    cases = {id(case.route): case for case in judged}
    for route, node in why.at(routes, source, line):
        case, reasons = cases.get(id(route)), [*why.of_endpoint(routes, route)]
        decided = _decided(case) if case else why.no_endpoint(routes, route)
        if case:
            reasons += why.of_controls("limit", routes.limits(route))
            reasons += why.of_others(routes, route, "limit", routes.limits(route))
            reasons += why.of_controls("guard", case.guards())
            reasons += why.of_silencers(SILENCERS, case)
        yield why.account(route, source, node, case is not None and case.silencer is None, decided, reasons)


def _decided(case: Case) -> tuple[str, str]:
    """Return why a route is reported or not, and the name of what decided."""
    if case.silencer:
        return why.won(case.silencer, case)
    return f"it checks credentials ({case.endpoint.reason}) and is not rate-limited", case.endpoint.sign.name
