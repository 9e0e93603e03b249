"""How code that refuses unknown callers looks: names of guards, refusals with 401 and 403, and words about callers."""

from __future__ import annotations

import ast
import re

from holdfast.code import definitions
from holdfast.code.definitions import Located
from holdfast.code.words import words, wordset
from holdfast.secrets import names as secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.code.source import Source

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
REFUSALS = re.compile(
    r"401|403|UNAUTHORIZED|FORBIDDEN|Unauthorized|Forbidden|PermissionDenied|NotAuthenticated|NotAuthorized|AuthenticationFailed|AccessDenied|Unauthenticated|NoAuthorization|InvalidToken|CredentialsException"
)
ANSWER = re.compile(r"\b(401|403)\b|UNAUTHORIZED|FORBIDDEN|HttpResponseForbidden")
ANSWERS = frozenset({"HttpResponseForbidden", "unauthorized", "redirect_to_login"})
# A refusal that checks the caller speaks of one of these.
CALLERS = wordset(
    "user users session sessions token jwt authorization apikey permission permissions perm perms role roles scope "
    "scopes signature secret password owner member admin staff subject principal identity account login key bearer"
)


def is_guard_name(name: str) -> bool:
    """Return whether a name says that only known callers are let in."""
    return bool(NAMES.search(name)) and not OPTIONAL.search(name)


def is_about_callers(name: str) -> bool:
    """Return whether a name or text has a word for callers or their credentials."""
    return bool(CALLERS & set(words(name)))


@definitions.remembered
def is_refusing(definition: Located) -> bool:
    """Return whether a function or class refuses a request: raises or answers 401, 403 or the like."""
    return any(_is_refusal(definition.source, part) for part in ast.walk(definition.node))


def _is_refusal(source: Source, part: ast.AST) -> bool:
    match part:
        case ast.Raise(exc=ast.expr() as raised):
            bound = definitions.resolve(source, raised) if isinstance(raised, ast.Name) else None
            made = bound.source.show(bound.node, redact=False) if bound and isinstance(bound.node, ast.Call) else ""
            return bool(REFUSALS.search(source.show(raised, redact=False)) or REFUSALS.search(made))
        case ast.Return(value=ast.expr()):
            return bool(ANSWER.search(source.show(part, redact=False)))
        case ast.Call(func=callee, args=arguments):
            called = secrets.spoken_name(callee)
            aborts = called == "abort" and arguments and REFUSALS.search(source.show(arguments[0]))
            return bool(aborts or called in ANSWERS)
    return False


@definitions.remembered
def is_checking_caller(function: Located) -> bool:
    """Return whether code speaks of callers at all, outside the exceptions that it raises: an address or a switch is no caller."""
    raised = {part.exc for part in ast.walk(function.node) if isinstance(part, ast.Raise)}
    named = {part.func for part in raised if isinstance(part, ast.Call)} | raised
    others = (part for part in ast.walk(function.node) if part not in named)
    spoken = (getattr(part, "id", None) or getattr(part, "attr", None) or getattr(part, "arg", None) for part in others)
    return any(is_about_callers(name) for name in spoken if isinstance(name, str))


@definitions.remembered
def has_login_redirect(function: Located) -> bool:
    """Return whether code returns something that speaks of a login: `return redirect("/login")`."""
    returns = (part for part in ast.walk(function.node) if isinstance(part, ast.Return))
    return any("login" in function.source.show(part, redact=False) for part in returns)
