"""`holdfast contracts` and its hooks: import-linter's answers with Holdfast's manners, for packages that are not installed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET  # its usual name
from collections import Counter
from pathlib import Path

import grimp
import pytest

from holdfast.boundaries import presets
from holdfast.hosts import partial_graph
from tests.hosts.test_import_linter import HEAD, SHOP, contract, expected, found, lint, shop
from tests.programs import BIN, ROOT, holdfast, make_checkout, start

BOUNDARIES = contract("boundaries", 'modules = ["shop.modules.*"]', 'core = ["shop.core"]', 'via = ["events"]')
WRONG = {
    "modules/orders/views.py": "import json\n\nfrom shop.modules.users.models import (\n    User,\n)\n",
    "modules/orders/tasks.py": "from shop.modules.users import events\n",
    "core/jobs.py": "from shop.modules.orders import models\n",
}
STYLES = ("pyproject.toml", "setup.cfg")
PLACE = re.compile(r"^(?P<path>[\w./-]+):(?P<line>\d+):\d+: .* \[(?P<type>[\w:-]+)\]$", re.MULTILINE)


def places(output: str) -> list[tuple[str, int, str]]:
    return [(match["path"], int(match["line"]), match["type"]) for match in PLACE.finditer(output)]


def contracts(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return holdfast("contracts", *arguments, cwd=folder)


def test_the_command_says_what_import_linter_says(tmp_path: Path) -> None:
    folder = shop(tmp_path, WRONG, BOUNDARIES)
    linted, ran = lint(folder), contracts(folder)
    assert (linted.returncode, ran.returncode) == (1, 1)
    assert (
        places(ran.stdout)
        == found(linted.stdout)
        == [
            ("src/shop/core/jobs.py", 1, "boundaries"),
            ("src/shop/modules/orders/views.py", 3, "boundaries"),
        ]
    )
    assert ran.stderr.endswith("(more: `holdfast explain boundaries`)\nholdfast: 0 contracts kept, 1 broken, 2 findings\n")


def test_contracts_that_hold_are_counted(tmp_path: Path) -> None:
    ran = contracts(shop(tmp_path, {}, BOUNDARIES))
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "holdfast: 1 contract kept, 0 broken, 0 findings\n")


def test_import_linters_own_contracts_run_as_well(tmp_path: Path) -> None:
    folder = shop(tmp_path, WRONG, contract("independence", 'modules = ["shop.modules.*"]', name="I"), BOUNDARIES)
    ran = contracts(folder)
    assert ran.returncode == 1
    assert places(ran.stdout)[0] == ("pyproject.toml", 8, "import-linter:independence")
    (own,) = (
        finding
        for finding in json.loads(contracts(folder, "--format", "json").stdout)["findings"]
        if finding["rule"].startswith("import-linter:")
    )
    assert re.fullmatch("[0-9a-f]{32}", own["fingerprint"])
    page, _, section = own["url"].partition("#")
    document = (ROOT / "docs" / page.partition("/docs/")[2]).read_text("utf-8")
    assert section in {
        title.lower().replace("'", "").replace(" ", "-") for title in re.findall("^#+ (.*)$", document, re.MULTILINE)
    }
    assert "shop.modules.orders.views -> shop.modules.users.models (l.3)" in ran.stdout
    only = contracts(folder, "--contract", "c", "--format", "json")
    assert {finding["rule"] for finding in json.loads(only.stdout)["findings"]} == {"boundaries"}


@pytest.mark.parametrize("form", ["json", "sarif", "github", "gitlab", "junit"])
def test_every_format_has_every_finding(form: str, tmp_path: Path) -> None:
    folder = shop(tmp_path, WRONG, contract("independence", 'modules = ["shop.modules.*"]', name="I"), BOUNDARIES)
    ran = contracts(folder, "--format", form)
    assert ran.returncode == 1
    assert ran.stdout.count("must not import shop.modules.users.models") >= 1
    assert "is broken" in ran.stdout
    assert "shop.modules.orders.views -> " not in ran.stdout
    if form == "sarif":
        run = json.loads(ran.stdout)["runs"][0]
        assert [result["ruleId"] for result in run["results"]] == ["import-linter:independence", "HF411", "HF411"]
        listed = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        assert all(listed[result["ruleIndex"]] == result["ruleId"] for result in run["results"] if "ruleIndex" in result)


ERRORS = [
    ("", "no import-linter configuration in setup.cfg, .importlinter, pyproject.toml"),
    ("[tool.importlinter]\n", "contains no configuration of import-linter"),
    (HEAD, "contains no contract: add [[tool.importlinter.contracts]]"),
    ('[tool.importlinter]\nroot_packge = "shop"\n[[tool.importlinter.contracts]]\n', "has no 'root_package'"),
    ("[tool.importlinter\n", "cannot read the configuration of import-linter"),
    (
        HEAD.replace('"shop"', '"shoop"') + f"[[tool.importlinter.contracts]]\n{BOUNDARIES}",
        'with --source-root; did you mean "shop"?',
    ),
    (HEAD + "[[tool.importlinter.contracts]]\n" + BOUNDARIES.replace('"boundaries"', '"boundary"'), 'did you mean "boundaries"?'),
    (HEAD + "[[tool.importlinter.contracts]]\n" + BOUNDARIES.replace("modules.*", "module.*"), "matches no module"),
    (HEAD + "[[tool.importlinter.contracts]]\n" + BOUNDARIES.replace("via", "vias"), "Did you mean 'via'?"),
    (HEAD + "[[tool.importlinter.contracts]]\n" + contract("layers", 'layers = ["shop.nothing"]'), "shop.nothing"),
    (HEAD + "[[tool.importlinter.contracts]]\n" + contract("preset", 'preset = "hexagonl"'), 'did you mean "hexagonal"?'),
    (HEAD + "[[tool.importlinter.contracts]]\n" + contract("preset", 'preset = "modular-monolith"'), "needs `modules`"),
    (
        HEAD.replace("holdfast.hosts", "shop.hosts") + f"[[tool.importlinter.contracts]]\n{BOUNDARIES}",
        "from another package: allow it with --trust-contract-types",
    ),
    (f"{HEAD}[[tool.importlinter.contracts]]\n{BOUNDARIES}".replace('"shop"', "3"), "root_packages must be a list of strings"),
    (
        re.sub("contract_types = .*", "contract_types = 3", HEAD) + f"[[tool.importlinter.contracts]]\n{BOUNDARIES}",
        "contract_types must be a list of strings",
    ),
    (
        re.sub("contract_types = .*", 'contract_types = ["x"]', HEAD) + f"[[tool.importlinter.contracts]]\n{BOUNDARIES}",
        'contract_types must contain "name: module.Class", not "x"',
    ),
    (
        HEAD.replace("external_packages", "external_package") + f"[[tool.importlinter.contracts]]\n{BOUNDARIES}",
        'has no option "include_external_package"; did you mean "include_external_packages"?',
    ),
    (f"{HEAD}[tool.importlinter.contracts]\n{BOUNDARIES}", "the contracts must be a list: write [[tool.importlinter.contracts]]"),
]


@pytest.mark.parametrize(("configuration", "sentence"), ERRORS, ids=[sentence for _, sentence in ERRORS])
def test_what_cannot_be_checked_is_an_error_with_a_cure(configuration: str, sentence: str, tmp_path: Path) -> None:
    folder = shop(tmp_path, WRONG)
    (folder / "pyproject.toml").write_text(configuration, "utf-8")
    ran = contracts(folder)
    assert ran.returncode == 2, ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr
    assert sentence in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not places(ran.stdout)


@pytest.mark.parametrize("name", ["email", "platform", "time"])  # a package, a module and one that is built in
def test_a_package_with_a_name_of_the_standard_library_is_an_error(name: str, tmp_path: Path) -> None:
    folder = shop(tmp_path, WRONG, BOUNDARIES)
    (folder / "src" / "shop").rename(folder / "src" / name)
    config = folder / "pyproject.toml"
    config.write_text(config.read_text("utf-8").replace("shop", name), "utf-8")
    ran = contracts(folder)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert f'the package "{name}" has the name of a module of the standard library' in ran.stderr


@pytest.mark.parametrize("files", [[], ["--files", "src/shop/core/broken.py"]])
def test_a_file_that_does_not_parse_is_an_error_of_the_report(files: list[str], tmp_path: Path) -> None:
    folder = shop(tmp_path, {**WRONG, "core/broken.py": "x = 1\nprint 'two'\n"}, BOUNDARIES)
    ran = contracts(folder, "--format", "json", *files)
    assert ran.returncode == 2
    assert "Traceback" not in ran.stderr
    error = json.loads(ran.stdout)["errors"][0]
    assert (error["path"], error["line"], error["kind"]) == ("src/shop/core/broken.py", 2, "syntax")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
@pytest.mark.parametrize("files", [[], ["--files", "src/shop/core/jobs.py"]])
def test_a_file_name_that_is_no_text_is_an_error(files: list[str], tmp_path: Path) -> None:
    folder = shop(tmp_path, WRONG, BOUNDARIES)
    (folder / "src/shop/core" / os.fsdecode(b"caf\xe9.py")).write_bytes(b"")
    ran = contracts(folder, *files)
    assert ran.returncode == 2
    assert "src/shop/core/caf\\udce9.py: the name is not valid UTF-8" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_hook_may_have_arguments_of_its_own(tmp_path: Path) -> None:
    """pre-commit runs the entry, then `args`, then the names of the files."""
    folder = shop(tmp_path / "backend", WRONG, BOUNDARIES)
    config, names = ("--config", "backend/pyproject.toml"), ("backend/src/shop/core/jobs.py", "backend/src/shop/core/db.py")
    ran = contracts(tmp_path, "--files", *config, *names)
    assert (ran.returncode, ran.stdout) == (1, contracts(tmp_path, *config, "check", "--files", *names).stdout)
    assert places(ran.stdout) == [("backend/src/shop/core/jobs.py", 1, "boundaries")]
    for words in (["chek"], ["init"], ["graph", "shop"], ["init", "shop", "core"], ["check", "shop", "--files"]):
        wrong = contracts(folder, *words)
        assert (wrong.returncode, wrong.stdout) == (2, "")
        assert "holdfast: error: " in wrong.stderr


def test_a_named_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    folder = shop(tmp_path, WRONG, BOUNDARIES)
    ran = contracts(folder, "--files", "src/shop/core/job.py")
    assert ran.returncode == 2
    assert "src/shop/core/job.py: does not exist" in ran.stderr
    whole = contracts(folder, "--files", "src")  # a folder stands for its files
    assert places(whole.stdout) == places(contracts(folder).stdout) != []


@pytest.mark.skipif(os.name == "nt", reason="links ask for a right there")
def test_a_named_file_is_found_through_a_link(tmp_path: Path) -> None:
    folder = shop(tmp_path / "real", WRONG, BOUNDARIES)
    (tmp_path / "link").symlink_to(folder)
    ran = contracts(tmp_path, "--config", "link/pyproject.toml", "--files", "real/src/shop/core/jobs.py")
    assert ran.returncode == 1, ran.stderr
    assert "core modules must not import business modules" in ran.stdout


def test_where_no_package_is_found_none_is_proposed(tmp_path: Path) -> None:
    folder = shop(tmp_path, {}, BOUNDARIES)
    (folder / "src").rename(folder / "sources")
    ran = contracts(folder)
    assert ran.returncode == 2
    assert 'the root package "shop" was not found in' in ran.stderr


def test_other_folders_can_hold_the_package(tmp_path: Path) -> None:
    folder = shop(tmp_path, WRONG, BOUNDARIES)
    (folder / "code").mkdir()
    (folder / "src").rename(folder / "code/here")
    assert "name the folder that contains it with --source-root" in contracts(folder).stderr
    assert contracts(folder, "--source-root", "code/here").returncode == 1


def test_nothing_of_the_project_is_imported(tmp_path: Path) -> None:
    trap = f"open({str(tmp_path / 'imported')!r}, 'w')\n"
    files = {name: trap + code for name, code in {**SHOP, **WRONG, "__init__.py": ""}.items()}
    folder = shop(tmp_path, files, BOUNDARIES)
    (folder / "json.py").write_text(trap, "utf-8")
    assert contracts(folder).returncode == contracts(folder, "graph").returncode + 1 == 1
    assert not (tmp_path / "imported").exists()


FORBIDDEN = contract("third_party", 'importers = ["shop.core"]', 'deny = ["requests"]', name="T")
IGNORING = BOUNDARIES.replace('id = "c"', 'id = "i"') + '\nignore_imports = ["shop.core.jobs -> shop.modules.orders.models"]'


@pytest.mark.parametrize(
    "written", [BOUNDARIES, FORBIDDEN, IGNORING, f"{BOUNDARIES}\n[[tool.importlinter.contracts]]\n{FORBIDDEN}"]
)
def test_named_files_are_judged_as_the_whole_run_judges_them(written: str, tmp_path: Path) -> None:
    files = {**WRONG, "modules/orders/mail.py": "import requests\n", "core/mail.py": "import requests\n"}
    folder = shop(tmp_path, files, written)
    whole = places(contracts(folder).stdout)
    assert whole
    for path in sorted({path.relative_to(folder).as_posix() for path in folder.rglob("*.py")}):
        ran = contracts(folder, "--files", path)
        assert places(ran.stdout) == [place for place in whole if place[0] == path]
        assert ran.returncode == int(bool(places(ran.stdout))), ran.stderr
    assert contracts(folder, "--files").returncode == 0


def test_a_partial_graph_holds_what_the_whole_one_holds() -> None:
    """For each module of a real package, the same imports at the same lines."""
    whole = grimp.build_graph("holdfast", include_external_packages=True, cache_dir=None)
    chosen = sorted(module for module in whole.modules if module.startswith("holdfast."))[::3]
    part = partial_graph.build(["holdfast"], chosen, external=True, exclude_type_checking=False)
    assert {module for module in part.modules if module.startswith("holdfast")} == {
        module for module in whole.modules if module.startswith("holdfast")
    }
    for module in chosen:
        targets = whole.find_modules_directly_imported_by(module)
        assert part.find_modules_directly_imported_by(module) == targets
        for target in targets:
            lines = [graph.get_import_details(importer=module, imported=target) for graph in (whole, part)]
            key = [sorted((line["line_number"], line["line_contents"]) for line in one) for one in lines]
            assert key[0] == key[1]


# -- the baseline


def test_old_violations_are_adopted_with_one_command_and_may_only_shrink(tmp_path: Path) -> None:
    folder = shop(tmp_path, WRONG, BOUNDARIES, contract("independence", 'modules = ["shop.modules.*"]', name="I"))
    views = folder / "src/shop/modules/orders/views.py"
    written = holdfast("baseline", "write", "--contracts", cwd=folder, env={"CI": ""})
    assert written.returncode == 0, written.stderr
    assert "accepted 2 findings (boundaries 2)" in written.stderr
    kept = (folder / ".holdfast-baseline.json").read_text("utf-8")
    line = '"contract": "c", "importer": "shop.modules.orders.views", "target": "shop.modules.users.models"'
    assert sum(line in row for row in kept.splitlines()) == 1
    held = contracts(folder, "--contract", "c")
    assert (held.returncode, held.stderr) == (0, "holdfast: 1 contract kept, 0 broken, 0 findings, 2 known (baseline)\n")
    assert lint(folder, "--contract", "c").returncode == 0

    views.write_text("# moved\n\n\nimport json\n\nfrom shop.modules.users.models import User\n", "utf-8")
    assert contracts(folder, "--contract", "c").returncode == 0

    views.write_text("from shop.modules.users import User\n", "utf-8")  # another import, as many as before
    swapped = contracts(folder, "--contract", "c")
    assert swapped.returncode == 1
    assert [place[2] for place in places(swapped.stdout)] == ["stale-baseline", "boundaries"]

    views.write_text("", "utf-8")
    stale = contracts(folder, "--contract", "c")
    assert (stale.returncode, "run `holdfast baseline prune --contracts`" in stale.stdout) == (1, True)
    assert holdfast("baseline", "prune", "--contracts", cwd=folder).returncode == 0
    assert contracts(folder, "--contract", "c").returncode == 0
    assert len((folder / ".holdfast-baseline.json").read_text("utf-8").splitlines()) == len(kept.splitlines()) - 1
    assert holdfast("check", "--select", "no-print", cwd=folder).returncode == 0, "rules leave the contracts' entries alone"


def test_the_configuration_names_another_baseline(tmp_path: Path) -> None:
    folder = shop(tmp_path, WRONG, BOUNDARIES)
    with (folder / "pyproject.toml").open("a", encoding="utf-8") as config:
        config.write('\n[tool.holdfast]\nbaseline = "known.json"\n')
    assert contracts(folder).returncode == 1
    assert holdfast("baseline", "write", "--contracts", cwd=folder).returncode == 0
    assert [path.name for path in folder.glob("*.json")] == ["known.json"]
    assert contracts(folder).returncode == 0
    assert lint(folder).returncode == 0


def test_a_contract_may_have_a_baseline_of_its_own(tmp_path: Path) -> None:
    own = f'{BOUNDARIES}\nbaseline = "own.json"'
    folder = shop(tmp_path, WRONG, own, contract("no_cycles", 'modules = ["shop.modules.*"]', name="I"))
    assert 'the baseline "own.json" does not exist: create it with `holdfast baseline write' in contracts(folder).stderr
    written = holdfast("baseline", "write", "--contracts", cwd=folder, env={"CI": ""})
    assert "own.json now contains 2 findings" in written.stderr, written.stderr
    assert [contracts(folder).returncode, lint(folder).returncode] == [0, 0]
    views = folder / "src/shop/modules/orders/views.py"
    views.write_text("from shop.modules.users import User\n", "utf-8")
    again = holdfast("baseline", "write", "--contracts", cwd=folder, env={"CI": ""})
    assert (again.returncode, "own.json exists and would accept 1 finding more" in again.stderr) == (1, True)
    views.write_text("", "utf-8")
    assert contracts(folder).returncode == 1
    table = holdfast("baseline", "status", "--contracts", cwd=folder).stdout
    assert table.splitlines()[1].split() == ["boundaries", "1", "1", "0"]
    assert "removed 1 finding; own.json now contains 1 finding" in holdfast("baseline", "prune", "--contracts", cwd=folder).stderr
    assert contracts(folder).returncode == 0


def test_one_project_of_several_has_a_baseline_of_its_own(tmp_path: Path) -> None:
    folder = shop(tmp_path / "services" / "shop", WRONG, BOUNDARIES)
    (folder / "src").rename(folder / "sources")
    make_checkout(tmp_path)
    there = ("--source-root", "sources")
    adopted = holdfast("baseline", "write", "--contracts", *there, cwd=folder)
    assert adopted.returncode == 0, adopted.stderr
    assert (folder / ".holdfast-baseline.json").is_file()
    assert contracts(folder, *there).returncode == 0
    assert contracts(tmp_path, "--config", "services/shop/pyproject.toml", *there).returncode == 0
    from_above = holdfast("baseline", "prune", "--contracts", "--root", "services/shop", *there, cwd=tmp_path)
    assert from_above.returncode == 0, from_above.stderr


@pytest.mark.parametrize("more", [["src"], ["--select", "boundaries"], ["--ignore", "no-print"], ["--scope", "file"]])
@pytest.mark.parametrize("instead", ["--tools", "--contracts"])
def test_a_part_of_the_contracts_or_tools_cannot_be_adopted(instead: str, more: list[str], tmp_path: Path) -> None:
    folder = shop(tmp_path, WRONG, BOUNDARIES)
    ran = holdfast("baseline", "write", instead, *more, cwd=folder)
    assert ran.returncode == 2
    assert not (folder / ".holdfast-baseline.json").exists()


def test_four_thousand_old_violations_are_adopted_one_a_line(tmp_path: Path) -> None:
    files = {f"modules/m{number}/__init__.py": "" for number in range(65)}
    for number in range(65):
        others = [other for other in range(65) if other != number]
        files[f"modules/m{number}/code.py"] = "".join(f"import shop.modules.m{other}\n" for other in others)
    folder = shop(tmp_path, files, BOUNDARIES.replace('via = ["events"]', ""))
    assert holdfast("baseline", "write", "--contracts", cwd=folder, env={"CI": ""}).returncode == 0
    rows = (folder / ".holdfast-baseline.json").read_text("utf-8").splitlines()
    assert sum('"importer"' in row for row in rows) == 65 * 64
    assert max(map(len, rows)) < 200
    assert contracts(folder).returncode == 0


# -- the hooks


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout that holds the trees of all presets, each twice: with its configuration in TOML and in INI."""
    made = tmp_path_factory.mktemp("project")
    for name in presets.names():
        for tree in ("kept", "broken"):
            for style in STYLES:
                folder = made / name / tree / style.replace(".", "-")
                shutil.copytree(ROOT / "contracts" / name / tree, folder)
                shutil.copyfile(ROOT / "contracts" / name / style, folder / style)
    return made


