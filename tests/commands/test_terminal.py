"""On a terminal: code and colours, unless they are not wanted; how far a long run is, and nothing left of that behind."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from holdfast.commands import main as command
from holdfast.engine import progress, run as engine
from tests.programs import BIN, environment

pty = pytest.importorskip("pty", reason="Windows has no pseudo-terminals")


def on_a_terminal(folder: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str, **environment: str) -> str:
    """What a check of a folder writes to a standard error that is a terminal."""
    (folder / "pyproject.toml").write_text("[tool.holdfast]\n", "utf-8")
    for number in range(3):
        (folder / f"m{number}.py").write_text("x = 1\n", "utf-8")
    ours, theirs = pty.openpty()
    for name in ("PRE_COMMIT", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm", **environment}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(folder)
    with open(theirs, "w", encoding="utf-8") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        assert command.main(["check", *arguments]) == 0
    return everything(ours)


def everything(terminal: int) -> str:
    """What was written to a terminal whose other end is closed; it comes in pieces, and ends with an error."""
    written = b""
    with contextlib.suppress(OSError):
        while piece := os.read(terminal, 10_000):
            written += piece
    os.close(terminal)
    return written.decode()


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_line_is_rewritten_and_erased(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: str) -> None:
    monkeypatch.setattr(progress, "AFTER", 0)
    monkeypatch.setattr(progress, "EVERY", 0)
    monkeypatch.setattr(engine, "PARALLEL_FROM", 0 if jobs == "2" else engine.PARALLEL_FROM)
    written = on_a_terminal(tmp_path, monkeypatch, "--jobs", jobs)
    steps = written.split(progress.ERASE)
    assert steps[:-1] == ["", *(f"holdfast: {done} of 3 files" for done in (1, 2, 3))]
    assert steps[-1] == "holdfast: 0 findings in 3 files\r\n"


def test_a_short_run_shows_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "AFTER", 3600)
    assert on_a_terminal(tmp_path, monkeypatch) == "holdfast: 0 findings in 3 files\r\n"


@pytest.mark.parametrize(("name", "value"), [("TERM", "dumb"), ("PRE_COMMIT", "1")])
def test_where_a_line_cannot_be_erased_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setattr(progress, "AFTER", 0)
    assert on_a_terminal(tmp_path, monkeypatch, **{name: value}) == "holdfast: 0 findings in 3 files\r\n"


def test_a_pipe_gets_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "AFTER", 0)
    with (tmp_path / "err").open("w", encoding="utf-8") as pipe, progress.shown(pipe) as count:
        count(1, 2)
    assert (tmp_path / "err").read_text("utf-8") == ""


@pytest.mark.parametrize(
    ("more", "colored"), [({"NO_COLOR": ""}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": "", "TERM": "dumb"}, False)]
)
def test_a_terminal_gets_the_code_and_colours_where_they_are_wanted(tmp_path: Path, more: dict[str, str], colored: bool) -> None:
    (tmp_path / "a.py").write_text("print()\n", "utf-8")
    ours, theirs = pty.openpty()
    env = environment({"TERM": "xterm", **more})
    ran = subprocess.run([BIN / "holdfast", "check"], cwd=tmp_path, env=env, stdout=theirs, stderr=subprocess.PIPE, check=False)
    os.close(theirs)
    written = everything(ours)
    assert ran.returncode == 1
    assert ("\033[" in written) == colored
    assert "print()" in written
    assert "hint: " in written
