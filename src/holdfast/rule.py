"""What a rule is and what it finds: plain data, shared by rules, engine, hosts and formats."""

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
    """Something that could not be checked, which is never the same as a clean result: the exit code becomes 2.

    kind: "unreadable", "syntax", "newer-syntax", "option" or "internal". path: relative to the root, with `/`, or "" where
    no file is at fault. line: 1-based, 0 where none is known.
    """

    def __init__(self, kind: str, message: str, path: str = "", line: int = 0) -> None:
        super().__init__(kind, message, path, line)
        self.kind, self.message, self.path, self.line = kind, message, path, line

    def at(self, path: str) -> CheckError:
        """The same error, said of a path."""
        return CheckError(self.kind, self.message, path, self.line)


def suggestion(name: str, known: list[str], certain: str | None = None) -> str:
    """A half-sentence that names the likeliest of the known names, or lists them when they are few."""
    import difflib

    close = [certain] if certain else difflib.get_close_matches(name, known, n=1)
    if close:
        return f'; did you mean "{close[0]}"?'
    return f" (known: {', '.join(sorted(known))})" if known else " (it has none)"


class Evidence(Record):
    """A place that helps to understand a finding. path is relative to the root; line and column are 1-based, in characters."""

    message: str
    path: str
    line: int
    column: int


class Finding(Record):
    """A broken invariant at a place. Plain data: it crosses process borders and outlives the tree.

    A rule makes one with `source.finding(node, message, ...)`; the engine completes the fields of the second block.
    """

    path: str
    """Relative to the root, always with `/`."""
    line: int
    column: int
    """1-based, in characters; of the expression, or of the header of a def or class."""
    end_line: int
    end_column: int
    message: str
    hint: str = ""
    symbol: str = ""
    """The enclosing definitions, as in `Class.method`; "" at module level."""
    confidence: str = "high"
    level: str = ""
    """error, warning or note; a rule leaves it empty to get its usual level."""
    evidence: tuple[Evidence, ...] = ()
    measure: int | None = None
    """A number that may only shrink, for rules about limits."""
    statement: str = ""
    """A hash of the statement's canonical form: what keeps a finding's identity when lines move."""
    contract: tuple[str, ...] = ()
    """Contract id, importer, target and name: what identifies a finding about an import, instead of symbol and statement."""
    span: tuple[int, int] = (0, 0)
    """First and last line of the statement or header that holds the finding: where an exemption may stand."""
    frame: str = ""
    """The source line, with string literals as "…" where the rule is about secrets."""

    rule: str = ""
    code: str = ""
    fix: str | None = None
    """How safe the rule's fix of this finding is: None, "safe" or "unsafe"."""
    fingerprint: str = ""
    status: str = "new"
    """new, known (in the baseline) or exempt (by a comment)."""
    reason: str = ""
    """Why it is exempt."""
    page: str = ""
    """The address of its rule's page, where the rule is another tool's."""

    @property
    def url(self) -> str:
        """The page of the finding's rule."""
        return self.page or f"{DOCUMENTATION}/{self.rule}.md"


class Count(Record):
    """How many findings a rule of another tool has: in the baseline, now, and at most in the end, where a target is set."""

    rule: str
    baseline: int
    now: int
    target: int | None


class Replacement(Record):
    """What a rule's fix puts in the place of a node, and what this needs.

    node: None removes a statement, or a decorator. imports: (module, name or None). definitions: lines to stand after the imports,
    each once. below: where the node is a decorator, another one of the same definition under which it moves.
    """

    node: cst.CSTNode | None
    imports: tuple[tuple[str, str | None], ...] = ()
    definitions: tuple[str, ...] = ()
    below: ast.expr | None = None


HARD, SOFT = "hard", "soft"
STRUCTURE, WORDS = "structure", "words"


class Sign(Record):
    """A named reason to report.

    A hard sign yields only to silencers of STRUCTURE. A soft sign, which rests on names, yields to every silencer.
    """

    name: str
    strength: str
    """HARD or SOFT."""
    sentence: str
    """What holds where the sign is found, in one sentence."""
    found: Callable[[Any], Any]
    """found(subject) returns the evidence of the sign, or something false where there is none."""


class Silencer(Record):
    """A named reason to stay silent."""

    name: str
    kind: str
    """STRUCTURE (what the code does) or WORDS (what names say)."""
    sentence: str
    """What holds where the silencer applies, in one sentence."""
    applies: Callable[[Any], Any]
    """applies(subject) returns whether it does."""


