"""The ratchet over other tools, through the console script."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

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
        {"rule": "ruff:BLE001", "baseline": 2, "now": 1, "target": 1},
        {"rule": "ruff:S105", "baseline": 1, "now": 1, "target": None},
        {"rule": "ruff:T201", "baseline": 1, "now": 1, "target": None},
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
        ('[tool.holdfast.tools.ruff]\npaths = ["nowhere"]\n', "nowhere:1: ruff cannot check the file"),
        ("[tool.holdfast.tools.mypy]\n", "mypy failed (exit code 2)"),
        ('[tool.holdfast.tools.mypy]\npaths = ["broken.py"]\n', "broken.py:1: mypy stopped"),
        ('[tool.holdfast.tools.ruff]\nargs = ["--select", "T201"]\n', "broken.py:1: ruff cannot check the file"),
        ("[tool.holdfast.tools.bandit]\n", "broken.py: bandit cannot check the file"),
        ('[tool.holdfast.tools.ruff]\npaths = ["empty"]\n', "No Python files found"),
        ('[tool.holdfast.tools.bandit]\npaths = ["empty"]\n', "contains no Python files"),
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


def test_an_excluded_file_is_no_error_of_a_tool(tmp_path: Path) -> None:
    make(tmp_path, RUFF + BANDIT, broken='print "2"\n')
    configured = (tmp_path / "pyproject.toml").read_text("utf-8").replace("exclude = []", 'exclude = ["broken.py"]')
    (tmp_path / "pyproject.toml").write_text(configured, "utf-8")
    ran = holdfast("ratchet", cwd=tmp_path)
    assert ran.returncode == 1
    assert "error" not in ran.stderr.replace("errors", "")


FAKE = """#!{python}
import os, sys, time
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
