"""Contract types over import graphs in memory, each beside a second, naive implementation that reads like its description."""

from __future__ import annotations

import ast
import itertools
import sys
from pathlib import Path

import grimp
import pytest
from hypothesis import given, settings, strategies as st

from holdfast import boundaries
from holdfast.boundaries import exports, no_cycles
from holdfast.boundaries.edges import Breach, ContractOptions, Imports, expand, pattern
from holdfast.boundaries.files import Files
from holdfast.boundaries.statements import PLAIN, Edge, Statements
from holdfast.code.source import Source
from holdfast.engine.contracts import Outcome, judge
from holdfast.rule import CheckError

Edges = dict[tuple[str, str], list[str]]
"""From importer and imported to the lines of the statements."""
NAMES = ("core", "a", "b", "c")
MODULES = sorted(
    {"s", *(f"s.{one}" for one in NAMES), *(f"s.{one}.{two}" for one in NAMES for two in ("events", "views", "models"))}
)


class Memory(Files):
    """Files that are texts by module."""

    def __init__(self, texts: dict[str, str]) -> None:
        super().__init__("/nowhere", {})
        self.texts = {f"{module.replace('.', '/')}.py": text for module, text in texts.items()}

    def _path(self, module: str) -> str:
        path = f"{module.replace('.', '/')}.py"
        return path if path in self.texts else ""

    def _data(self, path: str) -> bytes | None:
        return self.texts[path].encode() if path in self.texts else None


def made(edges: Edges, modules: list[str] = MODULES, texts: dict[str, str] | None = None, **options: bool) -> Imports:
    """Imports out of a graph of grimp's."""
    graph = grimp.ImportGraph()
    for module in modules:
        graph.add_module(module)
    for (importer, imported), lines in edges.items():
        for number, line in enumerate(lines, 1):
            graph.add_import(importer=importer, imported=imported, line_number=number, line_contents=line)

    def details(importer: str, imported: str) -> list[Edge]:
        return [
            Edge(importer=importer, imported=imported, line_number=found["line_number"], line_contents=found["line_contents"])
            for found in graph.get_import_details(importer=importer, imported=imported)
        ]

    direct = {module: graph.find_modules_directly_imported_by(module) for module in sorted(modules)}
    return Imports(direct, frozenset(modules), Statements(Memory(texts or {}), details, frozenset(modules), **options))


def breaches(kind: str, imports: Imports, **options: object) -> list[Breach]:
    rule = boundaries.load(kind)
    return list(rule.check(imports, rule.options(**options)))


def pairs(found: list[Breach]) -> set[tuple[str, str]]:
    return {(breach.importer, breach.imported) for breach in found if breach.imported and breach.level == "error"}


def edges_over(modules: list[str]) -> st.SearchStrategy[Edges]:
    pair = st.tuples(st.sampled_from(modules), st.sampled_from(modules)).filter(lambda edge: edge[0] != edge[1])
    return st.sets(pair, max_size=25).map(lambda found: {edge: [f"import {edge[1]}"] for edge in found})


def inside(module: str, unit: str) -> bool:
    return module == unit or module.startswith(unit + ".")


def naive_owner(module: str, units: list[str]) -> str:
    return max((unit for unit in units if inside(module, unit)), key=len, default="")


# -- the naive implementations


@given(
    edges_over(MODULES),
    st.sampled_from([(), ("events",)]),
    st.sampled_from([(), ("s.b",)]),
    st.sampled_from([(), ("s.a -> s.c",), ("s.a.views -> s.**.models",)]),
)
@settings(max_examples=150, deadline=None)
def test_boundaries(edges: Edges, via: tuple[str, ...], shared: tuple[str, ...], allow: tuple[str, ...]) -> None:
    units = ["s.core", "s.a", "s.b", "s.c"]

    def allowed(importer: str, imported: str) -> bool:
        first = inside(importer, "s.a") and inside(imported, "s.c")
        second = inside(importer, "s.a.views") and imported.endswith(".models")
        return {(): False, ("s.a -> s.c",): first}.get(allow, second)

    wrong = set()
    for importer, imported in edges:
        here, there = naive_owner(importer, units), naive_owner(imported, units)
        if here and there and there not in (here, "s.core") and there not in shared:
            offered = here != "s.core" and any(inside(imported, f"{there}.{name}") for name in via)
            if not offered and not allowed(importer, imported):
                wrong.add((importer, imported))
    found = breaches("boundaries", made(edges), modules=("s.*",), core=("s.core",), via=via, shared=shared, allow=allow)
    assert pairs(found) == wrong


