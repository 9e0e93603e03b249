"""Which routes check credentials, by what routes.md of the field calls them: logins, tokens, codes, resets, registrations."""

from __future__ import annotations

import ast
import re
from functools import cached_property

from holdfast.code import definitions
from holdfast.code.scopes import FunctionNode
from holdfast.code.words import words
from holdfast.record import Record
from holdfast.routes import around, routing, words as vocabulary
from holdfast.routes.routing import Piece
from holdfast.secrets import names as secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from holdfast.routes.routing import Route


class Endpoint(Record):
    """Why a route counts as one that checks credentials: the reasons in words, and its tier, core or secondary."""

    reasons: tuple[str, ...]
    tier: str = "core"

    @property
    def is_of_admins(self) -> bool:
        """Whether it may as well be one of administrators, `add_user`: there, code that refuses strangers is a guard."""
        return self.reasons == (vocabulary.ADDS,)


class Signals(Record):
    """What speaks for and against an endpoint's being one: words of its name and path, bases, calls, forms."""

    route: Route
    find: Callable[[], list[Piece]]

    @cached_property
    def pieces(self) -> list[Piece]:
        """What runs with the route; to find it takes long, so the cheap questions come first."""
        return self.find()

    @cached_property
    def name(self) -> set[str]:
        """The words of the handler's name."""
        return set(words(self.route.called.replace(".", "_")))

    @cached_property
    def said(self) -> set[str]:
        """The words of name and path, `log in` and `sign up` as one."""
        fixed = [part for part in self.route.path.split("/") if "{" not in part and "<" not in part]
        return _together(self.name | {word for part in fixed for word in words(part.replace("-", "_"))})

    @property
    def called(self) -> set[str]:
        """The words of the name and of the last part of the path that is fixed."""
        return _together(self.name | set(words(_last_word(self.route.path).replace("-", "_"))))

    @cached_property
    def calls(self) -> set[str]:
        """What the handler calls, and what it calls calls."""
        return _calls(self.route, self.pieces)

    @cached_property
    def spoken(self) -> dict[tuple[str, str], str]:
        """The calls that handle credentials, by the verb and the noun in their names."""
        return _spoken(self.calls)

    @cached_property
    def made_for_it(self) -> list[str]:
        """What is enough alone: a library's base class, a login form."""
        bases = vocabulary.BASES & _bases(self.route)
        found = [f"derived from {min(bases)}"] if bases else []
        found += ["takes a login form"] if _takes_form(self.route) else []
        basic = around.opens(self.route) and any(around.logs_in_by_basic(self.route, piece) for piece in self.pieces)
        return [*found, "asks for a password by HTTP Basic"] if basic else found

    @cached_property
    def strong(self) -> list[str]:
        """What is nearly enough alone."""
        calls = vocabulary.CALLS & self.calls or {name for name in self.calls if vocabulary.FORM_CALLS.fullmatch(name)}
        return [*self.made_for_it, f"calls {min(calls)}"] if calls else self.made_for_it

    @cached_property
    def checks(self) -> bool:
        """Whether the handler's own text checks a password, or logs somebody in."""
        if self.route.handler is None:
            return False
        return any(
            vocabulary.CALLS & around.called_names(Piece(where="body", source=one.source, node=one.node))
            for one in around.functions(self.route)
        )

    @property
    def posts(self) -> bool:
        """Whether it answers POST, by itself or with all else."""
        return "POST" in self.route.methods or self.route.methods == routing.ANY

    @property
    def registers(self) -> bool:
        """Whether it makes users: `POST /users`, with a password."""
        if not self.may_register:
            return False
        made = {("create", "user"), ("hash", "password")} & self.spoken.keys() or {"User", "Account", "register"} & self.calls
        return bool(made) or ("GET" not in self.route.methods and _speaks_of_passwords(self.pieces))

    @property
    def may_register(self) -> bool:
        """Whether it makes users, by its name and path; `add_user` may be an administrator's."""
        return self.creates or bool({"new", "add"} & self.name and {"user", "account"} & self.name)

    @property
    def creates(self) -> bool:
        """Whether it is called as most registrations are: `POST /users`, `create_account`."""
        by_path = _last_word(self.route.path) in vocabulary.USERS and "POST" in self.route.methods
        by_path = by_path or re.search(r"/accounts?/create/?$", self.route.path) is not None
        return by_path or ("create" in self.name and bool({"user", "account"} & self.name))

    @property
    def hints(self) -> bool:
        """Whether name or path speak of credentials at all."""
        spoken = self.said & (vocabulary.LOGIN | vocabulary.CREDENTIAL | vocabulary.OPENING | {"token", "auth", "confirmation"})
        return bool(spoken) or self.sends_codes or (self.posts and bool(self.called & vocabulary.ENTRANCES))

    @property
    def sends_codes(self) -> bool:
        """Whether it sends or takes one-time codes, by its name and path: `POST /sms/send` of `send_code`, `POST /auth/sms`."""
        sends = "send" in self.said and self.said & (vocabulary.ADDRESSES | {"otp"}) and self.said & vocabulary.CODES
        return bool(sends or ("sms" in self.said and self.said & ({"auth"} | vocabulary.VERIFYING)))

    @property
    def enters(self) -> bool:
        """Whether somebody comes in by what is called like a list: `POST /session`, `POST /users` of a `UserList`."""
        if not self.name & vocabulary.ENTERED or "POST" not in self.route.methods:
            return False
        return bool(self.checks or self.may_register or vocabulary.LETTING_IN & self.calls)

    @property
    def harmless(self) -> bool:
        """Whether name and path say that it is something else: a logout, a list, a device's registration."""
        kept = vocabulary.LOGIN | {"reset", "recover", "recovery", "forgot", "forgotten"}
        spoken = self.name & (vocabulary.NEVER - vocabulary.ENTERED if self.enters else vocabulary.NEVER)
        never = bool(spoken) and not (self.name & kept or self.takes_passwords)
        never = never or bool(self.name & vocabulary.RECORDS)
        other = bool(self.said & vocabulary.OTHERS) and not self.strong and not self.said & {"login", "signin", "signup"}
        return "redirect" in self.name or never or other

    @property
    def renders(self) -> bool:
        """Whether a Django function only shows a page: nothing that was sent is read by it."""
        handler = self.route.handler
        if self.route.framework != "django" or handler is None or not isinstance(handler.node, FunctionNode):
            return False
        parts = [part for piece in self.pieces if piece.where in ("body", "helper") for part in ast.walk(piece.node)]
        read = (getattr(part, "attr", "") or getattr(part, "id", "") for part in parts)
        handed_on = (
            secrets.spoken_name(part.func) not in vocabulary.SHOWING
            for part in parts
            if isinstance(part, ast.Call) and any(getattr(given, "id", "") == "request" for given in part.args)
        )
        return not any(handed_on) and not any(name in vocabulary.SENT or "form" in name.lower() for name in read)

    @property
    def sure(self) -> bool:
        """Whether name and path leave little doubt."""
        said = self.said
        if self.called & (vocabulary.STARTS | vocabulary.ENDED) or self.renders:
            return False
        mails = said & {"confirmation", "verification", "validation", "activation"} or {"request", "verify", "token"} <= said
        resends = (said & {"resend", "request"} and mails) or ("resend" in said and said & {"confirm", "email", "link"})
        resets = said & {"reset", "recover", "recovery"} and _speaks_of_passwords(self.pieces)
        return bool(
            self.called & (vocabulary.LOGIN | vocabulary.ENTERING)
            or {"create", "account"} <= self.name
            or {"request", "password"} <= self.name
            or (said & vocabulary.CREDENTIAL and said & (vocabulary.OPENING | {"token", "auth"}))
            or resends
            or resets
            or self.verifies
            or self.takes_passwords
            or self.sends_codes
        )

    @property
    def takes_passwords(self) -> bool:
        """Whether a password is sent to it to come in, or instead of a forgotten one: `POST /auth`, `/change_password/<code>`."""
        enters = self.called & vocabulary.ENTRANCES and self.posts and _speaks_of_passwords(self.pieces)
        changes = {"change", "password"} <= self.said and (vocabulary.BY_LINK.search(self.route.path) or self.is_open)
        return bool(enters or changes)

    @property
    def acts(self) -> bool:
        """Whether a GET does something all the same: sends a code again, takes a password, or lets in whoever has a link."""
        if "resend" in self.name:
            return True
        entrance = self.said & (vocabulary.LOGIN | {"magic", "autologin"})
        if self.said & vocabulary.LOGIN and _speaks_of(self.pieces, vocabulary.PASSWORDS) and not vocabulary.SHOWING & self.calls:
            return True
        if self.said & (vocabulary.SECONDARY | vocabulary.VERIFYING):
            return False
        if vocabulary.BY_LINK.search(self.route.path):
            return bool(entrance or vocabulary.LETTING_IN & self.calls)
        return bool(
            entrance and ("magic" in self.said or vocabulary.LETTING_IN & self.calls) and _speaks_of(self.pieces, {"token"})
        )

    @property
    def is_open(self) -> bool:
        """Whether the handler's own decorators say that anybody may call it: `@action(permission_classes=[AllowAny])`."""
        written = [node for piece in self.pieces if piece.where == "decorator" for node in ast.walk(piece.node)]
        return any(getattr(node, "id", getattr(node, "attr", "")) == "AllowAny" for node in written)

    @property
    def verifies(self) -> bool:
        """Whether it takes a code that was sent to somebody, by its own text: `request.data["otp"]` in `verify_email`."""
        codes = vocabulary.SENT_CODES | ({"code"} if self.said & vocabulary.ADDRESSES else set())
        return bool(self.called & vocabulary.VERIFYING) and _speaks_of(self.pieces, codes)


