"""`holdfast routes`: list the routes of a web application without running it."""

from __future__ import annotations

import os
import sys

from holdfast.code import discovery
from holdfast.engine import config
from holdfast.engine.projects import Projects
from holdfast.engine.run import paused_gc
from holdfast.formats import text
from holdfast.record import Record
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from types import SimpleNamespace
    from typing import Any

    from holdfast.engine.projects import Share
    from holdfast.routes.model import Routes
    from holdfast.routes.routing import Route


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "path", nargs="?", default=".", metavar="PATH", help="folder of the project (default: the working directory)"
    )
    parser.add_argument("--format", choices=("text", "json", "markdown"), default="text", help="output format (default: text)")
    parser.add_argument("--auth-only", action="store_true", help="only routes that check credentials")
    parser.add_argument("--unlimited", action="store_true", help="only routes without a rate limit")
    parser.add_argument("--public", action="store_true", help="write the table `public` of auth-on-route")


def run(options: SimpleNamespace) -> int:
    """List the routes below a folder. The exit code is 2 where a file that may register routes cannot be read."""
    folder = os.path.abspath(options.path)
    if not os.path.isdir(folder):
        raise CheckError("option", "is not a folder", options.path)
    projects = Projects(config.read_project)
    shares = projects.shares([folder], [])
    with paused_gc():
        tables = [_table(share, options) for share in shares]
    sys.stdout.write(_document(tables, folder, options))
    sys.stdout.flush()
    unread = sum(len(set(table.share.files) - set(table.found.project.files)) for table in tables)
    if unread:
        sys.stderr.write(f"holdfast: note: left out {text.count(unread, 'Python file')} not tracked by git (run `git add` first)\n")
    unreadable = [(error, table.share.root) for table in tables for error in table.found.project.unreadable.values()]
    sys.stderr.write("".join(text.write_error(error, root) for error, root in unreadable))
    shown, total = (sum(map(len, counted)) for counted in zip(*((table.chosen, table.all) for table in tables), strict=True))
    files = sum(len(set(table.share.files) & set(table.found.project.files)) for table in tables)
    sys.stderr.write(f"holdfast: {text.count(shown, 'route')} of {total} in {text.count(files, 'file')}\n")
    return 2 if unreadable else 0


class Table(Record):
    """The routes of one project that are declared in the files of a share: all of them, and those that the options choose."""

    share: Share
    found: Routes
    all: tuple[Route, ...]
    chosen: tuple[Route, ...]


def _table(share: Share, options: SimpleNamespace) -> Table:
    from holdfast.code.project import Project
    from holdfast.routes import model

    found = model.of(Project(share.root, share.config.source_roots))
    files = set(share.files)
    declared = tuple(route for route in found.all if route.place.source.path in files)
    chosen = (
        route
        for route in declared
        if (not options.auth_only or found.endpoint(route)) and (not options.unlimited or not found.limit(route))
    )
    return Table(share=share, found=found, all=declared, chosen=tuple(chosen))


def _document(tables: list[Table], folder: str, options: SimpleNamespace) -> str:
    """The routes of all projects in the chosen format, with paths relative to the folder."""
    from holdfast.formats import routes as writer
    from holdfast.routes import exposure

    if options.public:
        parts = []
        for table in tables:
            unguarded = [route for route in exposure.unguarded(table.found) if route in table.all]
            head = f"# in the configuration of {discovery.relative(table.share.root, folder)}\n" if len(tables) > 1 else ""
            parts.append(head + writer.write_public(unguarded))
        return "\n".join(parts)
    rows = [_moved(row, table.share.root, folder) for table in tables for row in writer.rows(table.found, table.chosen)]
    return writer.write(rows, options.format)


def _moved(row: dict[str, Any], root: str, folder: str) -> dict[str, Any]:
    """A row with every path relative to the folder instead of the root of its project."""

    def moved(value: object) -> object:
        return _moved(value, root, folder) if isinstance(value, dict) else value

    file = {"file": discovery.relative(os.path.join(root, row["file"]), folder)} if "file" in row else {}
    return {key: moved(value) for key, value in row.items()} | file