@given(edges_over(MODULES))
@settings(max_examples=100, deadline=None)
def test_frozen(edges: Edges) -> None:
    wrong = {(u, v) for u, v in edges if any(inside(v, unit) and not inside(u, unit) for unit in ("s.a", "s.b"))}
    assert pairs(breaches("frozen", made(edges), modules=("s.a", "s.b"))) == wrong


@given(edges_over(MODULES), st.booleans(), st.booleans())
@settings(max_examples=150, deadline=None)
def test_layered(edges: Edges, closed: bool, across: bool) -> None:
    layers = ["views", "events", "models"]

    def role(module: str) -> int | None:
        return next((number for number, layer in enumerate(layers) if module.endswith(f".{layer}")), None)

    wrong = set()
    for u, v in edges:
        here, there = role(u), role(v)
        if here is None or there is None or not (across or u.split(".")[1] == v.split(".")[1]):
            continue
        if there < here or (closed and there > here + 1):
            wrong.add((u, v))
    options = {"layers": tuple(layers), "containers": ("s.*",), "closed": closed, "across_modules": across}
    assert pairs(breaches("layered", made(edges), **options)) == wrong
    anywhere = breaches("layered", made(edges), layers=("**.views | **.nothing", "**.events", "**.models"), closed=closed)
    if across:
        assert pairs(anywhere) == wrong


@given(edges_over(MODULES))
@settings(max_examples=150, deadline=None)
def test_no_cycles(edges: Edges) -> None:
    units = ["s.core", "s.a", "s.b", "s.c"]
    between = {(naive_owner(u, units), naive_owner(v, units)) for u, v in edges}
    between = {(u, v) for u, v in between if u and v and u != v}
    reach = set(between)
    for _ in units:
        reach |= {(u, w) for u, v in reach for v2, w in reach if v == v2}
    wrong = {(u, v) for u, v in between if (v, u) in reach}
    imports = made(edges)
    for options in ({"modules": ("s.*",)}, {"ancestor": "s"}):
        found = breaches("no_cycles", imports, **options)
        assert {breach.units for breach in found} == wrong
        assert len(found) == len(wrong)
        for breach in found:
            steps = [(breach.importer, breach.imported), *breach.chain]
            walked = [(naive_owner(u, units), naive_owner(v, units)) for u, v in steps]
            assert all(step in edges for step in steps)
            assert walked[0] == breach.units
            assert walked[-1][1] == breach.units[0]
            assert all(before[1] == after[0] for before, after in itertools.pairwise(walked))
            shorter = _shortest(between, breach.units[1], breach.units[0])
            assert len(breach.chain) == shorter, "the way back is the shortest"


def _shortest(between: set[tuple[str, str]], start: str, end: str) -> int:
    reached, steps = {start}, 0
    while end not in reached:
        reached |= {v for u, v in between if u in reached}
        steps += 1
    return steps


OUTSIDE = ["os", "os.path", "google.cloud.storage", "google.auth", "stripe"]


