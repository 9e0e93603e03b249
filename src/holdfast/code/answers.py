"""Cache the findings of project rules between runs: most commits touch no file that the findings depend on.

There is one cache file for each root and selection of rules. It lies in the user's cache folder, never in the project, where a
pull request could bring its own. Cached findings are used only if a new run would find the same: with the same version of Holdfast,
rules, options and list of files; if no consulted file has changed; and if no other changed file matches a query of the rules.
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
    """The mtime of a file in nanoseconds, its size (-1 if it does not exist), and its digest ("" if it was not consulted)."""

FOLDER = "HOLDFAST_CACHE_DIR"
CONFIGURING = ("pyproject.toml", "setup.cfg", "setup.py")
PARTS = frozenset({"began", "files", "listed", "asked", "findings"})
RACY = 2_000_000_000
"""In nanoseconds. A file that changed so shortly before it was read may change again with the same mtime, so it is read again."""
OLDEST = 30 * 24 * 3600
"""In seconds. Cache files that no run has used for this long are deleted."""


class Cache:
    """The cached findings of some project rules."""

    def __init__(self, project: Project, chosen: Sequence[tuple[Rule, Options]]) -> None:
        self.project = project
        self.path = _path(project, chosen)
        self.began = time.time_ns()
        self.before = {name: _stat(project.root, name) for name in project.files} if self.path else {}

    def answer(self) -> list[tuple[Finding, ...]] | None:
        """The findings of each rule in an earlier run; None if a new run may find something else."""
        kept = _load(self.path) if self.path else {}
        states = _valid_states(kept, self.project) if kept else {}
        if not states:
            return None
        if states != kept["files"] or self.began - kept["began"] > OLDEST * 1e8:  # a tenth of OLDEST, in nanoseconds
            _save(self.path, {**kept, "files": states, "began": self.began})
        return [tuple(map(_finding, found)) for found in kept["findings"]]

    def keep(self, findings: list[tuple[Finding, ...]]) -> None:
        """Store the findings of each rule in this run. Do not call this after a run with errors."""
        if not self.path:
            return
        consulted = {*self.project.consulted, *CONFIGURING}
        states: dict[str, State] = {name: [0, -1, ""] for name in consulted} | {name: [*at, ""] for name, at in self.before.items()}
        for name in consulted:
            states[name][2] = _digest(self.project, name)
        asked = [[_text(query.words), [_text(pair) for pair in query.patterns]] for query in self.project.asked]
        plain = [[_plain(finding) for finding in found] for found in findings]
        _save(self.path, {"began": self.began, "files": states, "listed": len(self.before), "asked": asked, "findings": plain})


def _valid_states(kept: dict[str, Any], project: Project) -> dict[str, State]:
    """The current states of the files if the stored findings are still valid; empty if they are not."""
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
        return files.read(f"{root}/{name}")
    except OSError:
        return None


def _digest(project: Project, name: str) -> str:
    """The digest of a consulted file, as the rules read it."""
    source = None if name in CONFIGURING else project.source(name)
    return _digest_of(source.data if source else _data(project.root, name) if name in CONFIGURING else None)


def _digest_of(data: bytes | None) -> str:
    return "none" if data is None else sha256(data).hexdigest()[:32]


# -- cache files


def _path(project: Project, chosen: Sequence[tuple[Rule, Options]]) -> str:
    """The path of the cache file for a project and these rules; "" if caching is switched off."""
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
    """Path, mtime and size of the files of Holdfast itself: a development copy changes without a new version."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    names = (os.path.join(folder, name) for folder, _, names in os.walk(package) for name in names if name.endswith(".py"))
    return sorted((os.path.relpath(name, package), os.stat(name).st_mtime_ns, os.stat(name).st_size) for name in names)


def _load(path: str) -> dict[str, Any]:
    """The content of a cache file; empty if there is none or it is damaged."""
    try:
        kept = json.loads(files.read(path))
    except (OSError, ValueError, RecursionError):
        return {}
    return kept if isinstance(kept, dict) and kept.keys() >= PARTS else {}


def _save(path: str, kept: dict[str, Any]) -> None:
    """Write a cache file, and delete old ones. If the folder is not writable, nothing is cached."""
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
