"""Exemptions: comments that suppress findings, such as `# holdfast: ignore[no-print] the CLI writes to the terminal`."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

from holdfast import rules
from holdfast.code import syntax
from holdfast.record import Record
from holdfast.rule import CheckError, Finding, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.source import Source

MENTION = b"holdfast:"
COMMENT = r"#\s*holdfast:\s*ignore\b(?:\s*\[(?P<rules>[^]]*)\])?(?P<reason>.*?)(?=\s#\s|\s#\s*holdfast:|$)"


class Exemption(Record):
    """One comment. line, column and end_column are the position of the comment; rules are the names of the rules in it."""

    line: int
    column: int
    end_column: int
    rules: tuple[str, ...]
    reason: str
    above: int
    """The line of code below a comment that has a line of its own; 0 for a comment at the end of a line of code."""


def read_exemptions(source: Source) -> tuple[list[Exemption], list[CheckError]]:
    """Return the exemptions in a file, and an error for each that names no rule or an unknown rule."""
    if MENTION not in source.data:
        return [], []

    exemptions: list[Exemption] = []
    errors: list[CheckError] = []
    try:
        comments = list(_comments(source))
    except CheckError as error:
        return [], [error]
    for line, column, text, below in comments:
        for match in re.finditer(COMMENT, text):
            names = tuple(name.strip() for name in (match["rules"] or "").split(",") if name.strip())
            if not names:
                errors.append(
                    CheckError("option", "the exemption names no rule: write `# holdfast: ignore[RULE] reason`", source.path, line)
                )
            try:
                current = tuple(rules.current_name(name) for name in names)
            except CheckError as error:
                errors.append(CheckError("option", f"exemption: {error.message}", source.path, line))
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
    """Line, 0-based column and text of each comment, and the first line below its block of comments.

    The last number is 0 for a comment at the end of a line of code. Raises CheckError if the comments cannot be read.
    """
    import io
    import tokenize

    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source.text, newline=None).readline))
    except (tokenize.TokenError, SyntaxError) as error:
        raise CheckError(
            "unreadable", f"its comments cannot be read, and one may be an exemption: {error.args[0]}", source.path
        ) from error
    comments = [token for token in tokens if token.type == tokenize.COMMENT]
    comment_lines = {token.start[0] for token in comments if token.line.lstrip().startswith("#")}
    below: dict[int, int] = {}
    for line in sorted(comment_lines, reverse=True):
        below[line] = below.get(line + 1, line + 1)
    for token in comments:
        yield *token.start, token.string, below.get(token.start[0], 0)


def apply_exemptions(
    source: Source, findings: list[Finding], exemptions: list[Exemption], ran: frozenset[str]
) -> tuple[list[Finding], list[Finding]]:
    """Return the findings, those that a comment exempts marked as exempt, and the findings about the exemptions themselves.

    ran: the names of the rules that checked the file. Exemptions from other rules are not reported.
    """
    used: set[tuple[int, int, str]] = set()
    marked: list[Finding] = []
    matching: dict[tuple[str, tuple[int, int]], list[Exemption]] = {}
    known = _ByRule(exemptions)
    for finding in findings:
        place = (finding.rule, finding.span)  # the findings of a statement share its exemptions
        if place not in matching:
            matching[place] = known.in_reach(finding)
            used.update((exemption.line, exemption.column, finding.rule) for exemption in matching[place])
        marked.append(finding.replace(status="exempt", reason=matching[place][0].reason) if matching[place] else finding)
    return marked, [
        found
        for exemption in exemptions
        for name in exemption.rules
        if name in ran
        for found in _about(source, exemption, name, used)
    ]


class _ByRule:
    """The exemptions of a file, in its order, by the rules that they name."""

    def __init__(self, exemptions: list[Exemption]) -> None:
        self.beside: dict[str, list[Exemption]] = {}
        self.above: dict[tuple[str, int], list[Exemption]] = {}
        for exemption in exemptions:
            for name in dict.fromkeys(exemption.rules):
                self.beside.setdefault(name, []).append(exemption)
                if exemption.above:
                    self.above.setdefault((name, exemption.above), []).append(exemption)

    def in_reach(self, finding: Finding) -> list[Exemption]:
        """The exemptions from the rule of a finding that are in reach of it."""
        (first, last), beside = finding.span, self.beside.get(finding.rule, [])
        start = bisect_left(beside, first, key=lambda exemption: exemption.line)
        end = bisect_right(beside, last, key=lambda exemption: exemption.line)
        return [*self.above.get((finding.rule, first), ()), *beside[start:end]]


def is_in_reach(exemption: Exemption, finding: Finding) -> bool:
    """Return whether an exemption is on a line of the finding's statement or header, or directly above it."""
    first, last = finding.span
    return first <= exemption.line <= last or exemption.above == first


def _about(source: Source, exemption: Exemption, name: str, used: set[tuple[int, int, str]]) -> Iterator[Finding]:
    from holdfast.rules import about_holdfast

    if (exemption.line, exemption.column, name) not in used:
        yield _finding(
            source, exemption, about_holdfast.UNUSED_EXEMPTION, f"the exemption from {name} suppresses no finding: delete it"
        )
    elif not exemption.reason:
        yield _finding(
            source,
            exemption,
            about_holdfast.EXEMPTION_WITHOUT_REASON,
            f"the exemption from {name} has no reason: write one after the closing bracket",
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
        frame=source.shown_line(exemption.line, redact=True),
        rule=rule.name,
        code=rule.code,
    )
