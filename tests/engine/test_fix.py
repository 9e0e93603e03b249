"""What a fix promises: the program gives the same answers, nothing else changes, and what is not certain is left alone."""

from __future__ import annotations

import ast
import contextlib
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import libcst as cst
import pytest
from hypothesis import given, settings, strategies as st

from holdfast import files, rules
from holdfast.code.source import Source
from holdfast.commands import main as command
from holdfast.engine import checks, config, fix, rewrite
from holdfast.rule import Finding, Options, Replacement, Rule

RULE = rules.load("constant-time-compare")
CHOSEN = [(RULE, RULE.options())]
OPERANDS: dict[str, list[Any]] = {
    "str": ["", "a", "b", "token", "töken", "\u202e", "😀", "a" * 1000],
    "bytes": [b"", b"a", b"b", b"token", b"\xff\x00"],
    "str | None": ["", "token", "töken", None],
    "object": ["", "token", "töken", b"token", None, 3],
}
CODE = """
def verify(signature: {left}, expected_mac: {right}):
    if {first}:
        return "first"
    return {second}
"""
FORMS = [
    ("signature == expected_mac", "signature != expected_mac"),
    ("not signature == expected_mac", "(signature != expected_mac)"),
    ("expected_mac and signature == expected_mac", "not (signature != expected_mac) or signature == expected_mac"),
    ("signature in [expected_mac, expected_mac]", "signature not in (expected_mac,)"),
    ("signature[1:] == expected_mac", "signature.strip() == expected_mac + expected_mac"),
]


def fixed(code: str) -> tuple[str, fix.Fixed]:

    source = Source("shop/verify.py", code.encode())
    outcome = checks.check_source(source, CHOSEN)
    result = fix.fix_source(source, outcome.findings, CHOSEN)
    return result.data.decode(), result


def answer(code: str, signature: object, expected: object) -> object:
    names: dict[str, object] = {}
    exec(compile(code, "verify.py", "exec"), names)
    verify = names["verify"]
    assert callable(verify)
    try:
        return verify(signature, expected)
    except (TypeError, AttributeError) as error:
        return type(error).__name__, "compare_digest" in str(error)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("left", OPERANDS)
@pytest.mark.parametrize("right", OPERANDS)
def test_the_same_answers_for_every_kind_of_operand(form: tuple[str, str], left: str, right: str) -> None:
    """Equal, different, empty and non-ASCII text, bytes, None: whatever the annotations allow."""
    before = CODE.format(left=left, right=right, first=form[0], second=form[1])
    after, result = fixed(before)
    if left == right and left in ("str", "bytes"):
        assert result.done, "text against text and bytes against bytes are rewritten"
        assert "hmac.compare_digest(" in after
    else:
        assert after == before
    for signature in OPERANDS[left]:
        for expected in OPERANDS[right]:
            assert answer(before, signature, expected) == answer(after, signature, expected)


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
def test_any_text_compares_as_before(signature: str, expected: str) -> None:
    before = CODE.format(left="str", right="str", first="signature == expected_mac", second="signature != expected_mac")
    after, _ = fixed(before)
    assert answer(after, signature, expected) == answer(before, signature, expected)
    assert answer(after, signature, signature) == "first"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (
            "import hmac\ndef verify(a, k, b):\n    return hmac.new(k, b).digest() == a\n",
            "`a` may be None or a mix of str and bytes",
        ),
        ("import hmac\ndef verify(a: str, k, b):\n    return hmac.new(k, b).digest() == a\n", "never equal"),
    ],
)
def test_what_is_left_alone_says_why_in_its_hint(code: str, reason: str) -> None:

    (finding,) = checks.check_source(Source("shop/verify.py", code.encode()), CHOSEN).findings
    assert (finding.fix, reason in finding.hint) == (None, True)


