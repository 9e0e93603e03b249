"""Rules as bandit plugins: one function per rule, `holdfast.hosts.bandit_plugin:<rule_name>`, created when bandit loads it.

bandit calls a plugin for one node at a time and accepts one issue. The first node of a file on which a finding is possible
(`may_stand`) therefore runs the rule over the whole tree, and each finding is returned when bandit reaches its node (the rule's
`anchors`). bandit logs the exceptions of plugins and exits with 0, so an internal error or an invalid option ends the process with
a sentence and exit code 2.
"""

from __future__ import annotations

import sys

from bandit.core import test_properties
from bandit.core.issue import Issue

from holdfast import rules
from holdfast.code.source import Source
from holdfast.engine import checks, config
from holdfast.engine.run import paused_gc
from holdfast.formats.text import printable
from holdfast.rule import CheckError, Finding, Options, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Callable
    from typing import Any, NoReturn

SEVERITY = {"error": "HIGH", "warning": "MEDIUM", "note": "LOW"}
ENABLED = "enabled"
"""The option that switches a rule on or off. bandit runs all installed plugins."""


def gen_config(name: str) -> dict[str, Any]:
    """Return the options of a plugin and their defaults, for bandit's configuration file."""
    rule = rules.load(name.replace("_", "-"))
    options = {field: getattr(rule.options, field) for field in rule.options.fields}
    return {ENABLED: rule.default, **{name: list(value) if isinstance(value, tuple) else value for name, value in options.items()}}


def __getattr__(name: str) -> Callable[..., Any]:
    """Return the plugin of a rule. bandit's entry points refer to plugins as attributes of this module."""
    if name.startswith("_") or name.replace("_", "-") not in rules.names():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    plugin = globals()[name] = _plugin(rules.load(name.replace("_", "-")))
    return plugin


class _Issue(Issue):  # type: ignore[misc]  # bandit has no types
    """An issue that shows string literals as "…", because bandit prints the lines around a finding, including secrets."""

    def __init__(self, data: bytes | None, **values: Any) -> None:
        super().__init__(**values)
        self.data = data

    def get_code(self, max_lines: int = 3, tabbed: bool = False) -> str:
        """Return the lines around the issue, in the form of bandit's own method."""
        if self.data is None:
            return str(super().get_code(max_lines, tabbed))
        source = Source(self.fname, self.data)
        first = max(1, self.lineno - max(1, max_lines) // 2)
        last = min(first + len(self.linerange) + max(1, max_lines) - 1, len(source.lines) + 1)
        between = "\t" if tabbed else " "
        return "".join(f"{line}{between}{source.shown_line(line, redact=True)}\n" for line in range(first, last))


class _Current:
    """The file that bandit checks now, identified by its open handle, and a rule's findings in it."""

    handle: object = None
    findings: dict[tuple[int, ...], Finding] | None = None  # None: the rule has not run yet


def _plugin(rule: Rule) -> Callable[..., Any]:
    name = rule.name.replace("-", "_")
    current = _Current()
    settings: list[Options | None] = []

    def run(context: Any, configured: dict[str, Any] | None = None) -> Issue | None:
        try:
            if not settings:
                settings.append(_options(rule, configured or {}))
            options = settings[0]
            return None if options is None else _issue(rule, options, context, current)
        except CheckError as error:
            _stop(f"{f'{error.path}: ' if error.path else ''}{error.message}")
        except Exception as error:  # noqa: BLE001  # bandit would log it and exit with 0
            _stop(f"{rule.name} failed with {type(error).__name__}: {error}; please report this bug")

    run.__name__ = name
    run.__doc__ = f"{rule.summary} ({rule.code})"
    run.__module__ = __name__
    plugin = test_properties.test_id(rule.code)(test_properties.takes_config(name)(run))
    for anchor in rule.anchors:
        plugin = test_properties.checks(anchor.__name__)(plugin)
    checked: Callable[..., Any] = plugin
    return checked


def _stop(sentence: str) -> NoReturn:
    sys.stderr.write(f"holdfast: error: {printable(sentence)}\n")
    raise SystemExit(2)


def _options(rule: Rule, configured: dict[str, Any]) -> Options | None:
    """The rule's options; None if the rule is off. bandit passes a partial configuration without adding the defaults."""
    written = dict(configured)
    enabled = written.pop(ENABLED, rule.default)
    if not isinstance(enabled, bool):
        raise CheckError("option", f"the option {ENABLED} of {rule.name} must be true or false")
    return config.make_options(rule, written) if enabled else None


def _issue(rule: Rule, options: Options, context: Any, current: _Current) -> Issue | None:
    node = context.node
    if current.handle is not context.file_data:
        current.handle, current.findings = context.file_data, None
    if current.findings is None:
        if rule.may_stand and not rule.may_stand(node):
            return None
        current.findings = _findings(rule, options, context, _tree(node))
    if not current.findings:
        return None
    finding = current.findings.get((node.lineno, node.col_offset, node.end_lineno, node.end_col_offset))
    if finding is None:
        return None
    return _Issue(
        _data(context) if rule.secret else None,
        severity=SEVERITY[finding.level],
        confidence=finding.confidence.upper(),
        cwe=rule.cwe,
        text=f"{finding.message} ({finding.hint}; {finding.url})",
        lineno=finding.line,
        col_offset=node.col_offset,
        test_id=rule.code,
    )


def _tree(node: ast.AST) -> ast.Module:
    """The module that contains a node, found by the links that bandit adds. They are private, so bandit may remove them."""
    above = node
    while (parent := getattr(above, "_bandit_parent", None)) is not None:
        above = parent
    if type(above).__name__ != "Module":
        raise CheckError("internal", "this version of bandit does not link nodes to their parents: install bandit>=1.8,<2")
    return above  # type: ignore[return-value]


def _findings(rule: Rule, options: Options, context: Any, tree: ast.Module) -> dict[tuple[int, ...], Finding]:
    """The rule's findings in a file that are not exempt, by the position of their nodes in ast."""
    source = Source(printable(str(context.filename)), _data(context), tree=tree)
    with paused_gc():
        outcome = checks.check_source(source, [(rule, options)])
    if outcome.errors:
        raise outcome.errors[0]
    places = {(finding.line, finding.column, finding.end_line, finding.end_column): finding for finding in outcome.findings}
    if not places:
        return {}
    found: dict[tuple[int, ...], Finding] = {}
    for node in source.nodes(*rule.anchors):
        finding = places.get(source.place(node))
        if finding and finding.rule == rule.name and finding.status == "new":
            found[(node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0)] = finding  # type: ignore[attr-defined]
    return found


def _data(context: Any) -> bytes:
    """The bytes of the file, from the handle that bandit keeps open, since standard input can be read only once."""
    handle = context.file_data
    before = handle.tell()
    handle.seek(0)
    data: bytes = handle.read()
    handle.seek(before)
    return data
