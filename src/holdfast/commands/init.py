"""`holdfast init`: set up Holdfast in a repository."""

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

NEXT = """next: run git add {files} && git commit; pre-commit install; pre-commit run --all-files
holdfast: for module boundaries, `holdfast contracts init PACKAGE` proposes a contract"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument(
        "path", nargs="?", default=".", metavar="PATH", help="a folder of the project to set up (default: the working directory)"
    )
    parser.add_argument("--yes", action="store_true", help="write without asking")
    parser.add_argument("--diff", action="store_true", help="show the changes, but write nothing")
    parser.add_argument("--repo", metavar="URL", help="the repository of the hooks (default: Holdfast's repository)")
    parser.add_argument("--rev", metavar="REV", help="the revision of the hooks (default: this version)")


def run(options: SimpleNamespace) -> int:
    """Plan, show, ask and write. Exit code 0: everything is set up. 1: nothing was written. 2: there was an error."""
    from importlib.metadata import version

    from holdfast.adoption import plan, pre_commit_file

    path = os.path.abspath(options.path)
    top = discovery.checkout_of(path)
    if top is None:
        raise CheckError("option", "is not in a git repository, which pre-commit needs: run git init", options.path)
    root = plan.level(path, top)
    planned = plan.plan(top, root, options.repo or pre_commit_file.REPOSITORY, options.rev or f"v{version('holdfast')}")
    if planned.errors:
        sys.stderr.write("".join(text.write_error(error, root) for error in planned.errors))
        sys.stderr.write("holdfast: nothing was written: fix these errors first, because they would make the hooks fail\n")
        return 2
    if not planned.changes:
        sys.stderr.write("holdfast: everything is set up already\n")
        return 0
    sys.stdout.write("".join(_shown(change) for change in planned.changes))
    sys.stdout.flush()
    sys.stderr.write(_notes(planned))
    if options.diff or not (options.yes or is_confirmed()):
        sys.stderr.write("holdfast: nothing was written\n")
        return 1
    for change in planned.changes:
        _write(top, change)
    names = " ".join(change.path for change in planned.changes)
    sys.stderr.write(f"holdfast: wrote {names}\nholdfast: {NEXT.format(files=names)}\n")
    return 0


def _shown(change: Change) -> str:
    """A change as a unified diff. A new baseline, which may be long, is one line."""
    if change.path.endswith(".json"):
        return f"new file {text.printable(change.path)}: {text.count(change.after.count(bytes([10])), 'line')}\n"
    lines = files.diff(change.path, change.before or b"", change.after).splitlines()
    return "".join(f"{text.printable(line)}\n" for line in lines)


def _notes(planned: Plan) -> str:
    notes = [f"found {', '.join(planned.frameworks)}: `holdfast-project` checks the routes"] if planned.frameworks else []
    if planned.excluded:
        notes.append(f"excluded because the syntax is not valid: {', '.join(map(text.printable, planned.excluded))}")
    if planned.adopted:
        counts = ", ".join(f"{name} {number}" for name, number in sorted(planned.adopted.items()))
        total = text.count(sum(planned.adopted.values()), "existing finding")
        notes.append(f"the baseline accepts {total} ({counts}); the number may only decrease")
    return "".join(f"holdfast: {note}\n" for note in notes)


def is_confirmed() -> bool:
    """Return whether the user, asked in the terminal, wants the changes to be written."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        sys.stderr.write("holdfast: cannot ask for confirmation without a terminal: use --yes\n")
        return False
    sys.stderr.write("Write these changes? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _write(root: str, change: Change) -> None:
    try:
        files.write_below(root, change.path, change.after)
    except OSError as error:
        raise CheckError("unreadable", f"cannot write the file: {error.strerror}", change.path) from error
