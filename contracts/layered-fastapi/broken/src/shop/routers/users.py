"""Routes that do everything."""

import boto3  # expect: third_party
from fastapi import APIRouter
from google.cloud import storage  # expect: third_party

router = APIRouter()


@router.get("/users")
def users():
    import httpx  # expect: third_party

    return boto3, storage, httpx
