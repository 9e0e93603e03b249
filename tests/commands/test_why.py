"""`holdfast why`: through the command, on the demo's findings and on lines that look alike."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.programs import ROOT, holdfast

DEMO = ROOT / "docs/demo/shop"
HOOK = """import hmac


def verify(request, key, token_type):
    expected = hmac.new(key, request.body, "sha256").hexdigest()
    if token_type == "bearer":
        return False
    return request.headers["X-Signature"] == expected


# a comment
"""


def test_it_explains_every_finding_of_the_demo() -> None:
    found = json.loads(holdfast("check", "--select", "all", "--format", "json", "--no-baseline", ".", cwd=DEMO).stdout)
    places = {(finding["path"], finding["line"], finding["rule"]) for finding in found["findings"]}
    assert len(places) > 5
    for path, line, rule in places:
        told = json.loads(holdfast("why", f"{path}:{line}", "--rule", rule, "--format", "json", cwd=DEMO).stdout)
        accounts = [account for one in told["rules"] for account in one["accounts"]]
        assert any(account["reported"] and account["because"] for account in accounts), (path, line, rule, told)


def test_signs_and_silencers_with_their_places(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.holdfast]\n", "utf-8")
    (tmp_path / "hook.py").write_text(HOOK, "utf-8")
    said = holdfast("why", "hook.py:8", cwd=tmp_path).stdout
    assert "hook.py:8:12: constant-time-compare (HF101): reported" in said
    assert "[keyed-mac]" in said
    assert "hard sign keyed-mac: `expected` is hmac.new(...) from line 5 (hook.py:5:16)" in said
    said = holdfast("why", "hook.py:6:8", cwd=tmp_path).stdout
    assert "constant-time-compare (HF101): silent" in said
    assert holdfast("why", "hook.py:11", cwd=tmp_path).stdout == "hook.py:11: no rule judges anything that starts on this line\n"


def test_an_exemption_and_the_baseline_are_named(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.holdfast]\n", "utf-8")
    line = 'request.headers["X-Signature"] == expected'
    (tmp_path / "hook.py").write_text(
        HOOK.replace(line, f"{line}  # holdfast: ignore[constant-time-compare] a test double"), "utf-8"
    )
    assert "A comment exempts it: a test double." in holdfast("why", "hook.py:8", cwd=tmp_path).stdout
    (tmp_path / "hook.py").write_text(HOOK, "utf-8")
    assert holdfast("baseline", "write", cwd=tmp_path).returncode == 0
    assert "The baseline knows it." in holdfast("why", "hook.py:8", cwd=tmp_path).stdout


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("hook.py",), "must be PATH:LINE"),
        (("hook.py:0",), "must be PATH:LINE"),
        (("hook.py:99",), "the file has 11 lines, not 99"),
        (("gone.py:1",), "does not exist or cannot be read"),
        (("broken.py:1",), "cannot be parsed"),
        (("hook.py:8", "--rule", "no-prnt"), 'did you mean "no-print"?'),
        (("hook.py:8", "--rule", "boundaries"), "does not judge lines of a file"),
    ],
)
def test_what_cannot_be_explained_is_an_error(tmp_path: Path, arguments: tuple[str, ...], part: str) -> None:
    (tmp_path / "hook.py").write_text(HOOK.rstrip("\n"), "utf-8")
    (tmp_path / "broken.py").write_text("def verify_hmac(:\n", "utf-8")
    ran = holdfast("why", *arguments, cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert part in ran.stderr
