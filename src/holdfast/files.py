"""Write files atomically, and show changes as diffs."""

from __future__ import annotations

import os


def write(path: str, data: bytes) -> None:
    """Write a file atomically. Its mode is kept, and a link stays a link. Raises OSError."""
    target = os.path.realpath(path)
    partial = f"{target}.{os.getpid()}.tmp"
    try:
        with open(partial, "xb") as file:  # x refuses an existing file or link
            file.write(data)
        if os.path.exists(target):
            os.chmod(partial, os.stat(target).st_mode)
        os.replace(partial, target)
    except FileExistsError:
        raise
    except OSError:
        if os.path.lexists(partial):
            os.unlink(partial)
        raise


def diff(path: str, before: bytes, after: bytes) -> str:
    """Return the changes in a file as a unified diff."""
    import difflib

    old, new = (data.decode("utf-8", "replace").splitlines(keepends=True) for data in (before, after))
    return "".join(difflib.unified_diff(old, new, f"a/{path}", f"b/{path}"))
