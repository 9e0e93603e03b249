"""Root packages: where they lie, which module a file of theirs is, and what keeps grimp from reading them."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from importlib.machinery import PathFinder

from grimp.exceptions import SourceSyntaxError

from holdfast.code import discovery
from holdfast.rule import CheckError, suggestion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

PLACES = (".", "src", "lib", "python", "backend", "packages/*/src", "*/src")


def find(packages: list[str], root: str, places: tuple[str, ...] = ()) -> dict[str, str]:
    """The folder of each root package; the folder above it is appended to `sys.path`, where grimp looks. Nothing is imported.

    places: patterns relative to the root instead of the usual ones. Raises CheckError("option") for what is not there.
    """
    import glob

    found: dict[str, str] = {}
    patterns = places or PLACES
    folders = [os.path.abspath(hit) for pattern in patterns for hit in sorted(glob.glob(os.path.join(root, pattern)))]
    for package in packages:
        inner = package.replace(".", os.sep)
        above = next((folder for folder in folders if os.path.isdir(os.path.join(folder, inner))), None)
        if "." in package and above and os.path.isfile(os.path.join(above, os.path.dirname(inner), "__init__.py")):
            raise CheckError("option", f'the root package "{package}" lies in another package: name that one')
        if above is None:
            looked = f"looked in {', '.join(patterns)} below {root}"
            beside = _beside(folders)
            message = f'the root package "{package}" was not found{suggestion(package, beside) if beside else ""}; {looked}'
            raise CheckError("option", f"{message}; --source-root names the folder that holds it")
        if above not in sys.path:
            sys.path.append(above)
        found[package] = os.path.join(above, inner)
        _refuse_another(package, found[package])
    return found


def _beside(folders: list[str]) -> list[str]:
    """The packages that lie where a root package was looked for."""
    names = {name for folder in folders for name in os.listdir(folder)} if folders else set()
    return sorted(
        name for name in names if name.isidentifier() and any(os.path.isfile(os.path.join(f, name, "__init__.py")) for f in folders)
    )


def _refuse_another(package: str, folder: str) -> None:
    """Refuse to judge an installed copy in place of the sources."""
    top = package.partition(".")[0]
    spec = PathFinder.find_spec(top)
    above = os.path.realpath(folder)[: -len(package[len(top) :]) or None]
    ours = spec is not None and above in map(os.path.realpath, spec.submodule_search_locations or ())
    if top in sys.builtin_module_names or (top in sys.stdlib_module_names and not ours):
        message = f'the package "{top}" has the name of a module of the standard library, and that one would be checked: rename it'
        raise CheckError("option", message)
    if spec and spec.submodule_search_locations and not ours:
        other = next(iter(spec.submodule_search_locations))
        raise CheckError("option", f'the package "{top}" is also installed at {other}, and that one would be checked: remove it')


def module_of(path: str, folders: dict[str, str]) -> str:
    """The module of a file (its absolute path) in one of the root packages; "" where it is none."""
    real = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))  # a folder above may be a link
    for package, folder in folders.items():
        above = os.path.realpath(folder) + os.sep
        if real.startswith(above) and real.endswith(".py"):
            inner = real[len(above) :].removesuffix(".py").split(os.sep)
            return ".".join([package, *(part for part in inner if part != "__init__")])
    return ""


@contextmanager
def building(root: str, folders: dict[str, str]) -> Iterator[None]:
    """Say what grimp could not read. Raises CheckError("syntax") with a path relative to the root, where one is known."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        raise
    except SourceSyntaxError as error:
        path = discovery.relative(error.filename, root)
        raise CheckError(
            "syntax", f"cannot be parsed, so the import graph cannot be built: {error.text}", path, error.lineno or 0
        ) from error
    except BaseException as error:  # a panic of grimp's Rust is no Exception
        path = next((path for folder in folders.values() for path in _unnameable(folder)), "")
        if path:
            raise CheckError(
                "unreadable", "its name is no UTF-8, so no module: rename it", discovery.relative(path, root)
            ) from error
        raise CheckError("syntax", f"the import graph cannot be built: {str(error) or type(error).__name__}") from error


def _unnameable(folder: str) -> Iterator[str]:
    """The files and folders whose names grimp cannot take."""
    for here, inside, names in os.walk(folder):
        yield from (os.path.join(here, name) for name in (*inside, *names) if any("\ud800" <= char <= "\udfff" for char in name))
