"""A model that calls a service."""

from shop.services import users  # expect: layered


def record():
    return users.welcome(1)
