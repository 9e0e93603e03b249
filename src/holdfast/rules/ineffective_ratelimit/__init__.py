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

import ast

from holdfast.code import definitions
from holdfast.code.definitions import Definition
from holdfast.routes import limiters
from holdfast.rule import Finding, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.project import Project
    from holdfast.code.scopes import FunctionNode
    from holdfast.code.source import Source
    from holdfast.rule import Options


def check(project: Project, _options: Options) -> Iterator[Finding]:
    for source in limiters.sources(project):
        yield from _orders(source)
        yield from _unapplied(project, source)
        yield from _unread(project, source)
        yield from _unscoped(source)
        yield from _unrated(project, source)


def _orders(source: Source) -> Iterator[Finding]:
    """A limit above the route's decorator."""
    for function in source.nodes(ast.FunctionDef, ast.AsyncFunctionDef):
        above: list[ast.expr] = []
        for decorator in function.decorator_list:
            if limiters.limits(source, decorator):
                above.append(decorator)
            elif limiters.registers(source, decorator):
                yield from (_order(source, function, limit) for limit in above)
                above = []


def _order(source: Source, function: FunctionNode, limit: ast.expr) -> Finding:
    message = f"{source.show(limit)} stands above the route's decorator, which registers the function without it"
    below = limiters.place_below(source, function, limit)
    why = f" (not by --fix: {below})" if isinstance(below, str) else ""
    hint = f"put it below the decorator of the route{why}"
    return source.finding(limit, message, hint=hint, fix=None if why else "safe")


def _unapplied(project: Project, source: Source) -> Iterator[Finding]:
    """Default limits that nothing applies, and a limiter that no application knows."""
    for call, library in limiters.made(source):
        if library == "slowapi" and limiters.has_defaults(call) and not limiters.uses(project, b"slowapi", "SlowAPIMiddleware"):
            message = "default_limits of slowapi are applied by SlowAPIMiddleware, which is nowhere added"
            yield source.finding(call, message, hint="app.add_middleware(SlowAPIMiddleware)")
        if library == "flask_limiter" and not limiters.is_attached(project, source, call):
            message = "this Limiter is given no application, and nobody calls its init_app"
            yield source.finding(call, message, hint="limiter.init_app(app) where the application is made")


def _unread(project: Project, source: Source) -> Iterator[Finding]:
    """django-ratelimit's decorators that count and do not refuse."""
    for call in source.nodes(ast.Call):
        if not limiters.is_django_ratelimit(source, call):
            continue
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        blocks, methods = given.get("block"), given.get("method")
        if isinstance(blocks, ast.Constant) and blocks.value is False and not limiters.uses(project, b"limited", "limited"):
            message = "block=False only counts, and nobody reads request.limited"
            yield source.finding(call, message, hint="block=True, or answer 429 where request.limited is true")
        if limiters.only_gets(source, methods) and limiters.reads_post(source, call):
            message = "this limit counts GET alone, and the view answers POST"
            yield source.finding(call, message, hint='method="POST", or ratelimit.ALL')


def _unscoped(source: Source) -> Iterator[Finding]:
    """ScopedRateThrottle on a view that names no scope."""
    for cls in source.nodes(ast.ClassDef):
        definition = Definition(source=source, node=cls)
        own = definitions.own_member(definition, "throttle_classes")
        names = [source.show(part) for part in getattr(own.node, "elts", ())] if own else []
        scoped = bool(names) and all(name.endswith("ScopedRateThrottle") for name in names)
        if own and scoped and not definitions.member(definition, "throttle_scope"):
            yield source.finding(
                own.node, "ScopedRateThrottle limits nothing without throttle_scope", hint='throttle_scope = "login"'
            )


def _unrated(project: Project, source: Source) -> Iterator[Finding]:
    """Default throttles without a rate, and default rates that no throttle uses."""
    for table in source.nodes(ast.Dict):
        keys = [key.value if isinstance(key, ast.Constant) else None for key in table.keys]
        rates = table.values[keys.index("DEFAULT_THROTTLE_RATES")] if "DEFAULT_THROTTLE_RATES" in keys else None
        if not isinstance(rates, ast.Dict) or not rates.values:
            continue
        if "DEFAULT_THROTTLE_CLASSES" not in keys and not limiters.uses(project, b"throttle_classes", "throttle_classes"):
            yield source.finding(rates, "these rates belong to throttles that no setting and no view names")
        elif _names_any(table) and all(isinstance(value, ast.Constant) and not value.value for value in rates.values):
            yield source.finding(rates, "every rate is None: the throttles limit nothing")


def _names_any(table: ast.Dict) -> bool:
    """Whether the settings name default throttles at all; a library's own defaults do not."""
    classes = definitions.entry(table, "DEFAULT_THROTTLE_CLASSES")
    return classes is not None and (not isinstance(classes, ast.List | ast.Tuple) or bool(classes.elts))


rule = Rule(
    name="ineffective-ratelimit",
    code="HF202",
    summary="rate limits that are written work",
    since="0.1.0",
    level="error",
    check=check,
    scope="project",
    default=False,
    cwe=307,
    fix_level="safe",
)
