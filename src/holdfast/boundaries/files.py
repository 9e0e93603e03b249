"""The files of a code base's modules, found by name: nothing is imported."""

from __future__ import annotations

import os
from functools import cache

from holdfast.source import Source, other_encoding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

STEP = 20
"""How many more lines of a file are split than were asked for."""


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
        self.heads = cache(self._head)

    def _path(self, module: str) -> str:
        """The path of a module's file relative to the root, with `/`; "" where there is none."""
        for package, folders in self.packages.items():
            if module == package or module.startswith(f"{package}."):
                inner = module[len(package) :].replace(".", "/")
                for folder in folders:
                    for name in (f"{inner}/__init__.py", f"{inner}.py"):
                        if os.path.isfile(folder + name):
                            return self.shown[folder] + name
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
            with open(os.path.join(self.root, path), "rb", buffering=0) as file:
                return Source(path, file.read())
        except OSError:
            return None

    def _head(self, path: str) -> list[bytes]:
        """The lines of a file in UTF-8, as far as `line` has split them: the last item is the rest of the file."""
        source = self.known(path)
        if source is None:
            return []
        if b"\r" in source.data or other_encoding(source.data):
            return ["\n".join(source.lines).encode()]
        return [source.data]

    def line(self, path: str, number: int) -> str | None:
        """A line of a file (1-based), None where there is none. Imports stand at the top, so a file is not split to its end."""
        head = self.heads(path)
        if number >= len(head) and head and b"\n" in head[-1]:
            head += head.pop().split(b"\n", number + STEP)
        return head[number - 1].decode("utf-8", "replace").removeprefix("\ufeff") if number <= len(head) else None

    def is_package(self, module: str, modules: Collection[str]) -> bool:
        """Whether relative imports in a module start at the module itself."""
        path = self.path(module)
        return path.endswith("__init__.py") if path else any(name.startswith(f"{module}.") for name in modules)
