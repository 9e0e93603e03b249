"""The concepts of all contract types: options, imports, breaches, and expressions that match module names."""

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
    """The options of every contract type."""

    exclude_modules: tuple[str, ...] = ()
    """Modules whose imports are not judged, such as tests. Each includes all modules below it."""
    baseline: str = ".holdfast-baseline.json"
    """The file of known violations, relative to the folder of the configuration."""
    stale_baseline: str = "error"
    """How stale entries of the baseline are reported: `error`, `warn` or `ignore`."""
    exclude_type_checking_imports: bool = False
    """Ignore imports under `if TYPE_CHECKING:`."""
    ignore_function_level: bool = False
    """Ignore imports inside functions."""
    max_shown: int = 0
    """The number of violations that are shown; 0 for all. It does not change the result."""


class Breach(NamedTuple):
    """An import or a module that a contract does not allow. The engine looks up its position.

    It is a tuple, because there may be thousands.
    """

    importer: str
    """The module that breaks the contract."""
    message: str
    imported: str = ""
    """The module that it imports; "" if the breach is not about an import."""
    hint: str = ""
    name: str = ""
    """The imported name, if only this name is not allowed; or any other text that distinguishes breaches."""
    units: tuple[str, str] = ("", "")
    """The names in baselines, if they are not importer and imported."""
    chain: tuple[tuple[str, str], ...] = ()
    """Further imports that belong to the breach, as pairs of importer and imported."""
    once: bool = False
    """Whether only the first of several import statements is reported."""
    measure: int | None = None
    place: tuple[int, int, int, int] = (0, 0, 0, 0)
    """line, column, end_line and end_column, if the breach is not about an import statement."""
    span: tuple[int, int] = (0, 0)
    """First and last line of the statement at that place."""
    path: str = ""
    """The file, relative to the root, if it does not belong to a module."""
    level: str = "error"
    """error, or note if something could not be judged."""


class Imports:
    """The modules of a code base and their imports.

    direct: from each judged module to all modules that it imports, including external packages. modules: the names of all modules
    of the code base, judged or not. statements: the import statements.
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
        """Whether imports of external packages are included."""

    @cached_property
    def packages(self) -> frozenset[str]:
        """The modules that contain other modules."""
        return frozenset(package for module in self.modules for package in ancestors(module)[1:])

    def is_counted(self, importer: str, imported: str) -> bool:
        """Return whether an import counts under the options about TYPE_CHECKING and functions."""
        return self.statements.is_counted(importer, imported)


def ancestors(module: str) -> list[str]:
    """Return a module and the packages that contain it, innermost first."""
    parts = module.split(".")
    return [".".join(parts[:end]) for end in range(len(parts), 0, -1)]


def is_below(module: str, package: str) -> bool:
    """Return whether a module is a package or is in it."""
    return module == package or module.startswith(f"{package}.")


def pattern(expression: str, option: str) -> re.Pattern[str]:
    """Return the pattern of an expression: as in import-linter, `*` matches one part of a module name, `**` one or more.

    Raises CheckError("option") if a wildcard is only a piece of a part, or if the expression is not a module name.
    """
    parts = expression.strip().split(".")
    wildcards = {"*": r"[^.]+", "**": r"[^.]+(?:\.[^.]+)*"}
    for part in parts:
        if part not in wildcards and not part.isidentifier():
            problem = "a wildcard must be a whole part of a name" if "*" in part else "this is not a module name"
            fail(f'"{expression}" in `{option}`: {problem}')
    return re.compile(r"\.".join(wildcards.get(part) or re.escape(part) for part in parts))


def without_parentheses(entry: str) -> tuple[str, bool]:
    """Return an entry without parentheses, and whether it had them, which means that it may match nothing."""
    is_optional = entry.startswith("(") and entry.endswith(")")
    return (entry[1:-1].strip() if is_optional else entry), is_optional


def fail(sentence: str) -> NoReturn:
    """Raise CheckError("option") for invalid options of a contract."""
    raise CheckError("option", sentence)


def check_choice(value: str, option: str, choices: tuple[str, ...]) -> None:
    """Raise CheckError("option") unless a value is one of the choices of an option."""
    if value not in choices:
        fail(f'`{option}` cannot be "{value}"{suggestion(value, list(choices))}')


def expand(expressions: Iterable[str], modules: Collection[str], option: str) -> list[str]:
    """Return the modules that expressions match, sorted. Raises CheckError("option") if an expression matches none.

    An expression in parentheses, as in import-linter's layers, may match none if another one matches some.
    """
    found: set[str] = set()
    entries = list(expressions)
    for entry in entries:
        expression, is_optional = without_parentheses(entry)
        if "*" in expression:
            matches = pattern(expression, option).fullmatch
            matched = {module for module in modules if matches(module)}
        else:
            pattern(expression, option)
            matched = {expression} & set(modules)
        if not matched and not is_optional:
            close = "" if "*" in expression else suggestion(expression, list(modules)) if len(modules) < 20_000 else ""
            fail(f'"{expression}" in `{option}` matches no module{close if close.startswith(";") else ""}')
        found |= matched
    if entries and not found:
        fail(f"`{option}` matches no module: {', '.join(entries)}")
    return sorted(found)


def expand_required(expressions: tuple[str, ...], modules: Collection[str], option: str) -> list[str]:
    """Like `expand`, for an option that must not be empty."""
    if not expressions:
        fail(f"the option `{option}` is missing")
    return expand(expressions, modules, option)


def owners(units: Iterable[str], modules: Iterable[str]) -> dict[str, str]:
    """Return the unit of each module that is in one: the innermost unit that contains it."""
    names = set(units)
    found: dict[str, str] = {}
    for module in modules:
        name = module
        while name and name not in names:
            name = name.rpartition(".")[0]
        if name:
            found[module] = name
    return found


class Pairs:
    """Allowed imports, written as `importer -> imported`. Each side includes the modules below those that it matches."""

    def __init__(self, pairs: Iterable[str], modules: Collection[str], option: str) -> None:
        self.sides: list[tuple[set[str], set[str]]] = []
        for pair in pairs:
            left, arrow, right = (part.strip() for part in pair.partition("->"))
            if not (arrow and left and right):
                fail(f'"{pair}" in `{option}` must have the form "importer -> imported"')
            self.sides.append((set(expand([left], modules, option)), set(expand([right], modules, option))))

    def is_allowed(self, importer: str, imported: str) -> bool:
        """Return whether one of the pairs matches this import."""
        if not self.sides:
            return False
        importers, targets = set(ancestors(importer)), set(ancestors(imported))
        return any(left & importers and right & targets for left, right in self.sides)
