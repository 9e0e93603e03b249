"""The baseline: what is known stays known, what is new is never taken for it, and it only shrinks."""

from __future__ import annotations

import json
import shutil
import sys
from collections import Counter
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings, strategies as st

from holdfast import rules
from holdfast.baseline import file as baseline_file
from holdfast.baseline.document import from_text, to_text
from holdfast.baseline.entries import Entry, entry_of, merged
from holdfast.baseline.matching import Matched, match
from holdfast.code.source import Source
from holdfast.engine import checks
from holdfast.rule import CheckError, Finding
from tests.programs import BIN, ROOT, holdfast, make_checkout, start
from tests.rules import cases

NAME = ".holdfast-baseline.json"
NO_PRINT = rules.load("no-print")
SHOP = "def sell(item):\n    print(item)\n    return item\n\n\ndef refund(item):\n    print(item, 1)\n    print(item, 1)\n"


def write(folder: Path, **files: str) -> None:
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_py", ".py").replace("_toml", ".toml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")


def adopt(folder: Path, *arguments: str) -> str:
    ran = holdfast("baseline", "write", *arguments, cwd=folder)
    assert ran.returncode == 0, ran.stderr
    return ran.stderr


def check(folder: Path, *arguments: str) -> list[str]:
    """Place and rule of each new finding; and that the exit code says whether there is one."""
    ran = holdfast("check", *arguments, cwd=folder)
    assert ran.returncode == bool(ran.stdout), ran.stderr
    return [f"{line.split(': ')[0].rpartition(':')[0]} {line.rpartition('[')[2][:-1]}" for line in ran.stdout.splitlines()]


def prune(folder: Path, *arguments: str) -> str:
    ran = holdfast("baseline", "prune", *arguments, cwd=folder)
    assert ran.returncode == 0, ran.stderr
    return (folder / NAME).read_text("utf-8")


# -- adopt, new, fixed


def test_what_was_adopted_is_known_and_what_comes_is_new(tmp_path: Path) -> None:
    write(tmp_path, shop_py=SHOP)
    assert "accepted 3 findings (no-print 3)" in adopt(tmp_path)
    ran = holdfast("check", cwd=tmp_path)
    assert (ran.returncode, ran.stdout, "3 known (baseline)" in ran.stderr) == (0, "", True)
    assert holdfast("check", "--show-all", cwd=tmp_path).stdout.count("[no-print] (known)\n") == 3
    write(tmp_path, shop_py="\n\n" + SHOP.replace("return item", "return print(item, 2)"))
    assert check(tmp_path) == ["shop.py:5 no-print"]
    assert len(check(tmp_path, "--no-baseline")) == 4


def test_the_file_is_sorted_one_entry_a_line_and_stable(tmp_path: Path) -> None:
    write(tmp_path, shop_py=SHOP, b_py="class A:\n    def f(self):\n        print('a\N{SNOWMAN}')\n")
    adopt(tmp_path)
    text = (tmp_path / NAME).read_text("utf-8")
    assert text.isascii()
    entries = json.loads(text)["entries"]
    assert [(entry["path"], entry["symbol"], entry["line"], entry.get("times")) for entry in entries] == [
        ("b.py", "A.f", "print('a\N{SNOWMAN}')", None),
        ("shop.py", "refund", "print(item, 1)", 2),
        ("shop.py", "sell", "print(item)", None),
    ]
    first, *lines, last, end = text.split("\n")
    assert (first, last, end) == ('{"version": 1, "entries": [', "]}", "")
    assert [json.loads(line.removesuffix(",")) for line in lines] == entries
    assert set(entries[0]) == {"rule", "path", "symbol", "statement", "line"}
    adopt(tmp_path, "--force")
    assert prune(tmp_path) == text
    write(tmp_path, shop_py="", b_py="")
    assert json.loads(prune(tmp_path)) == {"version": 1, "entries": []}


def test_json_says_what_is_known(tmp_path: Path) -> None:
    schema = json.loads((ROOT / "docs/report.schema.json").read_text("utf-8"))
    write(tmp_path, shop_py=SHOP)
    adopt(tmp_path)
    write(tmp_path, shop_py=SHOP.replace("    print(item)\n", ""))
    for flags in ((), ("--show-all",)):
        document = json.loads(holdfast("check", "--format", "json", *flags, cwd=tmp_path).stdout)
        jsonschema.validate(document, schema)
        assert (document["summary"]["known"], document["summary"]["findings"]) == (2, 1)
        assert [found["status"] for found in document["findings"]] == ["new", *["known"] * 2 * len(flags)]
    assert document["findings"][0]["path"] == NAME


