"""Read plain command lines without argparse: its import and set-up would take a quarter of the time to check one file."""

from __future__ import annotations

from types import SimpleNamespace

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence
    from typing import Any, TypeAlias

    Parser: TypeAlias = "argparse.ArgumentParser | PlainParser"


class PlainParser:
    """Parses long options that are written in full, their separate values, and one run of paths, as argparse does.

    It knows only the settings of `add_argument` that `holdfast check` uses. Everything else is left to argparse: errors, help,
    abbreviations, `--option=value`, values that begin with `-` and options whose value is converted.
    """

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.paths = ""
        """The attribute of the positional argument."""
        self.options: dict[str, tuple[str, str, Sequence[str] | None]] = {}
        """From an option to its attribute, its action and its choices."""

    def add_argument(
        self,
        name: str,
        /,
        *,
        action: str = "store",
        default: object = None,
        nargs: str | None = None,
        type: Callable[[str], object] | None = None,  # noqa: A002
        choices: Sequence[str] | None = None,
        metavar: str = "",  # noqa: ARG002
        help: str = "",  # noqa: A002, ARG002
    ) -> None:
        """Declare an argument with the settings that argparse takes."""
        attribute = name.lstrip("-").replace("-", "_")
        self.values[attribute] = False if action == "store_true" else default
        if nargs == "*" and name == attribute:
            self.paths = attribute
        elif type is None and nargs is None:
            self.options[name] = (attribute, action, choices)

    def parse(self, words: Sequence[str]) -> SimpleNamespace | None:
        """Return the same values as argparse, or None where these words need argparse. Call it once."""
        paths: list[str] = []
        may_be_path = True  # argparse takes paths from one place only
        waiting = iter(words)
        for word in waiting:
            if not word.startswith("-"):
                if not may_be_path:
                    return None
                paths.append(word)
                continue
            may_be_path = not paths
            if word not in self.options:
                return None
            attribute, action, choices = self.options[word]
            if action == "store_true":
                self.values[attribute] = True
                continue
            value = next(waiting, "-")
            if value.startswith("-") or (choices and value not in choices):
                return None
            self.values[attribute] = [*(self.values[attribute] or ()), value] if action == "append" else value
        self.values[self.paths] = paths
        return SimpleNamespace(**self.values)
