import hashlib
import hmac
import logging
import os

logger = logging.getLogger(__name__)

WEBHOOK_SECRET = os.getenv("STRIPE_WEBHOOK_SECRET", "whsec-local")


def is_genuine(payload, header):
    parts = dict(part.split("=", 1) for part in header.split(","))
    signed = f"{parts['t']}.{payload.decode()}".encode()
    digest = hmac.new(WEBHOOK_SECRET.encode(), signed, hashlib.sha256).hexdigest()
    return digest in [value for key, value in parts.items() if key == "v1"]


def same_file(data, published):
    # a checksum of public data is no secret: nothing is reported here
    return hashlib.sha256(data).hexdigest() == published
