"""--since: findings on changed lines and no others, whatever the checkout is like."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.programs import holdfast, make_checkout, start

CODE = "def f(x):\n    print(1)\n    y = 1\n    z = 1\n    print(\n        2,\n    )\n    return x\n"


def git(folder: Path, *arguments: str | Path) -> str:
    ran = start("git", *arguments, cwd=folder)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def found(folder: Path, *arguments: str) -> list[str]:
    ran = holdfast("check", "--since", "HEAD", *arguments, cwd=folder)
    assert ran.returncode == bool(ran.stdout), ran.stderr
    return [line.split(": ")[0] for line in ran.stdout.splitlines()]


def refuses(folder: Path, *arguments: str) -> str:
    ran = holdfast("check", *arguments, cwd=folder)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "Traceback" not in ran.stderr
    return ran.stderr


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "a.py").write_text(CODE, "utf-8")
    make_checkout(folder)
    return folder


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("", "", []),
        ("x", "x", []),
        ("    print(1)", "    print(3)", ["2:5"]),
        ("        2,", "        3,", ["5:5"]),
        ("    )\n", "    )  # why\n", ["5:5"]),
        ("    y = 1\n", "    y = 2\n", []),
        ("    y = 1\n", "", ["2:5"]),
        ("    z = 1\n", "", ["4:5"]),
        ("    y = 1\n    z = 1\n", "", ["2:5", "3:5"]),
        ("    return x\n", "    print(4)", ["8:5"]),
        ("def f(x):\n", "\n\ndef f(x):\n", []),
    ],
)
def test_only_statements_with_changed_lines_are_reported(old: str, new: str, lines: list[str], checkout: Path) -> None:
    assert old in CODE
    (checkout / "a.py").write_text(CODE.replace(old, new, 1), "utf-8")
    assert found(checkout) == [f"a.py:{line}" for line in lines]


def test_text_that_looks_like_a_diff_is_text(checkout: Path) -> None:
    text = '"""\n++ b/b.py\n@@ -1,9 +1,9 @@\n"""\n'
    (checkout / "a.py").write_text(text + CODE.replace("print(1)", "print(7)"), "utf-8")
    assert found(checkout) == ["a.py:6:5"]


def test_the_merge_base_counts_and_what_is_not_committed(checkout: Path) -> None:
    git(checkout, "checkout", "--quiet", "-b", "feature")
    (checkout / "b.py").write_text(CODE, "utf-8")
    git(checkout, "add", "b.py")
    git(checkout, "commit", "--quiet", "--message", "b")
    git(checkout, "checkout", "--quiet", "-b", "other", "HEAD~1")
    (checkout / "a.py").write_text(CODE.replace("print(1)", "print(3)"), "utf-8")
    git(checkout, "commit", "--quiet", "--all", "--message", "a")
    git(checkout, "checkout", "--quiet", "feature")
    (checkout / "c.py").write_text(CODE, "utf-8")
    ran = holdfast("check", "--since", "other", cwd=checkout)
    places = ["b.py:2:5", "b.py:5:5", "c.py:2:5", "c.py:5:5"]
    assert [line.split(": ")[0] for line in ran.stdout.splitlines()] == places
    assert found(checkout) == places[2:]


def test_renamed_ignored_and_overlooked_files(checkout: Path) -> None:
    (checkout / ".gitignore").write_text("build/\n", "utf-8")
    (checkout / "build").mkdir()
    (checkout / "build" / "b.py").write_text(CODE, "utf-8")
    (checkout / "c.py").write_text(CODE, "utf-8")
    git(checkout, "add", "--all")
    git(checkout, "commit", "--quiet", "--message", "c")
    git(checkout, "mv", "a.py", "z.py")
    assert found(checkout) == []
    assert len(found(checkout, "build")) == 2  # git knows nothing of it, so all of it counts
    git(checkout, "update-index", "--assume-unchanged", "c.py")
    (checkout / "c.py").write_text(CODE.replace("print(1)", "print(3)"), "utf-8")
    assert found(checkout) == ["c.py:2:5", "c.py:5:5"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_odd_names_and_line_ends(checkout: Path) -> None:
    names = ["a b.py", "ä.py", 'q"uote\\.py', "tab\t.py", "mac.py", "dos.py", "d/i/r.py"]
    ends = {"mac.py": "\r", "dos.py": "\r\n"}
    for number in (1, 3):
        for name in names:
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            code = CODE.replace("print(1)", f"print({number})").replace("\n", ends.get(name, "\n"))
            (checkout / name).write_bytes(code.encode())
        if number == 1:
            git(checkout, "add", "--all")
            git(checkout, "commit", "--quiet", "--message", "odd")
            assert found(checkout) == []
    assert len(found(checkout)) == len(names) + 1  # at a carriage return alone git ends no line: all of mac.py counts
    assert found(checkout / "d") == ["i/r.py:2:5"]
    assert len(found(checkout, "--root", "d", "d")) == 1


def test_of_equal_findings_the_old_ones_are_known(checkout: Path) -> None:
    assert holdfast("baseline", "write", cwd=checkout).returncode == 0
    (checkout / "a.py").write_text(CODE.replace("    print(1)\n", "    print(1)\n    print(1)\n"), "utf-8")
    assert len(found(checkout)) == 1
    (checkout / "a.py").write_text(CODE.replace("    z = 1\n", "    print(2)\n"), "utf-8")  # one above the equal one that was known
    assert found(checkout) == ["a.py:4:5"]
    (checkout / "a.py").write_text(CODE.replace("    print(1)\n", "    print(8)\n"), "utf-8")
    assert found(checkout) == ["a.py:2:5"]  # and nothing is stale


def test_what_cannot_be_compared_is_an_error(checkout: Path, tmp_path: Path) -> None:
    assert "--since nonsense: git does not know this commit" in refuses(checkout, "--since", "nonsense")
    assert "--since --all: git does not know this commit" in refuses(checkout, "--since=--all")
    git(checkout, "checkout", "--quiet", "-b", "old")
    git(checkout, "checkout", "--quiet", "--orphan", "new")
    git(checkout, "commit", "--quiet", "--message", "new")
    git(checkout, "checkout", "--quiet", "old")
    assert "--since new: this commit and HEAD have no merge base" in refuses(checkout, "--since", "new")
    (tmp_path / "plain.py").write_text("x = 1\n", "utf-8")
    assert "is not in a git checkout" in refuses(tmp_path, "--since", "HEAD", "plain.py")
    empty = tmp_path / "bin"
    empty.mkdir()
    (empty / "python3").symlink_to(sys.executable)
    ran = holdfast("check", "--since", "HEAD", cwd=checkout, env={"PATH": str(empty)})
    assert (ran.returncode, "git was not found" in ran.stderr) == (2, True)
    ran = holdfast("check", "-", "--stdin-filename", "a.py", "--since", "HEAD", cwd=checkout, given=b"")
    assert (ran.returncode, "cannot be used with standard input" in ran.stderr) == (2, True)


def test_a_shallow_clone_says_what_is_missing(checkout: Path, tmp_path: Path) -> None:
    git(checkout, "branch", "old")
    git(checkout, "checkout", "--quiet", "-b", "side", "HEAD")
    git(checkout, "commit", "--quiet", "--allow-empty", "--message", "side")
    git(checkout, "checkout", "--quiet", "-b", "main2", "old")
    git(checkout, "commit", "--quiet", "--allow-empty", "--message", "main")
    git(tmp_path, "clone", "--quiet", "--depth", "1", "--no-single-branch", checkout.as_uri(), "clone")
    said = refuses(tmp_path / "clone", "--since", "origin/side")
    assert "have no merge base; the clone is shallow: fetch the whole history" in said
    assert "the clone is shallow" in refuses(tmp_path / "clone", "--since", "v1")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")
def test_nothing_that_the_checkout_configures_is_started_or_hides_a_line(checkout: Path, tmp_path: Path) -> None:
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path / 'sprung'}\ncat\n", "utf-8")
    trap.chmod(0o755)
    (checkout / ".gitattributes").write_text("*.py filter=trap diff=trap -text\nb.py -diff\n", "utf-8")
    (checkout / "b.py").write_text(CODE, "utf-8")
    git(checkout, "add", "--all")
    git(checkout, "commit", "--quiet", "--message", "all")
    keys = ("filter.trap.clean", "filter.trap.smudge", "filter.trap.process", "diff.trap.command", "diff.trap.textconv")
    for key in (*keys, "core.fsmonitor", "diff.external", "core.pager"):
        git(checkout, "config", key, trap)
    for key, value in {"filter.trap.required": "true", "diff.noprefix": "true", "diff.context": "9", "color.ui": "always"}.items():
        git(checkout, "config", key, value)
    for name in ("a.py", "b.py"):
        (checkout / name).write_text(CODE.replace("print(1)", "print(3)"), "utf-8")
    steering = {"GIT_EXTERNAL_DIFF": str(trap), "GIT_DIFF_OPTS": "-u9"}
    ran = holdfast("check", "--since", "HEAD", cwd=checkout, env=steering)
    assert [line.split(": ")[0] for line in ran.stdout.splitlines()] == ["a.py:2:5", "b.py:2:5"]
    assert not (tmp_path / "sprung").exists()
    start("git", "diff", cwd=checkout)
    assert (tmp_path / "sprung").exists()  # the trap works
    git(checkout, "config", "filter.a=b.clean", os.fspath(trap))
    assert "a filter with `=` in its name, which cannot be switched off" in refuses(checkout, "--since", "HEAD")
