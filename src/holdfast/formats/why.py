"""What `holdfast why` writes: a block of text a rule, or one JSON object."""

from __future__ import annotations

from holdfast.formats.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from holdfast.engine.why import Explanation
    from holdfast.rule import Account, Reason


def write(path: str, line: int, explanations: Sequence[Explanation], form: str) -> str:
    """The explanations of a line of a file. form: "text" or "json"."""
    if form == "json":
        from holdfast.formats.json import document_text

        rules = [_as_json(one) for one in explanations]
        return document_text({"version": 1, "path": path, "line": line, "rules": rules})
    if not explanations:
        return f"{printable(path)}:{line}: no rule judges anything that starts on this line\n"
    return "\n".join("".join(f"{text}\n" for text in _lines(path, one)) for one in explanations)


def _lines(path: str, explanation: Explanation) -> Iterator[str]:
    rule = explanation.rule
    state = "" if explanation.is_selected else ", not selected by the configuration"
    for account in explanation.accounts:
        verdict = "reported" if account.reported else "silent"
        yield f"{printable(path)}:{account.line}:{account.column}: {rule.name} ({rule.code}{state}): {verdict}"
        yield f"  judged: {printable(account.subject)}"
        decided = f" [{account.decided_by}]" if account.decided_by else ""
        yield f"  because: {printable(account.because)}{decided}"
        yield from (f"  {printable(text)}" for text in map(_reason, account.reasons))
    if explanation.note:
        yield f"  {printable(explanation.note)}"


def _reason(reason: Reason) -> str:
    place = f" ({reason.path}:{reason.line}:{reason.column})" if reason.line else ""
    why_not = f"; does not count: {reason.why_not}" if reason.why_not else "" if reason.counts else "; does not count"
    return f"{reason.kind} {reason.name}: {reason.sentence}{place}{why_not}"


def _as_json(explanation: Explanation) -> dict[str, Any]:
    return {
        "rule": explanation.rule.name,
        "code": explanation.rule.code,
        "selected": explanation.is_selected,
        "note": explanation.note,
        "accounts": [_account(account) for account in explanation.accounts],
    }


def _account(account: Account) -> dict[str, Any]:
    return account.as_dict() | {"reasons": [reason.as_dict() for reason in account.reasons]}
