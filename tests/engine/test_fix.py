"""What a fix promises: the program gives the same answers, nothing else changes, and what is not certain is left alone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from holdfast import files, rules
from holdfast.code.source import Source
from holdfast.engine import checks, config, fix

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
        ("import hmac\ndef verify(a, k, b):\n    return hmac.new(k, b).digest() == a\n", "`a` must be text, or bytes"),
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


def test_a_fix_that_would_change_more_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    code = CODE.format(left="str", right="str", first="signature == expected_mac", second="0")
    monkeypatch.setattr(fix._Fixer, "run", lambda self: (self.done.extend(f for _, f in self.nodes.values()), b"x = 1\n")[1])
    after, result = fixed(code)
    assert (after, result.done) == (code, ())
    assert "would" in result.left[0][1]


def test_options_of_a_fixed_run_are_those_of_the_check() -> None:
    assert config.options_of(RULE, config.Config(rules={"constant-time-compare": {"medium": False}})) == RULE.options(medium=False)
