"""Read regular files, write files atomically, show changes as diffs, and find programs that are not in the checked folder."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import time
from functools import lru_cache

PARTIAL = ".holdfast-"
STALE = 3600
"""In seconds. No process takes so long to write one file."""


def read(path: str) -> bytes:
    """Return the content of a regular file. Raises OSError for any other: opening a FIFO would wait for ever."""
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise OSError(errno.EINVAL, "is not a regular file", path)
    with open(path, "rb") as file:
        return file.read()


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


def write_below(root: str, path: str, data: bytes) -> None:
    """Write a file of the project as `write` does. path: relative to the root.

    Raises PermissionError if the path, or a link in it, leads out of the root, and FileExistsError for a device or a FIFO.
    """
    full = os.path.join(root, path)
    if not is_below(full, root):
        raise PermissionError(errno.EPERM, "the path leads out of the root")
    if os.path.exists(full) and not os.path.isfile(full):
        raise FileExistsError(errno.EEXIST, "it is not a regular file")
    write(full, data)


def write_report(path: str, data: bytes) -> None:
    """Write a report to any file. A regular file is replaced atomically, a device or a FIFO is written in place. Raises OSError."""
    if os.path.exists(path) and not stat.S_ISREG(os.stat(path).st_mode):
        with open(path, "wb") as file:
            file.write(data)
    else:
        write(path, data)


def is_below(path: str, root: str) -> bool:
    """Return whether a path is in a folder, or the folder itself, after its links are followed."""
    real, top = os.path.realpath(path), os.path.realpath(root)
    return real == top or real.startswith(top.rstrip(os.sep) + os.sep)


def search_path(checkout: str) -> str:
    """Return the PATH without its parts that are empty, relative or in a checkout: a checked folder must not provide programs."""
    return _outside(os.environ.get("PATH", os.defpath), checkout)


@lru_cache(maxsize=8)
def _outside(path: str, checkout: str) -> str:
    """The parts of a PATH that are outside of a checkout."""
    return os.pathsep.join(part for part in path.split(os.pathsep) if os.path.isabs(part) and not is_below(part, checkout))


def find_program(name: str, checkout: str, folders: str = "") -> str | None:
    """Return the path of a program outside of a checkout, or None.

    folders: trusted folders, written as in PATH, to look in; if empty, those of `search_path`. Unlike `shutil.which`, it does not
    look in the working directory on Windows.
    """
    endings = os.environ.get("PATHEXT", ".EXE").split(os.pathsep) if os.name == "nt" else [""]
    for folder in (folders or search_path(checkout)).split(os.pathsep):
        for ending in endings:
            program = os.path.join(folder, name + ending)
            is_program = folder and os.path.isfile(program) and os.access(program, os.X_OK)
            if is_program and (folders or not is_below(program, checkout)):
                return program
    return None


def diff(path: str, before: bytes, after: bytes) -> str:
    """Return the changes in a file as a unified diff."""
    import difflib

    old, new = (data.decode("utf-8", "replace").splitlines(keepends=True) for data in (before, after))
    return "".join(difflib.unified_diff(old, new, f"a/{path}", f"b/{path}"))
