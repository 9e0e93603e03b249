"""Reports units that depend on each other in a circle, with the shortest way back.

## Why is this bad?

Units on a circle can only be understood, tested and released together. Circular imports also fail at start-up, as soon as
somebody changes the order of two imports.

## Example

```toml
[[tool.importlinter.contracts]]
id = "cycles"
name = "No cycles between modules"
type = "no_cycles"
modules = ["shop.modules.*"]
```

```python
# shop/modules/orders/models.py
from shop.modules.users import models
```

```python bad
# shop/modules/users/models.py
from shop.modules.orders import models
```

Use instead:

```python good
# shop/modules/users/models.py
from shop.core import events
```

## What it reports

One line for each pair of units on a circle: the place of the first import between them, and the file and line of each step back.
The baseline stores pairs of units.

## What it leaves alone

- Imports in one direction only.

## What it does not see

- Cycles inside one unit. Name its parts as units, with `ancestor` and `depth`.

## References

- [How to enforce module boundaries](../how-to/module-boundaries.md)
"""

from __future__ import annotations

from itertools import pairwise

from holdfast.boundaries.edges import Breach, ContractOptions, expand, fail, owners
from holdfast.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from holdfast.boundaries.edges import Imports

    Graph = dict[str, dict[str, tuple[str, str]]]
    """From each unit to the units that it imports, with the first import between them."""


class Options(ContractOptions):
    """The units between which there must be no cycles."""

    modules: tuple[str, ...] = ()
    """The units, as expressions."""
    ancestor: str = ""
    """Instead of `modules`: a package whose children are the units."""
    depth: int = 1
    """With `ancestor`, the number of levels: 2 also judges the children of each child, and so on."""


def check(imports: Imports, options: Options) -> Iterator[Breach]:
    """Return each pair of units on a cycle, once."""
    seen: set[tuple[str, str]] = set()
    for units in _levels(imports, options):
        graph = _graph(imports, units)
        for component in components({unit: graph[unit] for unit in sorted(graph)}):
            inside = {unit: {other: graph[unit][other] for other in graph[unit] if other in component} for unit in component}
            for unit in sorted(inside):
                for other in sorted(inside[unit]):
                    if (unit, other) not in seen:
                        seen.add((unit, other))
                        yield _breach(inside, unit, other)


def _levels(imports: Imports, options: Options) -> Iterator[list[str]]:
    """The groups of units. There must be no cycles within a group."""
    if bool(options.modules) == bool(options.ancestor):
        fail("no_cycles needs either `modules` or `ancestor`")
    if options.modules:
        units = expand(options.modules, imports.modules, "modules")
        if len(units) < 2:
            fail("`modules` matches only one module, but a cycle needs two")
        yield units
        return
    if options.depth < 1:
        fail("`depth` must be at least 1")
    packages = expand([options.ancestor], imports.modules, "ancestor")
    for _ in range(options.depth):
        children: list[str] = []
        for package in packages:
            found = sorted(module for module in imports.modules if module.rpartition(".")[0] == package)
            yield found
            children += found
        packages = children


def _graph(imports: Imports, units: list[str]) -> Graph:
    """The imports between units on cycles, except for those that do not count."""
    owner = owners(units, imports.modules)
    pairs: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for importer, targets in imports.direct.items():
        here = owner.get(importer)
        if here is None:
            continue
        for imported in targets:
            there = owner.get(imported)
            if there is not None and there != here:
                pairs.setdefault((here, there), []).append((importer, imported))
    plain: dict[str, set[str]] = {}
    for here, there in pairs:
        plain.setdefault(here, set()).add(there)
    graph: Graph = {}
    for component in components(plain):
        for here in sorted(component):
            for there in sorted(plain.get(here, set()) & component):
                counted = next((edge for edge in sorted(pairs[here, there]) if imports.is_counted(*edge)), None)
                if counted:
                    graph.setdefault(here, {})[there] = counted
    return graph


def components(graph: Mapping[str, Iterable[str]]) -> list[set[str]]:
    """Return the strongly connected components of two or more nodes, by Tarjan's algorithm without recursion."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    waiting: set[str] = set()
    found: list[set[str]] = []
    for start in sorted(graph):
        work = [(start, iter(sorted(graph[start])))] if start not in number else []
        if work:
            number[start] = low[start] = len(number)
            stack.append(start)
            waiting.add(start)
        while work:
            node, others = work[-1]
            for other in others:
                if other not in number:
                    number[other] = low[other] = len(number)
                    stack.append(other)
                    waiting.add(other)
                    work.append((other, iter(sorted(graph.get(other, ())))))
                    break
                if other in waiting:
                    low[node] = min(low[node], number[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == number[node]:
                    found += _popped(stack, waiting, node)
    return found


def _popped(stack: list[str], waiting: set[str], node: str) -> list[set[str]]:
    """The component of a node, which is popped from the stack; nothing if it has only one node."""
    component: set[str] = set()
    while node not in component:
        component.add(stack.pop())
    waiting -= component
    return [component] if len(component) > 1 else []


def shortest_path(graph: Mapping[str, Iterable[str]], start: str, end: str) -> list[str]:
    """Return the shortest path from one node to another, including both; of several, the first in the order of names."""
    before = {start: ""}
    queue = [start]
    for node in queue:  # grows while it is read
        if node == end:
            break
        for other in sorted(graph[node]):
            if other not in before:
                before[other] = node
                queue.append(other)
    found = [end]
    while before[found[-1]]:
        found.append(before[found[-1]])
    return found[::-1]


def _breach(graph: Graph, unit: str, other: str) -> Breach:
    back = shortest_path(graph, other, unit)
    importer, imported = graph[unit][other]
    return Breach(
        importer=importer,
        imported=imported,
        units=(unit, other),
        once=True,
        message=f"{unit} and {other} depend on each other: {' -> '.join([unit, *back])}",
        hint="remove one of these imports: move the shared code to a unit of its own, or invert the dependency with an event",
        chain=tuple(graph[here][there] for here, there in pairwise(back)),
    )


rule = Rule(
    name="no_cycles",
    code="HF415",
    summary="units do not depend on each other in a circle",
    since="0.1.0",
    level="error",
    check=check,
    options=Options,
    scope="imports",
)
