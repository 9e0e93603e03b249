"""Ships what was sold."""

from shop.sales.published import Sold

USED = [Sold]
