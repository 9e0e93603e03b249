"""Contracts through import-linter's own command, in packages that are not installed; presets over their trees."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from holdfast import boundaries
from holdfast.boundaries import presets
from tests.programs import BIN, ROOT, start

VIOLATION = re.compile(r"^(?P<path>[\w./-]+):(?P<line>\d+): (?P<message>.*) \[(?P<type>\w+)\]$", re.MULTILINE)
EXPECTED = re.compile(r"#\s*expect:\s*(.*)$")
HEAD = """[tool.importlinter]
root_package = "shop"
include_external_packages = true
contract_types = ["preset: holdfast.hosts.import_linter.PresetContract"]
"""
SHOP = {
    "core/db.py": "",
    "modules/users/__init__.py": "from shop.modules.users.models import User\n\n__all__ = ['User']\n",
    "modules/users/models.py": "class User:\n    pass\n",
    "modules/users/events.py": "class Deleted:\n    pass\n",
    "modules/orders/models.py": "from shop.core import db\n",
}


def lint(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """import-linter's command in a folder whose package lies in src and is not installed."""
    return start(BIN / "lint-imports", "--no-logo", "--no-cache", *arguments, cwd=folder, env={"PYTHONPATH": "src"})


def shop(folder: Path, files: dict[str, str], *contracts: str, head: str = HEAD) -> Path:
    """A package with these modules beside SHOP's, and a configuration with these contracts."""
    for name, code in {**SHOP, **files}.items():
        path = folder / "src/shop" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code, "utf-8")
        inner = path.parent
        while inner != folder / "src":
            (inner / "__init__.py").touch()
            inner = inner.parent
    tables = "".join(f"\n[[tool.importlinter.contracts]]\n{contract}\n" for contract in contracts)
    (folder / "pyproject.toml").write_text(head + tables, "utf-8")
    return folder


def contract(kind: str, *lines: str, name: str = "C") -> str:
    return "\n".join([f'name = "{name}"', f'id = "{name.lower()}"', f'type = "{kind}"', *lines])


def found(output: str) -> list[tuple[str, int, str]]:
    return [(match["path"], int(match["line"]), match["type"]) for match in VIOLATION.finditer(output)]


def expected(tree: Path) -> Counter[tuple[str, int, str]]:
    """The contract types that comments in a tree promise, each a line."""
    places: Counter[tuple[str, int, str]] = Counter()
    for path in sorted(tree.rglob("*.py")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            match = EXPECTED.search(line)
            for kind in match[1].split(",") if match else ():
                places[path.relative_to(tree).as_posix(), number, kind.strip()] += 1
    return places


# -- presets


@pytest.mark.parametrize("style", ["pyproject.toml", "setup.cfg"])
@pytest.mark.parametrize("preset", presets.names())
def test_a_preset_keeps_its_kept_tree_and_breaks_its_broken_one(preset: str, style: str, tmp_path: Path) -> None:
    folder = ROOT / "contracts" / preset
    for kind in ("kept", "broken"):
        tree = tmp_path / kind
        shutil.copytree(folder / kind, tree)
        shutil.copyfile(folder / style, tree / style)
        ran = lint(tree)
        promised = expected(tree)
        assert Counter(found(ran.stdout)) == promised, ran.stdout
        assert bool(promised) == (kind == "broken")
        assert (ran.returncode, "1 broken" in ran.stdout) == ((1, True) if promised else (0, False)), ran.stdout
    broken = {kind for _, _, kind in expected(tmp_path / "broken")}
    known = {entry["type"] for entry in presets.load(preset).contracts} & set(boundaries.NAMES)
    assert known == broken, "the broken tree breaks each contract of the preset"


def test_a_new_business_module_is_covered_by_the_configuration_as_it_is(tmp_path: Path) -> None:
    folder = ROOT / "contracts/modular-monolith"
    shutil.copytree(folder / "kept", tmp_path, dirs_exist_ok=True)
    shutil.copyfile(folder / "pyproject.toml", tmp_path / "pyproject.toml")
    added = tmp_path / "src/shop/modules/shipping"
    added.mkdir()
    (added / "__init__.py").write_text("from shop.modules.orders.models import Order\n", "utf-8")
    path = "src/shop/modules/shipping/__init__.py"
    assert found(lint(tmp_path).stdout) == [(path, 1, "boundaries"), (path, 1, "public_api")]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ('preset = "modular-monolit"', 'there is no preset "modular-monolit"; did you mean "modular-monolith"?'),
        ('preset = "modular-monolith"\ncore = ["shop.core"]', "the preset modular-monolith needs `modules`: the business modules"),
        (
            'preset = "modular-monolith"\nmodul = ["shop.modules.*"]',
            'the preset modular-monolith has no option "modul"; did you mean "modules"?',
        ),
        ("modules = []", "`preset`: This is a required field."),
    ],
)
def test_a_wrong_preset_is_a_broken_contract_with_a_sentence(options: str, sentence: str, tmp_path: Path) -> None:
    kept = contract("boundaries", 'modules = ["shop.modules.*"]', name="Kept")
    ran = lint(shop(tmp_path, {}, contract("preset", options), kept))
    assert (ran.returncode, sentence in ran.stdout, "Kept KEPT" in ran.stdout) == (1, True, True), ran.stdout


