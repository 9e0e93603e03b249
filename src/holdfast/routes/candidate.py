"""A route that may check credentials: the words of its name and path, the bases of its class, its calls and its text."""

from __future__ import annotations

import ast
import re
from functools import cached_property

from holdfast.code import definitions
from holdfast.code.scopes import FunctionNode
from holdfast.code.words import words
from holdfast.record import Record
from holdfast.routes import around, dependencies, handlers, routing, words as vocabulary
from holdfast.routes.routing import Piece
from holdfast.secrets import names as secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from holdfast.routes.routing import Route

SPELLED_APART = {"signin": {"sign", "in"}, "login": {"log", "in"}, "signup": {"sign", "up"}, "logon": {"iniciar", "sesion"}}


class Candidate(Record):
    """The subject of the signs in endpoints.py. find returns what runs with the route: it is slow, and called when needed."""

    route: Route
    find: Callable[[], list[Piece]]

    @cached_property
    def pieces(self) -> list[Piece]:
        """What runs with the route."""
        return self.find()

    # -- names and paths

    @cached_property
    def name(self) -> set[str]:
        """The words of the handler's name."""
        return set(words(self.route.called.replace(".", "_")))

    @cached_property
    def said(self) -> set[str]:
        """The words of the name and of the whole path, parameters left out."""
        fixed = [part for part in self.route.path.split("/") if "{" not in part and "<" not in part]
        return normalized(self.name | {word for part in fixed for word in words(part.replace("-", "_"))})

    @property
    def called(self) -> set[str]:
        """The words of the name and of the last fixed part of the path."""
        return normalized(self.name | set(words(_last_part(self.route.path).replace("-", "_"))))

    @property
    def has_post(self) -> bool:
        """Whether the route answers POST, or every method."""
        return "POST" in self.route.methods or self.route.methods == routing.ANY

    @property
    def is_get_only(self) -> bool:
        """Whether the route answers GET or DELETE only."""
        return self.route.methods != routing.ANY and not set(self.route.methods) - {"GET", "DELETE"}

    @property
    def has_credential_words(self) -> bool:
        """Whether the name or the path speaks of credentials."""
        spoken = self.said & (vocabulary.LOGIN | vocabulary.CREDENTIAL | vocabulary.OPENING | {"token", "auth", "confirmation"})
        return bool(spoken) or self.has_code_words or (self.has_post and bool(self.called & vocabulary.ENTRANCES))

    @property
    def has_code_words(self) -> bool:
        """Whether the name or the path says that it sends or takes one-time codes: `POST /sms/send`, `POST /auth/sms`."""
        sends = "send" in self.said and self.said & (vocabulary.ADDRESSES | {"otp"}) and self.said & vocabulary.CODES
        return bool(sends or ("sms" in self.said and self.said & ({"auth"} | vocabulary.VERIFYING)))

    @property
    def has_registration_name(self) -> bool:
        """Whether the route is named as registrations are: `POST /users`, `create_account`."""
        by_path = _last_part(self.route.path) in vocabulary.USERS and "POST" in self.route.methods
        by_path = by_path or re.search(r"/accounts?/create/?$", self.route.path) is not None
        return by_path or ("create" in self.name and bool({"user", "account"} & self.name))

    @property
    def has_user_creation_name(self) -> bool:
        """Whether the name says that it creates users: as a registration, or as `add_user`, which may be an administrator's."""
        return self.has_registration_name or bool({"new", "add"} & self.name and {"user", "account"} & self.name)

    # -- code

    @cached_property
    def bases(self) -> set[str]:
        """The names of the base classes of the handler, direct or not."""
        if self.route.handler is None or not isinstance(self.route.handler.node, ast.ClassDef):
            return set()
        foreign = {base.rpartition(".")[2] for base in definitions.foreign_bases(self.route.handler)}
        return foreign | {cls.name for cls in definitions.lineage(self.route.handler)[1:]}

    @cached_property
    def annotations(self) -> set[str]:
        """The names in the annotations and defaults of the handler's parameters."""
        written = (part for function in handlers.functions(self.route) for part in dependencies.parameters(function.node))
        return {getattr(node, "id", getattr(node, "attr", "")) for part in written for node in ast.walk(part)}

    @cached_property
    def is_basic_login(self) -> bool:
        """Whether the route hands out a session or a token and asks for a password by HTTP Basic."""
        return around.is_entrance(self.route) and any(around.is_basic_login(self.route, piece) for piece in self.pieces)

    @cached_property
    def calls(self) -> set[str]:
        """The names of the functions that the handler calls, and of those that these call."""
        running = [piece for piece in self.pieces if piece.where in ("body", "helper") and not self._is_inherited_frame(piece)]
        helpers = {piece.name for piece in running if piece.where == "helper"}
        return {name for piece in running for name in handlers.called_names(piece)} | helpers

    def _is_inherited_frame(self, piece: Piece) -> bool:
        """Return whether a function is an inherited `dispatch` or the like, which checks the caller before every view."""
        own = self.route.handler.node if self.route.handler else None
        is_frame = piece.where == "body" and piece.name in vocabulary.FRAMES
        return is_frame and piece.source.enclosing(piece.node, ast.ClassDef) is not own

    @cached_property
    def checking_calls(self) -> set[str]:
        """The called functions and forms that check credentials: `authenticate`, `LoginForm`."""
        return self.calls & vocabulary.CALLS or {name for name in self.calls if vocabulary.FORM_CALLS.fullmatch(name)}

    @cached_property
    def credential_calls(self) -> dict[tuple[str, str], str]:
        """The called functions whose name has a verb and a noun of credentials, by these: `reset_password`."""
        return _credential_calls(self.calls)

    @cached_property
    def has_own_check(self) -> bool:
        """Whether the handler itself, not a helper, calls a function that checks credentials."""
        if self.route.handler is None:
            return False
        return any(
            vocabulary.CALLS & handlers.called_names(Piece(where="body", source=one.source, node=one.node))
            for one in handlers.functions(self.route)
        )

    @property
    def is_user_creation(self) -> bool:
        """Whether the route creates users with a password."""
        if not self.has_user_creation_name:
            return False
        made = {("create", "user"), ("hash", "password")} & self.credential_calls.keys()
        return bool(made or {"User", "Account", "register"} & self.calls) or ("GET" not in self.route.methods and self.has_password)

    @property
    def has_password(self) -> bool:
        """Whether the handler's own text contains a password."""
        return any("password" in name for name in self._own_names())

    def has_name(self, names: frozenset[str] | set[str]) -> bool:
        """Return whether one of these names or texts is in the handler's own text."""
        return any(name in names for name in self._own_names())

    def _own_names(self) -> Iterator[str]:
        for node in (node for piece in self.pieces if piece.where == "body" for node in ast.walk(piece.node)):
            said = getattr(node, "id", "") or getattr(node, "attr", "") or getattr(node, "arg", "")
            yield said or str(getattr(node, "value", ""))

    @property
    def is_open(self) -> bool:
        """Whether a decorator of the handler lets everybody in: `@action(permission_classes=[AllowAny])`."""
        written = [node for piece in self.pieces if piece.where == "decorator" for node in ast.walk(piece.node)]
        return any(getattr(node, "id", getattr(node, "attr", "")) == "AllowAny" for node in written)

    @property
    def is_page_only(self) -> bool:
        """Whether a Django function only shows a page: it reads nothing of what was sent, and hands the request to nobody."""
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

    # -- names and code together

    @property
    def takes_password(self) -> bool:
        """Whether a password is sent to log in, or to replace a forgotten one: `POST /auth`, `/change_password/<code>`."""
        enters = self.called & vocabulary.ENTRANCES and self.has_post and self.has_password
        changes = {"change", "password"} <= self.said and (vocabulary.BY_LINK.search(self.route.path) or self.is_open)
        return bool(enters or changes)

    @property
    def is_entered(self) -> bool:
        """Whether a route with the name of a list lets callers in: `POST /session`, `POST /users` of a `UserList`."""
        if not self.name & vocabulary.ENTERED or "POST" not in self.route.methods:
            return False
        return bool(self.has_own_check or self.has_user_creation_name or vocabulary.LOGIN_CALLS & self.calls)

    @property
    def is_acting_get(self) -> bool:
        """Whether a GET sends a code again, takes a password, or lets in a caller who has a link."""
        if "resend" in self.name:
            return True
        entrance = self.said & (vocabulary.LOGIN | {"magic", "autologin"})
        if self.said & vocabulary.LOGIN and self.has_name(vocabulary.PASSWORDS) and not vocabulary.SHOWING & self.calls:
            return True
        if self.said & (vocabulary.SECONDARY | vocabulary.VERIFYING):
            return False
        if vocabulary.BY_LINK.search(self.route.path):
            return bool(entrance or vocabulary.LOGIN_CALLS & self.calls)
        return bool(entrance and ("magic" in self.said or vocabulary.LOGIN_CALLS & self.calls) and self.has_name({"token"}))


