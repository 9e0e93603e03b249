"""Limits and guards of a route: one record for both, and how their tables of signs and silencers are read."""

from __future__ import annotations

from holdfast.record import Record
from holdfast.routes import switches
from holdfast.rule import SOFT, STRUCTURE, Sign, Silencer

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Sequence
    from typing import Any

    from holdfast.code.source import Source
    from holdfast.routes.routing import Piece, Route, Switch


class Control(Record):
    """What limits or guards a route, and where: a rate limit, an authentication check, a validation, a pagination."""

    what: str
    """What it is called in the code."""
    source: Source
    node: ast.AST
    classes: frozenset[str] | None = None
    """The throttle or permission classes, where it is a list of them."""
    switch: Switch | None = None
    """The condition on which it depends."""
    sign: Sign | None = None
    """The sign by which it was found."""
    silencer: Silencer | None = None
    """Why it does not count, if it does not."""

    @property
    def counts(self) -> bool:
        """Whether it limits or guards the route."""
        return self.silencer is None

    @property
    def is_off(self) -> bool:
        """Whether it depends on a switch that is off by default."""
        return self.switch is not None and self.switch.is_off


class Subject(Record):
    """The subject of the signs of limits and guards: a route and one piece of what runs with it.

    piece: None for what holds for the route by default. facts: what holds for the whole project. found: for silencers, the control
    that a sign found.
    """

    route: Route
    pieces: list[Piece]
    facts: Any
    piece: Any = None
    found: Any = None


def read(signs: Sequence[Sign], silencers: Sequence[Silencer], subject: Subject) -> Iterator[Control]:
    """Yield the control of each sign found in a piece, with the first silencer that wins over it.

    Unlike `decide`, a silenced sign leaves the decision to the next one: a piece may be two things.
    """
    for sign in signs:
        control: Control | None = sign.found(subject)
        if control is None:
            continue
        own = control.sign or sign
        switch = switches.joined(subject.piece.switch, control.switch) if subject.piece else control.switch
        control = control.replace(sign=own, switch=switch)
        told = subject.replace(found=control)
        able = (one for one in silencers if can_win(one, own))
        yield control.replace(silencer=next((one for one in able if one.applies(told)), None))


def can_win(silencer: Silencer, sign: Sign) -> bool:
    """Return whether a silencer wins over a sign where it applies: words do not win over a hard sign."""
    return sign.strength == SOFT or silencer.kind == STRUCTURE


def first(controls: Iterator[Control]) -> Control | None:
    """Return the first control that counts."""
    return next((control for control in controls if control.counts), None)
