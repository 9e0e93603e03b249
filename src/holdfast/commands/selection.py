"""The root and the configuration of a run, with the changes that the command line makes to the configuration."""

from __future__ import annotations

import os

from holdfast import files
from holdfast.code.discovery import checkout_of
from holdfast.engine import config as configuration
from holdfast.rule import LEVELS, CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import SimpleNamespace
    from typing import Any

    from holdfast.commands.plain import Parser
    from holdfast.engine.config import Config


def add_arguments(parser: Parser) -> None:
    """Declare the arguments of every command that runs rules."""
    parser.add_argument(
        "--select",
        action="append",
        metavar="RULES",
        help="comma-separated rules to run, or `all`; replaces `select` of the configuration",
    )
    parser.add_argument(
        "--ignore",
        action="append",
        metavar="RULES",
        help="comma-separated rules not to run; added to `ignore` of the configuration",
    )
    parser.add_argument(
        "--scope", choices=("file", "project"), help="run only the selected rules that check single files, or the whole project"
    )
    parser.add_argument(
        "--option",
        action="append",
        default=[],
        metavar="RULE.NAME=VALUE",
        help="set an option of a rule; VALUE is written as in TOML; may be repeated",
    )
    parser.add_argument("--fail-on", choices=LEVELS[1:], help="the lowest level that makes the exit code 1 (default: warning)")
    parser.add_argument(
        "--root", metavar="FOLDER", help="the folder that paths in the report are relative to (default: found from the paths)"
    )
    parser.add_argument("--config", metavar="FILE", help="a TOML file with [tool.holdfast] (default: the root's pyproject.toml)")


def root_and_config(options: SimpleNamespace, paths: list[str]) -> tuple[str, Config]:
    """Return the root of a run over these absolute paths and its configuration. Raises CheckError("option")."""
    root = os.path.abspath(options.root) if options.root else configuration.find_root(paths)
    outside = [path for path in paths if not _is_below(path, root)]
    if outside:
        raise CheckError("option", f"{outside[0]} is outside the root {root}: choose another --root")
    config = _config(options, root)
    if not files.is_below(os.path.join(root, config.baseline), checkout_of(root) or root):
        raise CheckError(
            "option", f'[tool.holdfast] baseline = "{config.baseline}" leads out of the checkout: move the file into it'
        )
    return root, config


def _is_below(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)


def _config(options: SimpleNamespace, root: str) -> Config:
    """The configuration in the file, with the changes that the command line makes."""
    if options.config and not os.path.isfile(options.config):
        raise CheckError("option", "the configuration file does not exist", options.config)
    config = configuration.read(options.config or os.path.join(root, "pyproject.toml"))
    changes: dict[str, Any] = {}
    if options.select:
        changes |= {"select": _names(options.select, "--select"), "narrowed": True}
    if options.ignore:
        changes |= {"ignore": (*config.ignore, *_names(options.ignore, "--ignore")), "narrowed": True}
    if options.scope:
        changes["scope"] = options.scope
    if options.fail_on:
        changes["fail_on"] = options.fail_on
    if options.option:
        changes["rules"] = _with_options(config.rules, options.option)
    return config.replace(**changes)


def _names(lists: list[str], flag: str) -> tuple[str, ...]:
    names = [name.strip() for written in lists for name in written.split(",") if name.strip()]
    if not names:
        raise CheckError("option", f"{flag} needs at least one rule, for example {flag} no-print")
    from holdfast import rules

    try:
        found = ((name,) if name == configuration.ALL else rules.current_names(name) for name in names)
        return tuple(name for some in found for name in some)
    except CheckError as error:
        raise CheckError("option", f"{flag}: {error.message}") from error


def _with_options(tables: dict[str, dict[str, Any]], settings: list[str]) -> dict[str, dict[str, Any]]:
    """The tables of rule options, with the values that `--option RULE.NAME=VALUE` sets."""
    import tomllib

    from holdfast import rules

    changed = {name: dict(table) for name, table in tables.items()}
    for setting in settings:
        target, equals, written = setting.partition("=")
        rule, dot, name = target.partition(".")
        if not (equals and dot):
            raise CheckError("option", f"--option must be RULE.NAME=VALUE, for example no-print.tests=false; got {setting}")
        try:
            value: object = tomllib.loads(f"value = {written}")["value"]
        except (ValueError, RecursionError):
            value = written  # a string without quotes
        changed.setdefault(rules.current_name(rule), {})[name] = value
    for rule, table in changed.items():
        configuration.make_options(rules.load(rules.current_name(rule)), table)
    return changed
