"""Monorepos: each file is judged by its own project, whatever else is checked, in whatever order, from whatever folder."""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from holdfast.commands.main import main
from holdfast.engine.config import read_project
from holdfast.rule import CheckError
from tests.programs import holdfast, make_checkout, start

OTP = "def verify(otp, x):\n    return otp == x\n"
LOGIN = "from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.post('/login')\ndef login():\n    return authenticate()\n"
MONOREPO = {
    "holdfast.toml": 'select = ["all"]\nper-path-ignores = {"tools/**" = ["no-print"]}\n',
    "top.py": "print()\n",
    "tools/a.py": "print()\n" + OTP,
    "backend/pyproject.toml": '[tool.holdfast]\nselect = ["no-print", "ratelimit-on-auth"]\nexclude = ["old/"]\n',
    "backend/app/__init__.py": "",
    "backend/app/main.py": LOGIN + "print()\n",
    "backend/app/known.py": "print()\n",
    "backend/old/b.py": "print()\n",
    "backend/plugin/holdfast.toml": 'extend = "../pyproject.toml"\nignore = ["no-print"]\n',
    "backend/plugin/views.py": LOGIN + "print()\n",
    "worker/pyproject.toml": '[project]\nname = "worker"\n[tool.holdfast]\nselect = ["constant-time-compare"]\nfail-on = "error"\n',
    "worker/app/main.py": "print()\n" + OTP,
    "library/pyproject.toml": '[project]\nname = "library"\n',
    "library/c.py": "print()\n",
}


