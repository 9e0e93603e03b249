"""What lets only known callers in: guards by their names, by the library they come from, and by what their body refuses."""

from __future__ import annotations

import ast
import re

from holdfast.code import definitions
from holdfast.code.definitions import Definition
from holdfast.code.scopes import FunctionNode
from holdfast.code.words import words, wordset
from holdfast.record import Record
from holdfast.routes import around, routing
from holdfast.routes.frameworks import litestar
from holdfast.routes.routing import Piece
from holdfast.secrets import names as secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.code.project import Project
    from holdfast.code.source import Source
    from holdfast.routes.routing import Route

NAMES = re.compile(
    r"login_?required|logged_?in|auth(entication|orization)?_?(required|only)|require[sd]?_?(auth|login|user(?!_?agent)|admin|role|perm|scope|token|signin|jwt)"
    r"|(jwt|token|admin|administrator|moderator|owner|manager|role|roles|permission|permissions|perm|user|staff|member|superuser|api_?key|scope|scopes|session)s?_?required"
    r"|require[sd]?_\w+_(auth|login|user|admin|role|perm|permission|scope|token|session)$|permission_required|user_passes_test|staff_member_required|requires_|protected|secured|must_be|ensure_(auth|login|user)"
    r"|(get_)?current_(active_)?(super_?)?user|get_(login|logged_?in|admin|authed|active|super)_?user|get_user_or|verify_(token|jwt|api_?key|user|access|session|auth)|validate_(token|api_?key)"
    r"|check_(auth|token|permission|perm|api_?key|login(?!_ip)|user|access|session_?valid)|authenticated|authorize|is_admin|has_perm|can_access|fresh_login"
    r"|^requires$|auth_?(dep|verifier)|authenticator|permission_?(dep|check)|authenticated_user|IsAuthenticated|LoginRequired|PermissionRequired|UserPassesTest|AccessMixin|StaffRequired|SuperUser",
    re.IGNORECASE,
)
OPTIONAL = re.compile(
    r"optional|or_none|maybe|allow_?any|anon(ymous)?(?=_|[A-Z]|$)|(un|not_?)banned|if_logged_in|if_authenticated|guest|csrf|xsrf|try_|not_required|\bno_|unauthenticated|unauthorized|logout_required|totp_user|magic_|pre_?auth|OrCreate|CreateOnly|_not_|not_?(logged|auth)|logged_?out",
    re.IGNORECASE,
)
SECURITY_SCHEMES = re.compile(
    r"^fastapi\.security\.(?!utils|OAuth2PasswordRequestForm|OAuth2PasswordRequestFormStrict|HTTPBasic$)|fastapi_users"
)
BY_PLACE = re.compile(r"(?i)(^|_)ip(_|$)")
OPENING = re.compile(
    r"^(open|no|skip|without|un)_?auth|auth\w*_(abandoned|exempt|not_required|optional|skipped)$|^allow_anonymous$"
)
OPENED = re.compile(
    r"(dj_rest_auth|rest_auth)\.\S+\.(Login|Register|PasswordReset\w*|VerifyEmail|ResendEmail\w*)View$"
    r"|rest_framework_jwt\.views\.\w*JSONWebToken\w*$"
)
OPEN_PERMISSIONS = frozenset({"AllowAny"})
REFUSALS = re.compile(
    r"401|403|UNAUTHORIZED|FORBIDDEN|Unauthorized|Forbidden|PermissionDenied|NotAuthenticated|NotAuthorized|AuthenticationFailed|AccessDenied|Unauthenticated|NoAuthorization|InvalidToken|CredentialsException"
)
# What a refusal that asks who is calling speaks of.
CALLERS = wordset(
    "user users session sessions token jwt authorization apikey permission permissions perm perms role roles scope "
    "scopes signature secret password owner member admin staff subject principal identity account login key bearer"
)
KEYS = re.compile(r"key|token|auth|secret|session|jwt|signature|cookie|password", re.IGNORECASE)
TAKING = frozenset({"post", "put", "patch"})
ANSWER = re.compile(r"\b(401|403)\b|UNAUTHORIZED|FORBIDDEN|HttpResponseForbidden")
SIGNED = re.compile(r"(verify|check|validate)_?\w*(signature|state|sign)\b|unsign", re.IGNORECASE)


class Guard(Record):
    """What guards a route: in words, and where that stands."""

    what: str
    source: Source
    node: ast.AST


