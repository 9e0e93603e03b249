"""Contracts about import edges: one type a module, each a pure function from imports and options to breaches.

No contract knows import-linter or grimp: `holdfast.hosts.import_linter` gives them edges and shows what they say.
"""

from __future__ import annotations

import importlib
from functools import cache

from holdfast.rule import Rule

NAMES = ("boundaries", "frozen", "layered", "module_shape", "no_cycles", "public_api", "references", "third_party")
"""The contract types, each a module of this package."""

BY_IMPORTER = frozenset(("boundaries", "frozen", "layered", "public_api", "references", "third_party"))
"""Those whose breaches follow from the imports of one module: judged over some modules they say what they say over all of them.
no_cycles and module_shape need every import."""


@cache
def load(name: str) -> Rule:
    """A contract type as a rule: its check takes `edges.Imports` and the type's options, and gives breaches."""
    found: Rule = importlib.import_module(f"holdfast.boundaries.{name}").rule
    return found


def every() -> tuple[Rule, ...]:
    """All contract types, sorted by code."""
    return tuple(sorted(map(load, NAMES), key=lambda rule: rule.code))
