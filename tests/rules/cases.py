"""The reader of case files: Markdown in, cases out; it refuses a file that could pass by asserting nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from holdfast import rules
from holdfast.rule import suggestion

FOLDER = Path(__file__).parent
CANARY = "canary-5f3a"
"""A text that stands where a secret would, in cases of every rule about secrets; no output may hold it."""
MARKER = re.compile(r"\s*#\s*expect(?:\[(?P<offset>[+-]\d+)\])?:\s*(?P<rule>[\w-]+)(?:\s+\"(?P<part>[^\"]*)\")?")
LOOKS_LIKE_A_MARKER = re.compile(r"#\s*(expect|error|finding)\w*\s*[:\[]")
FENCE = re.compile(r"^(?P<ticks>`{3,})\s*(?P<info>.*)$")
LANGUAGES = {"python": ".py", "toml": ".toml", "ini": ".cfg"}


class CaseError(Exception):
    """A case file that asserts nothing, or something that cannot be meant."""


@dataclass(frozen=True)
class Expected:
    """One finding that a case promises: its line in the cleaned code, its rule, and perhaps a part of its message."""

    line: int
    rule: str
    part: str


@dataclass(frozen=True)
class Block:
    """One file of a case, without its markers."""

    path: str
    code: str
    expected: tuple[Expected, ...]
    fixed: str | None = None


@dataclass(frozen=True)
class Case:
    """One section of a case file. A case that brings its own configuration is a root of its own."""

    rule: str
    heading: str
    slug: str
    blocks: tuple[Block, ...] = field(default=())

    @property
    def id(self) -> str:
        return f"{self.rule}: {self.heading}"

    @property
    def has_configuration(self) -> bool:
        return any(not block.path.endswith((".py", ".pyi")) for block in self.blocks)

    def promised(self) -> list[tuple[str, int, str]]:
        """Path, line and rule of every finding that the case promises, sorted."""
        return sorted((block.path, expected.line, expected.rule) for block in self.blocks for expected in block.expected)

    def write(self, folder: Path) -> None:
        """Write the case's files below a folder, byte for byte."""
        for block in self.blocks:
            path = folder / block.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(block.code.encode())


def difference(where: str, found: Iterable[tuple[str, int, str]], promised: Iterable[tuple[str, int, str]]) -> str:
    """What to do where the findings are not the promised ones."""
    reported, marked = Counter(found), Counter(promised)
    parts = [f"{path}:{line}: {rule} is marked and not reported" for path, line, rule in (marked - reported).elements()]
    parts += [f"{path}:{line}: {rule} is reported and not marked" for path, line, rule in (reported - marked).elements()]
    return "\n".join([f"{where}: change the rule or the markers (`# expect: RULE`):", *sorted(parts)])


def read_all() -> list[Case]:
    """Every case of every rule; each rule has a file or a folder of files."""
    cases: list[Case] = []
    for name in rules.names():
        stem = name.replace("-", "_")
        files = [FOLDER / f"{stem}.md"] if (FOLDER / f"{stem}.md").exists() else sorted((FOLDER / stem).glob("*.md"))
        if not files:
            raise CaseError(f"{name} has no cases: write tests/rules/{stem}.md")
        found = [case for file in files for case in read(name, file.read_text("utf-8"))]
        check_rule(name, found)
        cases += found
    return cases


def check_rule(name: str, cases: list[Case]) -> None:
    """Refuse a rule without a reporting, a silent or (if it fixes) a fixed case, or (if about secrets) a canary."""
    rule = rules.load(name)
    reporting = [case for case in cases if any(expected.rule == name for block in case.blocks for expected in block.expected)]
    if not reporting:
        raise CaseError(f"{name} has no case that reports: mark a line with `# expect: {name}`")
    if not [case for case in cases if not any(block.expected for block in case.blocks)]:
        raise CaseError(f"{name} has no silent case: add a section without a marker, with code that looks alike")
    fixed = any(block.fixed is not None for case in cases for block in case.blocks)
    if fixed and not rule.fix_level:
        raise CaseError(f"{name} has a fixed case and no fix: set fix_level, or remove the block ```python fixed")
    if rule.fix_level and not fixed:
        raise CaseError(f"{name} has a fix and no fixed case: add a block ```python fixed behind a block that it fixes")
    if rule.secret and not any(CANARY in block.code for case in reporting for block in case.blocks):
        raise CaseError(f"{name} is about secrets: write the text {CANARY} in a literal of a reporting case")