def of(route: Route, find: Callable[[], list[Piece]]) -> Endpoint | None:
    """Whether a route checks credentials, and why; find finds what runs with it."""
    if route.handler is None:
        return _of_library(route)
    signals = Signals(route=route, find=find)
    reasons = _reasons(signals) if _accepts(route) or signals.acts else []
    if not reasons:
        return None
    doubtful = not signals.said & {"login", "signin"} or reasons == ["by its name and path"]  # `oauth2_login` only starts one
    is_secondary = (
        signals.said & vocabulary.SECONDARY
        and doubtful
        and not vocabulary.CALLS & signals.calls
        and not signals.said & vocabulary.DIRECT
    )
    return Endpoint(reasons=tuple(reasons), tier="secondary" if is_secondary else "core")


def _reasons(signals: Signals) -> list[str]:
    """Why a route checks credentials; none where it does not."""
    if signals.harmless or not (signals.hints or signals.may_register or signals.made_for_it or signals.checks):
        return []
    if signals.strong and (signals.made_for_it or signals.checks or signals.hints or signals.registers):
        return signals.strong
    if signals.registers and signals.creates:
        return [vocabulary.CREATES]
    if signals.spoken and (signals.hints or signals.checks or signals.creates):
        return [f"calls {min(signals.spoken.values())}, and is called {signals.route.called}"]
    if signals.sure:
        return ["by its name and path"]
    return [vocabulary.ADDS] if signals.registers else []


