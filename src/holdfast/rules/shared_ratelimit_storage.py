"""Reports rate limiters that count in the memory of one process.

A limit holds for an application only if all of its processes count in the same place: Redis, Memcached or a database.

## Why is this bad?

A limiter that counts in memory limits each process by itself. With four workers on three machines, five attempts a minute become
sixty, and a restart forgets all of them. Flask-Limiter itself warns at start-up that its in-memory storage is not recommended for
production. Eight of ten limiters in the measured projects count in memory.

## Example

```python bad
from slowapi import Limiter

limiter = Limiter(key_func=str)
```

Use instead:

```python good
from shop.settings import settings
from slowapi import Limiter

limiter = Limiter(key_func=str, storage_uri=settings.redis_url)
```

## What it reports

A `Limiter` of slowapi or Flask-Limiter

- without `storage_uri` (and, for Flask-Limiter, without `RATELIMIT_STORAGE_URI` in the configuration)
- with `memory://`
- with an environment variable that has no default: if the variable is not set, the limiter counts in memory

A default cache that is `LocMemCache` or `DummyCache`, if django-ratelimit or throttles of Django REST framework count in it.

## What it leaves alone

- A `storage_uri` whose value it cannot follow.
- A `Limiter` with `storage=` or with `**options`.
- Caches in settings for development and tests: `dev.py`, `local.py`, `test.py` and similar names.
- Tests.

## What it does not see

- Whether the application runs as one process. If it does, switch the rule off.
- Storage that the deployment configures in another way.

## References

- [CWE-307: Improper Restriction of Excessive Authentication Attempts](https://cwe.mitre.org/data/definitions/307.html)
- [Flask-Limiter: configuring a storage backend](https://flask-limiter.readthedocs.io/en/stable/#configuring-a-storage-backend)
- [Django REST framework: Setting up the cache](https://www.django-rest-framework.org/api-guide/throttling/#setting-up-the-cache)
"""

from __future__ import annotations

import ast

from holdfast.code import definitions
from holdfast.routes import limiters, routing
from holdfast.rule import Finding, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.project import Project
    from holdfast.code.source import Source
    from holdfast.rule import Options

READERS = frozenset({"os.getenv", "os.environ.get"})
LOCAL_CACHES = ("LocMemCache", "DummyCache")
CONFIGURED = (b"ratelimit_storage_ur", b".storage_ur")
ENVIRONMENTS = frozenset("dev develop development local test testing ci".split())


def check(project: Project, _options: Options) -> Iterator[Finding]:
    throttled = False
    for source in limiters.sources(project):
        for call, library in limiters.made(source):
            reason = _local(project, source, call, library)
            if reason:
                message = f"this limiter counts in the memory of its process: {reason}"
                yield source.finding(call, message, hint='storage_uri="redis://..."')
        throttled = throttled or limiters.counts_in_cache(source)
    for source in project.mentioning(b"locmemcache", b"dummycache") if throttled else ():
        name = source.path.rpartition("/")[2].removesuffix(".py")
        if not source.is_test and name not in ENVIRONMENTS and definitions.is_readable(source):
            yield from _caches(source)


def _local(project: Project, source: Source, call: ast.Call, library: str) -> str:
    """Why a limiter counts in memory; "" where it does not."""
    given = routing.argument(call, "storage_uri")
    if given is None:
        configured = library == "flask_limiter" and any(True for _ in project.mentioning(*CONFIGURED))
        spread = any(keyword.arg is None for keyword in call.keywords)
        return "" if configured or spread or routing.argument(call, "storage") is not None else "it has no storage_uri"
    found = definitions.resolve(source, given)
    node = found.node if found else given
    if isinstance(node, ast.Constant) and (node.value is None or repr(node.value).startswith("'memory://")):
        return f"storage_uri is {node.value!r}"
    if isinstance(node, ast.Call) and found and found.source.qualname(node.func) in READERS and len(node.args) == 1:
        return "the environment variable may be unset, which means memory"
    return ""


def _caches(source: Source) -> Iterator[Finding]:
    """The default cache of CACHES, where it is one process's own."""
    for assign in source.nodes(ast.Assign):
        if not any(isinstance(target, ast.Name) and target.id == "CACHES" for target in assign.targets):
            continue
        default = definitions.entry(assign.value, "default")
        backend = definitions.entry(default, "BACKEND") if default else None
        if backend is not None and definitions.text(source, backend).endswith(LOCAL_CACHES):
            message = "rate limits are counted in this cache, which each process has for itself"
            yield source.finding(backend, message, hint="a cache that all processes share: Redis, Memcached, the database")


rule = Rule(
    name="shared-ratelimit-storage",
    code="HF203",
    summary="rate limits are counted where all processes see them",
    since="0.1.0",
    level="warning",
    check=check,
    scope="project",
    default=False,
    cwe=307,
)
