"""What cookie-flags needs the project for: settings that a file beside overrides."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.test_cases import run


@pytest.mark.parametrize(
    ("folder", "value", "lines"),
    [("settings", "True", []), ("settings", "env('SECURE')", []), ("settings", "False", [1, 1]), ("other", "True", [1])],
)
def test_a_setting_that_the_file_for_production_overrides(tmp_path: Path, folder: str, value: str, lines: list[int]) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.holdfast]\n", "utf-8")
    for path, assigned in (("settings/base.py", "False"), (f"{folder}/production.py", value)):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(f"SESSION_COOKIE_SECURE = {assigned}\n", "utf-8")
    assert [finding.line for finding in run(tmp_path, "cookie-flags").new()] == lines