@pytest.mark.parametrize("program", ["pre-commit", "prek"])
def test_the_hook_checks_every_preset(program: str, project: Path, tmp_path: Path) -> None:
    """Packages in src that are not installed, and no environment of their own: what is broken is said, what holds passes."""
    hooks = ""
    wanted: dict[str, Path] = {}
    for config in sorted(path for style in STYLES for path in project.rglob(style)):
        name = config.relative_to(project).parent.as_posix().replace("/", "-")
        wanted[name] = config.parent
        hooks += f"      - {{id: module-boundaries, name: {name}, args: [--config, {config.relative_to(project).as_posix()}]}}\n"
    rev = snapshot(tmp_path / "holdfast")
    (project / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: {tmp_path / 'holdfast'}\n    rev: {rev}\n    hooks:\n{hooks}"
    )
    make_checkout(project)
    home = {"PRE_COMMIT_HOME": str(tmp_path / "home"), "PREK_HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin"}
    ran = start(BIN / program, "run", "--all-files", "--verbose", cwd=project, env=home)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    said = re.split(r"^([\w-]+)\.{3,}(Passed|Failed)$", ran.stdout, flags=re.MULTILINE)
    assert said[1::3] == list(wanted)
    for name, status, text in zip(said[1::3], said[2::3], said[3::3], strict=True):
        promised = expected(wanted[name])
        assert status == ("Failed" if promised else "Passed"), text
        assert ("exit code: 1" in text) == bool(promised)
        inner = wanted[name].relative_to(project).as_posix()
        own = [(path.removeprefix(f"{inner}/"), line, kind) for path, line, kind in places(text.replace("\n  ", "\n"))]
        assert Counter(place for place in own if not place[2].startswith("import-linter:")) == promised