class Facts:
    """The settings of a project: DRF's default permissions, and middleware that asks for a login everywhere."""

    def __init__(self, project: Project) -> None:
        self.drf: Guard | None = None
        self.middleware: list[Guard] = []
        for source in project.mentioning(b"default_permission_classes", b"middleware"):
            if not source.is_test and definitions.is_readable(source):
                self._read(source)

    def _read(self, source: Source) -> None:
        for table in source.nodes(ast.Dict):
            keys = [key.value if isinstance(key, ast.Constant) else None for key in table.keys]
            if "DEFAULT_PERMISSION_CLASSES" in keys:
                classes = table.values[keys.index("DEFAULT_PERMISSION_CLASSES")]
                names = [definitions.text(source, part).rpartition(".")[2] for part in getattr(classes, "elts", ())]
                if _keeps_out(names):
                    self.drf = Guard(what=", ".join(names), source=source, node=classes)
        for constant in source.nodes(ast.Constant):
            value = constant.value
            if isinstance(value, str) and "." in value and re.search(r"(LoginRequired|RequireLogin|AuthRequired)\w*$", value):
                self.middleware.append(Guard(what=value.rpartition(".")[2], source=source, node=constant))


def is_guard_name(name: str) -> bool:
    """Whether a name speaks of letting only known callers in."""
    return bool(NAMES.search(name)) and not OPTIONAL.search(name)


def declared(route: Route, pieces: list[Piece], facts: Facts) -> Guard | None:
    """The guard among the decorators, dependencies, routers, hooks and classes of a route; not in bodies."""
    chosen = next((piece for piece in pieces if piece.where == "decorator" and _action_permissions(piece) is not None), None)
    if chosen:
        return _of_action(chosen)
    partial = _partial(route, pieces)
    opened = any(piece.where == "decorator" and OPENING.search(piece.name) for piece in pieces)
    for piece in pieces if not opened else ():
        stands = piece.node not in partial and not around.logs_in_by_basic(route, piece)
        found = _of_piece(piece) if stands else None
        if found:
            return found
    return facts.drf if route.framework == "drf" and facts.drf and not _permits(route, pieces) else None


def _action_permissions(piece: Piece) -> ast.expr | None:
    """What `@action(permission_classes=[...])` says, which replaces what the class says."""
    is_action = piece.name in ("action", "list_route", "detail_route") and isinstance(piece.node, ast.Call)
    return routing.argument(piece.node, "permission_classes") if is_action and isinstance(piece.node, ast.Call) else None


def _of_action(piece: Piece) -> Guard | None:
    names = [piece.source.show(part).rpartition(".")[2] for part in getattr(_action_permissions(piece), "elts", ())]
    return Guard(what=", ".join(names), source=piece.source, node=piece.node) if names and _keeps_out(names) else None


def _partial(route: Route, pieces: list[Piece]) -> set[ast.AST]:
    """The decorators on methods of a class of which one that takes data has no guard: `get` is guarded, `post` is the login."""
    marks = {
        function.name: {node for decorator in getattr(function.node, "decorator_list", ()) for node in ast.walk(decorator)}
        for function in around.functions(route)
        if route.handler and isinstance(route.handler.node, ast.ClassDef) and function.name in routing.HTTP_METHODS
    }
    guarding = {piece.node for piece in pieces if piece.where == "decorator" and _of_piece(piece)}
    open_ones = [name for name, nodes in marks.items() if name in TAKING and not nodes & guarding]
    return {node for nodes in marks.values() for node in nodes} if open_ones else set()


def found(route: Route, pieces: list[Piece], facts: Facts) -> Guard | None:
    """Whatever lets only known callers in: what is declared, middleware and hooks of the application, or code that refuses."""
    known = declared(route, pieces, facts)
    if known:
        return known
    if route.framework in ("django", "drf") and facts.middleware:
        return facts.middleware[0]
    for piece in pieces:
        definition = Definition(source=piece.source, node=piece.node)
        if piece.where == "middleware" and isinstance(piece.node, ast.Call) and litestar.authenticates(piece.source, piece.node):
            return Guard(what="Litestar's authentication", source=piece.source, node=piece.node)
        if (
            piece.where in ("hook", "middleware")
            and isinstance(piece.node, FunctionNode | ast.ClassDef)
            and _turns_away(definition)
        ):
            return Guard(what=piece.name, source=piece.source, node=piece.node)
        if piece.where in ("body", "helper") and (
            (_refuses(definition) and _asks_who(definition)) or (piece.where == "helper" and SIGNED.search(piece.name))
        ):
            return Guard(what=f"{piece.name} refuses", source=piece.source, node=piece.node)
    return None


