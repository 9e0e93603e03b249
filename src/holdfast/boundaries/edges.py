"""What all contracts speak of: modules, imports, expressions over module names, units and breaches."""

from __future__ import annotations

import re
from functools import cached_property
from typing import NamedTuple

from holdfast.rule import CheckError, Options, suggestion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from typing import NoReturn

    from holdfast.boundaries.statements import Statements


class ContractOptions(Options):
    """The options that every contract type has."""

    exclude_modules: tuple[str, ...] = ()
    """Modules whose own imports are not judged, such as tests; each stands for all below it."""
    baseline: str = ".holdfast-baseline.json"
    """The file of known violations, relative to the folder of the configuration."""
    stale_baseline: str = "error"
    """What an entry of the baseline is that fits no violation any more: `error`, `warn` or `ignore`."""
    exclude_type_checking_imports: bool = False
    """Whether imports under `if TYPE_CHECKING:` are left alone."""
    ignore_function_level: bool = False
    """Whether imports inside functions are left alone."""
    max_shown: int = 0
    """How many violations are shown, 0 for all; the contract is broken all the same."""


class Breach(NamedTuple):
    """An import, or a module, that a contract does not allow; the place is looked up afterwards, for breaches only.

    A tuple, because there are thousands.
    """

    importer: str
    """The module at fault."""
    message: str
    imported: str = ""
    """The module it imports; "" where the module itself is at fault."""
    hint: str = ""
    name: str = ""
    """The imported name, where one name and not the whole import is at fault; or what else tells two breaches apart."""
    units: tuple[str, str] = ("", "")
    """What is named in baselines instead of importer and imported, where it is not they."""
    chain: tuple[tuple[str, str], ...] = ()
    """Further imports that belong to the breach, as importer and imported."""
    once: bool = False
    """Whether the first of several import statements stands for all of them."""
    measure: int | None = None
    place: tuple[int, int, int, int] = (0, 0, 0, 0)
    """line, column, end_line, end_column where it is no import statement that is at fault."""
    span: tuple[int, int] = (0, 0)
    """First and last line of the statement at that place."""
    path: str = ""
    """The file, relative to the root, where it is that of no module."""
    level: str = "error"
    """error, or note for what could not be judged."""


class Imports:
    """The modules of a code base and what they import.

    direct: from each judged module to all that it imports, external packages included. modules: the names of all modules of
    the code base, judged or not. statements: what is known of the import statements themselves.
    """

    def __init__(
        self,
        direct: Mapping[str, Collection[str]],
        modules: Collection[str],
        statements: Statements,
        external: bool = True,
        whole: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        self.direct = direct
        self.whole = direct if whole is None else whole
        """The imports of all modules, judged or not."""
        self.modules = modules
        self.statements = statements
        self.external = external
        """Whether the edges to external packages are there."""

    @cached_property
    def packages(self) -> frozenset[str]:
        """The modules that hold other modules."""
        return frozenset(above for module in self.modules for above in ancestors(module)[1:])

    def counts(self, importer: str, imported: str) -> bool:
        """Whether an import counts under the options about TYPE_CHECKING and functions."""
        return self.statements.count(importer, imported)


def ancestors(module: str) -> list[str]:
    """A module and the packages around it, innermost first."""
    parts = module.split(".")
    return [".".join(parts[:end]) for end in range(len(parts), 0, -1)]


def below(module: str, package: str) -> bool:
    """Whether a module is a package or lies in it."""
    return module == package or module.startswith(f"{package}.")


def pattern(expression: str, option: str) -> re.Pattern[str]:
    """An expression over module names as import-linter has them: `*` is one part of a name, `**` one or more.

    Raises CheckError("option") where a wildcard is only a piece of a part, or the expression is no module name.
    """
    parts = expression.strip().split(".")
    wild = {"*": r"[^.]+", "**": r"[^.]+(?:\.[^.]+)*"}
    for part in parts:
        if part not in wild and not part.isidentifier():
            wrong = "a wildcard stands for a whole part of a name" if "*" in part else "that is no module name"
            fail(f'"{expression}" in `{option}`: {wrong}')
    return re.compile(r"\.".join(wild.get(part) or re.escape(part) for part in parts))


def bare(entry: str) -> tuple[str, bool]:
    """An entry without the parentheses that say that it need not be there, and whether they were around it."""
    optional = entry.startswith("(") and entry.endswith(")")
    return (entry[1:-1].strip() if optional else entry), optional


def fail(sentence: str) -> NoReturn:
    """Give up on a contract whose options cannot be meant."""
    raise CheckError("option", sentence)


def one_of(value: str, option: str, known: tuple[str, ...]) -> None:
    """Refuse a value that the option does not have."""
    if value not in known:
        fail(f'`{option}` cannot be "{value}"{suggestion(value, list(known))}')


def expand(expressions: Iterable[str], modules: Collection[str], option: str) -> list[str]:
    """The modules that expressions stand for, sorted. An expression that matches nothing is an error.

    In parentheses, as in import-linter's layers, a single one may match nothing, but then another must.
    """
    found: set[str] = set()
    written = list(expressions)
    for entry in written:
        expression, optional = bare(entry)
        if "*" in expression:
            fits = pattern(expression, option).fullmatch
            matched = {module for module in modules if fits(module)}
        else:
            pattern(expression, option)
            matched = {expression} & set(modules)
        if not matched and not optional:
            close = "" if "*" in expression else suggestion(expression, list(modules)) if len(modules) < 20_000 else ""
            fail(f'"{expression}" in `{option}` matches no module{close if close.startswith(";") else ""}')
        found |= matched
    if written and not found:
        fail(f"nothing in `{option}` matches any module: {', '.join(written)}")
    return sorted(found)


def required(expressions: tuple[str, ...], modules: Collection[str], option: str) -> list[str]:
    """As expand, of an option that must not be empty."""
    if not expressions:
        fail(f"the option `{option}` is missing")
    return expand(expressions, modules, option)


def owners(units: Iterable[str], modules: Iterable[str]) -> dict[str, str]:
    """From each module that a unit owns to that unit: the longest one around it."""
    known = set(units)
    found: dict[str, str] = {}
    for module in modules:
        name = module
        while name and name not in known:
            name = name.rpartition(".")[0]
        if name:
            found[module] = name
    return found


class Pairs:
    """Allowed imports, written as `importer -> imported`: each side stands for the modules it matches and all below them."""

    def __init__(self, written: Iterable[str], modules: Collection[str], option: str) -> None:
        self.sides: list[tuple[set[str], set[str]]] = []
        for pair in written:
            left, arrow, right = (part.strip() for part in pair.partition("->"))
            if not (arrow and left and right):
                fail(f'"{pair}" in `{option}` is not "importer -> imported"')
            self.sides.append((set(expand([left], modules, option)), set(expand([right], modules, option))))

    def allow(self, importer: str, imported: str) -> bool:
        """Whether one of the pairs speaks of this import."""
        if not self.sides:
            return False
        around, about = set(ancestors(importer)), set(ancestors(imported))
        return any(left & around and right & about for left, right in self.sides)
