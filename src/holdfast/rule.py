"""Rules, findings and errors: plain data that rules, engine, hosts and formats share."""

from __future__ import annotations

from holdfast.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    import libcst as cst

LEVELS = ("note", "warning", "error")  # from weak to strong
CONFIDENCES = ("low", "medium", "high")
DOCUMENTATION = "https://github.com/holdfast-checks/holdfast/blob/main/docs/rules"


class CheckError(Exception):
    """Something that could not be checked. The exit code becomes 2, so that it is never mistaken for a clean result.

    message: says what is wrong and what to do; the path and the line are printed in front of it. kind: "unreadable", "syntax",
    "newer-syntax", "option" or "internal". path: relative to the root, with `/`; "" if the error is about no file. line: 1-based;
    0 if it is unknown.
    """

    def __init__(self, kind: str, message: str, path: str = "", line: int = 0) -> None:
        super().__init__(kind, message, path, line)
        self.kind, self.message, self.path, self.line = kind, message, path, line

    def at(self, path: str) -> CheckError:
        """Return the same error with another path."""
        return CheckError(self.kind, self.message, path, self.line)


def suggestion(name: str, known: list[str], certain: str | None = None) -> str:
    """Return the end of an error message about an unknown name: the closest known name, or a list of all known names.

    certain: the name that was meant, if the caller is sure.
    """
    import difflib

    close = [certain] if certain else difflib.get_close_matches(name, known, n=1)
    if close:
        return f'; did you mean "{close[0]}"?'
    return f" (available: {', '.join(sorted(known))})" if known else " (none are available)"


class Evidence(Record):
    """A place that supports a finding. path is relative to the root; line and column are 1-based, in characters."""

    message: str
    path: str
    line: int
    column: int


class Finding(Record):
    """A violation of a rule at a place in the code. It holds plain data only, because it is passed between processes.

    A rule creates one with `source.finding(node, message, ...)`. The engine fills in the fields of the second block.
    """

    path: str
    """Relative to the root, with `/` on every platform."""
    line: int
    column: int
    """1-based, in characters. They are the position of the expression, or of the header of a `def` or `class`."""
    end_line: int
    end_column: int
    message: str
    hint: str = ""
    symbol: str = ""
    """The enclosing definitions, for example `Class.method`; "" at module level."""
    confidence: str = "high"
    level: str = ""
    """error, warning or note. If a rule leaves it empty, the finding gets the level of the rule."""
    evidence: tuple[Evidence, ...] = ()
    measure: int | None = None
    """For rules about limits, a number that may only decrease."""
    statement: str = ""
    """A hash of the statement's canonical form. It identifies the finding when lines move."""
    contract: tuple[str, ...] = ()
    """Contract id, importer, target and name. They identify a finding about an import, instead of symbol and statement."""
    span: tuple[int, int] = (0, 0)
    """First and last line of the statement or header that contains the finding. An exemption applies on any of these lines."""
    frame: str = ""
    """The source line. If the rule is about secrets, its string literals are replaced by "…"."""

    rule: str = ""
    code: str = ""
    fix: str | None = None
    """Whether the rule can fix this finding: None (it cannot), "safe" or "unsafe"."""
    fingerprint: str = ""
    status: str = "new"
    """new, known (in the baseline) or exempt (by a comment)."""
    reason: str = ""
    """The reason that the exemption gives."""
    page: str = ""
    """The URL of the rule's documentation, if the rule belongs to another tool."""

    @property
    def url(self) -> str:
        """The URL of the rule's documentation."""
        return self.page or f"{DOCUMENTATION}/{self.rule}.md"


class Count(Record):
    """The number of findings of another tool's rule: in the baseline, in this run, and the target if one is set."""

    rule: str
    baseline: int
    now: int
    target: int | None
    silenced: int | None = None
    """The number of findings that a comment added since a revision silences; None if no revision is given."""


