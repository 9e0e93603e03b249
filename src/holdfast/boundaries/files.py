"""The files of a code base's modules, found by name: nothing is imported."""

from __future__ import annotations

import os
from functools import cache, lru_cache

from holdfast.code.source import Source, other_encoding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

HEAD = 2048
"""How many bytes of a file are split into lines at first: imports stand at the top."""


class Files:
    """Where modules lie.

    root: the absolute folder that paths are relative to. packages: from each root package to its absolute folders.
    """

    def __init__(self, root: str, packages: Mapping[str, Sequence[str]]) -> None:
        self.root = root
        self.packages = packages
        self.shown = {folder: self.relative(folder) for folders in packages.values() for folder in folders}
        self.path = cache(self._path)
        self.known = cache(self._known)
        self.mentions = cache(self._mentions)
        self._inside = cache(_inside)
        self._heads = lru_cache(maxsize=16)(self._head)  # asked for file by file, and too large to be kept

    def _path(self, module: str) -> str:
        """The path of a module's file relative to the root, with `/`; "" where there is none."""
        for package, folders in self.packages.items():
            if module == package or module.startswith(f"{package}."):
                around, _, name = module[len(package) :].replace(".", "/").rpartition("/")
                for folder in folders:
                    path = f"{around}/{name}" if name else ""
                    if (not name or name in self._inside(folder + around)) and "__init__.py" in self._inside(folder + path):
                        return f"{self.shown[folder]}{path}/__init__.py"
                    if name and f"{name}.py" in self._inside(folder + around):
                        return f"{self.shown[folder]}{path}.py"
        return ""

    def relative(self, path: str) -> str:
        """A path relative to the root, with `/`."""
        try:
            return os.path.relpath(path, self.root).replace(os.sep, "/")
        except ValueError:  # another drive
            return path.replace(os.sep, "/")

    def source(self, module: str) -> Source | None:
        """A module's file, read once; None where it cannot be read."""
        path = self.path(module)
        return self.known(path) if path else None

    def _known(self, path: str) -> Source | None:
        """The file at a path relative to the root, read once; None where it cannot be read."""
        data = self._data(path)
        return None if data is None else Source(path, data)

    def _data(self, path: str) -> bytes | None:
        try:
            with open(f"{self.root}/{path}", "rb", buffering=0) as file:
                return file.read()
        except OSError:
            return None

    def _mentions(self, path: str, word: bytes) -> bool:
        """Whether a file holds a word."""
        return word in self._heads(path).data

    def line(self, path: str, number: int) -> str | None:
        """A line of a file (1-based), None where there is none."""
        return self._heads(path).line(number)

    def until(self, path: str, number: int, text: str) -> str:
        """The lines of a file from one (1-based) to the first that holds a text; "" where none does."""
        return self._heads(path).until(number, text.encode())

    def _head(self, path: str) -> Head:
        return Head(self._data(path))

    def is_package(self, module: str, modules: Collection[str]) -> bool:
        """Whether relative imports in a module start at the module itself."""
        path = self.path(module)
        return path.endswith("__init__.py") if path else any(name.startswith(f"{module}.") for name in modules)


class Head:
    """The lines of a file, split as far as they are asked for; without data, no lines."""

    def __init__(self, data: bytes | None) -> None:
        self.data = data or b""
        if b"\r" in self.data or other_encoding(self.data):
            self.data = "\n".join(Source("", self.data).lines).encode()
        self.size = HEAD
        self.lines = self.data[: self.size].split(b"\n") if data is not None else []

    def line(self, number: int) -> str | None:
        """A line by its number, 1-based."""
        while number >= len(self.lines) and self._more():  # the last one may be cut off
            pass
        return _text(self.lines[number - 1]) if number <= len(self.lines) else None

    def until(self, number: int, text: bytes) -> str:
        """The lines from one to the first that holds a text."""
        while True:
            last = next((index for index in range(number - 1, len(self.lines) - 1) if text in self.lines[index]), None)
            if last is not None or not self._more():
                break
        return _text(b"\n".join(self.lines[number - 1 : last + 1 if last is not None else None]))

    def _more(self) -> bool:
        """Split more of the file; whether there was more."""
        more = self.size < len(self.data)
        self.size *= 8
        self.lines = self.data[: self.size].split(b"\n") if more else self.lines
        return more


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").removeprefix("\ufeff")


def _inside(folder: str) -> frozenset[str]:
    """The names of what lies in a folder; asking for each file instead takes several times as long."""
    try:
        return frozenset(os.listdir(folder))
    except OSError:
        return frozenset()
