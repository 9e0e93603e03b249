"""Setting Holdfast up in a repository: what is there, and what has to be written. Needs the extra `init`."""

from __future__ import annotations

from holdfast.record import Record
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType


class Change(Record):
    """A file before and after. path: relative to the root. before is None where there is no file."""

    path: str
    before: bytes | None
    after: bytes


def library(name: str) -> ModuleType:
    """A library of the extra `init`. Raises CheckError("option") where it is missing."""
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise CheckError("option", "this needs the extra `init`: pip install 'holdfast[init]'") from error


def read(root: str, path: str) -> tuple[bytes | None, str]:
    """The bytes of a file, None where there is none, and its text. Raises CheckError("unreadable")."""
    import os

    try:
        with open(os.path.join(root, path), "rb") as file:
            data = file.read()
        return data, data.decode("utf-8")
    except FileNotFoundError:
        return None, ""
    except OSError as error:
        raise CheckError("unreadable", f"cannot be read: {error.strerror}", path) from error
    except UnicodeDecodeError as error:
        raise CheckError("unreadable", f"cannot be decoded: {error}", path) from error