class ToolRun(Record):
    """Another tool, as the ratchet ran it: its version ("" if it does not say), and the number of Python files it looked at.

    names and tags: from the codes of its findings to the names and the tags of these rules.
    """

    name: str
    version: str
    files: int
    names: dict[str, str]
    tags: dict[str, tuple[str, ...]]


class Replacement(Record):
    """The result of a rule's fix: what replaces a node, and what the replacement needs.

    node: the new node; None removes a statement or a decorator. imports: pairs of a module and a name, or None to import the
    module itself. definitions: lines to insert after the imports, each once. below: if the node is a decorator, the decorator of
    the same definition below which it is moved.
    """

    node: cst.CSTNode | None
    imports: tuple[tuple[str, str | None], ...] = ()
    definitions: tuple[str, ...] = ()
    below: ast.expr | None = None


HARD, SOFT = "hard", "soft"
STRUCTURE, WORDS = "structure", "words"


class Sign(Record):
    """A named reason to report.

    Only silencers of kind STRUCTURE overrule a hard sign. Every silencer overrules a soft sign, which relies on names.
    """

    name: str
    strength: str
    """HARD or SOFT."""
    sentence: str
    """One sentence that is true wherever the sign is found."""
    found: Callable[[Any], Any]
    """found(subject) returns the evidence for the sign, or a false value if there is none."""

    def __init__(self, name: str, strength: str, sentence: str, found: Callable[[Any], Any]) -> None:  # a row of a table
        super().__init__(name=name, strength=strength, sentence=sentence, found=found)


class Silencer(Record):
    """A named reason to stay silent."""

    name: str
    kind: str
    """STRUCTURE (what the code does) or WORDS (what names say)."""
    sentence: str
    """One sentence that is true wherever the silencer applies."""
    applies: Callable[[Any], Any]
    """applies(subject) returns a true value if the silencer applies."""

    def __init__(self, name: str, kind: str, sentence: str, applies: Callable[[Any], Any]) -> None:  # a row of a table
        super().__init__(name=name, kind=kind, sentence=sentence, applies=applies)


class Decision(Record):
    """The decision of a rule's tables about a subject: the first sign, its evidence, and the silencer that overruled it."""

    sign: Sign | None = None
    evidence: Any = None
    silencer: Silencer | None = None

    @property
    def reports(self) -> bool:
        """Whether the decision is to report a finding."""
        return self.sign is not None and self.silencer is None


def decide(signs: Sequence[Sign], silencers: Sequence[Silencer], subject: object) -> Decision:
    """Decide about a subject. The tables are read in order: the first sign found decides, unless a silencer overrules it."""
    for sign in signs:
        evidence = sign.found(subject)
        if evidence:
            able = (silencer for silencer in silencers if sign.strength == SOFT or silencer.kind == STRUCTURE)
            silencer = next((one for one in able if one.applies(subject)), None)
            return Decision(sign=sign, evidence=evidence, silencer=silencer)
    return Decision()


class Reason(Record):
    """One sign, silencer or other fact that a rule considered for its verdict, as `holdfast why` shows it.

    kind: "hard sign", "soft sign", "structure", "words", or a kind of the rule's own such as "limit". path, line and column: where
    it was found; line is 0 if it has no place of its own.
    """

    kind: str
    name: str
    sentence: str
    path: str = ""
    line: int = 0
    column: int = 0
    counts: bool = True
    """Whether it was strong enough to count."""
    why_not: str = ""
    """If it does not count, one sentence that says why."""


def considered(signs: Sequence[Sign], silencers: Sequence[Silencer], subject: object) -> Iterable[Reason]:
    """Return every sign that is found in a subject, and every silencer that applies; words do not silence a hard sign."""
    found = [sign for sign in signs if sign.found(subject)]
    reasons = [Reason(kind=f"{sign.strength} sign", name=sign.name, sentence=sign.sentence) for sign in found]
    is_hard = any(sign.strength == HARD for sign in found)
    for entry in (entry for entry in silencers if found and entry.applies(subject)):
        why_not = "words do not silence a hard sign" if is_hard and entry.kind == WORDS else ""
        reasons.append(Reason(kind=entry.kind, name=entry.name, sentence=entry.sentence, counts=not why_not, why_not=why_not))
    return reasons


