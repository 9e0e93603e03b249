"""The domain."""

import datetime


class Order:
    placed = datetime.datetime.min