def test_what_was_fixed_is_stale_until_it_is_pruned(tmp_path: Path) -> None:
    write(tmp_path, shop_py=SHOP)
    adopt(tmp_path)
    write(tmp_path, shop_py=SHOP.replace("    print(item)\n", "").replace("    print(item, 1)\n", "", 1))
    assert check(tmp_path) == [f"{NAME}:2 stale-baseline", f"{NAME}:3 stale-baseline"]
    said = holdfast("check", cwd=tmp_path).stdout
    assert "no-print in shop.py (refund): only 1 of 2 findings remain; run `holdfast baseline prune`" in said
    assert "no-print in shop.py (sell) no longer exists" in said
    assert check(tmp_path, "--ignore", "stale-baseline") == []
    table = holdfast("baseline", "status", cwd=tmp_path).stdout
    assert table.split() == ["rule", "known", "stale", "new", "no-print", "1", "2", "0"]
    assert json.loads(prune(tmp_path))["entries"][0].keys() == {"rule", "path", "symbol", "statement", "line"}
    assert check(tmp_path) == []
    write(tmp_path, shop_py=SHOP)
    assert check(tmp_path) == ["shop.py:2 no-print", "shop.py:8 no-print"]
    assert len(json.loads(prune(tmp_path))["entries"]) == 1


def test_a_swap_at_equal_count_does_not_pass(tmp_path: Path) -> None:
    write(tmp_path, shop_py=SHOP)
    adopt(tmp_path)
    write(tmp_path, shop_py=SHOP.replace("    print(item)\n", "    print(item * 2)\n"))
    assert check(tmp_path) == [f"{NAME}:3 stale-baseline", "shop.py:2 no-print"]
    moved = SHOP.replace("    print(item)\n", "").replace("    return item", "    return item\n\n\ndef f(item):\n    print(item)")
    write(tmp_path, shop_py=moved)
    assert check(tmp_path) == [f"{NAME}:3 stale-baseline", "shop.py:6 no-print"]
    two = "import hmac\n\n\ndef verify(x, y, key):\n    {first} = hmac.new(key).hexdigest()\n    {second} = key\n"
    two += "    return a == x or b == y\n"
    write(tmp_path, shop_py=two.format(first="a", second="b"))
    assert "constant-time-compare 1" in adopt(tmp_path, "--force")
    write(tmp_path, shop_py=two.format(first="b", second="a"))  # the same statement, another comparison in it
    assert check(tmp_path) == [f"{NAME}:2 stale-baseline", "shop.py:7 constant-time-compare"]


def test_an_exempt_finding_needs_no_entry(tmp_path: Path) -> None:
    write(tmp_path, shop_py="def f():\n    print()\n")
    adopt(tmp_path)
    write(tmp_path, shop_py="def f():\n    print()  # holdfast: ignore[no-print] the banner\n")
    assert check(tmp_path) == [f"{NAME}:2 stale-baseline"]


def test_it_costs_nothing_where_there_is_none(tmp_path: Path) -> None:
    write(tmp_path, shop_py=SHOP)
    code = "import sys; from holdfast.commands.main import main; main(sys.argv[1:]); "
    code += "print('holdfast.baseline.entries' in sys.modules)"
    loaded = [start(sys.executable, "-c", code, "check", cwd=tmp_path).stdout.splitlines()[-1]]
    adopt(tmp_path)
    loaded += [
        start(sys.executable, "-c", code, "check", *flags, cwd=tmp_path).stdout.splitlines()[-1]
        for flags in ([], ["--no-baseline"])
    ]
    assert loaded == ["False", "True", "False"]


# -- renames, and what was looked at


