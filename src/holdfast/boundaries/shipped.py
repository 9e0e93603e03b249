"""Files that come with Holdfast: presets and profiles, in the folder `contracts/` of the repository."""

from __future__ import annotations

import os

from holdfast.rule import CheckError

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def folder() -> str:
    """The folder `contracts`: in the installed package, or, of an editable installation, in the checkout."""
    installed = os.path.join(PACKAGE, "contracts_data")
    return installed if os.path.isdir(installed) else os.path.join(os.path.dirname(os.path.dirname(PACKAGE)), "contracts")


def path(name: str) -> str:
    """The absolute path of a file that comes with Holdfast. name: relative to `contracts/`, with `/`.

    Raises CheckError("unreadable") where the installation lacks it.
    """
    found = os.path.join(folder(), *name.split("/"))
    if not os.path.exists(found):
        raise CheckError("unreadable", f"this installation of Holdfast lacks {name}: install it again")
    return found
