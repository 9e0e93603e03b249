"""Every host, through its real front door, reports the same lines as the cases promise."""

from __future__ import annotations

import json
import re
import shutil
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import django
import pytest

from holdfast import rules
from tests.programs import BIN, ROOT, holdfast, make_checkout, start
from tests.rules import cases

ALL = cases.read_all()
NAMES = rules.names()
Place = tuple[str, int, str]
LINE = re.compile(r"^(?P<path>.+?):(?P<line>\d+):\d+: .* \[(?P<rule>[\w-]+)\]$", re.MULTILINE)


DRIVER = """
import contextlib, io, json, os, sys
from holdfast.commands.main import main
said = []
for folder in sys.argv[2:]:
    os.chdir(folder)
    for format in ("json", "text"):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(["check", "--select", sys.argv[1], "--format", format])
        said.append((code, out.getvalue(), err.getvalue()))
print(json.dumps(said))
"""
"""The command in many folders, one after the other in one process: each case is a root of its own."""


def with_configuration(rule: str) -> list[cases.Case]:
    return [case for case in ALL if case.rule == rule and case.has_configuration]


def plain(rule: str) -> list[cases.Case]:
    return [case for case in ALL if case.rule == rule and not case.has_configuration]


def promised(some: list[cases.Case]) -> Counter[Place]:
    """The findings that cases promise, in a folder that holds a folder for each of them."""
    return Counter((f"{case.slug}/{path}", line, rule) for case in some for path, line, rule in case.promised())


def in_lines(text: str) -> Counter[Place]:
    """The findings in text output."""
    return Counter((match["path"], int(match["line"]), match["rule"]) for match in LINE.finditer(text))


def in_json(text: str) -> Counter[Place]:
    return Counter((found["path"], found["line"], found["rule"]) for found in json.loads(text)["findings"])


def files_of(some: list[cases.Case]) -> int:
    return sum(block.path.endswith(".py") for case in some for block in case.blocks)


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """For each rule one folder, with a folder for each of its cases that needs no configuration."""
    made: dict[str, Path] = {}
    for rule in NAMES:
        made[rule] = tmp_path_factory.mktemp(rule)
        for case in plain(rule):
            case.write(made[rule] / case.slug)
    return made


@pytest.mark.parametrize("rule", NAMES)
def test_the_command_reports_what_the_cases_promise(rule: str, trees: dict[str, Path], tmp_path: Path) -> None:
    some = [*plain(rule), *with_configuration(rule)]
    for case in with_configuration(rule):
        case.write(tmp_path / case.slug)
    folders = [(tmp_path if case.has_configuration else trees[rule]) / case.slug for case in some]
    ran = start(sys.executable, "-P", "-c", DRIVER, rule, *folders, cwd=tmp_path, env={"HOLDFAST_CACHE_DIR": ""})
    assert ran.returncode == 0, ran.stderr
    assert cases.CANARY not in ran.stdout + ran.stderr
    said = iter(json.loads(ran.stdout))
    for case in some:
        for read in (in_json, in_lines):
            code, out, err = next(said)
            assert code == (1 if case.promised() else 0), f"{case.id}: {out}{err}"
            assert read(out) == Counter(case.promised()), cases.difference(case.id, read(out).elements(), case.promised())
            if read is in_json:
                assert json.loads(out)["summary"]["files"] == files_of([case]), f"{case.id}: not every file was checked"


def bandit(folder: Path, rule: str, *options: str | Path) -> tuple[Counter[Place], dict[str, object], str]:
    """bandit's findings of a rule, its metrics, and all it wrote."""
    ran = start(BIN / "bandit", "-q", "-r", ".", "-f", "json", "-t", rules.load(rule).code, *options, cwd=folder)
    assert ran.returncode == 1, ran.stderr
    assert "internal error" not in ran.stderr
    document = json.loads(ran.stdout)
    assert not document["errors"]
    places = Counter((found["filename"].removeprefix("./"), found["line_number"], rule) for found in document["results"])
    return places, document["metrics"], ran.stdout + ran.stderr


