"""The projects of a run. A project is a folder with its own configuration, and each file belongs to exactly one project."""

from __future__ import annotations

import os

from holdfast.code import discovery
from holdfast.engine import config as configuration
from holdfast.record import Record
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from holdfast.engine.config import Config


class Share(Record):
    """A project, and the part of a run that belongs to it.

    root: an absolute path. files: the files to check, relative to the root. errors: about paths that the user gave; their paths are
    relative to the root, too. whole: whether the run covers everything below the root.
    """

    root: str
    config: Config
    files: tuple[str, ...] = ()
    errors: tuple[CheckError, ...] = ()
    whole: bool = False


class Projects:
    """The projects that files belong to: the nearest configured folder at or above the file, within its git checkout.

    Without a configured folder, it is the top of the checkout. Outside of a checkout, it is the working directory, or for files
    that are not below it, the folder that the user gave.

    read: from the root of a project to its configuration. only: the root of all files, absolute; "" to find the root of each.
    """

    def __init__(self, read: Callable[[str], Config], only: str = "") -> None:
        self._read = read
        self._only = only
        self._roots: dict[str, str] = {}
        self._configs: dict[str, Config] = {}

    def config(self, root: str) -> Config:
        """Return the configuration of the project with this root. Raises CheckError("option")."""
        if root not in self._configs:
            self._configs[root] = self._read(root)
        return self._configs[root]

    def root_of(self, path: str, given: str = "") -> str:
        """Return the root of the project that a file or folder belongs to. given: the path by which the user named it.

        Both are absolute. Raises CheckError("option") for a path outside of `only`, and for a configuration that cannot be read.
        """
        if self._only:
            if not is_below(path, self._only):
                raise CheckError("option", f"{path} is outside the root {self._only}: choose another --root")
            return self._only
        found = self._nearest(_folder(path))
        if found:
            return found
        working = os.getcwd()
        return working if is_below(path, working) else _folder(given or path)

    def _nearest(self, folder: str) -> str:
        """The nearest configured folder or top of a checkout, at or above a folder; "" if there is none."""
        passed: list[str] = []
        while folder not in self._roots:
            passed.append(folder)
            above = os.path.dirname(folder)
            if configuration.is_configured(folder) or os.path.lexists(os.path.join(folder, ".git")):
                self._roots[folder] = folder
            elif above == folder:
                self._roots[folder] = ""
            else:
                folder = above
        self._roots.update(dict.fromkeys(passed, self._roots[folder]))
        return self._roots[folder]

    def shares(self, paths: list[str], notes: list[str]) -> list[Share]:
        """Return the projects of the given files and folders (absolute), sorted by root, each with its files.

        notes: receives sentences for people.
        """
        files: dict[str, dict[str, None]] = {}
        errors: dict[str, list[CheckError]] = {}
        for path in paths:
            root = self.root_of(path)
            files.setdefault(root, {})
            try:
                for name in discovery.expand(path, root, notes):
                    inner = os.path.normpath(os.path.join(root, name))
                    owner = self.root_of(inner, path)
                    files.setdefault(owner, {})[discovery.relative(inner, owner)] = None
            except CheckError as error:
                errors.setdefault(root, []).append(error)
        return [
            Share(
                root=root,
                config=self.config(root),
                files=tuple(names),
                errors=tuple(errors.get(root, ())),
                whole=any(is_below(root, path) for path in paths),
            )
            for root, names in sorted(files.items())
            if names or root in errors
        ]


def require_rules(configs: list[Config]) -> None:
    """Raise CheckError("option") if none of these configurations selects a rule: the run would find nothing, whatever the code."""
    if not configs or any(map(configuration.selected, configs)):
        return
    scope, everything = configs[0].scope, [config.replace(scope="") for config in configs]
    if scope and any(map(configuration.selected, everything)):
        about = "checks single files" if scope == "file" else "checks the whole project"
        raise CheckError("option", f"--scope {scope}: no selected rule {about}: select one, or remove the hook")
    raise CheckError("option", "no rule is selected: `ignore` names every rule that `select` names")


def common_root(roots: list[str]) -> str:
    """Return the folder that the paths of a report are relative to: the only root, else the folder around the checkouts."""
    if len(roots) == 1:
        return roots[0]
    try:
        return os.path.commonpath([discovery.checkout_of(root) or root for root in roots])
    except ValueError as error:  # different drives
        raise CheckError("option", "the paths have no common folder: check them one by one") from error


def is_below(path: str, folder: str) -> bool:
    """Return whether an absolute path is a folder or lies in it."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _folder(path: str) -> str:
    return path if os.path.isdir(path) else os.path.dirname(path)
