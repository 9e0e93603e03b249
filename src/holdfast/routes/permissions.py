"""Permission classes of Django REST framework, and settings that guard every view."""

from __future__ import annotations

import ast
import re

from holdfast.code import definitions
from holdfast.code.definitions import Located
from holdfast.routes import refusing, routing
from holdfast.routes.controls import Control

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdfast.code.source import ProjectLike, Source
    from holdfast.routes.routing import Piece, Route

ALLOW_ANY = frozenset({"AllowAny"})
LISTS = ("permission_classes", "permissions", "required_permissions", "permission_required")
ACTIONS = ("action", "list_route", "detail_route")
LOGIN_MIDDLEWARE = re.compile(r"(LoginRequired|RequireLogin|AuthRequired)\w*$")
# Views of libraries that let unknown callers in, whatever the default permissions are.
OPEN_VIEWS = frozenset({"TokenObtainPairView", "TokenRefreshView", "ObtainAuthToken", "TokenViewBase"})
OPEN_LIBRARIES = re.compile(
    r"(dj_rest_auth|rest_auth)\.\S+\.(Login|Register|PasswordReset\w*|VerifyEmail|ResendEmail\w*)View$"
    r"|rest_framework_jwt\.views\.\w*JSONWebToken\w*$"
)


class Settings:
    """What the settings of a project guard: DRF's default permissions, and middleware that requires a login everywhere."""

    def __init__(self, project: ProjectLike) -> None:
        self.drf: Control | None = None
        self.middleware: list[Control] = []
        for source in project.mentioning(b"default_permission_classes", b"middleware"):
            if not source.is_test and definitions.is_readable(source):
                self._read(source)

    def _read(self, source: Source) -> None:
        for table in source.nodes(ast.Dict):
            classes = definitions.entry(table, "DEFAULT_PERMISSION_CLASSES")
            if classes is not None:
                names = [definitions.text(source, part).rpartition(".")[2] for part in getattr(classes, "elts", ())]
                if is_closed(names):
                    self.drf = Control(what=", ".join(names), source=source, node=classes)
        for constant in source.nodes(ast.Constant):
            value = constant.value
            if isinstance(value, str) and "." in value and LOGIN_MIDDLEWARE.search(value):
                self.middleware.append(Control(what=value.rpartition(".")[2], source=source, node=constant))


def is_closed(permissions: Iterable[str]) -> bool:
    """Return whether permission classes keep unknown callers out; `AllowAny`, `AnonOnly` and `NotBanned` do not."""
    names = set(permissions)
    return not ALLOW_ANY & names and not all(refusing.OPTIONAL.search(name) for name in names)


def listed(source: Source, node: ast.AST, parts: Iterable[ast.expr]) -> Control:
    """Return a list of permission classes as a control, without those that check something else than the caller."""
    names = [source.show(part).rpartition(".")[2] for part in parts if not _is_other_check(source, part)]
    return Control(what=", ".join(names), source=source, node=node, classes=frozenset(names))


def of_action(piece: Piece) -> Control | None:
    """Return the permissions in `@action(permission_classes=[...])`, which replace those of the class."""
    is_action = piece.where == "decorator" and piece.name in ACTIONS and isinstance(piece.node, ast.Call)
    given = routing.argument(piece.node, "permission_classes") if is_action and isinstance(piece.node, ast.Call) else None
    if given is None:
        return None
    names = [piece.source.show(part).rpartition(".")[2] for part in getattr(given, "elts", ())]
    return Control(what=", ".join(names), source=piece.source, node=piece.node, classes=frozenset(names))


def of_class(cls: Located) -> Control | None:
    """Return the permissions that a class lists itself; with AllowAny among them where a class of the project speaks of it."""
    for name in LISTS:
        own = definitions.own_member(cls, name)
        parts = getattr(own.node, "elts", None) if own else None
        if own and parts:
            found = listed(own.source, own.node, parts)
            is_open = any(_has_allow_any(own.source, part) for part in parts)
            return found.replace(classes=(found.classes or frozenset()) | ALLOW_ANY) if is_open else found
        if own and name == "permission_required":
            return Control(what=name, source=own.source, node=own.node)
    return None


def has_own(route: Route, pieces: list[Piece]) -> bool:
    """Return whether a view has permissions of its own, which replace the default ones."""
    if any(piece.where == "decorator" and piece.name == "permission_classes" for piece in pieces):
        return True
    cls = route.handler if route.handler and isinstance(route.handler.node, ast.ClassDef) else None
    if cls is None:
        return True
    chosen = definitions.member(cls, "get_permissions")
    is_chosen = chosen is not None and not _has_text(chosen, "super().get_permissions")
    bases = definitions.foreign_bases(cls)
    is_open = any(base.rpartition(".")[2] in OPEN_VIEWS or OPEN_LIBRARIES.match(base) for base in bases)
    return bool(definitions.member(cls, "permission_classes")) or is_chosen or is_open


def _has_text(function: Located, text: str) -> bool:
    return text in "\n".join(function.source.lines[function.line - 1 : getattr(function.node, "end_lineno", 0)])


def _has_allow_any(source: Source, permission: ast.expr) -> bool:
    """Return whether a permission class of the project speaks of AllowAny: then it lets unknown callers in for some actions."""
    found = definitions.resolve(source, permission)
    nodes = ast.walk(found.node) if found and isinstance(found.node, ast.ClassDef) else ()
    return any(getattr(node, "id", getattr(node, "attr", "")) in ALLOW_ANY for node in nodes)


def _is_other_check(source: Source, permission: ast.expr) -> bool:
    """Return whether a permission class of the project checks something else than the caller: a switch, an address."""
    found = definitions.resolve(source, permission)
    if found is None or not isinstance(found.node, ast.ClassDef) or refusing.is_guard_name(found.name):
        return False
    check = definitions.own_member(found, "has_permission")
    texts = (str(part.value) for part in ast.walk(found.node) if isinstance(part, ast.Constant))
    return check is not None and not refusing.is_checking_caller(check) and not any(map(refusing.is_about_callers, texts))