@pytest.mark.parametrize("rule", [name for name in NAMES if "bandit" in rules.load(name).hosts])
def test_bandit_reports_the_same_lines(rule: str, trees: dict[str, Path], tmp_path: Path) -> None:
    configured = ("-c", tmp_path / "bandit.yaml")
    enabled = {"enabled": True}  # bandit runs a rule that is off by default only then
    (tmp_path / "bandit.yaml").write_text(json.dumps({rule.replace("-", "_"): enabled}), "utf-8")
    places, metrics, written = bandit(trees[rule], rule, *configured)
    wanted = Counter({place: times for place, times in promised(plain(rule)).items() if place[2] == rule})
    assert places == wanted, cases.difference("bandit", places.elements(), wanted.elements())
    assert len(metrics) - 1 == files_of(plain(rule))  # one entry a file, and the totals
    for name in ("txt", "csv", "html", "xml", "yaml"):
        written += start(BIN / "bandit", "-r", ".", "-f", name, "-t", rules.load(rule).code, *configured, cwd=trees[rule]).stdout
    assert cases.CANARY not in written
    for case in with_configuration(rule):
        case.write(tmp_path / case.slug)
        table = next(block.code for block in case.blocks if block.path == "pyproject.toml")
        options = tomllib.loads(table)["tool"]["holdfast"].get("rules", {}).get(rule, {})
        (tmp_path / "bandit.yaml").write_text(json.dumps({rule.replace("-", "_"): enabled | options}), "utf-8")
        places, _, _ = bandit(tmp_path / case.slug, rule, *configured)
        assert places == Counter(case.promised()), cases.difference(case.id, places.elements(), case.promised())


# -- pre-commit and prek, over the cases and the whole of Django at once


@pytest.fixture(scope="module")
def checkout(trees: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with the cases of every rule and the Python files of Django."""
    folder = tmp_path_factory.mktemp("checkout")
    for rule, tree in trees.items():
        shutil.copytree(tree, folder / "cases" / rule)
    (folder / "holdfast.toml").write_text('select = ["all"]\n', "utf-8")
    package = Path(django.__file__).parent
    for path in package.rglob("*.py"):
        target = folder / "django" / path.relative_to(package)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    assert sum(1 for _ in folder.rglob("*.py")) > 800
    make_checkout(folder)
    return folder


def sections(output: str) -> Iterator[tuple[str, str]]:
    """Hook id and output of each hook in what pre-commit or prek printed."""
    parts = re.split(r"^- hook id: ([\w-]+)$", output, flags=re.MULTILINE)
    yield from zip(parts[1::2], parts[2::2], strict=True)


def untracked() -> list[str]:
    """The files of ours that git does not track: try-repo makes its hooks of the tracked ones."""
    listed = start("git", "ls-files", "--others", "--exclude-standard", "src", "tests/rules", cwd=ROOT)
    return listed.stdout.split()


@pytest.mark.parametrize("program", ["pre-commit", "prek"])
def test_each_hook_says_what_the_command_says(program: str, checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert not untracked(), f"pre-commit sees tracked files only: git add {' '.join(untracked())}"
    home = str(tmp_path_factory.mktemp("home"))
    ran = start(
        BIN / program, "try-repo", ROOT, "--all-files", "--verbose", cwd=checkout, env={"PRE_COMMIT_HOME": home, "PREK_HOME": home}
    )
    output = "\n".join(line.removeprefix("  ") if program == "prek" else line for line in ran.stdout.split("\n"))
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert cases.CANARY not in ran.stdout + ran.stderr
    hooks = dict(sections(output))
    contracts = {name: hooks.pop(name) for name in ("module-boundaries", "module-boundaries-staged")}
    assert all("no import-linter configuration" in text for text in contracts.values())
    hooks.pop("holdfast-baseline", "")  # there is none in the checkout
    assert "no tool is configured" in hooks.pop("holdfast-ratchet")
    scopes = {"holdfast": ["--scope", "file"], "holdfast-project": ["--scope", "project"]}
    assert set(hooks) == {*NAMES, *scopes}, "the hooks in .pre-commit-hooks.yaml are not the rules: run `make sync` and `git add`"
    total = sum(1 for _ in checkout.rglob("*.py"))
    for name, text in hooks.items():
        command = holdfast("check", *scopes.get(name, ["--select", name]), cwd=checkout)
        assert in_lines(text) == in_lines(command.stdout), cases.difference(
            name, in_lines(text).elements(), in_lines(command.stdout)
        )
        assert sum(map(int, re.findall(r" in (\d+) files?", text))) == total
        assert in_lines(text) or name in scopes, f"the hook {name} reports nothing"