@given(
    st.sets(st.tuples(st.sampled_from(MODULES), st.sampled_from(OUTSIDE)), max_size=15),
    st.sampled_from(["deny", "allow"]),
    st.sets(st.sampled_from(["<stdlib>", "<third-party>", "(google.cloud)", "(google)", "(stripe)", "(os.path)"]), min_size=1),
)
@settings(max_examples=200, deadline=None)
def test_third_party(written: set[tuple[str, str]], option: str, entries: set[str]) -> None:
    edges: Edges = {}
    for importer, name in sorted(written):
        edges.setdefault((importer, name.partition(".")[0]), []).append(f"import {name}")

    def listed(name: str) -> bool:
        stdlib = name.partition(".")[0] in sys.stdlib_module_names
        return ("<stdlib>" if stdlib else "<third-party>") in entries or any(inside(name, entry.strip("()")) for entry in entries)

    wrong = {(u, name) for u, name in written if inside(u, "s.a") and listed(name) == (option == "deny")}
    found = breaches("third_party", made(edges), importers=("s.a",), **{option: tuple(sorted(entries))})
    assert {(breach.importer, breach.name) for breach in found} == wrong
    gateway = (
        breaches("third_party", made(edges), only_in={"(stripe)".strip("()"): "s.a | s.b"}) if ("s.a", "stripe") in written else []
    )
    assert {breach.importer for breach in gateway} == {
        u for u, name in written if gateway and name == "stripe" and not inside(u, "s.a") and not inside(u, "s.b")
    }


TAKEN = ["import {0}", "from {0} import public", "from {0} import hidden", "from {0} import _own", "from {0} import *"]


@given(
    st.sets(st.tuples(st.sampled_from(MODULES), st.sampled_from(MODULES), st.sampled_from(TAKEN)), max_size=20),
    st.sampled_from([None, ["public"], ["public", "models"]]),
    st.sampled_from(["all-only", "forbid", "allow"]),
)
@settings(max_examples=200, deadline=None)
def test_public_api(written: set[tuple[str, str, str]], listed: list[str] | None, wildcards: str) -> None:
    edges: Edges = {}
    for u, v, form in sorted(written):
        if u != v:
            edges.setdefault((u, v), []).append(form.format(v))
    texts = {"s.a": f"__all__ = {listed}\n" if listed else ""}
    wrong = set()
    for (u, v), lines in edges.items():
        if not inside(v, "s.a") or inside(u, "s.a"):
            continue
        if v not in {"s.a", "s.a.events"} and not (listed and v.rpartition(".")[2] in listed):
            wrong.add((u, v, ""))
            continue
        exported = listed if v == "s.a" else None
        for line in lines:
            name = line.partition(" import ")[2]
            if name == "*":
                bad = wildcards == "forbid" or (wildcards == "all-only" and not exported)
            else:
                bad = bool(name) and (name not in exported if exported else name.startswith("_"))
            if bad:
                wrong.add((u, v, name))
    found = breaches("public_api", made(edges, texts=texts), modules=("s.a",), api=("events",), wildcards=wildcards)
    assert {(breach.importer, breach.imported, breach.name) for breach in found} == wrong


# -- a part of the modules


OVER_ALL: dict[str, dict[str, object]] = {
    "boundaries": {"modules": ("s.a", "s.b"), "core": ("s.core",), "via": ("events",)},
    "frozen": {"modules": ("s.a",)},
    "layered": {"layers": ("**.views", "**.models"), "exhaustive": True},
    "public_api": {"modules": ("s.a", "s.b"), "require_all": True},
    "references": {"modules": ("s.a", "s.b", "s.c")},
    "third_party": {"importers": ("s.a",), "deny": ("os", "google.cloud")},
}


@pytest.mark.parametrize("kind", sorted(OVER_ALL))
@given(edges=edges_over(MODULES), judged=st.sets(st.sampled_from(MODULES)))
@settings(max_examples=40, deadline=None)
def test_what_is_said_of_some_modules_is_what_is_said_of_all(kind: str, edges: Edges, judged: set[str]) -> None:
    texts = {"s.a.models": "ForeignKey('b.User')\n", "s.c.views": "import_module('s.a.views')\n", "s.b": "__all__ = ['x']\n"}
    outside: Edges = {("s.a.views", "os"): ["import os"], ("s.b", "google"): ["import google.cloud"]}
    whole = made({**edges, **outside, ("s.a", "google"): ["import google.cloud.x"]}, texts=texts)
    some = {module: targets for module, targets in whole.direct.items() if module in judged}
    part = Imports(some, whole.modules, whole.statements, whole=whole.direct)
    expected = [breach for breach in errors(kind, whole) if breach.importer in judged]
    assert errors(kind, part) == expected
    assert set(OVER_ALL) == boundaries.BY_IMPORTER


