"""`holdfast baseline check`: the baseline may only shrink, unless somebody says why. And stale entries after a merge."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.baseline.test_merging import NAME, commit, git, install
from tests.programs import BIN, ROOT, holdfast, make_checkout, start

TWO = "def f():\n    print(1)\n\n\ndef g():\n    print(2)\n"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A checkout with two known findings, on a branch `work` of `main`."""
    (tmp_path / "pyproject.toml").write_text("[tool.holdfast]\n", "utf-8")
    change(tmp_path, TWO)
    make_checkout(tmp_path)
    git(tmp_path, "branch", "-M", "main")
    git(tmp_path, "checkout", "--quiet", "-b", "work")
    return tmp_path


def change(folder: Path, code: str) -> None:
    (folder / "a.py").write_text(code, "utf-8")
    assert holdfast("baseline", "write", "--force", cwd=folder).returncode == 0


def check(folder: Path, *arguments: str) -> tuple[int, list[str], str]:
    ran = holdfast("baseline", "check", *arguments, cwd=folder)
    return ran.returncode, ran.stdout.splitlines(), ran.stderr


def test_it_says_what_was_taken_out_and_added_and_fails_on_growth(shop: Path) -> None:
    assert check(shop) == (0, [f"{NAME}: -0 +0"], "")
    change(shop, TWO.replace("    print(2)\n", "    print(3)\n    print(3)\n"))
    lines = [
        f"{NAME}: -1 +2",
        "- no-print in a.py (g): print(2)",
        "+ no-print in a.py (g): print(3)",
        "+ no-print in a.py (g): print(3)",
    ]
    code, said, why = check(shop)
    assert (code, said) == (1, lines)
    assert "accepts 2 findings more than at HEAD: fix them, or say why with --allow-growth REASON or a line" in why
    assert check(shop, "--allow-growth", "the import is urgent")[::2] == (
        0,
        "holdfast: the growth is allowed: the import is urgent\n",
    )
    commit(shop)
    assert check(shop)[0] == 0
    assert check(shop, "--against", "main")[:2] == (1, lines)
    git(shop, "commit", "--quiet", "--allow-empty", "--message", "Import\n\nBaseline-growth: the import is urgent\n")
    assert check(shop, "--against", "main")[::2] == (0, "holdfast: the growth is allowed: the import is urgent\n")
    git(shop, "checkout", "--quiet", "main")
    change(shop, "")
    commit(shop)
    git(shop, "checkout", "--quiet", "work")
    assert check(shop, "--against", "main")[1] == lines, "compared with the merge base"


def test_renames_are_no_growth_and_a_lowered_limit_is_less(shop: Path) -> None:
    git(shop, "mv", "a.py", "b.py")
    assert holdfast("baseline", "prune", cwd=shop).returncode == 0
    assert check(shop) == (0, [f"{NAME}: -0 +0, 2 moved"], "")
    limit = {"rule": "module_shape", "contract": "c", "importer": "shop", "target": "", "name": "lines", "at_most": 50}
    for value, wanted in ((50, "-2 +1"), (40, "-1 +0"), (60, "-0 +1")):
        document = {"version": 1, "entries": [limit | {"at_most": value}]}
        (shop / NAME).write_text(json.dumps(document), "utf-8")
        code, said, _ = check(shop)
        assert (code, said[0]) == (int(not wanted.endswith("+0")), f"{NAME}: {wanted}")
        (shop / NAME).write_text(json.dumps({"version": 1, "entries": [limit]}), "utf-8")
        commit(shop) if value == 50 else None
    assert said[1] == "+ module_shape in shop (lines): raised from 50 to 60"


def test_a_first_baseline_is_no_growth_and_a_wrong_one_is_an_error(shop: Path) -> None:
    git(shop, "mv", NAME, "known.json")
    assert check(shop, "known.json") == (0, ["known.json: a new baseline, 2 findings"], "")
    assert check(shop) == (0, [f"{NAME}: -2 +0", "- no-print in a.py (f): print(1)", "- no-print in a.py (g): print(2)"], "")
    (shop / "known.json").write_text("<<<<<<< ours\n", "utf-8")
    code, _, why = check(shop, "known.json")
    assert (code, "known.json:1: contains conflict markers: keep the entries of both sides" in why) == (2, True)
    code, _, why = check(shop, "--against", "no-such")
    assert (code, "--against no-such: git does not know this commit" in why) == (2, True)


