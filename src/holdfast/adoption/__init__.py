"""Set up Holdfast in a repository: detect what the repository uses, and plan the changes. Needs the extra `init`."""

from __future__ import annotations

from holdfast.record import Record
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType


class Change(Record):
    """A file before and after. path: relative to the root. before: None if the file does not exist."""

    path: str
    before: bytes | None
    after: bytes


def library(name: str) -> ModuleType:
    """Import a library of the extra `init`. Raises CheckError("option") if it is not installed."""
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise CheckError("option", "`holdfast init` needs the extra `init`: run pip install 'holdfast[init]'") from error


def read(root: str, path: str) -> tuple[bytes | None, str]:
    """Return the bytes of a file, None if it does not exist, and its text. Raises CheckError("unreadable")."""
    import os

    from holdfast import files

    try:
        data = files.read(os.path.join(root, path))
        return data, data.decode("utf-8")
    except FileNotFoundError:
        return None, ""
    except OSError as error:
        raise CheckError("unreadable", f"cannot read the file: {error.strerror}", path) from error
    except UnicodeDecodeError as error:
        raise CheckError("unreadable", f"is not valid UTF-8: {error}", path) from error
