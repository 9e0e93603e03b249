"""Flat shapes."""

from shapes.flat.circle import Circle

__all__ = ["Circle"]
