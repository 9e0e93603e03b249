"""Whatever fails, in whatever layer, is one sentence on standard error and exit code 2."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from holdfast import rules
from tests.programs import BIN, holdfast, start

LAYERS = (
    ("holdfast.rules.no_print", "rule.check", "check", "a.py"),  # a rule
    ("holdfast.engine.run", "checks.check_source", "check", "a.py"),
    ("holdfast.engine.run", "finished", "check", "a.py"),  # the engine
    ("holdfast.formats.text", "write", "check", "a.py"),
    ("holdfast.formats.json", "write", "check", "a.py", "--format", "json"),  # a format
    ("holdfast.commands.check", "run", "check", "a.py"),  # a command
    ("holdfast.commands.rules", "run", "rules"),
    ("holdfast.code.discovery", "_git_files", "check"),
    ("holdfast.hosts.module_boundaries", "run", "contracts", "--config", "pyproject.toml"),  # a host
)
RAISING = """
import importlib, sys
from holdfast import record
module, names, error = sys.argv[1], sys.argv[2].split("."), eval(sys.argv[3])
def fail(*_, **__):
    raise error
owner = importlib.import_module(module)
for name in names[:-1]:
    owner = getattr(owner, name)
if isinstance(owner, record.Record):
    object.__setattr__(owner, names[-1], fail)
else:
    setattr(owner, names[-1], fail)
