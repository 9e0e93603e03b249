"""Reports secrets that have a literal from the code as their default: of an environment variable, a setting, a field of a settings
class or a parameter.

## Why is this bad?

The program starts without the secret, and everybody who can read the code knows the value that it uses instead: they sign sessions
and tokens, or log in. Nobody notices, because nothing fails. CVE-2020-17526 (Apache Airflow: a default `secret_key`) and
CVE-2021-40494 (AdaptiveScale LXDUI: a JWT secret in the code) let attackers log in as anybody.

## Example

```python bad
import os

SECRET_KEY = os.environ.get("SECRET_KEY", "local-dev-secret-key")
```

Use instead:

```python good
import os

SECRET_KEY = os.environ["SECRET_KEY"]
```

## What it reports

A literal default, directly or by the name of a constant, where the name is that of a secret (`SECRET_KEY`, `DB_PASSWORD`,
`signing_key`, `AUTH_TOKEN`):

- `os.getenv`, `os.environ.get` and `setdefault`, and functions that read settings: `env(...)`, `config(...)`, `env.str(...)` of
  django-environ, environs and decouple, and the project's own. They are recognised by their arguments: a name in upper case, and a
  default as the second argument or as `default=`.
- `get` of a configuration: `settings.get("secret_key", "x")`, `app.config.setdefault(...)`, `getattr(settings, "SECRET_KEY", "x")`.
- `os.getenv("SECRET_KEY") or "x"`, `settings.SECRET_KEY if settings.SECRET_KEY else "x"`.
- Annotated fields of settings classes, also in `Field(...)` and `SecretStr(...)`, and `environ.Env(SECRET_KEY=(str, "x"))`.
- Parameters whose name only a secret has: `def connect(password="x")`.
- URLs with a password, whatever the setting is called.
- Insecure values that the option `insecure` names.

The literal is never repeated in the output. Literals that look harmless are reported: a program that compares them accepts them.

## What it leaves alone

- A guard: an `if` or `assert` in the same module that raises if the placeholder is still there, or if the variable is missing. A
  guard that only warns is none.
- Numbers, booleans and what is cast to one, paths, URLs without a password, dotted names, placeholders of templates.
- Names of headers, cookies, fields and keys (`AUTH_TOKEN_COOKIE_NAME`, `LDAP_EMAIL_KEY`), public keys, salts.
- Files for development, tests, examples, scripts and documentation, by their path, classes with such names, and code under
  `if DEBUG:`.
- Passwords of databases on this host. With the option `local_databases` they are reported as notes.
- API keys of clients that are empty (`self.api_key or "lm-studio"`): many services want one and do not check it.
- Parameters whose default says that there is no secret (`secret="unused"`) or names a field (`token="csrf_token"`).

## What it does not see

- Secrets that are assigned without a fallback: ruff S105 and bandit B105 check these.
- A guard in another module. Exempt the line with a reason.
- `if not SECRET_KEY: SECRET_KEY = "x"` and `except KeyError: SECRET_KEY = "x"`.

## Fix safety

The fix writes `os.environ["X"]` for `os.getenv("X", "...")` and `os.environ.get("X", "...")`. It is unsafe: the program stops at
start-up where the variable is not set. Set it first.

## References

- [CWE-798](https://cwe.mitre.org/data/definitions/798.html)
- [CWE-1188](https://cwe.mitre.org/data/definitions/1188.html)
"""

from __future__ import annotations

import ast

from holdfast.code.source import Source
from holdfast.rule import Account, Finding, Options as BaseOptions, Rule, Silencer, decide
from holdfast.rules.no_secret_fallback import fallbacks
from holdfast.rules.no_secret_fallback.fallbacks import PARAMETER, Fallback
from holdfast.rules.no_secret_fallback.signs import SIGNS
from holdfast.rules.no_secret_fallback.silencers import LOCAL_DATABASE, SILENCERS
from holdfast.secrets import accounts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

FIXABLE = ("os.getenv", "os.environ.get")


class Options(BaseOptions):
    """What to report."""

    insecure: dict[str, str] = {}  # noqa: RUF012  # a record is frozen
    """Settings and their insecure defaults, separated by commas: `KMS_BACKEND = "local, memory"`."""
    local_databases: bool = False
    """Also report passwords of databases on this host, as notes."""

    @property
    def mentions(self) -> tuple[bytes, ...]:
        """The names of the settings with insecure values."""
        return tuple(name.lower().encode() for name in self.insecure)


def check(source: Source, options: Options) -> Iterator[Finding]:
    if _left_out(source):
        return
    for fallback in fallbacks.every(source, options.insecure):
        decision = decide(SIGNS, _silencers(options), fallback)
        if decision.reports:
            yield _finding(fallback, decision.evidence)


def _silencers(options: Options) -> tuple[Silencer, ...]:
    return tuple(one for one in SILENCERS if not options.local_databases or one is not LOCAL_DATABASE)


def _left_out(source: Source) -> str:
    return "the file is a test" if source.is_test else ""


def _finding(fallback: Fallback, reason: str) -> Finding:
    node, source = fallback.node, fallback.source
    is_fixable = isinstance(node, ast.Call) and source.qualname(node.func) in FIXABLE and len(node.args) == 2
    hint = f'read it with os.environ["{fallback.name}"]' if is_fixable else "require the value, and raise an exception without it"
    return source.finding(
        node,
        f"`{fallback.name}` has a secret from the code as its fallback: {reason}",
        hint=hint,
        confidence="medium" if fallback.form == PARAMETER else "high",
        level="note" if LOCAL_DATABASE.applies(fallback) else "",
        fix="unsafe" if is_fixable else None,
    )


def why(source: Source, options: Options, line: int) -> Iterator[Account]:
    """How each fallback that starts on a line was judged."""
    for fallback in fallbacks.every(source, options.insecure):
        if source.place(fallback.node)[0] == line:
            yield accounts.account(source, fallback.node, fallback, (SIGNS, _silencers(options)), _left_out(source))


rule = Rule(
    name="no-secret-fallback",
    code="HF102",
    summary="secrets have no fallback in the code",
    since="0.1.0",
    level="error",
    check=check,
    options=Options,
    mentions=(b"secret", b"passw", b"pwd", b"passphrase", b"passcode", b"key", b"token", b"pepper", b"://"),
    secret=True,
    default=False,
    anchors=(ast.Call, ast.BoolOp, ast.IfExp, ast.AnnAssign, ast.arg, ast.Tuple),
    signs=SIGNS,
    silencers=SILENCERS,
    why=why,
    cwe=798,
    fix_level="unsafe",
)
