"""Find what a file imports, and the files that import it, without parsing them.

To parse every file that mentions a name like `config` would take longer than the rest of a run.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.source import Source

BOM = b"\xef\xbb\xbf"
FROM = rb"(?m)^[ \t]*from[ \t]+(\.*)([\w.]*)[ \t]+import[ \t]*(\([^)]*\)|(?:[^\n\\]|\\\n)*)"
IMPORT = rb"(?m)^[ \t]*import[ \t]+([^\n#;]+)"


def importers(source: Source) -> Iterator[Source]:
    """Yield the other files of the project that import a file, without tests."""
    project = source.project
    if project is None:
        return
    modules = project.modules_with(source.path)
    last = source.path.removesuffix(".py").removesuffix("/__init__").rpartition("/")[2]
    word = last.encode("utf-8", "surrogateescape")
    for path in project.files:
        other = project.source(path) if path != source.path else None
        if other is None or word not in other.data or other.is_test:
            continue
        names = (name for name in imported_names(other) if name.rpartition(".")[2] in (last, ""))
        if any(modules.find(name, path) == source.path for name in names):
            yield other


def imported_names(source: Source) -> frozenset[str]:
    """The dotted names that a file imports, leading dots included; both `a` and `a.b` for `from a import b`."""
    if source.project is None:
        return _imported_names(source)
    known: dict[str, frozenset[str]] = source.project.cache.setdefault("imported names", {})
    if source.path not in known:
        known[source.path] = _imported_names(source)
    return known[source.path]


def _imported_names(source: Source) -> frozenset[str]:
    found: set[str] = set()
    data = source.data.removeprefix(BOM).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    for statement in re.finditer(IMPORT, data):
        found |= {part.split()[0] for part in _text(statement[1]).split(",") if part.split()}
    for statement in re.finditer(FROM, data):
        base = _text(statement[1] + statement[2])
        names = re.findall(r"(\w+)(?:[ \t]+as[ \t]+\w+)?", re.sub(r"#[^\n]*", "", _text(statement[3])))
        found |= {base, *(f"{base}{'' if base.endswith('.') else '.'}{name}" for name in names)}
    return frozenset(found)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
