"""Routes."""

from fastapi import APIRouter

from shop.config import DEBUG
from shop.services import users

router = APIRouter()


@router.post("/users/{key}/welcome")
def welcome(key: int):
    return users.welcome(key), DEBUG
