"""Reads."""

from shop.orders.models import Order


def open_orders():
    return Order.objects.filter(open=True)
