"""Insides of users."""

from shop.core import db


class User:
    table = db


class Password:
    pass
