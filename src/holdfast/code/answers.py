"""What the rules about a whole project found, kept between runs: most commits touch no file that they go by.

One file a root and choice of rules, in the user's cache folder and never in the project, where a pull request could bring its
own. An answer is given again only where a new run would give the same: the same Holdfast, rules, options and list of files; each
file that was consulted is what it was; and no other that has changed holds anything that files were looked through for.
"""

from __future__ import annotations

import json
import os
import sys
import time
from hashlib import sha256

from holdfast import files
from holdfast.code.project import Query
from holdfast.rule import Evidence, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from holdfast.code.project import Project
    from holdfast.rule import Options, Rule

    State = list[Any]
    """mtime in nanoseconds and size of a file (-1 where there is none), and the digest of one that was consulted, else ""."""

FOLDER = "HOLDFAST_CACHE_DIR"
CONFIGURING = ("pyproject.toml", "setup.cfg", "setup.py")
PARTS = frozenset({"began", "files", "listed", "asked", "findings"})
RACY = 2_000_000_000
"""A file changed so shortly before it was looked at may change again without a later time: it is read."""
OLDEST = 30 * 24 * 3600
"""After how many seconds an answer that nobody has asked for is deleted."""


class Cache:
    """The answer to some rules about a project."""

    def __init__(self, project: Project, chosen: Sequence[tuple[Rule, Options]]) -> None:
        self.project = project
        self.path = _path(project, chosen)
        self.began = time.time_ns()
        self.before = {name: _stat(project.root, name) for name in project.files} if self.path else {}

    def answer(self) -> list[tuple[Finding, ...]] | None:
        """What each rule found when it was asked last, if that still holds."""
        kept = _load(self.path) if self.path else {}
        states = _still(kept, self.project) if kept else {}
        if not states:
            return None
        if states != kept["files"] or self.began - kept["began"] > OLDEST * 1e8:  # a tenth of that age
            _save(self.path, {**kept, "files": states, "began": self.began})
        return [tuple(map(_finding, found)) for found in kept["findings"]]

    def keep(self, findings: list[tuple[Finding, ...]]) -> None:
        """Keep what each rule found in this run. What could not be checked must be asked again: it is not to be kept."""
        if not self.path:
            return
        consulted = {*self.project.consulted, *CONFIGURING}
        states: dict[str, State] = {name: [0, -1, ""] for name in consulted} | {name: [*at, ""] for name, at in self.before.items()}
        for name in consulted:
            states[name][2] = _digest(self.project, name)
        asked = [[_text(query.words), [_text(pair) for pair in query.patterns]] for query in self.project.asked]
        plain = [[_plain(finding) for finding in found] for found in findings]
        _save(self.path, {"began": self.began, "files": states, "listed": len(self.before), "asked": asked, "findings": plain})


def _still(kept: dict[str, Any], project: Project) -> dict[str, State]:
    """The files' states as they are now, where the answer still holds; empty where it does not."""
    files: dict[str, State] = kept["files"]
    if kept["listed"] != len(project.files) or any(name not in files for name in project.files):
        return {}
    asked = [
        Query(words=_bytes(words), patterns=tuple((_bytes(pair)[0], _bytes(pair)[1]) for pair in patterns))
        for words, patterns in kept["asked"]
    ]
    now: dict[str, State] = {}
    for name, (changed, size, digest) in files.items():
        at, length = _stat(project.root, name)
        if (at, length) != (changed, size) or at > kept["began"] - RACY:
            data = _data(project.root, name)
            if _digest_of(data) != digest if digest else data is None or any(query.fits(data) for query in asked):
                return {}
        now[name] = [at, length, digest]
    return now


# -- files


def _stat(root: str, name: str) -> tuple[int, int]:
    try:
        found = os.stat(f"{root}/{name}")
    except OSError:
        return 0, -1
    return found.st_mtime_ns, found.st_size


def _data(root: str, name: str) -> bytes | None:
    try:
        with open(f"{root}/{name}", "rb") as file:
            return file.read()
    except OSError:
        return None


def _digest(project: Project, name: str) -> str:
    """The digest of a consulted file as it was read."""
    source = None if name in CONFIGURING else project.source(name)
    return _digest_of(source.data if source else _data(project.root, name) if name in CONFIGURING else None)


def _digest_of(data: bytes | None) -> str:
    return "none" if data is None else sha256(data).hexdigest()[:32]


# -- where answers lie


def _path(project: Project, chosen: Sequence[tuple[Rule, Options]]) -> str:
    """The file for a project and these rules; "" where nothing is to be kept."""
    folder = os.environ.get(FOLDER)
    if folder is None:
        around = (
            os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or os.path.join(os.path.expanduser("~"), ".cache")
        )
        folder = os.path.join(around, "holdfast") if os.path.isabs(around) else ""
    rules = [(rule.name, repr(options)) for rule, options in chosen]
    about = repr((project.root, project.source_roots, rules, sys.version_info[:3], _stamp()))
    return os.path.join(folder, f"{sha256(about.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}.json") if folder else ""


def _stamp() -> list[tuple[str, int, int]]:
    """When the files of Holdfast itself were changed: a working copy of it keeps its version from day to day."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    names = (os.path.join(folder, name) for folder, _, names in os.walk(package) for name in names if name.endswith(".py"))
    return sorted((os.path.relpath(name, package), os.stat(name).st_mtime_ns, os.stat(name).st_size) for name in names)


def _load(path: str) -> dict[str, Any]:
    """A kept answer; empty where there is none, or one that was cut off or damaged."""
    try:
        with open(path, encoding="utf-8") as file:
            kept = json.load(file)
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) and kept.keys() >= PARTS else {}


def _save(path: str, kept: dict[str, Any]) -> None:
    """Keep an answer, and delete those that nobody has asked for in a month; a folder that cannot be written keeps nothing."""
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        for file in os.scandir(os.path.dirname(path)):
            if file.name.endswith(".json") and time.time() - file.stat().st_mtime > OLDEST:
                os.unlink(file.path)
        files.write(path, json.dumps(kept).encode("ascii"))
    except OSError:
        return


# -- findings


def _plain(finding: Finding) -> dict[str, Any]:
    return finding.as_dict() | {"evidence": [evidence.as_dict() for evidence in finding.evidence]}


def _finding(plain: dict[str, Any]) -> Finding:
    evidence = tuple(Evidence(**each) for each in plain["evidence"])
    return Finding(**plain | {"evidence": evidence, "span": tuple(plain["span"]), "contract": tuple(plain["contract"])})


def _text(words: tuple[bytes, ...]) -> list[str]:
    return [word.decode("latin-1") for word in words]


def _bytes(words: list[str]) -> tuple[bytes, ...]:
    return tuple(word.encode("latin-1") for word in words)
