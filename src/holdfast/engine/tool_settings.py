"""The settings of other tools, `[tool.holdfast.tools.<tool>]`, and the arguments that they may contain."""

from __future__ import annotations

from holdfast.record import Record
from holdfast.rule import CheckError, suggestion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Settings(Record):
    """`[tool.holdfast.tools.<tool>]`: how a tool runs, and the numbers of findings that the team wants to reach."""

    args: tuple[str, ...] = ()
    """Additional arguments, for example to select rules."""
    paths: tuple[str, ...] = ()
    """Files and folders to check, relative to the root. If empty, the tool uses its own default."""
    exclude: tuple[str, ...] = ()
    """Files that the tool need not check: globs as in .gitignore, relative to the root."""
    preset: str = ""
    """A configuration that comes with Holdfast."""
    targets: dict[str, int] = {}  # noqa: RUF012  # records are frozen
    """From codes of the tool to the number of findings that the team wants to reach."""
    timeout: int = 600
    """The time limit in seconds."""


class Allowed(Record):
    """What the settings of one tool may contain.

    presets: the configurations that come with Holdfast. flags and options: the arguments without and with a value. They select
    rules and settings. An argument that writes a file, runs a program or changes the output is in neither.
    """

    presets: tuple[str, ...] = ()
    flags: frozenset[str] = frozenset()
    options: frozenset[str] = frozenset()


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TOOLS = {
    "bandit": Allowed(
        presets=("holdfast",),
        flags=_words("-l -ll -lll --level -i -ii -iii --confidence --ignore-nosec"),
        options=_words("-c --configfile -p --profile -t --tests -s --skip --severity-level --confidence-level"),
    ),
    "mypy": Allowed(
        flags=_words(
            "--allow-any-decorated --allow-any-explicit --allow-any-expr --allow-any-generics --allow-any-unimported "
            "--allow-incomplete-defs --allow-redefinition --allow-subclassing-any --allow-untyped-calls --allow-untyped-decorators "
            "--allow-untyped-defs --allow-untyped-globals --check-untyped-defs --disallow-any-decorated --disallow-any-explicit "
            "--disallow-any-expr --disallow-any-generics --disallow-any-unimported --disallow-incomplete-defs "
            "--disallow-subclassing-any --disallow-untyped-calls --disallow-untyped-decorators --disallow-untyped-defs "
            "--disallow-untyped-globals --explicit-package-bases --extra-checks --follow-untyped-imports --ignore-missing-imports "
            "--implicit-optional --implicit-reexport --local-partial-types --namespace-packages --no-check-untyped-defs "
            "--no-extra-checks --no-implicit-optional --no-implicit-reexport --no-incremental --no-local-partial-types "
            "--no-namespace-packages --no-silence-site-packages --no-site-packages --no-strict-bytes --no-strict-equality "
            "--no-strict-optional --no-warn-no-return --no-warn-redundant-casts --no-warn-return-any --no-warn-unreachable "
            "--no-warn-unused-ignores --report-deprecated-as-note --scripts-are-modules --strict --strict-bytes --strict-equality "
            "--strict-optional --warn-incomplete-stub --warn-no-return --warn-redundant-casts --warn-return-any --warn-unreachable "
            "--warn-unused-configs --warn-unused-ignores"
        ),
        options=_words(
            "--always-false --always-true --config-file --deprecated-calls-exclude --disable-error-code --enable-error-code "
            "--enable-incomplete-feature --follow-imports --platform --python-version --untyped-calls-exclude"
        ),
    ),
    "ruff": Allowed(
        presets=("holdfast",),
        flags=_words("--ignore-noqa --isolated --no-cache --no-preview --no-respect-gitignore --preview --respect-gitignore -n"),
        options=_words(
            "--config --extend-ignore --extend-per-file-ignores --extend-select --extension --ignore --per-file-ignores --select "
            "--target-version"
        ),
    ),
}


def settings_of(name: str, table: dict[str, Any], where: str = "") -> Settings:
    """Return the settings in `[tool.holdfast.tools.<name>]`. Raises CheckError("option") for invalid ones.

    where: the path of the file that contains the table, for errors.
    """
    if name not in TOOLS:
        raise CheckError("option", f'[tool.holdfast.tools] has no tool "{name}"{suggestion(name, list(TOOLS))}', where)
    allowed = TOOLS[name]
    place = f"[tool.holdfast.tools.{name}]"
    for key, value in table.items():
        if key not in Settings.fields:
            raise CheckError("option", f'{place} has no option "{key}"{suggestion(key, list(Settings.fields))}', where)
        expected = _expected(key, value)
        if expected:
            raise CheckError("option", f"{place} {key} must be {expected}", where)
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    settings = Settings(**values)
    if settings.preset and settings.preset not in allowed.presets:
        available = suggestion(settings.preset, list(allowed.presets))
        raise CheckError("option", f'{place}: there is no preset "{settings.preset}" for {name}{available}', where)
    refused = _refused(settings.args, allowed)
    if refused is not None:
        message = f"{place} args must not contain {refused}: only options of {name} that select rules or settings are allowed"
        raise CheckError("option", message, where)
    return settings


def _refused(arguments: tuple[str, ...], allowed: Allowed) -> str | None:
    """The first argument that is not allowed: an unknown option, an abbreviation, a file, or an option without its value."""
    waiting = iter(arguments)
    for argument in waiting:
        option, equals, _ = argument.partition("=")
        if option in allowed.options and option.startswith("--") and equals:
            continue
        if argument in allowed.options:
            value = next(waiting, "-")
            if value.startswith("-"):
                return argument
        elif argument not in allowed.flags:
            return argument
    return None


def _expected(key: str, value: object) -> str:
    """The valid values of a setting in words, if this value is not valid; otherwise ""."""
    if key in ("args", "paths", "exclude"):
        is_valid = isinstance(value, list) and all(isinstance(item, str) for item in value)
        example = '["--select", "BLE"]' if key == "args" else '["src"]'
        return "" if is_valid else f"a list of strings, for example {example}"
    if key == "targets":
        is_valid = isinstance(value, dict) and all(type(item) is int and item >= 0 for item in value.values())
        return "" if is_valid else "a table from codes to whole numbers, for example {BLE001 = 0}"
    if key == "timeout":
        return "" if type(value) is int and value > 0 else "a whole number of seconds, at least 1"
    return "" if isinstance(value, str) else "a string"
