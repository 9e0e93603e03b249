"""`holdfast version`: show the version."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from types import SimpleNamespace


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """Declare no arguments."""


def run(_options: SimpleNamespace | None = None) -> int:
    """Write the version."""
    from importlib.metadata import version

    sys.stdout.write(f"holdfast {version('holdfast')}\n")
    return 0