class Decision(Record):
    """What the tables of a rule say of a subject: the first sign found with its evidence, and the silencer that won over it."""

    sign: Sign | None = None
    evidence: Any = None
    silencer: Silencer | None = None

    @property
    def reports(self) -> bool:
        """Whether there is a finding."""
        return self.sign is not None and self.silencer is None


def decide(signs: Sequence[Sign], silencers: Sequence[Silencer], subject: object) -> Decision:
    """Read both tables from top to bottom: the first sign found decides, unless a silencer that it yields to applies."""
    for sign in signs:
        evidence = sign.found(subject)
        if evidence:
            able = (silencer for silencer in silencers if sign.strength == SOFT or silencer.kind == STRUCTURE)
            silencer = next((one for one in able if one.applies(subject)), None)
            return Decision(sign=sign, evidence=evidence, silencer=silencer)
    return Decision()


class Reason(Record):
    """One entry of a rule's tables, or one fact, that was considered for a verdict, for `holdfast why`.

    kind: "hard sign", "soft sign", "structure", "words", or a rule's own kind such as "limit". path, line and column say where it
    was found; line is 0 where it has no place of its own.
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
    """Where it does not count, why, in one sentence."""


class Account(Record):
    """Why a rule reports something on a line, or why it does not: one for each thing on the line that the rule judges."""

    line: int
    column: int
    """Where the judged thing starts; 1-based, in characters."""
    subject: str
    """What was judged, in words: "the comparison `a == b`", "POST /login"."""
    reported: bool
    because: str
    """The verdict in one sentence: the sign or the silencer that decided, or what is missing."""
    decided_by: str = ""
    """The name of the sign or silencer that decided; "" where something is missing."""
    reasons: tuple[Reason, ...] = ()


class Options(Record):
    """A rule's options: one frozen class a rule, every field with a default and a docstring below it.

    Values are str, bool, int, tuples of str, and dicts from str to str. In TOML a `_` may be written `-`.
    """

    @property
    def mentions(self) -> tuple[bytes, ...]:
        """Words that make a file worth parsing beside the rule's own: what an option adds to what is looked for."""
        return ()


class Rule(Record):
    """One invariant and how it is checked. `rule = Rule(...)` stands at the end of each file in `rules/`."""

    name: str
    """Its id everywhere: hook, configuration, exemption, documentation."""
    code: str
    """HF and three digits, because bandit and SARIF want one; never reused."""
    summary: str
    """The invariant in a few words, for lists."""
    since: str
    """The first version that had it."""
    level: str
    """error, warning or note."""
    check: Callable[[Any, Any], Iterable[Any]]
    """check(source, options), or check(project, options) for a project rule, gives findings; check(imports, options) of a
    contract type gives breaches."""
    options: type[Options] = Options
    mentions: tuple[bytes, ...] = ()
    """Lower-case words; a file that contains none of them is not parsed for this rule. Empty: every file."""
    whole_words: bool = False
    """Whether the mentions count only as whole words: `print`, but not `fingerprint`."""
    scope: str = "file"
    """file: a pure function of one file. project: runs once a run and may report in any file. imports: a contract type, which
    judges import edges and runs where contracts do."""
    default: bool = True
    """Whether it runs where nothing was selected."""
    asks: bool = False
    """A file rule that asks `source.project` for evidence that silences; the project is None where a host has none."""
    secret: bool = False
    """Its findings may hold a secret: string literals are shown as "…" wherever their source is."""
    anchors: tuple[type[ast.AST], ...] = ()
    """The node types its findings stand on; a rule that names them also runs in bandit."""
    may_stand: Callable[[ast.AST], bool] | None = None
    """Whether a finding may stand on a node, by the node alone: asked first where a host hands over one node at a time."""
    cwe: int = 0
    """The weakness in MITRE's list, 0 for none."""
    fix_level: str | None = None
    """None, "safe" or "unsafe": how safe its fix is. The fix is in `rules/<rule_name>/fix.py` and needs the extra `fix`."""
    formerly: tuple[str, ...] = ()
    """Names it had before; they keep working, with a note."""
    signs: tuple[Sign, ...] = ()
    silencers: tuple[Silencer, ...] = ()
    """The tables by which a heuristic rule decides, in order."""
    why: Callable[[Any, Any, int], Iterable[Account]] | None = None
    """why(source, options, line) tells how the rule judged what starts on a line; a project rule gets at the project by
    `source.project`. Without it, `holdfast why` says only what the rule reports there."""
    explanation: str = ""
    """Its page, for Holdfast's own rules; the page of every other rule is its module's docstring."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """Where the rule runs."""
        if self.scope == "imports":
            return ("import-linter",)
        return ("command", "pre-commit", "bandit") if self.anchors else ("command", "pre-commit")
