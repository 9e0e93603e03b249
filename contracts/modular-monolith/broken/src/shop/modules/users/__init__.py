"""Users."""

from shop.modules.users.models import User

__all__ = ["User"]