def test_a_rewrite_is_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"before")

    def fails(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(OSError, match="disk full"):
        files.write(str(path), b"after")
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.py").write_bytes(b"before")
    (tmp_path / "link.py").symlink_to("real.py")
    files.write(str(tmp_path / "link.py"), b"after")
    assert (tmp_path / "link.py").is_symlink()
    assert (tmp_path / "real.py").read_bytes() == b"after"


def test_a_rewritten_file_keeps_its_attributes(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"before")
    path.chmod(0o751)
    is_root = hasattr(os, "geteuid") and not os.geteuid()
    if is_root:
        os.chown(path, 1234, 4321)
    has_attributes = False
    if hasattr(os, "setxattr"):
        with contextlib.suppress(OSError):  # not every file system has them
            os.setxattr(path, "user.note", b"kept")
            has_attributes = True
    files.write(str(path), b"after")
    found = path.stat()
    assert (path.read_bytes(), stat.S_IMODE(found.st_mode)) == (b"after", 0o751)
    assert not is_root or (found.st_uid, found.st_gid) == (1234, 4321)
    assert not has_attributes or os.getxattr(path, "user.note") == b"kept"


def test_a_file_with_two_names_keeps_both(tmp_path: Path) -> None:
    first, second = tmp_path / "a.py", tmp_path / "b.py"
    first.write_bytes(b"before, and longer")
    second.hardlink_to(first)
    files.write(str(first), b"after")
    assert (first.read_bytes(), second.read_bytes(), first.samefile(second)) == (b"after", b"after", True)
    assert sorted(tmp_path.iterdir()) == [first, second]


def test_stale_temporary_files_are_removed_and_others_are_not(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    stale, of_this_process, fresh, foreign = (
        tmp_path / name
        for name in ("a.py.holdfast-1.tmp", f"a.py.holdfast-{os.getpid()}.tmp", "a.py.holdfast-2.tmp", "b.py.holdfast-1.tmp")
    )
    for one in (path, stale, of_this_process, fresh, foreign):
        one.write_bytes(b"before")
    for one in (stale, foreign):
        os.utime(one, (0, 0))
    files.write(str(path), b"after")
    assert sorted(tmp_path.iterdir()) == [path, fresh, foreign]
    assert path.read_bytes() == b"after"


def test_a_file_that_cannot_be_written_does_not_hide_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = "import hmac\n\n\ndef f(k, signature: str):\n    return hmac.new(k).hexdigest() == signature\n"
    for name in "abc":
        (tmp_path / f"{name}.py").write_text(code, "utf-8")
    write = files.write

    def fails(path: str, data: bytes) -> None:
        if path.endswith("a.py"):
            raise PermissionError(13, "Permission denied")
        write(path, data)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(files, "write", fails)
    assert command.main(["check", "--fix", "."]) == 2
    shown = capsys.readouterr()
    assert "a.py: cannot write the fixed file: Permission denied" in shown.out + shown.err
    assert "fixed 2 of 3 findings in 2 files" in shown.err
    assert "a.py:5" in shown.out
    assert [(tmp_path / f"{name}.py").read_text("utf-8") == code for name in "abc"] == [True, False, False]


def test_a_fix_that_would_change_more_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    code = CODE.format(left="str", right="str", first="signature == expected_mac", second="0")
    monkeypatch.setattr(
        rewrite.Rewriter, "run", lambda self: (self.done.extend(f for _, f in self._wanted.values()), b"x = 1\n")[1]
    )
    after, result = fixed(code)
    assert (after, result.done) == (code, ())
    assert "would" in result.left[0][1]


def test_options_of_a_fixed_run_are_those_of_the_check() -> None:
    assert config.options_of(RULE, config.Config(rules={"constant-time-compare": {"medium": False}})) == RULE.options(medium=False)


# -- rules to be thrown away: what a fix may rewrite, and what becomes of its mistakes


def a_rule(*kinds: type[ast.AST], reports: Callable[[str], bool] = lambda _: True, anchored: bool = True) -> Rule:
    """A rule that reports every node of some types whose text on one line is to be reported."""

    def check(source: Source, _options: Options) -> Iterator[Finding]:
        for node in source.nodes(*kinds):
            if reports(source.show(node, redact=False)):
                yield source.finding(node, "is reported", fix="safe")

    anchors = kinds if anchored else ()
    return Rule(name="no-x", code="HF999", summary="x", since="0.1.0", level="error", check=check, anchors=anchors)


def rewritten(rule: Rule, code: str, fixes: object, monkeypatch: pytest.MonkeyPatch) -> tuple[str, fix.Fixed]:
    monkeypatch.setattr(rules, "load_fix", lambda _: fixes)
    source, chosen = Source("shop/x.py", code.encode()), [(rule, rule.options())]
    result = fix.fix_source(source, checks.check_source(source, chosen).findings, chosen)
    return result.data.decode(), result


def statement(text: str) -> Callable[..., Replacement]:
    """A fix that puts a simple statement in the place of another one."""
    return lambda *_: Replacement(node=cst.ensure_type(cst.parse_statement(text), cst.SimpleStatementLine).body[0])


def removed(*_: object) -> Replacement:
    return Replacement(node=None)


def changed(**changes: object) -> Callable[..., Replacement]:
    """A fix that keeps the node and changes parts of it."""
    return lambda _source, _node, updated, _options: Replacement(node=updated.with_changes(**changes))


@pytest.mark.parametrize(
    ("kinds", "reported", "fixes", "before", "after"),
    [
        ((ast.ImportFrom,), "*", statement("import math"), "from math import *; x = 1\n", "import math; x = 1\n"),
        ((ast.Import,), "md5", removed, "import md5\n# why\nimport os\n", "# why\nimport os\n"),
        (
            (ast.alias,),
            "md5",
            changed(name=cst.Name("sha256")),
            "from hashlib import blake2b, md5 as h\n",
            "from hashlib import blake2b, sha256 as h\n",
        ),
        ((ast.Assign,), "x =", statement("x: int = 1"), "def f():\n    x = 1; y = 2\n", "def f():\n    x: int = 1; y = 2\n"),
        ((ast.AugAssign,), "+=", statement("x = x + 1"), "x += 1  # more\n", "x = x + 1  # more\n"),
        (
            (ast.Return,),
            "None",
            changed(value=None, whitespace_after_return=cst.SimpleWhitespace("")),
            "def f():\n    return None\n",
            "def f():\n    return\n",
        ),
        (
            (ast.Raise,),
            "raise e",
            changed(exc=None, whitespace_after_raise=cst.SimpleWhitespace("")),
            "try: f()\nexcept E as e: raise e\n",
            "try: f()\nexcept E as e: raise\n",
        ),
        ((ast.Assert,), "assert", removed, "def f(x):\n    # why\n    assert x\n    g(x)\n", "def f(x):\n    # why\n    g(x)\n"),
        ((ast.Assert,), "assert", removed, "def f(x):\n    y = x; assert x; g(y)\n", "def f(x):\n    y = x; g(y)\n"),
        ((ast.Pass,), "pass", removed, "def f():\n    pass\n    return 1\n", "def f():\n    return 1\n"),
        (
            (ast.ClassDef,),
            "(object)",
            changed(bases=[], lpar=cst.MaybeSentinel.DEFAULT, rpar=cst.MaybeSentinel.DEFAULT),
            "@final\nclass A(object):  # why\n    x = 1\n",
            "@final\nclass A:  # why\n    x = 1\n",
        ),
        (
            (ast.FunctionDef, ast.AsyncFunctionDef),
            "old",
            changed(name=cst.Name("new")),
            "@app.get('/')\nasync def old(x):\n    def old(): ...\n",
            "@app.get('/')\nasync def new(x):\n    def new(): ...\n",
        ),
        ((ast.If,), "0", changed(test=cst.Name("x")), "if 1:\n    a\nelif 0:\n    b\n", "if 1:\n    a\nelif x:\n    b\n"),
        (
            (ast.ExceptHandler,),
            "except:",
            changed(type=cst.Name("Exception"), whitespace_after_except=cst.SimpleWhitespace(" ")),
            "try:\n    f()\nexcept:\n    g()\n",
            "try:\n    f()\nexcept Exception:\n    g()\n",
        ),
        ((ast.With,), "with x:", removed, "with x: pass\ny = 1\n", "y = 1\n"),
        ((ast.Call,), "cache(", removed, "@one\n@cache(1)\n@two\ndef f(): ...\n", "@one\n@two\ndef f(): ...\n"),
        ((ast.Name,), "debug", removed, "@debug\nclass A: ...\n", "class A: ...\n"),
        (
            (ast.Attribute,),
            "os.errno",
            changed(value=cst.Name("posix")),
            "@os.errno\ndef f(): ...\n",
            "@posix.errno\ndef f(): ...\n",
        ),
        ((ast.Constant,), "md5", lambda *_: Replacement(node=cst.SimpleString("'sha256'")), "h = 'md5'\n", "h = 'sha256'\n"),
        ((ast.JoinedStr,), "f", lambda *_: Replacement(node=cst.SimpleString("'x'")), "y = (f'x')\n", "y = 'x'\n"),
        ((ast.keyword,), "False", changed(value=cst.Name("True")), "get(u, verify=False)\n", "get(u, verify=True)\n"),
    ],
)
def test_a_fix_may_rewrite_imports_statements_decorators_and_expressions(
    kinds: tuple[type[ast.AST], ...],
    reported: str,
    fixes: Callable[..., Replacement],
    before: str,
    after: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for anchored in (True, False):
        rule = a_rule(*kinds, reports=lambda text: reported in text, anchored=anchored)
        got, result = rewritten(rule, before, fixes, monkeypatch)
        assert (got, result.left) == (after, ())
        assert result.done


EVERY_KIND = """import a, b as c
from d import (e as f, g)
@one.two(1, x=[2])
class A(B, metaclass=M):  # why: there
    x: int = 1
    async def f(self, *args, y=-1, **kw):
        global z; nonlocal w
        async with p as q, r: await s(); pass
        async for i in j:
            if (k := l) and m or n: continue
            elif not o[1:2]["é"]: break
            else: del t, u["x"]
        return [v for v in w], {v for v in w}, {v: 1 for v in w}, {1: 2, **a}, {1, 2}, lambda x: x
@three
def g():
    while x < 1 <= y: x += b"1" if z else "1" "2" if z else f"{x!r:>{y}}" "s"
    else: yield (yield from 1.5j + True + ... + None)
    try: raise E from (e)
    except (A, B) as e: assert x, "y"
    finally: pass
    for x in 1.0, *y: z = w = [x, *y]
    with (x): pass
    match x:
        case {"a": 1}: pass
    try: 1
    except* A: 2
"""


def test_every_kind_of_node_is_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """ast and libcst agree where each of them starts and ends: a fix that changes nothing is asked about each."""
    monkeypatch.setattr(rules, "load_fix", lambda _: lambda _source, _node, updated, _options: Replacement(node=updated))
    for kind in (*rewrite.SIMPLE, *rewrite.COMPOUND):
        code = EVERY_KIND.replace('f"{x!r:>{y}}" "s"', "x" if kind is ast.Constant else 'f"{x!r}"')  # no parts of strings
        source, rule = Source("shop/x.py", code.encode()), a_rule(kind)
        found = list(checks.check_source(source, [(rule, rule.options())]).findings)
        rewriter = rewrite.Rewriter(source, found, [(rule, rule.options())])
        assert found, kind
        assert rewriter.run() == source.data
        assert (rewriter.left, len(rewriter.done)) == ([], len(found)), kind


def test_a_mistake_in_a_fix_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """The finding that it was about is left alone, and the others are fixed."""

    def broken(_source: Source, node: ast.Call, updated: cst.Call, _options: Options) -> object:
        mistakes: dict[str, object] = {"removed": Replacement(node=None), "none": None, "raises": updated}
        name = node.func.id  # type: ignore[attr-defined]
        return mistakes[name] if name in mistakes else Replacement(node=cst.Name("fine")) if name == "f" else {}[name]

    rule = a_rule(ast.Call)
    code = "x = f(1)\ny = removed(2)\nz = none(3)\nw = other(4)\n"
    got, result = rewritten(rule, code, broken, monkeypatch)
    assert got == code.replace("f(1)", "fine")
    assert [reason.removeprefix("the fix of no-x failed, please report it: ") for _, reason in result.left] == [
        "Call cannot be removed here",
        "it returned None instead of a Replacement or a reason",
        "KeyError: 'other'",
    ]


def test_a_replacement_that_fits_nowhere_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    for node in (cst.SimpleStatementLine([cst.Pass()]), cst.parse_expression("f(2)"), cst.Pass()):
        code = "x = f(1)\n"
        got, result = rewritten(a_rule(ast.Call), code, lambda *_, node=node: Replacement(node=node), monkeypatch)
        assert (got, result.done, len(result.left)) == (code, (), 1)
        assert any(words in result.left[0][1] for words in ("could not be rewritten", "would break the file", "would")), result.left


def test_what_cannot_be_rewritten_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    _, result = rewritten(a_rule(ast.Tuple), "x = (1, 2)\n", removed, monkeypatch)
    assert [reason for _, reason in result.left] == ["fixes of this type of node are not supported"]


def test_a_block_keeps_a_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    got, result = rewritten(a_rule(ast.Assert), "def f(x):\n    assert x\n", removed, monkeypatch)
    assert (got, result.left) == ("def f(x):\n    pass\n", ())


def test_two_fixes_of_one_place(monkeypatch: pytest.MonkeyPatch) -> None:
    def check(source: Source, _options: Options) -> Iterator[Finding]:
        for call in source.nodes(ast.Call):
            yield source.finding(call, "one", fix="safe")
            yield source.finding(call, "two", fix="safe")

    rule = a_rule(ast.Call).replace(check=check)
    source, chosen = Source("shop/x.py", b"f(1)\n"), [(rule, rule.options())]
    monkeypatch.setattr(rules, "load_fix", lambda _: lambda *_: "not now")
    result = fix.fix_source(source, checks.check_source(source, chosen).findings, chosen)
    assert sorted(reason for _, reason in result.left) == ["another fix rewrites the same place: run it again", "not now"]


def test_a_fix_that_changes_the_body_below_its_finding_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "def old():\n    return 1\n"
    fixes = changed(name=cst.Name("new"), body=cst.SimpleStatementSuite([cst.Pass()]))
    got, result = rewritten(a_rule(ast.FunctionDef, reports=lambda text: "old" in text), code, fixes, monkeypatch)
    assert (got, [reason for _, reason in result.left]) == (code, ["the fix would change other lines"])
