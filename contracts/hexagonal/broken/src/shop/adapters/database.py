"""SQL."""

from shop.adapters import web  # expect: boundaries

USED = [web]
