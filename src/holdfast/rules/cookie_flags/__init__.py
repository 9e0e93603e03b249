"""Reports cookies of sessions and tokens that lack `secure` or `httponly`, and settings that switch these flags off.

## Why is this bad?

Without `secure`, the browser also sends the cookie over plain HTTP, where anybody on the network can read it. Without `httponly`,
every script in the page can read it, so one cross-site scripting hole gives away the session. `set_cookie` of Django, Flask,
Starlette and Tornado sets neither flag by default.

## Example

```python bad
def login(request):
    response = redirect("/")
    response.set_cookie("access_token", make_token(request.user))
    return response
```

Use instead:

```python good
def login(request):
    response = redirect("/")
    response.set_cookie("access_token", make_token(request.user), secure=True, httponly=True, samesite="Lax")
    return response
```

## What it reports

- `set_cookie`, `set_signed_cookie` and `set_secure_cookie` without `secure` or `httponly`, or with `False`, if the cookie is named
  for a session or a token: `session`, `jwt`, `auth`, `access_token`. The name may be a literal, an f-string, a constant or a
  setting.
- `SESSION_COOKIE_SECURE`, `SESSION_COOKIE_HTTPONLY`, `CSRF_COOKIE_SECURE`, `REMEMBER_COOKIE_SECURE` and similar settings that are
  `False`, also in `app.config["..."]`.

## What it leaves alone

- Other cookies: languages, themes, messages.
- CSRF tokens, which scripts of the page read.
- Cookies that are deleted (`max_age=0`), and cookies whose value is a literal.
- Flags that depend on a setting or the environment, or that may be in `**options` or in positional arguments.
- A setting that is switched off only under a condition, or that has another value later in the file or in a file beside it.
- Settings for development and tests: `dev.py`, `local.py`, `test.py` and similar names.
- Tests.

## What it does not see

- A missing `samesite`: browsers use `Lax` if it is not given.
- Settings that are off unless the environment switches them on, and defaults of the framework that nobody changes.
- Cookies of a framework's own session middleware, and helpers of the project that set cookies.

## References

- [CWE-614: Sensitive Cookie in HTTPS Session Without 'Secure' Attribute](https://cwe.mitre.org/data/definitions/614.html)
- [MDN: Secure cookie configuration](https://developer.mozilla.org/en-US/docs/Web/Security/Practical_implementation_guides/Cookies)
"""

from __future__ import annotations

import ast

from holdfast.code.source import Source
from holdfast.rule import Account, Finding, Options as BaseOptions, Rule, considered, decide
from holdfast.rules.cookie_flags import cookies
from holdfast.rules.cookie_flags.signs import SIGNS, SILENCERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class Options(BaseOptions):
    """What to report."""

    tests: bool = False
    """Also look at tests."""


def check(source: Source, options: Options) -> Iterator[Finding]:
    """Yield the cookies and settings of a file that lack a flag."""
    if source.is_test and not options.tests:
        return
    for cookie in cookies.every(source):
        if decide(SIGNS, SILENCERS, cookie).reports:
            flags = " and ".join(f"`{flag}`" for flag in cookie.missing)
            if cookie.is_call:
                message, hint = f"the cookie `{cookie.name}` is set without {flags}", "pass secure=True and httponly=True"
            else:
                message, hint = f"`{cookie.name}` switches off {flags}", "set it to True outside development"
            yield source.finding(cookie.node, message, hint=hint)


def why(source: Source, options: Options, line: int) -> Iterator[Account]:
    """Yield an account of each cookie or setting that lacks a flag and starts on a line."""
    skipped = source.is_test and not options.tests
    for cookie in cookies.every(source):
        start, column, _, _ = source.place(cookie.node)
        if start == line:
            decision = decide(SIGNS, SILENCERS, cookie)
            decisive = decision.silencer or decision.sign
            because = decisive.sentence if decisive else "the cookie is not named for a session or a token"
            yield Account(
                line=line,
                column=column,
                subject=f"the {'cookie' if cookie.is_call else 'setting'} `{cookie.name}`",
                reported=decision.reports and not skipped,
                because="the file is a test (option `tests`)" if skipped else because,
                decided_by=decisive.name if decisive else "",
                reasons=tuple(considered(SIGNS, SILENCERS, cookie)),
            )


rule = Rule(
    name="cookie-flags",
    code="HF107",
    summary="cookies of sessions and tokens are secure and httponly",
    since="0.1.0",
    level="warning",
    check=check,
    options=Options,
    mentions=(b"cookie", b"session_secure"),
    default=False,
    uses_project=True,
    anchors=(ast.Call, ast.Assign, ast.AnnAssign),
    signs=SIGNS,
    silencers=SILENCERS,
    why=why,
    cwe=614,
)