def write(folder: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")


@pytest.fixture(scope="module")
def monorepo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("monorepo")
    write(folder, MONOREPO)
    make_checkout(folder)
    ran = holdfast("baseline", "write", "backend/app/known.py", cwd=folder)
    assert ran.returncode == 0, ran.stderr
    assert (folder / "backend/.holdfast-baseline.json").exists()
    return folder


Found = Counter[tuple[str, ...]]


def found_by(output: str, top: Path) -> Found:
    """Rule, line, fingerprint, status and absolute path of each finding in a JSON report."""
    document = json.loads(output)
    assert document["errors"] == []
    return Counter(
        (
            os.path.relpath(os.path.join(document["root"], one["path"]), top),
            one["rule"],
            str(one["line"]),
            one["fingerprint"],
            one["status"],
        )
        for one in document["findings"]
    )


def test_each_project_has_its_own_verdict(monorepo: Path) -> None:
    ran = holdfast("check", "--format", "json", "--show-all", cwd=monorepo)
    places = {(path, rule, status) for path, rule, _, _, status in found_by(ran.stdout, monorepo)}
    assert places == {
        ("top.py", "no-print", "new"),
        ("tools/a.py", "constant-time-compare", "new"),
        ("library/c.py", "no-print", "new"),
        ("backend/app/main.py", "ratelimit-on-auth", "new"),
        ("backend/app/main.py", "no-print", "new"),
        ("backend/app/known.py", "no-print", "known"),
        ("backend/plugin/views.py", "ratelimit-on-auth", "new"),
        ("worker/app/main.py", "constant-time-compare", "new"),
    }
    assert json.loads(ran.stdout)["root"] == str(monorepo)
    assert json.loads(ran.stdout)["summary"]["excluded"] == 1
    assert holdfast("check", "backend/app/known.py", cwd=monorepo).returncode == 0
    worker = holdfast("check", "worker", "--format", "json", cwd=monorepo)
    assert json.loads(worker.stdout)["root"] == str(monorepo / "worker")


FILES = sorted(name for name in MONOREPO if name.endswith(".py"))
FOLDERS = [".", "backend", "backend/plugin", "worker/app", "tools"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given=st.lists(st.sampled_from([*FILES, *FOLDERS]), min_size=1, unique=True), place=st.sampled_from([*FOLDERS, ".."]))
def test_any_subset_in_any_order_from_any_folder(
    monorepo: Path, capsys: pytest.CaptureFixture[str], given: list[str], place: str
) -> None:
    def run(*paths: str) -> Found:
        main(["check", "--format", "json", "--show-all", "--no-cache", *paths])
        return found_by(capsys.readouterr().out, monorepo)

    before = os.getcwd()
    try:
        os.chdir(monorepo)
        whole = run(".")
        os.chdir(monorepo / place)
        part = run(*(os.path.relpath(monorepo / name) for name in given))
    finally:
        os.chdir(before)
    covered = {file for file in FILES for name in given if name in (".", file) or file.startswith(f"{name}/")}
    assert part == Counter({one: times for one, times in whole.items() if one[0] in covered})


@pytest.mark.parametrize("seed", range(3))
def test_generated_monorepos(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Projects in random folders, with random rules: each file alone has the findings of the whole run."""
    chance = random.Random(seed)
    folders = [""]
    for _ in range(8):
        folders.append(f"{chance.choice(folders)}d{len(folders)}/")
    files = {f"{folder}m{number}.py": chance.choice([LOGIN, OTP, "print()\n"]) for folder in folders for number in range(2)}
    rules = ["no-print", "constant-time-compare", "ratelimit-on-auth"]
    for folder in chance.sample(folders, 5):
        table = f"select = {json.dumps(chance.sample(rules, chance.randint(1, 3)))}\n"
        if chance.random() < 0.5:
            files[f"{folder}holdfast.toml"] = table
        else:
            files[f"{folder}pyproject.toml"] = f"[tool.holdfast]\n{table}"
    write(tmp_path, files)
    make_checkout(tmp_path)
    monkeypatch.chdir(tmp_path)

    def run(*paths: str) -> Found:
        main(["check", "--format", "json", "--no-cache", *paths])
        return found_by(capsys.readouterr().out, tmp_path)

    whole = run()
    assert whole
    alone: Found = Counter()
    for name in files:
        if name.endswith(".py"):
            alone += run(name)
    assert alone == whole


def test_root_and_config_hold_for_the_whole_run(monorepo: Path, tmp_path: Path) -> None:
    (tmp_path / "strict.toml").write_text('[tool.holdfast]\nselect = ["no-print"]\n', "utf-8")
    ran = holdfast("check", "--root", ".", "--format", "json", "worker", "library", "tools", cwd=monorepo)
    places = {(path, rule) for path, rule, *_ in found_by(ran.stdout, monorepo)}
    assert places == {
        ("worker/app/main.py", "no-print"),
        ("worker/app/main.py", "constant-time-compare"),
        ("library/c.py", "no-print"),
        ("tools/a.py", "constant-time-compare"),
    }
    config = str(tmp_path / "strict.toml")
    ran = holdfast("check", "--config", config, "--format", "json", "--show-all", cwd=monorepo)
    found = {(path, rule, status) for path, rule, _, _, status in found_by(ran.stdout, monorepo)}
    assert {rule for _, rule, _ in found} == {"no-print"}
    assert ("backend/app/known.py", "no-print", "known") in found  # each project keeps its baseline
    assert ("backend/old/b.py", "no-print", "new") in found


def test_the_exit_code_is_the_worst_of_the_projects(monorepo: Path, tmp_path: Path) -> None:
    folder = tmp_path / "repo"
    write(folder, {"a/holdfast.toml": 'fail-on = "error"\n', "a/x.py": "print()\n", "b/holdfast.toml": "", "b/y.py": "x = 1\n"})
    make_checkout(folder)
    assert holdfast("check", cwd=folder).returncode == 0
    write(folder, {"b/y.py": "print()\n"})
    assert holdfast("check", cwd=folder).returncode == 1
    write(folder, {"a/x.py": "print(\n"})
    ran = holdfast("check", cwd=folder)
    assert (ran.returncode, "holdfast: error: a/x.py:1: " in ran.stderr) == (2, True)


def test_fixes_are_written_in_every_project(tmp_path: Path) -> None:
    code = "import hmac\n\n\ndef verify(key, body, mac: bytes):\n    return hmac.new(key, body).digest() == mac\n"
    write(tmp_path, {"a/holdfast.toml": "", "a/x.py": code, "b/holdfast.toml": "", "b/y.py": code})
    make_checkout(tmp_path)
    shown = holdfast("check", "--diff", cwd=tmp_path).stdout
    assert ("--- a/x.py" in shown or "--- a/a/x.py" in shown, "b/y.py" in shown) == (True, True)
    ran = holdfast("check", "--fix", cwd=tmp_path)
    assert (ran.returncode, "fixed 2 of 2 findings in 2 files" in ran.stderr) == (0, True)


def test_baselines_are_written_pruned_and_counted_by_project(tmp_path: Path) -> None:
    write(tmp_path, {"a/holdfast.toml": "", "a/x.py": "print()\n", "b/holdfast.toml": "", "b/y.py": "print()\n"})
    make_checkout(tmp_path)
    assert holdfast("baseline", "write", cwd=tmp_path).returncode == 0
    entries = {name: json.loads((tmp_path / name / ".holdfast-baseline.json").read_text("utf-8"))["entries"] for name in "ab"}
    assert {name: [entry["path"] for entry in found] for name, found in entries.items()} == {"a": ["x.py"], "b": ["y.py"]}
    assert holdfast("check", cwd=tmp_path).returncode == 0
    write(tmp_path, {"b/y.py": "x = 1\n"})
    stale = holdfast("check", cwd=tmp_path)
    assert (stale.returncode, "b/.holdfast-baseline.json:" in stale.stdout) == (1, True)
    status = holdfast("baseline", "status", cwd=tmp_path)
    assert (status.stdout.count("no-print"), "project a\n" in status.stderr, "project b\n" in status.stderr) == (2, True, True)
    pruned = holdfast("baseline", "prune", cwd=tmp_path)
    assert "b/.holdfast-baseline.json now contains 0 findings" in pruned.stderr
    assert holdfast("check", cwd=tmp_path).returncode == 0


def test_an_excluded_broken_file_of_a_project_below_is_no_error_of_the_one_above(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "holdfast.toml": 'select = ["ratelimit-on-auth"]\n',
            "app.py": LOGIN,
            "below/holdfast.toml": 'exclude = ["old.py"]\n',
            "below/old.py": LOGIN + "print 'x'\n",
        },
    )
    make_checkout(tmp_path)
    ran = holdfast("check", cwd=tmp_path)
    assert (ran.returncode, "holdfast: error" in ran.stderr) == (1, False), ran.stderr


def test_why_routes_and_exemptions_use_the_project_of_the_file(monorepo: Path, tmp_path: Path) -> None:
    for name, told in (("worker/app/main.py", True), ("top.py", False)):
        explained = holdfast("why", f"{name}:1", "--rule", "no-print", cwd=monorepo).stdout
        assert explained.startswith(f"{name}:1:1: no-print (HF301")
        assert ("not selected by the configuration" in explained) == told
    routes = holdfast("routes", "--format", "json", cwd=monorepo)
    assert {row["file"] for row in json.loads(routes.stdout)["routes"]} == {"backend/app/main.py", "backend/plugin/views.py"}
    one = holdfast("routes", "backend/plugin", "--format", "json", cwd=monorepo)
    assert [row["file"] for row in json.loads(one.stdout)["routes"]] == ["views.py"]
    comment = "print()  # holdfast: ignore[no-print] the banner\n"
    write(
        tmp_path,
        {"a/holdfast.toml": 'select = ["constant-time-compare"]', "a/x.py": comment, "b/holdfast.toml": "", "b/y.py": comment},
    )
    make_checkout(tmp_path)
    listed = holdfast("exemptions", cwd=tmp_path).stdout
    assert listed == "a/x.py:1:10: the banner [no-print] (not run)\nb/y.py:1:10: the banner [no-print] (used)\n"


# -- inheritance


def test_extend_inherits_replaces_and_merges(tmp_path: Path) -> None:
    base = 'select = ["no-print"]\nexclude = ["old/"]\n[tool.holdfast.rules.no-print]\ntests = false\nscripts = false\n'
    write(
        tmp_path, {"pyproject.toml": f"[tool.holdfast]\n{base}", "a/b/holdfast.toml": 'extend = "../mid.toml"\nexclude = ["x/"]\n'}
    )
    write(tmp_path, {"a/mid.toml": '[tool.holdfast]\nextend = "../pyproject.toml"\nrules.no-print.tests = true\n'})
    config = read_project(str(tmp_path / "a/b"))
    assert (config.select, config.exclude) == (("no-print",), ("x/",))
    assert config.rules == {"no-print": {"tests": True, "scripts": False}}


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("extend = 3", "[tool.holdfast] extend must be the path of a file"),
        ('extend = "nothing.toml"', "nothing.toml does not exist"),
        ('extend = "holdfast.toml"', "extends this file, too"),
        ('extend = "other.toml"', "has no [tool.holdfast] table"),
        ('extend = "circle.toml"', "extends this file, too"),
    ],
)
def test_a_wrong_extend_is_an_error(table: str, said: str, tmp_path: Path) -> None:
    circle = '[tool.holdfast]\nextend = "holdfast.toml"\n'
    write(tmp_path, {"holdfast.toml": table, "other.toml": "x = 1\n", "circle.toml": circle})
    with pytest.raises(CheckError) as caught:
        read_project(str(tmp_path))
    assert said in caught.value.message


# -- nothing is ignored in silence


SILENT = {
    "a Python file as configuration": ({}, ["--config", "a.py"], "a.py: has no [tool.holdfast] table"),
    "another TOML file": ({"x.toml": "[tool.black]\n"}, ["--config", "x.toml"], "x.toml: has no [tool.holdfast] table"),
    "a missing file": ({}, ["--config", "no.toml"], "no.toml: the configuration file does not exist"),
    "an empty selection": ({"holdfast.toml": "select = []\n"}, [], "holdfast.toml: [tool.holdfast] select must not be empty"),
    "no project rule": ({}, ["--scope", "project"], "no selected rule checks the whole project"),
    "no file rule": ({}, ["--scope", "file", "--select", "ratelimit-on-auth"], "no selected rule checks single files"),
    "a selected rule that is ignored": (
        {"holdfast.toml": 'ignore = ["no-print"]\n'},
        ["--select", "no-print"],
        "no rule is selected",
    ),
    "everything ignored": ({"holdfast.toml": 'ignore = ["all"]\n'}, [], "no rule is selected"),
    "options of a contract type": (
        {"pyproject.toml": "[tool.holdfast.rules.boundaries]\n"},
        [],
        "pyproject.toml: [tool.holdfast.rules]: boundaries is a contract type, not a rule",
    ),
    "an ignored contract type": ({"holdfast.toml": 'ignore = ["layered"]\n'}, [], "layered is a contract type"),
    "a contract type for a path": ({"holdfast.toml": 'per-path-ignores."a" = ["frozen"]\n'}, [], "frozen is a contract type"),
    "a contract type on the command line": ({}, ["--ignore", "boundaries"], "--ignore: boundaries is a contract type"),
    "an option of a contract type": ({}, ["--option", "boundaries.modules=x"], "--option: boundaries is a contract type"),
    "two configurations": (
        {"holdfast.toml": "", "pyproject.toml": "[tool.holdfast]\n"},
        [],
        "pyproject.toml: holdfast.toml lies beside it",
    ),
    "a table in holdfast.toml": ({"holdfast.toml": "[tool.holdfast]\n"}, [], "options must be at the top level"),
    "a broken configuration of another project": (
        {"b/holdfast.toml": 'selct = ["all"]\n', "b/b.py": ""},
        [],
        'b/holdfast.toml: [tool.holdfast] has no option "selct"',
    ),
}


@pytest.mark.parametrize(("files", "arguments", "said"), SILENT.values(), ids=SILENT)
def test_a_configuration_without_effect_is_an_error(files: dict[str, str], arguments: list[str], said: str, tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "x = 1\n", **files})
    ran = holdfast("check", *arguments, cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert said in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "latin-1"])
@pytest.mark.parametrize("name", ["pyproject.toml", "holdfast.toml"])
def test_a_configuration_in_another_encoding_is_an_error(encoding: str, name: str, tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "x = 1\n"})
    (tmp_path / name).write_bytes("# ä\n[tool.holdfast]\nselect = ['all']\n".encode(encoding))
    ran = holdfast("check", cwd=tmp_path)
    assert (ran.returncode, f"{name}: is not valid TOML" in ran.stderr) == (2, True)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
@pytest.mark.parametrize("name", ["pyproject.toml", "holdfast.toml"])
def test_a_configuration_that_cannot_be_read_is_an_error(name: str, tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "x = 1\n"})
    (tmp_path / name).mkdir()
    assert f"{name}: the configuration is not a regular file" in holdfast("check", cwd=tmp_path).stderr
    (tmp_path / name).rmdir()
    os.mkfifo(tmp_path / name)
    assert f"{name}: the configuration is not a regular file" in holdfast("check", cwd=tmp_path).stderr
    (tmp_path / name).unlink()
    (tmp_path / name).symlink_to("nowhere.toml")
    ran = holdfast("check", cwd=tmp_path)
    assert (ran.returncode, f"{name}: the configuration is a link to a missing file" in ran.stderr) == (2, True)
    (tmp_path / name).unlink()
    (tmp_path / name).symlink_to(name)
    ran = holdfast("check", cwd=tmp_path)
    assert (ran.returncode, f"{name}: cannot read the configuration" in ran.stderr) == (2, True)


# -- repositories in repositories


def test_a_nested_repository_is_said_and_checked_when_named(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "print()\n", "vendor/lib/b.py": "print()\n", "sub/c.py": "print()\n"})
    make_checkout(tmp_path / "vendor/lib")
    make_checkout(tmp_path / "sub")
    start("git", "init", "--quiet", cwd=tmp_path)
    start("git", "add", "a.py", "sub", cwd=tmp_path)  # a submodule; vendor/lib is an untracked repository
    ran = holdfast("check", cwd=tmp_path)
    assert [line.split(":")[0] for line in ran.stdout.splitlines()] == ["a.py"]
    for name in ("sub", "vendor/lib"):
        assert f"holdfast: note: {name} is a git repository of its own and was not checked" in ran.stderr
        named = holdfast("check", name, "--format", "json", cwd=tmp_path)
        document = json.loads(named.stdout)
        assert (document["root"], len(document["findings"])) == (str(tmp_path / name), 1)
    both = holdfast("check", ".", "sub", cwd=tmp_path)
    assert [line.split(":")[0] for line in both.stdout.splitlines()] == ["a.py", "sub/c.py"]


def test_the_configuration_around_a_checkout_does_not_count(tmp_path: Path) -> None:
    write(tmp_path, {"holdfast.toml": 'select = ["constant-time-compare"]\n', "repo/a.py": "print()\n"})
    make_checkout(tmp_path / "repo")
    assert holdfast("check", "repo/a.py", cwd=tmp_path).returncode == 1
