"""A monorepo through real pre-commit and prek: a verdict does not depend on what else is staged."""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path

import pytest

from tests.programs import BIN, ROOT, holdfast, make_checkout, start

LOGIN = "from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.post('/login')\ndef login():\n    return authenticate()\n"
MONOREPO = {
    "backend/pyproject.toml": '[tool.holdfast]\nselect = ["no-print", "ratelimit-on-auth"]\n',
    "backend/app/known.py": "print()\n",
    "backend/app/main.py": LOGIN,
    "backend/app/new.py": "print()\n",
    "worker/pyproject.toml": '[tool.holdfast]\nselect = ["no-print"]\n',
    "worker/app/main.py": "print()\n",
    "worker/app/clean.py": "x = 1\n",
}
LINE = re.compile(r"^\s*(?P<path>\S+?):(?P<line>\d+):\d+: .* \[(?P<rule>[\w-]+)\]$", re.MULTILINE)
EXPECTED = {
    ("backend/app/main.py", "7", "ratelimit-on-auth"),
    ("backend/app/new.py", "1", "no-print"),
    ("worker/app/main.py", "1", "no-print"),
}


def lines(output: str) -> set[tuple[str, str, str]]:
    return {(match["path"], match["line"], match["rule"]) for match in LINE.finditer(output)}


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """This checkout as it is, as a repository of hooks, and its revision."""
    folder = tmp_path_factory.mktemp("hooks")
    for name in filter(None, start("git", "ls-files", "-z", cwd=ROOT).stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    make_checkout(folder)
    return folder, start("git", "rev-parse", "HEAD", cwd=folder).stdout.strip()


@pytest.mark.parametrize("program", ["pre-commit", "prek"])
def test_a_hook_says_of_a_file_what_the_whole_run_says(program: str, hooks: tuple[Path, str], tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    repository, revision = hooks
    ids = "[{id: holdfast}, {id: holdfast-project}]"
    config = f"repos:\n  - repo: {repository}\n    rev: {revision}\n    hooks: {ids}\n"
    for name, content in {**MONOREPO, ".pre-commit-config.yaml": config}.items():
        (repo / name).parent.mkdir(parents=True, exist_ok=True)
        (repo / name).write_text(content, "utf-8")
    make_checkout(repo)
    assert holdfast("baseline", "write", "backend/app/known.py", cwd=repo).returncode == 0
    start("git", "add", "--all", cwd=repo)
    home = {"PRE_COMMIT_HOME": str(tmp_path / "home"), "PREK_HOME": str(tmp_path / "home")}

    def run(*arguments: str) -> set[tuple[str, str, str]]:
        ran = start(BIN / program, "run", *arguments, cwd=repo, env=home)
        assert "holdfast: error" not in ran.stdout, ran.stdout + ran.stderr
        assert (ran.returncode == 1) == bool(lines(ran.stdout)), ran.stdout + ran.stderr
        return lines(ran.stdout)

    assert run("--all-files") == EXPECTED
    project = {one for one in EXPECTED if one[2] == "ratelimit-on-auth"}  # this hook looks at every project, whatever is given
    files = sorted(name for name in MONOREPO if name.endswith(".py"))
    assert run("holdfast", "--files", "backend/app/known.py") == set()
    assert run("holdfast-project", "--files", "worker/app/clean.py") == project
    chance = random.Random(program)
    for _ in range(6):
        some = chance.sample(files, chance.randint(1, len(files)))
        assert run("--files", *some) == {one for one in EXPECTED if one[0] in some} | project
    start("git", "commit", "--quiet", "--no-verify", "--message", "all", cwd=repo)
    (repo / "worker/app/clean.py").write_text("print()\n", "utf-8")
    start("git", "add", "--all", cwd=repo)
    assert run() == {("worker/app/clean.py", "1", "no-print")} | project  # a new print in worker alone


@pytest.mark.parametrize("program", ["pre-commit", "prek"])
def test_a_hook_whose_selection_runs_no_rule_fails(program: str, hooks: tuple[Path, str], tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    repository, revision = hooks
    config = f"repos:\n  - repo: {repository}\n    rev: {revision}\n    hooks: [{{id: holdfast-project}}, {{id: no-print}}]\n"
    table = 'ignore = ["no-print"]\n'
    for name, content in {"a.py": "print()\n", "holdfast.toml": table, ".pre-commit-config.yaml": config}.items():
        (repo / name).parent.mkdir(parents=True, exist_ok=True)
        (repo / name).write_text(content, "utf-8")
    make_checkout(repo)
    home = {"PRE_COMMIT_HOME": str(tmp_path / "home"), "PREK_HOME": str(tmp_path / "home")}
    ran = start(BIN / program, "run", "--all-files", cwd=repo, env=home)
    assert ran.returncode == 1
    assert ran.stdout.count("exit code: 2") == 2
    assert "no selected rule checks the whole project" in ran.stdout
    assert "no rule is selected" in ran.stdout
