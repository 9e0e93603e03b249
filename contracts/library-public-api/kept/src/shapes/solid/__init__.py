"""Solid shapes."""

from shapes.flat import Circle

__all__ = ["Ball"]


class Ball(Circle):
    pass