# -- what is wrong with a configuration is said, and hides no other contract


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (contract("boundaries"), "the option `modules` is missing."),
        (contract("boundaries", 'modules = ["shop.modles.*"]'), '"shop.modles.*" in `modules` matches no module.'),
        (
            contract("boundaries", 'modules = ["shop.modules.user"]'),
            '"shop.modules.user" in `modules` matches no module; did you mean "shop.modules.users"?',
        ),
        (contract("boundaries", 'modulse = ["shop.modules.*"]'), "`modulse`: Unrecognized option. Did you mean 'modules'?"),
        (
            contract("boundaries", 'modules = ["shop.modules.*"]', 'via = ["event"]'),
            '"event" in `via` is not a sub-module of any unit.',
        ),
        (
            contract("boundaries", 'modules = ["shop.modules.*"]', 'unowned = "errors"'),
            '`unowned` cannot be "errors"; did you mean "error"?',
        ),
        (
            contract("boundaries", 'modules = ["shop.modules.*"]', 'exclude_modules = ["shop.tests"]'),
            '"shop.tests" in `exclude_modules` matches no module',
        ),
        (
            contract("boundaries", 'modules = ["shop.modules.*"]', 'ignore_imports = ["shop.core -> shop.modules"]'),
            "No matches for ignored import shop.core -> shop.modules.",
        ),
        (contract("boundaries", 'modules = ["shop.modules.us*"]'), "a wildcard must be a whole part of a name."),
        (
            contract("public_api", 'modules = ["shop.modules.*"]', 'api = ["apis"]'),
            '"apis" in `api` is not a sub-module of any unit.',
        ),
        (contract("layered", 'layers = ["**.models"]'), "`layers` must have two or more layers, from top to bottom."),
        (
            contract("layered", 'layers = ["**.views", "**.models"]'),
            "the code base has fewer than two of the layers: no module matches `**.views`.",
        ),
        (
            contract("third_party", 'importers = ["shop"]', 'deny = ["stripe"]'),
            'no module imports "stripe" in `deny`: correct it, or write "(stripe)" if this is intended.',
        ),
        (contract("third_party", 'importers = ["shop"]', 'deny = ["google-cloud"]'), "is not a name that can be imported."),
        (
            contract("third_party", 'deny = ["os"]'),
            "`importers` names the modules that `allow` or `deny` applies to: set both or neither",
        ),
        (contract("no_cycles"), "no_cycles needs either `modules` or `ancestor`."),
        (contract("no_cycles", 'modules = ["shop.core"]'), "but a cycle needs two."),
        (contract("references", 'modules = ["shop.modules.*"]', 'kinds = ["djngo"]'), 'did you mean "django"?'),
        (contract("module_shape", 'modules = ["shop"]', 'max_lines = "many"'), "'many' is not an integer."),
        (contract("frozen", 'modules = ["shop.old"]'), '"shop.old" in `modules` matches no module'),
    ],
)
def test_a_wrong_option_is_a_broken_contract_with_a_sentence(text: str, sentence: str, tmp_path: Path) -> None:
    kept = contract("frozen", 'modules = ["shop.modules.orders"]', name="Kept")
    ran = lint(shop(tmp_path, {}, text, kept))
    shown = " ".join(ran.stdout.split())
    assert (ran.returncode, sentence in shown, "Kept KEPT" in shown) == (1, True, True), ran.stdout


