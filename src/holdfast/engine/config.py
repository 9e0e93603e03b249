"""The configuration of a project: `[tool.holdfast]` in its pyproject.toml, or its holdfast.toml."""

from __future__ import annotations

import os
import stat

from holdfast import rules
from holdfast.code.discovery import relative
from holdfast.record import Record
from holdfast.rule import LEVELS, CheckError, Options, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from holdfast.engine.tool_settings import Settings

ALL = "all"
OWN_FILE = "holdfast.toml"
SHARED_FILE = "pyproject.toml"
PATHS = {"baseline": ".holdfast-baseline.json", "extend": "../pyproject.toml"}
"""The options that are the path of a file, each with an example."""
NOT_IN_THE_FILE = ("scope", "narrowed", "since", "stale", "cached")


class Config(Record):
    """The configuration of a project. The docstrings are also the descriptions in pyproject.schema.json."""

    select: tuple[str, ...] = ()
    """The rules to run, or "all". Without this option, the rules that are on by default run."""
    extend: str = ""
    """A configuration file to inherit from, relative to this file. Options here replace inherited ones; tables are merged."""
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
    baseline: str = PATHS["baseline"]
    """The file of known findings, relative to the root."""
    scope: str = ""
    """"file" or "project" to run only rules of this scope. Set on the command line."""
    narrowed: bool = False
    """Whether rules are selected or ignored on the command line."""
    since: str = ""
    """The revision from `--since`; "" to report findings on all lines."""
    stale: str = ""
    """"finding" or "note": what a stale entry of the baseline is. If empty, a note on a merge commit, otherwise a finding."""
    cached: bool = True
    """Whether the results of project rules are cached. Set on the command line."""


def is_configured(folder: str) -> bool:
    """Return whether a folder is a project: it has a holdfast.toml, or a pyproject.toml with a `[tool.holdfast]` table."""
    return bool(file_of(folder))


def file_of(folder: str) -> str:
    """Return the path of a project's configuration; "" if the folder has none. Raises CheckError("option") if it has two."""
    own, shared = (os.path.join(folder, name) for name in (OWN_FILE, SHARED_FILE))
    has_own, has_table = os.path.lexists(own), _table(shared) is not None
    if has_own and has_table:
        raise CheckError("option", f"{OWN_FILE} lies beside it: keep one of the two configurations", _shown(shared))
    return own if has_own else shared if has_table else ""


def read_project(folder: str) -> Config:
    """Return the configuration of a folder, or the defaults if it has none. Raises CheckError("option")."""
    path = file_of(folder)
    return read(path) if path else Config()


def read(path: str) -> Config:
    """Return the configuration in a file, with what it extends. Raises CheckError("option"), also if the file has none."""
    where = _shown(path)
    tables = [(_shown(file), table) for file, table in _extended_tables(path)]
    written: dict[str, Any] = {}
    for name, table in reversed(tables):  # the extended file first
        written = _merged(written, _values(table, name))
    config = Config(**written)
    for name in config.rules:
        options_of(rule_named(name, "[tool.holdfast.rules]", where), config, where)
    return config


def _extended_tables(path: str) -> list[tuple[str, dict[str, Any]]]:
    """The table of a file and those that it extends, each with the path of its file."""
    found: dict[str, dict[str, Any]] = {}
    path = os.path.abspath(path)
    while True:
        table = _table(path)
        if table is None:
            reason = "has no [tool.holdfast] table" if os.path.lexists(path) else "the configuration file does not exist"
            raise CheckError("option", reason, _shown(path))
        found[path] = table
        if "extend" not in table:
            return list(found.items())
        inherited = str(_checked("extend", table["extend"], _shown(path)))
        extended = os.path.normpath(os.path.join(os.path.dirname(path), inherited))
        if extended in found:
            raise CheckError("option", f"extend: {_shown(extended)} extends this file, too", _shown(path))
        if not os.path.lexists(extended):
            raise CheckError("option", f"extend: {_shown(extended)} does not exist", _shown(path))
        path = extended


