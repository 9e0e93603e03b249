"""Speed of contracts against building the graph and against import-linter's own contract: python tools/bench_contracts.py

Each package is downloaded, unpacked and never installed or imported. Everything is measured in one process, by turns.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import grimp
import wheels
from importlinter import configuration
from importlinter.contracts.independence import IndependenceContract
from importlinter.domain.contract import Contract, ContractCheck

from holdfast.boundaries import statements
from holdfast.boundaries.propose import propose
from holdfast.hosts import import_linter as host
from holdfast.hosts.contract import OUTCOME
from holdfast.hosts.graph_imports import files_of

TIMES = 5
PACKAGES = (
    ("homeassistant==2024.3.3", "homeassistant", "homeassistant.components.*", True),
    ("transformers==5.14.1", "transformers", "transformers.models.*", False),
    ("localstack-core==2026.3.0", "localstack", "localstack.services.*", False),
    ("sympy==1.14.0", "sympy", "sympy.*", False),
    ("nova==34.0.0", "nova", "nova.*", False),
)
"""What to download, its root package, the units, and whether to wait for the built-in contract.

In the first three the units are meant to be independent; in the last two each package is made a unit, and most imports between
them are violations.
"""


def timed(work: Callable[[], object]) -> float:
    """The seconds that some work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def seconds(
    kind: type[Contract], session: dict[str, object], options: dict[str, object], graph: grimp.ImportGraph
) -> tuple[float, int]:
    """The seconds and the findings of a contract's check over a copy of a graph, with nothing read or parsed before."""
    files_of.cache_clear()
    statements.parsed.cache_clear()
    contract = kind("bench", session, {"id": "bench", **options})
    copy, checks = deepcopy(graph), list[ContractCheck]()
    taken = timed(lambda: checks.append(contract.check(copy, False)))
    outcome = checks[0].metadata.get(OUTCOME)
    if outcome is not None and outcome.problem:
        raise SystemExit(outcome.problem)
    return taken, len(outcome.findings) if outcome is not None else 0


def as_proposed(package: str) -> dict[str, object]:
    """The options of `boundaries` as `holdfast contracts init` proposes them for a package."""
    graph = grimp.build_graph(package, cache_dir=None)
    found = propose(package, graph.modules, {module: graph.find_modules_directly_imported_by(module) for module in graph.modules})
    return {"modules": [f"{found.container}.*"], "core": list(found.core), "via": list(found.via), "unowned": "ignore"}


def measure(package: str, units: str, wait: bool) -> None:
    """Print how long the checks take beside the graph."""
    graphs: list[grimp.ImportGraph] = []
    session: dict[str, object] = {"root_packages": [package]}
    ours: list[tuple[str, type[Contract], dict[str, object]]] = [
        ("boundaries", host.BoundariesContract, {"modules": [units], "unowned": "ignore"}),
        ("boundaries as proposed", host.BoundariesContract, as_proposed(package)),
        ("public_api", host.PublicApiContract, {"modules": [units]}),
        ("no_cycles", host.NoCyclesContract, {"modules": [units]}),
    ]
    builds: list[float] = []
    checks: dict[str, list[float]] = {name: [] for name, _, _ in ours}
    findings: dict[str, int] = {}
    for _ in range(TIMES):
        builds.append(timed(lambda: graphs.append(grimp.build_graph(package, cache_dir=None))))
        for name, kind, options in ours:
            taken, findings[name] = seconds(kind, session, options, graphs[-1])
            checks[name].append(taken)
    build = statistics.median(builds)
    graph = graphs[-1]
    print(f"{package}: {len(graph.modules)} modules, {graph.count_imports()} imports; graph {build:.3f} s (median of {TIMES})")
    for name, _, _ in ours:
        check = statistics.median(checks[name])
        together = f"graph and check together {(build + check) / build:.2f} times the graph"
        print(f"  {name}: {findings[name]} findings, {check:.3f} s, {together}", flush=True)
    if wait:
        theirs, _ = seconds(IndependenceContract, session, {"modules": [units]}, graph)
        check = statistics.median(checks["boundaries"])
        print(f"  built-in independence over the same units: {theirs:.3f} s, {theirs / check:.0f} times ours (once)", flush=True)


def main() -> None:
    configuration.configure()
    for requirement, package, units, wait in PACKAGES:
        with tempfile.TemporaryDirectory() as temporary:
            tree = wheels.fetch(requirement, Path(temporary))
            before = os.getcwd()
            os.chdir(tree)
            sys.path.insert(0, os.fspath(tree))
            try:
                measure(package, units, wait)
            finally:
                sys.path.remove(os.fspath(tree))
                os.chdir(before)


if __name__ == "__main__":
    main()
