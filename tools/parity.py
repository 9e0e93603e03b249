"""no-print beside ruff's T201 and T203, on packages from PyPI: python tools/parity.py

Every hit of ruff must be reported by us or fall into a class that the rule's page names, and we must report nothing else.
Writes the table into docs/precision/no-print-and-ruff.md. Needs the network, for pip, and about three minutes.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import wheels

from holdfast import rules
from holdfast.code.source import Source
from holdfast.engine import run as engine
from holdfast.engine.config import Config

BIN = Path(sys.executable).parent
PAGE = Path(__file__).parent.parent / "docs" / "precision" / "no-print-and-ruff.md"
PACKAGES = (
    "Django==5.2.19",
    "homeassistant==2024.3.3",
    "wagtail==8.0.1",
    "celery==5.7.0",
    "prefect==3.9.1",
    "litellm==1.109.1",
    "moto==5.2.5",
    "streamlit==1.67.0",
    "mlflow-skinny==3.17.2",
    "sympy==1.14.0",
)
# In the order in which a hit that several of them explain is counted.
CLASSES = ("tests", "migrations", "management_commands", "notebooks", "scripts", "command_line", "main_guard")
Place = tuple[str, int, int]


def seen_by_ruff(root: Path) -> set[Place]:
    """Where ruff sees a print."""
    command: list[str | Path] = [BIN / "ruff", "check", "--isolated", "--no-cache", "--ignore-noqa", "--select", "T201,T203"]
    ran = subprocess.run([*command, "--output-format", "json", "."], cwd=root, capture_output=True, check=False)
    return {
        (Path(hit["filename"]).relative_to(root.resolve()).as_posix(), hit["location"]["row"], hit["location"]["column"])
        for hit in json.loads(ran.stdout)
        if hit["code"] in ("T201", "T203")
    }


def seen_by_us(root: Path, classes: tuple[str, ...]) -> set[Place]:
    """Where we see one, with some classes of legitimate prints left alone and the others reported."""
    options = {name: name in classes for name in CLASSES}
    report = engine.run(Config(select=("no-print",), rules={"no-print": options}), str(root), [str(root)])
    return {(found.path, found.line, found.column) for found in report.findings}


def names_a_stream(root: Path, place: Place) -> bool:
    """Whether a call may write elsewhere: the stream of pprint by position, or `file` within `**kwargs`."""
    path, line, column = place
    source = Source(path, (root / path).read_bytes())
    calls = [call for call in source.nodes(ast.Call) if source.place(call)[:2] == (line, column)]
    return any(len(call.args) > 1 or any(keyword.arg is None for keyword in call.keywords) for call in calls)


def compare(root: Path) -> tuple[Counter[str], list[str]]:
    """How many hits of ruff fall into which class, and what is left over on either side."""
    ruff, everything, ours = seen_by_ruff(root), seen_by_us(root, ()), seen_by_us(root, CLASSES)
    counted = Counter(ruff=len(ruff), reported=len(ours & ruff))
    silent = ruff - ours
    for name in CLASSES:
        explained = silent & (everything - seen_by_us(root, (name,)))
        counted[name] = len(explained)
        silent -= explained
    streams = {place for place in silent if place not in everything and names_a_stream(root, place)}
    counted["stream"] = len(streams)
    left = [f"only ruff: {place}" for place in sorted(silent - streams)]
    return counted, left + [f"only we: {place}" for place in sorted(ours - ruff)]


def table(rows: dict[str, Counter[str]]) -> str:
    """The page."""
    columns = ("ruff", "reported", *CLASSES, "stream")
    titles = [column.replace("_", "-") for column in columns]
    lines = [f"| package | {' | '.join(titles)} |", "|---" * (len(columns) + 1) + "|"]
    total = sum(rows.values(), Counter())
    for name, counted in [*rows.items(), ("all", total)]:
        lines.append(f"| {name} | {' | '.join(str(counted[column]) for column in columns)} |")
    return PAGE_TEXT.format(table="\n".join(lines), packages=len(rows))


PAGE_TEXT = """<!-- Written by tools/parity.py. -->
# no-print beside ruff's T201 and T203

ruff checked {packages} packages, without regard to their `noqa` comments. Each of its findings is either reported by
[no-print](../rules/no-print.md), too, or left alone as one of the rule's classes. A finding that belongs to several classes is
counted in the first of these columns. *stream* means `pprint(x, stream)` and `print(**kwargs)`, which may write to another stream.
no-print reports nothing that ruff does not report. The script fails if that is not so, or if a finding of ruff is in no column.

{table}
"""


def main() -> int:
    rows: dict[str, Counter[str]] = {}
    failed = False
    for requirement in PACKAGES:
        with tempfile.TemporaryDirectory() as temporary:
            counted, left = compare(wheels.fetch(requirement, Path(temporary)))
        print(requirement, dict(counted), *left[:20], sep="\n  ", flush=True)
        rows[requirement.replace("==", " ")] = counted
        failed = failed or bool(left)
    if not failed:
        PAGE.write_text(table(rows), "utf-8")
    return int(failed)


if __name__ == "__main__":
    rules.load("no-print")
    sys.exit(main())