def errors(kind: str, imports: Imports) -> list[Breach]:
    return [breach for breach in breaches(kind, imports, **OVER_ALL[kind]) if breach.level == "error"]


# -- expressions


@given(st.lists(st.sampled_from(["s", "a", "core", "*", "**"]), min_size=1, max_size=4).map(".".join))
def test_expressions_match_what_grimp_matches(expression: str) -> None:
    graph = grimp.ImportGraph()
    for module in MODULES:
        graph.add_module(module)
    try:
        theirs = graph.find_matching_modules(expression)
    except Exception:  # noqa: BLE001  # wildcards in a row, which grimp refuses
        return
    assert {module for module in MODULES if pattern(expression, "modules").fullmatch(module)} == theirs


def test_an_expression_that_matches_nothing_is_an_error_unless_it_is_excused() -> None:
    assert expand(["s.a", "(s.nothing)"], MODULES, "x") == ["s.a"]
    for wrong in (["s.nothing"], ["(s.nothing)"], ["s.*.nothing"], ["s.a*"], ["s..a"], [""]):
        with pytest.raises(CheckError):
            expand(wrong, MODULES, "x")


# -- what else the types say


def test_modules_without_an_owner_are_errors() -> None:
    imports = made({})
    found = breaches("boundaries", imports, modules=("s.a", "s.b"), core=("s.core",))
    assert [breach.importer for breach in found] == ["s.c", "s.c.events", "s.c.models", "s.c.views"]
    assert not breaches("boundaries", imports, modules=("s.a", "s.b"), core=("s.core",), unowned="ignore")


def test_siblings_may_be_let_alone() -> None:
    imports = made({("s.a.views", "s.b.views"): ["import s.b.views"], ("s.a.views", "s.a.models"): ["import s.a.models"]})
    across = {("s.a.views", "s.b.views")}
    assert pairs(breaches("boundaries", imports, modules=("s.*.*",), unowned="ignore", siblings="allow")) == across
    assert len(breaches("boundaries", imports, modules=("s.*.*",), unowned="ignore")) == 2


def test_exhaustive_layers_know_every_module() -> None:
    found = breaches("layered", made({}), layers=("events", "views"), containers=("s.a",), exhaustive=True)
    assert [breach.importer for breach in found] == ["s.a.models"]


def test_absent_layers_are_named() -> None:
    (note,) = breaches("layered", made({}), layers=("**.urls", "**.views", "**.models"))
    assert (note.level, note.message) == ("note", "no module in the code base matches `**.urls`")


@pytest.mark.parametrize(
    ("text", "names", "dynamic"),
    [
        ("__all__ = ['a', 'b']", {"a", "b"}, False),
        ("__all__ = ('a',) + ['b']\n__all__ += ['c']\n__all__.append('d')\n__all__.extend(['e', 'f'])", set("abcdef"), False),
        ("__all__: list[str] = ['a']", {"a"}, False),
        ("try:\n    x = 1\nexcept ImportError:\n    pass\nelse:\n    __all__ = ['a']", {"a"}, False),
        ("__all__ = ['a'] + other.__all__", set(), True),
        ("__all__ = ['a']\n__all__ += names()", {"a"}, True),
        ("__all__ = [name for name in dir()]", set(), True),
        ("def f():\n    __all__ = ['a']", None, False),
        ("x = 1", None, False),
    ],
)
def test_dunder_all(text: str, names: set[str] | None, dynamic: bool) -> None:
    found = exports.exports_of(Source("a.py", text.encode()))
    assert (found.names, found.dynamic) == (names, dynamic)


def test_a_computed_dunder_all_is_a_note_and_a_missing_one_may_be_an_error() -> None:
    edges: Edges = {("s.b", "s.a"): ["from s.a import anything"]}
    imports = made(edges, texts={"s.a": "__all__ = names()\n", "s.c": "x = 1\n"})
    found = breaches("public_api", imports, modules=("s.a", "s.c"), require_all=True)
    assert [(breach.importer, breach.level) for breach in found] == [("s.a", "note"), ("s.c", "error")]


def judged(kind: str, imports: Imports, **options: object) -> Outcome:
    rule = boundaries.load(kind)
    given = rule.options(**options)
    assert isinstance(given, ContractOptions)
    return judge(rule, given, "id", imports)


