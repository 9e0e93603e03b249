"""Configuration: `[tool.holdfast]` of the root's pyproject.toml, and what the command line replaces in it."""

from __future__ import annotations

import os

from holdfast import rules
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
    """What one run goes by. The docstrings also are the descriptions in pyproject.schema.json."""

    select: tuple[str, ...] = ()
    """The rules to run, or "all"; none means those that are on by default."""
    ignore: tuple[str, ...] = ()
    """Rules not to run, or to report."""
    exclude: tuple[str, ...] = ()
    """Files not to look at: globs as in .gitignore, relative to the root."""
    per_path_ignores: dict[str, tuple[str, ...]] = {}  # noqa: RUF012  # records are frozen
    """For paths that fit such a glob, the rules (or "all") that are not reported there."""
    source_roots: tuple[str, ...] = ()
    """Folders from which modules are imported, relative to the root; `*` stands for one folder. Without: any folder that is in no
    package."""
    fail_on: str = "warning"
    """The weakest level that makes the exit code 1; notes never fail."""
    rules: dict[str, dict[str, Any]] = {}  # noqa: RUF012
    """Each configured rule's options, as written."""
    tools: dict[str, Settings] = {}  # noqa: RUF012
    """The tools that `holdfast ratchet` runs."""
    baseline: str = ".holdfast-baseline.json"
    """The file of known findings, relative to the root; "" for none."""
    scope: str = ""
    """"file" or "project" to run just such rules: set by our hooks, not in the file."""
    narrowed: bool = False
    """Whether rules were named on the command line; not in the file."""
    since: str = ""
    """The revision since whose merge base with HEAD lines count as changed, "" for all lines; not in the file."""
    cached: bool = True
    """Whether what rules about the project found may be kept for the next run; not in the file."""


def find_root(paths: list[str]) -> str:
    """The root of a run over these absolute paths: the nearest folder at or above their common ancestor with a configuration
    of ours, else the top of its git checkout, else that ancestor itself."""
    folders = [path if os.path.isdir(path) else os.path.dirname(path) for path in paths]
    try:
        ancestor = folder = os.path.commonpath(folders)
    except ValueError as error:  # different drives
        raise CheckError("option", "the paths have no common root: name one with --root") from error
    while True:
        if exists(folder):
            return folder
        above = os.path.dirname(folder)
        if above == folder:
            return checkout_of(ancestor) or ancestor
        folder = above


def exists(folder: str) -> bool:
    """Whether a folder has a pyproject.toml with a configuration of ours."""
    return _table(os.path.join(folder, "pyproject.toml")) is not None


def read(path: str) -> Config:
    """The configuration in a file; the defaults where the file or its table is missing. Raises CheckError("option")."""
    table = _table(path)
    if not table:
        return Config()
    where = os.path.basename(path)
    known = {field.replace("_", "-"): field for field in Config.fields if field not in NOT_IN_THE_FILE}
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in known:
            raise CheckError("option", f'[tool.holdfast] has no option "{key}"{rules.suggestion(key, list(known))}', where)
        values[known[key]] = _checked(key, value, where)
    config = Config(**values)
    for name in (*config.select, *config.ignore, *(name for names in config.per_path_ignores.values() for name in names)):
        if name != ALL:
            _current(name, "[tool.holdfast]", where)
    for name in config.rules:
        options_of(rules.load(_current(name, "[tool.holdfast.rules]", where)), config, where)
    return config


def _current(name: str, place: str, where: str) -> str:
    try:
        return rules.current_name(name)
    except CheckError as error:
        raise CheckError("option", f"in {place}: {error.message}", where) from error