@definitions.remembered
def _turns_away(hook: Definition) -> bool:
    """Whether a hook or middleware refuses, or sends unknown callers to a login page."""
    return (
        is_guard_name(hook.name)
        or (_refuses(hook) and _asks_who(hook))
        or any(isinstance(part, ast.Return) and "login" in hook.source.show(part, secret=False) for part in ast.walk(hook.node))
    )


@definitions.remembered
def _asks_who(function: Definition) -> bool:
    """Whether a function speaks of callers at all; one that only counts addresses or looks at a switch does not."""
    raised = {part.exc for part in ast.walk(function.node) if isinstance(part, ast.Raise)}  # PermissionDenied asks nobody
    named = {part.func for part in raised if isinstance(part, ast.Call)} | raised
    asking = (part for part in ast.walk(function.node) if part not in named)
    names = (getattr(part, "id", None) or getattr(part, "attr", None) or getattr(part, "arg", None) for part in asking)
    return any(CALLERS & set(words(name)) for name in names if isinstance(name, str))


def _permits(route: Route, pieces: list[Piece]) -> bool:
    """Whether a view names permissions of its own, which replace the default ones."""
    if any(piece.where == "decorator" and piece.name == "permission_classes" for piece in pieces):
        return True
    cls = route.handler if route.handler and isinstance(route.handler.node, ast.ClassDef) else None
    chosen = definitions.member(cls, "get_permissions") if cls else None
    falls_back = chosen and "super().get_permissions" in "\n".join(
        chosen.source.lines[chosen.line - 1 : getattr(chosen.node, "end_lineno", 0)]
    )
    named = cls and (definitions.member(cls, "permission_classes") or (chosen and not falls_back))
    library = {"TokenObtainPairView", "TokenRefreshView", "ObtainAuthToken", "TokenViewBase"}
    bases = definitions.foreign_bases(cls) if cls else []
    opened = any(base.rpartition(".")[2] in library or OPENED.match(base) for base in bases)
    return bool(named) or cls is None or opened


def _of_piece(piece: Piece) -> Guard | None:
    source, node = piece.source, piece.node
    if piece.where == "decorator":
        if piece.name == "permission_classes" and isinstance(node, ast.Call):
            listed = getattr(node.args[0], "elts", ()) if node.args else ()
            names = [source.show(part).rpartition(".")[2] for part in listed if not _asks_nobody(source, part)]
            return Guard(what=", ".join(names), source=source, node=node) if _keeps_out(names) else None
        callee = node.func if isinstance(node, ast.Call) else node
        by_owner = isinstance(callee, ast.Attribute) and source.show(callee.value).rpartition(".")[2] in ("access", "acl")
        # apifairy's @authenticate(auth); who sends a password with the request logs in there
        by_scheme = piece.name == "authenticate" and isinstance(node, ast.Call) and "basic" not in source.show(node).lower()
        if isinstance(node, ast.Call | ast.Name | ast.Attribute) and (is_guard_name(piece.name) or by_owner or by_scheme):
            return Guard(what=piece.name, source=source, node=node)
        found = definitions.resolve(source, node.func if isinstance(node, ast.Call) else node)
        refuses = found and isinstance(found.node, FunctionNode) and _refuses(found) and _asks_who(found)
        if found and refuses and not OPTIONAL.search(found.name):
            return Guard(what=found.name, source=found.source, node=found.node)
    if piece.where == "dependency":
        return _dependency(piece)
    if piece.where == "router":
        return _router(piece)
    if piece.where == "hook" and isinstance(node, FunctionNode) and _is_guarding_hook(Definition(source=source, node=node)):
        return Guard(what=piece.name, source=source, node=node)
    if piece.where == "class":
        return _class(Definition(source=source, node=node))
    return None


def _keeps_out(permissions: list[str]) -> bool:
    """Whether permission classes keep unknown callers out; `AnonOnly` and `NotBanned` do not."""
    return not OPEN_PERMISSIONS & set(permissions) and not all(OPTIONAL.search(name) for name in permissions)


def _lets_all_in(source: Source, permission: ast.expr) -> bool:
    """Whether a project's own permission class speaks of AllowAny: then it depends on the action who is let in."""
    found = definitions.resolve(source, permission)
    nodes = ast.walk(found.node) if found and isinstance(found.node, ast.ClassDef) else ()
    return any(getattr(node, "id", getattr(node, "attr", "")) in OPEN_PERMISSIONS for node in nodes)


def _asks_nobody(source: Source, permission: ast.expr) -> bool:
    """Whether a project's own permission class looks at something else than who is calling: a switch, an address."""
    found = definitions.resolve(source, permission)
    if found is None or not isinstance(found.node, ast.ClassDef) or is_guard_name(found.name):
        return False
    asked = definitions.own_member(found, "has_permission")
    texts = (str(part.value) for part in ast.walk(found.node) if isinstance(part, ast.Constant))
    return asked is not None and not _asks_who(asked) and not any(CALLERS & set(words(text)) for text in texts)


