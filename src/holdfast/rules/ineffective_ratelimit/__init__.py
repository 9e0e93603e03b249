"""A limit that is written works.

The worst limit is the one that everybody believes in. Each shape below was tried with real requests: two allowed, four sent, four
answered.

```python bad
from fastapi import APIRouter
from slowapi import Limiter

limiter = Limiter(key_func=str)
router = APIRouter()


@limiter.limit("2/minute")
@router.post("/login")
def login(request):
    return "ok"
```

```python good
from fastapi import APIRouter
from slowapi import Limiter

limiter = Limiter(key_func=str)
router = APIRouter()


@router.post("/login")
@limiter.limit("2/minute")
def login(request):
    return "ok"
```

## What it reports

- slowapi and Flask-Limiter: `@limiter.limit` above the decorator that registers the route, which registers the function without it.
- slowapi: `default_limits` without `SlowAPIMiddleware`, which applies them.
- Flask-Limiter: a `Limiter` that is given no application and whose `init_app` nobody calls.
- django-ratelimit: `block=False` where nobody reads `request.limited`; `method="GET"` on a view that reads `request.POST`.
- Django REST framework: `ScopedRateThrottle` on a view without `throttle_scope`; default throttles whose rates are all None;
  default rates in a project where no throttle class is named.

## Fix

`--fix` moves a limit below the decorator of its route (safe) where nothing but other limits stands between the two, and where the
limiter is known. With slowapi the function also needs `request: Request` (and `response: Response` for a limiter with
`headers_enabled`), without which the limited endpoint would fail. All other shapes are left to you.

## What it does not see

Limits that an environment switches off, keys that every caller shares or that the caller chooses, and storage that is not shared
([shared-ratelimit-storage](shared-ratelimit-storage.md)).
"""

from __future__ import annotations

from holdfast.routes import why as accounts
from holdfast.rule import Account, Finding, Rule
from holdfast.rules.ineffective_ratelimit import declared
from holdfast.rules.ineffective_ratelimit.shapes import SIGNS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.source import ProjectLike, Source
    from holdfast.rule import Options


def check(project: ProjectLike, _options: Options) -> Iterator[Finding]:
    for limit in declared.limits(project):
        yield from (finding for sign in SIGNS[limit.kind] if (finding := sign.found(limit)))


def why(source: Source, _options: Options, line: int) -> Iterator[Account]:
    """Yield an account of each limit that starts on a line, or that the function or class which starts there has."""
    for limit in declared.limits(source.project) if source.project else ():
        starts = [getattr(node, "lineno", 0) for node in (limit.node, limit.holder)]
        if limit.source.path == source.path and line in starts:
            found = [(sign, finding.message) for sign in SIGNS[limit.kind] if (finding := sign.found(limit))]
            subject = f"the limit `{source.show(limit.node)}`"
            yield accounts.of_signs(source, limit.node, subject, found, "no sign was found that it has no effect")


rule = Rule(
    name="ineffective-ratelimit",
    code="HF202",
    summary="declared rate limits take effect",
    since="0.1.0",
    level="error",
    check=check,
    scope="project",
    default=False,
    cwe=307,
    fix_level="safe",
    signs=tuple(sign for signs in SIGNS.values() for sign in signs),
    why=why,
)
