"""Find cookies and their flags: calls of `set_cookie`, and the settings of sessions."""

from __future__ import annotations

import ast
import re

from holdfast.code import values
from holdfast.code.words import words, wordset
from holdfast.record import Record
from holdfast.secrets import names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.source import Source

SETTERS = wordset("set_cookie set_signed_cookie set_secure_cookie")
FLAGS = ("secure", "httponly")
SETTING = re.compile(r"(SESSION|REMEMBER|CSRF|JWT|JWT_AUTH|AUTH|JWT_ACCESS|JWT_REFRESH)_COOKIE_(SECURE|HTTPONLY)|SESSION_SECURE")
# As the last word of a cookie's name, apart from the words of secrets.
SESSIONS = wordset("session sessions sessionid sid jwt auth login remember")
TAILS = wordset("cookie name key id prefix suffix")


class Cookie(Record):
    """A place that sets a cookie, or a setting that switches off a flag of one. name: what the cookie or the setting is called."""

    source: Source
    node: ast.Call | ast.Assign | ast.AnnAssign
    name: str
    missing: tuple[str, ...]
    """The flags that it lacks."""

    @property
    def is_call(self) -> bool:
        """Whether it is a call that sets a cookie."""
        return isinstance(self.node, ast.Call)


def every(source: Source) -> Iterator[Cookie]:
    """Yield the cookies of a file, and the settings, that lack a flag."""
    for call in source.nodes(ast.Call):
        if isinstance(call.func, ast.Attribute) and call.func.attr in SETTERS:
            given = _argument(call, 0, "key", "name")
            missing = tuple(flag for flag in FLAGS if is_false(_argument(call, 99, flag)))
            if missing and given:
                yield Cookie(source=source, node=call, name=cookie_name(source, given), missing=missing)
    for statement in source.nodes(ast.Assign, ast.AnnAssign):
        name = setting_name(statement)
        if SETTING.fullmatch(name) and name != "CSRF_COOKIE_HTTPONLY" and statement.value and is_false(statement.value):
            flag = "httponly" if name.endswith("HTTPONLY") else "secure"
            yield Cookie(source=source, node=statement, name=name, missing=(flag,))


def setting_name(statement: ast.Assign | ast.AnnAssign) -> str:
    """The setting that a statement assigns: `NAME = ...`, `config["NAME"] = ...`; "" for others."""
    target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
    match target:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
    return ""


def is_false(value: ast.expr | None) -> bool:
    """Return whether a flag is not given, or is a literal that switches it off."""
    return value is None or (isinstance(value, ast.Constant) and not value.value)


def value(cookie: Cookie) -> ast.expr | None:
    """What a call stores in the cookie."""
    return _argument(cookie.node, 1, "value") if isinstance(cookie.node, ast.Call) else None


def lifetime(cookie: Cookie) -> list[ast.expr]:
    """How long a call lets the cookie live: `max_age=`, `expires=`."""
    keywords = cookie.node.keywords if isinstance(cookie.node, ast.Call) else []
    return [keyword.value for keyword in keywords if keyword.arg in ("max_age", "expires", "max-age")]


def _argument(call: ast.Call, position: int, *keywords: str) -> ast.expr | None:
    if position < len(call.args):
        return call.args[position]
    return next((keyword.value for keyword in call.keywords if keyword.arg in keywords), None)


def cookie_name(source: Source, node: ast.expr) -> str:
    """The name of a cookie: a literal, the text of an f-string, or the name of the constant or setting that holds it."""
    for origin in values.origins(source, node):
        if isinstance(origin, ast.Constant) and isinstance(origin.value, str):
            return origin.value
        if isinstance(origin, ast.JoinedStr):
            return "_".join(str(part.value) for part in origin.values if isinstance(part, ast.Constant))
    return names.spoken_name(node)


def core(name: str) -> tuple[str, ...]:
    """The words of a cookie's name, without `cookie`, `name` and the like at its end."""
    split = list(words(name))
    while split and split[-1] in TAILS:
        split.pop()
    return tuple(split)


def is_credential(name: str) -> bool:
    """Return whether a cookie's name says that it lets its bearer in: `session`, `jwt`, `access_token`."""
    split = core(name)
    return bool(split) and (split[-1] in SESSIONS or names.strength("_".join(split)) > 0)
