"""What cannot be checked is said and is exit code 2, never a silent 0."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from holdfast.code import discovery, syntax
from tests.programs import BIN, holdfast, make_checkout, start

NEWER = {(3, 11): "type Shop = int\n", (3, 12): "try:\n    pass\nexcept A, B:\n    print()\n", (3, 13): "t = t'print'\n"}
NEWEST_KNOWN = "lazy import print_shop\n"


def write(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def fails(folder: Path, *arguments: str | Path, text: bytes | None = None) -> str:
    """Run a check that cannot be done; what it says on standard error."""
    ran = holdfast("check", *arguments, cwd=folder, given=text)
    assert ran.returncode == 2, ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr
    return ran.stderr


def test_an_unknown_rule_is_an_error_with_a_suggestion(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "x = 1\n")
    assert 'there is no rule "no-prnt"; did you mean "no-print"?' in fails(tmp_path, "--select", "no-prnt")
    assert "there is no rule" in fails(tmp_path, "--ignore", "HF399")
    assert "there is no rule" in fails(tmp_path, "--select", "HF7")
    assert "--select needs at least one rule" in fails(tmp_path, "--select", ",")
    assert holdfast("explain", "nonsense", cwd=tmp_path).returncode == 2


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('[tool.holdfast]\nselct = ["no-print"]', 'no option "selct"; did you mean "select"?'),
        ('[tool.holdfast]\nselect = ["no-prnt"]', 'there is no rule "no-prnt"; did you mean "no-print"?'),
        ('[tool.holdfast]\nselect = "no-print"', '[tool.holdfast] select must be a list of strings, for example ["no-print"]'),
        ('[tool.holdfast]\nfail-on = "note"', '[tool.holdfast] fail-on must be "error" or "warning"'),
        ('[tool.holdfast.per-path-ignores]\n"tests/**" = "no-print"', '"tests/**" must be a list of strings'),
        ('[tool.holdfast.per-path-ignores]\n"tests/**" = ["no-prnt"]', "did you mean"),
        ("[tool.holdfast.rules.no-print]\ntest = true", 'no-print has no option "test"; did you mean "tests"?'),
        ("[tool.holdfast.rules.no-print]\ntests = 1", "the option tests of no-print must be true or false"),
        ("[tool.holdfast.rules.no-prnt]\ntests = true", 'did you mean "no-print"?'),
        ("[tool.holdfast.rules]\nno-print = true", "must contain one table per rule"),
        ("[tool]\nholdfast = 3", "tool.holdfast must be a table"),
        ("[tool.holdfast", "is not valid TOML"),
    ],
)
def test_a_bad_configuration(table: str, message: str, tmp_path: Path) -> None:
    write(tmp_path, "pyproject.toml", table + "\n")
    write(tmp_path, "a.py", "x = 1\n")
    said = fails(tmp_path)
    assert message in said
    assert "pyproject.toml" in said


def test_a_bad_option_on_the_command_line(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "x = 1\n")
    assert "did you mean" in fails(tmp_path, "--option", "no-print.test=true")
    assert "true or false" in fails(tmp_path, "--option", "no-print.tests=maybe")
    assert "RULE.NAME=VALUE" in fails(tmp_path, "--option", "tests")
    assert "at least 1" in fails(tmp_path, "--jobs", "0")
    assert "does not exist" in fails(tmp_path, "--config", "missing.toml")
    assert "--output: cannot write missing/report.json" in fails(tmp_path, "--output", "missing/report.json")
    assert "outside the root" in fails(tmp_path, "--root", tmp_path / "below", "a.py")


def test_a_path_that_is_not_there_or_holds_nothing(tmp_path: Path) -> None:
    write(tmp_path, "empty/readme.txt", "")
    assert "missing.py: does not exist" in fails(tmp_path, "missing.py")
    assert "contains no Python files" in fails(tmp_path, "empty")
    write(tmp_path, "good.py", "x = 1\n")
    assert "missing.py: does not exist" in fails(tmp_path, "good.py", "missing.py")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no FIFO, and links need a privilege")
def test_loops_of_links_and_pipes_given_by_name(tmp_path: Path) -> None:
    (tmp_path / "loop.py").symlink_to("loop.py")
    assert "loop.py: too many levels" in fails(tmp_path, "loop.py").lower()
    write(tmp_path, "shop/a.py", "x = 1\n")
    (tmp_path / "shop" / "again").symlink_to(tmp_path / "shop", target_is_directory=True)
    assert "a link to a folder that contains it" in fails(tmp_path, "shop/again")
    os.mkfifo(tmp_path / "pipe.py")
    assert "neither a file nor a folder" in fails(tmp_path, "pipe.py")
    ran = holdfast("check", "shop", cwd=tmp_path)
    assert (ran.returncode, "in 1 file" in ran.stderr) == (0, True)


def test_a_syntax_error_in_a_file_that_must_be_parsed(tmp_path: Path) -> None:
    write(tmp_path, "broken.py", "print(\n")
    write(tmp_path, "old.py", "print 'x'\n")
    said = fails(tmp_path)
    assert "broken.py:1: cannot be parsed" in said
    assert "old.py:1: Missing parentheses in call to 'print'" in said
    assert "Python 2" in said


def test_python_2_is_not_taken_for_newer_syntax(tmp_path: Path) -> None:
    write(tmp_path, "old.py", "try:\n    print('x')\nexcept ValueError, e:\n    pass\n")
    assert "if this is Python 2, exclude the file" in fails(tmp_path) or sys.version_info >= (3, 14)


def test_a_broken_file_that_no_rule_needs_is_not_parsed(tmp_path: Path) -> None:
    write(tmp_path, "broken.py", "def (\n")
    assert holdfast("check", "--select", "no-print", cwd=tmp_path).returncode == 0


def test_syntax_newer_than_the_interpreter_names_the_cure(tmp_path: Path) -> None:
    write(tmp_path, "newer.py", "# print\n" + NEWER.get(sys.version_info[:2], NEWEST_KNOWN))
    said = fails(tmp_path, "--format", "json", "--output", "report.json")
    assert "language_version: python3." in said
    (error,) = json.loads((tmp_path / "report.json").read_text("utf-8"))["errors"]
    assert error["kind"] == "newer-syntax"


@pytest.mark.parametrize(
    ("code", "version"),
    [("class A[T]: pass", "3.12"), ("def f[T](x): pass", "3.12"), ("type A = int", "3.12"), ("f'{x['a']}'", "3.12")],
)
def test_what_is_newer_than_3_11(code: str, version: str) -> None:
    if sys.version_info >= (3, 12):
        assert compile(code, "a.py", "exec")
        return
    with pytest.raises(SyntaxError) as caught:
        compile(code, "a.py", "exec")
    error = syntax.explain(caught.value, code.encode())
    assert (error.kind, f"Python {version}" in error.message) == ("newer-syntax", True)


def test_undecodable_bytes_and_null_bytes(tmp_path: Path) -> None:
    write(tmp_path, "latin.py", b"# caf\xe9\nprint('x')\n")
    write(tmp_path, "null.py", b"print('x')\0\n")
    write(tmp_path, "coding.py", b"# coding: no-such-encoding\nprint('x')\n")
    ran = holdfast("check", "--format", "json", cwd=tmp_path)
    assert ran.returncode == 2
    errors = json.loads(ran.stdout)["errors"]
    assert {error["path"]: error["kind"] for error in errors} == dict.fromkeys(("coding.py", "latin.py", "null.py"), "unreadable")


def test_another_encoding_is_read(tmp_path: Path) -> None:
    write(tmp_path, "latin.py", b"# coding: latin-1\nx = 'caf\xe9'; print('x')\n")
    write(tmp_path, "hidden.py", "# coding: utf-7\n+AHAAcgBpAG4AdA-('x')\n")
    ran = holdfast("check", "--format", "json", cwd=tmp_path)
    found = [(finding["path"], finding["line"], finding["column"]) for finding in json.loads(ran.stdout)["findings"]]
    assert found == [("hidden.py", 2, 1), ("latin.py", 2, 13)]


def test_too_deep_to_parse(tmp_path: Path) -> None:
    write(tmp_path, "deep.py", "print(" + "(" * 50_000 + ")" * 50_000 + ")\n")
    assert "deep.py" in fails(tmp_path)


def test_standard_input(tmp_path: Path) -> None:
    write(tmp_path, "pyproject.toml", '[tool.holdfast]\nexclude = ["old"]\n')
    ran = holdfast("check", "-", "--stdin-filename", "shop/a.py", cwd=tmp_path, given=b"print('x')\n")
    assert (ran.returncode, ran.stdout) == (1, "shop/a.py:1:1: `print` in application code bypasses logging [no-print]\n")
    ran = holdfast("check", "-", "--stdin-filename", "old/a.py", cwd=tmp_path, given=b"print('x')\n")
    assert (ran.returncode, "1 file excluded" in ran.stderr) == (0, True)
    assert "needs --stdin-filename" in fails(tmp_path, "-", text=b"")
    assert "`-` needs --stdin-filename PATH and cannot be combined with other paths" in fails(
        tmp_path, "-", "shop", "--stdin-filename", "a.py", text=b""
    )


def test_an_exemption_from_a_rule_that_never_was(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "x = 1  # holdfast: ignore[no-prnt] why\ny = 2  # holdfast: ignore\n")
    said = fails(tmp_path)
    assert 'a.py:1: exemption: there is no rule "no-prnt"; did you mean "no-print"?' in said
    assert "a.py:2: the exemption names no rule" in said


# -- inputs that once ended the run


@pytest.mark.parametrize("codec", ["hex", "rot13", "zlib", "idna", "undefined", "utf-16", "utf-32", "unicode_escape", "cp037"])
def test_one_file_with_an_unusual_encoding(codec: str, tmp_path: Path) -> None:
    write(tmp_path, "odd.py", f"# coding: {codec}\nx = 1  # holdfast: ignore[no-print] why\nprint(1)\n")
    write(tmp_path, "good.py", "print('x')\n")
    ran = holdfast("check", "--format", "json", cwd=tmp_path)
    report = json.loads(ran.stdout)
    assert "good.py" in {finding["path"] for finding in report["findings"]}
    assert {error["path"] for error in report["errors"]} <= {"odd.py"}
    assert {error["kind"] for error in report["errors"]} <= {"unreadable", "syntax"}
    assert ran.returncode == (2 if report["errors"] else 1)
    assert report["errors"] or "odd.py" in {finding["path"] for finding in report["findings"]}


def test_a_killed_process_is_an_error(tmp_path: Path) -> None:
    for number in range(8):
        write(tmp_path, f"shop/large{number}.py", "value = 'print'\n" * 15_000)
    script = write(
        tmp_path,
        "run.py",
        "import os, signal, sys\n"
        "from holdfast.commands.main import main\n"
        "from holdfast.engine import checks\n"
        "parent, check_file = os.getpid(), checks.check_file\n"
        "def killed(*given):\n"
        "    if os.getpid() != parent:\n"
        "        os.kill(os.getpid(), signal.SIGTERM if os.name == 'nt' else signal.SIGKILL)\n"
        "    return check_file(*given)\n"
        "checks.check_file = killed\n"
        "if __name__ == '__main__':\n    sys.exit(main(['check', '--jobs', '2', 'shop']))\n",
    )
    ran = start(sys.executable, script, cwd=tmp_path)
    assert (ran.returncode, "a process was killed" in ran.stderr) == (2, True), ran.stderr
    assert len(ran.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "table",
    [
        "a = " + "[" * 5000 + "]" * 5000,
        "a = " + "9" * 5000,
        "[tool.holdfast.rules.no-print]\na = " + "{a = " * 2000 + "1" + "}" * 2000,
    ],
    ids=["lists", "digits", "tables"],
)
def test_toml_that_cannot_be_read(table: str, tmp_path: Path) -> None:
    write(tmp_path, "pyproject.toml", f"# holdfast\n{table}\n")
    write(tmp_path, "a.py", "print('x')\n")
    said = fails(tmp_path)
    assert "pyproject.toml: is n" in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    "table",
    ["[project]\nscripts = 1", "project = 1 # scripts", "[tool]\npoetry = 1 # scripts", "[tool.poetry]\nscripts = ['a']"],
)
def test_scripts_of_a_wrong_type_are_none(table: str, tmp_path: Path) -> None:
    write(tmp_path, "pyproject.toml", f"{table}\n")
    write(tmp_path, "a.py", "print('x')\n")
    assert holdfast("check", cwd=tmp_path).returncode == 1


def test_a_long_integer_and_deep_code_are_errors_of_their_file(tmp_path: Path) -> None:
    write(tmp_path, "digits.py", "print(" + "9" * 5000 + ")\n")
    write(tmp_path, "deep.py", "print(" + "a." * 5000 + "a)\n")
    write(tmp_path, "sum.py", "print(" + "1 + " * 5000 + "1)\n")
    write(tmp_path, "good.py", "print('x')\n")
    ran = holdfast("check", "--select", "all", cwd=tmp_path)
    assert "Traceback" not in ran.stderr
    assert "report this bug" not in ran.stderr
    assert (ran.returncode, "good.py:1:1" in ran.stdout) == (2, True)
    assert "digits.py:1: " in ran.stderr


def test_a_glob_with_many_stars_is_fast(tmp_path: Path) -> None:
    write(tmp_path, "pyproject.toml", '[tool.holdfast]\nexclude = ["**/*a*a*a*a*a*a*a*a*a*b", "' + "**/" * 20 + '*b"]\n')
    write(tmp_path, "/".join(["a" * 60] * 15) + "/c.py", "print('x')\n") if sys.platform != "win32" else None
    write(tmp_path, "a" * 60 + ".py", "print('x')\n")
    assert holdfast("check", cwd=tmp_path).returncode == 1


@given(
    st.lists(st.sampled_from(["a", "b", "/", "*", "**", "**/", "?", "[ab]", "[!a]"]), min_size=1, max_size=8).map("".join),
    st.lists(st.text("abc", min_size=1, max_size=4), min_size=1, max_size=4).map("/".join),
)
def test_a_glob_has_one_meaning(glob: str, path: str) -> None:
    if glob.strip("/"):
        by_re = discovery._pattern(glob).fullmatch(path) is not None
        assert discovery._is_matched_step_by_step(path, glob) == by_re


@pytest.mark.skipif(sys.platform == "win32", reason="needs ulimit")
def test_too_few_file_descriptors_are_no_silent_zero(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "print('x')\n")
    for number in range(4, 9):
        ran = start("/bin/sh", "-c", f"ulimit -n {number}; '{BIN / 'holdfast'}' check", cwd=tmp_path)
        assert ran.returncode != 0, number


# -- files that were not looked at


@pytest.mark.skipif(sys.platform == "win32", reason="paths of Windows are shorter")
@pytest.mark.parametrize("is_checkout", [True, False])
def test_a_path_that_is_too_long(is_checkout: bool, tmp_path: Path) -> None:
    write(tmp_path, "a.py", "print('x')\n")
    before = os.getcwd()
    try:
        os.chdir(tmp_path)
        for _ in range(20):
            os.mkdir("d" * 250)
            os.chdir("d" * 250)
        Path("deep.py").write_text("print('x')\n", "utf-8")
    finally:
        os.chdir(before)
    if is_checkout:
        start("git", "init", "--quiet", cwd=tmp_path)
    assert "git cannot list all files" in (said := fails(tmp_path)) or "name too long" in said


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("is_checkout", [True, False])
@pytest.mark.parametrize("name", ["shop", "shop/a.py", "script"])
def test_a_file_or_folder_that_may_not_be_read(name: str, is_checkout: bool, tmp_path: Path) -> None:
    write(tmp_path, "shop/a.py", "print('x')\n")
    write(tmp_path, "script", "#!/usr/bin/env python3\nprint('x')\n").chmod(0o755)
    if is_checkout:
        start("git", "init", "--quiet", cwd=tmp_path)
    (tmp_path / name).chmod(0o111)
    try:
        assert "ermission denied" in fails(tmp_path)
    finally:
        (tmp_path / name).chmod(0o755)


def test_a_file_that_cannot_be_examined_counts_as_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "script", "#!/bin/sh\n").chmod(0o755)
    assert not discovery.is_python(str(tmp_path / "script"))

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", denied)
    assert discovery.is_python(str(tmp_path / "script")) == (sys.platform != "win32")


def test_files_that_rules_about_the_project_leave_out_are_counted(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "x = 1\n")
    make_checkout(tmp_path)
    assert "left out" not in holdfast("check", "--select", "auth-on-route", cwd=tmp_path).stderr
    write(tmp_path, "b.py", "x = 1\n")
    ran = holdfast("check", "--select", "auth-on-route", cwd=tmp_path)
    assert "rules about the project left out 1 file that git does not track: run `git add` first" in ran.stderr
    assert "left out" not in holdfast("check", "--select", "no-print", cwd=tmp_path).stderr


def test_changes_of_another_work_tree_are_an_error(tmp_path: Path) -> None:
    folder, other = tmp_path / "checkout", tmp_path / "other"
    other.mkdir()
    write(folder, "a.py", "x = 1\n")
    make_checkout(folder)
    write(folder, "a.py", "print('x')\n")
    assert holdfast("check", "--since", "HEAD", cwd=folder).returncode == 1
    start("git", "config", "core.worktree", str(other), cwd=folder)
    assert "--since" in fails(folder, "--since", "HEAD")
