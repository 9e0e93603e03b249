"""A checkout is data: nothing of it is imported or run, and what it says cannot break out of an output."""

from __future__ import annotations

import json
import os
import stat
import subprocess
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


# -- programs and modules of the checkout

PROGRAMS = ("git", "ruff", "bandit", "mypy")


@pytest.mark.skipif(sys.platform == "win32", reason="the programs are shell scripts")
@pytest.mark.parametrize("part", ["", ".", "{}", "{}/tools", "tools", "{}/link"])
def test_no_program_of_a_checkout_runs(part: str, tmp_path: Path) -> None:
    folder = tmp_path / "checkout"
    (folder / "tools").mkdir(parents=True)
    (folder / "sub").mkdir()
    (folder / "link").symlink_to(folder / "tools", target_is_directory=True)
    (folder / "sub" / "shop.py").write_text("x = 1\n", "utf-8")
    tools = "".join(f"[tool.holdfast.tools.{name}]\n" for name in PROGRAMS[1:])
    (folder / "pyproject.toml").write_text(f"[tool.holdfast]\n{tools}", "utf-8")
    make_checkout(folder)
    for name in PROGRAMS:
        for above in (folder, folder / "tools", folder / "sub"):
            (above / name).write_text(f"#!/bin/sh\necho {name} >> '{tmp_path / 'ran'}'\n", "utf-8")
            (above / name).chmod(0o755)
    env = {"PATH": f"{part.format(folder)}{os.pathsep}/usr/bin{os.pathsep}/bin"}
    for cwd in (folder, folder / "sub", folder / "tools"):
        for command in ("check --since HEAD", "check", "ratchet", "routes", "baseline status --tools", "init --diff"):
            holdfast(*command.split(), cwd=cwd, env=env)
    assert ran(folder) == ""
    assert start("/bin/sh", "-c", f"PATH='{folder}/tools'; git", cwd=folder).returncode == 0
    assert ran(folder) == "git\n"  # the trap itself works


