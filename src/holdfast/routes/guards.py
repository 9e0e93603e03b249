"""What lets only known callers reach a route: the signs by where they are found, and the reasons why a guard does not count."""

from __future__ import annotations

import ast
import re
from itertools import chain

from holdfast.code import definitions
from holdfast.code.definitions import Definition
from holdfast.code.scopes import FunctionNode
from holdfast.routes import around, handlers, permissions, refusing, routing
from holdfast.routes.controls import Control, Subject, read
from holdfast.routes.frameworks import litestar
from holdfast.rule import HARD, SOFT, STRUCTURE, WORDS, Sign, Silencer
from holdfast.secrets import names as secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.routes.permissions import Settings
    from holdfast.routes.routing import Piece, Route

SECURITY_SCHEMES = re.compile(
    r"^fastapi\.security\.(?!utils|OAuth2PasswordRequestForm|OAuth2PasswordRequestFormStrict|HTTPBasic$)|fastapi_users"
)
KEYS = re.compile(r"key|token|auth|secret|session|jwt|signature|cookie|password", re.IGNORECASE)
BY_ADDRESS = re.compile(r"(?i)(^|_)ip(_|$)")
OPENING = re.compile(
    r"^(open|no|skip|without|un)_?auth|auth\w*_(abandoned|exempt|not_required|optional|skipped)$|^allow_anonymous$"
)
SIGNED = re.compile(r"(verify|check|validate)_?\w*(signature|state|sign)\b|unsign", re.IGNORECASE)
TAKING = frozenset({"post", "put", "patch"})
PATHS = ("endpoint", "path", "blueprint")


def _whole(subject: Subject, what: str = "") -> Control:
    """Return the piece itself as a control."""
    piece = subject.piece
    return Control(what=what or piece.name, source=piece.source, node=piece.node)


def _definition(subject: Subject) -> Definition:
    return Definition(source=subject.piece.source, node=subject.piece.node)


def _is_function(subject: Subject) -> bool:
    return isinstance(subject.piece.node, FunctionNode)


# -- signs of decorators


def _action_permissions(subject: Subject) -> Control | None:
    return permissions.of_action(subject.piece)


def _listed_permissions(subject: Subject) -> Control | None:
    """`@permission_classes([IsAuthenticated])`."""
    source, node = subject.piece.source, subject.piece.node
    if subject.piece.name != "permission_classes" or not isinstance(node, ast.Call):
        return None
    return permissions.listed(source, node, getattr(node.args[0], "elts", ()) if node.args else ())


def _named_decorator(subject: Subject) -> Control | None:
    """`@login_required`."""
    is_plain = isinstance(subject.piece.node, ast.Call | ast.Name | ast.Attribute)
    return _whole(subject) if is_plain and refusing.NAMES.search(subject.piece.name) else None


def _access_object(subject: Subject) -> Control | None:
    """`@acl.editors`."""
    node = subject.piece.node
    callee = node.func if isinstance(node, ast.Call) else node
    owner = subject.piece.source.show(callee.value).rpartition(".")[2] if isinstance(callee, ast.Attribute) else ""
    return _whole(subject) if owner in ("access", "acl") else None


def _scheme_decorator(subject: Subject) -> Control | None:
    """`@authenticate(auth)` of apifairy; HTTP Basic is a login there."""
    node = subject.piece.node
    is_scheme = subject.piece.name == "authenticate" and isinstance(node, ast.Call)
    return _whole(subject) if is_scheme and "basic" not in subject.piece.source.show(node).lower() else None


def _refusing_decorator(subject: Subject) -> Control | None:
    """A decorator of the project whose code refuses."""
    node = subject.piece.node
    found = definitions.resolve(subject.piece.source, node.func if isinstance(node, ast.Call) else node)
    if found is None or not isinstance(found.node, FunctionNode) or not refusing.is_refusing(found):
        return None
    return Control(what=found.name, source=found.source, node=found.node)


# -- signs of dependencies


def _litestar_authentication(subject: Subject) -> Control | None:
    """`JWTAuth[User](...)`."""
    node = subject.piece.node
    is_call = isinstance(node, ast.Call) and litestar.is_authentication(subject.piece.source, node)
    return _whole(subject, "Litestar's authentication") if is_call else None