def _is_guarding_hook(hook: Definition) -> bool:
    """Whether a blueprint's hook refuses every unknown caller; one that looks at the endpoint leaves some alone."""
    named = is_guard_name(hook.name) or "before" in hook.name
    return (
        named
        and _refuses(hook)
        and not any(getattr(part, "attr", "") in ("endpoint", "path", "blueprint") for part in ast.walk(hook.node))
    )


def _dependency(piece: Piece) -> Guard | None:
    source, node = piece.source, piece.node
    if isinstance(node, ast.Call) and litestar.authenticates(source, node):
        return Guard(what="Litestar's authentication", source=source, node=node)
    if isinstance(node, ast.Call):
        qualname = source.qualname(node.func) or ""
        silent, header = routing.argument(node, "auto_error"), definitions.text(source, routing.argument(node, "name"))
        plain = "APIKey" in qualname and header and not KEYS.search(header)  # APIKeyHeader(name="X-Client-Type")
        if (
            SECURITY_SCHEMES.search(qualname)
            and not plain
            and not qualname.endswith(".HTTPBasic")
            and not (isinstance(silent, ast.Constant) and silent.value is False)
        ):
            return Guard(what=qualname.rpartition(".")[2], source=source, node=node)
    if OPTIONAL.search(piece.name):
        return None
    if is_guard_name(piece.name):
        return Guard(what=piece.name, source=source, node=node)
    return Guard(what=piece.name, source=source, node=node) if _refuses_as_dependency(piece) else None


def _refuses_as_dependency(piece: Piece) -> bool:
    """Whether a dependency refuses callers; of a class what FastAPI calls counts: a service refuses when it is used."""
    definition = Definition(source=piece.source, node=piece.node)
    if isinstance(piece.node, ast.ClassDef):
        return any(_refuses(found) for name in ("__call__", "__init__") if (found := definitions.member(definition, name)))
    by_address = BY_PLACE.search(piece.name) and not _asks_who(definition)
    return isinstance(piece.node, FunctionNode) and _refuses(definition) and not by_address


def _router(piece: Piece) -> Guard | None:
    """`login_required(View.as_view())` in a URLconf, or `decorate_urlpatterns(urlpatterns, login_required)`."""
    node = piece.node
    named = [piece.name, *(secrets.spoken_name(given) for given in node.args)] if isinstance(node, ast.Call) else []
    guard = next((name for name in named if is_guard_name(name)), "")
    return Guard(what=guard, source=piece.source, node=node) if guard else None


def _class(cls: Definition) -> Guard | None:
    for name in ("permission_classes", "permissions", "required_permissions", "permission_required"):
        own = definitions.own_member(cls, name)
        listed = getattr(own.node, "elts", None) if own else None
        if own and listed:
            names = [own.source.show(part).rpartition(".")[2] for part in listed if not _asks_nobody(own.source, part)]
            is_open = not _keeps_out(names) or any(_lets_all_in(own.source, part) for part in listed)
            return None if is_open else Guard(what=", ".join(names), source=own.source, node=own.node)
        if own and name == "permission_required":
            return Guard(what=name, source=own.source, node=own.node)
    for base in getattr(cls.node, "bases", ()):
        name = cls.source.show(base).rpartition(".")[2]
        if is_guard_name(name):
            return Guard(what=name, source=cls.source, node=base)
    return None


@definitions.remembered
def _refuses(definition: Definition) -> bool:
    """Whether a function or class refuses callers: raises 401, 403 or the like."""
    for part in ast.walk(definition.node):
        if isinstance(part, ast.Raise) and part.exc is not None:
            if REFUSALS.search(definition.source.show(part.exc, secret=False)):
                return True
            raised = part.exc
            if isinstance(raised, ast.Name):
                bound = definitions.resolve(definition.source, raised)
                if bound and isinstance(bound.node, ast.Call) and REFUSALS.search(bound.source.show(bound.node, secret=False)):
                    return True
        if isinstance(part, ast.Return) and part.value is not None and ANSWER.search(definition.source.show(part, secret=False)):
            return True
        if isinstance(part, ast.Call):
            called = secrets.spoken_name(part.func)
            if called == "abort" and part.args and REFUSALS.search(definition.source.show(part.args[0])):
                return True
            if called in ("HttpResponseForbidden", "unauthorized", "redirect_to_login"):
                return True
    return False