def _table(path: str) -> dict[str, Any] | None:
    """The [tool.holdfast] table of a TOML file, or None."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        return None
    if b"holdfast" not in data:
        return None  # spares most hooks the import of a TOML parser
    tool = parsed(data, os.path.basename(path)).get("tool", {})
    found = tool.get("holdfast") if isinstance(tool, dict) else None
    if found is not None and not isinstance(found, dict):
        raise CheckError("option", "[tool.holdfast] is not a table", os.path.basename(path))
    return found


def parsed(data: bytes, where: str) -> dict[str, Any]:
    """The content of a TOML file. Raises CheckError("option") with the line where it is broken; where: its path, for errors."""
    import re
    import tomllib

    try:
        return tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        line = re.search(r"at line (\d+)", str(error))
        raise CheckError("option", f"is not valid TOML: {error}", where, int(line[1]) if line else 0) from error


def _checked(key: str, value: object, where: str) -> object:
    """A value of [tool.holdfast] in the type that Config wants."""
    if key == "fail-on":
        if value not in LEVELS[1:]:
            raise CheckError("option", 'fail-on is "error" or "warning" (notes never fail)', where)
        return value
    if key == "baseline":
        if not isinstance(value, str) or not value:
            raise CheckError("option", "baseline is the path of a file", where)
        return value
    if key in ("rules", "tools"):
        if not isinstance(value, dict) or not all(isinstance(table, dict) for table in value.values()):
            raise CheckError("option", f"[tool.holdfast.{key}] holds one table a {key[:-1]}", where)
        return value if key == "rules" else _tools(value, where)
    if key == "per-path-ignores":
        if not isinstance(value, dict):
            raise CheckError("option", "per-path-ignores is a table from paths to lists of rules", where)
        return {glob: strings(names, f"per-path-ignores of {glob}", where) for glob, names in value.items()}
    return strings(value, key, where)


def _tools(tables: dict[str, dict[str, Any]], where: str) -> dict[str, Settings]:
    from holdfast.engine import tool_settings

    return {name: tool_settings.settings_of(name, table, where) for name, table in tables.items()}


def strings(value: object, name: str, where: str) -> tuple[str, ...]:
    """A list of strings as a tuple."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise CheckError("option", f"{name} is a list of strings", where)
    return tuple(value)


def options_of(rule: Rule, config: Config, where: str = "") -> Options:
    """A rule's options as the configuration sets them, under its current name or a former one."""
    written: dict[str, Any] = {}
    for name in (*rule.formerly, rule.name):
        written.update(config.rules.get(name, {}))
    return make_options(rule, written, where)


def make_options(rule: Rule, written: dict[str, Any], where: str = "") -> Options:
    """A rule's options from a table of plain values. Raises CheckError("option") for an unknown name or a wrong type."""
    values: dict[str, Any] = {}
    for key, value in written.items():
        field = key.replace("-", "_")
        if field not in rule.options.fields:
            known = [name.replace("_", "-") for name in rule.options.fields]
            raise CheckError("option", f'{rule.name} has no option "{key}"{rules.suggestion(key, known)}', where)
        values[field] = _typed(f"{key} of {rule.name}", value, getattr(rule.options, field), where)
    return rule.options(**values)


def _typed(name: str, value: object, default: object, where: str) -> object:
    """A value in the type of the option's default."""
    if isinstance(default, tuple):
        return strings(list(value) if isinstance(value, tuple) else value, name, where)
    if isinstance(default, dict):
        if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
            raise CheckError("option", f"{name} is a table from names to reasons", where)
        return value
    if type(value) is not type(default):
        words = {bool: "true or false", int: "a whole number", str: "a string"}
        raise CheckError("option", f"{name} is {words[type(default)]}", where)
    return value


def selected(config: Config) -> tuple[Rule, ...]:
    """The rules that a configuration asks for, sorted by code."""
    wanted = {ALL} if ALL in config.select else {rules.current_name(name) for name in config.select}
    ignored = {rules.current_name(name) for name in config.ignore if name != ALL}
    for rule in rules.contracts() if wanted - {ALL} - set(rules.names()) else ():
        if rule.name in wanted:
            raise CheckError("option", f"{rule.name} is a contract type: write a contract, and run `lint-imports`")
    if wanted and ALL not in wanted:
        found = [rules.load(name) for name in wanted if name in rules.names()]
    else:
        found = [rule for rule in map(rules.load, rules.names()) if wanted or rule.default]
    kept = [rule for rule in found if rule.name not in ignored and config.scope in ("", rule.scope)]
    return tuple(sorted(kept, key=lambda rule: rule.code))
