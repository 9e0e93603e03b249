"""The configuration: `[tool.holdfast]` in the root's pyproject.toml."""

from __future__ import annotations

import os

from holdfast import files, rules
from holdfast.code.discovery import checkout_of
from holdfast.record import Record
from holdfast.rule import LEVELS, CheckError, Options, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from holdfast.engine.tool_settings import Settings

ALL = "all"
NOT_IN_THE_FILE = ("scope", "narrowed", "since", "cached")


class Config(Record):
    """The configuration of a run. The docstrings are also the descriptions in pyproject.schema.json."""

    select: tuple[str, ...] = ()
    """The rules to run, or "all". If empty, the rules that are on by default run."""
    ignore: tuple[str, ...] = ()
    """Rules that are neither run nor reported."""
    exclude: tuple[str, ...] = ()
    """Files that are not checked: globs as in .gitignore, relative to the root."""
    per_path_ignores: dict[str, tuple[str, ...]] = {}  # noqa: RUF012  # records are frozen
    """Rules (or "all") that are not reported in some files: a table from globs to lists of rules."""
    source_roots: tuple[str, ...] = ()
    """Folders from which modules are imported, relative to the root; `*` is any one folder. If empty: every folder that is in no
    package."""
    fail_on: str = "warning"
    """The lowest level that makes the exit code 1: "warning" or "error"."""
    rules: dict[str, dict[str, Any]] = {}  # noqa: RUF012
    """The options of each configured rule, as written."""
    tools: dict[str, Settings] = {}  # noqa: RUF012
    """The tools that `holdfast ratchet` runs."""
    baseline: str = ".holdfast-baseline.json"
    """The file of known findings, relative to the root."""
    scope: str = ""
    """"file" or "project" to run only rules of this scope. Set on the command line."""
    narrowed: bool = False
    """Whether rules are selected or ignored on the command line."""
    since: str = ""
    """The revision from `--since`; "" to report findings on all lines."""
    cached: bool = True
    """Whether the results of project rules are cached. Set on the command line."""


def find_root(paths: list[str]) -> str:
    """Return the root of a run over these absolute paths.

    It is the nearest folder at or above their common ancestor whose pyproject.toml has a `[tool.holdfast]`. If there is none, it
    is the top of the git checkout; outside of a checkout, it is the common ancestor.
    """
    folders = [path if os.path.isdir(path) else os.path.dirname(path) for path in paths]
    try:
        ancestor = folder = os.path.commonpath(folders)
    except ValueError as error:  # different drives
        raise CheckError("option", "the paths have no common folder: choose the root with --root") from error
    while True:
        if is_configured(folder):
            return folder
        above = os.path.dirname(folder)
        if above == folder:
            return checkout_of(ancestor) or ancestor
        folder = above


def is_configured(folder: str) -> bool:
    """Return whether a folder has a pyproject.toml with a `[tool.holdfast]` table."""
    return _table(os.path.join(folder, "pyproject.toml")) is not None


def read(path: str) -> Config:
    """Return the configuration in a file, or the defaults if the file or its table is missing. Raises CheckError("option")."""
    table = _table(path)
    if not table:
        return Config()
    where = os.path.basename(path)
    fields = {field.replace("_", "-"): field for field in Config.fields if field not in NOT_IN_THE_FILE}
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in fields:
            raise CheckError("option", f'[tool.holdfast] has no option "{key}"{rules.suggestion(key, list(fields))}', where)
        values[fields[key]] = _checked(key, value, where)
    config = Config(**values)
    for name in (*config.select, *config.ignore, *(name for names in config.per_path_ignores.values() for name in names)):
        if name != ALL:
            _current_name(name, "[tool.holdfast]", where)
    for name in config.rules:
        options_of(rules.load(_current_name(name, "[tool.holdfast.rules]", where)), config, where)
    return config


def _current_name(name: str, place: str, where: str) -> str:
    try:
        return rules.current_name(name)
    except CheckError as error:
        raise CheckError("option", f"{place}: {error.message}", where) from error


def _table(path: str) -> dict[str, Any] | None:
    """The [tool.holdfast] table of a TOML file, or None if there is none."""
    try:
        data = files.read(path)
    except OSError:
        return None
    if b"holdfast" not in data:
        return None  # most hooks then need no TOML parser, whose import takes a few milliseconds
    tool = parsed(data, os.path.basename(path)).get("tool", {})
    found = tool.get("holdfast") if isinstance(tool, dict) else None
    if found is not None and not isinstance(found, dict):
        raise CheckError("option", "tool.holdfast must be a table", os.path.basename(path))
    return found


