"""A rule's page: the facts about the rule, its docstring and its options, for `holdfast explain` and docs/rules/.

A docstring holds the sections from "What it does" to "Fix safety", and then "References". The options come between the two, and so
does "How precise it is": tools/sync.py writes its figures into docs/rules/, which an installed package does not contain.
"""

from __future__ import annotations

import ast
import re
import sys

from holdfast.record import Record
from holdfast.rule import DOCUMENTATION, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


FIRST, LAST = "## What it does", "## References"
CONTRACT_OPTIONS = (
    "Set options in the contract's own table. Three options of import-linter work here, too: `ignore_imports`, "
    "`unmatched_ignore_imports_alerting` and `broken_contract_guidance`."
)


def page(rule: Rule) -> str:
    """The page as Markdown, with absolute links, for readers outside of docs/rules/."""
    from urllib.parse import urljoin

    base = f"{DOCUMENTATION}/{rule.name}.md"
    text = document(rule, f"See {base}#how-precise-it-is.")
    return re.sub(r"\]\((?!https?:)([^)]+)\)", lambda link: f"]({urljoin(base, link[1])})", text)


def document(rule: Rule, precision: str) -> str:
    """The page as Markdown, with links relative to docs/rules/. precision: the text of "How precise it is"."""
    body, _, references = _body(rule).partition(f"\n{LAST}\n")
    heading = "" if body.startswith("## ") else f"{FIRST}\n\n"
    parts = [f"# {rule.name} ({rule.code})", _facts(rule), heading + body.strip()]
    if rule.options.fields:
        parts.append(_options(rule))
    if not rule.explanation:
        parts.append(f"## How precise it is\n\n{precision}")
    if references:
        parts.append(f"{LAST}\n\n{references.strip()}")
    return "\n\n".join(parts) + "\n"


def lead(rule: Rule) -> str:
    """The first paragraph of the page's body, on one line: what the rule does."""
    paragraphs = (text for text in _body(rule).split("\n\n") if not text.startswith("#"))
    return " ".join(next(paragraphs, "").split())


def _body(rule: Rule) -> str:
    return rule.explanation or (sys.modules[rule.check.__module__].__doc__ or "").strip()


def _facts(rule: Rule) -> str:
    """One line: since, level, default, hosts, fix."""
    facts = [f"Since {rule.since}", rule.level]
    if rule.scope == "imports":
        facts.append("contract type for import-linter")
    else:
        facts.append("on by default" if rule.default else "off by default")
    if rule.scope != "imports" and not rule.explanation:
        facts += [f"hosts: {', '.join(rule.hosts)}", f"scope: {rule.scope}", f"fix: {rule.fix_level or 'none'}"]
    return " · ".join(facts)


def _options(rule: Rule) -> str:
    """The section about the rule's options."""
    rows = "\n\n".join(f"**`{name}`** (default: `{default}`): {text}" for name, default, text in options(rule))
    where = f"Set options in `[tool.holdfast.rules.{rule.name}]`, or on the command line with `--option {rule.name}.NAME=VALUE`."
    return f"## Options\n\n{CONTRACT_OPTIONS if rule.scope == 'imports' else where}\n\n{rows}"


def options(rule: Rule) -> Iterator[tuple[str, str, str]]:
    """Name, default (both as in TOML) and description of each option, as the rule's Options class documents them."""
    texts = attribute_docstrings(rule.options)
    for field in rule.options.fields:
        yield (
            field if rule.scope == "imports" else field.replace("_", "-"),
            _toml(getattr(rule.options, field)),
            texts.get(field, ""),
        )


def attribute_docstrings(record: type[Record]) -> dict[str, str]:
    """The docstrings below the fields of a record class and of those it is made from, read from their sources."""
    found: dict[str, str] = {}
    for owner in reversed(record.__mro__[:-2]):
        found.update(_docstrings_in(owner))
    return found


def _docstrings_in(owner: type) -> dict[str, str]:
    with open(sys.modules[owner.__module__].__file__ or "", encoding="utf-8") as file:
        tree = ast.parse(file.read())
    found: dict[str, str] = {}
    for definition in ast.walk(tree):
        if isinstance(definition, ast.ClassDef) and definition.name == owner.__name__:
            for field, text in zip(definition.body, definition.body[1:], strict=False):
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
                    value = ast.literal_eval(text.value)
                    found[field.target.id] = " ".join(str(value).split())
    return found


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_toml(key)} = {_toml(item)}" for key, item in value.items()) + "}"
    return str(value)
