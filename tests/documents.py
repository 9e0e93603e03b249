"""The documentation as data: its code blocks, its links, and its commands, run as a reader would run them."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.programs import ROOT, environment, make_checkout

COMMANDS = ("console", "bash", "sh", "shell")
FENCE = re.compile(r"^(?P<indent> *)(?P<ticks>`{3,})(?P<language>\w*)(?P<info>[^`\n]*)$")
TITLE = re.compile(r'title="(?P<path>[^"]+)"')
REASON = re.compile(r"<!-- not run: (?P<reason>.+) -->")
EMPTY_FOLDER = "<!-- run in an empty folder -->"
FINDS = re.compile(r"\b(holdfast|bandit|lint-imports|ruff|pre-commit)\b")
"""Programs whose exit code is 1 where they report findings."""
READER = {
    "TERM": "dumb",
    "HOLDFAST_CACHE_DIR": "",
    **{f"GIT_{role}_NAME": "Reader" for role in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{role}_EMAIL": "reader@example.invalid" for role in ("AUTHOR", "COMMITTER")},
}
"""The environment of the commands: no colours, no progress, nothing kept between runs, and a name for commits."""
ANYTHING = "..."
"""A line of shown output that stands for any number of lines."""


@dataclass(frozen=True)
class Block:
    """A fenced block. start and end are the indices of its first line and of its closing fence; title is the path of a file."""

    language: str
    title: str
    reason: str
    start: int
    end: int
    indent: str
    text: str

    @property
    def is_of_commands(self) -> bool:
        return self.language in COMMANDS


@dataclass(frozen=True)
class Command:
    """A command and the output that the block shows after it, if any."""

    prompt: str
    line: str
    output: tuple[str, ...]


def every() -> list[Path]:
    """The documents: what a reader finds at the top of the repository and in docs/, without the demo."""
    return [*sorted(ROOT.glob("*.md")), *sorted(path for path in (ROOT / "docs").rglob("*.md") if "demo" not in path.parts)]


def name(document: Path) -> str:
    """A document's path in the repository."""
    return document.relative_to(ROOT).as_posix()


def blocks(text: str) -> Iterator[Block]:
    """The fenced blocks of a document, in order."""
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        fence = FENCE.match(lines[number])
        if fence is None:
            number += 1
            continue
        indent, ticks = fence["indent"], fence["ticks"]
        end = next(index for index in range(number + 1, len(lines)) if lines[index].rstrip() == indent + ticks)
        title, reason = TITLE.search(fence["info"]), REASON.search(_above(lines, number))
        yield Block(
            language=fence["language"],
            title=title["path"] if title else "",
            reason=reason["reason"] if reason else "",
            start=number + 1,
            end=end,
            indent=indent,
            text="".join(f"{line.removeprefix(indent)}\n" for line in lines[number + 1 : end]),
        )
        number = end + 1


def _above(lines: list[str], number: int) -> str:
    """The nearest line above that is not empty."""
    return next((line for line in reversed(lines[:number]) if line.strip()), "")


def commands(block: Block) -> list[Command]:
    """The commands of a block. With prompts (`$ `), the lines between two of them are output; without, each line is a command."""
    lines = block.text.rstrip("\n").split("\n")
    if not any(line.startswith("$ ") for line in lines):
        return [Command("", line, ()) for line in lines]
    starts = [number for number, line in enumerate(lines) if line.startswith("$ ")]
    return [
        Command("$ ", lines[start].removeprefix("$ "), tuple(lines[start + 1 : end]))
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)
    ]


def with_real_output(document: Path, folder: Path) -> tuple[str, list[str]]:
    """The document with the output that its commands have now, and what went wrong.

    The commands of all blocks run in one scratch repository, in order; blocks with a title are files in it.
    """
    text = document.read_text("utf-8")
    shop = _scratch(text, folder)
    lines, written, wrong, position = text.split("\n"), list[str](), list[str](), 0
    for block in blocks(text):
        if block.title:
            (shop / block.title).parent.mkdir(parents=True, exist_ok=True)
            (shop / block.title).write_text(block.text, "utf-8")
        if block.is_of_commands and not block.reason:
            shown, problems = _replayed(block, shop)
            wrong += [f"{name(document)}:{block.start}: {problem}" for problem in problems]
            written += [*lines[position : block.start], *(f"{block.indent}{line}".rstrip() for line in shown)]
            position = block.end
    return "\n".join([*written, *lines[position:]]), wrong


def _scratch(text: str, folder: Path) -> Path:
    """The repository in which a document's commands run: the demo shop, or an empty folder where the document says so."""
    shop = folder / "shop"
    if EMPTY_FOLDER in text:
        shop.mkdir()
    else:
        shutil.copytree(ROOT / "docs/demo/shop", shop)
        make_checkout(shop)
    return shop


def _replayed(block: Block, shop: Path) -> tuple[list[str], list[str]]:
    """The lines of a block after its commands were run, and what went wrong. Only output that the block shows is compared."""
    lines: list[str] = []
    problems: list[str] = []
    for command in commands(block):
        code, shown = run(command.line, shop)
        if code not in ((0, 1) if FINDS.search(command.line) else (0,)):
            problems.append("\n".join([f"`{command.line}` ended with exit code {code}", *shown]))
        lines += [f"{command.prompt}{command.line}", *as_shown(command.output, shown)]
    return lines, problems


def as_shown(expected: tuple[str, ...], shown: list[str]) -> list[str]:
    """The output as a document should show it: unchanged where it matches, else the real one, shortened at the same place."""
    if not expected or matches(expected, shown):
        return list(expected)
    if ANYTHING not in expected:
        return shown
    before, after = expected.index(ANYTHING), expected[::-1].index(ANYTHING)
    return [*shown[:before], ANYTHING, *shown[len(shown) - after :]]


def matches(expected: tuple[str, ...], shown: list[str]) -> bool:
    """Whether output is as a document shows it, where a line `...` stands for any lines."""
    parts = [re.escape(line.rstrip()) + "\n" if line != ANYTHING else "(?:.*\n)*?" for line in expected]
    return re.fullmatch("".join(parts), "".join(f"{line}\n" for line in shown)) is not None


def run(command: str, folder: Path) -> tuple[int, list[str]]:
    """Run a shell command on a terminal; its exit code and its output, without empty lines at the end."""
    import pty

    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        ["bash", "-c", command], cwd=folder, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, env=environment(READER)
    )
    os.close(theirs)
    written = b""
    with contextlib.suppress(OSError):  # on Linux, reading fails once the other end is closed
        while piece := os.read(ours, 10_000):
            written += piece
    os.close(ours)
    shown = [line.rstrip() for line in written.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")]
    while shown and not shown[-1]:
        shown.pop()
    return process.wait(), shown


def links(text: str) -> Iterator[str]:
    """The targets of a document's links; code is no link."""
    without_code = re.sub(r"`[^`\n]*`", "", "\n".join(_outside_of_blocks(text)))
    yield from re.findall(r"\]\(([^)\s]+)\)", without_code)


def _outside_of_blocks(text: str) -> Iterator[str]:
    lines = text.split("\n")
    inside = {number for block in blocks(text) for number in range(block.start - 1, block.end + 1)}
    yield from (line for number, line in enumerate(lines) if number not in inside)


def anchors(text: str) -> set[str]:
    """The anchors of a document's headings, as GitHub and the site make them."""
    headings = [line.lstrip("#") for line in _outside_of_blocks(text) if re.match(r"#+ ", line)]
    plain = [re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()) for heading in headings]
    return {heading.replace(" ", "-") for heading in plain}
