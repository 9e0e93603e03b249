"""Files that come with Holdfast: presets and profiles. In the repository, they are in the folder `contracts/`."""

from __future__ import annotations

import os

from holdfast.rule import CheckError

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def folder() -> str:
    """Return the folder of these files: in the installed package, or in the checkout of an editable installation."""
    installed = os.path.join(PACKAGE, "contracts_data")
    return installed if os.path.isdir(installed) else os.path.join(os.path.dirname(os.path.dirname(PACKAGE)), "contracts")


def path(name: str) -> str:
    """Return the absolute path of a file that comes with Holdfast. name: relative to `contracts/`, with `/`.

    Raises CheckError("unreadable") if the file does not exist.
    """
    found = os.path.join(folder(), *name.split("/"))
    if not os.path.exists(found):
        raise CheckError("unreadable", f"{name} is missing in this installation of Holdfast: install Holdfast again")
    return found
