"""What holds for every file: no exception, the prefilter hides nothing, and checking takes at most 20 times as long as parsing."""

from __future__ import annotations

import ast
import time
import warnings

from holdfast import rules
from holdfast.code.source import Source
from holdfast.engine import checks

CHOSEN = [(rule, rule.options()) for rule in map(rules.load, rules.names()) if rule.scope == "file"]
SLOWEST = 20
FEWEST_SECONDS = 0.02
"""Below this time, what runs once in a process decides."""


def problem(data: bytes, *, timed: bool = True) -> str:
    """What does not hold for a file; "" if everything does. timed: whether the time is measured."""
    try:
        plain = checks.check_source(Source("shop/a.py", data), CHOSEN)
        whole = checks.check_source(Source("shop/a.py", data), CHOSEN, prefilter=False)
    except Exception as error:  # noqa: BLE001
        return f"{type(error).__name__}: {error}"
    internal = [error.message for error in (*plain.errors, *whole.errors) if error.kind == "internal"]
    if internal:
        return internal[0]
    if not whole.errors and sorted(map(repr, plain.findings)) != sorted(map(repr, whole.findings)):
        return f"the prefilter changes {len(whole.findings)} findings to {len(plain.findings)}"
    return _too_slow(data) if timed and not whole.errors else ""


def _too_slow(data: bytes) -> str:
    ratio = ratio_to_parsing(data, 1)
    if ratio > SLOWEST:
        ratio = ratio_to_parsing(data, 5)
    return f"checking takes {ratio:.0f} times as long as parsing" if ratio > SLOWEST else ""


def ratio_to_parsing(data: bytes, times: int) -> float:
    """How many times longer checking a file takes than parsing it: the minimum of some runs; 0 if both are too fast to tell."""
    checking: list[float] = []
    parsing: list[float] = []
    for _ in range(times):
        source = Source("shop/a.py", data)
        start = time.process_time()
        checks.check_source(source, CHOSEN)
        middle = time.process_time()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(data)
        parsing.append(time.process_time() - middle)
        checking.append(middle - start)
    return min(checking) / max(min(parsing), 1e-6) if min(checking) > FEWEST_SECONDS else 0