def _security_scheme(subject: Subject) -> Control | None:
    """`OAuth2PasswordBearer(...)`, `APIKeyHeader(name="X-API-Key")`; HTTP Basic is a login."""
    source, node = subject.piece.source, subject.piece.node
    qualname = source.qualname(node.func) or "" if isinstance(node, ast.Call) else ""
    if not isinstance(node, ast.Call) or not SECURITY_SCHEMES.search(qualname) or qualname.endswith(".HTTPBasic"):
        return None
    header = definitions.text(source, routing.argument(node, "name"))
    is_other_header = "APIKey" in qualname and header and not KEYS.search(header)  # APIKeyHeader(name="X-Client-Type")
    return None if is_other_header else _whole(subject, qualname.rpartition(".")[2])


def _named_dependency(subject: Subject) -> Control | None:
    return _whole(subject) if refusing.NAMES.search(subject.piece.name) else None


def _refusing_dependency(subject: Subject) -> Control | None:
    """A dependency whose code refuses. Of a class only what FastAPI calls counts: a service refuses when it is used."""
    definition = _definition(subject)
    called: list[Definition | None] = [definition] if _is_function(subject) else []
    if isinstance(subject.piece.node, ast.ClassDef):
        called = [definitions.member(definition, name) for name in ("__call__", "__init__")]
    return _whole(subject) if any(one and refusing.is_refusing(one) for one in called) else None


# -- signs of routers, hooks, classes, settings


def _guarded_router(subject: Subject) -> Control | None:
    """`login_required(View.as_view())` in a URLconf, `decorate_urlpatterns(urlpatterns, login_required)`."""
    node = subject.piece.node
    named = [subject.piece.name, *(secrets.spoken_name(given) for given in node.args)] if isinstance(node, ast.Call) else []
    guard = next((name for name in named if refusing.is_guard_name(name)), "")
    return _whole(subject, guard) if guard else None


def _guarding_hook(subject: Subject) -> Control | None:
    """A hook that refuses every unknown caller: one that looks at the path may leave some routes out."""
    hook = _definition(subject)
    if not _is_function(subject) or not (refusing.is_guard_name(hook.name) or "before" in hook.name):
        return None
    is_partial = any(getattr(part, "attr", "") in PATHS for part in ast.walk(hook.node))
    return _whole(subject) if refusing.is_refusing(hook) and not is_partial else None


def _class_permissions(subject: Subject) -> Control | None:
    return permissions.of_class(_definition(subject))


def _guarding_base(subject: Subject) -> Control | None:
    """`class Orders(LoginRequiredMixin, ListView)`, unless the class lists permissions itself."""
    source = subject.piece.source
    for base in getattr(subject.piece.node, "bases", ()):
        name = source.show(base).rpartition(".")[2]
        if refusing.is_guard_name(name) and permissions.of_class(_definition(subject)) is None:
            return Control(what=name, source=source, node=base)
    return None


def _default_permissions(subject: Subject) -> Control | None:
    found: Control | None = subject.facts.drf
    return found if subject.route.framework == "drf" else None


# -- signs of code that refuses


def _refusal(subject: Subject) -> Control | None:
    what = "" if subject.piece.where in ("hook", "middleware") else f"{subject.piece.name} refuses"
    return _whole(subject, what) if _is_code(subject) and refusing.is_refusing(_definition(subject)) else None


def _is_code(subject: Subject) -> bool:
    return isinstance(subject.piece.node, FunctionNode | ast.ClassDef)


def _named_code(subject: Subject) -> Control | None:
    return _whole(subject) if _is_code(subject) and refusing.NAMES.search(subject.piece.name) else None


def _login_redirect(subject: Subject) -> Control | None:
    return _whole(subject) if _is_code(subject) and refusing.has_login_redirect(_definition(subject)) else None


def _signature(subject: Subject) -> Control | None:
    return _whole(subject, f"{subject.piece.name} refuses") if SIGNED.search(subject.piece.name) else None