def read(rule: str, text: str) -> list[Case]:
    """The cases of one Markdown text."""
    cases: list[Case] = []
    headings: set[str] = set()
    for number, (heading, body) in enumerate(_sections(text), 1):
        if heading in headings:
            raise CaseError(f"{rule}: two sections are called {heading!r}: rename one")
        headings.add(heading)
        slug = f"{number:03}_" + re.sub(r"\W+", "_", heading.lower()).strip("_")[:40]
        blocks = _blocks(rule, heading, body, slug)
        if not blocks:
            raise CaseError(f"{rule}: the section {heading!r} has no code: add a block ```python")
        cases.append(Case(rule, heading, slug, tuple(blocks)))
    if not cases:
        raise CaseError(f"{rule}: the file has no section: start one with `## why it is reported, or not`")
    return cases


def _sections(text: str) -> list[tuple[str, list[str]]]:
    sections: list[tuple[str, list[str]]] = []
    fence = ""
    for line in text.split("\n"):
        match = FENCE.match(line)
        if match and not fence:
            fence = match["ticks"]
        elif match and match["ticks"] == fence and not match["info"]:
            fence = ""
        if line.startswith("## ") and not fence:
            sections.append((line[3:].strip(), []))
        elif sections:
            sections[-1][1].append(line)
    if fence:
        raise CaseError(f"the block behind the section {sections[-1][0] if sections else ''!r} is not closed: add {fence}")
    return sections


def _blocks(rule: str, heading: str, body: list[str], slug: str) -> list[Block]:
    blocks: list[Block] = []
    lines: list[str] | None = None
    info: list[str] = []
    fence = ""
    for line in body:
        match = FENCE.match(line)
        if lines is None and match:
            fence, info, lines = match["ticks"], match["info"].split(), []
        elif lines is not None and match and match["ticks"] == fence and not match["info"]:
            _add(rule, heading, blocks, info, "\n".join(lines) + "\n", slug)
            lines = None
        elif lines is not None:
            lines.append(line)
    return blocks


def _add(rule: str, heading: str, blocks: list[Block], info: list[str], code: str, slug: str) -> None:
    where = f"{rule}: {heading!r}"
    if not info or info[0] not in LANGUAGES:
        raise CaseError(f"{where}: write one of {', '.join(LANGUAGES)} behind the ```, not {info[0] if info else 'nothing'!r}")
    rest = info[1:]
    if rest == ["fixed"]:
        if not blocks:
            raise CaseError(f"{where}: put the fixed block behind the block that it fixes")
        blocks[-1] = Block(blocks[-1].path, blocks[-1].code, blocks[-1].expected, code)
        return
    path = f"{slug}{LANGUAGES[info[0]]}"
    for word in rest:
        key, _, value = word.partition("=")
        if key != "path" or not value:
            raise CaseError(f"{where}: write `fixed` or `path=...` behind the language, not {word!r}")
        path = value
    if path in {block.path for block in blocks}:
        raise CaseError(f"{where}: two blocks are {path}: give one of them another path=")
    cleaned, expected = clean(where, code)
    blocks.append(Block(path, cleaned, tuple(expected)))


def clean(where: str, code: str) -> tuple[str, list[Expected]]:
    """Code without its markers, and what they promise."""
    expected: list[Expected] = []
    lines: list[str] = []
    known = {rule.name for rule in rules.every()}
    for number, line in enumerate(code.split("\n"), 1):
        for match in MARKER.finditer(line):
            if match["rule"] not in known:
                raise CaseError(f"{where}: no rule is called {match['rule']}{suggestion(match['rule'], sorted(known))}")
            expected.append(Expected(number + int(match["offset"] or 0), match["rule"], match["part"] or ""))
        bare = MARKER.sub("", line)
        if LOOKS_LIKE_A_MARKER.search(bare):
            raise CaseError(f'{where}: write the marker as `# expect: RULE` or `# expect[-1]: RULE "part"`: {bare.strip()}')
        lines.append(bare)
    return "\n".join(lines), expected
