"""Rules of the business."""

import httpx

from shop.repositories import users


def welcome(key):
    httpx.post("https://mail.example.invalid")
    return users.find(key)