def _of_library(route: Route) -> Endpoint | None:
    """A library's view or URLconf that is known to check credentials."""
    name = route.called.removesuffix(".as_view").rpartition(".")[2]
    if name in vocabulary.BASES or route.called in vocabulary.LIBRARIES or vocabulary.LIBRARY_VIEW.search(route.called):
        return Endpoint(reasons=(f"it is {route.called}",))
    return None


def _together(said: set[str]) -> set[str]:
    """Words, `log in` and `sign up` as one, and `otpvalidation` as two."""
    together = {"signin": {"sign", "in"}, "login": {"log", "in"}, "signup": {"sign", "up"}, "logon": {"iniciar", "sesion"}}
    said = said | {vocabulary.ABROAD[word] for word in said & vocabulary.ABROAD.keys()}
    glued = {part for word in said if (found := vocabulary.GLUED.fullmatch(word)) for part in found.groups()}
    glued |= {"login" for word in said if vocabulary.LOGGING_IN.fullmatch(word)}
    glued |= {part for word in said if vocabulary.LOST.fullmatch(word) for part in ("reset", "password")}
    return said | glued | {word for word, parts in together.items() if parts <= said}


def _speaks_of_passwords(pieces: list[Piece]) -> bool:
    """Whether the handler's own text has a password in it."""
    return any("password" in name for name in _own_names(pieces))


