"""How code that counts attempts looks: the names it goes by, what it compares, and how it refuses."""

from __future__ import annotations

import ast
import re
from itertools import pairwise

from holdfast.code.words import words, wordset
from holdfast.secrets import names as secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.code.source import Source

LIMITS = wordset(
    "ratelimit ratelimits ratelimited ratelimiter ratelimiting throttle throttled throttles throttling throttler limiter limited "
    "lockout bruteforce axes hammering"
)
PAIRS = frozenset(
    tuple(pair.split("-"))
    for pair in (
        "rate-limit rate-limits rate-limited rate-limiter rate-limiting brute-force too-many attempt-limit attempts-limit "
        "login-attempts failed-attempts failed-logins login-failures lock-out locked-out is-locked account-locked max-attempts "
        "login-attempt failed-attempt attempts-left remaining-attempts over-limit login-block mfa-block ip-block block-util "
        "block-utils flood-control too-soon too-short resend-cooldown"
    ).split()
)
FAILED = frozenset({("failed", "login"), ("failed", "logins"), ("failed", "attempts"), ("login", "attempts")})
NOT_LIMITS = wordset("csp database exempt unlimited disable disabled skip bypass get_limiter token tokens llm outbound")
ANSWERING = (wordset("handler handlers"), wordset("exception exceptions error errors exceeded"))  # what answers a refusal
FORGETTING = wordset("reset clear remove delete forget")
COUNTED = wordset("attempts attempt failures failed tries lockout locked cooldown throttle")
REFUSING = re.compile(
    r"RateLimit|TooMany|Throttled|LimitExceeded|LimitReached|LockedOut|AccountLocked|Locked|TooSoon|TooShort|Cooldown"
)
TOO_MANY = re.compile(r"429|TOO_MANY_REQUESTS")


def speaks_of_limits(identifier: str) -> bool:
    """Whether a name speaks of limiting attempts: `check_rate_limit`, `throttle_login`, not `limit` or `token_limit`."""
    split = words(identifier)
    forgets = split and (split[0] in FORGETTING or (split[-1] in FORGETTING and "password" not in split))
    answers = all(group & set(split) for group in ANSWERING)
    if NOT_LIMITS & set(split) or forgets or answers or {"password", "short"} <= set(split):
        return False
    return bool(LIMITS & set(split)) or any(pair in PAIRS for pair in pairwise(split)) or split[-2:] == ("rate", "limit")


def sign(source: Source, part: ast.AST) -> str:
    """What in a piece of code limits: a call named so, a refusal with 429, attempts compared with a number; "" for nothing."""
    match part:
        case ast.Call(func=(ast.Name(id=name) | ast.Attribute(attr=name)) as callee) if found := _of_call(source, callee, name):
            return found
        case ast.Raise(exc=ast.Call() as raised):
            written = source.show(raised.func)
            status = any(TOO_MANY.search(source.show(given)) for given in [*raised.args[:1], *(k.value for k in raised.keywords)])
            if status or (REFUSING.search(written) and "Password" not in written):  # a password that is too short is another matter
                return f"raise {written}"
        case ast.Return(value=value) if value is not None and any(_is_429(inner) for inner in ast.walk(value)):
            return "429"
        case ast.Call(keywords=keywords) if any(
            keyword.arg in ("status", "status_code") and _is_429(keyword.value) for keyword in keywords
        ):
            return "429"
        case ast.Assign(targets=[ast.Attribute(attr=name)]) | ast.AugAssign(target=ast.Attribute(attr=name)) if FAILED & set(
            pairwise(words(name))
        ):
            return source.show(part.targets[0] if isinstance(part, ast.Assign) else part.target)
        case ast.Compare(left=left, ops=[ast.Gt() | ast.GtE() | ast.Lt() | ast.LtE()], comparators=[right]):
            counted = [side for side in (left, right) if secrets.spoken_name(side) in ("count", "len", "scalar")]
            bounds = [
                side for side in (left, right) if {"window", "attempts", "retries", "tries"} & set(words(secrets.spoken_name(side)))
            ]
            if counted and bounds:
                return source.show(part)
            names = {word for side in (left, right) for word in words(secrets.spoken_name(_plain(side)))}
            if (
                COUNTED & names and "retries" not in names and not isinstance(source.holder(part), ast.While)
            ):  # a loop tries again by itself
                return source.show(part)
    return ""


def _plain(side: ast.expr) -> ast.expr:
    """`login_attempts` in `int(login_attempts)`."""
    match side:
        case ast.Call(func=ast.Name(id="int" | "float" | "len"), args=[inner]):
            return inner
    return side


def _of_call(source: Source, callee: ast.Name | ast.Attribute, name: str) -> str:
    spoken = secrets.spoken_name(callee.value) if isinstance(callee, ast.Attribute) else ""
    forgets = FORGETTING & set(words(name)) or name in ("exempt", "init_app", "limit")
    if speaks_of_limits(name) or (speaks_of_limits(spoken) and not forgets):
        return source.show(callee)
    by_otp = name in ("verify_token", "match_token") and b"django_otp" in source.data
    return "django-otp slows devices down" if by_otp else ""


def _is_429(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return node.value == 429
    return isinstance(node, ast.Attribute | ast.Name) and "TOO_MANY_REQUESTS" in (
        getattr(node, "attr", "") or getattr(node, "id", "")
    )