@pytest.mark.parametrize(
    ("code", "places"),
    [
        ("import s.b\n", [(1, 1, 1, 11)]),
        ("import os; import s.b as b\n", [(1, 12, 1, 27)]),
        ("if x:\n    from s.b import (  # why (\n        one,\n    )\n", [(2, 5, 4, 6)]),
        ("try: import os\nexcept ImportError: import s.b\n", [(2, 21, 2, 31)]),
        ("from s import \\\n    b\n", [(1, 1, 2, 6)]),
        ("from . import b\nfrom .b import one\n", [(1, 1, 1, 16), (2, 1, 2, 19)]),
        ("import s.b\r\nimport s.b\r\n", [(1, 1, 1, 11), (2, 1, 2, 11)]),
        ("if x:\n\tfrom s.b import one  # why\n\tfrom s.b import (two,)  # why\n", [(2, 2, 2, 21), (3, 2, 3, 24)]),
        ("from s.b import (\n    one,\n    two as three,\n) # why\n", [(1, 1, 4, 2)]),
        ("from s.b import *; import s.b\n", [(1, 1, 1, 18), (1, 20, 1, 30)]),
        ("import os, s.b as b ;import s.b\n", [(1, 1, 1, 20), (1, 22, 1, 32)]),
        ("\ufeffimport s.b\n" + "x = 1\n" * 2000 + "import s.b\n", [(1, 1, 1, 11), (2002, 1, 2002, 11)]),
        ("from s.b import (\n" + "    one,  # why\n" * 2000 + ")\n", [(1, 1, 2002, 2)]),
        ("try:\n    from s.b import ä\nexcept E: from s.b import ö # (\n", [(2, 5, 2, 22), (3, 11, 3, 28)]),
    ],
)
def test_places_are_those_of_the_statements(code: str, places: list[tuple[int, ...]]) -> None:
    lines = code.splitlines()
    graph = grimp.ImportGraph()
    modules = ["s", "s.a", "s.b"]
    wanted = [place[0] for place in places]

    def details(importer: str, imported: str) -> list[Edge]:
        edge = (importer, imported) == ("s.a", "s.b")
        return [
            Edge(importer=importer, imported=imported, line_number=n, line_contents=lines[n - 1].strip()) for n in wanted if edge
        ]

    assert graph.modules == set()
    statements = Statements(Memory({"s.a": code, "s": "", "s.b": ""}), details, modules)
    imports = Imports({"s.a": ["s.b"]}, modules, statements)
    found = judged("boundaries", imports, modules=("s.*",)).findings
    assert [(one.line, one.column, one.end_line, one.end_column) for one in found] == places
    assert {one.contract for one in found} == {("id", "s.a", "s.b", "")}


def test_a_plain_statement_ends_where_the_parser_says() -> None:
    plain = 0
    for path in sorted(Path(ast.__file__).parent.glob("*.py")):
        source = Source(path.name, path.read_bytes())
        for node in source.nodes(ast.Import, ast.ImportFrom):
            text = "\n".join(source.lines[node.lineno - 1 : node.end_lineno])[node.col_offset :]
            found = PLAIN.match(text)
            if found is not None:
                plain += 1
                assert found[0] == ast.get_source_segment(source.text, node), (path, node.lineno)
    assert plain > 500


def test_a_cycle_that_type_checking_closes_is_none_without_it() -> None:
    texts = {
        "s.a": "import s.b\n",
        "s.b": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import s.a\n",
        "s.c": "",
    }

    def details(importer: str, imported: str) -> list[Edge]:
        known = {("s.a", "s.b"): 1, ("s.b", "s.a"): 3}
        number = known.get((importer, imported))
        line = f"import {imported}"
        return [Edge(importer=importer, imported=imported, line_number=number, line_contents=line)] if number else []

    for counted in (True, False):
        statements = Statements(Memory(texts), details, ["s.a", "s.b", "s.c"], type_checking=counted)
        imports = Imports({"s.a": ["s.b"], "s.b": ["s.a"], "s.c": []}, ["s.a", "s.b", "s.c"], statements)
        found = judged("no_cycles", imports, modules=("s.*",)).findings
        assert [(one.path, one.line) for one in found] == ([("s/a.py", 1), ("s/b.py", 3)] if counted else [])


