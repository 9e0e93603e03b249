"""The signs that a cookie can be stolen, and the reasons for silence."""

from __future__ import annotations

import ast

from holdfast.code.words import words
from holdfast.routes.switches import UNREAD
from holdfast.rule import HARD, SOFT, STRUCTURE, WORDS, Sign, Silencer
from holdfast.rules.cookie_flags import cookies
from holdfast.rules.cookie_flags.cookies import Cookie


def is_switched_off(cookie: Cookie) -> bool:
    """Return whether a setting switches off a flag of a session's cookie."""
    return not cookie.is_call


def is_credential(cookie: Cookie) -> bool:
    """Return whether a cookie is named for a session or a token."""
    return cookie.is_call and cookies.is_credential(cookie.name)


def has_options(cookie: Cookie) -> bool:
    """Return whether flags may be in `**options`, or in positional arguments."""
    node = cookie.node
    return isinstance(node, ast.Call) and (any(keyword.arg is None for keyword in node.keywords) or len(node.args) > 2)


def is_deleted(cookie: Cookie) -> bool:
    """Return whether the cookie expires at once."""
    return any(isinstance(part, ast.Constant) and not part.value for part in cookies.lifetime(cookie))


def is_fixed(cookie: Cookie) -> bool:
    """Return whether the value of the cookie is a literal, so that it is no secret."""
    return isinstance(cookies.value(cookie), ast.Constant)


def is_conditional(cookie: Cookie) -> bool:
    """Return whether a setting is switched off only under a condition."""
    return not cookie.is_call and cookie.source.enclosing(cookie.node, ast.If, ast.IfExp) is not None


def is_overridden(cookie: Cookie) -> bool:
    """Return whether the setting has another value elsewhere: later in the file, or in a file beside it."""
    if cookie.is_call:
        return False
    project, folder = cookie.source.project, cookie.source.path.rpartition("/")[0]
    others = project.mentioning(cookie.name.lower().encode()) if project else ()
    beside = [one for one in others if one.path.rpartition("/")[0] == folder and one.path != cookie.source.path]
    return any(
        cookies.setting_name(statement) == cookie.name and statement.value and not cookies.is_false(statement.value)
        for source in (cookie.source, *beside)
        for statement in source.nodes(ast.Assign, ast.AnnAssign)
    )


def is_for_development(cookie: Cookie) -> bool:
    """Return whether the file is named for development or tests."""
    return not cookie.is_call and bool(UNREAD & set(words(cookie.source.path)))


def is_csrf(cookie: Cookie) -> bool:
    """Return whether the cookie is a CSRF token, which scripts of the page read."""
    return cookie.is_call and any("csrf" in word or "xsrf" in word for word in words(cookie.name))


SIGNS = (
    Sign("switched-off", HARD, "a setting switches off a flag of a session's cookie", is_switched_off),
    Sign("credential", SOFT, "a cookie that is named for a session or a token lacks a flag", is_credential),
)
SILENCERS = (
    Silencer("options", STRUCTURE, "the flags may be in `**options` or in positional arguments", has_options),
    Silencer("deleted", STRUCTURE, "the cookie expires at once", is_deleted),
    Silencer("fixed", STRUCTURE, "the value of the cookie is a literal", is_fixed),
    Silencer("conditional", STRUCTURE, "the setting is switched off only under a condition", is_conditional),
    Silencer("overridden", STRUCTURE, "the setting has another value later, or in a file beside it", is_overridden),
    Silencer("development", STRUCTURE, "the file is named for development or tests", is_for_development),
    Silencer("csrf", WORDS, "the cookie is a CSRF token, which scripts of the page read", is_csrf),
)
