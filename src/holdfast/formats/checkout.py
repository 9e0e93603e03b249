"""Paths as a forge wants them: from the top of the checkout, which may lie above the root of the run."""

from __future__ import annotations

from holdfast.code import discovery


def top_of(root: str) -> str:
    """The top of the checkout that holds a root (absolute, as the root), or the root itself outside of one."""
    return discovery.checkout_of(root) or root


def from_top(root: str, path: str) -> str:
    """A path relative to the root as one relative to the top of the checkout, with `/`. "" (no file) stays as it is."""
    inner = discovery.relative(root, top_of(root))
    return f"{inner}/{path}" if path and inner not in {"", "."} else path
