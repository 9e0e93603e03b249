"""A checkout is data: nothing of it is imported or run, and what it says cannot break out of an output."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from holdfast.formats.text import printable
from tests.commands.test_contracts import snapshot
from tests.programs import BIN, ROOT, holdfast, make_checkout, start

IMPORTED = (
    "holdfast",
    "json",
    "ast",
    "re",
    "argparse",
    "tokenize",
    "multiprocessing",
    "tomllib",
    "hashlib",
    "bandit",
    "subprocess",
)


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A checkout whose modules and whose git configuration write a file when they are run."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    code = f"open({str(tmp_path / 'ran')!r}, 'a').write(__file__ + '\\n')\nraise SystemExit(0)\n"
    for name in IMPORTED:
        (folder / f"{name}.py").write_text(code, "utf-8")
    (folder / "shop.py").write_text("print('x')\ndef check(otp, x):\n    return otp == x\n", "utf-8")
    for number in range(40):
        (folder / f"large{number}.py").write_text("value = 'x'\n" * 4000, "utf-8")
    return folder


def ran(folder: Path) -> str:
    path = folder.parent / "ran"
    return path.read_text("utf-8") if path.exists() else ""


def test_the_command_runs_nothing_of_it(hostile: Path) -> None:
    make_checkout(hostile)
    program = hostile.parent / "monitor.sh"
    program.write_text(f"#!/bin/sh\necho monitor >> '{hostile.parent / 'ran'}'\n", "utf-8")
    program.chmod(0o755)
    start("git", "config", "core.fsmonitor", program, cwd=hostile)
    checked = holdfast("check", "--select", "all", cwd=hostile)
    assert (checked.returncode, ran(hostile)) == (1, "")
    assert "shop.py:1:1" in checked.stdout
    if sys.platform != "win32":
        start("git", "status", cwd=hostile)
        assert ran(hostile) == "monitor\n" * ran(hostile).count("\n") != ""  # the trap itself works


def test_bandit_runs_nothing_of_it(hostile: Path) -> None:
    checked = start(BIN / "bandit", "-r", ".", "-t", "HF101", cwd=hostile)
    assert (checked.returncode, ran(hostile)) == (1, ""), checked.stderr
    assert "HF101" in checked.stdout


def test_a_started_process_imports_nothing_of_it(hostile: Path) -> None:
    """Where processes cannot be forked, a new interpreter is started in the working directory."""
    script = hostile.parent / "run.py"
    script.write_text(
        "import multiprocessing, sys\n"
        "from holdfast.commands.main import main\n"
        "get = multiprocessing.get_context\n"
        "multiprocessing.get_context = lambda method=None: get('spawn')\n"
        "if __name__ == '__main__':\n    sys.exit(main(['check', '--jobs', '2', '.']))\n",
        "utf-8",
    )
    checked = start(sys.executable, script, cwd=hostile)
    assert (checked.returncode, ran(hostile)) == (1, ""), checked.stderr
    assert "in 52 files" in checked.stderr


def test_pre_commit_runs_nothing_of_it(hostile: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    make_checkout(hostile)
    home = str(tmp_path_factory.mktemp("home"))
    checked = start(BIN / "pre-commit", "try-repo", ROOT, "holdfast", "--all-files", cwd=hostile, env={"PRE_COMMIT_HOME": home})
    assert (checked.returncode, ran(hostile)) == (1, ""), checked.stdout
    assert "shop.py:1:1" in checked.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="Windows allows no such file names")
def test_a_file_name_cannot_forge_output(tmp_path: Path) -> None:
    (tmp_path / "a\n::error::b.py").write_text("print()\n", "utf-8")
    (tmp_path / "\x1b[2Jc.py").write_text("print()\n", "utf-8")
    (tmp_path / "d\udcff.py").write_text("print()\n", "utf-8")
    (tmp_path / "\u202ee.py").write_text("print()\n", "utf-8")
    (tmp_path / "::error::f.py").write_text("print()\n", "utf-8")
    (tmp_path / "##[error]g.py").write_text("print()\n", "utf-8")
    checked = holdfast("check", cwd=tmp_path)
    assert checked.returncode == 1
    assert len(checked.stdout.splitlines()) == 6
    assert not [line for line in checked.stdout.splitlines() if line.startswith("::") or "##[" in line]
    annotated = holdfast("check", cwd=tmp_path, env={"GITHUB_ACTIONS": "true"}).stdout.removeprefix(checked.stdout)
    assert [line.partition("file=")[0] for line in annotated.splitlines()] == ["::warning "] * 6
    assert not [char for char in annotated if not char.isprintable() and char != "\n"]
    assert not [char for char in checked.stdout if not char.isprintable() and char != "\n"]
    document = json.loads(holdfast("check", "--format", "json", cwd=tmp_path).stdout)
    assert {finding["path"] for finding in document["findings"]} >= {"a\n::error::b.py", "\x1b[2Jc.py", "d\udcff.py"}


def test_output_never_fails_on_a_character(tmp_path: Path) -> None:
    (tmp_path / "ä.py").write_text("print()\n", "utf-8")
    checked = holdfast("check", cwd=tmp_path, env={"PYTHONIOENCODING": "ascii"})
    assert (checked.returncode, checked.stdout.split(":")[0]) == (1, "\\xe4.py")


def test_control_characters_are_shown() -> None:
    assert printable("a\x1b[31m\r\n\tb\u202e") == "a\\x1b[31m\\r\\n\\tb\\u202e"


# -- file names that look like options

OPTIONS = (
    "-h",
    "--config=c.py",
    "--output={}/x.py",
    "--fix",
    "--scope=project",
    "--select=auth-on-route",
    "--exit-zero",
    "--",
    "-",
)
STEERED = "looks like an option and is also the path of a file"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows allows no such file names")
@pytest.mark.parametrize("program", ["pre-commit", "prek"])
def test_a_file_name_cannot_steer_a_hook(program: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "shop.py").write_text("print('x')\n", "utf-8")
    (folder / "c.py").write_text("[tool.holdfast]\nignore = ['no-print']\n", "utf-8")
    (folder / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: {tmp_path / 'holdfast'}\n    rev: {snapshot(tmp_path / 'holdfast')}\n    hooks:\n"
        "      - {id: holdfast, types_or: [file]}\n      - {id: no-print, types_or: [file]}\n"
        "      - {id: module-boundaries-staged, types_or: [file]}\n",
        "utf-8",
    )
    make_checkout(folder)
    home = str(tmp_path_factory.mktemp("home"))
    env = {"PRE_COMMIT_HOME": home, "PREK_HOME": home, "PATH": "/usr/bin:/bin"}
    for name in OPTIONS:
        path = folder / name.format(tmp_path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/usr/bin/env python3\nprint('y')\n", "utf-8")
        path.chmod(0o755)
        start("git", "add", "--all", cwd=folder)
        ran = start(BIN / program, "run", cwd=folder, env=env)
        assert (ran.returncode, ran.stdout.count(STEERED)) == (1, 3), f"{name}: {ran.stdout}{ran.stderr}"
        assert ran.stdout.count("exit code: 2") == 3
        assert not (tmp_path / "x.py").exists()
        assert path.read_text("utf-8").endswith("print('y')\n")
        start("git", "rm", "-f", "-q", "--", f"./{name.format(tmp_path)}", cwd=folder)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows allows no such file names")
@pytest.mark.parametrize("command", ["check", "contracts --files", "baseline write", "exemptions", "routes", "why", "explain"])
def test_a_file_name_cannot_steer_a_command(command: str, tmp_path: Path) -> None:
    for name in OPTIONS:
        path = tmp_path / name.format(tmp_path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("print('y')\n", "utf-8")
        ran = holdfast(*command.split(), name.format(tmp_path), cwd=tmp_path)
        assert (ran.returncode, STEERED in ran.stderr) == (2, True), f"{name}: {ran.stdout}{ran.stderr}"
    assert holdfast("check", "./--fix", "./-h", cwd=tmp_path).stdout.count("[no-print]") == 0
