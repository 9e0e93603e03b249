"""Which routes check credentials: the signs, from the surest to those by names alone, and the reasons for silence."""

from __future__ import annotations

from holdfast.record import Record
from holdfast.routes import words as vocabulary
from holdfast.rule import HARD, SOFT, STRUCTURE, WORDS, Decision, Sign, Silencer, decide

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from holdfast.routes.candidate import Candidate
    from holdfast.routes.routing import Route

CORE, SECONDARY = "core", "secondary"
BY_NAME_AND_PATH = "by its name and path"


class Endpoint(Record):
    """A route that checks credentials: the sign that decided, the reason for the message, and its tier, core or secondary."""

    sign: Sign
    reason: str
    tier: str = CORE

    @property
    def is_by_name_only(self) -> bool:
        """Whether only the name and the path say that it checks credentials."""
        return self.sign in BY_NAME

    @property
    def may_be_of_admins(self) -> bool:
        """Whether it may create users for administrators, `add_user`: then code that refuses unknown callers is a guard."""
        return self.sign is ADDS_USER


# -- signs: each returns the reason for the message


def _library_view(candidate: Candidate) -> str:
    called = candidate.route.called
    name = called.removesuffix(".as_view").rpartition(".")[2]
    known = name in vocabulary.BASES or called in vocabulary.LIBRARIES or vocabulary.LIBRARY_VIEW.search(called)
    return f"it is `{called}`" if known else ""


def _library_base(candidate: Candidate) -> str:
    bases = vocabulary.BASES & candidate.bases
    return f"it derives from `{min(bases)}`" if bases else ""


def _login_form(candidate: Candidate) -> str:
    forms = vocabulary.FORMS & candidate.annotations
    return f"it takes a login form, `{min(forms)}`" if forms else ""


def _basic_login(candidate: Candidate) -> str:
    return "it asks for a password by HTTP Basic" if candidate.is_basic_login else ""


def _checking_call(candidate: Candidate) -> str:
    is_named_so = candidate.has_own_check or candidate.has_credential_words or candidate.is_user_creation
    return f"it calls `{min(candidate.checking_calls)}`" if is_named_so and candidate.checking_calls else ""


def _user_creation(candidate: Candidate) -> str:
    is_registration = candidate.has_registration_name and candidate.is_user_creation
    return "it creates a user with a password" if is_registration else ""


def _credential_call(candidate: Candidate) -> str:
    is_named_so = candidate.has_credential_words or candidate.has_own_check or candidate.has_registration_name
    calls = candidate.credential_calls if is_named_so else {}
    return f"it calls `{min(calls.values())}` and is named `{candidate.route.called}`" if calls else ""


def _user_addition(candidate: Candidate) -> str:
    return "it adds a user with a password" if candidate.is_user_creation else ""


def _by_name(found: Callable[[Candidate], object]) -> Callable[[Candidate], str]:
    """Return the function of a sign that has no better reason than the name and the path."""
    return lambda candidate: BY_NAME_AND_PATH if found(candidate) else ""


def _is_resending(candidate: Candidate) -> bool:
    said = candidate.said
    mails = said & {"confirmation", "verification", "validation", "activation"} or {"request", "verify", "token"} <= said
    return bool((said & {"resend", "request"} and mails) or ("resend" in said and said & {"confirm", "email", "link"}))


def _is_verifying(candidate: Candidate) -> bool:
    codes = vocabulary.SENT_CODES | ({"code"} if candidate.said & vocabulary.ADDRESSES else set())
    return bool(candidate.called & vocabulary.VERIFYING) and candidate.has_name(codes)


OF_LIBRARIES = (
    Sign(name="library-view", strength=HARD, sentence="it is a library's view that checks credentials", found=_library_view),
)
BY_CODE = (
    Sign(
        name="library-base-class",
        strength=HARD,
        sentence="its class derives from a library's view that checks credentials",
        found=_library_base,
    ),
    Sign(name="login-form", strength=HARD, sentence="a parameter is a library's login form", found=_login_form),
    Sign(
        name="http-basic-login",
        strength=HARD,
        sentence="it hands out a session or a token and asks for a password by HTTP Basic",
        found=_basic_login,
    ),
    Sign(
        name="checking-call",
        strength=SOFT,
        sentence="its code calls a function that checks credentials, such as `authenticate` or `LoginForm`, and its name agrees",
        found=_checking_call,
    ),
    Sign(
        name="creates-user",
        strength=SOFT,
        sentence="its name or path is that of a registration, and its code creates a user with a password",
        found=_user_creation,
    ),
    Sign(
        name="credential-call",
        strength=SOFT,
        sentence="its code calls a function named for credentials, such as `reset_password`, and its own name agrees",
        found=_credential_call,
    ),
)
BY_NAME = (
    Sign(
        name="entrance-name",
        strength=SOFT,
        sentence="its name or the last part of its path is that of a login, a registration or a forgotten password",
        found=_by_name(lambda one: one.called & (vocabulary.LOGIN | vocabulary.ENTERING)),
    ),
    Sign(
        name="account-request-name",
        strength=SOFT,
        sentence="its name is `create_account` or `request_password`",
        found=_by_name(lambda one: {"create", "account"} <= one.name or {"request", "password"} <= one.name),
    ),
    Sign(
        name="credential-name",
        strength=SOFT,
        sentence="its name and path speak of a credential and of its use, such as `reset-password` or `verify-otp`",
        found=_by_name(lambda one: one.said & vocabulary.CREDENTIAL and one.said & (vocabulary.OPENING | {"token", "auth"})),
    ),
    Sign(
        name="resends-code",
        strength=SOFT,
        sentence="its name says that it sends a link or code again",
        found=_by_name(_is_resending),
    ),
    Sign(
        name="sends-code",
        strength=SOFT,
        sentence="its name and path say that it sends or takes one-time codes",
        found=_by_name(lambda one: one.has_code_words),
    ),
    Sign(
        name="resets-password",
        strength=SOFT,
        sentence="its name speaks of a reset, and its code of a password",
        found=_by_name(lambda one: one.said & {"reset", "recover", "recovery"} and one.has_password),
    ),
    Sign(
        name="verifies-code",
        strength=SOFT,
        sentence="its name says that it verifies, and its code reads a code that was sent",
        found=_by_name(_is_verifying),
    ),
    Sign(
        name="takes-password",
        strength=SOFT,
        sentence="a password is sent to it to log in, or to replace a forgotten one",
        found=_by_name(lambda one: one.takes_password),
    ),
)
ADDS_USER = Sign(
    name="adds-user",
    strength=SOFT,
    sentence="its name and its code say that it creates users with a password",
    found=_user_addition,
)
SIGNS = (*OF_LIBRARIES, *BY_CODE, *BY_NAME, ADDS_USER)


