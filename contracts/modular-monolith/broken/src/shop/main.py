"""Puts it together."""

from shop.modules.users import User

USER = User
