"""The shape of the repository: what a newcomer may rely on."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest

from holdfast import rules
from holdfast.engine import config, run as engine
from holdfast.rule import Rule
from holdfast.rules import pages
from tests.programs import ROOT, start

RULES = tuple(map(rules.load, rules.names()))
MODULES = sorted((ROOT / "src/holdfast").rglob("*.py"))
EXAMPLE = re.compile(r"^```python (bad|good)(?: path=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ORDER = (
    "What it does",
    "Why is this bad?",
    "Example",
    "What it reports",
    "What it leaves alone",
    "What it does not see",
    "Fix safety",
    "References",
)
"""The sections that a rule's docstring has. Others are generated."""
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def test_names_and_codes_are_unique_and_fit() -> None:
    every = rules.every()
    assert len({rule.name for rule in every}) == len({rule.code for rule in every}) == len(every)
    for rule in RULES:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", rule.name)
        assert re.fullmatch(r"HF\d{3}", rule.code)
        assert rule.name in rules.names()
        assert rule.level in ("error", "warning", "note")
        assert rule.scope in ("file", "project")
        assert all(word == word.lower() and word.isascii() for word in rule.mentions)
        of_files = [field for field in ("mentions", "whole_words", "uses_project", "anchors", "may_stand") if getattr(rule, field)]
        assert rule.scope == "file" or not of_files, f"{rule.name} is a project rule and chooses its files itself: drop {of_files}"
        assert rule.since <= PYPROJECT["project"]["version"]
        assert not rule.summary.endswith(".")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_page_explains_shows_and_admits(rule: Rule, tmp_path: Path) -> None:
    page = pages.page(rule)
    assert "## What it does not see" in page
    for name, _, text in pages.options(rule):
        assert text, f"the option {name} has no docstring"
    headings = [heading for heading in re.findall(r"^## (.+)$", page, re.MULTILINE) if heading in ORDER]
    assert headings == sorted(headings, key=ORDER.index), f"the sections come in this order: {', '.join(ORDER)}"
    examples = EXAMPLE.findall(page)
    assert {kind for kind, _, _ in examples} == {"bad", "good"}, "a page has an example of each: ```python bad and ```python good"
    projects: dict[tuple[str, str], dict[str, str]] = {}
    for number, (kind, path, code) in enumerate(examples):
        compile(code, path or "example.py", "exec")
        projects.setdefault((kind, "" if path else str(number)), {})[path or "shop/example.py"] = code
    for number, ((kind, _), files) in enumerate(projects.items()):
        root = tmp_path / str(number)
        for path, code in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(code, "utf-8")
        report = engine.run(config.Config(select=(rule.name,)), str(root), [str(root)])
        assert not report.errors
        assert bool(report.findings) == (kind == "bad"), f"{files} {'is not reported' if kind == 'bad' else 'is reported'}"


def test_modules_are_short_and_documented() -> None:
    for path in MODULES:
        text = path.read_text("utf-8")
        tree = ast.parse(text)
        assert ast.get_docstring(tree), path
        docstring = len((ast.get_docstring(tree) or "").split("\n"))
        assert text.count("\n") <= 400, path
        if path.parent.name == "rules" or (path.parent.parent.name == "rules" and path.name == "__init__.py"):
            assert text.count("\n") - docstring <= 150, path
        classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
        for node in [*tree.body, *(inner for owner in classes for inner in owner.body)]:
            if isinstance(node, ast.FunctionDef) and "rules" not in path.parts and not node.name.startswith("_"):
                assert ast.get_docstring(node), f"{path}:{node.lineno} {node.name}"


def test_only_fixes_import_libcst() -> None:
    for path in MODULES:
        imported = re.search(r"^(import|from) libcst", path.read_text("utf-8"), re.MULTILINE)
        of_a_fix = path.name in ("fix.py", "fix_imports.py", "rewrite.py") or (
            path.parent.parent.name == "rules" and path.name != "__init__.py"
        )
        assert not imported or of_a_fix, path


def test_every_hook_is_in_the_readme_and_the_manifest() -> None:
    manifest = (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")
    readme = (ROOT / "README.md").read_text("utf-8")
    for rule in RULES:
        assert f"- id: {rule.name}\n" in manifest
        assert f"`{rule.name}`" in readme
    assert "python -m" not in manifest


def test_the_changelog_knows_the_version() -> None:
    version = PYPROJECT["project"]["version"]
    assert re.search(rf"^## {re.escape(version)}\b", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)


def test_the_core_has_no_dependency() -> None:
    assert PYPROJECT["project"]["dependencies"] == []


def test_no_page_promises_a_missing_file() -> None:
    """Relative links in the documents lead somewhere."""
    for document in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", document.read_text("utf-8")):
            assert (document.parent / target).exists(), f"{document}: {target}"


@pytest.mark.parametrize("flags", [[], ["--scope", "project", "--fix", "unsafe", "--family", "2"]])
def test_new_rule_writes_a_rule_that_passes(flags: list[str], tmp_path: Path) -> None:
    """The skeleton works as it is: its cases hold, its page is complete, ruff is content."""
    copy = tmp_path / "copy"
    listed = start("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT).stdout.split("\0")
    for name in filter(None, listed):
        if (ROOT / name).exists():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes((ROOT / name).read_bytes())
    make = (sys.executable, "tools/new_rule.py", "no-forbidden-call", *flags)
    made = start(*make, cwd=copy, env={"PYTHONPATH": str(copy / "src")})
    assert made.returncode == 0, made.stderr
    assert start(sys.executable, "tools/sync.py", cwd=copy, env={"PYTHONPATH": str(copy / "src")}).returncode == 0
    wanted = ("tests/rules/test_cases.py", "tests/test_shape.py", "-k", "forbidden or page or fit or hook")
    tests = start(sys.executable, "-m", "pytest", "-q", *wanted, cwd=copy, env={"PYTHONPATH": str(copy / "src")})
    assert tests.returncode == 0, tests.stdout
    assert re.search(r"[1-9]\d* passed", tests.stdout)
    for command in (["ruff", "check"], ["ruff", "format", "--check"]):
        checked = start(Path(sys.executable).parent / command[0], *command[1:], "src", "tests", cwd=copy)
        assert checked.returncode == 0, checked.stdout
    again = start(*make, cwd=copy, env={"PYTHONPATH": str(copy / "src")})
    assert (again.returncode, "there is already a rule no-forbidden-call" in again.stderr) == (2, True)


def test_the_configuration_of_a_rule_is_documented() -> None:
    page = (ROOT / "docs/reference/configuration.md").read_text("utf-8")
    for field in config.Config.fields:
        if field not in config.NOT_IN_THE_FILE:
            assert f"`{field.replace('_', '-')}`" in page
