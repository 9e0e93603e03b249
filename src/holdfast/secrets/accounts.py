"""Explain the decision of a rule whose signs give their evidence as half a sentence, for `holdfast why`."""

from __future__ import annotations

from holdfast.rule import HARD, WORDS, Account, Reason, Sign, Silencer, decide

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Sequence

    from holdfast.code.source import Source


def account(
    source: Source, node: ast.AST, subject: object, tables: tuple[Sequence[Sign], Sequence[Silencer]], left_out: str
) -> Account:
    """Return how a rule judged a subject at a node. left_out: why the file is not checked; "" if it is checked."""
    line, column, _, _ = source.place(node)
    decision = decide(*tables, subject)
    if decision.sign is None:
        because = "no sign was found: no name and no value shows a secret here"
    else:
        because = decision.silencer.sentence if decision.silencer else f"{decision.sign.sentence}: {decision.evidence}"
    decisive = decision.silencer or decision.sign
    return Account(
        line=line,
        column=column,
        subject=f"`{source.show(node)}`",
        reported=decision.reports and not left_out,
        because=left_out or because,
        decided_by=decisive.name if decisive else "",
        reasons=tuple(_reasons(source, node, subject, tables)),
    )


def _reasons(source: Source, node: ast.AST, subject: object, tables: tuple[Sequence[Sign], Sequence[Silencer]]) -> Iterator[Reason]:
    """Every sign that is found, and every silencer that applies."""
    line, column, _, _ = source.place(node)
    found = [(sign, evidence) for sign in tables[0] if (evidence := sign.found(subject))]
    for sign, evidence in found:
        yield Reason(
            kind=f"{sign.strength} sign", name=sign.name, sentence=str(evidence), path=source.path, line=line, column=column
        )
    is_hard = any(sign.strength == HARD for sign, _ in found)
    for entry in (entry for entry in tables[1] if found and entry.applies(subject)):
        why_not = "words do not silence a hard sign" if is_hard and entry.kind == WORDS else ""
        yield Reason(kind=entry.kind, name=entry.name, sentence=entry.sentence, counts=not why_not, why_not=why_not)