# -- silencers


def _has_other_action(candidate: Candidate) -> bool:
    kept = vocabulary.LOGIN | {"reset", "recover", "recovery", "forgot", "forgotten"}
    spoken = candidate.name & (vocabulary.NEVER - vocabulary.ENTERED if candidate.is_entered else vocabulary.NEVER)
    return bool(spoken) and not (candidate.name & kept or candidate.takes_password)


def _has_other_subject(candidate: Candidate) -> bool:
    is_login = candidate.said & {"login", "signin", "signup"}
    return bool(candidate.said & vocabulary.OTHERS) and not candidate.checking_calls and not is_login


SILENCERS = (
    Silencer(
        name="get-only",
        kind=STRUCTURE,
        sentence="it answers GET or DELETE only, and sends no code, takes no password and follows no login link",
        applies=lambda one: one.is_get_only and not one.is_acting_get,
    ),
    Silencer(name="redirect", kind=WORDS, sentence="its name says that it redirects", applies=lambda one: "redirect" in one.name),
    Silencer(
        name="other-action",
        kind=WORDS,
        sentence="its name speaks of a logout, a list, settings or the like, and of no login",
        applies=_has_other_action,
    ),
    Silencer(
        name="records",
        kind=WORDS,
        sentence="its name speaks of logs, a history, an audit or a policy",
        applies=lambda one: one.name & vocabulary.RECORDS,
    ),
    Silencer(
        name="other-subject",
        kind=WORDS,
        sentence="its name or path speaks of something else than users, such as devices, webhooks or payments",
        applies=_has_other_subject,
    ),
)
OF_NAMES = (
    Silencer(
        name="starts-elsewhere",
        kind=WORDS,
        sentence="its name says that it only starts a login elsewhere, or reports about logins",
        applies=lambda one: one.called & vocabulary.STARTS,
    ),
    Silencer(
        name="page-after",
        kind=WORDS,
        sentence="its name says that it is the page after the check, such as `done` or `success`",
        applies=lambda one: one.called & vocabulary.ENDED,
    ),
    Silencer(
        name="page-only",
        kind=STRUCTURE,
        sentence="it only shows a page: its code reads nothing that was sent",
        applies=lambda one: one.is_page_only,
    ),
)
"""Reasons for silence where only the name and the path speak for an endpoint."""

ALL_SILENCERS = (*SILENCERS, *OF_NAMES)
TABLES = ((BY_CODE, SILENCERS), (BY_NAME, ALL_SILENCERS), ((ADDS_USER,), SILENCERS))
"""The signs of a project's own routes, each group with the silencers that it yields to."""


def tables(route: Route) -> tuple[tuple[tuple[Sign, ...], tuple[Silencer, ...]], ...]:
    """Return the tables for a route: nothing silences a library's view."""
    return TABLES if route.handler else ((OF_LIBRARIES, ()),)


def judge(candidate: Candidate) -> Decision:
    """Return the sign that a route checks credentials, or the first sign found with the silencer that won over it."""
    first = Decision()
    for signs, silencers in tables(candidate.route):
        decision = decide(signs, silencers, candidate)
        if decision.reports:
            return decision
        first = first if first.sign else decision
    return first


def of(candidate: Candidate) -> Endpoint | None:
    """Return why a route checks credentials, or None where it does not."""
    decision = judge(candidate)
    if decision.sign is None or not decision.reports:
        return None
    tier = SECONDARY if _is_secondary(candidate, decision.sign) else CORE
    return Endpoint(sign=decision.sign, reason=decision.evidence, tier=tier)


def _is_secondary(candidate: Candidate, sign: Sign) -> bool:
    """Return whether an endpoint refreshes a token, answers an OAuth callback or the like, and takes no password."""
    if candidate.route.handler is None or not candidate.said & vocabulary.SECONDARY:
        return False
    is_doubtful = not candidate.said & {"login", "signin"} or sign in BY_NAME  # `oauth2_login` only starts one
    return is_doubtful and not vocabulary.CALLS & candidate.calls and not candidate.said & vocabulary.DIRECT
