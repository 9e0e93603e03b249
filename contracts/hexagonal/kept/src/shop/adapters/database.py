"""SQL."""

import sqlalchemy

from shop.domain.orders import Order

USED = [sqlalchemy, Order]
