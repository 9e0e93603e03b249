"""HTTP."""

import flask

from shop.application.ports import Orders

USED = [flask, Orders]
