"""Start-up: modules that a hook must not import, and the parser that makes argparse unnecessary."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, strategies as st

from holdfast.commands import check, parser
from holdfast.commands.plain import PlainParser
from tests.programs import ROOT, start

NOT_IMPORTED = frozenset(
    """
    argparse asyncio dataclasses difflib gettext hashlib inspect json libcst locale multiprocessing pathlib shutil subprocess
    tempfile textwrap tokenize tomllib typing unittest
    holdfast.baseline holdfast.boundaries holdfast.commands.parser holdfast.engine.changes holdfast.engine.fix holdfast.files
    holdfast.formats.json holdfast.routes holdfast.rules.about_holdfast
    """.split()
)
CODE = "import sys; from holdfast.commands.main import main; main(sys.argv[1:]); print(*sys.modules)"
HOOK = ("check", "--select", "no-print", "shop.py")


def imported(folder: Path, *arguments: str) -> set[str]:
    """The modules that a process has imported after a command."""
    return set(start(sys.executable, "-c", CODE, *arguments, cwd=folder).stdout.splitlines()[-1].split())


@pytest.mark.parametrize("code", ["def f(x):\n    return x\n", "def f(x):\n    return x  # print\n"], ids=["skipped", "parsed"])
def test_a_hook_without_findings_imports_no_heavy_module(tmp_path: Path, code: str) -> None:
    (tmp_path / "shop.py").write_text(code, "utf-8")
    modules = imported(tmp_path, *HOOK)
    assert {"holdfast.engine.run", "holdfast.rules.no_print"} <= modules
    assert not modules & NOT_IMPORTED
    assert "argparse" in imported(tmp_path, *HOOK, "--jobs=1")  # the modules of this process are the ones that are looked at


def test_every_check_hook_is_parsed_without_argparse() -> None:
    entries = re.findall(r"^  entry: holdfast check (.*)$", (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"), re.MULTILINE)
    assert len(entries) > 5
    for entry in entries:
        assert plain([*entry.split(), "a.py", "b.py"]) is not None, entry


def plain(words: list[str]) -> dict[str, object] | None:
    """The values that PlainParser finds in these words, None where they need argparse."""
    made = PlainParser()
    check.add_arguments(made)
    options = made.parse(words)
    return None if options is None else vars(options)


def by_argparse(words: list[str]) -> dict[str, object] | None:
    """The values that argparse finds in these words, None where it reports an error."""
    try:
        options = vars(parser.parse(["check", *words]))
    except SystemExit:
        return None
    assert options.pop("run") is check.run
    return options


DECLARED = PlainParser()
check.add_arguments(DECLARED)
OPTIONS = sorted({f"--{attribute.replace('_', '-')}" for attribute in DECLARED.values} - {"--paths"})
WORDS = st.sampled_from(
    [
        *OPTIONS,
        *("--sel", "--select=a", "--no", "-s", "-h", "--version", "--", "-", "-1", "--jobs=2", "--unknown", "- a", "-x y"),
        *("text", "json", "file", "error", "no-print,cookie-flags", "no-print.level='info'", "2", "0", "a.py", "b c.py", ""),
    ]
)


@given(st.lists(WORDS, max_size=8))
@example(["a.py", "--fix", "b.py"])
@example(["--select", "a", "--select", "b", "--option", "x.y=1", "--option", "z"])
@example(["--format", "xml"])
@example(["--root"])
@example([])
def test_the_plain_parser_agrees_with_argparse(words: list[str]) -> None:
    options = plain(words)
    if options is not None:
        assert options == by_argparse(words)


@pytest.mark.parametrize("option", OPTIONS)
def test_the_plain_parser_knows_every_option_whose_value_is_a_string(option: str) -> None:
    words = ["a.py", "b.py", option]
    if option not in ("--fix", "--diff", "--no-cache", "--no-baseline", "--statistics", "--show-all", "--sarif-line-hash"):
        words.append({"--format": "json", "--scope": "file", "--fail-on": "error"}.get(option, "2"))
    assert by_argparse(words) is not None
    assert plain(words) == (None if option == "--jobs" else by_argparse(words))
