"""The files of a code base's modules, found by name: nothing is imported."""

from __future__ import annotations

import os
from functools import cache

from holdfast.source import Source, other_encoding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

HEAD = 4096


class Files:
    """Where modules lie.

    root: the absolute folder that paths are relative to. packages: from each root package to its absolute folders.
    """

    def __init__(self, root: str, packages: Mapping[str, Sequence[str]]) -> None:
        self.root = root
        self.packages = packages
        self.path = cache(self._path)
        self.known = cache(self._known)
        self.head = cache(self._head)

    def _path(self, module: str) -> str:
        """The path of a module's file relative to the root, with `/`; "" where there is none."""
        for package, folders in self.packages.items():
            if module == package or module.startswith(f"{package}."):
                inner = module[len(package) :].replace(".", os.sep)
                for folder in folders:
                    for path in (f"{folder}{inner}{os.sep}__init__.py", f"{folder}{inner}.py"):
                        if os.path.isfile(path):
                            return self.relative(path)
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
        try:
            with open(os.path.join(self.root, path), "rb") as file:
                return Source(path, file.read())
        except OSError:
            return None

    def _head(self, path: str) -> list[str]:
        """The whole lines of the first bytes of a file, where imports are; empty where only all of it can tell."""
        source = self.known(path)
        data = source.data[:HEAD] if source else b""
        if b"\r" in data or other_encoding(data):
            return []
        lines = data.decode("utf-8-sig", "replace").split("\n")
        return lines[:-1] if len(data) == HEAD else lines

    def lines(self, path: str, first: int, count: int) -> list[str]:
        """Lines of a file, from the first (1-based) on. Most imports stand at the top, so most files are not split to their end."""
        head = self.head(path)
        if first + count > len(head):
            source = self.known(path)
            head = source.lines if source else []
        return head[first - 1 : first - 1 + count]

    def is_package(self, module: str, modules: Collection[str]) -> bool:
        """Whether relative imports in a module start at the module itself."""
        path = self.path(module)
        return path.endswith("__init__.py") if path else any(name.startswith(f"{module}.") for name in modules)
