"""Contract types, one per module. Each is a pure function from imports and options to breaches.

They do not depend on import-linter or grimp: `holdfast.hosts` provides the imports and reports the breaches.
"""

from __future__ import annotations

import importlib
from functools import cache

from holdfast.rule import Rule

NAMES = ("boundaries", "frozen", "layered", "module_shape", "no_cycles", "public_api", "references", "third_party")
"""The contract types. Each is a module of this package."""

BY_IMPORTER = frozenset(("boundaries", "frozen", "layered", "public_api", "references", "third_party"))
"""The types that judge the imports of each module on its own, so that a run over a few modules gives the same breaches for them.
no_cycles and module_shape need all imports."""


@cache
def load(name: str) -> Rule:
    """Return a contract type as a rule. Its check takes `edges.Imports` and the options of the type, and returns breaches."""
    found: Rule = importlib.import_module(f"holdfast.boundaries.{name}").rule
    return found


def every() -> tuple[Rule, ...]:
    """Return all contract types, sorted by code."""
    return tuple(sorted(map(load, NAMES), key=lambda rule: rule.code))
