"""`make test` also says whether lint, types, contracts and generated files are clean."""

from __future__ import annotations

import sys

import pytest

from tests.programs import BIN, ROOT, holdfast, start

COMMANDS = {
    "lint": (BIN / "ruff", "check", "--no-cache"),
    "format": (BIN / "ruff", "format", "--check", "--no-cache"),
    "types": (BIN / "mypy",),
    "generated files": (sys.executable, "tools/sync.py", "--check"),
    "import contracts": (BIN / "lint-imports", "--no-cache"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_is_clean(name: str) -> None:
    ran = start(*COMMANDS[name], cwd=ROOT)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_we_keep_our_own_rules() -> None:
    ran = holdfast("check", "--select", "all", "src", "tests", "tools", cwd=ROOT)  # docs/demo is a project of its own
    assert ran.returncode == 0, ran.stdout + ran.stderr