def normalized(said: set[str]) -> set[str]:
    """Return words in one form: `log in` as login, `otpvalidation` as two words, Spanish and Portuguese in English."""
    said = said | {vocabulary.ABROAD[word] for word in said & vocabulary.ABROAD.keys()}
    glued = {part for word in said if (found := vocabulary.GLUED.fullmatch(word)) for part in found.groups()}
    glued |= {"login" for word in said if vocabulary.LOGGING_IN.fullmatch(word)}
    glued |= {part for word in said if vocabulary.LOST.fullmatch(word) for part in ("reset", "password")}
    return said | glued | {word for word, parts in SPELLED_APART.items() if parts <= said}


def _last_part(path: str) -> str:
    """Return the last part of a path that is not a parameter."""
    return next((part for part in reversed(path.split("/")) if part and "{" not in part and "<" not in part), "")


def _credential_calls(calls: set[str]) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for name in sorted(calls):
        written = words(name)
        split = set(written)
        if split & vocabulary.PLACES or {"add", "to"} <= split:  # add_user_to_project
            continue
        if written[:1] == ("login",) or written[-1:] == ("login",) or {"login", "user"} <= split:
            found.setdefault(("login", "login"), name)
        for verbs, nouns in vocabulary.CREDENTIAL_CALLS:
            if split & verbs and split & nouns:
                found.setdefault((min(split & verbs), min(split & nouns)), name)
    return found
