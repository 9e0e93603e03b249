"""Holdfast's rules about itself: the engine finds what they report; here is what they are called."""

from __future__ import annotations

from holdfast.rule import Finding, Rule


def in_the_engine(_source: object, _options: object) -> tuple[Finding, ...]:
    """These rules find nothing by themselves."""
    return ()


UNUSED_EXEMPTION = Rule(
    name="unused-exemption",
    code="HF901",
    summary="every exemption silences something",
    since="0.1.0",
    level="warning",
    check=in_the_engine,
    explanation="An inline exemption names a rule that ran over the file and found nothing there.\n\n"
    "Delete the comment: left behind, it would silence the next, real finding without anybody deciding so.\n"
    "It is only reported when the rule it names was run.",
)
EXEMPTION_WITHOUT_REASON = Rule(
    name="exemption-without-reason",
    code="HF902",
    summary="every exemption says why",
    since="0.1.0",
    level="warning",
    check=in_the_engine,
    explanation="An inline exemption gives no reason. It silences all the same.\n\n"
    "Write the reason behind the bracket: `# holdfast: ignore[no-print] the CLI talks to people`.",
)
STALE_BASELINE = Rule(
    name="stale-baseline",
    code="HF903",
    summary="the baseline knows no more than there is",
    since="0.1.0",
    level="warning",
    check=in_the_engine,
    explanation="An entry of the baseline allows findings that are no longer there.\n\n"
    "Run `holdfast baseline prune` and commit the file: left behind, the entry would let the same defect come back unnoticed.\n"
    "It is only reported for rules that ran and files that were looked at; what became of a deleted file is judged by a run over\n"
    "the whole root. `--since` never reports it.",
)
EVERY = (UNUSED_EXEMPTION, EXEMPTION_WITHOUT_REASON, STALE_BASELINE)
