"""Reports rate limits that are declared but never enforced.

## Why is this bad?

The team believes that the endpoint is limited, reviewers see the limit in the code, and no request is ever refused. Two of the
shapes below are questions that users of slowapi asked: a limit above the decorator of the route
([issue 39](https://github.com/laurentS/slowapi/issues/39)), and default limits without the middleware that applies them
([issue 26](https://github.com/laurentS/slowapi/issues/26)). Each shape was confirmed with real requests: a limit of two did not
stop four requests.

## Example

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

Use instead:

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

slowapi and Flask-Limiter:

- `@limiter.limit` above the decorator that registers the route. That decorator registers the function without the limit.
- slowapi: `default_limits` without `SlowAPIMiddleware`, which applies them.
- Flask-Limiter: a `Limiter` that gets no application and whose `init_app` is never called.

django-ratelimit:

- `block=False` if no code reads `request.limited`.
- `method="GET"` on a view that reads `request.POST`.

Django REST framework:

- `ScopedRateThrottle` on a view without `throttle_scope`.
- Default throttles whose rates are all None.
- Default rates in a project that names no throttle class.

## What it leaves alone

- A `Limiter` that is passed on instead of assigned to a name: the code that gets it may attach it.
- Limits of other libraries, and limits that a project writes itself.
- Tests.

## What it does not see

- Limits that the environment switches off.
- Keys that all callers share, and keys that the caller chooses.
- Storage that processes do not share: see [shared-ratelimit-storage](shared-ratelimit-storage.md).

## Fix safety

Safe: `--fix` moves the limit below the decorator of its route, and changes nothing else. It does so if it finds the limiter and
if only other limits are between the two decorators. With slowapi the function must also have the parameter `request: Request`
(and `response: Response` for a limiter with `headers_enabled`), because slowapi fails without it, and the file must not import
from `__future__`. All other shapes are left to you.

## References

- [slowapi: the decorator of the route must be above the limit](https://slowapi.readthedocs.io/en/latest/#fastapi)
- [CWE-307: Improper Restriction of Excessive Authentication Attempts](https://cwe.mitre.org/data/definitions/307.html)
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
