"""Programs as a user starts them: this installation's console scripts, in an environment that steers nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent
ROOT = Path(__file__).resolve().parent.parent
STEERING = ("GIT_", "PRE_COMMIT", "PREK", "CI", "GITHUB_", "PYTHON", "COLUMNS", "VIRTUAL_ENV")


def environment(more: dict[str, str] | None = None) -> dict[str, str]:
    """The environment without what would steer a tool, and with this installation's programs first."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(STEERING)}
    git = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    return {**kept, **git, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1", **(more or {})}


def start(
    *command: str | Path, cwd: Path, given: bytes | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end; both streams as text, bytes that are none escaped."""
    ran = subprocess.run(
        [os.fspath(part) for part in command],
        cwd=cwd,
        input=given,
        stdin=subprocess.DEVNULL if given is None else None,
        capture_output=True,
        env=environment(env),
        timeout=300,
        check=False,
    )
    out, err = (stream.decode("utf-8", "backslashreplace") for stream in (ran.stdout, ran.stderr))
    return subprocess.CompletedProcess(ran.args, ran.returncode, out, err)


def holdfast(
    *arguments: str | Path, cwd: Path, given: bytes | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the console script."""
    return start(BIN / "holdfast", *arguments, cwd=cwd, given=given, env=env)


def make_checkout(folder: Path) -> None:
    """Turn a folder into a git checkout in which everything is tracked."""
    start("git", "init", "--quiet", cwd=folder)
    start("git", "config", "user.email", "test@example.invalid", cwd=folder)
    start("git", "config", "user.name", "Test", cwd=folder)
    added = start("git", "add", "--all", cwd=folder)
    committed = start("git", "commit", "--quiet", "--message", "all", cwd=folder)
    assert added.returncode == 0, added.stderr
    assert committed.returncode == 0, committed.stderr