NAMED_DECORATOR = Sign(name="guard-name", strength=SOFT, sentence="a decorator is named like a guard", found=_named_decorator)
NAMED_DEPENDENCY = Sign(name="guard-name", strength=SOFT, sentence="a dependency is named like a guard", found=_named_dependency)
REFUSING_DECORATOR = Sign(
    name="refusing-decorator", strength=SOFT, sentence="a decorator of the project refuses callers", found=_refusing_decorator
)
REFUSING_DEPENDENCY = Sign(
    name="refusing-dependency", strength=SOFT, sentence="a dependency of the project refuses requests", found=_refusing_dependency
)
LITESTAR = Sign(
    name="litestar-authentication", strength=HARD, sentence="Litestar authenticates the caller", found=_litestar_authentication
)
REFUSES = Sign(
    name="refusal", strength=HARD, sentence="code of the project answers unknown callers with 401 or 403", found=_refusal
)

DECLARED = {
    "decorator": (
        Sign(name="action-permissions", strength=HARD, sentence="`@action` lists permission classes", found=_action_permissions),
        Sign(name="permission-classes", strength=HARD, sentence="a decorator lists permission classes", found=_listed_permissions),
        NAMED_DECORATOR,
        Sign(name="access-object", strength=HARD, sentence="a decorator belongs to an access control list", found=_access_object),
        Sign(
            name="scheme-decorator", strength=HARD, sentence="a decorator applies an authentication scheme", found=_scheme_decorator
        ),
        REFUSING_DECORATOR,
    ),
    "dependency": (
        LITESTAR,
        Sign(
            name="security-scheme", strength=HARD, sentence="a dependency is a security scheme of FastAPI", found=_security_scheme
        ),
        NAMED_DEPENDENCY,
        REFUSING_DEPENDENCY,
    ),
    "router": (
        Sign(name="guarded-router", strength=HARD, sentence="a router, mount or wrapper has a guard", found=_guarded_router),
    ),
    "hook": (Sign(name="guarding-hook", strength=HARD, sentence="a hook refuses every unknown caller", found=_guarding_hook),),
    "class": (
        Sign(name="class-permissions", strength=HARD, sentence="the class lists permission classes", found=_class_permissions),
        Sign(name="guarding-base-class", strength=SOFT, sentence="a base class is named like a guard", found=_guarding_base),
    ),
}
"""The signs of a guard that is declared for the route, by the place of a piece."""
DEFAULT_PERMISSIONS = Sign(
    name="default-permissions", strength=HARD, sentence="the settings have default permissions", found=_default_permissions
)
LOGIN_MIDDLEWARE = Sign(
    name="login-middleware",
    strength=SOFT,
    sentence="a middleware in the settings requires a login everywhere",
    found=lambda subject: next(iter(subject.facts.middleware), None) if subject.route.framework in ("django", "drf") else None,
)
HOOKS = (
    Sign(name="guard-name", strength=SOFT, sentence="a hook or middleware is named like a guard", found=_named_code),
    REFUSES,
    Sign(
        name="login-redirect",
        strength=HARD,
        sentence="a hook or middleware sends unknown callers to a login page",
        found=_login_redirect,
    ),
)
REFUSING = {
    "hook": HOOKS,
    "middleware": (LITESTAR, *HOOKS),
    "body": (REFUSES,),
    "helper": (
        REFUSES,
        Sign(name="signature", strength=HARD, sentence="a function verifies a signature", found=_signature),
    ),
}
"""The signs of code that refuses unknown callers, by the place of a piece."""
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


def _is_silent_scheme(subject: Subject) -> bool:
    if subject.found.sign.name != "security-scheme":
        return False
    given = routing.argument(subject.piece.node, "auto_error")
    return isinstance(given, ast.Constant) and given.value is False


def _is_other_refusal(subject: Subject) -> bool:
    found = subject.found
    is_refusal = found.sign in (REFUSING_DECORATOR, REFUSES)
    return is_refusal and not refusing.is_checking_caller(Definition(source=found.source, node=found.node))


def _is_by_address(subject: Subject) -> bool:
    is_refusal = subject.found.sign is REFUSING_DEPENDENCY and BY_ADDRESS.search(subject.piece.name)
    return bool(is_refusal) and not refusing.is_checking_caller(_definition(subject))


OF_PIECES = (
    Silencer(
        name="open-permissions", kind=STRUCTURE, sentence="the permission classes let unknown callers in", applies=_is_open_list
    ),
    Silencer(name="no-error", kind=STRUCTURE, sentence="`auto_error=False` lets unknown callers in", applies=_is_silent_scheme),
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
