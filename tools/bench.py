"""Speed as ratios against peers, measured in one run: python tools/bench.py

Start-up against an empty Python process, a package against bandit over the same files, bandit with and without our plugin, and
Django with a baseline of 10,000 entries against none, no-print against ruff's over Home Assistant's wheel, the route model over
NetBox's against parsing (which pip downloads) and after edits, and contracts, see bench_contracts.py.
"""

from __future__ import annotations

import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import bench_contracts
import django
import wheels

from holdfast.baseline.document import from_text, to_text
from holdfast.baseline.entries import Entry
from holdfast.code.syntax import digest

BIN = Path(sys.executable).parent
PARSE = """
import ast, gc, pathlib, re
gc.disable()
words = re.compile(rb"urlpatterns|router|blueprint|limiter|ratelimit|throttle|as_view|root_urlconf|middleware|viewset", re.I)
for path in pathlib.Path().rglob("*.py"):
    data = path.read_bytes()
    if words.search(data):
        try:
            ast.parse(data)
        except SyntaxError:  # newer than this Python
            pass
"""


def seconds(command: Sequence[str | Path], cwd: Path) -> float:
    """The wall time of a command, which may find something."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    started = time.perf_counter()
    ran = subprocess.run([os.fspath(part) for part in command], cwd=cwd, capture_output=True, env=environment, check=False)
    if ran.returncode not in (0, 1):
        raise SystemExit(f"{command}: {ran.stderr.decode('utf-8', 'replace')}")
    return time.perf_counter() - started


def compare(title: str, ours: Sequence[str | Path], theirs: Sequence[str | Path], cwd: Path, times: int) -> None:
    """Run two commands by turns, and print the medians and their ratio."""
    seconds(ours, cwd)
    pairs = [(seconds(ours, cwd), seconds(theirs, cwd)) for _ in range(times)]
    our, their = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"{title}: {our:.3f} s against {their:.3f} s, ratio {our / their:.3f} (median of {times})", flush=True)


def with_edits(command: Sequence[str | Path], tree: Path, folder: Path, times: int) -> None:
    """Run a command whose answers are kept, each time after an edit of some file of the tree; print it beside a new run."""
    os.environ["HOLDFAST_CACHE_DIR"] = os.fspath(folder / "cache")
    files = sorted(tree.rglob("*.py"))
    seconds(command, tree)
    edited: list[float] = []
    for path in random.Random(0).sample(files, times):  # noqa: S311  # the same ones each time
        with path.open("a", encoding="utf-8") as file:
            file.write("# edited\n")
        edited.append(seconds(command, tree))
    new = statistics.median(seconds([*command, "--no-cache"], tree) for _ in range(5))
    ratio, slow = statistics.median(edited) / new, sum(taken > new / 2 for taken in edited)
    print(f"after an edit of one file: {ratio:.3f} of a new run ({new:.3f} s; median of {times}, {slow} judged anew)", flush=True)
    del os.environ["HOLDFAST_CACHE_DIR"]


def with_baseline(package: Path, folder: Path) -> Path:
    """A copy of a package whose findings are all known, in a baseline filled up to 10,000 entries for rules that do not run."""
    tree = folder / package.name
    shutil.copytree(package, tree)
    seconds([BIN / "holdfast", "baseline", "write"], tree)
    path = tree / ".holdfast-baseline.json"
    entries = from_text(path.read_text("utf-8"), path.name)
    files = sorted(file.relative_to(tree).as_posix() for file in tree.rglob("*.py"))
    line = "except Exception as error:"
    for number in range(len(entries), 10_000):
        path_of, symbol, statement = files[number % len(files)], f"Class{number % 7}.method{number}", digest(str(number))
        entries.append(Entry(rule="ruff:BLE001", path=path_of, symbol=symbol, statement=statement, line=line))
    path.write_text(to_text(entries), "utf-8")
    return tree


def main() -> int:
    package = Path(django.__file__).parent
    files = sum(1 for _ in package.rglob("*.py"))
    print(f"Django {django.__version__}: {files} Python files")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "one.py").write_text("def f(x):\n    return x  # print\n", "utf-8")
        check: list[str | Path] = [BIN / "holdfast", "check", "--select", "no-print", "one.py"]
        compare("start-up, one file against python -c pass", check, [sys.executable, "-c", "pass"], folder, 60)
    ours: list[str | Path] = [BIN / "holdfast", "check", "."]
    bandit: list[str | Path] = [BIN / "bandit", "--quiet", "--recursive", ".", "--format", "json"]
    compare("all rules over Django against bandit without our plugin", ours, [*bandit, "--skip", "HF101"], package, 5)
    compare("bandit with our plugin against bandit without", bandit, [*bandit, "--skip", "HF101"], package, 7)
    with tempfile.TemporaryDirectory() as temporary:
        tree = with_baseline(package, Path(temporary))
        compare("all rules over Django with a baseline of 10,000 entries against none", ours, [*ours, "--no-baseline"], tree, 15)
    with tempfile.TemporaryDirectory() as temporary:
        tree = wheels.fetch("homeassistant==2024.3.3", Path(temporary))
        print(f"Home Assistant 2024.3.3: {sum(1 for _ in tree.rglob('*.py'))} Python files")
        ruff: list[str | Path] = [BIN / "ruff", "check", "--isolated", "--select", "T20", "--no-cache", "."]
        prints: list[str | Path] = [BIN / "holdfast", "check", "--select", "no-print", "."]
        compare("no-print against ruff's T20 without a cache", prints, ruff, tree, 9)
    with tempfile.TemporaryDirectory() as temporary:
        tree = wheels.fetch("netbox==4.7.3", Path(temporary))
        print(f"NetBox 4.7.3: {sum(1 for _ in tree.rglob('*.py'))} Python files")
        model: list[str | Path] = [BIN / "holdfast", "check", "--select", "ratelimit-on-auth", "."]
        parse = [sys.executable, "-c", PARSE]
        compare("the route model against reading and parsing what it may be about", [*model, "--no-cache"], parse, tree, 9)
        with_edits(model, tree, Path(temporary), 25)
    bench_contracts.main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
