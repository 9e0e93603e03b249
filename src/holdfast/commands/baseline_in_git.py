"""The actions of `holdfast baseline` about git: merge two branches, and compare with an older version."""

from __future__ import annotations

import os
import sys

from holdfast import files
from holdfast.baseline.document import to_text
from holdfast.baseline.file import BaselineFile, load, parsed, place_of
from holdfast.baseline.merging import difference, three_way
from holdfast.code import discovery
from holdfast.commands import selection
from holdfast.engine import changes
from holdfast.formats import text
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import SimpleNamespace
    from typing import Any

    from holdfast.baseline.entries import Entry
    from holdfast.baseline.merging import Difference

ACTIONS = {
    "check": "compare the baseline with an older version, and fail if it accepts more findings",
    "merge-driver": "merge the baselines of two branches; git runs this",
    "install-driver": "let git merge the baselines of branches with `merge-driver`",
}
DRIVER = "holdfast-baseline"
REASON = "Baseline-growth"


def add_actions(actions: Any, formatter: Any) -> None:
    """Declare the actions and their arguments. actions: the sub-parsers of `holdfast baseline`."""
    parsers = {
        name: actions.add_parser(name, help=summary, description=summary, formatter_class=formatter)
        for name, summary in ACTIONS.items()
    }
    for parser in parsers.values():
        parser.set_defaults(run=run)
    for name in ("base", "ours", "theirs"):
        parsers["merge-driver"].add_argument(
            name, metavar=name.upper(), help="a file with one of the versions; OURS is overwritten"
        )
    parsers["merge-driver"].add_argument("path", nargs="?", default="", metavar="PATH", help="the name of the baseline, for errors")
    for name in ("check", "install-driver"):
        parsers[name].add_argument("files", nargs="*", metavar="FILE", help="baselines (default: the one in the configuration)")
        parsers[name].add_argument("--root", metavar="FOLDER", help="the root of the project (default: found from here)")
        parsers[name].add_argument("--config", metavar="FILE", help="a TOML file with [tool.holdfast] (default: pyproject.toml)")
        parsers[name].set_defaults(select=None, ignore=None, scope=None, option=[], fail_on=None)
    parsers["check"].add_argument(
        "--against", default="HEAD", metavar="REV", help="compare with the merge base of REV and HEAD (default: HEAD)"
    )
    parsers["check"].add_argument("--allow-growth", metavar="REASON", help="accept growth, and print the reason")
    parsers["install-driver"].add_argument("--yes", action="store_true", help="write without asking")


def run(options: SimpleNamespace) -> int:
    """Run the action and return the exit code."""
    if options.action == "merge-driver":
        return _merge(options)
    root, config = selection.root_and_config(options, os.path.abspath(options.root or "."))
    paths = [_relative(path, root) for path in options.files] or [config.baseline]
    return _check(options, root, paths) if options.action == "check" else _install(options, root, paths)


def _relative(path: str, root: str) -> str:
    return os.path.relpath(os.path.abspath(path), root).replace(os.sep, "/")


# -- merge-driver


def _merge(options: SimpleNamespace) -> int:
    """Overwrite OURS with the merge. Exit code 2: a version cannot be read, and git reports a conflict."""
    shown = options.path or options.ours
    versions = [_version(path, shown) for path in (options.base, options.ours, options.theirs)]
    _write(options.ours, to_text(three_way(*versions)), shown)
    return 0


def _version(path: str, shown: str) -> tuple[Entry, ...]:
    """The entries of a version; none if the file is empty, as git gives it for a version that does not exist."""
    if not os.path.isfile(path):
        raise CheckError("unreadable", f"cannot merge: {path} is not a file", shown)
    if os.path.getsize(path) == 0:
        return ()
    folder, name = os.path.split(os.path.abspath(path))
    try:
        return load(folder, name).entries
    except CheckError as error:
        raise error.at(shown) from error


def _write(path: str, content: str, shown: str) -> None:
    try:
        files.write(path, content.encode())
    except OSError as error:
        raise CheckError("unreadable", f"cannot write the file: {error.strerror}", shown) from error


# -- install-driver


