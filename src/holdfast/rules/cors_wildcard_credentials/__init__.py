"""Reports CORS settings that let every website send requests with the user's cookies, and read the answers.

## Why is this bad?

With credentials, the browser sends the cookies of the user who visits an attacker's page. A wildcard origin then lets that page
read the answers: it acts as the user. Browsers refuse the literal `*` together with credentials, so libraries answer with the
origin of the request instead, and the protection is gone.

## Example

```python bad path=shop/main.py
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True)
```

Use instead:

```python good path=shop/main.py
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=["https://shop.example"], allow_credentials=True)
```

## What it reports

Credentials (`allow_credentials=True`, `supports_credentials=True`, `CORS_ALLOW_CREDENTIALS = True`) together with

- `*` among the origins. Names, settings classes in other files, and defaults of environment variables are followed.
- `allow_origin_regex` with a pattern that matches every origin, such as `https?://.*`.
- flask-cors without `origins`: its default is `*`.
- `CORS_ALLOW_ALL_ORIGINS = True` or `CORS_ORIGIN_ALLOW_ALL = True` in the same settings file.

Starlette, FastAPI, flask-cors and django-cors-headers are known, and constants with the names of the last in a middleware of the
project's own.

## What it leaves alone

- `*` without credentials.
- Credentials that depend on a condition: `allow_credentials="*" not in ORIGINS`.
- Origins that a function of the project computes.
- A wildcard that is set only under a condition, such as `if DEBUG`.
- Settings for development and tests: `dev.py`, `local.py`, `test.py` and similar names. Tests.

## What it does not see

- Middleware of the project's own that sends back the `Origin` header.
- Origins from a database or from a file that is not Python.
- Values that the deployment gives.

## References

- [CWE-942: Permissive Cross-domain Policy with Untrusted Domains](https://cwe.mitre.org/data/definitions/942.html)
- [Fetch standard: CORS protocol and credentials](https://fetch.spec.whatwg.org/#cors-protocol-and-credentials)
"""

from __future__ import annotations

from holdfast.code.words import words
from holdfast.routes.switches import UNREAD
from holdfast.rule import HARD, STRUCTURE, Account, Finding, Rule, Sign, Silencer, considered, decide
from holdfast.rules.cors_wildcard_credentials import grants
from holdfast.rules.cors_wildcard_credentials.grants import Grant
from holdfast.rules.cors_wildcard_credentials.origins import is_wildcard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.source import ProjectLike, Source
    from holdfast.rule import Options


def is_any(grant: Grant) -> bool:
    """Return whether every origin is allowed, by a value that can be followed."""
    return any(is_wildcard(grant.source, origin) for origin in grant.origins)


def is_library_default(grant: Grant) -> bool:
    """Return whether no origin is given to a library that then allows every origin."""
    return grant.is_default


def is_for_development(grant: Grant) -> bool:
    """Return whether the file is named for development or tests."""
    return bool(UNREAD & set(words(grant.source.path.rpartition("/")[2])))


SIGNS = (
    Sign("any-origin", HARD, "credentials are allowed for every origin", is_any),
    Sign(
        "library-default", HARD, "credentials are allowed, and flask-cors allows every origin if none is given", is_library_default
    ),
)
SILENCERS = (Silencer("development", STRUCTURE, "the file is named for development or tests", is_for_development),)


def check(project: ProjectLike, _options: Options) -> Iterator[Finding]:
    """Yield the places of a project that allow credentials for every origin."""
    for grant in grants.every(project):
        decision = decide(SIGNS, SILENCERS, grant)
        if decision.reports and decision.sign:
            yield grant.source.finding(grant.node, decision.sign.sentence, hint="list the origins that may send credentials")


def why(source: Source, _options: Options, line: int) -> Iterator[Account]:
    """Yield an account of each place that allows credentials and starts on a line."""
    for grant in grants.every(source.project) if source.project else ():
        start, column, _, _ = grant.source.place(grant.node)
        if (grant.source.path, start) == (source.path, line):
            decision = decide(SIGNS, SILENCERS, grant)
            decisive = decision.silencer or decision.sign
            yield Account(
                line=line,
                column=column,
                subject=f"the credentials of `{grant.source.show(grant.node)}`",
                reported=decision.reports,
                because=decisive.sentence if decisive else "no origin was found that every website has",
                decided_by=decisive.name if decisive else "",
                reasons=tuple(considered(SIGNS, SILENCERS, grant)),
            )


rule = Rule(
    name="cors-wildcard-credentials",
    code="HF104",
    summary="only listed origins may send requests with credentials",
    since="0.1.0",
    level="error",
    check=check,
    scope="project",
    default=False,
    cwe=942,
    signs=SIGNS,
    silencers=SILENCERS,
    why=why,
)
