"""`holdfast init`: set Holdfast up in a repository."""

from __future__ import annotations

import os
import sys

from holdfast import files
from holdfast.code import discovery
from holdfast.formats import text
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from types import SimpleNamespace

    from holdfast.adoption import Change
    from holdfast.adoption.plan import Plan

NEXT = """next: git add {files} && git commit; pre-commit install; pre-commit run --all-files
holdfast: module boundaries: `holdfast contracts init PACKAGE` proposes a contract"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument(
        "path", nargs="?", default=".", metavar="PATH", help="a folder of the repository (default: the working one)"
    )
    parser.add_argument("--yes", action="store_true", help="write without asking")
    parser.add_argument("--diff", action="store_true", help="show what would be written, and write nothing")
    parser.add_argument("--repo", metavar="URL", help="where pre-commit gets the hooks (default: Holdfast's repository)")
    parser.add_argument("--rev", metavar="REV", help="which revision of them (default: this version)")


def run(options: SimpleNamespace) -> int:
    """Plan, show, ask, write. Exit code 0 where all is in place now, 1 where something was not written, 2 with an error."""
    from importlib.metadata import version

    from holdfast.adoption import plan, pre_commit_file

    root = discovery.checkout_of(os.path.abspath(options.path))
    if root is None:
        raise CheckError("option", "is in no git repository: pre-commit needs one (git init)", options.path)
    planned = plan.plan(root, options.repo or pre_commit_file.REPOSITORY, options.rev or f"v{version('holdfast')}")
    if planned.errors:
        sys.stderr.write("".join(text.write_error(error, root) for error in planned.errors))
        sys.stderr.write("holdfast: nothing is written: what cannot be checked now could not be checked at a commit\n")
        return 2
    if not planned.changes:
        sys.stderr.write("holdfast: everything is in place\n")
        return 0
    sys.stdout.write("".join(_shown(change) for change in planned.changes))
    sys.stdout.flush()
    sys.stderr.write(_explained(planned))
    if options.diff or not (options.yes or _agreed()):
        sys.stderr.write("holdfast: nothing is written\n")
        return 1
    for change in planned.changes:
        _write(root, change)
    names = " ".join(change.path for change in planned.changes)
    sys.stderr.write(f"holdfast: written: {names}\nholdfast: {NEXT.format(files=names)}\n")
    return 0


def _shown(change: Change) -> str:
    """A change as a unified diff; a new baseline in one line, as it may be long and is none to be read."""
    if change.path.endswith(".json"):
        return f"new file {text.printable(change.path)}: {text.count(change.after.count(bytes([10])), 'line')}\n"
    lines = files.diff(change.path, change.before or b"", change.after).splitlines()
    return "".join(f"{text.printable(line)}\n" for line in lines)


def _explained(planned: Plan) -> str:
    notes = [f"found {', '.join(planned.frameworks)}: `holdfast-project` looks at the routes"] if planned.frameworks else []
    if planned.excluded:
        notes.append(f"no Python parses {', '.join(map(text.printable, planned.excluded))}: excluded, nothing looks at it")
    if planned.adopted:
        counts = ", ".join(f"{name} {number}" for name, number in sorted(planned.adopted.items()))
        notes.append(
            f"known from now on, and may only become less: {text.count(sum(planned.adopted.values()), 'finding')} ({counts})"
        )
    return "".join(f"holdfast: {note}\n" for note in notes)


def _agreed() -> bool:
    """Whether a person at a terminal says yes."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        sys.stderr.write("holdfast: there is no terminal to ask: --yes writes\n")
        return False
    sys.stderr.write("Write this? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _write(root: str, change: Change) -> None:
    try:
        files.write(os.path.join(root, change.path), change.after)
    except OSError as error:
        raise CheckError("unreadable", f"cannot be written: {error.strerror}", change.path) from error
