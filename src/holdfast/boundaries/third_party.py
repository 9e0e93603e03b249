"""Reports imports of external packages by modules that must not import them.

You choose the form: a list of denied packages, a list of allowed ones, or one module as the only gateway to a package.

## Why is this bad?

If routes call a payment provider directly, its timeouts, retries and credentials are spread over the code base, and replacing it
means changing all of these places.

## Example

```toml
[[tool.importlinter.contracts]]
id = "no-sdk-in-routes"
name = "Routes call no external service"
type = "third_party"
importers = ["shop.**.routes"]
deny = ["stripe", "(requests)", "(google.cloud)"]

[tool.importlinter.contracts.only_in]
stripe = "shop.payments.gateway"
```

```python
# shop/payments/gateway.py
import stripe
```

```python bad
# shop/orders/routes.py
import stripe
```

Use instead:

```python good
# shop/orders/routes.py
from shop.payments import gateway
```

## What it reports

- With `deny`: an import of a listed package by one of the `importers`.
- With `allow`: an import of a package that is not listed by one of the `importers`.
- With `only_in`: an import of the package by any module but the gateway.

The example is reported twice: routes must not import `stripe`, and only the gateway may. A package that no module imports is an
error, because its name may be misspelt. Write it in parentheses if it need not be imported: `(requests)`.

## What it leaves alone

- Packages with another dotted name: `google.cloud` and `google.auth` are two packages.

The contract needs `include_external_packages = true` in `[tool.importlinter]`.

## What it does not see

- Packages that are imported by name at run time.
- Calls through an object that another module passes in.

## References

- [How to enforce module boundaries](../how-to/module-boundaries.md)
"""

from __future__ import annotations

import sys

from holdfast.boundaries.edges import Breach, ContractOptions, ancestors, expand, fail, without_parentheses
from holdfast.rule import Rule, suggestion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from holdfast.boundaries.edges import Imports

THIRD_PARTY, STDLIB = "<third-party>", "<stdlib>"


class Options(ContractOptions):
    """The external packages and the modules that may import them."""

    importers: tuple[str, ...] = ()
    """The modules that `allow` or `deny` applies to, as expressions. Each includes all modules below it."""
    allow: tuple[str, ...] = ()
    """The only external names that they may import: dotted names, `<third-party>` or `<stdlib>`. A name includes all names below
    it."""
    deny: tuple[str, ...] = ()
    """External names that they must not import, written in the same way. A name in parentheses need not be imported anywhere."""
    only_in: dict[str, str] = {}  # noqa: RUF012  # options are frozen
    """From an external package to the only modules that may import it: expressions separated by ` | `."""


def check(imports: Imports, options: Options) -> Iterator[Breach]:
    """Return the imports of external packages that are not allowed."""
    _check_options(imports, options)
    importers = set(expand(options.importers, imports.modules, "importers"))
    gateways = {
        without_parentheses(package)[0]: set(expand([part.strip() for part in places.split("|")], imports.modules, "only_in"))
        for package, places in options.only_in.items()
    }
    deny, allow = (tuple(without_parentheses(entry)[0] for entry in entries) for entries in (options.deny, options.allow))
    roots = {name.partition(".")[0] for name in (*deny, *gateways)}
    judges_all = bool(allow or roots & {THIRD_PARTY, STDLIB})
    for importer, targets in imports.direct.items():
        packages = set(ancestors(importer))
        is_limited = bool(importers & packages)
        for top in targets:
            if top in imports.modules or not (judges_all or top.partition(".")[0] in roots):
                continue
            for name in dict.fromkeys(imports.statements.names(importer, top) or (top,)):
                yield from _judge(importer, top, name, allow if is_limited else (), deny if is_limited else ())
                for package, places in gateways.items():
                    if _is_included(name, package) and not places & packages:
                        message, only = f"{importer} imports {name}", _alternatives(places)
                        yield _breach(importer, top, name, f"{message}, but only {only} may", f"import {only} instead")


def _check_options(imports: Imports, options: Options) -> None:
    """Raise CheckError("option") for invalid options."""
    if not imports.external:
        fail("third_party needs external packages in the graph: set `include_external_packages = true` for import-linter")
    if not (options.allow or options.deny or options.only_in):
        fail("third_party needs `allow`, `deny` or `only_in`")
    if options.allow and options.deny:
        fail("third_party must not have both `allow` and `deny`: write two contracts")
    if bool(options.importers) != bool(options.allow or options.deny):
        fail("`importers` names the modules that `allow` or `deny` applies to: set both or neither")
    _check_names({"allow": options.allow, "deny": options.deny, "only_in": tuple(options.only_in)}, imports)


def _alternatives(places: Iterable[str]) -> str:
    return " or ".join(sorted(places))


def _judge(importer: str, top: str, name: str, allow: tuple[str, ...], deny: tuple[str, ...]) -> Iterator[Breach]:
    denied = next((entry for entry in deny if _is_included(name, entry)), None)
    if denied:
        hint = "move the call to a module that may import it, and import that module"
        yield _breach(importer, top, name, f"{importer} imports {name}, but {denied} is denied here", hint)
    if allow and not any(_is_included(name, entry) for entry in allow):
        hint = f"move the code elsewhere, or add {name.removesuffix('.*')} to `allow` ({', '.join(allow)})"
        yield _breach(importer, top, name, f"{importer} imports {name}, which is not allowed here", hint)


def _breach(importer: str, top: str, name: str, message: str, hint: str) -> Breach:
    return Breach(importer=importer, imported=top, name=name, message=message, hint=hint)


def _is_included(name: str, entry: str) -> bool:
    """Whether an entry is an imported dotted name or includes it."""
    if entry in (THIRD_PARTY, STDLIB):
        return (name.partition(".")[0] in sys.stdlib_module_names) == (entry == STDLIB)
    return name == entry or name.startswith(f"{entry}.")


def _check_names(listed: dict[str, tuple[str, ...]], imports: Imports) -> None:
    """Raise CheckError("option") for invalid names, and for names without parentheses that nothing imports."""
    all_entries = [(option, entry) for option, entries in listed.items() for entry in entries]
    names: set[str] = set()
    roots = {without_parentheses(entry)[0].partition(".")[0] for _, entry in all_entries}
    for importer, targets in imports.whole.items():
        for top in targets:
            if top not in imports.modules:
                names.add(top)
                if top.partition(".")[0] in roots and any("." in entry for _, entry in all_entries):
                    names.update(imports.statements.names(importer, top))
    for option, entry in all_entries:
        name, is_optional = without_parentheses(entry)
        if name in (THIRD_PARTY, STDLIB):
            continue
        if not all(part.isidentifier() for part in name.split(".")):
            fail(f'"{entry}" in `{option}` is not a name that can be imported')
        if not is_optional and not any(_is_included(imported, name) for imported in names):
            close = suggestion(name, sorted(names))
            sentence = f'no module imports "{entry}" in `{option}`: correct it, or write "({entry})" if this is intended'
            fail(sentence + (close if close.startswith(";") else ""))


rule = Rule(
    name="third_party",
    code="HF414",
    summary="external packages are imported only where the team wants them",
    since="0.1.0",
    level="error",
    check=check,
    options=Options,
    scope="imports",
)
