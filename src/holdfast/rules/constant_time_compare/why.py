"""Why a comparison is reported, or not: the signs found and the silencers that apply, for `holdfast why`."""

from __future__ import annotations

from holdfast.rule import HARD, WORDS, Account, Reason, decide
from holdfast.rules.constant_time_compare import comparisons, place
from holdfast.rules.constant_time_compare.signs import SIGNS
from holdfast.rules.constant_time_compare.silencers import SILENCERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from holdfast.code.source import Source
    from holdfast.rule import Decision, Silencer
    from holdfast.rules.constant_time_compare.comparisons import Comparison

OPTIONAL = "one-time-state"


def active(state: bool) -> tuple[Silencer, ...]:
    """The silencers that apply; the option `state` switches one off."""
    return tuple(entry for entry in SILENCERS if not state or entry.name != OPTIONAL)


def left_out(source: Source, tests: bool) -> str:
    """Why a file is not looked at; "" where it is. tests: the option."""
    if not tests and (source.is_test or place.TEST_LIBRARIES & source.imported):
        return "the file is a test, or imports what only tests are made of (option `tests`)"
    return ""


def why(source: Source, options: Any, line: int) -> Iterator[Account]:
    """How each comparison that starts on a line was judged."""
    silencers = active(options.state)
    skipped = left_out(source, options.tests)
    for comparison in comparisons.every(source):
        start, column, _, _ = source.place(comparison.node)
        if start != line:
            continue
        decision = decide(SIGNS, silencers, comparison)
        decisive = decision.silencer or decision.sign
        yield Account(
            line=line,
            column=column,
            subject=f"the comparison `{source.show(comparison.node)}`",
            reported=decision.reports and not skipped,
            because=skipped or _because(decision),
            decided_by=decisive.name if decisive else "",
            reasons=tuple(_reasons(comparison, silencers)),
        )


def _because(decision: Decision) -> str:
    if decision.sign is None:
        return "no sign was found: no value and no name on either side shows a secret here"
    return decision.silencer.sentence if decision.silencer else f"{decision.sign.sentence}: {decision.evidence.reason}"


def _reasons(comparison: Comparison, silencers: tuple[Silencer, ...]) -> Iterator[Reason]:
    """Every sign that is found, and every silencer that applies; words do not silence a hard sign."""
    source = comparison.source
    found = [(sign, lead) for sign in SIGNS if (lead := sign.found(comparison))]
    for sign, lead in found:
        line, column = source.place(lead.origin)[:2] if lead.origin else source.place(comparison.node)[:2]
        kind = f"{sign.strength} sign"
        yield Reason(kind=kind, name=sign.name, sentence=lead.reason, path=source.path, line=line, column=column)
    is_hard = any(sign.strength == HARD for sign, _ in found)
    for entry in (entry for entry in silencers if found and entry.applies(comparison)):
        why_not = "words do not silence a hard sign" if is_hard and entry.kind == WORDS else ""
        yield Reason(kind=entry.kind, name=entry.name, sentence=entry.sentence, counts=not why_not, why_not=why_not)
