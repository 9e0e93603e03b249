"""Core that knows too much."""

from shop.modules.orders.models import Order  # expect: boundaries, public_api

KNOWN = [Order]