def test_a_renamed_file_keeps_its_entries(tmp_path: Path) -> None:
    write(tmp_path, pyproject_toml="[tool.holdfast]\n", old__shop_py=SHOP, other_py="def sell(item):\n    return item\n")
    adopt(tmp_path)
    shutil.copyfile(tmp_path / "old/shop.py", tmp_path / "copy.py")
    assert check(tmp_path) == ["copy.py:2 no-print", "copy.py:7 no-print", "copy.py:8 no-print"]
    (tmp_path / "copy.py").unlink()
    write(tmp_path, other_py="def sell(item):\n    print(item)\n")  # sorts before the new place of the old file
    (tmp_path / "old").rename(tmp_path / "zone")
    assert check(tmp_path) == ["other.py:2 no-print"]
    assert check(tmp_path, "zone/shop.py") == []
    assert {entry["path"] for entry in json.loads(prune(tmp_path))["entries"]} == {"zone/shop.py"}
    assert check(tmp_path) == ["other.py:2 no-print"]


def test_only_what_was_looked_at_is_judged(tmp_path: Path) -> None:
    write(tmp_path, pyproject_toml="[tool.holdfast]\n", a__a_py=SHOP, b_py=SHOP, c_py=SHOP)
    write(tmp_path, e_py="import hmac\n\n\ndef f(x, key):\n    return hmac.new(key).hexdigest() == x\n")
    adopt(tmp_path)
    before = (tmp_path / NAME).read_text("utf-8")
    write(tmp_path, b_py="", e_py="")
    (tmp_path / "a/a.py").unlink()
    write(tmp_path, a__z_py="")
    assert check(tmp_path, "c.py") == check(tmp_path, "a") == check(tmp_path, "--select", "auth-on-route") == []
    assert check(tmp_path, "b.py", "c.py") == [f"{NAME}:5 stale-baseline", f"{NAME}:6 stale-baseline"]
    assert check(tmp_path, "--select", "constant-time-compare") == [f"{NAME}:2 stale-baseline"]
    assert holdfast("check", "-", "--stdin-filename", "c.py", cwd=tmp_path, given=SHOP.encode()).returncode == 0
    assert prune(tmp_path, "c.py") == prune(tmp_path, "--select", "auth-on-route") == before
    adopt(tmp_path, "--force", "c.py")
    assert (tmp_path / NAME).read_text("utf-8") == before
    assert len(check(tmp_path)) == 5
    write(tmp_path, broken_py="print(\n")
    ran = holdfast("check", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")  # what depends on what could not be read is not said
    ran = holdfast("baseline", "prune", cwd=tmp_path)
    assert (ran.returncode, "the baseline was not changed" in ran.stderr, (tmp_path / NAME).read_text("utf-8")) == (2, True, before)
    (tmp_path / "broken.py").unlink()
    assert {entry["path"] for entry in json.loads(prune(tmp_path))["entries"]} == {"c.py"}


def test_slices_of_names_say_what_the_whole_run_says(tmp_path: Path) -> None:
    """pre-commit calls a hook again and again where there are many names."""
    write(tmp_path, pyproject_toml="[tool.holdfast]\n", a_py=SHOP, b_py=SHOP, c_py=SHOP)
    adopt(tmp_path)
    write(tmp_path, a_py=SHOP + "    print(3)\n", b_py="", c_py="\n\n" + SHOP)
    slices = [check(tmp_path, name) for name in ("a.py", "b.py", "c.py")]
    assert sorted(place for found in slices for place in found) == sorted(check(tmp_path))
    assert [len(found) for found in slices] == [1, 2, 0]


def test_exemptions_are_judged_only_where_all_rules_ran(tmp_path: Path) -> None:
    write(tmp_path, a_py="def f():\n    return 1  # holdfast: ignore[no-print] no more\n")
    assert "unused-exemption 1" in adopt(tmp_path)
    assert check(tmp_path) == []
    write(tmp_path, a_py="def f():\n    return 1\n")
    assert check(tmp_path, "--select", "no-print") == check(tmp_path, "--ignore", "no-print") == []
    assert check(tmp_path, "--select", "all", "--scope", "project") == []
    assert check(tmp_path, "--scope", "file") == check(tmp_path) == [f"{NAME}:2 stale-baseline"]


def test_a_known_exemption_does_not_hide_another(tmp_path: Path) -> None:
    code = "def f():\n    return 1{}\n\n\ndef g():\n    return 1{}\n"
    comment = "  # holdfast: ignore[no-print] no more"
    write(tmp_path, a_py=code.format(comment, ""))
    adopt(tmp_path)
    write(tmp_path, a_py=code.format("", comment))
    assert check(tmp_path) == [f"{NAME}:2 stale-baseline", "a.py:6 unused-exemption"]


def test_a_rule_is_known_by_its_former_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    current = rules.current_name
    monkeypatch.setattr(rules, "current_name", lambda name: {"old-print": "no-print"}.get(name) or current(name))
    entry = {"path": "a.py", "symbol": "f", "statement": "1" * 32}
    entries = [{"rule": name, **entry} for name in ("old-print", "never-heard-of", "ruff:BLE001")]
    (tmp_path / NAME).write_text(json.dumps({"version": 1, "entries": entries}), "utf-8")
    assert [entry.rule for entry in baseline_file.load(str(tmp_path), NAME).entries] == [
        "no-print",
        "never-heard-of",
        "ruff:BLE001",
    ]


# -- writing


def test_ci_does_not_write_and_nothing_grows_unasked(tmp_path: Path) -> None:
    write(tmp_path, shop_py=SHOP)
    ran = holdfast("baseline", "write", cwd=tmp_path, env={"CI": "true"})
    assert (ran.returncode, (tmp_path / NAME).exists(), "in CI" in ran.stderr) == (2, False, True)
    assert holdfast("baseline", "write", "--force", cwd=tmp_path, env={"CI": "true"}).returncode == 0
    before = (tmp_path / NAME).read_text("utf-8")
    write(tmp_path, shop_py=SHOP + "    print(4)\n")
    ran = holdfast("baseline", "write", cwd=tmp_path)
    assert (ran.returncode, ran.stdout.count("shop.py:9:5"), "would accept 1 finding more" in ran.stderr) == (1, 1, True)
    assert (tmp_path / NAME).read_text("utf-8") == before
    assert holdfast("baseline", "prune", cwd=tmp_path, env={"CI": "true"}).returncode == 0
    assert (tmp_path / NAME).read_text("utf-8") == before
    assert "accepted 1 finding" in adopt(tmp_path, "--force")
    assert check(tmp_path) == []
    assert [path.name for path in sorted(tmp_path.iterdir())] == [NAME, "shop.py"]


def test_the_configuration_names_another_file(tmp_path: Path) -> None:
    write(tmp_path, pyproject_toml='[tool.holdfast]\nbaseline = "ci/known.json"\n', shop_py=SHOP)
    ran = holdfast("baseline", "write", cwd=tmp_path)
    assert (ran.returncode, "ci/known.json: cannot write the baseline" in ran.stderr) == (2, True)
    (tmp_path / "ci").mkdir()
    adopt(tmp_path)
    assert (check(tmp_path), (tmp_path / NAME).exists()) == ([], False)
    write(tmp_path, shop_py="")
    assert check(tmp_path) == ["ci/known.json:2 stale-baseline", "ci/known.json:3 stale-baseline"]
    write(tmp_path, pyproject_toml="[tool.holdfast]\nbaseline = 3\n")
    assert "[tool.holdfast] baseline must be the path of a file" in holdfast("check", cwd=tmp_path).stderr


def test_known_findings_are_not_fixed(tmp_path: Path) -> None:
    write(tmp_path, shop_py=SHOP)
    adopt(tmp_path)
    assert holdfast("check", "--fix", cwd=tmp_path).returncode == 0
    assert (tmp_path / "shop.py").read_text("utf-8") == SHOP
    assert "fixed 3 of 3 findings" in holdfast("check", "--fix", "--no-baseline", cwd=tmp_path).stderr
    assert len(check(tmp_path)) == 2


ENTRY = '{"rule": "no-print", "path": "a.py", "symbol": "", "statement": "1"}'
WRONG = [
    ("[]", 1, "the baseline has version None"),
    ('{"version": 2, "entries": []}', 1, "the baseline has version 2, but this version of Holdfast reads version 1"),
    ('{"version": 1}', 1, 'the baseline must be an object of the form {"version": 1'),
    ('{"version": 1, "entries": [], "more": 1}', 1, 'the baseline must be an object of the form {"version": 1'),
    (f'{{"version": 1, "entries": [\n{ENTRY},\n{ENTRY[:-1]}, "times": 0}}\n]}}', 3, "the entry is not valid"),
    (f'{{"version": 1, "entries": [\n{ENTRY[:-1]}, "any": "x"}}\n]}}', 2, "the entry is not valid"),
    ('{"version": 1, "entries": [\n{"rule": "no-print", "path": "a.py"}\n]}', 2, "the entry is not valid"),
    ('{"version": 1, "entries": [\n{"rule": "x", "path": "a.py", "symbol": "", "at_most": "1"}\n]}', 2, "the entry is not valid"),
    ('{"version": 1, "entries": [7]}', 1, "the entry is not valid"),
    (f'{{"version": 1, "entries": [\n{ENTRY} oops\n]}}', 2, "the baseline is not valid JSON"),
    (
        f'{{"version": 1, "entries": [\n<<<<<<< HEAD\n{ENTRY},\n=======\n>>>>>>> b\n]}}',
        2,
        "contains conflict markers: keep the entries",
    ),
    ("[" * 100_000, 0, "cannot read the baseline"),
    ("", 1, "the baseline is not valid JSON"),
]


@pytest.mark.parametrize(("text", "line", "message"), WRONG, ids=[f"{message[:30]} {line}" for _, line, message in WRONG])
def test_a_broken_file_is_an_error_at_its_line(text: str, line: int, message: str, tmp_path: Path) -> None:
    write(tmp_path, a_py="x = 1\n", shop_py=SHOP)
    (tmp_path / NAME).write_text(text, "utf-8")
    ran = holdfast("check", "--format", "json", cwd=tmp_path)
    document = json.loads(ran.stdout)
    (error,) = document["errors"]
    assert (ran.returncode, error["path"], error["line"], error["kind"]) == (2, NAME, line, "option")
    assert message in error["message"]
    assert document["summary"]["findings"] == 3  # a broken baseline hides nothing
    for action in ("write", "prune", "status"):
        ran = holdfast("baseline", action, *["--force"] * (action == "write"), cwd=tmp_path)
        assert (ran.returncode, message in ran.stderr, (tmp_path / NAME).read_text("utf-8")) == (2, True, text)


def test_what_is_no_file_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, a_py="x = 1\n")
    (tmp_path / NAME).mkdir()
    ran = holdfast("check", cwd=tmp_path)
    assert (ran.returncode, f"{NAME}: the baseline is not a file" in ran.stderr) == (2, True)
    (tmp_path / NAME).rmdir()
    (tmp_path / NAME).write_bytes(b'{"version": 1, "entries": [\xff]}')
    assert "the baseline is not valid UTF-8" in holdfast("check", cwd=tmp_path).stderr


