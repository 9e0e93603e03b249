"""How far a long run is: one line on a terminal, rewritten in place and gone at the end."""

from __future__ import annotations

import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

AFTER = 1.0
"""Seconds until the line appears: a short run shows none."""
EVERY = 0.1
ERASE = "\r\033[K"


class shown:  # noqa: N801  # reads as a function: with shown(sys.stderr) as count
    """Shows the progress on a stream within a with block: `count(done, total)`.

    Nothing is shown where the stream is no terminal, on one that cannot erase a line, and under pre-commit.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._possible = stream.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("PRE_COMMIT")
        self._next = time.monotonic() + AFTER
        self._visible = False

    def __enter__(self) -> shown:
        return self

    def __call__(self, done: int, total: int) -> None:
        """Say that so many files of so many are done."""
        if self._possible and time.monotonic() >= self._next:
            self._stream.write(f"{ERASE}holdfast: {done:,} of {total:,} files")
            self._stream.flush()
            self._visible = True
            self._next = time.monotonic() + EVERY

    def __exit__(self, *_: object) -> None:
        if self._visible:
            self._stream.write(ERASE)
            self._stream.flush()