def parsed(data: bytes, where: str) -> dict[str, Any]:
    """Return the content of a TOML file. Raises CheckError("option") with the line of a syntax error. where: its path."""
    import re
    import tomllib

    try:
        return tomllib.loads(data.decode("utf-8"))
    except RecursionError as error:
        raise CheckError("option", "is nested too deeply", where) from error
    except ValueError as error:  # not TOML, not UTF-8, or a number with thousands of digits
        line = re.search(r"at line (\d+)", str(error))
        raise CheckError("option", f"is not valid TOML: {error}", where, int(line[1]) if line else 0) from error


def _checked(key: str, value: object, where: str) -> object:
    """A value of [tool.holdfast], converted to the type of the field in Config."""
    name = f"[tool.holdfast] {key}"
    if key == "fail-on":
        if value not in LEVELS[1:]:
            raise CheckError("option", f'{name} must be "error" or "warning"', where)
        return value
    if key == "baseline":
        if not isinstance(value, str) or not value:
            raise CheckError("option", f'{name} must be the path of a file, for example "{Config.baseline}"', where)
        return value
    if key in ("rules", "tools"):
        if not isinstance(value, dict) or not all(isinstance(table, dict) for table in value.values()):
            example = "[tool.holdfast.rules.no-print]" if key == "rules" else "[tool.holdfast.tools.ruff]"
            raise CheckError("option", f"[tool.holdfast.{key}] must contain one table per {key[:-1]}, for example {example}", where)
        return value if key == "rules" else _tools(value, where)
    if key == "per-path-ignores":
        if not isinstance(value, dict):
            raise CheckError("option", f'{name} must be a table such as {{"tests/**" = ["no-print"]}}', where)
        return {glob: strings(rule_names, f'{name}."{glob}"', where, "no-print") for glob, rule_names in value.items()}
    return strings(value, name, where, "docs/**" if key == "exclude" else "no-print")


def _tools(tables: dict[str, dict[str, Any]], where: str) -> dict[str, Settings]:
    from holdfast.engine import tool_settings

    return {name: tool_settings.settings_of(name, table, where) for name, table in tables.items()}


def strings(value: object, name: str, where: str, example: str = "...") -> tuple[str, ...]:
    """Return a list of strings as a tuple. name, where and example: for the CheckError("option") about any other value."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise CheckError("option", f'{name} must be a list of strings, for example ["{example}"]', where)
    return tuple(value)


def options_of(rule: Rule, config: Config, where: str = "") -> Options:
    """Return a rule's options as the configuration sets them, under its current name, a former one, or its code."""
    written: dict[str, Any] = {}
    for name in (*rule.formerly, rule.code.lower(), rule.code, rule.name):
        written.update(config.rules.get(name, {}))
    return make_options(rule, written, where)


def make_options(rule: Rule, written: dict[str, Any], where: str = "") -> Options:
    """Return a rule's options from a table of plain values. Raises CheckError("option") for unknown names and wrong types."""
    values: dict[str, Any] = {}
    for key, value in written.items():
        field = key.replace("-", "_")
        if field not in rule.options.fields:
            names = [name.replace("_", "-") for name in rule.options.fields]
            raise CheckError("option", f'{rule.name} has no option "{key}"{rules.suggestion(key, names)}', where)
        values[field] = _typed(f"the option {key} of {rule.name}", value, getattr(rule.options, field), where)
    return rule.options(**values)


def _typed(name: str, value: object, default: object, where: str) -> object:
    """A value, if it has the type of the option's default. Raises CheckError("option") for any other."""
    if isinstance(default, tuple):
        return strings(list(value) if isinstance(value, tuple) else value, name, where)
    if isinstance(default, dict):
        if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
            raise CheckError("option", f'{name} must be a table of strings, for example {{"name" = "reason"}}', where)
        return value
    if type(value) is not type(default):
        kinds = {bool: "true or false", int: "a whole number", str: "a string"}
        raise CheckError("option", f"{name} must be {kinds[type(default)]}", where)
    return value


def selected(config: Config) -> tuple[Rule, ...]:
    """Return the rules that a configuration selects, sorted by code."""
    names = {ALL} if ALL in config.select else {rules.current_name(name) for name in config.select}
    ignored = {rules.current_name(name) for name in config.ignore if name != ALL}
    for rule in rules.contracts() if names - {ALL} - set(rules.names()) else ():
        if rule.name in names:
            raise CheckError("option", f"{rule.name} is a contract type, not a rule: write a contract and run `holdfast contracts`")
    if names and ALL not in names:
        found = [rules.load(name) for name in names if name in rules.names()]
    else:
        found = [rule for rule in map(rules.load, rules.names()) if names or rule.default]
    kept = [rule for rule in found if rule.name not in ignored and config.scope in ("", rule.scope)]
    return tuple(sorted(kept, key=lambda rule: rule.code))