def test_external_packages_are_asked_for(tmp_path: Path) -> None:
    head = HEAD.replace("include_external_packages = true\n", "")
    text = contract("third_party", 'importers = ["shop"]', 'deny = ["(stripe)"]')
    assert "set `include_external_packages = true`" in lint(shop(tmp_path, {}, text, head=head)).stdout


# -- what is printed


def test_lines_are_whole_sorted_and_safe(tmp_path: Path) -> None:
    deep = "x" * 90
    late = "import os\n\n\ndef f():\n    # filler\n    pass\n    from shop.modules.users import models\n    return models\n"
    files = {
        f"modules/orders/{deep}.py": "\n" * 99 + "from shop.modules.users.models import User\n",
        "modules/orders/late.py": late,
    }
    ran = lint(shop(tmp_path, files, contract("boundaries", 'modules = ["shop.modules.*"]', 'core = ["shop.core"]')))
    assert found(ran.stdout) == [
        ("src/shop/modules/orders/late.py", 7, "boundaries"),
        (f"src/shop/modules/orders/{deep}.py", 100, "boundaries"),
    ]
    assert "move the shared code to shop.core [boundaries]" in ran.stdout


def test_max_shown_and_guidance(tmp_path: Path) -> None:
    files = {f"modules/orders/m{number}.py": "import shop.modules.users.models\n" for number in range(5)}
    options = ('modules = ["shop.modules.*"]', "max_shown = 2", 'broken_contract_guidance = "Ask the architects."')
    ran = lint(shop(tmp_path, files, contract("boundaries", *options)))
    assert (len(found(ran.stdout)), "... and 3 more" in ran.stdout, "Ask the architects." in ran.stdout) == (2, True, True)


def test_an_exemption_with_a_reason_silences_one_import(tmp_path: Path) -> None:
    code = (
        "from shop.modules.users.models import (  # holdfast: ignore[boundaries] moves in March\n    User,\n)\n"
        "# holdfast: ignore[boundaries]\n"
        "import shop.modules.users.events\n"
        "import shop.modules.users\n"
    )
    ran = lint(shop(tmp_path, {"modules/orders/a.py": code}, contract("boundaries", 'modules = ["shop.modules.*"]')))
    assert found(ran.stdout) == [("src/shop/modules/orders/a.py", 6, "boundaries")]
    assert "src/shop/modules/orders/a.py, line 4: the exemption from boundaries has no reason" in " ".join(ran.stdout.split())


def test_a_type_checking_import_and_one_in_a_function_can_be_left_alone(tmp_path: Path) -> None:
    code = (
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from shop.modules.users import models\n\n\n"
        "def f():\n    from shop.modules.users import events\n"
    )
    options = ('modules = ["shop.modules.*"]',)
    lines = {}
    for name in ("", "exclude_type_checking_imports = true", "ignore_function_level = true"):
        ran = lint(shop(tmp_path, {"modules/orders/a.py": code}, contract("boundaries", *options, name)))
        lines[name] = [line for _, line, _ in found(ran.stdout)]
    assert list(lines.values()) == [[4, 8], [8], [4]]


# -- what the built-in contracts cannot do: each with file and line

