"""The ratchet over other tools, through the console script."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import jsonschema
import pytest

from holdfast.boundaries import shipped
from tests.programs import BIN, ROOT, holdfast, make_checkout, start

BASELINE = ".holdfast-baseline.json"
CANARY = "hunter2-canary"
SHOP = f"""import subprocess


def load(name: str) -> int:
    try:
        return name
    except Exception:
        pass


def connect():
    try:
        password = "{CANARY}"
    except Exception:
        print(password)
"""


def make(folder: Path, tools: str, **files: str) -> None:
    """A checkout with this configuration of tools, and shop.py."""
    (folder / "pyproject.toml").write_text(f"[tool.holdfast]\nexclude = []\n{tools}", "utf-8")
    (folder / "shop.py").write_text(SHOP, "utf-8")
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text, "utf-8")
    make_checkout(folder)


def found(ran: subprocess.CompletedProcess[str]) -> list[tuple[str, int, str]]:
    return [(item["rule"], item["line"], item["symbol"]) for item in json.loads(ran.stdout)["findings"]]


RUFF = '[tool.holdfast.tools.ruff]\nargs = ["--select", "BLE001,T201,S105"]\ntargets = { BLE001 = 1 }\n'
BANDIT = '[tool.holdfast.tools.bandit]\nargs = ["--tests", "B105,B110"]\n'
MYPY = '[tool.holdfast.tools.mypy]\npaths = ["shop.py"]\n'


def test_each_tool_reports_with_symbols_and_without_secrets(tmp_path: Path) -> None:
    make(tmp_path, RUFF + BANDIT + MYPY)
    ran = holdfast("ratchet", "--format", "json", cwd=tmp_path)
    assert ran.returncode == 1, ran.stderr
    assert found(ran) == [
        ("mypy:return", 4, "load"),
        ("mypy:return-value", 6, "load"),
        ("bandit:B110", 7, "load"),
        ("ruff:BLE001", 7, "load"),
        ("bandit:B105", 13, "connect"),
        ("ruff:S105", 13, "connect"),
        ("ruff:BLE001", 14, "connect"),
        ("ruff:T201", 15, "connect"),
    ]
    urls = {item["rule"].partition(":")[0]: item["url"] for item in json.loads(ran.stdout)["findings"]}
    assert [urls[name].split("/")[2] for name in ("ruff", "bandit", "mypy")] == [
        "docs.astral.sh",
        "bandit.readthedocs.io",
        "mypy.readthedocs.io",
    ]
    assert holdfast("baseline", "write", "--tools", cwd=tmp_path).returncode == 0
    text = holdfast("ratchet", "--show-all", cwd=tmp_path)
    written = ran.stdout + ran.stderr + text.stdout + text.stderr + (tmp_path / BASELINE).read_text("utf-8")
    assert CANARY not in written


def test_findings_may_only_become_less(tmp_path: Path) -> None:
    make(tmp_path, RUFF)
    shop = tmp_path / "shop.py"
    assert holdfast("baseline", "write", "--tools", cwd=tmp_path).returncode == 0
    ran = holdfast("ratchet", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (0, "")
    assert "ruff:BLE001         2       2       1" in ran.stderr
    shop.write_text("\n\n" + SHOP.replace("def load", "# moved\ndef load"), "utf-8")
    assert holdfast("ratchet", cwd=tmp_path).returncode == 0
    shop.write_text(SHOP + "\n\ndef more():\n    try:\n        load('')\n    except Exception:\n        pass\n", "utf-8")
    ran = holdfast("ratchet", cwd=tmp_path)
    assert ran.returncode == 1
    assert [line.partition(":")[2] for line in ran.stdout.splitlines()] == [
        "21:12: Do not catch blind exception: `Exception` [ruff:BLE001]"
    ]
    assert "ruff:BLE001         2       3       1" in ran.stderr
    shop.write_text(SHOP.replace("    except Exception:\n        pass", "    except ValueError:\n        pass"), "utf-8")
    ran = holdfast("ratchet", cwd=tmp_path)
    assert ran.returncode == 1
    assert "ruff:BLE001 in shop.py (load) no longer exists; run `holdfast baseline prune --tools` [stale-baseline]" in ran.stdout
    assert json.loads(holdfast("ratchet", "--format", "json", cwd=tmp_path).stdout)["ratchet"] == [
        {"rule": "ruff:BLE001", "baseline": 2, "now": 1, "target": 1, "silenced": None},
        {"rule": "ruff:S105", "baseline": 1, "now": 1, "target": None, "silenced": None},
        {"rule": "ruff:T201", "baseline": 1, "now": 1, "target": None, "silenced": None},
    ]
    assert holdfast("baseline", "prune", "--tools", cwd=tmp_path).returncode == 0
    assert holdfast("ratchet", cwd=tmp_path).returncode == 0


def test_rules_and_tools_share_a_file_and_leave_each_other_alone(tmp_path: Path) -> None:
    make(tmp_path, RUFF)
    assert holdfast("baseline", "write", cwd=tmp_path).returncode == 0
    before = (tmp_path / BASELINE).read_text("utf-8")
    assert "no-print" in before
    assert holdfast("baseline", "write", "--tools", cwd=tmp_path).returncode == 0  # the first time no force is needed
    both = (tmp_path / BASELINE).read_text("utf-8")
    assert set(before.splitlines()[1:-2]) < set(both.replace("},\n", "}\n").splitlines()) | set(both.splitlines())
    assert both.count('"ruff:') == 4
    for command in (("check",), ("ratchet",), ("baseline", "prune"), ("baseline", "prune", "--tools")):
        assert holdfast(*command, cwd=tmp_path).returncode == 0
    assert (tmp_path / BASELINE).read_text("utf-8") == both
    (tmp_path / "shop.py").write_text(SHOP + "print(1)\n", "utf-8")
    assert holdfast("baseline", "write", "--tools", cwd=tmp_path).returncode == 1
    assert (tmp_path / BASELINE).read_text("utf-8") == both


def test_rules_need_no_force_after_the_tools_either_and_the_root_may_be_named(tmp_path: Path) -> None:
    (folder := tmp_path / "backend").mkdir()
    make(folder, RUFF, a="def load():\n    print(1)\n")
    assert holdfast("baseline", "write", "--tools", "--root", "backend", cwd=tmp_path).returncode == 0
    assert holdfast("ratchet", "--root", "backend", cwd=tmp_path).returncode == 0
    assert holdfast("baseline", "write", cwd=folder).returncode == 0
    assert holdfast("check", cwd=folder).returncode == 0
    (folder / "a.py").write_text("def load():\n    print(1)\n    print(2)\n", "utf-8")
    assert holdfast("baseline", "write", cwd=folder).returncode == 1
    (folder / ".holdfast-baseline.json").write_text('{"version": 1, "entries": [\n]}\n', "utf-8")
    assert holdfast("baseline", "write", cwd=folder).returncode == 1  # all was fixed once


def test_limits_shrink_by_their_measure(tmp_path: Path) -> None:
    branches = "".join(f"    if x == {number}:\n        x += 1\n" for number in range(12))
    make(tmp_path, '[tool.holdfast.tools.ruff]\nargs = ["--select", "C901"]\n', long=f"def f(x):\n{branches}    return x\n")
    assert holdfast("baseline", "write", "--tools", cwd=tmp_path).returncode == 0
    assert '"at_most": 13' in (tmp_path / BASELINE).read_text("utf-8")
    (tmp_path / "long.py").write_text(f"def f(x):\n{branches}    if x:\n        x += 1\n    return x\n", "utf-8")
    ran = holdfast("ratchet", cwd=tmp_path)
    assert ran.returncode == 1
    assert "`f` is too complex (14 > 10) [ruff:C901]" in ran.stdout


def test_comments_and_whole_files_have_an_identity_too(tmp_path: Path) -> None:
    make(tmp_path, '[tool.holdfast.tools.ruff]\nargs = ["--select", "ERA001,INP001"]\n')
    inner = tmp_path / "pages" / "a.py"
    inner.parent.mkdir()
    inner.write_text("x = 1\n# y = 2\n", "utf-8")
    assert holdfast("baseline", "write", "--tools", cwd=tmp_path).returncode == 0
    inner.write_text("import os\n\nx = os\n\n# y = 2\n", "utf-8")
    assert holdfast("ratchet", cwd=tmp_path).returncode == 0
    inner.write_text("x = 1\n# y = 3\n", "utf-8")
    ran = holdfast("ratchet", cwd=tmp_path)
    assert "[ruff:ERA001]" in ran.stdout
    assert "[stale-baseline]" in ran.stdout
    assert "INP001" not in ran.stdout


# -- presets


def test_the_presets_are_accepted_whole(tmp_path: Path) -> None:
    make(tmp_path, "")
    path = shipped.path("ruff/holdfast.toml")
    ran = start(BIN / "ruff", "check", "--config", path, "shop.py", cwd=tmp_path)
    assert ran.returncode == 1
    assert ran.stderr == ""
    shown = start(BIN / "ruff", "check", "--config", path, "--show-settings", "shop.py", cwd=tmp_path).stdout
    enabled = shown.partition("linter.rules.enabled = [")[2].partition("]")[0]
    for code in tomllib.loads(Path(path).read_text("utf-8"))["lint"]["select"]:
        assert f"({code}" in enabled, code
    ran = start(BIN / "bandit", "-c", shipped.path("bandit/holdfast.yaml"), "shop.py", cwd=tmp_path)
    assert ran.returncode == 1
    assert "Unknown test" not in ran.stderr
    assert "WARNING" not in ran.stderr


def test_a_preset_is_added_to_the_configuration_of_the_project(tmp_path: Path) -> None:
    make(tmp_path, '[tool.ruff]\nexclude = ["old.py"]\n[tool.holdfast.tools.ruff]\npreset = "holdfast"\n', old="print(1)\n")
    (tmp_path / "settings.py").write_text("import os\n\nKEY = os.environ['KEY']\n", "utf-8")
    (tmp_path / "views.py").write_text("import os\n\nKEY = os.environ['KEY']\n", "utf-8")
    places = {
        (item["rule"], item["path"])
        for item in json.loads(holdfast("ratchet", "--format", "json", cwd=tmp_path).stdout)["findings"]
    }
    assert ("ruff:BLE001", "shop.py") in places
    assert ("ruff:TID251", "views.py") in places
    assert ("ruff:TID251", "settings.py") not in places
    assert "old.py" not in {path for _, path in places}


def test_the_presets_are_in_the_wheel() -> None:
    table = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]
    assert table["wheel"]["force-include"]["contracts"].rpartition("/")[2] == "contracts_data"
    assert "/contracts" in table["sdist"]["include"]
    assert os.path.dirname(os.path.dirname(shipped.path("ruff/holdfast.toml"))) == shipped.folder()


# -- what cannot be checked

WRITING = (
    ("ruff", ["-o/elsewhere/x"]),
    ("ruff", ["--cache-dir", "/elsewhere"]),
    ("ruff", ["--add-ignore"]),
    ("ruff", ["--add-noqa=why"]),
    ("ruff", ["--stdin-filename", "a.py"]),
    ("ruff", ["--select"]),
    ("ruff", ["--select", "--fix"]),
    ("ruff", ["--sele=E"]),
    ("ruff", ["other.py"]),
    ("mypy", ["--junit-xm=/elsewhere/x"]),
    ("mypy", ["--python-executable=./python"]),
    ("mypy", ["--shadow-file", "a.py", "b.py"]),
    ("bandit", ["-x", "m.py"]),
    ("bandit", ["-fjson"]),
    ("bandit", ["--ini", ".bandit"]),
)
"""Arguments that write or rewrite a file, run a program, or leave out files."""


@pytest.mark.parametrize(
    ("tools", "said"),
    [
        ("", "no tool is configured"),
        ("[tool.holdfast.tools.rufff]\n", 'has no tool "rufff"; did you mean "ruff"?'),
        ("[tool.holdfast.tools]\nruff = true\n", "must contain one table per tool"),
        ("[tool.holdfast.tools.ruff]\narg = []\n", 'has no option "arg"; did you mean "args"?'),
        ('[tool.holdfast.tools.ruff]\nargs = "check"\n', "[tool.holdfast.tools.ruff] args must be a list of strings"),
        ('[tool.holdfast.tools.ruff]\ntargets = { BLE001 = "30" }\n', "targets must be a table from codes to whole numbers"),
        ('[tool.holdfast.tools.mypy]\npreset = "holdfast"\n', 'there is no preset "holdfast" for mypy'),
        ('[tool.holdfast.tools.ruff]\nargs = ["--fix"]\n', "args must not contain --fix"),
        ('[tool.holdfast.tools.bandit]\nargs = ["--format=txt"]\n', "args must not contain --format=txt"),
        *(
            (f"[tool.holdfast.tools.{tool}]\nargs = {args}\n", f"[tool.holdfast.tools.{tool}] args must not contain")
            for tool, args in WRITING
        ),
        ('[tool.holdfast.tools.ruff]\nargs = ["--select", "NOPE1"]\n', "ruff failed (exit code 2)"),
        ('[tool.holdfast.tools.ruff]\npaths = ["nowhere"]\n', "[tool.holdfast.tools.ruff] paths: nowhere does not exist"),
        ("[tool.holdfast.tools.mypy]\n", "mypy failed (exit code 2)"),
        ('[tool.holdfast.tools.mypy]\npaths = ["broken.py"]\n', "broken.py:1: mypy stopped"),
        ('[tool.holdfast.tools.ruff]\nargs = ["--select", "T201"]\n', "broken.py:1: ruff cannot check the file"),
        ("[tool.holdfast.tools.bandit]\n", "broken.py: bandit cannot check the file"),
        ('[tool.holdfast.tools.ruff]\npaths = ["empty"]\n', "No Python files found"),
        ('[tool.holdfast.tools.bandit]\npaths = ["empty"]\n', "bandit has no Python files to check"),
    ],
)
def test_what_cannot_be_run_is_never_a_pass(tools: str, said: str, tmp_path: Path) -> None:
    make(tmp_path, tools, broken='print "2"\n')
    (tmp_path / "empty").mkdir()
    ran = holdfast("ratchet", cwd=tmp_path)
    assert ran.returncode == 2, ran.stdout
    assert said in ran.stderr
    assert holdfast("baseline", "write", "--tools", cwd=tmp_path).returncode == 2
    assert not (tmp_path / BASELINE).exists()


OTHER = "def load() -> int:\n    return 1\n"


@pytest.mark.parametrize(
    ("tools", "said"),
    [
        ('[tool.holdfast.tools.ruff]\npaths = ["shpo.py"]\n', "[tool.holdfast.tools.ruff] paths: shpo.py does not exist"),
        ('[tool.holdfast.tools.bandit]\npaths = ["shpo"]\n', "[tool.holdfast.tools.bandit] paths: shpo does not exist"),
        ('[tool.holdfast.tools.mypy]\npaths = ["shop.py", "shpo.py"]\n', "mypy] paths: shpo.py does not exist"),
        ('[tool.ruff]\nexclude = ["other.py"]\n[tool.holdfast.tools.ruff]\n', "ruff did not check 1 of 2 Python files (other.py)"),
        ('[tool.ruff]\nexclude = ["*.py"]\n[tool.holdfast.tools.ruff]\npaths = ["."]\n', "ruff did not check 2 of 2"),
        ('[tool.mypy]\nfiles = ["shop.py"]\n[tool.holdfast.tools.mypy]\n', "mypy did not check 1 of 2 Python files (other.py)"),
        (
            '[tool.mypy]\nexclude = ["other"]\n[tool.holdfast.tools.mypy]\npaths = ["."]\n',
            "mypy did not check 1 of 2 Python files (other.py)",
        ),
        ('[tool.holdfast.tools.ruff]\nexclude = ["*.py"]\n', "ruff found no file to check"),
    ],
)
def test_a_file_that_a_tool_skips_is_exit_2(tools: str, said: str, tmp_path: Path) -> None:
    make(tmp_path, tools, other=OTHER)
    (tmp_path / "shop.py").write_text(OTHER, "utf-8")
    ran = holdfast("ratchet", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, ""), ran.stderr
    assert said in ran.stderr
    assert holdfast("baseline", "write", "--tools", cwd=tmp_path).returncode == 2
    assert not (tmp_path / BASELINE).exists()


@pytest.mark.parametrize("tool", ["ruff", "bandit", "mypy"])
def test_a_file_that_a_tool_cannot_decode_is_exit_2(tool: str, tmp_path: Path) -> None:
    args = 'args = ["--select", "T201"]\n' if tool == "ruff" else ""
    make(tmp_path, f"[tool.holdfast.tools.{tool}]\n{args}paths = ['other.py']\n")
    (tmp_path / "other.py").write_bytes(b"# \xe9\nprint(1)\n")
    ran = holdfast("ratchet", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, ""), ran.stderr
    assert "other.py" in ran.stderr


def test_ruff_skips_a_declared_coding_and_the_others_read_it(tmp_path: Path) -> None:
    make(tmp_path, RUFF + BANDIT + MYPY.replace("shop.py", "other.py"))
    (tmp_path / "other.py").write_bytes(b"# coding: latin-1\nNAME = '\xe9'\n")
    (tmp_path / "shop.py").unlink()
    ran = holdfast("ratchet", cwd=tmp_path)
    assert ran.returncode == 2
    assert ran.stderr.count("holdfast: error:") == 1
    assert "other.py: ruff skips the file, because it is not valid UTF-8" in ran.stderr


@pytest.mark.parametrize(
    "tools",
    [
        '[tool.ruff]\nexclude = ["other.py"]\n[tool.holdfast.tools.ruff]\nexclude = ["other.py"]\n',
        '[tool.ruff]\nexclude = ["other.py"]\n[tool.holdfast.tools.ruff]\npaths = ["shop.py"]\n',
        '[tool.mypy]\nfiles = ["shop.py"]\n[tool.holdfast.tools.mypy]\nexclude = ["other.py"]\n',
    ],
)
def test_a_file_may_be_left_to_no_tool_in_so_many_words(tools: str, tmp_path: Path) -> None:
    make(tmp_path, tools, other=OTHER)
    (tmp_path / "shop.py").write_text(OTHER, "utf-8")
    ran = holdfast("ratchet", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (0, ""), ran.stderr
    assert "(1 file)" in ran.stderr


def test_the_report_names_the_tools_and_their_versions(tmp_path: Path) -> None:
    make(tmp_path, RUFF + BANDIT + MYPY)
    ran = holdfast("ratchet", "--format", "json", cwd=tmp_path)
    named = json.loads(ran.stdout)["tools"]
    said = [start(BIN / name, "--version", cwd=tmp_path).stdout.split()[1] for name in ("ruff", "bandit", "mypy")]
    assert [(tool["name"], tool["version"], tool["files"]) for tool in named] == [
        (name, version, 1) for name, version in zip(("ruff", "bandit", "mypy"), said, strict=True)
    ]
    assert f"holdfast: ran ruff {said[0]} (1 file), bandit {said[1]} (1 file), mypy {said[2]} (1 file)\n" in ran.stderr


def test_the_json_report_fits_its_schema(tmp_path: Path) -> None:
    make(tmp_path, RUFF + BANDIT + MYPY)
    schema = json.loads((ROOT / "docs/report.schema.json").read_text("utf-8"))
    jsonschema.validate(json.loads(holdfast("ratchet", "--format", "json", cwd=tmp_path).stdout), schema)


def test_sarif_has_a_run_a_category_and_rules_for_each_tool(tmp_path: Path) -> None:
    make(tmp_path, RUFF + BANDIT + MYPY)
    runs = json.loads(holdfast("ratchet", "--format", "sarif", cwd=tmp_path).stdout)["runs"]
    drivers = {run["tool"]["driver"]["name"]: run["tool"]["driver"] for run in runs}
    assert [run["automationDetails"]["id"] for run in runs] == [f"holdfast-ratchet/{name}/" for name in drivers]
    assert list(drivers) == ["Holdfast", "ruff", "bandit", "mypy"]
    assert all(driver["version"] for driver in drivers.values())
    assert [rule["id"] for rule in drivers["ruff"]["rules"]] == ["BLE001", "S105", "T201"]
    blind, password, _ = drivers["ruff"]["rules"]
    assert (blind["name"], blind["properties"]["tags"]) == ("blind-except", ["maintainability"])
    assert "https://docs.astral.sh/ruff/rules/blind-except" in blind["help"]["markdown"]
    assert (password["properties"]["tags"], "security-severity" in password["properties"]) == (["security"], True)
    assert drivers["bandit"]["rules"][0]["properties"]["tags"] == ["security", "external/cwe/cwe-259"]
    for run in runs:
        rules = run["tool"]["driver"]["rules"]
        assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
    assert [len(run["results"]) for run in runs] == [0, 4, 2, 2]
    assert holdfast("baseline", "write", "--tools", cwd=tmp_path).returncode == 0
    runs = json.loads(holdfast("ratchet", "--format", "sarif", cwd=tmp_path).stdout)["runs"]
    assert [len(run["results"]) for run in runs] == [0, 0, 0, 0]  # an empty run closes the alerts of its tool


def test_a_code_that_ruff_renamed_is_named_after_the_upgrade(tmp_path: Path) -> None:
    code = "from __future__ import annotations\n\nfrom shop import load\n\n\ndef f(x: load) -> None: ...\n"
    make(tmp_path, '[tool.holdfast.tools.ruff]\nargs = ["--select", "TC001,T201"]\n', user=code)
    assert holdfast("baseline", "write", "--tools", cwd=tmp_path).returncode == 0
    baseline = tmp_path / BASELINE
    after = baseline.read_text("utf-8")
    before = after.replace("ruff:TC001", "ruff:TCH001")
    assert before != after
    baseline.write_text(before, "utf-8")
    ran = holdfast("ratchet", cwd=tmp_path)
    assert ran.returncode == 1
    said = f"ruff renamed TCH001 to TC001: replace ruff:TCH001 with ruff:TC001 in {BASELINE}"
    assert f"holdfast: note: {said}\n" in ran.stderr
    assert json.loads(holdfast("ratchet", "--format", "json", cwd=tmp_path).stdout)["summary"]["notes"] == [said]
    baseline.write_text(after, "utf-8")
    ran = holdfast("ratchet", cwd=tmp_path)
    assert (ran.returncode, "renamed" in ran.stderr) == (0, False)
    (tmp_path / "shop.py").write_text("x = 1\n", "utf-8")
    assert "renamed" not in holdfast("ratchet", cwd=tmp_path).stderr  # T201 is fixed, not renamed


@pytest.mark.skipif(os.name == "nt", reason="the PATH without tools is that of POSIX")
def test_the_hook_runs_the_tools_in_its_own_environment(tmp_path: Path) -> None:
    (folder := tmp_path / "checkout").mkdir()
    make(folder, RUFF)
    version = start(BIN / "ruff", "--version", cwd=folder).stdout.split()[1]
    (folder / ".pre-commit-config.yaml").write_text(
        "repos:\n- repo: local\n  hooks:\n  - id: holdfast-ratchet\n    name: ratchet\n    entry: holdfast ratchet\n"
        f"    language: python\n    pass_filenames: false\n    additional_dependencies: ['{ROOT}', 'ruff=={version}']\n",
        "utf-8",
    )
    start("git", "add", "--all", cwd=folder)
    env = {"PRE_COMMIT_HOME": str(tmp_path / "home"), **NO_TOOLS}
    ran = start(BIN / "pre-commit", "run", "--all-files", cwd=folder, env=env)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "[ruff:BLE001]" in ran.stdout
    assert f"ran ruff {version} (1 file)" in ran.stdout


def test_a_finding_silenced_since_a_revision_is_not_fixed(tmp_path: Path) -> None:
    old = "def older():\n    print(1)  # noqa: T201\n"
    make(tmp_path, RUFF + BANDIT, old=old, whole="def f():\n    print(2)\n")
    assert holdfast("baseline", "write", "--tools", cwd=tmp_path).returncode == 0
    head = start("git", "rev-parse", "HEAD", cwd=tmp_path).stdout.strip()
    ran = holdfast("ratchet", "--since", head, cwd=tmp_path)
    assert (ran.returncode, "silenced" in ran.stderr) == (0, False), ran.stderr
    silent = SHOP.replace("        print(password)", "        print(password)  # noqa: T201")
    silent = silent.replace("    except Exception:\n        pass", "    except Exception:  # nosec\n        pass")
    (tmp_path / "shop.py").write_text(silent, "utf-8")
    (tmp_path / "whole.py").write_text("# ruff: noqa\n\n\ndef f():\n    print(2)\n", "utf-8")
    ran = holdfast("ratchet", "--since", head, "--format", "json", cwd=tmp_path)
    document = json.loads(ran.stdout)
    said = " by a comment, not fixed"
    assert [note.partition(said)[0] for note in document["summary"]["notes"]] == [
        "shop.py:15: ruff:T201 is silenced",
        "whole.py:5: ruff:T201 is silenced",
        "shop.py:7: bandit:B110 is silenced",
    ]
    counted = {row["rule"]: row["silenced"] for row in document["ratchet"]}
    assert counted == {"bandit:B105": 0, "bandit:B110": 1, "ruff:BLE001": 0, "ruff:S105": 0, "ruff:T201": 2}
    assert holdfast("ratchet", "--since", "no-such-revision", cwd=tmp_path).returncode == 2


# -- one tool or one code


def test_a_single_code_is_adopted_alone(tmp_path: Path) -> None:
    make(tmp_path, RUFF + BANDIT)
    assert holdfast("baseline", "write", "--tools", "--only", "ruff:BLE", cwd=tmp_path).returncode == 0
    text = (tmp_path / BASELINE).read_text("utf-8")
    assert (text.count('"rule"'), text.count('"ruff:BLE001"')) == (2, 2)
    assert holdfast("ratchet", "--only", "ruff:BLE", cwd=tmp_path).returncode == 0
    assert "note: --only ruff:BEL: there is no such finding" in holdfast("ratchet", "--only", "ruff:BEL", cwd=tmp_path).stderr
    ran = holdfast("ratchet", "--only", "ruff", cwd=tmp_path)
    assert (ran.returncode, "bandit" in ran.stdout + ran.stderr) == (1, False)
    assert holdfast("baseline", "write", "--tools", "--only", "ruff:T201", cwd=tmp_path).returncode == 0  # others are not growth
    (tmp_path / "shop.py").write_text("x = 1\n", "utf-8")
    ran = holdfast("ratchet", "--only", "ruff:T201", cwd=tmp_path)
    assert (ran.returncode, ran.stdout.count("[stale-baseline]")) == (1, 1)
    assert holdfast("baseline", "prune", "--tools", "--only", "ruff:T201", cwd=tmp_path).returncode == 0
    assert (tmp_path / BASELINE).read_text("utf-8") == text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("ratchet", "--only", "rufff"), '--only: no tool "rufff" is configured; did you mean "ruff"?'),
        (("ratchet", "--only", "mypy:return"), '--only: no tool "mypy" is configured'),
    ],
)
def test_only_of_an_unknown_tool_is_exit_2(arguments: tuple[str, ...], said: str, tmp_path: Path) -> None:
    make(tmp_path, RUFF)
    ran = holdfast(*arguments, cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert said in ran.stderr


def test_an_excluded_file_is_no_error_of_a_tool(tmp_path: Path) -> None:
    make(tmp_path, RUFF + BANDIT, broken='print "2"\n')
    configured = (tmp_path / "pyproject.toml").read_text("utf-8").replace("exclude = []", 'exclude = ["broken.py"]')
    (tmp_path / "pyproject.toml").write_text(configured, "utf-8")
    ran = holdfast("ratchet", cwd=tmp_path)
    assert ran.returncode == 1
    assert "error" not in ran.stderr.replace("errors", "")


FAKE = """#!{python}
import os, sys, time
if "--version" in sys.argv or "--show-files" in sys.argv:
    print("fake 1.2.3" if "--version" in sys.argv else os.path.abspath("shop.py"))
    sys.exit(0)
