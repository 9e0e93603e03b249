"""The schema of [tool.holdfast] says of a pyproject.toml what the command says of it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import jsonschema
import pytest

from holdfast import rules
from holdfast.engine import config
from holdfast.engine.schema import tool_schema
from holdfast.rule import CheckError
from holdfast.rules import pages
from tests.programs import BIN, start

RIGHT = (
    "",
    'select = ["all"]\nignore = ["unused-exemption"]\nexclude = ["vendor/"]\nfail-on = "error"',
    'per-path-ignores = {"legacy/**" = ["no-print", "all"]}',
    'rules.no-print = {main_guard = false, main-guard = false, also = ["rich.print"], level = "info"}',
    'rules.ratelimit-on-auth = {secondary = true, limited-elsewhere = {"/api/*" = "nginx"}}',
    'tools.ruff = {preset = "holdfast", args = ["--select", "T201"], paths = ["src"], targets = {T201 = 3}, timeout = 60}',
    "tools.mypy = {}",
)
WRONG = (
    'selct = ["all"]',
    'select = "all"',
    'select = ["no-prnt"]',
    "select = []",
    'select = ["boundaries"]',
    'ignore = ["boundaries"]',
    'per-path-ignores = {"legacy/**" = ["boundaries"]}',
    "rules.boundaries = {}",
    "extend = 1",
    'scope = "file"',
    'fail-on = "note"',
    'per-path-ignores = {"legacy/**" = "no-print"}',
    "rules.no-prnt = {tests = true}",
    "rules.no-print = {tets = true}",
    'rules.no-print = {tests = "yes"}',
    "rules.ratelimit-on-auth = {limited-elsewhere = {path = 1}}",
    "tools.pylint = {}",
    "tools = {ruff = true}",
    "tools.ruff = {arg = []}",
    'tools.mypy = {preset = "holdfast"}',
    'tools.ruff = {targets = {T201 = "3"}}',
    "tools.ruff = {targets = {T201 = -1}}",
    "tools.ruff = {timeout = 0}",
)


def verdicts(written: str, folder: Path) -> tuple[bool, bool]:
    """Whether the schema, and the command, take a table."""
    text = f"[tool.holdfast]\n{written}\n"
    (folder / "pyproject.toml").write_text(text, "utf-8")
    try:
        config.read_project(str(folder))
    except CheckError:
        command = False
    else:
        command = True
    return jsonschema.Draft7Validator(tool_schema()).is_valid(tomllib.loads(text)["tool"]["holdfast"]), command


@pytest.mark.parametrize("written", RIGHT)
def test_schema_and_command_take_the_same(written: str, tmp_path: Path) -> None:
    assert verdicts(written, tmp_path) == (True, True)


@pytest.mark.parametrize("written", WRONG)
def test_schema_and_command_refuse_the_same(written: str, tmp_path: Path) -> None:
    assert verdicts(written, tmp_path) == (False, False)


def test_every_key_is_described() -> None:
    schema = tool_schema()
    assert {field.replace("_", "-") for field in config.Config.fields} == {*schema["properties"], *config.NOT_IN_THE_FILE}
    assert [key for key, value in schema["properties"].items() if not value.get("description")] == []
    options = schema["properties"]["rules"]["properties"]
    for rule in (*map(rules.load, rules.names()), *rules.own()):
        assert {name for name, _, _ in pages.options(rule)} <= set(options[rule.name]["properties"])


def test_validate_pyproject_finds_it(tmp_path: Path) -> None:
    """By its entry point, as validate-pyproject's own hook for pre-commit does."""
    right, wrong = tmp_path / "right.toml", tmp_path / "wrong.toml"
    right.write_text(f"[tool.holdfast]\n{RIGHT[1]}\n", "utf-8")
    wrong.write_text(f"[tool.holdfast]\n{WRONG[0]}\n", "utf-8")
    assert start(BIN / "validate-pyproject", right, cwd=tmp_path).returncode == 0
    ran = start(BIN / "validate-pyproject", wrong, cwd=tmp_path)
    assert (ran.returncode, "selct" in ran.stdout + ran.stderr) == (1, True)
