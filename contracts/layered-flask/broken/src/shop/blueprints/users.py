"""Routes that call others."""

import requests  # expect: third_party
from flask import Blueprint

bp = Blueprint("users", __name__)


@bp.get("/rates")
def rates():
    return requests.get("https://rates.example.invalid").json()
