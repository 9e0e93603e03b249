"""What the application needs."""

from typing import Protocol

from shop.domain.orders import Order


class Orders(Protocol):
    def add(self, order: Order) -> None: ...
