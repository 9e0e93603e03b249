"""Billing listens to users."""

from shop.modules.users.events import UserDeleted


def handle(event):
    return isinstance(event, UserDeleted)
