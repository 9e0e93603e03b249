"""Insides."""

import math


class Circle:
    pi = math.pi
