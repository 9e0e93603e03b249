"""The documentation is true: its links lead somewhere, its commands run, its examples are what the rules say they are."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from holdfast import boundaries, rules
from holdfast.boundaries.edges import ancestors
from holdfast.engine import config
from holdfast.rule import Rule
from holdfast.rules import pages
from tests import documents
from tests.programs import ROOT, holdfast

EVERY = documents.every()
TEXTS = {document: document.read_text("utf-8") for document in EVERY}
BLOCKS = [(document, block) for document in EVERY for block in documents.blocks(TEXTS[document])]
RUN = list(dict.fromkeys(document for document, block in BLOCKS if block.is_of_commands and not block.reason))
HOME = "https://github.com/holdfast-checks/holdfast"
SECTIONS = (
    *("What it does", "Why is this bad?", "Example", "What it reports", "What it leaves alone", "What it does not see"),
    *("Fix safety", "Options", "How precise it is", "References"),
)
REQUIRED = {"What it does", "Why is this bad?", "Example", "References"}
PAGES = list(rules.every())
READERS: dict[str, Callable[[str], object]] = {"toml": tomllib.loads, "yaml": YAML(typ="safe").load, "json": json.loads}
IN_FILE = re.compile(r"^```python ?(?P<kind>bad|good|)\n# (?P<path>\S+\.py)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
IMPORT = re.compile(r"^from (\S+) import (\w+)$", re.MULTILINE)


@pytest.fixture(params=EVERY, ids=documents.name)
def document(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


# -- commands


def test_no_command_hides_from_the_next_test() -> None:
    for document, block in BLOCKS:
        place = f"{documents.name(document)}:{block.start}"
        assert not block.reason or block.is_of_commands, f"{place}: a reason not to run a block without commands"
        assert block.is_of_commands or not re.search(r"^\$ ", block.text, re.MULTILINE), f"{place}: mark it as console"
    for document, text in TEXTS.items():
        assert not re.search(r"^ {4}(\$ |make )", text, re.MULTILINE), f"{document}: write commands in a fenced block"


@pytest.mark.parametrize("document", RUN, ids=documents.name)
def test_commands_work_and_show_what_the_document_shows(document: Path, tmp_path: Path) -> None:
    pytest.importorskip("pty", reason="Windows has no pseudo-terminals")
    text, wrong = documents.with_real_output(document, tmp_path)
    assert not wrong, "\n".join(wrong)
    assert text == TEXTS[document], "run `python tools/run_documents.py`"


# -- links and other blocks


def test_links_lead_somewhere(document: Path) -> None:
    for link in documents.links(TEXTS[document]):
        target, _, anchor = link.partition("#")
        if link.startswith(f"{HOME}/blob/main/"):
            path = ROOT / target.removeprefix(f"{HOME}/blob/main/")
        elif re.match(r"https?:|mailto:", link):
            continue
        else:
            path = document.parent / target if target else document
        assert path.exists(), link
        if anchor:
            assert anchor in documents.anchors(path.read_text("utf-8")), link
            assert "--" not in anchor, f"{link}: GitHub and the site make different anchors of this heading"


def test_links_of_the_readme_work_on_pypi() -> None:
    assert [link for link in documents.links(TEXTS[ROOT / "README.md"]) if not link.startswith("https://")] == []


def test_every_page_is_in_the_navigation() -> None:
    settings = YAML(typ="safe").load((ROOT / "mkdocs.yml").read_text("utf-8"))
    named = set(re.findall(r"[\w./-]+\.md", json.dumps(settings["nav"])))
    there = {document.relative_to(ROOT / "docs").as_posix() for document in EVERY if (ROOT / "docs") in document.parents}
    assert there - {path for path in there if path.startswith("rules/")} <= named <= there


@pytest.mark.parametrize("language", READERS)
def test_other_blocks_are_well_formed(language: str) -> None:
    texts = [(document, block.text) for document, block in BLOCKS if block.language == language]
    assert texts
    for document, text in texts:
        try:
            READERS[language](text)
        except Exception as error:
            raise AssertionError(f"{document}: {error}\n{text}") from error


def test_shown_configurations_are_valid(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.holdfast]\n", "utf-8")  # what a configuration extends
    for number, block in enumerate(block for _, block in BLOCKS if block.language == "toml"):
        folder = tmp_path / str(number)
        folder.mkdir()
        name = "pyproject.toml" if "[tool." in block.text else "holdfast.toml"
        (folder / name).write_text(block.text, "utf-8")
        config.read_project(str(folder))


def test_shown_hooks_exist() -> None:
    known = {hook["id"] for hook in YAML(typ="safe").load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
    shown = set()
    for _, block in BLOCKS:
        if block.language == "yaml" and f"repo: {HOME}" in block.text:
            data = YAML(typ="safe").load(block.text)
            repos = data["repos"] if isinstance(data, dict) else data
            shown |= {hook["id"] for repo in repos if repo["repo"] == HOME for hook in repo["hooks"]}
    assert {"constant-time-compare", "holdfast", "module-boundaries"} <= shown <= known


# -- the pages of rules


@pytest.mark.parametrize("rule", PAGES, ids=lambda rule: rule.name)
def test_sections_are_in_order(rule: Rule) -> None:
    text = (ROOT / f"docs/rules/{rule.name}.md").read_text("utf-8")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings == [section for section in SECTIONS if section in headings]
    assert set(headings) >= REQUIRED
    assert ("Fix safety" in headings) == bool(rule.fix_level)
    assert pages.lead(rule).partition(".")[0].lower() != rule.summary.lower()


@pytest.mark.parametrize("rule", boundaries.every(), ids=lambda rule: rule.name)
def test_the_example_of_a_contract_type(rule: Rule, tmp_path: Path) -> None:
    """The contract of the page reports the bad example and passes the good one, each beside the other files of the page."""
    page = pages.page(rule)
    contract = next(block.text for block in documents.blocks(page) if block.language == "toml")
    files = list(IN_FILE.finditer(page))
    assert {"bad", "good"} <= {file["kind"] for file in files}
    for kind in ("bad", "good"):
        folder = tmp_path / kind
        _write_stubs(folder, contract, files)
        for file in files:
            if file["kind"] in ("", kind):
                (folder / file["path"]).write_text(file["code"], "utf-8")
        head = '[tool.importlinter]\nroot_package = "shop"\ninclude_external_packages = true\n'
        head += 'contract_types = ["preset: holdfast.hosts.import_linter.PresetContract"]\n'
        (folder / "pyproject.toml").write_text(f"{head}\n{contract}", "utf-8")
        ran = holdfast("contracts", "--no-cache", cwd=folder)
        assert (ran.returncode, f"[{rule.name}]" in ran.stdout) == ((1, True) if kind == "bad" else (0, False)), ran


def _write_stubs(folder: Path, contract: str, files: list[re.Match[str]]) -> None:
    """Empty modules for all that the files of a page and its contract name."""
    named = {file["path"].removesuffix(".py").removesuffix("/__init__").replace("/", ".") for file in files}
    named |= set(re.findall(r'"(shop[\w.]*)"', contract))
    for file in files:
        for module, name in IMPORT.findall(file["code"]):
            named |= {module, f"{module}.{name}"} if name.islower() else {module}
    ours = {module for module in named if module.startswith("shop")}
    packages = {above for module in ours for above in ancestors(module)[1:]}
    for module in ours | packages:
        path = folder / (module.replace(".", "/") + ("/__init__.py" if module in packages else ".py"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
