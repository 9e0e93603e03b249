"""What is there: web frameworks, and files that no Python parses."""

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
    """The web frameworks that the Python files below the root import and that rules know, by name."""
    found: set[bytes] = set()
    for path in discovery.python_files(root, root):
        try:
            with open(os.path.join(root, path), "rb") as file:
                found.update(IMPORT.findall(file.read()))
        except OSError:
            continue  # the run that follows says so
        if len(found) == len(FRAMEWORKS):
            break
    return [name for word, name in FRAMEWORKS.items() if word in found]


def folded(broken: Iterable[str], files: Sequence[str]) -> list[str]:
    """Globs that fit these files and no other of all files: folders, where all the files in one are broken, else the files.

    Paths are relative to the root, with `/`; a path with a wildcard in it is written so that it fits itself.
    """
    wrong = set(broken)
    sound = {folder for path in files if path not in wrong for folder in _folders(path)}
    inside: dict[str, int] = {}
    for path in wrong:
        for folder in _folders(path):
            inside[folder] = inside.get(folder, 0) + 1
    globs: set[str] = set()
    for path in wrong:
        whole = [folder for folder in _folders(path) if folder not in sound and inside[folder] > 1]
        globs.add(_glob(f"{whole[0]}/" if whole else path))
    return sorted(globs)


def _folders(path: str) -> list[str]:
    """The folders that hold a path, outermost first, without the root."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[: end + 1]) for end in range(len(parts))]


def _glob(path: str) -> str:
    """The glob that fits just this path: anchored, with wildcards that stand for themselves."""
    literal = re.sub(r"[*?\[]", lambda match: f"[{match[0]}]", path)
    return literal if "/" in literal.rstrip("/") else f"/{literal}"
