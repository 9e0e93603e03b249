"""An import graph with the imports of a few files only, so that a hook with file names need not read all others."""

from __future__ import annotations

import grimp
from grimp.application.config import settings
from grimp.application.scanning import scan_imports
from grimp.application.usecases import _find_packages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from grimp import ImportGraph


def build(packages: list[str], importers: Collection[str], external: bool, exclude_type_checking: bool) -> ImportGraph:
    """Return a graph with all modules of the packages and the imports of some of them, as grimp finds them."""
    found = _find_packages(file_system=settings.FILE_SYSTEM, package_names=packages)
    selected = [one for package in found for one in package.module_files if one.module.name in importers]
    graph = grimp.ImportGraph()
    names = {one.module.name for package in found for one in package.module_files}
    added = names | {namespace for package in found for namespace in package.namespace_packages}
    for name in added:
        graph.add_module(name)
    scanned = scan_imports(
        selected, found_packages=found, include_external_packages=external, exclude_type_checking_imports=exclude_type_checking
    )
    for imports in scanned.values():
        for one in imports:
            if one.imported.name not in added:
                added.add(one.imported.name)
                graph.add_module(one.imported.name, is_squashed=one.imported.name.partition(".")[0] not in names)
            graph.add_import(
                importer=one.importer.name,
                imported=one.imported.name,
                line_number=one.line_number,
                line_contents=one.line_contents,
            )
    return graph
