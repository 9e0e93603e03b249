"""The progress of a long run: one line in the terminal, which is updated in place and erased at the end."""

from __future__ import annotations

import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

AFTER = 1.0
"""Seconds until the line appears; short runs show none."""
EVERY = 0.1
"""Seconds between updates."""
ERASE = "\r\033[K"


class shown:  # noqa: N801  # used like a function: with shown(sys.stderr) as show_progress
    """Show progress on a stream in a `with` block, by calls of `show_progress(done, total)`.

    Nothing is shown if the stream is not a terminal, if the terminal cannot erase a line, or under pre-commit.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_enabled = stream.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("PRE_COMMIT")
        self._next = time.monotonic() + AFTER
        self._is_visible = False

    def __enter__(self) -> shown:
        return self

    def __call__(self, done: int, total: int) -> None:
        """Show that `done` of `total` files are done."""
        if self._is_enabled and time.monotonic() >= self._next:
            self._stream.write(f"{ERASE}holdfast: {done:,} of {total:,} files")
            self._stream.flush()
            self._is_visible = True
            self._next = time.monotonic() + EVERY

    def __exit__(self, *_: object) -> None:
        if self._is_visible:
            self._stream.write(ERASE)
            self._stream.flush()
