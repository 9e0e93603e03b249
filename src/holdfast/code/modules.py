"""Find the file that an import means: import paths are looked up from source roots, as Python does along `sys.path`."""

from __future__ import annotations

import os
import sys
from fnmatch import fnmatchcase

from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class Modules:
    """The modules of a project.

    files: the paths of its Python files, relative to the root, with `/`. declared: the source roots of the configuration, in which
    `*` stands for one folder. is_imported: tells whether a file of the project imports a top-level package of a name. Raises
    CheckError("option") for a declared root without Python files.

    A source root is a folder from which modules are imported. The roots are searched in this order:

    1. The importer's own roots, nearest first: the folder above its top-most package, each folder above that one that is not itself
       a package, and each declared root around the importer. Names of the standard library are looked up only here.
    2. The other roots: the declared ones or, if none is declared, each folder outside of all packages. The nearest root with the
       module wins. That is the root that shares most folders with the importer and, of several, the shortest. If there are still
       two, neither wins.
    3. The importer's packages, outermost first, up to the first package whose name is imported somewhere. A package that is never
       imported by its name is a folder in which the program starts, with an `__init__.py` that has no effect.
    """

    def __init__(
        self, files: Iterable[str], declared: tuple[str, ...] = (), is_imported: Callable[[str], bool] = lambda _: True
    ) -> None:
        self._files = frozenset(path for path in files if path.endswith(".py"))
        self._folders = {""}
        for path in self._files:
            self._folders.update(_around(path))
        self._declared = sorted({folder for root in declared for folder in self._matching(root)})
        self._is_imported = is_imported
        self._own_roots: dict[str, list[str]] = {}
        self._found: dict[tuple[str, str], str] = {}
        self._holders: dict[str, list[str]] | None = None

    def __contains__(self, path: str) -> bool:
        return path in self._files

    def find(self, dotted: str, importer: str) -> str:
        """The path of the module that an importer (a path) imports by a dotted name, leading dots included; "" for none."""
        folder = _above(importer)
        if (dotted, folder) not in self._found:
            relative = dotted.startswith(".")
            self._found[dotted, folder] = self._relative(dotted, folder) if relative else self._absolute(dotted, folder)
        return self._found[dotted, folder]

    def name(self, path: str, importer: str) -> str:
        """The dotted name by which an importer (a path) imports the module at a path; "" if that is not known.

        It is the shortest name that finds the module. Outside of packages, a file of the project also imports its first part.
        """
        parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
        names = (".".join(parts[start:]) for start in range(len(parts) - 1, -1, -1))
        found = [name for name in names if self.find(name, importer) == path]
        imported = (name for name in found if self._is_package(_above(path)) or self._is_imported(name.partition(".")[0]))
        return next(imported, "")

    def at(self, path: str) -> str:
        """The file of the module at a path without `.py`; "" for none. Like Python, it prefers a package to a module."""
        candidates = (f"{path}/__init__.py".lstrip("/"), f"{path}.py")
        return next((candidate for candidate in candidates if candidate in self._files), "")

    def has_package(self, name: str, importer: str) -> bool:
        """Return whether an importer can import a top-level package of the project by this name, with or without `__init__.py`."""
        folder = _above(importer)
        roots = (*self._roots(folder), *self._other_roots(name), *self._packages_in_name_only(folder, name))
        return any(_joined(root, name) in self._folders for root in roots)

    def _relative(self, dotted: str, folder: str) -> str:
        names = dotted.lstrip(".")
        folders = folder.split("/") if folder else []
        up = len(dotted) - len(names) - 1
        return self.at("/".join([*folders[: len(folders) - up], *names.split(".")]).rstrip("/")) if up <= len(folders) else ""

    def _absolute(self, dotted: str, folder: str) -> str:
        if not dotted:
            return ""
        inner = dotted.replace(".", "/")
        top = inner.partition("/")[0]
        found = self._first(self._roots(folder), inner)
        if found or top in sys.stdlib_module_names:
            return found
        return self._nearest(top, inner, folder) or self._first(self._packages_in_name_only(folder, top), inner)

    def _first(self, roots: Iterable[str], inner: str) -> str:
        """The module at a path below the first of these roots that contains it."""
        return next(filter(None, (self.at(_joined(root, inner)) for root in roots)), "")

    def _nearest(self, top: str, inner: str, folder: str) -> str:
        """The module at a path below the nearest of the other roots. top: the first part of the path."""
        found = [(_nearness(root, folder), path) for root in self._other_roots(top) if (path := self.at(_joined(root, inner)))]
        nearest = max((nearness for nearness, _ in found), default=(0, 0))
        paths = [path for nearness, path in found if nearness == nearest]
        return paths[0] if len(paths) == 1 else ""

    def _roots(self, folder: str) -> list[str]:
        """The source roots of the importers in a folder, nearest first."""
        if folder not in self._own_roots:
            top = folder
            while self._is_package(top):
                top = _above(top)
            above = [other for other in _around(f"{top}/") if not self._is_package(other)]
            declared = [root for root in self._declared if not root or f"{folder}/".startswith(f"{root}/")]
            self._own_roots[folder] = sorted({top, *above, *declared}, key=len, reverse=True)
        return self._own_roots[folder]

    def _other_roots(self, top: str) -> list[str]:
        """The source roots that may contain a top-level module or package of this name, for any importer."""
        if self._declared:
            return self._declared
        if self._holders is None:
            self._holders = {}
            tops = {*self._folders, *(path.removesuffix(".py") for path in self._files)} - {""}
            for path in sorted(tops):
                root, _, name = path.rpartition("/")
                if not self._is_in_package(root):
                    self._holders.setdefault(name, []).append(root)
        return self._holders.get(top, [])

    def _packages_in_name_only(self, folder: str, name: str) -> Iterator[str]:
        """Yield the packages around a folder, outermost first, up to the first that is imported by its name.

        There are none if none of the packages contains a module or package of the name that is looked up.
        """
        packages = [above for above in reversed([*_around(f"{folder}/")]) if self._is_package(above)]
        if any(f"{package}/{name}" in self._folders or f"{package}/{name}.py" in self._files for package in packages):
            for package in packages:
                if self._is_imported(package.rpartition("/")[2]):
                    return
                yield package

    def _matching(self, pattern: str) -> list[str]:
        """The folders that a declared root means."""
        wanted = os.path.normpath(pattern).replace(os.sep, "/").split("/")
        found = [folder for folder in self._folders if _fits((folder or ".").split("/"), wanted)]
        if not found:
            raise CheckError("option", f'`source-roots`: "{pattern}" contains no Python files of the project')
        return found

    def _is_package(self, folder: str) -> bool:
        """Return whether a folder is a package. The root of the project is not: the folder above it is unknown."""
        return folder != "" and f"{folder}/__init__.py" in self._files

    def _is_in_package(self, folder: str) -> bool:
        return any(map(self._is_package, _around(f"{folder}/")))


def _around(path: str) -> Iterator[str]:
    """Yield the folders around a path, nearest first, up to the root of the project (an empty string)."""
    while path:
        path = _above(path)
        yield path


def _above(path: str) -> str:
    return path.rpartition("/")[0]


def _joined(root: str, inner: str) -> str:
    return f"{root}/{inner}" if root else inner


def _fits(parts: list[str], wanted: list[str]) -> bool:
    return len(parts) == len(wanted) and all(map(fnmatchcase, parts, wanted))


def _nearness(root: str, folder: str) -> tuple[int, int]:
    """A number for how near a root is to a folder, larger if nearer: the folders they share, then how short the root is."""
    parts, others = (path.split("/") if path else [] for path in (root, folder))
    pairs = zip(parts, others, strict=False)
    shared = next((index for index, (left, right) in enumerate(pairs) if left != right), min(len(parts), len(others)))
    return shared, -len(parts)
