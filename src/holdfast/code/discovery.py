"""Find the Python files of a folder: those that git lists or, outside a checkout, those on disk."""

from __future__ import annotations

import os
import re
import stat
from functools import lru_cache

from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import NoReturn

# The files that the identify library, and so pre-commit, tags as python or pyi.
SUFFIXES = (".py", ".pyi", ".pyw", ".pyt", ".gyp", ".gypi", ".tac", ".wsgi")
NAMES = ("wscript", ".pdbrc")
SHEBANG = rb"^#!\s*(?:\S*/)?(?:env\s+(?:-\S+\s+|\w+=\S*\s+)*)?(?:\S*/)?python[\d.]*(?:\s|$)"
SKIPPED_FOLDERS = frozenset(
    (
        ".bzr .direnv .eggs .git .hg .ipynb_checkpoints .mypy_cache .nox .pants.d .pyenv .pytest_cache .pytype "
        ".ruff_cache .svn .tox .venv .vscode __pycache__ __pypackages__ _build buck-out dist node_modules site-packages "
        "venv"
    ).split()
)

PARTS = r"(\*\*/|\*\*|\*|\?|\[[^]/]+\])"
"""The parts of a glob that are no plain text."""
MOST_STEPS = 10_000_000


def checkout_of(folder: str) -> str | None:
    """The top of the git checkout that contains a folder, or None. It does not run git."""
    while True:
        if os.path.exists(os.path.join(folder, ".git")):
            return folder
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above


def expand(path: str, root: str, warn: list[str]) -> Iterator[str]:
    """Yield the files that a given path means, relative to the root with `/`: the file itself, or a folder's Python files.

    path: absolute. warn: receives a sentence if git fails, and for each nested checkout. Raises CheckError("unreadable") for a path
    that does not exist, is a loop of links, or is neither a file nor a folder, and for a folder without Python files.
    """
    shown = relative(path, root)
    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        reason = (
            "does not exist" if isinstance(error, FileNotFoundError | NotADirectoryError) else error.strerror or "cannot be read"
        )
        raise CheckError("unreadable", reason[:1].lower() + reason[1:], shown) from error
    if stat.S_ISREG(mode):
        yield shown
        return
    if not stat.S_ISDIR(mode):
        raise CheckError("unreadable", "is neither a file nor a folder", shown)
    real = os.path.realpath(path)
    if os.path.islink(path) and (os.path.dirname(path) + os.sep).startswith(real.rstrip(os.sep) + os.sep):
        raise CheckError("unreadable", "is a link to a folder that contains it", shown)
    found = sorted(python_files(path, root, warn=warn))
    if not found:
        raise CheckError("unreadable", "contains no Python files", shown)
    yield from found


def python_files(folder: str, root: str, untracked: bool = True, warn: list[str] | None = None) -> Iterator[str]:
    """Yield the Python files below a folder, relative to the root with `/`. Links are not followed."""
    names = _git_files(folder, untracked, warn)
    if warn is not None:
        warn += _nested_checkouts(folder, names or (), root)
    paths = (os.path.join(folder, name) for name in names) if names is not None else _walk(folder)
    return (relative(path, root) for path in paths if is_python(path))


def relative(path: str, root: str) -> str:
    """A path relative to the root, with `/`."""
    below = root.rstrip(os.sep) + os.sep
    inner = path[len(below) :] if path.startswith(below) and ".." not in path and "//" not in path else os.path.relpath(path, root)
    return inner.replace(os.sep, "/")


def is_python(path: str) -> bool:
    """Return whether a file is Python: a regular file with a Python name, or an executable one with a python shebang.

    A file that cannot be read counts as Python if its name allows it.
    """
    name = os.path.basename(path)
    if not _may_be_python(name):
        return False
    fits = name.endswith(SUFFIXES) or name in NAMES
    try:
        mode = os.lstat(path).st_mode
        if not stat.S_ISREG(mode):
            return False
        if not fits and mode & stat.S_IXUSR:
            with open(path, "rb") as file:
                fits = re.match(SHEBANG, file.readline(200)) is not None
    except (FileNotFoundError, NotADirectoryError):
        return False  # deleted in the work tree, or since it was listed
    except OSError:
        return True  # it may be Python: checking it reports that it cannot be read
    return fits


def _may_be_python(name: str) -> bool:
    """Return whether a file may be Python, by its name."""
    return name.endswith(SUFFIXES) or name in NAMES or "." not in name.strip(".")


def _git_files(folder: str, untracked: bool, warn: list[str] | None) -> list[str] | None:
    """The files that git lists below a folder, relative to it; None outside a checkout, in an ignored folder, or if git fails."""
    top = checkout_of(folder)
    if top is None:
        return None
    if folder != top and git(folder, "check-ignore", "-q", folder).code == 0:
        return None
    wanted = ("--others", "--exclude-standard") if untracked else ()
    listed = git(folder, "ls-files", "-z", "--cached", *wanted)
    if listed.code != 0:
        if warn is not None:
            warn.append(f"git could not list the files, so ignored files are checked, too ({listed.said or 'git was not found'})")
        return None
    unread = next((line for line in listed.warnings if "could not open directory" in line), "")
    if unread:
        raise CheckError("unreadable", f"git cannot list all files: {unread}")
    return sorted({os.fsdecode(name) for name in listed.out.split(b"\0") if name})


