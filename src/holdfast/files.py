"""Write files atomically, and show changes as diffs."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import time

PARTIAL = ".holdfast-"
STALE = 3600
"""In seconds. No process takes so long to write one file."""


def write(path: str, data: bytes) -> None:
    """Write a file atomically. Raises OSError.

    Owner, mode and extended attributes are kept where the platform allows it, and a link stays a link. A file with several hard
    links is written in place, after the new content was stored beside it.
    """
    target = os.path.realpath(path)
    partial = f"{target}{PARTIAL}{os.getpid()}.tmp"
    _remove_stale(target, partial)
    try:
        with open(partial, "xb") as file:  # x refuses an existing file or link
            file.write(data)
        before = os.stat(target) if os.path.exists(target) else None
        if before and before.st_nlink > 1:
            with open(target, "r+b") as file:
                file.write(data)
                file.truncate()
            os.unlink(partial)
        else:
            if before:
                _copy_attributes(target, before, partial)
            os.replace(partial, target)
    except FileExistsError:
        raise
    except OSError:
        if os.path.lexists(partial):
            os.unlink(partial)
        raise


def _remove_stale(target: str, own: str) -> None:
    """Remove the temporary files of processes that were killed while they wrote this file."""
    folder, name = os.path.split(target)
    pattern = re.compile(re.escape(name + PARTIAL) + r"\d+\.tmp")
    with os.scandir(folder) as entries:
        for entry in entries:
            is_ours = pattern.fullmatch(entry.name) and entry.is_file(follow_symlinks=False)
            if is_ours and (entry.path == own or time.time() - entry.stat().st_mtime > STALE):
                os.unlink(entry.path)


def _copy_attributes(target: str, before: os.stat_result, partial: str) -> None:
    """Give a file the owner, the extended attributes and the mode of another one."""
    own = os.stat(partial)
    if hasattr(os, "chown") and (own.st_uid, own.st_gid) != (before.st_uid, before.st_gid):
        with contextlib.suppress(OSError):
            os.chown(partial, before.st_uid, before.st_gid)
    if hasattr(os, "listxattr"):
        with contextlib.suppress(OSError):
            for name in os.listxattr(target):
                os.setxattr(partial, name, os.getxattr(target, name))
    os.chmod(partial, stat.S_IMODE(before.st_mode))


def diff(path: str, before: bytes, after: bytes) -> str:
    """Return the changes in a file as a unified diff."""
    import difflib

    old, new = (data.decode("utf-8", "replace").splitlines(keepends=True) for data in (before, after))
    return "".join(difflib.unified_diff(old, new, f"a/{path}", f"b/{path}"))
