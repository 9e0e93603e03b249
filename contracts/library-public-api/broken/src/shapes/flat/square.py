"""Closes a circle."""

from shapes.solid import Ball  # expect: no_cycles

USED = [Ball]
