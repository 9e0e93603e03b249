"""Exemptions: a comment with a reason, `# holdfast: ignore[no-print] the CLI talks to people`."""

from __future__ import annotations

import re

from holdfast import rules
from holdfast.code import syntax
from holdfast.record import Record
from holdfast.rule import CheckError, Finding, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.source import Source

MENTION = b"holdfast:"
COMMENT = r"#\s*holdfast:\s*ignore\b(?:\s*\[(?P<rules>[^]]*)\])?(?P<reason>.*?)(?=\s#|$)"


class Exemption(Record):
    """One comment. line, column and end_column are the comment's; rules is what it names; covers is the lines it speaks of."""

    line: int
    column: int
    end_column: int
    rules: tuple[str, ...]
    reason: str
    above: int
    """The line of code directly below a comment on a line of its own; 0 behind code."""


def read(source: Source) -> tuple[list[Exemption], list[CheckError]]:
    """The exemptions of a file, and an error for each that names no rule, or a rule that never was."""
    if MENTION not in source.data:
        return [], []
    exemptions: list[Exemption] = []
    errors: list[CheckError] = []
    for line, column, text, below in _comments(source):
        for match in re.finditer(COMMENT, text):
            names = tuple(name.strip() for name in (match["rules"] or "").split(",") if name.strip())
            if not names:
                errors.append(
                    CheckError("option", 'an exemption names its rules: "# holdfast: ignore[rule] reason"', source.path, line)
                )
            try:
                current = tuple(rules.current_name(name) for name in names)
            except CheckError as error:
                errors.append(CheckError("option", f"in an exemption: {error.message}", source.path, line))
                continue
            start = column + match.start()
            exemptions.append(
                Exemption(
                    line=line,
                    column=start + 1,
                    end_column=start + 1 + len(match[0].rstrip()),
                    rules=current,
                    reason=match["reason"].strip(),
                    above=below,
                )
            )
    return exemptions, errors


def _comments(source: Source) -> Iterator[tuple[int, int, str, int]]:
    """Line, 0-based column and text of each comment; for one on its own line also the first line below its block of comments."""
    import io
    import tokenize

    tokens = list(tokenize.generate_tokens(io.StringIO(source.text, newline=None).readline))
    comments = [token for token in tokens if token.type == tokenize.COMMENT]
    own = {token.start[0] for token in comments if token.line.lstrip().startswith("#")}
    for token in comments:
        below = line = token.start[0]
        while below in own:
            below += 1
        yield line, token.start[1], token.string, below if line in own else 0


def apply(
    source: Source, findings: list[Finding], exemptions: list[Exemption], ran: frozenset[str]
) -> tuple[list[Finding], list[Finding]]:
    """Mark the findings that a comment exempts; and the findings about the exemptions themselves.

    An exemption holds on any line of the finding's statement or header, and directly above it. ran: the names of the rules
    that looked at the file; nothing is said about exemptions from other rules.
    """
    used: set[tuple[int, int, str]] = set()
    marked: list[Finding] = []
    for finding in findings:
        fitting = [exemption for exemption in exemptions if finding.rule in exemption.rules and covers(exemption, finding)]
        used.update((exemption.line, exemption.column, finding.rule) for exemption in fitting)
        marked.append(finding.replace(status="exempt", reason=fitting[0].reason) if fitting else finding)
    return marked, [
        found
        for exemption in exemptions
        for name in exemption.rules
        if name in ran
        for found in _about(source, exemption, name, used)
    ]


def covers(exemption: Exemption, finding: Finding) -> bool:
    """Whether an exemption stands where it holds for a finding."""
    first, last = finding.span
    return first <= exemption.line <= last or exemption.above == first


def _about(source: Source, exemption: Exemption, name: str, used: set[tuple[int, int, str]]) -> Iterator[Finding]:
    from holdfast.rules import about_holdfast

    if (exemption.line, exemption.column, name) not in used:
        yield _finding(
            source, exemption, about_holdfast.UNUSED_EXEMPTION, f"this exemption from {name} silences nothing: delete it"
        )
    elif not exemption.reason:
        yield _finding(
            source,
            exemption,
            about_holdfast.EXEMPTION_WITHOUT_REASON,
            f"this exemption from {name} gives no reason: write it behind the bracket",
        )


def _finding(source: Source, exemption: Exemption, rule: Rule, message: str) -> Finding:
    return Finding(
        path=source.path,
        line=exemption.line,
        column=exemption.column,
        end_line=exemption.line,
        end_column=exemption.end_column,
        message=message,
        level=rule.level,
        symbol=source.symbol_at(exemption.line),
        statement=syntax.digest(f"{','.join(exemption.rules)} {exemption.reason}"),
        span=(exemption.line, exemption.line),
        frame=source.shown_line(exemption.line, secret=True),
        rule=rule.name,
        code=rule.code,
    )
