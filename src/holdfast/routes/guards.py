"""What lets only known callers reach a route: guards around it, code that refuses, and why a guard does not count."""

from __future__ import annotations

import ast
import re
from itertools import chain

from holdfast.code.definitions import Located
from holdfast.routes import around, handlers, permissions, refusing, routing
from holdfast.routes.controls import Control, Subject, read
from holdfast.routes.guard_signs import (
    DECLARED,
    DEFAULT_PERMISSIONS,
    LOGIN_MIDDLEWARE,
    REFUSES,
    REFUSING,
    REFUSING_DECORATOR,
    REFUSING_DEPENDENCY,
)
from holdfast.rule import STRUCTURE, WORDS, Silencer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.routes.permissions import Settings
    from holdfast.routes.routing import Piece, Route

BY_ADDRESS = re.compile(r"(?i)(^|_)ip(_|$)")
OPENING = re.compile(
    r"^(open|no|skip|without|un)_?auth|auth\w*_(abandoned|exempt|not_required|optional|skipped)$|^allow_anonymous$"
)
TAKING = frozenset({"post", "put", "patch"})

SIGNS = tuple(
    {
        sign.name: sign
        for group in (*DECLARED.values(), (DEFAULT_PERMISSIONS, LOGIN_MIDDLEWARE), *REFUSING.values())
        for sign in group
    }.values()
)


# -- silencers


def _is_open_list(subject: Subject) -> bool:
    return subject.found.classes is not None and not permissions.is_closed(subject.found.classes)


def _is_other_refusal(subject: Subject) -> bool:
    found = subject.found
    is_refusal = found.sign in (REFUSING_DECORATOR, REFUSES)
    return is_refusal and not refusing.is_checking_caller(Located(source=found.source, node=found.node))


def _is_by_address(subject: Subject) -> bool:
    is_refusal = subject.found.sign is REFUSING_DEPENDENCY and BY_ADDRESS.search(subject.piece.name)
    return bool(is_refusal) and not refusing.is_checking_caller(Located(source=subject.piece.source, node=subject.piece.node))


OF_PIECES = (
    Silencer(
        name="open-permissions", kind=STRUCTURE, sentence="the permission classes let unknown callers in", applies=_is_open_list
    ),
    Silencer(name="no-caller", kind=STRUCTURE, sentence="its code refuses without a look at the caller", applies=_is_other_refusal),
    Silencer(name="address", kind=STRUCTURE, sentence="it checks the address of the caller only", applies=_is_by_address),
    Silencer(
        name="optional",
        kind=WORDS,
        sentence="its name says that unknown callers may pass",
        applies=lambda subject: refusing.OPTIONAL.search(subject.found.what),
    ),
)


def _is_replaced(subject: Subject) -> bool:
    chosen = next((piece for piece in subject.pieces if permissions.of_action(piece)), None)
    return chosen is not None and chosen is not subject.piece


def _is_opened(subject: Subject) -> bool:
    return any(piece.where == "decorator" and OPENING.search(piece.name) for piece in subject.pieces)


def _is_on_other_method(subject: Subject) -> bool:
    """Return whether a decorator guards one method of a class, and another that takes data has no guard."""
    handler = subject.route.handler
    if subject.piece.where != "decorator" or handler is None or not isinstance(handler.node, ast.ClassDef):
        return False
    marks = {
        function.name: {node for decorator in getattr(function.node, "decorator_list", ()) for node in ast.walk(decorator)}
        for function in handlers.functions(subject.route)
        if function.name in routing.HTTP_METHODS
    }
    if not any(subject.piece.node in nodes for nodes in marks.values()):
        return False
    guarding = {piece.node for piece in subject.pieces if piece.where == "decorator" and _is_guard(subject, piece)}
    return any(name in TAKING and not nodes & guarding for name, nodes in marks.items())


def _is_guard(subject: Subject, piece: Piece) -> bool:
    return any(control.counts for control in read(DECLARED["decorator"], OF_PIECES, subject.replace(piece=piece, found=None)))


AROUND = (
    Silencer(name="replaced", kind=STRUCTURE, sentence="`@action` has permission classes of its own", applies=_is_replaced),
    Silencer(name="opened", kind=STRUCTURE, sentence="a decorator opens the route to everybody", applies=_is_opened),
    Silencer(
        name="other-method",
        kind=STRUCTURE,
        sentence="it guards one method, and another method that takes data has no guard",
        applies=_is_on_other_method,
    ),
    Silencer(
        name="basic-login",
        kind=STRUCTURE,
        sentence="it asks for the password by which the route logs in",
        applies=lambda subject: around.is_basic_login(subject.route, subject.piece),
    ),
)
OF_DEFAULTS = (
    AROUND[0],
    Silencer(
        name="own-permissions",
        kind=STRUCTURE,
        sentence="the view has permissions of its own",
        applies=lambda subject: permissions.has_own(subject.route, subject.pieces),
    ),
)
SILENCERS = (*OF_PIECES, *AROUND, *OF_DEFAULTS[1:])


def declared(route: Route, pieces: list[Piece], facts: Settings) -> Iterator[Control]:
    """Yield the guards among the decorators, dependencies, routers, hooks and classes of a route, and the default permissions."""
    subject = Subject(route=route, pieces=pieces, facts=facts)
    for piece in pieces:
        signs = DECLARED.get(piece.where, ())
        if signs:
            yield from read(signs, (*OF_PIECES, *AROUND), subject.replace(piece=piece))
    yield from read((DEFAULT_PERMISSIONS,), OF_DEFAULTS, subject)


def refusing_code(route: Route, pieces: list[Piece], facts: Settings) -> Iterator[Control]:
    """Yield the middleware, hooks and functions that refuse unknown callers."""
    subject = Subject(route=route, pieces=pieces, facts=facts)
    yield from read((LOGIN_MIDDLEWARE,), (), subject)
    for piece in pieces:
        signs = REFUSING.get(piece.where, ())
        if signs:
            yield from read(signs, OF_PIECES, subject.replace(piece=piece))


def controls(route: Route, pieces: list[Piece], facts: Settings) -> Iterator[Control]:
    """Yield every guard found around a route, declared ones first, with the reason where it does not count."""
    return chain(declared(route, pieces, facts), refusing_code(route, pieces, facts))
