"""The project around a file: what rules may ask about the other files below the root. Files are read when a rule asks."""

from __future__ import annotations

import os
import re
from functools import cached_property

from holdfast import files
from holdfast.code import discovery
from holdfast.code.encoding import is_other_encoding, searchable
from holdfast.code.imports import imported_names
from holdfast.code.modules import Modules
from holdfast.code.source import Source
from holdfast.record import Record
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


class Query(Record):
    """What Project.mentioning searches files for."""

    words: tuple[bytes, ...]
    patterns: tuple[tuple[bytes, bytes], ...] = ()

    def fits(self, data: bytes) -> bool:
        """Return whether a file with this content matches."""
        lowered = searchable(data)
        return (
            any(word in lowered for word in self.words)
            or any(word in lowered and re.search(pattern, lowered) for word, pattern in self.patterns)
            or is_other_encoding(data)
        )


class Project:
    """The Python files below a root: those that git tracks or, outside a checkout, all.

    root: an absolute path. All other paths are relative to it, with `/`. source_roots: the folders from which modules are imported,
    if the configuration declares them. Untracked files are not evidence: pre-commit leaves them in the tree, and code that passes
    there must pass in CI.
    """

    def __init__(self, root: str, source_roots: tuple[str, ...] = ()) -> None:
        self.root = root
        self.source_roots = source_roots
        self._sources: dict[str, Source | None] = {}
        self._imported: dict[str, bool] = {}
        self.asked: dict[Query, tuple[str, ...]] = {}
        """Each query that the files were searched for, and the files that matched."""
        self.consulted: set[str] = set()
        """The paths of the files that answers depend on, including paths that do not exist."""
        self.unreadable: dict[str, CheckError] = {}
        """The files that a rule had to parse for evidence and could not."""
        self.cache: dict[str, Any] = {}
        """What is computed once for the whole project, such as its routes."""

    @cached_property
    def files(self) -> tuple[str, ...]:
        """All Python files, sorted."""
        return tuple(sorted(discovery.python_files(self.root, self.root, untracked=False)))

    @cached_property
    def modules(self) -> Modules:
        """The look-up of imported modules."""
        return Modules(self.files, self.source_roots, self._is_imported)

    def modules_with(self, path: str) -> Modules:
        """The look-up of imported modules, including the file at this path even if git does not track it."""
        is_known = path in self.modules or not path.endswith(".py")
        return self.modules if is_known else Modules((*self.files, path), self.source_roots, self._is_imported)

    def _is_imported(self, name: str) -> bool:
        """Return whether a file of the project imports a top-level package of this name. Only its text is read."""
        if name not in self._imported:
            word = name.encode("utf-8", "surrogateescape")
            sources = (source for path in self.files if (source := self.source(path)) and word in source.data)
            self._imported[name] = any(
                name == imported.partition(".")[0] for source in sources for imported in imported_names(source)
            )
        return self._imported[name]

    def source(self, path: str) -> Source | None:
        """The file at a path, read once; None if there is no readable file."""
        self.consulted.add(path)
        return self._read(path)

    def _read(self, path: str) -> Source | None:
        if path not in self._sources:
            try:
                self._sources[path] = Source(path, files.read(os.path.join(self.root, path)), project=self)
            except OSError:
                self._sources[path] = None
        return self._sources[path]

    def with_text(self, path: str, data: bytes) -> Source:
        """A file with a different text, in a copy of the project.

        The copy reads all other files again, because trees and cached results refer to their project.
        """
        other = Project(self.root, self.source_roots)
        other.__dict__["files"] = self.files
        source = other._sources[path] = Source(path, data, project=other)
        return source

    def mentioning(self, *words: bytes, patterns: tuple[tuple[bytes, bytes], ...] = ()) -> Iterator[Source]:
        """Yield the files that contain one of these lower-case words, in whatever case.

        Files in another encoding than UTF-8 are always among them, because words cannot be searched for in their bytes. patterns:
        more words, each with a regular expression that must also match. Both are compared with the text in lower case.
        """
        query = Query(words=words, patterns=patterns)
        if query not in self.asked:
            self.asked[query] = tuple(path for path in self.files if (source := self._read(path)) and query.fits(source.data))
        for path in self.asked[query]:
            source = self.source(path)
            if source:
                yield source

    @cached_property
    def entry_points(self) -> frozenset[str]:
        """The modules that pyproject.toml, setup.cfg or setup.py declare as console or GUI scripts, as dotted names."""
        targets: list[str] = []
        pyproject = self._text("pyproject.toml")
        if "scripts" in pyproject:
            import tomllib

            try:
                table = tomllib.loads(pyproject)
            except (ValueError, RecursionError):
                table = {}
            for names in (("project", "scripts"), ("project", "gui-scripts"), ("tool", "poetry", "scripts")):
                scripts: object = table
                for name in names:
                    scripts = scripts.get(name) if isinstance(scripts, dict) else None
                values = scripts.values() if isinstance(scripts, dict) else ()
                targets += [target for target in values if isinstance(target, str)]
        targets += _setup_cfg_scripts(self._text("setup.cfg"))
        if "console_scripts" in (setup := self._text("setup.py")):
            targets += re.findall(r"""['"\n][ \t]*[\w.-]+[ \t]*=[ \t]*([\w.]+):\w+""", setup)
        return frozenset(target.partition(":")[0].strip() for target in targets)

    def _text(self, path: str) -> str:
        try:
            return files.read(os.path.join(self.root, path)).decode("utf-8", "replace")
        except OSError:
            return ""


def _setup_cfg_scripts(text: str) -> list[str]:
    if "_scripts" not in text:
        return []
    import configparser

    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return []
    section = "options.entry_points"
    names = [name for name in ("console_scripts", "gui_scripts") if parser.has_option(section, name)]
    lines = (line for name in names for line in parser.get(section, name).splitlines())
    return [line.partition("=")[2].strip() for line in lines if "=" in line]