WANTED = {
    "modules depend on core only": (
        contract("boundaries", 'modules = ["shop.modules.*"]', 'core = ["shop.core"]'),
        {"modules/orders/a.py": "\nfrom shop.modules.users import models\n"},
        ("src/shop/modules/orders/a.py", 2, "boundaries"),
    ),
    "core depends on no module": (
        contract("boundaries", 'modules = ["shop.modules.*"]', 'core = ["shop.core"]'),
        {"core/a.py": "import shop.modules.users\n"},
        ("src/shop/core/a.py", 1, "boundaries"),
    ),
    "cross-module only via events": (
        contract("boundaries", 'modules = ["shop.modules.*"]', 'via = ["events"]'),
        {"modules/orders/a.py": "import shop.modules.users.events\nimport shop.modules.users.models\n"},
        ("src/shop/modules/orders/a.py", 2, "boundaries"),
    ),
    "explicit public API": (
        contract("public_api", 'modules = ["shop.modules.*"]'),
        {"modules/orders/a.py": "from shop.modules.users import User\nfrom shop.modules.users import Hidden\n"},
        ("src/shop/modules/orders/a.py", 2, "public_api"),
    ),
    "no deep imports": (
        contract("public_api", 'modules = ["shop.modules.*"]'),
        {"modules/orders/a.py": "from shop.modules.users.models import User\n"},
        ("src/shop/modules/orders/a.py", 1, "public_api"),
    ),
    "wildcard imports only from modules with __all__": (
        contract("public_api", 'modules = ["shop.modules.*"]', 'api = ["events"]'),
        {"modules/orders/a.py": "from shop.modules.users import *\nfrom shop.modules.users.events import *\n"},
        ("src/shop/modules/orders/a.py", 2, "public_api"),
    ),
    "closed layers, wherever they lie": (
        contract("layered", 'layers = ["**.views", "**.services", "**.models"]', "closed = true"),
        {"modules/a/services.py": "", "modules/a/views.py": "import shop.modules.a.services\nimport shop.modules.orders.models\n"},
        ("src/shop/modules/a/views.py", 2, "layered"),
    ),
    "routes call no external service, by dotted name": (
        contract("third_party", 'importers = ["shop.modules"]', 'deny = ["google.cloud"]'),
        {"modules/orders/a.py": "import google.auth\nfrom google import auth, cloud\n"},
        ("src/shop/modules/orders/a.py", 2, "third_party"),
    ),
    "every module is covered": (
        contract("boundaries", 'modules = ["shop.modules.users", "shop.modules.orders"]'),
        {"modules/stray.py": ""},
        ("src/shop/modules/stray.py", 1, "boundaries"),
    ),
    "legacy gains no importers": (
        contract("frozen", 'modules = ["shop.modules.users"]'),
        {"modules/orders/a.py": "import shop.modules.users\n"},
        ("src/shop/modules/orders/a.py", 1, "frozen"),
    ),
    "dependencies as strings": (
        contract("references", 'modules = ["shop.modules.*"]'),
        {"modules/orders/a.py": "user = ForeignKey('users.User')\n"},
        ("src/shop/modules/orders/a.py", 1, "references"),
    ),
    "no god files": (
        contract("module_shape", 'modules = ["shop"]', "max_lines = 3"),
        {"modules/orders/a.py": "x = 1\n" * 4},
        ("src/shop/modules/orders/a.py", 1, "module_shape"),
    ),
}


@pytest.mark.parametrize("wanted", WANTED)
def test_what_is_wanted_is_said_with_file_and_line(wanted: str, tmp_path: Path) -> None:
    text, files, place = WANTED[wanted]
    assert found(lint(shop(tmp_path, files, text)).stdout) == [place]


def test_a_file_that_the_graph_never_sees_is_reported(tmp_path: Path) -> None:
    shop(tmp_path, {}, contract("module_shape", 'modules = ["shop"]'))
    (tmp_path / "src/shop/scripts").mkdir()
    (tmp_path / "src/shop/scripts/seed.py").write_text("import shop.core\n", "utf-8")
    assert found(lint(tmp_path).stdout) == [("src/shop/scripts/seed.py", 1, "module_shape")]


