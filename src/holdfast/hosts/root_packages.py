"""Root packages: find their folders, find the module of a file, and explain why grimp cannot read them."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import PathFinder

from grimp.exceptions import SourceSyntaxError

from holdfast.code import discovery
from holdfast.rule import CheckError, suggestion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.machinery import ModuleSpec
    from typing import NoReturn

SOURCE_ROOTS = (".", "src", "lib", "python", "backend", "packages/*/src", "*/src")


def find(packages: list[str], root: str, source_roots: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the folder of each root package. Nothing is imported.

    source_roots: patterns for the parent, relative to the root, instead of the usual ones. Raises CheckError("option") for a
    package that is not found.
    """
    import glob

    found: dict[str, str] = {}
    patterns = source_roots or SOURCE_ROOTS
    folders = [os.path.abspath(hit) for pattern in patterns for hit in sorted(glob.glob(os.path.join(root, pattern)))]
    for package in packages:
        inner = package.replace(".", os.sep)
        above = next((folder for folder in folders if os.path.isdir(os.path.join(folder, inner))), None)
        if "." in package and above and os.path.isfile(os.path.join(above, os.path.dirname(inner), "__init__.py")):
            outer = package.rpartition(".")[0]
            raise CheckError("option", f'the root package "{package}" is in the package "{outer}": name the outermost package')
        if above is None:
            candidates = _packages_in(folders)
            close = suggestion(package, candidates) if candidates else ""
            message = f'the root package "{package}" was not found in {", ".join(patterns)} below {root}'
            raise CheckError("option", f"{message}: name the folder that contains it with --source-root{close}")
        found[package] = os.path.join(above, inner)
        _refuse_other_copy(package, found[package], above)
    return found


def _packages_in(folders: list[str]) -> list[str]:
    """The packages in these folders."""
    names = {name for folder in folders for name in os.listdir(folder)} if folders else set()
    return sorted(
        name for name in names if name.isidentifier() and any(os.path.isfile(os.path.join(f, name, "__init__.py")) for f in folders)
    )


def _refuse_other_copy(package: str, folder: str, parent: str) -> None:
    """Raise CheckError("option") if grimp would find another package of this name, such as an installed copy."""
    top = package.partition(".")[0]
    spec = PathFinder.find_spec(top, [*sys.path, parent])
    above = os.path.realpath(folder)[: -len(package[len(top) :]) or None]
    ours = spec is not None and above in map(os.path.realpath, spec.submodule_search_locations or ())
    if top in sys.builtin_module_names or (top in sys.stdlib_module_names and not ours):
        message = f'the package "{top}" has the name of a module of the standard library, which would be checked instead: rename it'
        raise CheckError("option", message)
    if spec and spec.submodule_search_locations and not ours:
        other = next(iter(spec.submodule_search_locations))
        raise CheckError(
            "option", f'the package "{top}" is also installed in {other}, which would be checked instead: uninstall it'
        )


def module_of(path: str, folders: dict[str, str]) -> str:
    """Return the module of a file (its absolute path) in one of the root packages; "" if it is in none."""
    real = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))  # a folder above may be a link
    for package, folder in folders.items():
        above = os.path.realpath(folder) + os.sep
        if real.startswith(above) and real.endswith(".py"):
            inner = real[len(above) :].removesuffix(".py").split(os.sep)
            return ".".join([package, *(part for part in inner if part != "__init__")])
    return ""


class _RootPackages(MetaPathFinder):
    """Lets grimp find root packages, and nothing else of the checkout. They can be found, not imported."""

    def __init__(self, folders: dict[str, str]) -> None:
        parents = {package: folder[: -len(package) - 1] for package, folder in folders.items()}
        self._parents = {
            top: sorted({parents[package] for package in folders if package.partition(".")[0] == top})
            for top in {package.partition(".")[0] for package in folders}
        }

    def find_spec(self, fullname: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        """Return where a root package is; None for any other module."""
        spec = PathFinder.find_spec(fullname, self._parents[fullname]) if fullname in self._parents else None
        if spec is not None and spec.origin is not None:
            spec.loader = _NoLoader()
        return spec


class _NoLoader(Loader):
    """Refuses to run the code of a checkout."""

    def create_module(self, spec: ModuleSpec) -> NoReturn:
        """Raise ImportError."""
        raise ImportError(f"{spec.name} is a package of the checkout, which is not imported")


@contextmanager
def building(root: str, folders: dict[str, str]) -> Iterator[None]:
    """Let grimp find the root packages in a `with` block, and turn its exceptions into a CheckError.

    The error has a path relative to the root if the path is known.
    """
    finder, known = _RootPackages(folders), set(sys.modules)
    sys.meta_path.append(finder)
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        raise
    except SourceSyntaxError as error:
        path = discovery.relative(error.filename, root)
        raise CheckError(
            "syntax", f"the syntax is not valid, so the import graph cannot be built: {error.text}", path, error.lineno or 0
        ) from error
    except BaseException as error:  # a panic in grimp's Rust code is not an Exception
        path = next((path for folder in folders.values() for path in _unnameable(folder)), "")
        if path:
            raise CheckError(
                "unreadable", "the name is not valid UTF-8 and cannot be imported: rename it", discovery.relative(path, root)
            ) from error
        raise CheckError("syntax", f"the import graph cannot be built: {str(error) or type(error).__name__}") from error
    finally:
        sys.meta_path.remove(finder)
        for name in sys.modules.keys() - known:
            if name.partition(".")[0] in {package.partition(".")[0] for package in folders}:
                del sys.modules[name]  # a namespace package around a root package


def _unnameable(folder: str) -> Iterator[str]:
    """The files and folders whose names are not valid UTF-8, which grimp cannot read."""
    for here, inside, names in os.walk(folder):
        yield from (os.path.join(here, name) for name in (*inside, *names) if any("\ud800" <= char <= "\udfff" for char in name))
