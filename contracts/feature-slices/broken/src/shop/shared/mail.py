"""Mail."""

from shop.shared import db

USED = [db]
