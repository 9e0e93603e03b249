"""Which files are there: what git tracks, else what the folder holds; and which of them are Python."""

from __future__ import annotations

import os
import re
import stat
from functools import lru_cache

from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# What the identify library (and so pre-commit) calls python or pyi.
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


def checkout_of(folder: str) -> str | None:
    """The top of the git checkout that holds a folder, or None. No git is run."""
    while True:
        if os.path.exists(os.path.join(folder, ".git")):
            return folder
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above


def expand(path: str, root: str, warn: list[str]) -> Iterator[str]:
    """The files that a given path stands for, relative to the root with `/`: itself, or the Python files in the folder.

    path: absolute. warn: gets a sentence where git could not be asked. Raises CheckError("unreadable") for a path that does
    not exist, is a loop of links, or is neither a file nor a folder, and for a folder without any Python file.
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
        raise CheckError("unreadable", "is a link to a folder that holds it", shown)
    found = sorted(python_files(path, root, warn=warn))
    if not found:
        raise CheckError("unreadable", "holds no Python file", shown)
    yield from found


def python_files(folder: str, root: str, untracked: bool = True, warn: list[str] | None = None) -> Iterator[str]:
    """The Python files below a folder, relative to the root with `/`; links are not followed."""
    names = _git_files(folder, untracked, warn)
    paths = (os.path.join(folder, name) for name in names) if names is not None else _walk(folder)
    return (relative(path, root) for path in paths if is_python(path))


def relative(path: str, root: str) -> str:
    """A path relative to the root, with `/`."""
    below = root.rstrip(os.sep) + os.sep
    inner = path[len(below) :] if path.startswith(below) and ".." not in path and "//" not in path else os.path.relpath(path, root)
    return inner.replace(os.sep, "/")


def is_python(path: str) -> bool:
    """Whether identify would call a regular file Python: by its name, or executable with a python shebang."""
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
    except OSError:
        return False  # deleted in the work tree, or gone since it was listed
    return fits


def _may_be_python(name: str) -> bool:
    """Whether a file's name alone does not rule it out."""
    return name.endswith(SUFFIXES) or name in NAMES or "." not in name.strip(".")


def _git_files(folder: str, untracked: bool, warn: list[str] | None) -> list[str] | None:
    """What git lists below a folder, relative to it; None outside a checkout, where git ignores the folder or cannot say."""
    top = checkout_of(folder)
    if top is None:
        return None
    if folder != top and git(folder, "check-ignore", "-q", folder).code == 0:
        return None
    wanted = ("--others", "--exclude-standard") if untracked else ()
    listed = git(folder, "ls-files", "-z", "--cached", *wanted)
    if listed.code != 0:
        if warn is not None:
            warn.append(f"git could not list the files, so ignored ones are checked, too ({listed.said or 'git was not found'})")
        return None
    return sorted({os.fsdecode(name) for name in listed.out.split(b"\0") if name})


class Answer:
    """What a git command said: its exit code, its output and the first line of its complaint."""

    def __init__(self, code: int, out: bytes = b"", said: str = "") -> None:
        self.code, self.out, self.said = code, out, said


def git(folder: str, *arguments: str) -> Answer:
    """git's answer, run so that nothing a checkout configures is started. A missing git has code -1."""
    import shutil
    import subprocess

    program = shutil.which("git")
    if program is None or os.path.realpath(program).startswith(os.path.realpath(folder) + os.sep):
        return Answer(-1)  # on Windows `which` looks in the working directory first
    safe = ("-c", "core.fsmonitor=", "-c", "core.hooksPath=/dev/null")
    steering = ("GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS")
    environment = {name: value for name, value in os.environ.items() if name not in steering} | {"GIT_NO_LAZY_FETCH": "1"}
    ran = subprocess.run(  # noqa: S603
        [program, *safe, *arguments], cwd=folder, env=environment, capture_output=True, stdin=subprocess.DEVNULL, check=False
    )
    said = ran.stderr.decode("utf-8", "replace").strip().splitlines()
    return Answer(ran.returncode, ran.stdout, said[0] if said else "")


def _walk(folder: str) -> Iterator[str]:
    for here, folders, names in os.walk(folder):
        if "pyvenv.cfg" in names and here != folder:
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if name not in SKIPPED_FOLDERS)
        yield from (os.path.join(here, name) for name in names if _may_be_python(name))


@lru_cache(maxsize=1024)
def _pattern(glob: str) -> re.Pattern[str]:
    """A glob as .gitignore reads it: `*` stays within a folder, `**` does not, no slash means any depth, a folder all in it.

    Raises CheckError("option") for one that cannot be meant, such as `[z-a]`.
    """
    anchored = "/" in glob.rstrip("/")
    parts = re.split(r"(\*\*/|\*\*|\*|\?|\[[^]/]+\])", glob.strip("/"))
    special = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}

    def translated(part: str) -> str:
        if part.startswith("[") and part.endswith("]"):
            inner = re.sub(r"[\[&~|]", r"\\\g<0>", part[1:-1])  # Python warns that it may read more into these one day
            return f"[^{inner[1:]}]" if inner[0] == "!" else f"[{inner}]"
        return special.get(part) or re.escape(part)

    body = "".join(map(translated, parts))
    try:
        return re.compile(("" if anchored else "(?:.*/)?") + body + "(?:/.*)?", re.DOTALL)
    except re.error as error:
        raise CheckError("option", f'"{glob}" is no glob: {error}') from error


def matches(path: str, globs: Iterable[str]) -> bool:
    """Whether a path (relative to the root, with `/`) fits one of the globs, or lies in a folder that does."""
    return any(_pattern(glob).fullmatch(path) for glob in globs)
