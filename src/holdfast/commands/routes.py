"""`holdfast routes`: list the routes of a web application without running it."""

from __future__ import annotations

import os
import sys

from holdfast.code import discovery
from holdfast.engine import config
from holdfast.engine.run import paused_gc
from holdfast.formats import text
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from types import SimpleNamespace


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
    """List the routes of a folder. The exit code is 2 where a file that may register routes cannot be read."""
    from holdfast.code.project import Project
    from holdfast.formats import routes as writer
    from holdfast.routes import exposure, model as routes

    root = os.path.abspath(options.path)
    if not os.path.isdir(root):
        raise CheckError("option", "is not a folder", options.path)
    with paused_gc():
        found = routes.of(Project(root, config.read(os.path.join(root, "pyproject.toml")).source_roots))
        chosen = [
            route
            for route in found.all
            if (not options.auth_only or found.endpoint(route)) and (not options.unlimited or not found.limit(route))
        ]
        if options.public:
            document = writer.write_public(exposure.unguarded(found))
        else:
            document = writer.write(writer.rows(found, chosen), options.format)
    sys.stdout.write(document)
    sys.stdout.flush()
    unread = set(discovery.python_files(root, root)) - set(found.project.files)
    if unread:
        sys.stderr.write(
            f"holdfast: note: left out {text.count(len(unread), 'Python file')} not tracked by git (run `git add` first)\n"
        )
    unreadable = found.project.unreadable.values()
    sys.stderr.write("".join(text.write_error(error, root) for error in unreadable))
    sys.stderr.write(
        f"holdfast: {text.count(len(chosen), 'route')} of {len(found.all)} in {text.count(len(found.project.files), 'file')}\n"
    )
    return 2 if unreadable else 0
