"""A rule's page: its docstring, the facts, and its options; for `holdfast explain` and docs/rules/."""

from __future__ import annotations

import ast
import sys

from holdfast.record import Record
from holdfast.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


CONTRACT_OPTIONS = (
    "In the contract's own table. Besides, as in import-linter's own contracts: `ignore_imports`, "
    "`unmatched_ignore_imports_alerting`, `broken_contract_guidance`."
)


def page(rule: Rule) -> str:
    """The page as Markdown."""
    parts = [f"# {rule.name} ({rule.code})", _facts(rule), _body(rule)]
    if rule.options.fields:
        rows = "\n\n".join(f"**`{name}`** (default: `{default}`): {text}" for name, default, text in options(rule))
        where = f"In `[tool.holdfast.rules.{rule.name}]`, or `--option {rule.name}.NAME=VALUE`."
        parts.append(f"## Options\n\n{CONTRACT_OPTIONS if rule.scope == 'imports' else where}\n\n{rows}")
    return "\n\n".join(parts) + "\n"


def lead(rule: Rule) -> str:
    """The first paragraph of the page's body, on one line: the invariant as a sentence."""
    return " ".join(_body(rule).partition("\n\n")[0].split())


def _body(rule: Rule) -> str:
    return rule.explanation or (sys.modules[rule.check.__module__].__doc__ or "").strip()


def _facts(rule: Rule) -> str:
    if rule.scope == "imports":
        return f"*{rule.summary[:1].upper()}{rule.summary[1:]}.*\n\n{rule.level} · contract type · since {rule.since}"
    default = "on by default" if rule.default else "off by default"
    fix = f"{rule.fix_level} fix" if rule.fix_level else "no fix"
    hosts = ", ".join(rule.hosts)
    own = "" if rule.explanation else f" · hosts: {hosts} · scope: {rule.scope} · {fix}"
    return f"*{rule.summary[:1].upper()}{rule.summary[1:]}.*\n\n{rule.level} · {default}{own} · since {rule.since}"


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