def _speaks_of(pieces: list[Piece], names: frozenset[str] | set[str]) -> bool:
    return any(name in names for name in _own_names(pieces))


def _own_names(pieces: list[Piece]) -> Iterator[str]:
    """The names and texts in the handler's own text."""
    for node in (node for piece in pieces if piece.where == "body" for node in ast.walk(piece.node)):
        said = getattr(node, "id", "") or getattr(node, "attr", "") or getattr(node, "arg", "")
        yield said or str(getattr(node, "value", ""))


def _spoken(calls: set[str]) -> dict[tuple[str, str], str]:
    """The calls that handle credentials, by the verb and the noun in their names."""
    found: dict[tuple[str, str], str] = {}
    for name in sorted(calls):
        written = words(name)
        split = set(written)
        if split & vocabulary.PLACES or {"add", "to"} <= split:  # add_user_to_project
            continue
        if written[:1] == ("login",) or written[-1:] == ("login",) or {"login", "user"} <= split:
            found.setdefault(("login", "login"), name)
        for verbs, nouns in vocabulary.SPOKEN_CALLS:
            if split & verbs and split & nouns:
                found.setdefault((min(split & verbs), min(split & nouns)), name)
    return found


def _last_word(path: str) -> str:
    return next((part for part in reversed(path.split("/")) if part and "{" not in part and "<" not in part), "")


def _accepts(route: Route) -> bool:
    """Whether a route accepts anything but GET; a GET alone shows a form, or follows a link."""
    return route.methods == routing.ANY or bool(set(route.methods) - {"GET", "DELETE"})


def _bases(route: Route) -> set[str]:
    if route.handler is None or not isinstance(route.handler.node, ast.ClassDef):
        return set()
    foreign = {base.rpartition(".")[2] for base in definitions.foreign_bases(route.handler)}
    return foreign | {cls.name for cls in definitions.lineage(route.handler)[1:]}


def _calls(route: Route, pieces: list[Piece]) -> set[str]:
    """What the handler calls, and what it calls calls."""
    running = [piece for piece in pieces if piece.where in ("body", "helper") and not _is_frame(route, piece)]
    helpers = {piece.name for piece in running if piece.where == "helper"}
    return {name for piece in running for name in around.called_names(piece)} | helpers


def _is_frame(route: Route, piece: Piece) -> bool:
    """Whether it is what all views of a project inherit, `dispatch`: that asks who is calling before any of them."""
    return (
        piece.name in vocabulary.FRAMES
        and piece.where == "body"
        and piece.source.enclosing(piece.node, ast.ClassDef) is not (route.handler.node if route.handler else None)
    )


def _takes_form(route: Route) -> bool:
    annotations = (part for function in around.functions(route) for part in around.parameters(function.node))
    names = {getattr(node, "id", getattr(node, "attr", "")) for part in annotations for node in ast.walk(part)}
    return bool(vocabulary.FORMS & names)
