"""Cart."""

from shop.features.cart import models

USED = [models]
