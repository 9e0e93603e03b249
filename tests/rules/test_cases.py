"""What every case promises without its author's help: exact lines, whatever the newlines, the formatter or the prefilter."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from holdfast import rules
from holdfast.code.source import Source
from holdfast.engine import checks, config, fix, report as reports, run as engine
from holdfast.rule import Finding
from tests.programs import BIN
from tests.rules import cases

ALL = cases.read_all()
Place = tuple[str, int, str]


def run(folder: Path, rule: str) -> reports.Report:
    """The report of one rule over a folder that is its own root."""
    settings = config.read_project(str(folder)).replace(select=(rule,))
    return engine.run(settings, str(folder), [str(folder)], jobs=1)


def places(report: reports.Report) -> list[Place]:
    assert not report.errors, f"the code of a case can be checked without errors: {report.errors}"
    return sorted((finding.path, finding.line, finding.rule) for finding in report.new())


def said(finding: Finding) -> tuple[str, str, str, str]:
    """A finding without its position, which a formatter may change."""
    return finding.path, finding.rule, re.sub(r"\d+", "0", finding.message.replace("'", '"')), finding.symbol


@pytest.fixture(params=ALL, ids=lambda case: case.id)
def case(request: pytest.FixtureRequest) -> cases.Case:
    found: cases.Case = request.param
    return found


def test_a_case_compiles(case: cases.Case) -> None:
    for block in case.blocks:
        if block.path.endswith(".py"):
            assert compile(block.code, block.path, "exec", dont_inherit=True)


def test_exact_lines_and_messages_and_untouched_bytes(case: cases.Case, tmp_path: Path) -> None:
    case.write(tmp_path)
    report = run(tmp_path, case.rule)
    assert places(report) == case.promised(), cases.difference(case.id, places(report), case.promised())
    for block in case.blocks:
        for expected in block.expected:
            messages = [found.message for found in report.new() if (found.path, found.line) == (block.path, expected.line)]
            said = f"{block.path}:{expected.line}: no message contains {expected.part!r}, they are {messages}"
            assert any(expected.part in message for message in messages), said
        assert (tmp_path / block.path).read_bytes() == block.code.encode(), f"checking has written to {block.path}"


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_other_newlines_and_a_byte_order_mark(case: cases.Case, tmp_path: Path, newline: str) -> None:
    case.write(tmp_path)
    plain = run(tmp_path, case.rule)
    for block in case.blocks:
        if block.path.endswith(".py"):
            (tmp_path / block.path).write_bytes(b"\xef\xbb\xbf" + block.code.replace("\n", newline).encode())
    other = run(tmp_path, case.rule)
    findings = [[found.replace(frame="") for found in report.findings] for report in (plain, other)]
    assert findings[0] == findings[1], f"with lines that end in {newline!r} the findings differ: use source.lines and source.place"


def test_the_prefilter_changes_nothing(case: cases.Case, tmp_path: Path) -> None:
    case.write(tmp_path)
    settings = config.read_project(str(tmp_path))
    rule = rules.load(case.rule)
    options = config.options_of(rule, settings)
    if rule.scope == "project":
        pytest.skip("a rule about the project picks its files itself")
    for block in case.blocks:
        if block.path.endswith(".py"):
            source = Source(block.path, block.code.encode())
            without = checks.check_source(source, [(rule, options)], prefilter=False)
            hint = f"`mentions` keeps {block.path} from being checked: add a word of it to {rule.mentions}"
            assert checks.check_source(source, [(rule, options)]) == without, hint
            alone = (
                f"{block.path} is reported only within its project: a project may silence findings of a file rule, not cause them"
            )
            assert without.findings or rule.uses_project or not block.expected, alone


def test_the_same_answer_after_ruff_format(case: cases.Case, tmp_path: Path) -> None:
    case.write(tmp_path)
    before = Counter(map(said, run(tmp_path, case.rule).new()))
    subprocess.run([BIN / "ruff", "format", "--isolated", "--quiet", tmp_path], check=True)
    hint = "`ruff format` changes what is reported: compare the tree, not the text"
    assert Counter(map(said, run(tmp_path, case.rule).new())) == before, hint


FIXABLE = [case for case in ALL if any(block.fixed is not None for block in case.blocks)]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"], ids=["plain", "bom"])
@pytest.mark.parametrize("case", FIXABLE, ids=lambda case: case.id)
def test_fixed_as_promised_and_only_once(case: cases.Case, tmp_path: Path, newline: str, bom: bytes) -> None:
    case.write(tmp_path)
    settings = config.read_project(str(tmp_path)).replace(select=(case.rule,))
    for block in case.blocks:
        if not block.path.endswith(".py"):
            continue
        (tmp_path / block.path).write_bytes(bom + block.code.replace("\n", newline).encode())
        report = engine.run(settings, str(tmp_path), [str(tmp_path / block.path)], jobs=1)
        fixed, before = fix.fix_file(report, block.path, settings)
        wanted = block.code if block.fixed is None else block.fixed
        left = "\n".join(f"line {finding.line} is left alone: {reason}" for finding, reason in fixed.left)
        result = fixed.data.removeprefix(bom).decode().replace(newline, "\n")
        assert result == wanted, f"change the fix or the block ```python fixed of {block.path}\n{left}\n{result}"
        assert fixed.data == bom + wanted.replace("\n", newline).encode(), "the fix changes newlines or the byte order mark"
        assert (fixed.data != before) == bool(fixed.done)
        assert compile(fixed.data, block.path, "exec", dont_inherit=True)
        (tmp_path / block.path).write_bytes(fixed.data)
        after = engine.run(settings, str(tmp_path), [str(tmp_path / block.path)], jobs=1)
        assert len(after.new()) == len(report.new()) - len(fixed.done)
        assert not fix.fix_file(after, block.path, settings)[0].done


# no-print fixes nearly all that it finds: only its cases about the fix show what becomes of the code.
SHOWING_FIXES = [case for case in ALL if case in FIXABLE or case.rule != "no-print"]


@pytest.mark.parametrize("case", SHOWING_FIXES, ids=lambda case: case.id)
def test_what_has_no_fixed_block_is_left_alone(case: cases.Case, tmp_path: Path) -> None:
    case.write(tmp_path)
    settings = config.read_project(str(tmp_path)).replace(select=(case.rule,))
    report = engine.run(settings, str(tmp_path), [str(tmp_path)], jobs=1)
    for block in case.blocks:
        if block.fixed is None and block.path.endswith(".py"):
            fixed = fix.fix_file(report, block.path, settings)[0].data
            assert fixed == block.code.encode(), f"{block.path} is fixed: add a block ```python fixed behind it\n{fixed.decode()}"


def exempted(code: str, finding: Finding, above: bool) -> str:
    """Code with an exemption for a finding, behind the last line of its statement or above it."""
    lines = code.split("\n")
    first, last = finding.span
    comment = f"# holdfast: ignore[{finding.rule}] a reason"
    if above:
        indent = lines[first - 1][: len(lines[first - 1]) - len(lines[first - 1].lstrip())]
        lines.insert(first - 1, indent + comment)
    else:
        lines[last - 1] += f"  {comment}"
    return "\n".join(lines)


def test_an_exemption_silences_just_its_statement_also_after_ruff_format(case: cases.Case, tmp_path: Path) -> None:
    case.write(tmp_path)
    report = run(tmp_path, case.rule)
    own = [finding for finding in report.new() if finding.rule == case.rule]
    variants: dict[Path, Counter[tuple[str, str, str, str]]] = {}
    for number, finding in enumerate(own):
        for above in (False, True):
            folder = tmp_path / f"variant{number}{above}"
            case.write(folder)
            path = folder / finding.path
            path.write_bytes(exempted(path.read_text("utf-8"), finding, above).encode())
            same = [other for other in own if (other.path, other.span) == (finding.path, finding.span)]
            variants[folder] = Counter(map(said, report.new())) - Counter(map(said, same))
            hint = f"an exemption {'above' if above else 'behind'} {finding.path}:{finding.line} does not silence just this finding"
            assert Counter(map(said, run(folder, case.rule).new())) == variants[folder], hint
    if variants:
        subprocess.run([BIN / "ruff", "format", "--isolated", "--quiet", *variants], check=True)
    for folder, remaining in variants.items():
        hint = f"after `ruff format` an exemption in {folder} does not silence just its finding: is the finding on another node?"
        assert Counter(map(said, run(folder, case.rule).new())) == remaining, hint