def snapshot(folder: Path) -> str:
    """This checkout as it is, as a repository of hooks; returns its revision."""
    listed = start("git", "ls-files", "-z", cwd=ROOT).stdout.split("\0")
    for name in filter(None, listed):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    make_checkout(folder)
    return start("git", "rev-parse", "HEAD", cwd=folder).stdout.strip()


# -- init and graph


def test_init_proposes_what_holds_or_says_what_does_not(tmp_path: Path) -> None:
    folder = shop(tmp_path, WRONG)
    (folder / "pyproject.toml").unlink()
    (folder / "src/shop/modules/stock").mkdir()
    (folder / "src/shop/modules/stock/__init__.py").touch()
    proposed = contracts(folder, "init", "shop")
    assert proposed.returncode == 0
    assert 'modules = ["shop.modules.*"]' in proposed.stdout
    assert '"shop.core"' in proposed.stdout
    assert "3 units in shop.modules, 1 core" in proposed.stderr
    (folder / "pyproject.toml").write_text(proposed.stdout, "utf-8")
    assert len(places(contracts(folder).stdout)) == 2
    assert contracts(folder, "init").returncode == contracts(folder, "check", "shop").returncode == 2


def test_a_drawing_shows_units_and_forbidden_imports(tmp_path: Path) -> None:
    folder = shop(tmp_path, WRONG, BOUNDARIES)
    mermaid = contracts(folder, "graph").stdout
    assert mermaid.startswith("flowchart LR\n")
    assert "-->|1 of 2|" in mermaid
    assert "linkStyle" in mermaid
    dot = contracts(folder, "graph", "--drawing", "dot").stdout
    assert '"shop.modules.orders" -> "shop.modules.users" [label="1 of 2", color=' in dot
    assert contracts(folder, "graph", "--drawing", "svg", "--output", "units.svg").returncode == 0
    picture = ET.parse(folder / "units.svg").getroot()  # our own
    texts = [text.text for text in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert sorted(filter(None, texts)) == ["core", "modules.orders", "modules.users"]
    boxes = [(float(box.get("x", 0)), float(box.get("y", 0))) for box in picture.iter("{http://www.w3.org/2000/svg}rect")]
    assert len(set(boxes)) == 3
    lines = [line for line in picture.iter("{http://www.w3.org/2000/svg}path") if line.get("marker-end") == "url(#forbidden)"]
    assert len(lines) == 2
