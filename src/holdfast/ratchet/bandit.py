"""bandit. It checks the same files as `holdfast check`; `bandit -r .` would check virtual environments, too."""

from __future__ import annotations

from holdfast.boundaries import shipped
from holdfast.ratchet.tool import Ran, Result, Tool, document, failed
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from holdfast.engine.tool_settings import Settings

LONGEST_CALL = 25_000
"""The number of characters of file names in one call. Windows allows about 32,000."""
OWN = "HF"
"""The prefix of the codes of Holdfast's plugins. `holdfast check` reports their findings."""


def _calls(settings: Settings, files: Sequence[str]) -> Iterator[list[str]]:
    if not files:
        raise CheckError("option", "bandit has no Python files to check: correct `paths` in [tool.holdfast.tools.bandit]")
    if settings.preset and any(
        argument.startswith(("-c", "--config")) and not argument.startswith("--confidence") for argument in settings.args
    ):
        raise CheckError("option", "[tool.holdfast.tools.bandit] must not have both `preset` and -c in `args`")
    preset = ["-c", shipped.path(f"bandit/{settings.preset}.yaml")] if settings.preset else []
    share: list[str] = []
    size = 0
    for file in [*(f"./{file}" for file in files), ""]:
        if not file or size + len(file) > LONGEST_CALL:
            yield ["-f", "json", "-q", *preset, *settings.args, *share]
            share, size = [], 0
        share.append(file)
        size += len(file) + 3


def _results(ran: Ran) -> Iterator[Result | CheckError]:
    if ran.code not in (0, 1) or "internal error" in ran.err:
        raise failed("bandit", ran)
    found = document("bandit", ran, dict)
    try:
        for error in found["errors"]:
            yield CheckError("unreadable", f"bandit cannot check the file: {error['reason']}", error["filename"])
        for item in found["results"]:
            if item["test_id"].startswith(OWN):
                continue
            yield Result(
                path=item["filename"],
                line=item["line_number"],
                column=max(item["col_offset"], 0),
                in_bytes=True,
                code=item["test_id"],
                message=item["issue_text"],
                level="error" if item["issue_severity"] == "HIGH" else "warning",
                url=item.get("more_info") or "",
                name=item.get("test_name") or "",
                tags=("security", *_weakness(item)),
            )
    except (KeyError, TypeError, AttributeError) as error:
        raise failed("bandit", ran, "the output has an unexpected format") from error


def _weakness(item: dict[str, Any]) -> tuple[str, ...]:
    """The tag of the CWE number of a result; nothing if it has none, as in old versions of bandit."""
    number = (item.get("issue_cwe") or {}).get("id")
    return (f"external/cwe/cwe-{number:03}",) if isinstance(number, int) else ()


def _looked_at(ran: Ran) -> Iterator[str]:
    """The paths for which there are metrics. The entry "_totals" is their sum."""
    metrics = document("bandit", ran, dict).get("metrics")
    if not isinstance(metrics, dict):
        raise failed("bandit", ran, "the output does not say which files were checked")
    return (path for path in metrics if path != "_totals")


tool = Tool(
    name="bandit",
    calls=_calls,
    results=_results,
    looked_at=_looked_at,
    ignore_comments=("--ignore-nosec",),
    secret=frozenset(("B105", "B106", "B107")),
    files=True,
)