sys.stdout.buffer.write({out!r})
sys.stderr.write({err!r})
{more}
sys.exit({code})
"""
COMMAND = f"import sys; sys.path.insert(0, {os.fspath(ROOT / 'src')!r}); from holdfast.commands.main import run; run()"
NO_TOOLS = {"PATH": os.defpath}


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment that holds nothing but Python: what is put there is what Holdfast finds."""
    folder = tmp_path_factory.mktemp("alone") / "env"
    made = start(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder.parent)
    assert made.returncode == 0, made.stderr
    return folder / ("Scripts" if os.name == "nt" else "bin")


def ratchet(bin_folder: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return start(bin_folder / "python", "-c", COMMAND, "ratchet", *arguments, cwd=cwd, env=NO_TOOLS)


def pretend(bin_folder: Path, name: str, out: bytes, *, code: int = 0, err: str = "", more: str = "") -> None:
    """Put a tool of this name there that says what it is told."""
    (bin_folder / name).write_text(FAKE.format(python=sys.executable, out=out, err=err, code=code, more=more), "utf-8")
    (bin_folder / name).chmod(0o755)


def item(**changes: object) -> dict[str, object]:
    place = {"row": 5, "column": 1}
    return {"code": "T201", "filename": "shop.py", "location": place, "end_location": place, "message": "print", **changes}


def test_a_missing_tool_is_exit_2(alone: Path, tmp_path: Path) -> None:
    make(tmp_path, BANDIT)
    ran = ratchet(alone, tmp_path)
    assert ran.returncode == 2
    assert "bandit is not installed" in ran.stderr


@pytest.mark.skipif(os.name == "nt", reason="a script is no program there")
@pytest.mark.parametrize(
    ("out", "code", "err", "said"),
    [
        (b"", 0, "", "ruff failed (exit code 0): the output is not valid JSON"),
        (b"[]", 2, "boom\x1b[31m", "ruff failed (exit code 2): boom\\x1b[31m"),
        (b"[]", 101, "panicked", "panicked"),
        (b"[]", 1, "", "there are no findings in the output"),
        (json.dumps([item(code="X\x1b1")]).encode(), 1, "", "the output has an unexpected format"),
        (b"{}", 0, "", "the output has an unexpected format"),
        (b"[1]", 1, "", "the output has an unexpected format"),
        (b"[" * 100_000, 1, "", "the output is not valid JSON"),
        (b"\xff\xfe", 1, "", "the output is not valid JSON"),
        (json.dumps([item(filename="../outside.py")]).encode(), 1, "", "outside the root"),
        (json.dumps([item(filename="/etc/passwd")]).encode(), 1, "", "outside the root"),
        (json.dumps([item(code=None)]).encode(), 1, "", "ruff cannot check the file"),
        (json.dumps([item(location={"row": "1", "column": 1})]).encode(), 1, "", "the output has an unexpected format"),
        (json.dumps([item(message=None)]).encode(), 1, "", "the output has an unexpected format"),
    ],
)
def test_a_tool_that_fails_or_babbles_is_exit_2(out: bytes, code: int, err: str, said: str, alone: Path, tmp_path: Path) -> None:
    make(tmp_path, RUFF)
    pretend(alone, "ruff", out, code=code, err=err)
    ran = ratchet(alone, tmp_path)
    assert ran.returncode == 2, ran.stdout
    assert said in ran.stderr
    assert "\x1b" not in ran.stdout + ran.stderr


@pytest.mark.skipif(os.name == "nt", reason="a script is no program there")
def test_what_a_tool_says_is_data(alone: Path, tmp_path: Path) -> None:
    make(tmp_path, RUFF)
    message = "evil\x1b[2J\n::error::\u202e"
    pretend(
        alone,
        "ruff",
        json.dumps([item(message=message), item(location={"row": 9999, "column": 77})]).encode(),
        code=1,
    )
    ran = ratchet(alone, tmp_path)
    assert ran.returncode == 1
    assert ran.stdout.splitlines()[0] == "shop.py:5:1: evil\\x1b[2J\\n::error::\\u202e [ruff:T201]"
    assert "shop.py:9999:77: print [ruff:T201]" in ran.stdout
    assert "\x1b" not in ran.stdout + ran.stderr


@pytest.mark.skipif(os.name == "nt", reason="a script is no program there")
def test_a_tool_that_hangs_is_ended(alone: Path, tmp_path: Path) -> None:
    make(tmp_path, "[tool.holdfast.tools.ruff]\ntimeout = 1\n")
    pretend(alone, "ruff", b"[]", more="time.sleep(60)")
    ran = ratchet(alone, tmp_path)
    assert ran.returncode == 2
    assert "ruff did not finish in 1 seconds" in ran.stderr


@pytest.mark.skipif(os.name == "nt", reason="a script is no program there")
@pytest.mark.parametrize(
    ("tool", "out", "code", "err", "said"),
    [
        ("bandit", b'{"results": [], "errors": []}', 0, "internal error running plugin", "bandit failed"),
        ("bandit", b'{"results": []}', 0, "", "the output has an unexpected format"),
        ("bandit", b'{"results": [{}], "errors": []}', 1, "", "the output has an unexpected format"),
        ("mypy", b"not json", 1, "", "the output has an unexpected format"),
        ("mypy", b'{"file": "a.py"}', 1, "", "the output has an unexpected format"),
        ("mypy", b"", 2, "mypy: error: unrecognized arguments: --output json", "Holdfast needs mypy 1.11 or newer"),
    ],
)
def test_so_are_the_others(tool: str, out: bytes, code: int, err: str, said: str, alone: Path, tmp_path: Path) -> None:
    make(tmp_path, f"[tool.holdfast.tools.{tool}]\n")
    pretend(alone, tool, out, code=code, err=err)
    ran = ratchet(alone, tmp_path)
    assert ran.returncode == 2, ran.stdout
    assert said in ran.stderr
