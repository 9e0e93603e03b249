"""`holdfast routes`: an inventory of the attack surface without running the application."""

from __future__ import annotations

import argparse
import os
import sys

from holdfast.code import discovery
from holdfast.engine import config, run as engine
from holdfast.formats import text
from holdfast.rule import CheckError


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument(
        "path", nargs="?", default=".", metavar="PATH", help="the project's folder (default: the working directory)"
    )
    parser.add_argument("--format", choices=("text", "json", "markdown"), default="text")
    parser.add_argument("--auth-only", action="store_true", help="only routes that check credentials")
    parser.add_argument("--unlimited", action="store_true", help="only routes for which no limit was found")
    parser.add_argument("--public", action="store_true", help="write the unguarded routes as a table for auth-on-route")


def run(options: argparse.Namespace) -> int:
    """List the routes below a folder; exit code 2 where a file that may register some could not be read."""
    from holdfast.code.project import Project
    from holdfast.formats import routes as writer
    from holdfast.routes import model as routes

    root = os.path.abspath(options.path)
    if not os.path.isdir(root):
        raise CheckError("option", "is no folder", options.path)
    with engine.resting_collector():
        found = routes.of(Project(root, config.read(os.path.join(root, "pyproject.toml")).source_roots))
        chosen = [
            route
            for route in found.all
            if (not options.auth_only or found.endpoint(route)) and (not options.unlimited or not found.limit(route))
        ]
        document = writer.write_public(found) if options.public else writer.write(writer.rows(found, chosen), options.format)
    sys.stdout.write(document)
    sys.stdout.flush()
    unread = set(discovery.python_files(root, root)) - set(found.project.files)
    if unread:
        sys.stderr.write(
            f"holdfast: note: git does not track {text.count(len(unread), 'Python file')}, which nobody looked at: git add\n"
        )
    unreadable = found.project.unreadable.values()
    sys.stderr.write("".join(text.write_error(error, root) for error in unreadable))
    sys.stderr.write(
        f"holdfast: {text.count(len(chosen), 'route')} of {len(found.all)} in {text.count(len(found.project.files), 'file')}\n"
    )
    return 2 if unreadable else 0
