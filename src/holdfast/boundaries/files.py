"""Find the files of modules by name. Nothing is imported."""

from __future__ import annotations

import os
from functools import cache, lru_cache

from holdfast import files
from holdfast.code.encoding import is_other_encoding
from holdfast.code.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

HEAD = 2048
"""The number of bytes of a file that are split into lines at first, because imports are at the top."""


class Files:
    """The files of a code base.

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
        self._heads = lru_cache(maxsize=16)(self._head)  # files are read one after the other, and are too large to keep

    def _path(self, module: str) -> str:
        """The path of a module's file relative to the root, with `/`; "" if there is none."""
        for package, folders in self.packages.items():
            if module == package or module.startswith(f"{package}."):
                parent, _, name = module[len(package) :].replace(".", "/").rpartition("/")
                for folder in folders:
                    path = f"{parent}/{name}" if name else ""
                    if (not name or name in self._inside(folder + parent)) and "__init__.py" in self._inside(folder + path):
                        return f"{self.shown[folder]}{path}/__init__.py"
                    if name and f"{name}.py" in self._inside(folder + parent):
                        return f"{self.shown[folder]}{path}.py"
        return ""

    def relative(self, path: str) -> str:
        """Return a path relative to the root, with `/`."""
        try:
            return os.path.relpath(path, self.root).replace(os.sep, "/")
        except ValueError:  # on another drive
            return path.replace(os.sep, "/")

    def source(self, module: str) -> Source | None:
        """Return a module's file, which is read once; None if it cannot be read."""
        path = self.path(module)
        return self.known(path) if path else None

    def _known(self, path: str) -> Source | None:
        """The file at a path relative to the root, which is read once; None if it cannot be read."""
        data = self._data(path)
        return None if data is None else Source(path, data)

    def _data(self, path: str) -> bytes | None:
        try:
            return files.read(f"{self.root}/{path}")
        except OSError:
            return None

    def _mentions(self, path: str, word: bytes) -> bool:
        """Whether a file contains a word."""
        return word in self._heads(path).data

    def line(self, path: str, number: int) -> str | None:
        """Return a line of a file by its number, 1-based; None if the file is shorter."""
        return self._heads(path).line(number)

    def until(self, path: str, number: int, text: str) -> str:
        """Return the lines of a file from a number, 1-based, to the first that contains a text; otherwise to the end."""
        return self._heads(path).until(number, text.encode())

    def _head(self, path: str) -> Head:
        return Head(self._data(path))

    def is_package(self, module: str, modules: Collection[str]) -> bool:
        """Return whether a module is a package, so that its relative imports start at the module itself."""
        path = self.path(module)
        return path.endswith("__init__.py") if path else any(name.startswith(f"{module}.") for name in modules)


class Head:
    """The lines of a file, which are split only as far as needed. Without data there are no lines."""

    def __init__(self, data: bytes | None) -> None:
        self.data = data or b""
        if b"\r" in self.data or is_other_encoding(self.data):
            self.data = "\n".join(Source("", self.data).lines).encode()
        self.size = HEAD
        self.lines = self.data[: self.size].split(b"\n") if data is not None else []

    def line(self, number: int) -> str | None:
        """Return a line by its number, 1-based; None if there is none."""
        while number >= len(self.lines) and self._split_more():  # the last line may be incomplete
            pass
        return _text(self.lines[number - 1]) if number <= len(self.lines) else None

    def until(self, number: int, text: bytes) -> str:
        """Return the lines from a number to the first that contains a text; otherwise to the end."""
        while True:
            last = next((index for index in range(number - 1, len(self.lines) - 1) if text in self.lines[index]), None)
            if last is not None or not self._split_more():
                break
        return _text(b"\n".join(self.lines[number - 1 : last + 1 if last is not None else None]))

    def _split_more(self) -> bool:
        """Split more of the file. Return whether there was more."""
        more = self.size < len(self.data)
        self.size *= 8
        self.lines = self.data[: self.size].split(b"\n") if more else self.lines
        return more


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").removeprefix("\ufeff")


def _inside(folder: str) -> frozenset[str]:
    """The names in a folder. To test for each file separately would take several times as long."""
    try:
        return frozenset(os.listdir(folder))
    except OSError:
        return frozenset()