def test_the_hook_runs_if_only_the_baseline_is_staged(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    text = (shop / NAME).read_text("utf-8")
    (shop / NAME).write_text(
        text.replace("print(1)", "print(0)").replace('"f"', '"h"').replace('"line"', '"times": 2, "line"'), "utf-8"
    )
    git(shop, "add", "--all")
    ran = start(
        BIN / "pre-commit",
        *("try-repo", ROOT, "holdfast-baseline"),
        cwd=shop,
        env={"PRE_COMMIT_HOME": str(tmp_path_factory.mktemp("home"))},
    )
    assert (ran.returncode, f"{NAME}: -0 +2, 1 moved" in ran.stdout) == (1, True), ran.stdout + ran.stderr
    change(shop, "")
    git(shop, "add", "--all")
    (shop / NAME).write_text(text, "utf-8")
    git(shop, "add", "--all")
    ran = start(
        BIN / "pre-commit",
        *("try-repo", ROOT, "holdfast-baseline-prune", "--hook-stage", "manual"),
        cwd=shop,
        env={"PRE_COMMIT_HOME": str(tmp_path_factory.mktemp("home"))},
    )
    assert (ran.returncode, "git add .holdfast-baseline.json" in ran.stdout) == (1, True), ran.stdout + ran.stderr
    assert json.loads((shop / NAME).read_text("utf-8"))["entries"] == []


# -- stale entries after a merge


def stale(folder: Path, *arguments: str) -> tuple[int, int]:
    """The exit code of a check, and how many stale entries it reports."""
    ran = holdfast("check", *arguments, cwd=folder)
    return ran.returncode, ran.stdout.count("[stale-baseline]")


def test_an_improvement_does_not_make_a_merge_fail(shop: Path) -> None:
    """Each branch fixes one of three equal findings. Without the driver, git merges their equal lines to one too many."""
    code = "def f(x):\n" + "".join(f"    x.step({number})\n    print(x)\n" for number in range(3))
    code += "\n\ndef g(x):\n    print(x)\n"
    change(shop, code)
    commit(shop)
    for number in (0, 2):
        git(shop, "checkout", "--quiet", "-b", f"fix{number}", "work")
        (shop / "a.py").write_text(code.replace(f"    x.step({number})\n    print(x)\n", f"    x.step({number})\n"), "utf-8")
        assert holdfast("baseline", "prune", cwd=shop).returncode == 0
        commit(shop)
    git(shop, "merge", "--quiet", "--no-edit", "fix0")
    assert stale(shop) == (0, 1), "a note"
    assert stale(shop, "--stale", "finding") == (1, 1)
    (shop / "b.py").write_text("x = 1\n", "utf-8")
    git(shop, "add", "--all")
    assert stale(shop) == (1, 1), "the hook, before the next commit"
    assert stale(shop, "--stale", "note") == (0, 1)
    git(shop, "reset", "--quiet", "--hard", "HEAD~1")
    install(shop)
    (shop / "a.py").write_text((shop / "a.py").read_text("utf-8").replace("def g(x):\n    print(x)\n", ""), "utf-8")
    assert holdfast("baseline", "prune", cwd=shop).returncode == 0
    commit(shop)  # git asks the driver only if the versions of the two branches differ
    git(shop, "merge", "--quiet", "--no-edit", "fix0")
    assert stale(shop, "--stale", "finding") == (0, 0), "with the driver there is nothing to say"


def test_the_driver_is_installed_after_asking_and_only_once(shop: Path) -> None:
    (shop / ".gitattributes").write_text("*.bin binary", "utf-8")
    ran = holdfast("baseline", "install-driver", cwd=shop)
    assert (ran.returncode, "cannot ask for confirmation without a terminal: use --yes" in ran.stderr) == (1, True)
    assert (shop / ".gitattributes").read_text("utf-8") == "*.bin binary"
    install(shop)
    install(shop)
    assert (shop / ".gitattributes").read_text("utf-8") == f"*.bin binary\n{NAME} merge=holdfast-baseline\n"
    assert git(shop, "config", "merge.holdfast-baseline.driver").endswith("baseline merge-driver %O %A %B %P\n")


def test_the_driver_leaves_a_version_that_it_cannot_read_to_the_user(shop: Path) -> None:
    for name, text in (("o", ""), ("a", (shop / NAME).read_text("utf-8")), ("b", "<<<<<<< x\n")):
        (shop / name).write_text(text, "utf-8")
    ran = holdfast("baseline", "merge-driver", "o", "a", "b", "ci/known.json", cwd=shop)
    assert (ran.returncode, "ci/known.json:1: contains conflict markers" in ran.stderr) == (2, True), ran.stderr
    assert (shop / "a").read_text("utf-8") == (shop / NAME).read_text("utf-8")
    assert holdfast("baseline", "merge-driver", "o", "a", "o", cwd=shop).returncode == 0
    assert (shop / "a").read_text("utf-8") == (shop / NAME).read_text("utf-8")


# -- renamed functions and moved modules


def test_a_renamed_function_keeps_its_entries(shop: Path) -> None:
    code = "class A:\n    def f(self):\n        print(1)\n        print(2)\n\n    def g(self):\n        print(1)\n"
    change(shop, code)
    assert stale(shop) == (0, 0)
    for old, new in (("A", "B"), ("f", "h")):
        (shop / "a.py").write_text(code.replace(f"class {old}:", f"class {new}:").replace(f"def {old}(", f"def {new}("), "utf-8")
        ran = holdfast("check", cwd=shop)
        assert (ran.returncode, ran.stdout) == (0, "")
    (shop / "a.py").write_text(code.replace("def f(", "def h(").replace("print(2)", "print(3)"), "utf-8")
    ran = holdfast("check", cwd=shop)
    assert (ran.returncode, ran.stdout.count("[no-print]"), ran.stdout.count("[stale-baseline]")) == (1, 1, 1)
    assert holdfast("baseline", "prune", cwd=shop).returncode == 0
    assert [entry["symbol"] for entry in json.loads((shop / NAME).read_text("utf-8"))["entries"]] == ["A.g", "A.h"]


def test_a_function_that_is_still_there_was_not_renamed(shop: Path) -> None:
    for code in (
        TWO.replace("    print(1)\n", "    return 1\n") + "\n\ndef h():\n    print(1)\n",  # moved to a new function
        TWO.replace("def f():\n    print(1)\n", "").replace(
            "    print(2)\n", "    print(2)\n    print(1)\n"
        ),  # to one with entries
    ):
        (shop / "a.py").write_text(code, "utf-8")
        ran = holdfast("check", cwd=shop)
        assert (ran.returncode, ran.stdout.count("[no-print]"), ran.stdout.count("[stale-baseline]")) == (1, 1, 1)


def test_a_moved_module_keeps_its_entries_of_contracts(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.importlinter]\nroot_package = "shop"\n'
        'contract_types = ["boundaries: holdfast.hosts.import_linter.BoundariesContract"]\n'
        '[[tool.importlinter.contracts]]\nid = "c"\nname = "C"\ntype = "boundaries"\nmodules = ["shop.*"]\n',
        "utf-8",
    )
    for name, code in {
        "shop/__init__.py": "",
        "shop/a/__init__.py": "",
        "shop/b/__init__.py": "",
        "shop/a/views.py": "from shop.b.models import User\n",
        "shop/b/models.py": "User = 1\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(code, "utf-8")
    assert "accepted 1 finding (boundaries 1)" in holdfast("baseline", "write", cwd=tmp_path).stderr
    (tmp_path / "shop/a/views.py").rename(tmp_path / "shop/a/pages.py")
    ran = holdfast("contracts", cwd=tmp_path)
    assert (ran.returncode, "1 known (baseline)" in ran.stderr) == (0, True), ran.stdout
    (tmp_path / "shop/b/models.py").rename(tmp_path / "shop/b/tables.py")
    (tmp_path / "shop/a/pages.py").write_text("from shop.b.tables import User\n", "utf-8")
    assert holdfast("contracts", cwd=tmp_path).returncode == 1, "both names changed"
    (tmp_path / "shop/a/pages.py").rename(tmp_path / "shop/a/views.py")
    assert holdfast("contracts", cwd=tmp_path).returncode == 0
    assert "git add .holdfast-baseline.json" in holdfast("baseline", "prune", cwd=tmp_path).stderr
    (entry,) = json.loads((tmp_path / NAME).read_text("utf-8"))["entries"]
    assert (entry["importer"], entry["target"]) == ("shop.a.views", "shop.b.tables")


# -- dead entries, and the sources together


def test_dead_entries_are_listed_and_removed_on_demand(shop: Path) -> None:
    entries = json.loads((shop / NAME).read_text("utf-8"))["entries"]
    place = {"path": "a.py", "symbol": "", "statement": "1" * 32}
    dead = [entries[0] | {"path": "old/x.py"}, {"rule": "ruff:BLE001", **place}, {"rule": "auth-on-route", **place}]
    (shop / NAME).write_text(json.dumps({"version": 1, "entries": [*entries, *dead]}), "utf-8")
    (shop / "old").mkdir()
    (shop / "old/x.py").write_text("x = 1\n", "utf-8")
    (shop / "pyproject.toml").write_text('[tool.holdfast]\nexclude = ["old"]\n', "utf-8")
    said = holdfast("baseline", "status", cwd=shop).stdout.splitlines()
    assert said[-4:] == [
        "dead: no-print in old/x.py (f): the file is excluded",
        "dead: ruff:BLE001 in a.py: ruff is not configured in [tool.holdfast.tools]",
        "dead: auth-on-route in a.py: the rule is not selected",
        "`holdfast baseline prune --dead` removes the dead entries",
    ]
    assert "removed 0 findings" in holdfast("baseline", "prune", cwd=shop).stderr
    ran = holdfast("baseline", "prune", "--dead", cwd=shop)
    assert "removed 3 findings" in ran.stderr
    assert ran.stderr.endswith("; stage the baseline: git add .holdfast-baseline.json\n")
    assert json.loads((shop / NAME).read_text("utf-8"))["entries"] == entries
    assert holdfast("baseline", "prune", "--dead", "a.py", cwd=shop).returncode == 2
    assert "dead" not in holdfast("baseline", "status", "--select", "auth-on-route", cwd=shop).stdout


def test_rules_tools_and_contracts_go_into_the_baseline_together(tmp_path: Path) -> None:
    config = '[tool.holdfast.tools.ruff]\nargs = ["--select", "BLE001"]\n[tool.importlinter]\nroot_package = "shop"\n'
    config += 'contract_types = ["boundaries: holdfast.hosts.import_linter.BoundariesContract"]\n'
    config += '[[tool.importlinter.contracts]]\nid = "{id}"\nname = "C"\ntype = "boundaries"\nmodules = ["shop.*"]\n'
    (tmp_path / "pyproject.toml").write_text(config.format(id="c"), "utf-8")
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/__init__.py").write_text("", "utf-8")
    (tmp_path / "shop/a.py").write_text("from shop.b import x\n", "utf-8")
    (tmp_path / "shop/b.py").write_text("x = 1\ntry:\n    print(x)\nexcept Exception:\n    pass\n", "utf-8")
    said = holdfast("baseline", "write", cwd=tmp_path).stderr
    assert "accepted 3 findings (boundaries 1, no-print 1, ruff:BLE001 1)" in said
    (tmp_path / "shop/b.py").write_text("x = 1\n", "utf-8")
    assert "removed 1 finding;" in holdfast("baseline", "prune", "--only", "tools", cwd=tmp_path).stderr
    assert "removed 1 finding;" in holdfast("baseline", "prune", "--only", "rules", "--only", "contracts", cwd=tmp_path).stderr
    (tmp_path / "pyproject.toml").write_text(config.format(id="d"), "utf-8")
    said = holdfast("baseline", "status", cwd=tmp_path).stdout
    assert "dead: boundaries in shop.a, which imports shop.b: there is no contract with the id c\n" in said
    (tmp_path / "shop/a.py").write_text("", "utf-8")
    assert "removed 1 finding;" in holdfast("baseline", "prune", "--dead", cwd=tmp_path).stderr
