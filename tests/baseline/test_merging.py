"""Branches that fix known findings can be merged in any order: no conflict, and no run that fails because of an improvement."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from holdfast.baseline.document import from_text, to_text
from holdfast.baseline.entries import Entry, merged
from holdfast.baseline.merging import difference, three_way
from tests.programs import holdfast, make_checkout, start

NAME = ".holdfast-baseline.json"


def git(folder: Path, *arguments: str, code: int | None = 0) -> str:
    ran = start("git", *arguments, cwd=folder)
    assert code is None or ran.returncode == code, ran.stdout + ran.stderr
    return ran.stdout


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "x")


# -- the three-way merge


def entry(name: str = "f", **values: object) -> Entry:
    return Entry(**{"rule": "a-rule", "path": "a.py", "symbol": name, "statement": name, **values})  # type: ignore[arg-type]


Numbers = dict[str, int]
NUMBERS = st.dictionaries(st.sampled_from("abcde"), st.integers(1, 4))


def times(numbers: Numbers) -> list[Entry]:
    return [entry(name, times=number) for name, number in numbers.items()]


def numbers(entries: list[Entry]) -> Numbers:
    return {entry.symbol: entry.times for entry in entries}


@given(NUMBERS, NUMBERS, NUMBERS)
def test_numbers_of_equal_findings_add_up(base: Numbers, ours: Numbers, theirs: Numbers) -> None:
    found = numbers(three_way(times(base), times(ours), times(theirs)))
    assert found == numbers(three_way(times(base), times(theirs), times(ours)))
    for name in "abcde":
        before, left, right = (side.get(name, 0) for side in (base, ours, theirs))
        more = (left - before, right - before)
        wanted = before + max(more) if min(more) > 0 else max(0, before + sum(more))
        assert found.get(name, 0) == wanted


@given(NUMBERS, NUMBERS)
def test_a_branch_without_changes_changes_nothing(base: Numbers, ours: Numbers) -> None:
    assert numbers(three_way(times(base), times(ours), times(base))) == ours
    assert numbers(three_way(times(base), times(base), times(ours))) == ours


@given(NUMBERS, st.data())
def test_shrinking_branches_give_what_is_left_in_any_order(base: Numbers, data: st.DataObject) -> None:
    """Each finding is fixed by at most one of four branches. The order of the merges makes no difference."""
    owners = {(name, number): data.draw(st.integers(0, 5)) for name in base for number in range(base[name])}
    branches = [
        {name: left for name in base if (left := sum(owners[name, number] != branch for number in range(base[name])))}
        for branch in range(4)
    ]
    main = times(base)
    for branch in data.draw(st.permutations(branches)):
        main = three_way(times(base), main, times(branch))
    wanted = {name: left for name in base if (left := sum(owners[name, number] > 3 for number in range(base[name])))}
    assert numbers(main) == wanted


LIMITS = st.lists(st.integers(1, 9), max_size=3)


@given(LIMITS, LIMITS, LIMITS)
def test_no_limit_is_higher_than_both_branches_allow(base: list[int], ours: list[int], theirs: list[int]) -> None:
    sides = [[entry(statement="", at_most=limit) for limit in side] for side in (base, ours, theirs)]
    found = [limit for one in three_way(*sides) for limit in [one.at_most] * one.times]
    assert found == [limit for one in three_way(sides[0], sides[2], sides[1]) for limit in [one.at_most] * one.times]
    assert set(found) <= {*ours, *theirs}
    assert len(found) <= max(len(ours), len(theirs))
    assert from_text(to_text(three_way(*sides)), NAME) is not None


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "kept"), [(50, 40, 50, 40), (50, 40, 45, 40), (50, 40, 60, 40), (50, 55, 60, 55), (None, 40, 45, 40)]
)
def test_of_two_changed_limits_the_lower_one_counts(base: int | None, ours: int, theirs: int, kept: int) -> None:
    sides = [[] if limit is None else [entry(statement="", at_most=limit)] for limit in (base, ours, theirs)]
    assert [one.at_most for one in three_way(*sides)] == [kept]


def test_a_rename_on_one_branch_holds_for_the_other() -> None:
    base = [entry(), entry("g", times=3)]
    renamed = [entry(path="b.py"), entry("g", path="b.py", times=3)]
    assert three_way(base, renamed, [entry("g", times=2)]) == [entry("g", path="b.py", times=2)]
    assert three_way(base, [entry("g", times=2)], renamed) == [entry("g", path="b.py", times=2)]
    assert three_way(base, renamed, renamed) == renamed
    edge = ("layers", "shop.a", "shop.b", "f")
    moved = ("layers", "shop.new.a", "shop.b", "f")
    before, after = ([Entry(rule="layers", contract=names)] for names in (edge, moved))
    assert three_way(before, after, []) == []
    assert three_way(before, after, [*before, entry()]) == merged([*after, entry()])


def test_a_difference_counts_findings() -> None:
    old = [entry(times=3), entry("g"), entry("h", statement="", at_most=50), entry("i", statement="", at_most=5)]
    new = [entry(times=1), entry("g", path="b.py"), entry("h", statement="", at_most=40), entry("i", statement="", at_most=6)]
    found = difference(old, [*new, entry("k")])
    assert (found.less, found.more, len(found.moved), len(found.lowered), len(found.raised)) == (3, 2, 1, 1, 1)
    assert (difference(old, old).less, difference(old, old).more) == (0, 0)


# -- the driver in git


def install(folder: Path) -> None:
    ran = holdfast("baseline", "install-driver", "--yes", cwd=folder)
    assert ran.returncode == 0, ran.stderr


def functions(fixed: set[int]) -> dict[str, str]:
    """Thirty files with 300 known findings: ten functions each; in every third, three of the findings are equal."""
    found: dict[str, str] = {}
    for number in range(300):
        path, name = f"shop/m{number // 10}.py", f"f{number // 3 * 3 if number % 9 < 3 else number}"
        is_first = f"def {name}(" not in found.get(path, "")
        start = f"\n\ndef {name}(x):\n" if is_first else ""
        value = name if number % 9 < 3 else number
        line = f"    x.step({number})\n" + ("" if number in fixed else f"    print({value!r})\n") + f"    x.end({number})\n"
        found[path] = found.get(path, "") + start + line
    return found


def save(folder: Path, fixed: set[int]) -> None:
    for path, code in functions(fixed).items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(code, "utf-8")


def simulate(folder: Path, attributes: str, seed: int) -> tuple[int, int]:
    """Merge 20 branches that fix five findings each, in random order; the numbers of conflicts and of failing runs."""
    chosen = random.Random(seed)
    (folder / "pyproject.toml").write_text("[tool.holdfast]\n", "utf-8")
    (folder / ".gitattributes").write_text(attributes, "utf-8")
    save(folder, set())
    assert "now contains 300 findings" in holdfast("baseline", "write", cwd=folder).stderr
    make_checkout(folder)
    git(folder, "branch", "-M", "main")
    if "holdfast" in attributes:
        install(folder)
    numbers = chosen.sample(range(300), 100)
    for branch in range(20):
        git(folder, "checkout", "--quiet", "-b", f"b{branch}", "main")
        save(folder, set(numbers[branch * 5 : branch * 5 + 5]))
        assert holdfast("baseline", "prune", cwd=folder).returncode == 0
        commit(folder)
    git(folder, "checkout", "--quiet", "main")
    conflicts = red = 0
    for branch in chosen.sample(range(20), 20):
        git(folder, "merge", "--quiet", "--no-edit", f"b{branch}", code=None)
        unmerged = git(folder, "diff", "--name-only", "--diff-filter=U").split()
        assert set(unmerged) <= {NAME}, "the code itself must merge"
        if unmerged:
            conflicts += 1
            text = (folder / NAME).read_text("utf-8")
            (folder / NAME).write_text("".join(row for row in text.splitlines(True) if row[:7] not in MARKERS), "utf-8")
            assert holdfast("baseline", "prune", cwd=folder).returncode == 0
            commit(folder)
        red += holdfast("check", "--stale", "finding", cwd=folder).returncode != 0
    return conflicts, red


MARKERS = ("<<<<<<<", "=======", ">>>>>>>")


def test_twenty_branches_merge_without_a_conflict_and_no_run_fails(tmp_path: Path) -> None:
    assert simulate(tmp_path, f"{NAME} merge=holdfast-baseline\n", 1) == (0, 0)
    assert "now contains 200 findings" in holdfast("baseline", "write", "--force", cwd=tmp_path).stderr


def test_without_the_driver_they_conflict(tmp_path: Path) -> None:
    conflicts, _ = simulate(tmp_path, "", 1)
    assert conflicts > 5
