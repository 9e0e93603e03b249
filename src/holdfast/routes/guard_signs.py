"""The signs of a guard, by where they are found: declared around a route, or code that refuses unknown callers."""

from __future__ import annotations

import ast
import re

from holdfast.code import definitions
from holdfast.code.definitions import Located
from holdfast.code.scopes import FunctionNode
from holdfast.routes import permissions, refusing, routing
from holdfast.routes.controls import Control, Subject
from holdfast.routes.frameworks import litestar
from holdfast.rule import HARD, SOFT, Sign
from holdfast.secrets import names as secrets

SECURITY_SCHEMES = re.compile(
    r"^fastapi\.security\.(?!utils|OAuth2PasswordRequestForm|OAuth2PasswordRequestFormStrict|HTTPBasic$)|fastapi_users"
)
KEYS = re.compile(r"key|token|auth|secret|session|jwt|signature|cookie|password", re.IGNORECASE)
SIGNED = re.compile(r"(verify|check|validate)_?\w*(signature|state|sign)\b|unsign", re.IGNORECASE)
PATHS = ("endpoint", "path", "blueprint")


def _whole(subject: Subject, what: str = "") -> Control:
    """Return the piece itself as a control."""
    piece = subject.piece
    return Control(what=what or piece.name, source=piece.source, node=piece.node)


def _definition(subject: Subject) -> Located:
    return Located(source=subject.piece.source, node=subject.piece.node)


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
    called: list[Located | None] = [definition] if _is_function(subject) else []
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
REFUSES = Sign(name="refusal", strength=HARD, sentence="code of the project refuses with 401, 403 or the like", found=_refusal)

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
