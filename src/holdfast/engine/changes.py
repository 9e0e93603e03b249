"""The lines that changed since a revision, according to git."""

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
# Whatever git's configuration and attributes say, these give plain hunks without context, and start no other program.
PLAIN = (
    "--unified=0 --inter-hunk-context=0 --text --no-color --no-ext-diff --no-textconv --find-renames --relative "
    "--ignore-submodules=all --src-prefix=a/ --dst-prefix=b/"
).split()


class Changes(Record):
    """The differences between a commit and the working tree.

    lines: by path relative to the root, the first and last line of each change. tracked: the files that git tracks; all lines of
    every other file count as changed.
    """

    lines: dict[str, list[tuple[int, int]]]
    tracked: frozenset[str]

    def touch(self, finding: Finding) -> bool:
        """Return whether a line was changed in the statement or header that contains a finding, or deleted next to it."""
        if finding.path not in self.tracked:
            return True
        first, last = finding.span if finding.span[0] else (finding.line, finding.end_line)
        return any(start <= last and first <= end for start, end in self.lines.get(finding.path, ()))


def since(root: str, revision: str) -> Changes:
    """Return the changes below a root (absolute) since the merge base of a revision and HEAD, committed or not.

    Raises CheckError("option") if there is no checkout, no git, no such revision or no merge base.
    """
    base = merge_base(root, revision)
    _refuse_other_work_tree(root)
    filters = _git_output(root, "config", "-z", "--name-only", "--get-regexp", FILTERS, accepted=(0, 1)).split(b"\0")
    names = {os.fsdecode(name).rpartition(".")[0] for name in filters if name}
    if any("=" in name for name in names):
        raise CheckError("option", "--since: git's configuration has a filter with `=` in its name, which cannot be switched off")
    no_filters = [
        f"{name}.{key}={value}" for name in sorted(names) for key, value in (("clean", ""), ("process", ""), ("required", "false"))
    ]
    settings = ["-c", "core.quotePath=false", *(part for setting in no_filters for part in ("-c", setting))]
    found = _hunks(_git_output(root, *settings, "diff", *PLAIN, base, "--"))
    listed = _git_output(root, "ls-files", "-z", "-v").split(b"\0")
    tracked = frozenset(os.fsdecode(row[2:]) for row in listed if row.startswith(b"H "))  # H: not assumed to be unchanged
    return Changes(lines={path: _as_python_lines(root, path, lines) for path, lines in found.items()}, tracked=tracked)


def merge_base(root: str, revision: str, option: str = "--since") -> str:
    """Return the commit from which a revision and HEAD parted. option: the name of the option, for errors."""
    if checkout_of(root) is None:
        raise CheckError("option", f"{option}: {root} is not in a git checkout")
    found = git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if found.code != 0:
        shallow = " (the clone is shallow: fetch the commit first)" if _is_shallow(root) else ""
        reason = "git was not found" if found.code == -1 else found.said or f"git does not know this commit{shallow}"
        raise CheckError("option", f"{option} {revision}: {reason}")
    base = git(root, "merge-base", "HEAD", found.out.decode().strip())
    if base.code != 0:
        reason = base.said or "this commit and HEAD have no merge base"
        shallow = "; the clone is shallow: fetch the whole history (fetch-depth: 0)" if _is_shallow(root) else ""
        raise CheckError("option", f"{option} {revision}: {reason}{shallow}")
    return base.out.split()[0].decode()


def is_merge_commit(root: str) -> bool:
    """Return whether HEAD is a merge commit and nothing else is staged, as after a merge and in the run of CI for it."""
    if checkout_of(root) is None or git(root, "rev-parse", "--verify", "--quiet", "HEAD^2").code != 0:
        return False
    return git(root, "diff-index", "--cached", "--quiet", "HEAD", "--").code == 0


def _refuse_other_work_tree(root: str) -> None:
    """Raise CheckError("option") if git compares another folder than this checkout, such as that of `core.worktree`."""
    top = os.fsdecode(_git_output(root, "rev-parse", "--show-toplevel").rstrip(b"\r\n"))
    if os.path.realpath(top) != os.path.realpath(checkout_of(root) or root):
        raise CheckError("option", f"--since: git's work tree is {top}, not this checkout: unset core.worktree and GIT_WORK_TREE")


def _is_shallow(root: str) -> bool:
    return git(root, "rev-parse", "--is-shallow-repository").out.strip() == b"true"


def _git_output(root: str, *arguments: str, accepted: tuple[int, ...] = (0,)) -> bytes:
    """The output of a git command. Raises CheckError("option") for an exit code that is not accepted."""
    answer = git(root, *arguments)
    if answer.code not in accepted:
        raise CheckError("option", f"--since: git could not list the changes: {answer.said or 'git was not found'}")
    return answer.out


def _hunks(diff: bytes) -> dict[str, list[tuple[int, int]]]:
    """The changed lines of each file in a diff without context. The neighbours of deleted lines count as changed."""
    found: dict[str, list[tuple[int, int]]] = {}
    path = ""
    rows = iter(diff.split(b"\n"))
    for row in rows:
        if row.startswith(b"+++ "):
            path = _path(row[4:])
        elif match := re.match(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", row):
            removed, start, added = (int(number) if number else 1 for number in match.groups())
            found.setdefault(path, []).append((start, start + added - 1) if added else (start, start + 1))
            for _ in range(removed + added):  # the text of a changed line may look like a header of the diff
                if next(rows, b"").startswith(b"\\"):  # no newline at the end of the file
                    next(rows, None)
    return found


def _path(written: bytes) -> str:
    """A path from a header of a diff, where it begins with `b/`, may be quoted, and ends with a tab if it contains a space."""
    if written.startswith(b'"'):
        written = written[1 : written.rindex(b'"')].decode("unicode_escape").encode("latin-1")
    return os.fsdecode(written.removesuffix(b"\t").removeprefix(b"b/"))


def _as_python_lines(root: str, path: str, lines: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The given lines; all lines if the file contains a lone carriage return, which ends a line for Python but not for git."""
    try:
        with open(os.path.join(root, path), "rb") as file:
            has_lone_return = re.search(rb"\r(?!\n)", file.read()) is not None
    except OSError:  # deleted
        return lines
    return [ALL_LINES] if has_lone_return else lines
