"""`holdfast why`: explain why the rules report something on a line, or not."""

from __future__ import annotations

import os
import re
import sys

from holdfast import rules
from holdfast.commands import selection
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from types import SimpleNamespace


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("place", metavar="PATH:LINE", help="a line of a Python file, as findings show it; a column may follow")
    parser.add_argument("--rule", action="append", default=[], metavar="NAME", help="ask this rule only; may be repeated")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--option", action="append", default=[], metavar="RULE.NAME=VALUE", help="set a rule's option")
    parser.add_argument("--root", metavar="FOLDER", help="what paths are relative to (default: found from the path)")
    parser.add_argument("--config", metavar="FILE", help="a TOML file with [tool.holdfast] (default: the project's own file)")
    parser.set_defaults(select=None, ignore=None, scope=None, fail_on=None)


def run(options: SimpleNamespace) -> int:
    """Write what each rule tells about the line."""
    from holdfast.engine import why
    from holdfast.formats import text, why as writer

    place = re.fullmatch(r"(?P<path>.+?):(?P<line>[1-9]\d*)(:\d+)?:?", options.place)
    if place is None:
        raise CheckError("option", f"{options.place} must be PATH:LINE, for example shop/views.py:12")
    absolute = os.path.abspath(place["path"])
    root, config = selection.root_and_config(options, absolute)
    path = os.path.relpath(absolute, root).replace(os.sep, "/")
    only = tuple(dict.fromkeys(map(rules.current_name, options.rule)))
    foreign = [name for name in only if name not in rules.names()]
    if foreign:
        raise CheckError("option", f"{foreign[0]} does not judge lines of a file by itself: ask another rule")
    explanations = why.explain(config, root, path, int(place["line"]), only)
    shown = path if options.format == "json" else text.shown_path(root, path)
    sys.stdout.write(writer.write(shown, int(place["line"]), explanations, options.format))
    return 0
