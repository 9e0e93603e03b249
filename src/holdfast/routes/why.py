"""What was considered for a route, as reasons for `holdfast why`: signs, silencers, limits, guards and unresolved code."""

from __future__ import annotations

import ast

from holdfast.routes import around, endpoints
from holdfast.routes.controls import Control, can_win
from holdfast.rule import Account, Reason

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from holdfast.code.source import Source
    from holdfast.routes.model import Routes
    from holdfast.routes.routing import Route
    from holdfast.rule import Sign, Silencer

NOT_A_CONTROL = {
    "limit": "it is not named like a limit, and its code neither counts attempts nor answers 429",
    "guard": "it is not named like a guard, and its code does not refuse unknown callers",
}


def at(routes: Routes, source: Source, line: int) -> Iterator[tuple[Route, ast.AST]]:
    """Yield each route whose handler, class, decorator or registration starts on a line.

    With it comes the node to name: the handler where it is in this file, else what starts on the line.
    """
    for route in routes.all:
        for home, node in _starts(route):
            if home.path == source.path and getattr(node, "lineno", 1) == line:
                yield route, route.place.node if route.place.source.path == source.path else node
                break


def _starts(route: Route) -> Iterator[tuple[Source, ast.AST]]:
    for definition in (route.place, route.handler):
        if definition is None:
            continue
        owner = definition.source.enclosing(definition.node, ast.ClassDef)
        for node in (definition.node, owner):
            if node is not None:
                yield definition.source, node
                yield from ((definition.source, decorator) for decorator in getattr(node, "decorator_list", ()))
    if route.registration:
        yield route.registration.source, route.registration.call


def account(
    route: Route, source: Source, node: ast.AST, reported: bool, decided: tuple[str, str], reasons: Iterable[Reason]
) -> Account:
    """Return the account of a route for a node of a file; decided: why it is reported or not, and the name of what decided."""
    line, column, _, _ = source.place(node)
    return Account(
        line=line,
        column=column,
        subject=f"`{route.label}` ({route.called})",
        reported=reported,
        because=decided[0],
        decided_by=decided[1],
        reasons=tuple(reasons),
    )


def of_signs(source: Source, node: ast.AST, subject: str, found: list[tuple[Sign, str]], otherwise: str) -> Account:
    """Return the account of a limit at a node: the signs found with their messages, the first of which decides."""
    line, column, _, _ = source.place(node)
    return Account(
        line=line,
        column=column,
        subject=subject,
        reported=bool(found),
        because=found[0][1] if found else otherwise,
        decided_by=found[0][0].name if found else "",
        reasons=tuple(
            Reason(kind=f"{sign.strength} sign", name=sign.name, sentence=sign.sentence, path=source.path, line=line, column=column)
            for sign, _ in found
        ),
    )


def won(silencer: Silencer, subject: object) -> tuple[str, str]:
    """Return why a silencer that applies won, and the name of what decided: its own, or that of a limit or guard."""
    answer = silencer.applies(subject)
    if isinstance(answer, Control):
        return f"{silencer.sentence}: `{answer.what}`", answer.sign.name if answer.sign else silencer.name
    return f"{silencer.sentence}: {answer}" if isinstance(answer, str) else silencer.sentence, silencer.name


def no_endpoint(routes: Routes, route: Route) -> tuple[str, str]:
    """Return why a route does not count as one that checks credentials, and the name of the silencer that decided, if any."""
    silencer = endpoints.judge(routes.candidate(route)).silencer
    return (silencer.sentence, silencer.name) if silencer else ("no sign was found that it checks credentials", "")


def of_sign(sign: Sign, route: Route, found: str = "", silencer: Silencer | None = None) -> Reason:
    """Return a sign that was found as a reason; found: what was found, silencer: what won over it."""
    source, line, column = _place(route)
    return Reason(
        kind=f"{sign.strength} sign",
        name=sign.name,
        sentence=f"{sign.sentence} ({found})" if found else sign.sentence,
        path=source.path,
        line=line,
        column=column,
        counts=silencer is None,
        why_not=silencer.sentence if silencer else "",
    )


def of_silencers(silencers: Iterable[Silencer], subject: object, sign: Sign | None = None) -> Iterator[Reason]:
    """Yield the silencers that apply, limits and guards left out; sign: the one that they should win over."""
    for silencer in silencers:
        answer = silencer.applies(subject)
        if answer and not isinstance(answer, Control):
            is_strong = sign is None or can_win(silencer, sign)
            yield Reason(
                kind=silencer.kind,
                name=silencer.name,
                sentence=won(silencer, subject)[0],
                counts=is_strong,
                why_not="" if is_strong else "a hard sign does not yield to words",
            )


def of_endpoint(routes: Routes, route: Route) -> Iterator[Reason]:
    """Yield the signs that a route checks credentials, and the silencers that apply to it."""
    candidate = routes.candidate(route)
    able: dict[str, Silencer] = {}
    for signs, silencers in endpoints.tables(route):
        for sign in signs:
            found = sign.found(candidate)
            if found:
                winning = next((one for one in silencers if can_win(one, sign) and one.applies(candidate)), None)
                yield of_sign(sign, route, "" if found == endpoints.BY_NAME_AND_PATH else found, winning)
                able |= {silencer.name: silencer for silencer in silencers}
    yield from of_silencers(able.values(), candidate, endpoints.judge(candidate).sign)


def of_controls(kind: str, controls: Iterable[Control]) -> list[Reason]:
    """Return the limits or guards found around a route, each once."""
    reasons = [_of_control(kind, control) for control in controls]
    return list({(one.name, one.path, one.line, one.column): one for one in reversed(reasons)}.values())[::-1]


def of_others(routes: Routes, route: Route, kind: str, controls: Iterable[Control]) -> Iterator[Reason]:
    """Yield the decorators, dependencies, hooks and middleware of a route that are not among its limits or guards."""
    known = {control.what.rpartition(".")[2].partition("(")[0] for control in controls}
    unresolved = [piece.node for piece in routes.unresolved(route)]
    registering = {layer.call for layer in route.layers}
    for piece in routes.pieces(route):
        if piece.where not in around.OUTER or piece.node in registering or not piece.name or piece.name in known:
            continue
        known.add(piece.name)
        is_unresolved = any(piece.node is node for node in unresolved)
        line, column, _, _ = piece.source.place(piece.node)
        yield Reason(
            kind=kind,
            name=piece.where,
            sentence=f"{piece.where} `{piece.name}`",
            path=piece.source.path,
            line=line,
            column=column,
            counts=False,
            why_not=f"it was not found in the project, and may be a {kind}" if is_unresolved else NOT_A_CONTROL[kind],
        )


def _of_control(kind: str, control: Control) -> Reason:
    line, column, _, _ = control.source.place(control.node)
    condition = f", if {control.switch.what}" if control.switch else ""
    return Reason(
        kind=kind,
        name=control.sign.name if control.sign else "",
        sentence=f"`{control.what}`: {control.sign.sentence if control.sign else kind}{condition}",
        path=control.source.path,
        line=line,
        column=column,
        counts=control.counts,
        why_not=control.silencer.sentence if control.silencer else "",
    )


def _place(route: Route) -> tuple[Source, int, int]:
    line, column, _, _ = route.place.source.place(route.place.node)
    return route.place.source, line, column
