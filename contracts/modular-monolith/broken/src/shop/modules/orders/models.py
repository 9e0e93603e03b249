"""Orders."""

from shop.core import db, payments


class Order:
    table = db
    charge = payments.charge
