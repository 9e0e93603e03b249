"""The rules: one a file, or one a folder where a rule has a fix or modules of its own.

A rule's module is its name with `_` for `-`, so that only the selected ones are imported.
"""

from __future__ import annotations

import importlib
import os
import re
from functools import cache

from holdfast.rule import CheckError, Rule, suggestion as suggestion  # read as rules.suggestion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Fix = Callable[[Any, Any, Any, Any], Any]


NOT_RULES = ("about_holdfast.py", "pages.py")


@cache
def names() -> tuple[str, ...]:
    """The names of all rules in this folder, sorted; nothing is imported."""
    files = (file.name for folder in __path__ for file in os.scandir(folder) if file.name not in NOT_RULES)
    return tuple(sorted(name.removesuffix(".py").replace("_", "-") for name in files if not name.startswith(("_", "."))))


@cache
def load(name: str) -> Rule:
    """The rule with a current name."""
    found: Rule = importlib.import_module(f"holdfast.rules.{name.replace('-', '_')}").rule
    return found


def load_fix(name: str) -> Fix:
    """The fix of a rule; it imports libcst.

    fix(source, node, updated, options) gets the node of the tree that a finding stands on, libcst's node at the same place with the
    fixes inside it already done, and the rule's options. It returns a Replacement or, as a sentence, why the code is left alone.
    """
    found: Fix = importlib.import_module(f"holdfast.rules.{name.replace('-', '_')}.fix").fix
    return found


@cache
def own() -> tuple[Rule, ...]:
    """Holdfast's rules about itself: the engine runs them with the others."""
    from holdfast.rules import about_holdfast

    return about_holdfast.EVERY


@cache
def contracts() -> tuple[Rule, ...]:
    """The contract types: exemptions and baselines name them like rules, and import-linter runs them."""
    from holdfast import boundaries

    return boundaries.every()


def every() -> tuple[Rule, ...]:
    """All rules, sorted by code: for lists and documentation."""
    return tuple(sorted((*map(load, names()), *contracts(), *own()), key=lambda rule: rule.code))


def current_name(name: str) -> str:
    """The name as it is today of a name, a former name or a code. Raises CheckError("option") with a suggestion for any other."""
    if name in names():
        return name
    known = every()
    for rule in known:
        if name in (rule.name, *rule.formerly) or name.upper() == rule.code:
            return rule.name
    raise CheckError("option", f'there is no rule "{name}"{suggestion(name, [rule.name for rule in known])}')


def current_names(name: str) -> tuple[str, ...]:
    """The names that a name, a code or the beginning of codes such as `HF3` stands for.

    The beginning of codes stands for rules, not for contract types. Raises CheckError("option") where there is none.
    """
    if re.fullmatch(r"HF\d{0,2}", name, re.IGNORECASE):
        found = tuple(rule.name for rule in (*map(load, names()), *own()) if rule.code.startswith(name.upper()))
        if found:
            return found
    return (current_name(name),)
