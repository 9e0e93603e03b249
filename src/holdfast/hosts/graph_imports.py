"""The imports of a code base, as contract types need them, from an import graph of grimp."""

from __future__ import annotations

import os
from functools import cache, lru_cache
from importlib.machinery import PathFinder

from holdfast.boundaries.edges import Imports, expand
from holdfast.boundaries.files import Files
from holdfast.boundaries.statements import Edge, Statements

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from grimp import ImportGraph

    from holdfast.boundaries.edges import ContractOptions


def imports_of(
    graph: ImportGraph,
    session: dict[str, Any],
    options: ContractOptions,
    root: str,
    judged: frozenset[str] | None,
    folders: tuple[tuple[str, str], ...] = (),
) -> Imports:
    """Return the imports in a graph.

    session: the options of import-linter's `[tool.importlinter]`. root: the absolute folder that paths are relative to. judged:
    the modules whose imports the contract judges; None for all. folders: the root packages and their folders; if empty, they are
    looked up on `sys.path`.
    """
    packages = tuple(session["root_packages"])
    roots = _prefixes(packages)
    modules = frozenset(module for module in graph.modules if f"{module}.".startswith(roots))
    excluded = _prefixes(expand(options.exclude_modules, modules, "exclude_modules"))
    importers = sorted(
        module for module in modules if (judged is None or module in judged) and not f"{module}.".startswith(excluded)
    )

    @cache
    def details(importer: str, imported: str) -> list[Edge]:
        return [
            Edge(importer, imported, found["line_number"], found["line_contents"])
            for found in graph.get_import_details(importer=importer, imported=imported)
        ]

    statements = Statements(
        files_of(root, packages, folders),
        details,
        modules,
        type_checking=not options.exclude_type_checking_imports,
        functions=not options.ignore_function_level,
    )
    external = str(session.get("include_external_packages")).lower() == "true"
    whole = {module: graph.find_modules_directly_imported_by(module) for module in sorted(modules)}
    return Imports({module: whole[module] for module in importers}, modules, statements, external, whole)


def _prefixes(packages: Iterable[str]) -> tuple[str, ...]:
    """The prefixes of the names of packages and of all modules in them, if a dot is added to each name."""
    return tuple(f"{package}." for package in packages)


@lru_cache(maxsize=1)
def files_of(root: str, packages: tuple[str, ...], folders: tuple[tuple[str, str], ...] = ()) -> Files:
    """Return the files of root packages, in the given folders or on `sys.path`. Nothing is imported."""
    known = {package: [folder] for package, folder in folders}
    return Files(root, {package: known.get(package) or _folders(package) for package in packages})


def _folders(package: str) -> list[str]:
    """The folders of a package."""
    path: Sequence[str] | None = None
    parents: list[str] = []
    for part in package.split("."):
        parents.append(part)
        spec = PathFinder.find_spec(".".join(parents), path)
        if spec is None or spec.submodule_search_locations is None:
            return []
        path = list(spec.submodule_search_locations)
    return [os.path.abspath(folder) for folder in path or ()]