def trap(folder: Path, *names: str) -> None:
    """Write modules and packages that record that they were run."""
    for name in names:
        path = folder / (f"{name}/__init__.py" if name.endswith("/") else f"{name}.py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"open({str(folder.parent / 'ran')!r}, 'a').write(__file__ + '\\n')\n", "utf-8")


MISSING = """
import json, sys
from importlib.machinery import PathFinder
wanted = set()
class Recorder:
    def find_spec(self, name, path=None, target=None):
        if path is None:
            wanted.add(name)
sys.meta_path.append(Recorder())
from holdfast.commands.main import main
for command in json.loads(sys.argv[1]):
    main(command.split())
print("\\n" + " ".join(sorted(wanted)))
"""
CONTRACTS = (
    *(f"contracts check --format {name}" for name in ("text", "json", "sarif", "github", "gitlab", "junit")),
    *(f"contracts graph --drawing {name}" for name in ("mermaid", "dot", "svg")),
    *("contracts init shop", "baseline write --contracts", "baseline status --contracts", "contracts --files src/shop/orders.py"),
)


def test_no_module_at_a_source_root_is_imported(tmp_path: Path) -> None:
    """Each optional or platform module that is looked up and missing has a file of its name at the source roots."""
    folder = tmp_path / "checkout"
    trap(folder / "src" / "shop", "orders", "users")
    (folder / "src" / "shop" / "__init__.py").touch()
    (folder / "src" / "shop" / "orders.py").write_text("from shop import users\n", "utf-8")
    (folder / "pyproject.toml").write_text(
        '[tool.importlinter]\nroot_package = "shop"\n\n[[tool.importlinter.contracts]]\nid = "b"\nname = "B"\n'
        'type = "independence"\nmodules = ["shop.orders", "shop.users"]\n',
        "utf-8",
    )
    looked_up = start(sys.executable, "-c", MISSING, json.dumps(CONTRACTS), cwd=folder).stdout.splitlines()[-1].split()
    assert looked_up  # such as _winapi, nt and optional dependencies
    for above in (folder, folder / "src"):
        trap(above, *looked_up, "nt", "_winapi", "numpy", "ply", "grandalf/", "numpy/", *IMPORTED)
    for command in CONTRACTS:
        done = holdfast(*command.split(), cwd=folder)
        assert (done.returncode in (0, 1, 2), ran(folder / "src"), ran(folder)) == (True, "", ""), command
        assert not (folder / "src" / "ran").exists(), command  # from the package itself
        assert "internal error" not in done.stderr
    assert holdfast("contracts", cwd=folder).returncode == 1


def test_the_search_path_is_as_it_was_after_a_run(tmp_path: Path) -> None:
    (tmp_path / "space" / "shop").mkdir(parents=True)
    (tmp_path / "space" / "shop" / "__init__.py").write_text("raise SystemExit(7)\n", "utf-8")
    (tmp_path / "pyproject.toml").write_text(
        '[tool.importlinter]\nroot_package = "space.shop"\n\n[[tool.importlinter.contracts]]\nid = "b"\nname = "B"\n'
        'type = "forbidden"\nsource_modules = ["space.shop"]\nforbidden_modules = ["json"]\n',
        "utf-8",
    )
    code = (
        "import sys; from holdfast.commands.main import main; import holdfast.hosts.module_boundaries\n"
        "before = [*sys.path], [*sys.meta_path]\n"
        "main(['contracts'])\n"
        "print(before == ([*sys.path], [*sys.meta_path]), 'space' in sys.modules)"
    )
    assert start(sys.executable, "-c", code, cwd=tmp_path).stdout.splitlines()[-1] == "True False"


# -- paths that lead out of the checkout, and files that are no files

OUTSIDE = "leads out of the"


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege")
def test_nothing_is_written_outside_of_the_checkout(tmp_path: Path) -> None:
    folder, victim = tmp_path / "checkout", tmp_path / "victim"
    (folder / "shop").mkdir(parents=True)
    (folder / "shop" / "a.py").write_text("import logging\n\n\ndef f(x):\n    print(x)\n", "utf-8")
    (folder / "pyproject.toml").write_text('[tool.holdfast]\nbaseline = "../victim"\n', "utf-8")
    make_checkout(folder)
    for command in ("check", "baseline write", "baseline prune"):
        done = holdfast(*command.split(), cwd=folder)
        assert (done.returncode, OUTSIDE in done.stderr) == (2, True), done.stderr
    assert not victim.exists()
    victim.write_text("print('mine')\n", "utf-8")
    (folder / "pyproject.toml").write_text("[tool.holdfast]\n", "utf-8")
    (folder / ".holdfast-baseline.json").symlink_to(victim)
    (folder / "link.py").symlink_to(victim)
    (folder / ".pre-commit-config.yaml").symlink_to(tmp_path / "absent.yaml")
    for command in ("baseline write", "check --no-baseline --fix link.py", "init --yes"):
        assert holdfast(*command.split(), cwd=folder).returncode == 2, command
    assert victim.read_text("utf-8") == "print('mine')\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkout", "victim"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no FIFO")
def test_a_device_or_fifo_is_written_in_place(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("print('x')\n", "utf-8")
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(["cat", tmp_path / "pipe"], stdout=subprocess.PIPE) as reader:
        assert holdfast("check", "--output", "pipe", cwd=tmp_path).returncode == 1
        assert b"a.py:1:1" in reader.communicate(timeout=60)[0]
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    assert "a.py:1:1" in holdfast("check", "--output", "/dev/stdout", cwd=tmp_path).stdout
    assert holdfast("check", "--output", "/dev/null", cwd=tmp_path).returncode == 1
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    if os.path.exists("/dev/full"):
        assert holdfast("check", "--output", "/dev/full", cwd=tmp_path).returncode == 2


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no FIFO")
@pytest.mark.parametrize("name", ["pyproject.toml", "setup.cfg", "setup.py", ".importlinter", ".pre-commit-config.yaml"])
def test_no_command_waits_for_a_fifo(name: str, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("print('x')\n", "utf-8")
    make_checkout(tmp_path)
    os.mkfifo(tmp_path / name)
    for command in ("check --select all", "contracts", "ratchet", "init --diff", "routes", "baseline status", "why a.py:1"):
        holdfast(*command.split(), cwd=tmp_path)  # start() stops a command that hangs


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no FIFO")
def test_no_command_waits_for_a_fifo_in_the_cache(tmp_path: Path) -> None:
    folder, cache = tmp_path / "checkout", tmp_path / "cache"
    folder.mkdir()
    (folder / "a.py").write_text("from fastapi import FastAPI\n", "utf-8")
    make_checkout(folder)
    env = {"HOLDFAST_CACHE_DIR": str(cache)}
    command = ("check", "--select", "auth-on-route")
    before = holdfast(*command, cwd=folder, env=env)
    kept = list(cache.iterdir())
    assert kept
    for path in kept:
        path.unlink()
        os.mkfifo(path)
    after = holdfast(*command, cwd=folder, env=env)
    assert (after.returncode, after.stdout) == (before.returncode, before.stdout)


def test_a_planted_environment_hides_nothing(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "pyvenv.cfg").touch()
    (tmp_path / "shop" / "a.py").write_text("print('x')\n", "utf-8")
    assert holdfast("check", cwd=tmp_path).returncode == 1
    (tmp_path / "shop" / "bin").mkdir()
    (tmp_path / "shop" / "bin" / "python").touch()
    assert "contains no Python files" in holdfast("check", cwd=tmp_path).stderr