def _merged(lower: dict[str, Any], upper: dict[str, Any]) -> dict[str, Any]:
    """The values of two configurations. A value of the upper one replaces that of the lower one, tables are merged key by key."""
    both = {
        key: _merged(lower[key], value) if isinstance(value, dict) and isinstance(lower.get(key), dict) else value
        for key, value in upper.items()
    }
    return lower | both


def _values(table: dict[str, Any], where: str) -> dict[str, Any]:
    """The checked values of a table, by field of Config."""
    fields = {field.replace("_", "-"): field for field in Config.fields if field not in NOT_IN_THE_FILE}
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in fields:
            raise CheckError("option", f'[tool.holdfast] has no option "{key}"{rules.suggestion(key, list(fields))}', where)
        values[fields[key]] = _checked(key, value, where)
    ignored = (name for names in values.get("per_path_ignores", {}).values() for name in names)
    for name in (*values.get("select", ()), *values.get("ignore", ()), *ignored):
        if name != ALL:
            rule_named(name, "[tool.holdfast]", where)
    return values


def rule_named(name: str, place: str, where: str = "") -> Rule:
    """Return the rule with a name or a former name. Raises CheckError("option") for another name, also of a contract type.

    place and where: the option and the file that the name is from.
    """
    try:
        current = rules.current_name(name)
    except CheckError as error:
        raise CheckError("option", f"{place}: {error.message}", where) from error
    if current in rules.names():
        return rules.load(current)
    own = [rule for rule in rules.own() if rule.name == current]
    if not own:
        message = f"{place}: {name} is a contract type, not a rule: set its options in a contract, and run `holdfast contracts`"
        raise CheckError("option", message, where)
    return own[0]


def _table(path: str) -> dict[str, Any] | None:
    """The table in a configuration file; None if there is no such file, or it has no `[tool.holdfast]`."""
    data = _data(path)
    is_own = os.path.basename(path) == OWN_FILE
    if data is None:
        return None
    if not is_own and b"holdfast" not in data and b"\0" not in data:
        return None  # most hooks then need no TOML parser, whose import takes a few milliseconds; a NUL: UTF-16 or UTF-32
    document = parsed(data, _shown(path))
    tool = document.get("tool", {})
    found = tool.get("holdfast") if isinstance(tool, dict) else None
    if is_own and "tool" in document:
        raise CheckError("option", "options must be at the top level of this file, not in [tool.holdfast]", _shown(path))
    if is_own:
        return document
    if found is not None and not isinstance(found, dict):
        raise CheckError("option", "tool.holdfast must be a table", _shown(path))
    return found


def _data(path: str) -> bytes | None:
    """The content of a regular file; None if nothing is at the path. Raises CheckError("option") for anything else."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise CheckError("option", "the configuration is not a regular file", _shown(path))
        with open(path, "rb") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError) as error:
        if os.path.islink(path):
            raise CheckError("option", "the configuration is a link to a missing file", _shown(path)) from error
        return None
    except OSError as error:
        raise CheckError("option", f"cannot read the configuration: {error.strerror}", _shown(path)) from error


def _shown(path: str) -> str:
    """The path of a configuration file in messages: relative to the working directory."""
    try:
        return relative(os.path.abspath(path), os.getcwd())
    except (OSError, ValueError):  # no working directory, or another drive
        return path.replace(os.sep, "/")


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
    if key in PATHS:
        if not isinstance(value, str) or not value:
            raise CheckError("option", f'{name} must be the path of a file, for example "{PATHS[key]}"', where)
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
    if key == "select" and value == []:
        raise CheckError("option", f'{name} must not be empty: name rules, for example ["no-print"], or remove the option', where)
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
    ignored = set(rules.names()) if ALL in config.ignore else {rules.current_name(name) for name in config.ignore}
    if names and ALL not in names:
        found = [rules.load(name) for name in names if name in rules.names()]
    else:
        found = [rule for rule in map(rules.load, rules.names()) if names or rule.default]
    kept = [rule for rule in found if rule.name not in ignored and config.scope in ("", rule.scope)]
    return tuple(sorted(kept, key=lambda rule: rule.code))
