"""`holdfast init`, through the console script, over repositories as they are found."""

from __future__ import annotations

import difflib
import json
import os
import sys
import tomllib
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from holdfast.adoption import detect
from holdfast.code.discovery import matches
from tests.programs import BIN, ROOT, holdfast, make_checkout, start

CONFIG = ".pre-commit-config.yaml"
BASELINE = ".holdfast-baseline.json"
OURS = {"repo": "https://github.com/holdfast-checks/holdfast", "rev": "v0.1.0", "hooks": [{"id": "holdfast"}]}
VIOLATION = "import hmac\n\n\ndef ok(otp, key, body):\n    return otp == hmac.new(key, body, 'sha256').hexdigest()\n"


def make(folder: Path, **files: str) -> None:
    """A checkout; a name's `__` is `/` and its `_dot_` is `.`."""
    for name, text in {"shop__views_dot_py": "x = 1\n", **files}.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    make_checkout(folder)


def snapshot(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def added(before: str, after: str) -> list[str]:
    """The lines that are new; none of the old ones is gone or different."""
    old, new = (text.splitlines(keepends=True) for text in (before, after))
    changes = [line for line in difflib.ndiff(old, new) if not line.startswith("  ")]
    assert all(line.startswith("+ ") for line in changes), changes
    return [line[2:] for line in changes]


def test_from_nothing(tmp_path: Path) -> None:
    make(tmp_path, shop__prints_dot_py="print('x')\n")
    before = snapshot(tmp_path)
    shown = holdfast("init", "--diff", cwd=tmp_path)
    assert (shown.returncode, snapshot(tmp_path)) == (1, before)
    assert "+      - id: holdfast\n" in shown.stdout
    asked = holdfast("init", cwd=tmp_path)
    assert (asked.returncode, snapshot(tmp_path)) == (1, before)
    assert asked.stdout == shown.stdout
    assert "cannot ask for confirmation without a terminal: use --yes" in asked.stderr
    ran = holdfast("init", "--yes", cwd=tmp_path / "shop")
    assert ran.returncode == 0, ran.stderr
    assert YAML(typ="safe").load((tmp_path / CONFIG).read_text("utf-8")) == {"repos": [OURS]}
    table = tomllib.loads((tmp_path / "holdfast.toml").read_text("utf-8"))
    assert table == {"select": ["constant-time-compare", "no-print"]}
    assert [entry["rule"] for entry in json.loads((tmp_path / BASELINE).read_text("utf-8"))["entries"]] == ["no-print"]
    assert "the baseline accepts 1 existing finding (no-print 1); the number may only decrease" in ran.stderr
    assert holdfast("check", cwd=tmp_path).returncode == 0
    after = snapshot(tmp_path)
    (tmp_path / "shop" / "more.py").write_text("print('y')\n", "utf-8")
    again = holdfast("init", "--yes", cwd=tmp_path)
    assert (again.returncode, again.stdout, snapshot(tmp_path)) == (0, "", after)
    assert "everything is set up already" in again.stderr
    assert holdfast("check", cwd=tmp_path).returncode == 1  # what is new is not adopted by another init


@pytest.mark.skipif(os.name == "nt", reason="a terminal of its own kind")
@pytest.mark.parametrize(("answer", "code"), [(b"y\n", 0), (b"n\n", 1), (b"\n", 1), (b"\x04", 1)])
def test_a_person_is_asked(answer: bytes, code: int, tmp_path: Path) -> None:
    make(tmp_path)
    talk = (
        "import os, pty, sys\n"
        "asked = []\n"
        "def read(fd):\n"
        "    data = os.read(fd, 1024)\n"
        "    if b'[y/N]' in data and not asked:\n"
        "        asked.append(os.write(fd, bytes.fromhex(sys.argv[2])))\n"
        "    return data\n"
        "sys.exit(os.waitstatus_to_exitcode(pty.spawn([sys.argv[1], 'init'], read)))\n"
    )
    ran = start(sys.executable, "-c", talk, BIN / "holdfast", answer.hex(), cwd=tmp_path)
    assert "Write these changes? [y/N]" in ran.stdout
    assert (ran.returncode, (tmp_path / CONFIG).exists()) == (code, code == 0)


def test_a_web_framework_gets_the_hook_about_the_project(tmp_path: Path) -> None:
    make(tmp_path, shop__app_dot_py="from fastapi import FastAPI\n\napp = FastAPI()\n")
    ran = holdfast("init", "--yes", cwd=tmp_path)
    assert "found FastAPI" in ran.stderr
    hooks = YAML(typ="safe").load((tmp_path / CONFIG).read_text("utf-8"))["repos"][0]["hooks"]
    assert hooks == [{"id": "holdfast"}, {"id": "holdfast-project"}]
    select = tomllib.loads((tmp_path / "holdfast.toml").read_text("utf-8"))["select"]
    assert "ratelimit-on-auth" in select
    assert select == sorted(select)


# -- other people's files

HOUSES = {
    "two spaces": """\
# checks
repos:
  - repo: https://example.invalid/a
    rev: '1.10'  # pinned
    hooks:
      - id: a
""",
    "no indent": """\
repos:
- repo: https://example.invalid/a
  rev: "23.1"
  hooks:
  - id: a
    args: [--x, 'y',
      z]  # tail
""",
    "four, document start": """\
---

repos:
-   repo: local
    hooks:
    -   id: a
        name: a
        entry: a
        language: system
""",
    "keys behind": """\
repos:
  - repo: local
    hooks:
      - id: a
        # why
      # - id: b

# the service
ci:
  skip: [a]
""",
    "keys close behind": """\
repos:
  - repo: a
    rev: v1
    hooks:
      - id: a
      # - id: b
  # - repo: c
# the service
ci:
  skip: [a]
""",
    "blank lines between": """\
repos:
  - repo: a
    rev: v1
    hooks:
      - id: a

  - repo: b
    rev: v1
    hooks: [{id: b}]

# end
""",
    "anchors": """\
x: &x
  stages: [manual]
repos:
  - &r
    repo: a
    rev: v1
    hooks:
      - &h
        <<: *x
        id: a
      - *h
  - *r
""",
    "block of text": """\
repos:
- repo: a
  rev: v1
  hooks:
  - id: a
    exclude: |
        (?x)^(
          a
        )$


""",
    "no newline at the end": "repos:\n- repo: a\n  rev: v1\n  hooks:\n  - id: a",
    "in CRLF": "repos:\r\n- repo: a\r\n  rev: v1\r\n  hooks:\r\n  - id: a\r\n# end\r\n",
    "one repo in braces": "repos:\n  - {repo: a, rev: v1, hooks: [{id: a}]}  # short\n",
    "only defaults": "minimum_pre_commit_version: 3.2.0\n# nothing yet\n",
    "no repos": "exclude: ^docs/\nrepos:\nfail_fast: true\n",
    "umlauts": """\
# für alle Fälle — “quotes” 🎉
repos:
  - repo: a
    rev: v1
    hooks:
      - id: a
        name: Grüße 🎉
""",
}


@pytest.mark.parametrize("text", HOUSES.values(), ids=HOUSES)
def test_what_was_there_stays_byte_for_byte(text: str, tmp_path: Path) -> None:
    make(tmp_path, **{"_dot_pre-commit-config_dot_yaml": text})
    assert (tmp_path / CONFIG).read_bytes() == text.encode()
    assert holdfast("init", "--yes", cwd=tmp_path).returncode == 0
    after = (tmp_path / CONFIG).read_bytes().decode()
    lines = added(text if text.endswith("\n") else text + "\n", after)
    assert "".join(lines).split() in (
        "- repo: https://github.com/holdfast-checks/holdfast rev: v0.1.0 hooks: - id: holdfast".split(),
        "repos: - repo: https://github.com/holdfast-checks/holdfast rev: v0.1.0 hooks: - id: holdfast".split(),
    )
    yaml = YAML(typ="safe")
    old, new = yaml.load(text), yaml.load(after)
    assert new == {**old, "repos": [*(old.get("repos") or []), OURS]}
    assert after.count("\r\n") in (0, after.count("\n"))
    assert start(BIN / "pre-commit", "validate-config", cwd=tmp_path).returncode == 0 or "repos" not in text
    assert "everything is set up already" in holdfast("init", "--yes", cwd=tmp_path).stderr


@pytest.mark.parametrize(
    "hooks",
    ["      - id: no-print\n        args: [x]  # keep\n      # - id: more\n", "      [id: no-print]\n", "      - {id: no-print}\n"],
)
def test_an_entry_of_ours_gets_only_what_it_lacks(hooks: str, tmp_path: Path) -> None:
    head = "repos:\n  - repo: https://github.com/Holdfast-checks/holdfast.git\n    rev: v0.0.9\n    hooks:\n"
    text = f"{head}{hooks}  - repo: b\n    rev: v1\n    hooks: [{{id: b}}]\n"
    make(tmp_path, **{"_dot_pre-commit-config_dot_yaml": text})
    assert holdfast("init", "--yes", cwd=tmp_path).returncode == 0
    ours, other = YAML(typ="safe").load((tmp_path / CONFIG).read_text("utf-8"))["repos"]
    assert (ours["rev"], [hook["id"] for hook in ours["hooks"]], other["repo"]) == ("v0.0.9", ["no-print", "holdfast"], "b")
    assert "# keep" not in text or "args: [x]  # keep\n      # - id: more\n      - id: holdfast\n" in (tmp_path / CONFIG).read_text(
        "utf-8"
    )


PROJECTS = {
    "a project": '[project]\nname = "shop"  # ours\nversion = "1"\n',
    "poetry": "[tool.poetry]\nname='x'\n[tool.poetry.dependencies]\npython = '^3.11'\n\n\n[build-system]\nrequires = []",
    "in CRLF": "[project]\r\nname = 'x'\r\n",
}


@pytest.mark.parametrize("text", PROJECTS.values(), ids=PROJECTS)
def test_the_table_is_appended(text: str, tmp_path: Path) -> None:
    make(tmp_path, pyproject_dot_toml=text)
    assert holdfast("init", "--yes", cwd=tmp_path).returncode == 0
    after = (tmp_path / "pyproject.toml").read_bytes().decode()
    assert after.startswith(text)
    assert tomllib.loads(after)["tool"]["holdfast"]["select"] == ["constant-time-compare", "no-print"]
    assert after.count("\r\n") in (0, after.count("\n"))


def test_whoever_has_a_table_has_chosen(tmp_path: Path) -> None:
    text = "[tool.holdfast]\nselect = ['no-print'] # just this\nexclude = [\n    'vendor/', # theirs\n]\n\n[tool.x]\na=1\n"
    make(tmp_path, pyproject_dot_toml=text, old_dot_py="print 'x'\n", new_dot_py="print('x')\n")
    assert holdfast("init", "--yes", cwd=tmp_path).returncode == 0
    after = (tmp_path / "pyproject.toml").read_text("utf-8")
    assert added(text, after) == ['    "/old.py",\n']
    assert not (tmp_path / BASELINE).exists()


# -- files that no Python parses


def test_what_no_python_parses_is_excluded_and_nothing_else(tmp_path: Path) -> None:
    old = {f"legacy__two__{name}_dot_py": "print 'x'\n" for name in "ab"}
    mixed = {
        "tools__old_dot_py": "print 'x'\n",
        "tools__new_dot_py": "x = 1\n",
        "odd[1]_dot_py": "print 'x'\n",
        "bytes_dot_py": "print\0\n",
    }
    make(tmp_path, **old, **mixed)
    ran = holdfast("init", "--yes", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    excluded = tomllib.loads((tmp_path / "holdfast.toml").read_text("utf-8"))["exclude"]
    assert excluded == ["/bytes.py", "/legacy/", "/odd[[]1].py", "tools/old.py"]
    checked = holdfast("check", "--format", "json", cwd=tmp_path)
    assert (checked.returncode, json.loads(checked.stdout)["summary"]["excluded"]) == (0, 5)


def test_folders_are_named_only_where_all_of_them_is_broken() -> None:
    files = ["a/b/1.py", "a/b/2.py", "a/c/3.py", "4.py", "d/5.py", "e/f/6.py", "e/f/7.py"]
    for broken in (files[:2], files[:3], files[3:4], files[4:5], files[5:], files[1:2], files):
        globs = detect.globs_for(broken, files)
        assert [path for path in files if matches(path, globs)] == broken
    assert detect.globs_for(files[:3], files) == ["/a/"]
    assert detect.globs_for(files[:2], files) == ["a/b/"]
    assert detect.globs_for(files[4:5], files) == ["d/5.py"]


# -- what cannot be done


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("_dot_pre-commit-config_dot_yaml", "repos:\n  - repo: [a\n", f"{CONFIG}:3: is not valid YAML"),
        ("_dot_pre-commit-config_dot_yaml", "repos: []\nrepos: []\n", f"{CONFIG}:2: is not valid YAML: found duplicate key"),
        ("_dot_pre-commit-config_dot_yaml", "- repo: a\n", "is not a configuration of pre-commit"),
        ("_dot_pre-commit-config_dot_yaml", "repos: {a: b}\n", "is not a configuration of pre-commit"),
        ("_dot_pre-commit-config_dot_yaml", "repos: []\nday: 2020-99-99\n", f"{CONFIG}: is not valid YAML: month must be"),
        ("_dot_pre-commit-config_dot_yaml", f"repos: {'[' * 3000}{']' * 3000}\n", f"{CONFIG}: is not valid YAML"),
        ("_dot_pre-commit-config_dot_yaml", '{"repos": []}\n', "`holdfast init` cannot extend this layout"),
        ("_dot_pre-commit-config_dot_yaml", "---\n...\n", "`holdfast init` cannot extend this layout"),
        ("_dot_pre-commit-config_dot_yaml", "repos: &r []\nother: *r\n", "`holdfast init` cannot extend this layout"),
        (
            "_dot_pre-commit-config_dot_yaml",
            f"h: &h [{{id: a}}]\nrepos:\n- repo: {OURS['repo']}\n  rev: v1\n  hooks: *h\n",
            f"{CONFIG}:",
        ),
        (
            "_dot_pre-commit-config_dot_yaml",
            f"repos:\n- repo: {OURS['repo']}\n  rev: v1\n  hooks: 3\n",
            f"{CONFIG}:2: this repository has no hooks",
        ),
        ("pyproject_dot_toml", "tool = 'x'\n", "pyproject.toml: `tool` must be a table"),
        ("pyproject_dot_toml", "tool = {black = {}}\n", "`holdfast init` cannot extend this layout"),
        (
            "_dot_pre-commit-config_dot_yaml",
            "{repos: [{repo: a, rev: b, hooks: [{id: c}]}]}\n",
            "is a list in brackets: write it as a list with dashes",
        ),
        ("pyproject_dot_toml", "[project]\nname = \n", "pyproject.toml:2: is not valid TOML"),
        ("pyproject_dot_toml", "tool = {holdfast = {selekt = []}}\n", 'has no option "selekt"'),
        (
            "shop__newer_dot_py",
            "print(x)\ntype X = int\n" if sys.version_info < (3, 12) else "x = 1 # holdfast: ignore[nope] x\n",
            "shop/newer.py",
        ),
    ],
)
def test_what_cannot_be_added_to_is_left_alone(name: str, text: str, said: str, tmp_path: Path) -> None:
    make(tmp_path, **{name: text})
    before = snapshot(tmp_path)
    ran = holdfast("init", "--yes", cwd=tmp_path)
    assert (ran.returncode, ran.stdout, snapshot(tmp_path)) == (2, "", before)
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("hooks", ["3", "{a: b}", "[a, b]", "[{id: [a]}]"])
def test_entries_of_others_may_be_anything(hooks: str, tmp_path: Path) -> None:
    make(tmp_path, **{"_dot_pre-commit-config_dot_yaml": f"repos:\n  - repo: local\n    hooks: {hooks}\n"})
    ran = holdfast("init", "--yes", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert "everything is set up already" in holdfast("init", "--yes", cwd=tmp_path).stderr


def test_a_repository_without_python_gets_its_hooks(tmp_path: Path) -> None:
    start("git", "init", "--quiet", cwd=tmp_path)
    ran = holdfast("init", "--yes", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    table = tomllib.loads((tmp_path / "holdfast.toml").read_text("utf-8"))
    assert table == {"select": ["constant-time-compare", "no-print"]}
    assert "everything is set up already" in holdfast("init", "--yes", cwd=tmp_path).stderr


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_file_name_that_is_no_text_cannot_be_excluded(tmp_path: Path) -> None:
    make(tmp_path)
    (tmp_path / os.fsdecode(b"caf\xe9.py")).write_text("print 1\n", "utf-8")
    before = snapshot(tmp_path)
    ran = holdfast("init", "--yes", cwd=tmp_path)
    assert (ran.returncode, snapshot(tmp_path)) == (2, before)
    assert "caf\\udce9.py:1: Missing parentheses" in ran.stderr
    assert "TOML" not in ran.stderr


def test_a_folder_without_git_is_no_repository(tmp_path: Path) -> None:
    ran = holdfast("init", "--yes", cwd=tmp_path)
    assert ran.returncode == 2
    assert "is not in a git repository" in ran.stderr
    assert not list(tmp_path.iterdir())


def test_a_missing_library_names_the_extra(tmp_path: Path) -> None:
    make(tmp_path)
    for name in ("ruamel", "tomlkit"):
        (tmp_path / "broken" / name).mkdir(parents=True)
        (tmp_path / "broken" / name / "__init__.py").write_text("raise ImportError\n", "utf-8")
    ran = holdfast("init", cwd=tmp_path, env={"PYTHONPATH": str(tmp_path / "broken")})
    assert ran.returncode == 2
    assert "pip install 'holdfast[init]'" in ran.stderr


def test_what_is_shown_of_hostile_files_is_data(tmp_path: Path) -> None:
    make(tmp_path, **{"_dot_pre-commit-config_dot_yaml": "repos:\n- repo: a\n  rev: v1\n  hooks:\n  - id: a  # \u202e\u009b31m\n"})
    ran = holdfast("init", "--diff", cwd=tmp_path)
    assert ran.returncode in (1, 2)
    assert not {"\u202e", "\u009b", "\x1b"} & set(ran.stdout + ran.stderr)


# -- the hooks that were written, in real pre-commit


def test_the_first_run_is_green_and_the_second_finding_is_blocked(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    hooks = tmp_path_factory.mktemp("hooks")
    for name in filter(None, start("git", "ls-files", "-z", cwd=ROOT).stdout.split("\0")):
        if (
            name.startswith("src/")
            or name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")
            or "contracts" in name
        ):
            (hooks / name).parent.mkdir(parents=True, exist_ok=True)
            (hooks / name).write_bytes((ROOT / name).read_bytes())
    make_checkout(hooks)
    revision = start("git", "rev-parse", "HEAD", cwd=hooks).stdout.strip()
    old = "from flask import Flask\n\napp = Flask('x')\nlimiter = Limiter(app)\n@app.route('/x')\ndef x(): print 'a'\n"  # evidence
    make(tmp_path, shop__old_dot_py=VIOLATION, py2_dot_py=old, app_dot_py="import flask\n\nprint(1)\n")
    ran = holdfast("init", "--yes", "--repo", hooks, "--rev", revision, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    start("git", "add", "--all", cwd=tmp_path)
    home = {"PRE_COMMIT_HOME": str(tmp_path_factory.mktemp("home"))}
    green = start(BIN / "pre-commit", "run", "--all-files", cwd=tmp_path, env=home)
    assert green.returncode == 0, green.stdout + green.stderr
    assert green.stdout.count("Passed") == 2
    assert list(Path(home["PRE_COMMIT_HOME"]).glob("*/*/**/contracts_data/ruff/holdfast.toml"))  # what is shipped is installed
    (tmp_path / "shop" / "more.py").write_text(VIOLATION, "utf-8")
    start("git", "add", "--all", cwd=tmp_path)
    blocked = start(BIN / "pre-commit", "run", cwd=tmp_path, env=home)
    assert blocked.returncode == 1
    assert "shop/more.py:5:12" in blocked.stdout
    (tmp_path / "shop" / "more.py").unlink()
    (tmp_path / "shop" / "old.py").write_text("x = 1\n", "utf-8")
    start("git", "add", "--all", cwd=tmp_path)
    stale = start(BIN / "pre-commit", "run", cwd=tmp_path, env=home)
    assert stale.returncode == 1
    assert "holdfast baseline prune" in stale.stdout
    assert holdfast("baseline", "prune", cwd=tmp_path).returncode == 0
    start("git", "add", "--all", cwd=tmp_path)
    assert start(BIN / "pre-commit", "run", cwd=tmp_path, env=home).returncode == 0
