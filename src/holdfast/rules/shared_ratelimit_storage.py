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
from holdfast.code.definitions import Located
from holdfast.record import Record
from holdfast.routes import limiters, routing, why as accounts
from holdfast.rule import HARD, Account, Finding, Rule, Sign, decide

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.source import ProjectLike, Source
    from holdfast.rule import Options

READERS = frozenset({"os.getenv", "os.environ.get"})
LOCAL_CACHES = ("LocMemCache", "DummyCache")
CONFIGURED = (b"ratelimit_storage_ur", b".storage_ur")
ENVIRONMENTS = frozenset("dev develop development local test testing ci".split())


class Storage(Record):
    """Where limits are counted: the call that creates a limiter, or the backend of the default cache.

    library: slowapi or flask_limiter; "" for a cache.
    """

    project: ProjectLike
    source: Source
    node: ast.expr
    library: str = ""


def _no_storage(storage: Storage) -> str:
    call = storage.node
    if not storage.library or not isinstance(call, ast.Call) or routing.argument(call, "storage_uri") is not None:
        return ""
    is_configured = storage.library == "flask_limiter" and any(True for _ in storage.project.mentioning(*CONFIGURED))
    is_spread = any(keyword.arg is None for keyword in call.keywords)
    is_given = is_configured or is_spread or routing.argument(call, "storage") is not None
    return "" if is_given else "it has no `storage_uri`"


def _memory(storage: Storage) -> str:
    uri = _uri(storage)
    is_memory = uri and isinstance(uri.node, ast.Constant) and (uri.node.value is None or _text(uri).startswith("memory://"))
    return f"its `storage_uri` is {getattr(uri.node, 'value', None)!r}" if uri and is_memory else ""


def _unset_variable(storage: Storage) -> str:
    uri = _uri(storage)
    is_read = uri and isinstance(uri.node, ast.Call) and len(uri.node.args) == 1 and uri.source.qualname(uri.node.func) in READERS
    return "its `storage_uri` is an environment variable that may be unset, which means memory" if is_read else ""


def _uri(storage: Storage) -> Located | None:
    """Return the `storage_uri` of a limiter, followed through names."""
    given = routing.argument(storage.node, "storage_uri") if isinstance(storage.node, ast.Call) and storage.library else None
    return definitions.resolve(storage.source, given) if given is not None else None


def _text(uri: Located) -> str:
    return str(getattr(uri.node, "value", ""))


def _local_cache(storage: Storage) -> str:
    backend = "" if storage.library else definitions.text(storage.source, storage.node)
    return "each process has its own" if backend.endswith(LOCAL_CACHES) else ""


SIGNS = (
    Sign(name="no-storage", strength=HARD, sentence="the limiter has no storage", found=_no_storage),
    Sign(name="memory-storage", strength=HARD, sentence="the storage of the limiter is memory", found=_memory),
    Sign(name="unset-variable", strength=HARD, sentence="the storage may be unset, which means memory", found=_unset_variable),
    Sign(name="local-cache", strength=HARD, sentence="each process has a default cache of its own", found=_local_cache),
)


def check(project: ProjectLike, _options: Options) -> Iterator[Finding]:
    for storage in _storages(project):
        decision = decide(SIGNS, (), storage)
        if decision.reports:
            message, hint = _message(storage, decision.evidence)
            yield storage.source.finding(storage.node, message, hint=hint)


def _message(storage: Storage, reason: str) -> tuple[str, str]:
    if storage.library:
        message = f"this limiter counts in the memory of one process: {reason}"
        return message, 'set a storage that all processes share, for example `storage_uri="redis://..."`'
    message = f"rate limits are counted in this cache, and {reason}"
    return message, "use a cache that all processes share: Redis, Memcached or the database"


def _storages(project: ProjectLike) -> Iterator[Storage]:
    """Yield the limiters of a project, and its default caches where limits are counted in them."""
    is_cached = False
    for source in limiters.sources(project):
        for call, library in limiters.made(source):
            yield Storage(project=project, source=source, node=call, library=library)
        is_cached = is_cached or limiters.has_cache_limits(source)
    for source in project.mentioning(b"locmemcache", b"dummycache") if is_cached else ():
        name = source.path.rpartition("/")[2].removesuffix(".py")
        if not source.is_test and name not in ENVIRONMENTS and definitions.is_readable(source):
            yield from (Storage(project=project, source=source, node=backend) for backend in _backends(source))


def _backends(source: Source) -> Iterator[ast.expr]:
    """Yield the backend of the default cache in each `CACHES`."""
    for assign in source.nodes(ast.Assign):
        if any(isinstance(target, ast.Name) and target.id == "CACHES" for target in assign.targets):
            default = definitions.entry(assign.value, "default")
            backend = definitions.entry(default, "BACKEND") if default else None
            if backend is not None:
                yield backend


def why(source: Source, _options: Options, line: int) -> Iterator[Account]:
    """Yield an account of each limiter or cache that starts on a line."""
    for storage in _storages(source.project) if source.project else ():
        if (storage.source.path, source.place(storage.node)[0]) == (source.path, line):
            decision = decide(SIGNS, (), storage)
            found = [(decision.sign, _message(storage, decision.evidence)[0])] if decision.sign else []
            subject = f"the {'limiter' if storage.library else 'cache'} `{source.show(storage.node)}`"
            yield accounts.of_signs(source, storage.node, subject, found, "no sign was found that it counts in memory")


rule = Rule(
    name="shared-ratelimit-storage",
    code="HF203",
    summary="rate limits are counted in a storage that all processes share",
    since="0.1.0",
    level="warning",
    check=check,
    scope="project",
    default=False,
    cwe=307,
    signs=SIGNS,
    why=why,
)