class Account(Record):
    """The explanation of a rule's verdict on one expression, statement or route on a line."""

    line: int
    column: int
    """The start of the judged code; 1-based, in characters."""
    subject: str
    """The judged code in words, for example "the comparison `a == b`" or "POST /login"."""
    reported: bool
    because: str
    """The verdict in one sentence: the sign or the silencer that decided, or the condition that is not met."""
    decided_by: str = ""
    """The name of the sign or silencer that decided; "" if a condition is not met."""
    reasons: tuple[Reason, ...] = ()


class Options(Record):
    """Base class for the options of a rule. Every field has a default and a docstring.

    Values are str, bool, int, tuples of str, or dicts from str to str. In TOML, `-` may be written for `_`.
    """

    @property
    def mentions(self) -> tuple[bytes, ...]:
        """Words that options add to `Rule.mentions`: a file that contains one of them is parsed for this rule."""
        return ()


class Rule(Record):
    """One invariant and the function that checks it. Each module in `rules/` ends with `rule = Rule(...)`."""

    name: str
    """The identifier in hooks, configuration, exemptions and documentation."""
    code: str
    """HF and three digits. bandit and SARIF need a code; a code is never used again."""
    summary: str
    """The invariant in a few words, for lists."""
    since: str
    """The first version with this rule."""
    level: str
    """error, warning or note."""
    check: Callable[[Any, Any], Iterable[Any]]
    """check(source, options) of a file rule and check(project, options) of a project rule return findings.
    check(imports, options) of a contract type returns breaches."""
    options: type[Options] = Options
    mentions: tuple[bytes, ...] = ()
    """Lower-case words. A file that contains none of them is not parsed for this rule. Empty: every file is parsed."""
    whole_words: bool = False
    """Whether `mentions` match whole words only: `print`, but not `fingerprint`."""
    scope: str = "file"
    """file: the rule is a pure function of one file. project: it runs once per run and may report in any file. imports: it is a
    contract type, which judges import edges."""
    default: bool = True
    """Whether the rule runs if no rules are selected."""
    uses_project: bool = False
    """Whether a file rule uses `source.project` to avoid false positives. The project is None in hosts that have none."""
    secret: bool = False
    """Whether the findings may contain a secret. If so, string literals in the source are shown as "…"."""
    anchors: tuple[type[ast.AST], ...] = ()
    """The node types that findings are reported on. A rule that names them also runs in bandit."""
    may_stand: Callable[[ast.AST], bool] | None = None
    """Whether a finding is possible on a node, judged by the node alone. Hosts that visit single nodes call it first."""
    cwe: int = 0
    """The number of the weakness in MITRE's CWE list; 0 if there is none."""
    fix_level: str | None = None
    """None (the rule has no fix), "safe" or "unsafe". The fix is in `fix.py` in the rule's folder and needs the extra `fix`."""
    formerly: tuple[str, ...] = ()
    """Former names of the rule. They keep working."""
    signs: tuple[Sign, ...] = ()
    silencers: tuple[Silencer, ...] = ()
    """The ordered tables of a heuristic rule; see `decide`."""
    why: Callable[[Any, Any, int], Iterable[Account]] | None = None
    """why(source, options, line) explains how the rule judged the code that starts on a line. A project rule finds the project in
    `source.project`. Without this function, `holdfast why` shows only the findings on the line."""
    explanation: str = ""
    """The documentation of Holdfast's rules about itself. The documentation of every other rule is its module's docstring."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names of the hosts that run the rule."""
        if self.scope == "imports":
            return ("import-linter",)
        return ("command", "pre-commit", "bandit") if self.anchors else ("command", "pre-commit")