def test_the_message_of_a_cycle_names_every_step() -> None:
    texts = {"s.a": "import s.b\n", "s.b": "\nimport s.c\n", "s.c": "\n\nimport s.a\n"}
    numbers = {("s.a", "s.b"): 1, ("s.b", "s.c"): 2, ("s.c", "s.a"): 3}

    def details(importer: str, imported: str) -> list[Edge]:
        line = f"import {imported}"
        return [Edge(importer=importer, imported=imported, line_number=numbers[importer, imported], line_contents=line)]

    imports = Imports(
        {u: [v] for u, v in numbers}, ["s.a", "s.b", "s.c"], Statements(Memory(texts), details, ["s.a", "s.b", "s.c"])
    )
    first = judged("no_cycles", imports, modules=("s.*",)).findings[0]
    assert first.message == "s.a and s.b depend on each other: s.a -> s.b -> s.c -> s.a (s/b.py:2, s/c.py:3)"
    assert first.contract == ("id", "s.a", "s.b", "")


def test_components_of_long_chains_need_no_recursion() -> None:
    size = 5000
    ring = {str(number): [str((number + 1) % size)] for number in range(size)}
    assert no_cycles.components(ring) == [set(ring)]


REFERENCES = {
    "s.a.models": (
        "owner = ForeignKey('b.User')\nsame = ForeignKey('Other')\nmine = OneToOneField(to='a.Thing')\n"
        "apps.get_model('c', 'Item')\nsend_task('s.b.tasks.run')\nsend_task('named')\nimport_string('s.core.x')\n"
        "import_module(f's.{x}')\nForeignKey(User)\n"
    ),
    "s.a.migrations.one": "ForeignKey('b.User')\n",
    "s.b.tasks": "@shared_task(name='named')\ndef run(): ...\n",
    "s.c.apps": "class Config:\n    label = 'c'\n",
}


def test_references() -> None:
    modules = [*MODULES, "s.a.migrations", "s.a.migrations.one", "s.b.tasks", "s.c.apps"]
    imports = made({}, modules, REFERENCES)
    outcome = judged("references", imports, modules=("s.a", "s.b", "s.c"), core=("s.core",))
    assert [(one.line, one.contract[2], one.contract[3]) for one in outcome.findings] == [
        (1, "s.b", "b.User"),
        (4, "s.c", "c.Item"),
        (5, "s.b.tasks", "s.b.tasks.run"),
        (6, "s.b.tasks", "named"),
    ]
    assert outcome.notes == (
        "s/a/models.py, line 8: the name in this call of import_module is computed, so the reference was not judged",
    )
    fewer = judged("references", imports, modules=("s.a", "s.b", "s.c"), kinds=("django",), allow=("s.a -> s.c",))
    assert [one.line for one in fewer.findings] == [1]


def test_module_shape() -> None:
    texts = dict.fromkeys(MODULES, "x = 1\n") | {"s.a.views": "a = 1\nb, c = 1, 2\n_d = 3\n\ndef e(): ...\n"}
    edges: Edges = {("s.a.views", v): [f"import {v}"] for v in ("s.b", "s.c", "s.core")} | {("s.b", "s.c"): ["import s.c"]}
    imports = made(edges, texts=texts)
    options = {"max_lines": 4, "max_fan_in": 1, "max_fan_out": 2, "max_public": 3}
    found = judged("module_shape", imports, modules=("s",), **options).findings
    assert [(one.contract[1], one.contract[3], one.measure) for one in found] == [
        ("s.a.views", "imports", 3),
        ("s.a.views", "public names", 4),
        ("s.a.views", "lines", 5),
        ("s.c", "importers", 2),
    ]
    orphans = judged("module_shape", imports, modules=("s.b", "s.c"), no_orphans=True).findings
    assert {one.contract[1] for one in orphans} == {f"s.{one}.{two}" for one in "bc" for two in ("events", "views", "models")}
