"""Cart."""

from shop.features.cart import views  # expect: layered
from shop.features.search import models  # expect: boundaries

USED = [models, views]