def _install(options: SimpleNamespace, root: str, paths: list[str]) -> int:
    """Write the line in .gitattributes and the driver in the clone's configuration, after asking."""
    from holdfast.commands.init import is_confirmed

    top = discovery.checkout_of(root)
    if top is None:
        raise CheckError("option", "is not in a git repository", root)
    attributes = os.path.join(top, ".gitattributes")
    before = ""
    if os.path.lexists(attributes):
        with open(attributes, encoding="utf-8", errors="surrogateescape", newline="") as file:
            before = file.read()
    prefix = os.path.relpath(root, top).replace(os.sep, "/")
    patterns = [path if "/" not in path else os.path.normpath(f"/{prefix}/{path}").replace(os.sep, "/") for path in paths]
    lines = [line for pattern in patterns if (line := f"{pattern} merge={DRIVER}") not in before.splitlines()]
    command = f"{_program()} baseline merge-driver %O %A %B %P"
    values = {f"merge.{DRIVER}.name": "Holdfast's baseline", f"merge.{DRIVER}.driver": command}
    sys.stdout.write("".join(f".gitattributes: {line}\n" for line in lines))
    sys.stdout.write("".join(f"git config --local {name} {value!r}\n" for name, value in values.items()))
    sys.stdout.flush()
    if not (options.yes or is_confirmed()):
        sys.stderr.write("holdfast: nothing was written\n")
        return 1
    for name, value in values.items():
        answer = discovery.git(top, "config", "--local", name, value)
        if answer.code:
            raise CheckError("option", f"git config failed: {answer.said or 'git was not found'}", root)
    if lines:
        start = before if not before or before.endswith("\n") else before + "\n"
        content = start + "".join(f"{line}\n" for line in lines)
        files.write(attributes, content.encode("utf-8", "surrogateescape"))
    sys.stderr.write("holdfast: commit .gitattributes; in each other clone, run `holdfast baseline install-driver` once\n")
    return 0


def _program() -> str:
    """This installation's program, quoted for the shell that git starts."""
    import shlex

    name = "holdfast.exe" if os.name == "nt" else "holdfast"
    path = os.path.join(os.path.dirname(sys.executable), name)
    return shlex.quote(path.replace(os.sep, "/")) if os.path.isfile(path) else "holdfast"


# -- check


def _check(options: SimpleNamespace, root: str, paths: list[str]) -> int:
    """Print what each baseline takes out and adds. Exit code 1: it adds a finding, and nobody says why."""
    base = changes.merge_base(root, options.against, "--against")
    grown = 0
    for path in paths:
        old = _entries_at(root, base, path)
        file = load(root, path) if os.path.lexists(os.path.join(root, path)) else None
        new = file.entries if file else ()
        if old is None:
            accepted = text.count(sum(entry.times for entry in new), "finding")
            sys.stdout.write(f"{text.printable(path)}: a new baseline, {accepted}\n" if file else f"{path}: there is no baseline\n")
            continue
        found = difference(old, new)
        grown += found.more
        sys.stdout.write(_shown(path, found))
    if not grown:
        return 0
    sys.stdout.flush()
    reason = options.allow_growth or _reason(root, base)
    if reason:
        sys.stderr.write(f"holdfast: the growth is allowed: {text.printable(reason)}\n")
        return 0
    more = f"the baseline accepts {text.count(grown, 'finding')} more than at {options.against}"
    way = f"--allow-growth REASON or a line `{REASON}: REASON` in a commit message"
    sys.stderr.write(f"holdfast: {text.printable(more)}: fix them, or say why with {way}\n")
    return 1


def _entries_at(root: str, commit: str, path: str) -> tuple[Entry, ...] | None:
    """The entries of a baseline in a commit, None if it did not exist."""
    listed = discovery.git(root, "ls-tree", "-z", "--name-only", commit, "--", path)
    if listed.code:
        raise CheckError("option", f"--against: git could not read the commit: {listed.said}")
    if not listed.out:
        return None
    answer = discovery.git(root, "cat-file", "blob", f"{commit}:./{path}")
    if answer.code:
        raise CheckError("option", f"--against: git could not read the baseline: {answer.said}", path)
    file: BaselineFile = parsed(answer.out.decode("utf-8", "replace"), f"{path} at {commit[:10]}")
    return file.entries


def _reason(root: str, base: str) -> str:
    """The reason in a commit message since the base; "" if there is none."""
    import re

    said = discovery.git(root, "log", "--format=%B", f"{base}..HEAD").out.decode("utf-8", "replace")
    found = re.search(rf"^{REASON}:[ \t]*(\S.*)$", said, re.MULTILINE)
    return found[1].strip() if found else ""


def _shown(path: str, found: Difference) -> str:
    lines = [f"{path}: -{found.less} +{found.more}{f', {len(found.moved)} moved' if found.moved else ''}"]
    lines += [f"- {_of(entry)}" for entry in found.removed]
    lines += [f"- {_of(new)}: lowered from {old.at_most} to {new.at_most}" for old, new in found.lowered]
    lines += [f"+ {_of(entry)}" for entry in found.added]
    lines += [f"+ {_of(new)}: raised from {old.at_most} to {new.at_most}" for old, new in found.raised]
    return "".join(f"{text.printable(line)}\n" for line in lines)


def _of(entry: Entry) -> str:
    return f"{entry.rule} in {place_of(entry)}{f': {entry.line}' if entry.line else ''}"
