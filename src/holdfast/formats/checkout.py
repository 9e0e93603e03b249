"""Paths for GitHub and GitLab: relative to the top of the checkout, which may be above the root of the run."""

from __future__ import annotations

from holdfast.code import discovery


def top_of(root: str) -> str:
    """Return the top of the checkout that contains a root (both are absolute), or the root itself outside of a checkout."""
    return discovery.checkout_of(root) or root


def from_top(root: str, path: str) -> str:
    """Return a path that is relative to the root as relative to the top of the checkout, with `/`. "" (no file) stays ""."""
    inner = discovery.relative(root, top_of(root))
    return f"{inner}/{path}" if path and inner not in {"", "."} else path