def known(folder: Path, *entries: tuple[str, ...], rule: str = "boundaries", more: str = "") -> None:
    """Write a baseline; an entry is importer, target and name."""
    lines = [
        f'{{"rule": "{rule}", "contract": "c", "importer": "{importer}", "target": "{target}", "name": "{name}"{more}}}'
        for importer, target, name in entries
    ]
    (folder / ".holdfast-baseline.json").write_text('{"version": 1, "entries": [\n' + ",\n".join(lines) + "\n]}\n", "utf-8")


def test_the_baseline_knows_imports_by_what_they_import(tmp_path: Path) -> None:
    first = ("shop.modules.orders.a", "shop.modules.users.models", "")
    second = ("shop.modules.orders.a", "shop.modules.users.events", "")
    options = ('modules = ["shop.modules.*"]', 'core = ["shop.core"]')
    code = "import shop.modules.users.models\n"
    shop(tmp_path, {"modules/orders/a.py": code}, contract("boundaries", *options))
    known(tmp_path, first)
    assert lint(tmp_path).returncode == 0
    (tmp_path / "src/shop/modules/orders/a.py").write_text("\n\n" + code, "utf-8")
    assert lint(tmp_path).returncode == 0, "lines may move"
    known(tmp_path, second)
    swapped = lint(tmp_path)
    assert "src/shop/modules/orders/a.py:3: " in swapped.stdout, "a swap at equal count fails"
    assert ".holdfast-baseline.json:2: boundaries in shop.modules.orders.a" in swapped.stdout
    known(tmp_path, first, second)
    stale = lint(tmp_path)
    assert (stale.returncode, "no longer exists; run `holdfast baseline prune --contracts` [stale-baseline]" in stale.stdout) == (
        1,
        True,
    )
    for level, warned in (("warn", True), ("ignore", False)):
        shop(tmp_path, {"modules/orders/a.py": code}, contract("boundaries", *options, f'stale_baseline = "{level}"'))
        ran = lint(tmp_path)
        assert (ran.returncode, "baseline prune --contracts" in " ".join(ran.stdout.split())) == (0, warned)
    shop(tmp_path, {"modules/orders/a.py": code}, contract("boundaries", *options, 'baseline = "other.json"'))
    assert 'the baseline "other.json" does not exist' in lint(tmp_path).stdout


def test_the_baseline_of_cycles_knows_pairs_and_that_of_shapes_limits(tmp_path: Path) -> None:
    files = {"modules/users/a.py": "import shop.modules.orders.a\n", "modules/orders/a.py": "import shop.modules.users.b\n"}
    shop(tmp_path, {**files, "modules/users/b.py": ""}, contract("no_cycles", 'modules = ["shop.modules.*"]'))
    assert [kind for _, _, kind in found(lint(tmp_path).stdout)] == ["no_cycles", "no_cycles"]
    pair = ("shop.modules.orders", "shop.modules.users")
    known(tmp_path, (*pair, ""), (*pair[::-1], ""), rule="no_cycles")
    assert lint(tmp_path).returncode == 0
    shop(tmp_path, {"modules/users/b.py": "x = 1\n" * 9}, contract("module_shape", 'modules = ["shop"]', "max_lines = 5"))
    for limit, code in ((8, 1), (9, 0), (10, 0)):
        known(tmp_path, ("shop.modules.users.b", "", "lines"), rule="module_shape", more=f', "at_most": {limit}')
        assert lint(tmp_path).returncode == code


def test_a_built_in_contract_in_a_preset_is_reported_under_its_own_heading(tmp_path: Path) -> None:
    folder = ROOT / "contracts/feature-slices"
    shutil.copytree(folder / "broken", tmp_path, dirs_exist_ok=True)
    shutil.copyfile(folder / "pyproject.toml", tmp_path / "pyproject.toml")
    shown = lint(tmp_path).stdout
    heading = "What is shared has no cycles\n----------------------------\n"
    assert f"{heading}\nNo cycles are allowed in shop.shared." in shown
