"""Cache the findings of project rules between runs: most commits touch no file that the findings depend on.

There is one cache file for each root and selection of rules. It lies in the user's cache folder, never in the project, where a
pull request could bring its own. Cached findings are used only if a new run would find the same: with the same version of Holdfast,
rules, options and list of files; if no consulted file has changed; and if no other changed file matches a query of the rules.
"""

from __future__ import annotations

import json
import os
import re
import stat
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
    """The mtime and ctime of a file in nanoseconds, its inode, its size (-1 if it does not exist), and its digest ("" if it was not
    consulted). Tools such as git can restore the mtime, and nothing can restore the ctime."""

FOLDER = "HOLDFAST_CACHE_DIR"
CONFIGURING = ("pyproject.toml", "setup.cfg", "setup.py")
NAME = r"holdfast-[0-9a-f]{32}\.json(\.holdfast-\d+\.tmp)?"
KINDS = {"str": ("str",), "int": ("int",), "str | None": ("str", "NoneType"), "int | None": ("int", "NoneType")}
"""The types of the plain fields of a finding, as annotated and as stored."""
MISSING = (0, 0, 0, -1)
PARTS = {"began": int, "files": dict, "listed": int, "asked": list, "findings": list}
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
        try:
            states = _valid_states(kept, self.project) if kept else {}
            findings = [tuple(map(_finding, found)) for found in kept["findings"]] if states else []
        except (TypeError, ValueError, KeyError, AttributeError):  # a part of it has the wrong type
            return None
        if not states:
            return None
        if states != kept["files"] or self.began - kept["began"] > OLDEST * 1e8:  # a tenth of OLDEST, in nanoseconds
            _save(self.path, {**kept, "files": states, "began": self.began})
        return findings

    def keep(self, findings: list[tuple[Finding, ...]]) -> None:
        """Store the findings of each rule in this run. Do not call this after a run with errors."""
        if not self.path:
            return
        consulted = {*self.project.consulted, *CONFIGURING}
        states: dict[str, State] = {name: [*MISSING, ""] for name in consulted} | {
            name: [*at, ""] for name, at in self.before.items()
        }
        for name in consulted:
            states[name][-1] = _digest(self.project, name)
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
    for name, (*before, digest) in files.items():
        state = _stat(project.root, name)
        if [*state] != before or max(state[:2]) > kept["began"] - RACY:
            data = _data(project.root, name)
            if _digest_of(data) != digest if digest else data is None or any(query.fits(data) for query in asked):
                return {}
        now[name] = [*state, digest]
    return now


# -- files


def _stat(root: str, name: str) -> tuple[int, int, int, int]:
    try:
        found = os.stat(f"{root}/{name}")
    except OSError:
        return MISSING
    return found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_size


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
    return (
        os.path.join(folder, f"holdfast-{sha256(about.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}.json") if folder else ""
    )


def _stamp() -> list[tuple[str, int, int]]:
    """Path, mtime and size of the files of Holdfast itself: a development copy changes without a new version."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    names = (os.path.join(folder, name) for folder, _, names in os.walk(package) for name in names if name.endswith(".py"))
    return sorted((os.path.relpath(name, package), os.stat(name).st_mtime_ns, os.stat(name).st_size) for name in names)


def _load(path: str) -> dict[str, Any]:
    """The content of a cache file; empty if there is none of this user, or it is damaged."""
    try:
        if not _is_ours(os.lstat(path)):
            return {}
        with open(path, encoding="utf-8") as file:
            kept = json.load(file) if _is_ours(os.fstat(file.fileno())) else None
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(kept, dict) or any(type(kept.get(part)) is not kind for part, kind in PARTS.items()):
        return {}
    return kept


def _is_ours(found: os.stat_result) -> bool:
    """Return whether it is a regular file of the user who runs this, and not a link or a pipe."""
    return stat.S_ISREG(found.st_mode) and (not hasattr(os, "geteuid") or found.st_uid == os.geteuid())


def _save(path: str, kept: dict[str, Any]) -> None:
    """Write a cache file, and delete old ones. If the folder is not writable, or the file is not ours, nothing is cached."""
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        for file in os.scandir(os.path.dirname(path)):
            found = file.stat(follow_symlinks=False)
            if re.fullmatch(NAME, file.name) and _is_ours(found) and time.time() - found.st_mtime > OLDEST:
                os.unlink(file.path)
        if not os.path.lexists(path) or _is_ours(os.lstat(path)):
            files.write(path, json.dumps(kept).encode("ascii"))
    except OSError:
        return


# -- findings


def _plain(finding: Finding) -> dict[str, Any]:
    return finding.as_dict() | {"evidence": [evidence.as_dict() for evidence in finding.evidence]}


def _finding(plain: dict[str, Any]) -> Finding:
    evidence = tuple(Evidence(**_typed(each, Evidence)) for each in plain["evidence"])
    made = {"evidence": evidence, "span": tuple(plain["span"]), "contract": tuple(plain["contract"])}
    if [*map(type, made["span"])] != [int, int] or not all(isinstance(name, str) for name in made["contract"]):
        raise TypeError("span or contract")
    return Finding(**_typed(plain, Finding) | made)


def _typed(plain: dict[str, Any], record: type[Finding | Evidence]) -> dict[str, Any]:
    """The stored fields of a record. Raises TypeError if one has a type that its JSON never has."""
    for name, value in plain.items():
        if value.__class__.__name__ not in KINDS.get(record.__annotations__.get(name, ""), value.__class__.__name__):
            raise TypeError(name)
    return plain


def _text(words: tuple[bytes, ...]) -> list[str]:
    return [word.decode("latin-1") for word in words]


def _bytes(words: list[str]) -> tuple[bytes, ...]:
    return tuple(word.encode("latin-1") for word in words)
