"""Search."""

from shop.features.search import models

USED = [models]
