"""Which lines changed since a revision, as git sees them."""

from __future__ import annotations

import os
import re

from holdfast.code.discovery import checkout_of, git
from holdfast.record import Record
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.rule import Finding

ALL_LINES = (1, 10**9)
FILTERS = r"^filter\..*\.(clean|process|required)$"
# Whatever a configuration or the attributes of a file say: plain hunks of text without context, and nothing started.
PLAIN = (
    "--unified=0 --inter-hunk-context=0 --text --no-color --no-ext-diff --no-textconv --find-renames --relative "
    "--ignore-submodules=all --src-prefix=a/ --dst-prefix=b/"
).split()


class Changes(Record):
    """What differs between a commit and the files as they are.

    lines: first and last line of each change by path, relative to the root. unchanged is not what is missing there, but what
    git tracks and shows no change of: a file it does not know counts as wholly changed.
    """

    lines: dict[str, list[tuple[int, int]]]
    tracked: frozenset[str]

    def touch(self, finding: Finding) -> bool:
        """Whether the statement or header that holds a finding has a changed line, or lost one next to it."""
        if finding.path not in self.tracked:
            return True
        first, last = finding.span if finding.span[0] else (finding.line, finding.end_line)
        return any(start <= last and first <= end for start, end in self.lines.get(finding.path, ()))


def since(root: str, revision: str) -> Changes:
    """The changes below a root (absolute) since the merge base of a revision and HEAD, with those that are not committed.

    Raises CheckError("option") where there is no checkout, no git, no such revision or no merge base.
    """
    base = _merge_base(root, revision)
    filters = _answer(root, "config", "-z", "--name-only", "--get-regexp", FILTERS, fine=(0, 1)).split(b"\0")
    names = {os.fsdecode(name).rpartition(".")[0] for name in filters if name}
    if any("=" in name for name in names):
        raise CheckError("option", "--since cannot switch off a git filter whose name holds =")
    off = [
        f"{name}.{key}={value}" for name in sorted(names) for key, value in (("clean", ""), ("process", ""), ("required", "false"))
    ]
    settings = ["-c", "core.quotePath=false", *(part for setting in off for part in ("-c", setting))]
    found = _hunks(_answer(root, *settings, "diff", *PLAIN, base, "--"))
    listed = _answer(root, "ls-files", "-z", "-v").split(b"\0")
    tracked = frozenset(os.fsdecode(row[2:]) for row in listed if row.startswith(b"H "))  # not those git was told to overlook
    return Changes(lines={path: _in_our_lines(root, path, lines) for path, lines in found.items()}, tracked=tracked)


def _merge_base(root: str, revision: str) -> str:
    if checkout_of(root) is None:
        raise CheckError("option", f"--since needs a git checkout, and {root} is in none")
    found = git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if found.code != 0:
        shallow = " (the clone is shallow: fetch it first)" if _is_shallow(root) else ""
        reason = "git was not found" if found.code == -1 else found.said or f"git knows no commit {revision}{shallow}"
        raise CheckError("option", f"--since {revision}: {reason}")
    base = git(root, "merge-base", "HEAD", found.out.decode().strip())
    if base.code != 0:
        reason = base.said or f"{revision} and HEAD have no merge base"
        shallow = "; the clone is shallow: fetch more of the history (fetch-depth: 0)" if _is_shallow(root) else ""
        raise CheckError("option", f"--since {revision}: {reason}{shallow}")
    return base.out.split()[0].decode()


def _is_shallow(root: str) -> bool:
    return git(root, "rev-parse", "--is-shallow-repository").out.strip() == b"true"


def _answer(root: str, *arguments: str, fine: tuple[int, ...] = (0,)) -> bytes:
    answer = git(root, *arguments)
    if answer.code not in fine:
        raise CheckError("option", f"--since: git could not say what changed: {answer.said or 'git was not found'}")
    return answer.out


def _hunks(diff: bytes) -> dict[str, list[tuple[int, int]]]:
    """The changed lines of each file in a diff without context. Where lines were deleted, their neighbours count as changed."""
    found: dict[str, list[tuple[int, int]]] = {}
    path = ""
    rows = iter(diff.split(b"\n"))
    for row in rows:
        if row.startswith(b"+++ "):
            path = _path(row[4:])
        elif match := re.match(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", row):
            removed, start, added = (int(number) if number else 1 for number in match.groups())
            found.setdefault(path, []).append((start, start + added - 1) if added else (start, start + 1))
            for _ in range(removed + added):  # what a changed line says must not pass for a line of the diff
                if next(rows, b"").startswith(b"\\"):  # no newline at the end of the file
                    next(rows, None)
    return found


def _path(written: bytes) -> str:
    """A path as a diff writes it: behind b/, quoted where it has to be, with a tab where it holds a space."""
    if written.startswith(b'"'):
        written = written[1 : written.rindex(b'"')].decode("unicode_escape").encode("latin-1")
    return os.fsdecode(written.removesuffix(b"\t").removeprefix(b"b/"))


def _in_our_lines(root: str, path: str, lines: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The lines, or all lines of a file with a carriage return alone, at which git ends no line and Python does."""
    try:
        with open(os.path.join(root, path), "rb") as file:
            alone = re.search(rb"\r(?!\n)", file.read()) is not None
    except OSError:  # deleted
        return lines
    return [ALL_LINES] if alone else lines
