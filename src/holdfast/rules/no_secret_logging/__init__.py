"""Reports passwords, tokens, keys and other secrets whose value is passed to a logger or to `print`.

## Why is this bad?

Logs are kept for long, copied to other services, and read by many people. A secret in a log works for each of them, and must be
replaced once the log leaks. CVE-2024-9606 (litellm: a mask that hid five characters of an API key) and CVE-2021-25284 (Salt:
credentials in its log) are such leaks.

## Example

```python bad
import logging

logger = logging.getLogger(__name__)


def reset(user, reset_token):
    logger.info("reset of %s with %s", user.id, reset_token)
```

Use instead:

```python good
import logging

logger = logging.getLogger(__name__)


def reset(user, reset_token):
    logger.info("reset of %s", user.id)
```

## What it reports

A value that is named like a secret, as an argument of a logger's method or of `print`, and

- in an f-string, with `%`, with `.format`, with `+`, in a dict, in `extra=` and other keywords
- a variable, an attribute (`user.password`), a key (`config["api_key"]`), or what a function makes (`create_token(...)`)
- a setting, under whatever name (`key = os.environ["API_KEY"]`)
- what `get_secret_value()` returns: only the structure of the code silences this

## What it leaves alone

- Counts and other numbers (`%d`, `{tokens:,}`), booleans, ids, names and types of secrets.
- Masks: at most eight characters of the secret, a hash, and what a function named for hiding returns.
- Values whose annotation is `SecretStr`, a number or a boolean.
- Names of secrets: `for secret in ("KEY", "TOKEN")`, a constant with a text.
- Caught exceptions, and tokens that are objects: the same function reads their attributes.
- Tokens of pages, cursors, locks, lexers, language models and chains, by their names.
- Command-line tools that print for the person who started them, and code under `if DEBUG:`.
- Tests.

## What it does not see

- Secrets inside an object: a request's headers, a URL with a password, a dict that is logged as a whole.
- Secrets with an innocent name that come from another module.
- What an exception says (`logger.exception`).

## References

- [CWE-532](https://cwe.mitre.org/data/definitions/532.html)
- [OWASP: Logging cheat sheet](https://cheatsheetseries.owasp.org/cheatsheets/Logging_Cheat_Sheet.html)
"""

from __future__ import annotations

import ast

from holdfast.code.source import Source
from holdfast.rule import Account, Finding, Options as BaseOptions, Rule, decide
from holdfast.rules.no_secret_logging import shown as showing
from holdfast.rules.no_secret_logging.signs import SIGNS
from holdfast.rules.no_secret_logging.silencers import SILENCERS
from holdfast.secrets import accounts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def check(source: Source, _options: BaseOptions) -> Iterator[Finding]:
    if _left_out(source):
        return
    for shown in showing.every(source):
        decision = decide(SIGNS, SILENCERS, shown)
        if decision.reports:
            where = "printed" if shown.is_printed else "logged"
            yield source.finding(
                shown.value,
                f"a secret is {where}: {decision.evidence}",
                hint="leave the value out, or show an id of it",
                confidence="medium" if decision.sign is SIGNS[-1] else "high",
            )


def _left_out(source: Source) -> str:
    return "the file is a test" if source.is_test else ""


def why(source: Source, _options: BaseOptions, line: int) -> Iterator[Account]:
    """How each value that starts on a line and is shown was judged."""
    for shown in showing.every(source):
        if source.place(shown.value)[0] == line:
            yield accounts.account(source, shown.value, shown, (SIGNS, SILENCERS), _left_out(source))


rule = Rule(
    name="no-secret-logging",
    code="HF106",
    summary="secrets are not logged",
    since="0.1.0",
    level="error",
    check=check,
    mentions=(
        b"secret",
        b"passw",
        b"pwd",
        b"passphrase",
        b"passcode",
        b"key",
        b"token",
        b"pepper",
        b"otp",
        b"credential",
        b"authoriz",
    ),
    secret=True,
    default=False,
    anchors=(ast.Name, ast.Attribute, ast.Subscript, ast.Call),
    signs=SIGNS,
    silencers=SILENCERS,
    why=why,
    cwe=532,
)