def _nested_checkouts(folder: str, names: Iterable[str], root: str) -> Iterator[str]:
    """Yield a sentence for each submodule and other checkout among the names that git lists; git lists none of their files."""
    for name in names:
        path = os.path.join(folder, name.rstrip("/"))
        if not name.endswith(".py") and os.path.lexists(os.path.join(path, ".git")):
            yield f"{relative(path, root)} is a git repository of its own and was not checked: name this folder to check it"


class Answer:
    """The result of a git command: its exit code, its output, the lines of its error output, and the first of them."""

    def __init__(self, code: int, out: bytes = b"", warnings: Sequence[str] = ()) -> None:
        self.code, self.out, self.warnings = code, out, warnings
        self.said = warnings[0] if warnings else ""


def git(folder: str, *arguments: str) -> Answer:
    """Run git in a folder, without the programs that a checkout may configure or contain. Without git the exit code is -1."""
    import subprocess

    from holdfast import files

    checkout = checkout_of(folder) or folder
    program = files.find_program("git", checkout)
    if program is None:
        return Answer(-1)
    safe = ("-c", "core.fsmonitor=", "-c", "core.hooksPath=/dev/null")
    steering = ("GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS")
    environment = {name: value for name, value in os.environ.items() if name not in steering}
    environment |= {"GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C", "PATH": files.search_path(checkout)}
    ran = subprocess.run(  # noqa: S603
        [program, *safe, *arguments], cwd=folder, env=environment, capture_output=True, stdin=subprocess.DEVNULL, check=False
    )
    return Answer(ran.returncode, ran.stdout, ran.stderr.decode("utf-8", "replace").strip().splitlines())


def _walk(folder: str) -> Iterator[str]:
    """The files below a folder that may be Python. Raises CheckError for a folder that cannot be read."""

    def refuse(error: OSError) -> NoReturn:
        raise CheckError("unreadable", f"the folder cannot be read: {error.strerror}", os.fsdecode(error.filename)) from error

    for here, folders, names in os.walk(folder, onerror=refuse):
        if here != folder and _is_environment(here, names):
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if name not in SKIPPED_FOLDERS)
        yield from (os.path.join(here, name) for name in names if _may_be_python(name))


def _is_environment(folder: str, names: list[str]) -> bool:
    """Return whether a folder is a virtual environment. A file `pyvenv.cfg` alone would hide code."""
    programs = (os.path.join(folder, name, "python") for name in ("bin", "Scripts"))
    return "pyvenv.cfg" in names and any(os.path.lexists(program) or os.path.lexists(f"{program}.exe") for program in programs)


@lru_cache(maxsize=1024)
def _pattern(glob: str) -> re.Pattern[str]:
    """The pattern for a glob, read as in .gitignore.

    `*` does not match `/`, `**` does. A glob without a slash matches at any depth, and a folder matches all files in it. Raises
    CheckError("option") for an invalid glob, such as `[z-a]`.
    """
    anchored = "/" in glob.rstrip("/")
    body = "".join(map(_translated, re.split(PARTS, glob.strip("/"))))
    try:
        return re.compile(("" if anchored else "(?:.*/)?") + body + "(?:/.*)?", re.DOTALL)
    except re.error as error:
        raise CheckError("option", f'"{glob}" is not a valid glob: {error}') from error


def _translated(part: str) -> str:
    """The regular expression for a part of a glob."""
    if part.startswith("[") and part.endswith("]"):
        inner = re.sub(r"[\[&~|]", r"\\\g<0>", part[1:-1])  # re warns about these: they may become set operations
        return f"[^{inner[1:]}]" if inner[0] == "!" else f"[{inner}]"
    return {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(part) or re.escape(part)


def matches(path: str, globs: Iterable[str]) -> bool:
    """Return whether a path (relative to the root, with `/`), or a folder around it, matches one of the globs."""
    return any(_matches(path, glob) for glob in globs)


def _matches(path: str, glob: str) -> bool:
    """Return whether a path matches a glob. A glob with many stars is not left to `re`, which tries all ways to divide a path."""
    pattern = _pattern(glob)
    if len(path) ** glob.count("*") <= MOST_STEPS:
        return pattern.fullmatch(path) is not None
    return _is_matched_step_by_step(path, glob)


def _is_matched_step_by_step(path: str, glob: str) -> bool:
    """The same answer in time proportional to the lengths of the path and the glob."""
    parts = [part for part in re.split(PARTS, glob.strip("/")) if part]
    parts = parts if "/" in glob.rstrip("/") else ["**/", *parts]
    ends = {0}  # where the parts so far may end in the path
    for part in parts:
        if part in ("*", "**", "**/"):
            ends = _after_stars(path, part, ends)
        else:
            pattern = re.compile(_translated(part), re.DOTALL)
            ends = {found.end() for start in ends if (found := pattern.match(path, start))}
    return any(end == len(path) or path[end] == "/" for end in ends)


def _after_stars(path: str, stars: str, starts: set[int]) -> set[int]:
    """Where stars may end that begin at one of the given places."""
    if stars == "*":
        found: set[int] = set()
        for start in sorted(starts):
            stop = path.find("/", start)
            found.update(range(start, (len(path) if stop == -1 else stop) + 1) if start not in found else ())
        return found
    first = min(starts, default=len(path) + 1)
    behind = range(first, len(path) + 1)
    return set(behind) if stars == "**" else starts | {place for place in behind if place > first and path[place - 1] == "/"}
