"""A domain with a framework."""

import pydantic  # expect: third_party

from shop.application.ports import Orders  # expect: layered

USED = [pydantic, Orders]
