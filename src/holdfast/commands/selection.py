"""The projects of a run and their configurations, with the changes that the command line makes to them."""

from __future__ import annotations

import os

from holdfast import files
from holdfast.code.discovery import checkout_of
from holdfast.engine import config as configuration
from holdfast.engine.projects import Projects
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
        "--root", metavar="FOLDER", help="check all files as one project with this folder (default: each file in its own project)"
    )
    parser.add_argument(
        "--config", metavar="FILE", help="a TOML file with [tool.holdfast], for all files (default: each project's own file)"
    )


def projects(options: SimpleNamespace, **changes: Any) -> Projects:
    """Return the projects of a run. changes: fields of Config that the command sets."""
    root = os.path.abspath(options.root) if options.root else ""
    return Projects(lambda folder: _checked(_config(options, folder), folder).replace(**changes), root)


def _checked(config: Config, root: str) -> Config:
    """Return the configuration of a root. Raises CheckError("option") if its baseline leads out of the checkout."""
    if not files.is_below(os.path.join(root, config.baseline), checkout_of(root) or root):
        raise CheckError(
            "option", f'[tool.holdfast] baseline = "{config.baseline}" leads out of the checkout: move the file into it'
        )
    return config


def root_and_config(options: SimpleNamespace, path: str) -> tuple[str, Config]:
    """Return the root and the configuration of the project that an absolute path belongs to. Raises CheckError("option")."""
    found = projects(options)
    root = found.root_of(path)
    return root, found.config(root)


def _config(options: SimpleNamespace, root: str) -> Config:
    """The configuration in the file, with the changes that the command line makes."""
    config = configuration.read(options.config) if options.config else configuration.read_project(root)
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
    return tuple(one for name in names for one in _current(name, flag))


def _current(name: str, flag: str) -> tuple[str, ...]:
    """The names of the rules that a name, a code or the beginning of codes stands for."""
    if name == configuration.ALL:
        return (name,)
    from holdfast import rules

    try:
        found = rules.current_names(name)
    except CheckError:
        found = (name,)  # rule_named says what is wrong with it
    return tuple(configuration.rule_named(one, flag).name for one in found)


def _with_options(tables: dict[str, dict[str, Any]], settings: list[str]) -> dict[str, dict[str, Any]]:
    """The tables of rule options, with the values that `--option RULE.NAME=VALUE` sets."""
    import tomllib

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
        changed.setdefault(configuration.rule_named(rule, "--option").name, {})[name] = value
    for rule, table in changed.items():
        configuration.make_options(configuration.rule_named(rule, "--option"), table)
    return changed
