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
