"""Detect web frameworks, and exclude files that cannot be parsed."""

from __future__ import annotations

import os
import re

from holdfast.code import discovery

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FRAMEWORKS = {b"django": "Django", b"rest_framework": "Django REST framework", b"fastapi": "FastAPI", b"flask": "Flask"}
IMPORT = re.compile(rb"^[ \t]*(?:from|import)[ \t]+(%s)\b" % b"|".join(FRAMEWORKS), re.MULTILINE)


def frameworks(root: str) -> list[str]:
    """Return the names of the web frameworks that the Python files below the root import, of those that rules know."""
    found: set[bytes] = set()
    for path in discovery.python_files(root, root):
        try:
            with open(os.path.join(root, path), "rb") as file:
                found.update(IMPORT.findall(file.read()))
        except OSError:
            continue  # the run afterwards reports the error
        if len(found) == len(FRAMEWORKS):
            break
    return [name for word, name in FRAMEWORKS.items() if word in found]


def globs_for(broken: Iterable[str], files: Sequence[str]) -> list[str]:
    """Return globs that match the broken files and no other file: a folder if all files in it are broken, otherwise a file.

    Paths are relative to the root, with `/`. Wildcards in a path are escaped.
    """
    paths = set(broken)
    with_valid_files = {folder for path in files if path not in paths for folder in _folders(path)}
    counts: dict[str, int] = {}
    for path in paths:
        for folder in _folders(path):
            counts[folder] = counts.get(folder, 0) + 1
    globs: set[str] = set()
    for path in paths:
        whole = [folder for folder in _folders(path) if folder not in with_valid_files and counts[folder] > 1]
        globs.add(_glob(f"{whole[0]}/" if whole else path))
    return sorted(globs)


def _folders(path: str) -> list[str]:
    """The folders that contain a path, outermost first, without the root."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[: end + 1]) for end in range(len(parts))]


def _glob(path: str) -> str:
    """The glob that matches only this path: anchored, with escaped wildcards."""
    literal = re.sub(r"[*?\[]", lambda match: f"[{match[0]}]", path)
    return literal if "/" in literal.rstrip("/") else f"/{literal}"