from holdfast.commands import main
sys.argv = ["holdfast", *sys.argv[4:]]
main.run()
"""


def failing(folder: Path, module: str, name: str, error: str, *arguments: str) -> tuple[int, str]:
    """Exit code and standard error of a command in which a function raises an exception."""
    (folder / "a.py").write_text("print('x')\n", "utf-8")
    (folder / "pyproject.toml").touch()
    ran = start(sys.executable, "-c", RAISING, module, name, error, *arguments, cwd=folder)
    return ran.returncode, ran.stderr


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: f"{layer[0]}.{layer[1]}")
@pytest.mark.parametrize("error", ["ZeroDivisionError('mine')", "RecursionError()", "OSError(24, 'Too many open files')"])
def test_an_exception_in_any_layer_is_a_sentence(layer: tuple[str, ...], error: str, tmp_path: Path) -> None:
    code, said = failing(tmp_path, layer[0], layer[1], error, *layer[2:])
    errors = [line for line in said.splitlines() if line.startswith("holdfast: error: ")]
    assert (code, len(errors)) == (2, 1), said
    assert "Traceback" not in said
    assert {"Z": "mine", "R": "nested too deeply", "O": "oo many open files"}[error[0]] in errors[0]


def test_the_traceback_is_shown_on_request(tmp_path: Path) -> None:
    (tmp_path / "a.py").touch()
    arguments = ("holdfast.commands.rules", "run", "ValueError('mine')", "rules")
    ran = start(sys.executable, "-c", RAISING, *arguments, cwd=tmp_path, env={"HOLDFAST_DEBUG": "1"})
    assert (ran.returncode, "Traceback" in ran.stderr) == (2, True)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize("command", ["check", "check --format json", "rules", "explain no-print", "--help", "--version"])
@pytest.mark.parametrize("streams", [">/dev/full", ">&-", ">/dev/full 2>/dev/full", ">&- 2>&-"])
def test_a_full_or_closed_output(command: str, streams: str, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("print('x')\n", "utf-8")
    ran = start("/bin/sh", "-c", f"'{BIN / 'holdfast'}' {command} {streams}", cwd=tmp_path)
    assert ran.returncode == 2
    assert len(ran.stderr.splitlines()) == ("2>" not in streams), ran.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
def test_closed_standard_error_and_input(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("print('x')\n", "utf-8")
    ran = start("/bin/sh", "-c", f"'{BIN / 'holdfast'}' check <&- 2>&-", cwd=tmp_path)
    assert (ran.returncode, "a.py:1:1" in ran.stdout) == (1, True)
    ran = start("/bin/sh", "-c", f"'{BIN / 'holdfast'}' check - --stdin-filename b.py <&-", cwd=tmp_path)
    assert (ran.returncode, "standard input is closed" in ran.stderr) == (2, True)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps working directories")
@pytest.mark.parametrize("command", ["check", "contracts", "ratchet", "init --yes", "routes", "baseline status", "exemptions"])
def test_a_deleted_working_directory(command: str, tmp_path: Path) -> None:
    ran = start("/bin/sh", "-c", f"mkdir gone; cd gone; rmdir ../gone; '{BIN / 'holdfast'}' {command}", cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (2, "holdfast: error: the working directory does not exist any more\n")


def test_help_without_arguments_and_the_version(tmp_path: Path) -> None:
    bare = holdfast(cwd=tmp_path)
    assert (bare.returncode, bare.stdout) == (2, "")
    assert "usage: holdfast" in bare.stderr
    assert holdfast("version", cwd=tmp_path).stdout == holdfast("--version", cwd=tmp_path).stdout != ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("chek", 'there is no command "chek"; did you mean "check"?'),
        ("check --slect no-print", "holdfast check: error: there is no option --slect; did you mean"),
        ("check --stat", 'holdfast check: error: there is no option --stat; did you mean "--statistics"?'),
        ("baseline write --tool", 'holdfast baseline write: error: there is no option --tool; did you mean "--tools"?'),
        ("contracts --fil a.py", 'holdfast contracts: error: there is no option --fil; did you mean "--files"?'),
        ("check --statistics --format json", "--statistics cannot be used with --format json"),
        ("check --statistics --show-all", "--statistics cannot be used with --show-all"),
        ("check --fix --diff --format json", "--diff cannot be used with --format"),
        ("check --diff --output x", "--diff cannot be used with --format"),
    ],
)
def test_options_that_are_unknown_or_contradict(words: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("print('x')\n", "utf-8")
    ran = holdfast(*words.split(), cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert said in ran.stderr
    assert (tmp_path / "a.py").read_text("utf-8") == "print('x')\n"


def test_no_option_may_be_abbreviated(tmp_path: Path) -> None:
    for command in ("check", "baseline write", "contracts", "exemptions", "init", "ratchet", "routes", "why"):
        assert holdfast(*command.split(), "--hel", cwd=tmp_path).returncode == 2


def test_exit_codes_are_in_the_help_of_commands_that_have_them(tmp_path: Path) -> None:
    shown = {name: "1 findings" in holdfast(name, "--help", cwd=tmp_path).stdout for name in ("check", "ratchet", "init", "rules")}
    assert shown == {"check": True, "ratchet": True, "init": False, "rules": False}


def test_quiet_and_exit_zero(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("print('x')\n", "utf-8")
    plain, quiet = holdfast("check", cwd=tmp_path), holdfast("check", "--quiet", cwd=tmp_path)
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (1, plain.stdout, "")
    assert holdfast("check", "--exit-zero", cwd=tmp_path).returncode == 0
    missing = holdfast("check", "--exit-zero", "--quiet", "missing.py", cwd=tmp_path)
    assert (missing.returncode, missing.stderr) == (2, "holdfast: error: missing.py: does not exist\n")


def test_each_rule_has_one_hint_off_a_terminal(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("print('x')\nprint('y')\n", "utf-8")
    ran = holdfast("check", cwd=tmp_path)
    assert [line for line in ran.stderr.splitlines() if line.startswith("holdfast: hint: [no-print] ")] == ran.stderr.splitlines()[
        :1
    ]
    assert "`holdfast explain no-print`" in ran.stderr
    assert "hint" not in holdfast("check", "--format", "json", cwd=tmp_path).stderr


def test_codes_are_names(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("print('x')\nprint('y')  # holdfast: ignore[HF301] for people\n", "utf-8")
    by_name = holdfast("check", "--select", "no-print", cwd=tmp_path)
    for code in ("HF301", "hf301", "HF3", "HF30"):
        assert holdfast("check", "--select", code, cwd=tmp_path).stdout == by_name.stdout
    assert "1 exempt" in by_name.stderr
    assert holdfast("check", "--ignore", "HF3", cwd=tmp_path).returncode == 0
    assert holdfast("check", "--option", "HF301.tests=false", cwd=tmp_path).returncode == 1
    report = json.loads(holdfast("check", "--select", "HF", "--format", "json", cwd=tmp_path).stdout)
    assert {finding["code"] for finding in report["findings"]} >= {"HF301"}
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_b.py").write_text("print('x')\n", "utf-8")
    assert "test_b" not in holdfast("check", cwd=tmp_path).stdout
    (tmp_path / "pyproject.toml").write_text('[tool.holdfast]\nselect = ["HF301"]\nrules.HF301.tests = false\n', "utf-8")
    assert "test_b" in holdfast("check", cwd=tmp_path).stdout
    for rule in rules.every():
        assert holdfast("explain", rule.code, cwd=tmp_path).stdout == holdfast("explain", rule.name, cwd=tmp_path).stdout != ""