def test_after_a_union_merge_prune_gives_the_right_file(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        ran = start("git", *arguments, cwd=tmp_path)
        assert ran.returncode == 0, ran.stdout + ran.stderr

    def at(**files: str) -> None:
        write(tmp_path, **files)
        adopt(tmp_path, "--force")
        git("add", "--all")
        git("commit", "--quiet", "--message", "x")

    code = "def f():\n    print(1)\n    print(1)\n"
    write(tmp_path, pyproject_toml="[tool.holdfast]\n", a_py=code, b_py=code, c_py=code)
    (tmp_path / ".gitattributes").write_text(f"{NAME} merge=union\n", "utf-8")
    adopt(tmp_path)
    make_checkout(tmp_path)
    git("checkout", "--quiet", "-b", "other")
    at(b_py="", d_py=code, e_py="def f():\n    print(3)\n")
    git("checkout", "--quiet", "-")
    at(b_py=code.replace("    print(1)\n", "", 1), d_py=code, f_py=code)
    git("-c", "merge.conflictStyle=merge", "merge", "--quiet", "-X", "ours", "other", "--message", "merged")
    merged = (tmp_path / NAME).read_text("utf-8")
    pruned = prune(tmp_path)
    (tmp_path / NAME).unlink()
    adopt(tmp_path)
    assert pruned == (tmp_path / NAME).read_text("utf-8") != merged


# -- every rule, secrets, other rules than ours


@pytest.mark.parametrize("rule", rules.names())
def test_every_case_can_be_adopted_and_gives_no_secret_away(rule: str, tmp_path: Path) -> None:
    for case in cases.read_all():
        if case.rule == rule and not case.has_configuration:
            case.write(tmp_path / case.slug)
    adopt(tmp_path, "--select", rule)
    text = (tmp_path / NAME).read_text("utf-8")
    assert cases.CANARY not in text
    assert len(json.loads(text)["entries"]) > 1
    ran = holdfast("check", "--select", rule, "--format", "json", "--show-all", cwd=tmp_path)
    assert ran.returncode == 0
    assert {found["status"] for found in json.loads(ran.stdout)["findings"]} <= {"known", "exempt"}
    assert cases.CANARY not in ran.stdout
    assert prune(tmp_path, "--select", rule) == text


def finding(path: str = "a.py", **values: object) -> Finding:
    place = {"path": path, "line": 1, "column": 1, "end_line": 1, "end_column": 2, "message": "m", "rule": "a-rule"}
    return Finding(**{**place, **values})  # type: ignore[arg-type]


def matched(entries: list[Entry], *findings: Finding, gone: str = "") -> Matched:
    return match(entries, findings, is_judged=lambda _: True, is_gone=lambda path: path == gone)


def statuses(found: Matched) -> list[str]:
    return [finding.status for finding in found.findings]


def test_a_measure_may_only_shrink() -> None:
    entries = [entry_of(finding(measure=size, symbol="f")) for size in (10, 50)]  # two functions of one name
    assert statuses(matched(entries, finding(symbol="f", measure=50), finding(symbol="f", measure=11))) == ["known", "new"]
    assert statuses(matched(entries, finding(symbol="f", measure=51), finding(symbol="f", measure=9))) == ["new", "known"]
    smaller = matched(entries, finding(symbol="f", measure=8), finding(symbol="f", measure=40))
    assert (statuses(smaller), smaller.stale()) == (["known", "known"], ())
    assert [entry.at_most for entry in smaller.pruned()] == [8, 40]
    assert [entry.at_most for entry in matched(entries, finding(symbol="f", measure=12)).pruned()] == [12]
    moved = matched(entries[:1], finding("b.py", symbol="f", measure=10), gone="a.py")
    assert (statuses(moved), [entry.path for entry in moved.pruned()]) == (["known"], ["b.py"])
    assert statuses(matched(entries[:1], finding("b.py", symbol="f", measure=11), gone="a.py")) == ["new"]


def test_contracts_and_foreign_rules_go_through_the_same_file(tmp_path: Path) -> None:
    edge = finding(contract=("layers", "shop.a", "shop.b", "f"), frame="  from shop.b import f", line=7)
    shape = finding(contract=("shape", "shop.a", "", "lines"), measure=400)
    foreign = finding(rule="ruff:BLE001", statement="5" * 32, frame="except Exception:")
    entries = [entry_of(found) for found in (edge, shape, foreign)]
    text = to_text(entries)
    assert to_text(from_text(text, NAME)) == text
    names = '"contract": "layers", "importer": "shop.a", "target": "shop.b", "name": "f"'
    assert f'{{"rule": "a-rule", {names}, "line": "from shop.b import f"}}' in text
    moved, other = edge.replace(path="z.py", line=99), edge.replace(contract=("layers", "shop.a", "shop.c", "f"))
    assert statuses(matched(entries, moved, shape.replace(measure=399), foreign)) == ["known"] * 3
    assert statuses(matched(entries, other, shape.replace(measure=401), foreign.replace(symbol="g"), gone="a.py")) == ["new"] * 3
    assert statuses(matched(entries, edge, edge)) == ["known", "new"]
    assert [entry.contract for entry, _ in matched(entries, edge, foreign).stale()] == [shape.contract]
    write(tmp_path, a_py="x = 1\n")
    (tmp_path / NAME).write_text(text, "utf-8")
    assert check(tmp_path) == []  # the command runs neither
    assert prune(tmp_path) == text


def test_without_a_statement_the_message_counts() -> None:
    entries = [entry_of(finding(message="one"))]
    assert statuses(matched(entries, finding(message="two"), finding(message="one"))) == ["new", "known"]


def test_equal_entries_are_one_and_commas_are_forgiven() -> None:
    lines = [ENTRY, ENTRY[:-1] + ', "times": 3}', ENTRY]
    entries = from_text('{"version": 1, "entries": [\n' + "\n".join(lines) + ",\n]}\n", NAME)
    assert [entry.times for entry in entries] == [3]
    with pytest.raises(CheckError, match="not valid JSON"):
        from_text('{"version": 1, "entries": [\n' + ENTRY + " " + ENTRY + "\n]}\n", NAME)


def test_however_the_file_is_laid_out_lines_are_right(tmp_path: Path) -> None:
    write(tmp_path, shop_py=SHOP)
    adopt(tmp_path)
    entries = json.loads((tmp_path / NAME).read_text("utf-8"))
    (tmp_path / NAME).write_text(json.dumps(entries, indent=2), "utf-8")
    write(tmp_path, shop_py="")
    assert check(tmp_path) == [f"{NAME}:5 stale-baseline", f"{NAME}:13 stale-baseline"]


# -- random edits

Body = list[tuple[int, int]]
"""A function: for each statement what it prints and how it is written."""
STYLES = (
    "print({})\n",
    "print(\n    {},\n)\n",
    "if x:\n    print({})\n",
    "print({})  # why\n\n\n",
    "for _ in x:\n  if x:\n    print( {} )\n",
)
FILES = st.dictionaries(
    st.sampled_from(["a.py", "b.py", "c/a.py"]),
    st.dictionaries(
        st.sampled_from(["f", "g"]), st.lists(st.tuples(st.integers(0, 2), st.integers(0, len(STYLES) - 1)), max_size=4), min_size=1
    ),
    min_size=1,
)
NEW_NAMES = {"a.py": "z.py", "b.py": "c/b.py", "c/a.py": "d/a.py"}


def code_of(functions: dict[str, Body]) -> str:
    parts = []
    for name, body in functions.items():
        text = "".join(STYLES[style].format(value) for value, style in body) + "return x\n"
        parts.append(f"def {name}(x):\n" + "".join(f"    {line}\n" if line else "\n" for line in text.split("\n")[:-1]))
    return "\n\n".join(parts)


def found_in(files: dict[str, dict[str, Body]]) -> list[Finding]:
    sources = [Source(path, code_of(functions).encode()) for path, functions in sorted(files.items())]
    chosen = [(NO_PRINT, NO_PRINT.options())]
    return [found for source in sources for found in checks.check_source(source, chosen).findings]


Count = Counter[tuple[str, str, int]]


def counted(files: dict[str, dict[str, Body]]) -> Count:
    return Counter(
        (path, name, value) for path, functions in files.items() for name, body in functions.items() for value, _ in body
    )


@settings(max_examples=150, deadline=None)
@given(FILES, st.data())
def test_moved_reindented_reformatted_and_renamed_findings_stay_known(
    files: dict[str, dict[str, Body]], data: st.DataObject
) -> None:
    entries = [entry_of(found) for found in found_in(files)]
    edited = {
        data.draw(st.sampled_from([path, NEW_NAMES[path]])): {
            name: [(value, data.draw(st.integers(0, len(STYLES) - 1))) for value, _ in data.draw(st.permutations(body))]
            for name, body in data.draw(st.permutations(list(functions.items())))
        }
        for path, functions in files.items()
    }
    found = match(entries, found_in(edited), is_judged=lambda _: True, is_gone=lambda path: path not in edited)
    assert statuses(found) == ["known"] * len(entries)
    assert found.stale() == ()
    again = match(found.pruned(), found_in(edited), is_judged=lambda _: True, is_gone=lambda path: path not in edited)
    assert (statuses(again), again.stale(), again.pruned()) == (statuses(found), (), found.pruned())
    assert {entry.path for entry in found.pruned()} == {found.path for found in found_in(edited)}


@settings(max_examples=250, deadline=None)
@given(FILES, FILES, st.data())
def test_after_any_edit_just_the_surplus_is_new(
    before: dict[str, dict[str, Body]], after: dict[str, dict[str, Body]], data: st.DataObject
) -> None:
    """A finding is new exactly where there are more like it than were known: in its function of its file, or, after renames, in
    functions of this name of the files that are gone."""
    renamed = {path: NEW_NAMES[path] for path in after if data.draw(st.booleans())}
    after = {renamed.get(path, path): functions for path, functions in after.items()}
    old, new = counted(before), counted(after)
    text = to_text(merged(entry_of(found) for found in found_in(before)))
    found = match(from_text(text, NAME), found_in(after), is_judged=lambda _: True, is_gone=lambda path: path not in after)
    surplus, missing = new - old, Counter(key for key in (old - new).elements() if key[0] not in after)
    wanted, homeless = (Counter((name, value) for _, name, value in count.elements()) for count in (surplus, missing))
    assert statuses(found).count("new") == (wanted - homeless).total()
    left = sum(entry.times - known for entry, known in found.stale())
    assert left == old.total() - statuses(found).count("known")
    assert sum(entry.times for entry in found.pruned()) == statuses(found).count("known")
    assert len(found.pruned()) <= sum(old.values())
    adopted = match(found.adopted(), found_in(after), is_judged=lambda _: True, is_gone=lambda path: path not in after)
    assert (set(statuses(adopted)) <= {"known"}, adopted.stale()) == (True, ())


@settings(max_examples=150, deadline=None)
@given(FILES, FILES, st.dictionaries(st.sampled_from(["f", "g"]), st.sampled_from(["h", "k"]), max_size=2))
def test_a_renamed_function_accepts_no_more_than_the_old_one(
    before: dict[str, dict[str, Body]], after: dict[str, dict[str, Body]], names: dict[str, str]
) -> None:
    after = {
        path: {
            names.get(name, name): body for name, body in functions.items() if list(names.values()).count(names.get(name, "")) < 2
        }
        for path, functions in after.items()
    }
    entries = merged(entry_of(found) for found in found_in(before))
    found = match(
        entries,
        found_in(after),
        is_judged=lambda _: True,
        has_symbol=lambda path, symbol: symbol in after.get(path, {}),
    )
    old, new = (Counter((path, value) for path, _, value in counted(files).elements()) for files in (before, after))
    assert statuses(found).count("new") >= (new - old).total(), "each file has at least as many new findings as it gained"
    exact = match(entries, found_in(after), is_judged=lambda _: True)
    assert statuses(found).count("known") >= statuses(exact).count("known")
    assert all(len(accepted) <= entries[index].times for index, accepted in found.used.items())
    again = match(found.pruned(), found_in(after), is_judged=lambda _: True)
    assert (statuses(again), again.stale()) == (statuses(found), ())


def test_a_formatter_changes_no_identity(tmp_path: Path) -> None:
    """What ruff makes of many statements of many cases, with lines of 60 letters."""
    for case in cases.read_all():
        if case.rule in {"no-print", "constant-time-compare"} and not case.has_configuration:
            case.write(tmp_path / case.slug)
    write(
        tmp_path,
        odd_py="def f(x):\n    del (x[print()], x[print(1)]), x[print(2)]\n    (y): int = print(3, 0XFF, u'a', 'b' f'{x!r:>3}')\n",
    )
    adopt(tmp_path, "--select", "no-print,constant-time-compare")
    ran = start(BIN / "ruff", "format", "--isolated", "--line-length", "60", "--exclude", "fixed.py", ".", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout.split()[0]) > 20
    assert check(tmp_path, "--select", "no-print,constant-time-compare") == []


# -- exemptions


def test_exemptions_are_listed_with_their_reasons_and_whether_they_are_used(tmp_path: Path) -> None:
    table = '[tool.holdfast.per-path-ignores]\n"a.py" = ["no-print"]\n'
    code = "def f():\n    print()  # holdfast: ignore[no-print, constant-time-compare] the \x1b banner\n"
    code += "    # holdfast: ignore[auth-on-route]\n"
    write(tmp_path, pyproject_toml=table, a_py=code, b_py="print(1)\n")
    ran = holdfast("exemptions", cwd=tmp_path)
    assert ran.returncode == 0
    assert ran.stdout.splitlines() == [
        "a.py:2:14: the \\x1b banner [no-print] (used)",
        "a.py:2:14: the \\x1b banner [constant-time-compare] (unused)",
        "a.py:3:5: no reason [auth-on-route] (not run)",
    ]
    assert "3 exemptions, 1 unused" in ran.stderr
    document = json.loads(holdfast("exemptions", "--format", "json", "--select", "no-print", "a.py", cwd=tmp_path).stdout)
    assert [found["used"] for found in document["exemptions"]] == [True, None, None]
    place = {"rule": "no-print", "path": "a.py", "line": 2, "column": 14, "reason": "the \x1b banner", "used": True}
    assert document["exemptions"][0] == place
    write(tmp_path, c_py="print(  # holdfast: ignore[no-print]\n")
    ran = holdfast("exemptions", cwd=tmp_path)
    assert (ran.returncode, ran.stdout.count("\n"), "c.py:1: cannot be parsed" in ran.stderr) == (2, 3, True)
