"""Routes."""

from flask import Blueprint

from shop.services import users

bp = Blueprint("users", __name__)


@bp.post("/users/<int:key>/welcome")
def welcome(key):
    return {"user": users.welcome(key)}
