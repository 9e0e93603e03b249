"""Billing reaches into users."""

import stripe  # expect: third_party

from shop.modules.users import (  # expect: boundaries, public_api, no_cycles
    Password,
    User,
)
from shop.modules.users.models import Password as Hidden  # expect: boundaries, public_api

USED = [stripe, Password, User, Hidden]
