"""How code that limits attempts looks: the names that it has, what it compares, and how it refuses."""

from __future__ import annotations

import ast
import re
from itertools import pairwise

from holdfast.code.definitions import Located
from holdfast.code.words import words, wordset
from holdfast.routes import limiters, switches
from holdfast.routes.controls import Control
from holdfast.rule import HARD, SOFT, Sign
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
ANSWERING = (wordset("handler handlers"), wordset("exception exceptions error errors exceeded"))  # it answers a refusal
FORGETTING = wordset("reset clear remove delete forget")
COUNTED = wordset("attempts attempt failures failed tries lockout locked cooldown throttle")
BOUNDS = frozenset({"window", "attempts", "retries", "tries"})
REFUSING = re.compile(
    r"RateLimit|TooMany|Throttled|LimitExceeded|LimitReached|LockedOut|AccountLocked|Locked|TooSoon|TooShort|Cooldown"
)
TOO_MANY = re.compile(r"429|TOO_MANY_REQUESTS")


def is_limit_name(identifier: str) -> bool:
    """Return whether a name speaks of limiting attempts: `check_rate_limit`, `throttle_login`, not `limit` or `token_limit`."""
    split = words(identifier)
    forgets = split and (split[0] in FORGETTING or (split[-1] in FORGETTING and "password" not in split))
    answers = all(group & set(split) for group in ANSWERING)
    if NOT_LIMITS & set(split) or forgets or answers or {"password", "short"} <= set(split):
        return False
    return bool(LIMITS & set(split)) or any(pair in PAIRS for pair in pairwise(split)) or split[-2:] == ("rate", "limit")


# -- signs: each returns what limits as it is written, or ""


def _limit_call(part: Located) -> str:
    callee = part.node.func if isinstance(part.node, ast.Call) else None
    if not isinstance(callee, ast.Name | ast.Attribute):
        return ""
    name = callee.id if isinstance(callee, ast.Name) else callee.attr
    owner = secrets.spoken_name(callee.value) if isinstance(callee, ast.Attribute) else ""
    is_other = FORGETTING & set(words(name)) or name in ("exempt", "init_app", "limit")
    return part.source.show(callee) if is_limit_name(name) or (is_limit_name(owner) and not is_other) else ""


def _device(part: Located) -> str:
    name = secrets.spoken_name(part.node.func) if isinstance(part.node, ast.Call) else ""
    by_otp = name in ("verify_token", "match_token") and b"django_otp" in part.source.data
    return "django-otp slows devices down" if by_otp else ""


def _raised(part: Located) -> str:
    raised = part.node.exc if isinstance(part.node, ast.Raise) else None
    if not isinstance(raised, ast.Call):
        return ""
    written = part.source.show(raised.func)
    given = [*raised.args[:1], *(keyword.value for keyword in raised.keywords)]
    has_status = any(TOO_MANY.search(part.source.show(one)) for one in given)
    is_named_so = REFUSING.search(written) and "Password" not in written  # a password that is too short is another matter
    return f"raise {written}" if has_status or is_named_so else ""


def _answer(part: Located) -> str:
    match part.node:
        case ast.Return(value=value) if value is not None and any(_is_429(inner) for inner in ast.walk(value)):
            return "429"
        case ast.Call(keywords=keywords) if any(
            keyword.arg in ("status", "status_code") and _is_429(keyword.value) for keyword in keywords
        ):
            return "429"
    return ""


