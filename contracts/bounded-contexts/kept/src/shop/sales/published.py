"""What sales tell."""

from shop.kernel.money import Money


class Sold:
    price: Money
