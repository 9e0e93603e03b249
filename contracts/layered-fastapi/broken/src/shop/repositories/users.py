"""Queries."""

from shop.models.user import User


def find(key):
    return User, key