def _is_429(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return node.value == 429
    named = getattr(node, "attr", "") or getattr(node, "id", "")
    return isinstance(node, ast.Attribute | ast.Name) and "TOO_MANY_REQUESTS" in named


def _failures(part: Located) -> str:
    match part.node:
        case ast.Assign(targets=[ast.Attribute(attr=name) as target]) | ast.AugAssign(target=ast.Attribute(attr=name) as target):
            return part.source.show(target) if FAILED & set(pairwise(words(name))) else ""
    return ""


def _compared_count(part: Located) -> str:
    sides = _sides(part.node)
    has_count = any(secrets.spoken_name(side) in ("count", "len", "scalar") for side in sides)
    has_bound = any(BOUNDS & set(words(secrets.spoken_name(side))) for side in sides)
    return part.source.show(part.node) if has_count and has_bound else ""


def _compared_attempts(part: Located) -> str:
    names = {word for side in _sides(part.node) for word in words(secrets.spoken_name(_plain(side)))}
    if not COUNTED & names or "retries" in names or isinstance(part.source.enclosing_statement(part.node), ast.While):
        return ""  # a loop tries again by itself
    return part.source.show(part.node)


def _sides(node: ast.AST) -> tuple[ast.expr, ...]:
    match node:
        case ast.Compare(left=left, ops=[ast.Gt() | ast.GtE() | ast.Lt() | ast.LtE()], comparators=[right]):
            return left, right
    return ()


def _plain(side: ast.expr) -> ast.expr:
    """Return `login_attempts` for `int(login_attempts)`."""
    match side:
        case ast.Call(func=ast.Name(id="int" | "float" | "len"), args=[inner]):
            return inner
    return side


def _cooldown(part: Located) -> str:
    return "cooldown" if "cooldown" in words(getattr(part.node, "id", "") or getattr(part.node, "attr", "")) else ""


NAMED = Sign(
    name="limit-name", strength=SOFT, sentence="it is named like a limit, such as `check_rate_limit`", found=lambda part: part.name
)
COOLDOWN = Sign(name="cooldown", strength=SOFT, sentence="the code waits for a cooldown", found=_cooldown)
CALLS_LIMIT = Sign(
    name="limit-call", strength=SOFT, sentence="the code calls a function that is named like a limit", found=_limit_call
)
DEVICE = Sign(name="otp-device", strength=HARD, sentence="a device of django-otp slows down repeated attempts", found=_device)
RAISES = Sign(name="raises-too-many", strength=SOFT, sentence="the code raises 429, `TooManyRequests` or the like", found=_raised)
ANSWERS = Sign(name="answers-429", strength=SOFT, sentence="the code answers with status 429", found=_answer)
COUNTS = Sign(name="counts-failures", strength=SOFT, sentence="the code counts failed logins", found=_failures)
COMPARES_COUNT = Sign(
    name="compares-count", strength=SOFT, sentence="the code compares a count with a number of attempts", found=_compared_count
)
COMPARES = Sign(
    name="compares-attempts", strength=SOFT, sentence="the code compares attempts with a number", found=_compared_attempts
)

SHAPES: dict[type[ast.AST], tuple[Sign, ...]] = {
    ast.Name: (COOLDOWN,),
    ast.Attribute: (COOLDOWN,),
    ast.Call: (CALLS_LIMIT, DEVICE, ANSWERS),
    ast.Raise: (RAISES,),
    ast.Return: (ANSWERS,),
    ast.Assign: (COUNTS,),
    ast.AugAssign: (COUNTS,),
    ast.Compare: (COMPARES_COUNT, COMPARES),
}
"""The signs that a part of a function limits attempts, by the type of its node."""
SIGNS = (NAMED, COOLDOWN, CALLS_LIMIT, DEVICE, RAISES, ANSWERS, COUNTS, COMPARES_COUNT, COMPARES)


def of(source: Source, node: ast.AST) -> Control | None:
    """Return what in the text of a function or class limits attempts: the first that is not switched off, else the first."""
    if ("limit", node) not in source.memo:
        source.memo["limit", node] = _search(source, node)
    found: Control | None = source.memo["limit", node]
    return found


def _search(source: Source, node: ast.AST) -> Control | None:
    name = getattr(node, "name", "")
    if is_limit_name(name):
        return Control(what=name, source=source, node=node, sign=NAMED)
    off = None
    for part in ast.walk(node):
        found = _of_part(source, part)
        if found:
            # a decorator of the function is among its parts, and has the switch of its limiter
            switch = switches.joined(switches.around(source, part), limiters.switch(source, part))
            control = found.replace(switch=switch)
            if not control.is_off:
                return control
            off = off or control
    return off


def _of_part(source: Source, part: ast.AST) -> Control | None:
    for sign in SHAPES.get(type(part), ()):
        what = sign.found(Located(source=source, node=part))
        if what:
            return Control(what=what, source=source, node=part, sign=sign)
    return None
