import os

from fastapi import Depends, FastAPI, Header, HTTPException

app = FastAPI()
PARTNER_API_KEY = os.environ["PARTNER_API_KEY"]


def partner(x_api_key: str = Header()):
    if x_api_key != PARTNER_API_KEY:
        raise HTTPException(401)


@app.get("/orders", dependencies=[Depends(partner)])
def orders():
    print("listing orders")
    return []


@app.post("/token")
def token(username: str, password: str):
    print("banner: partner API")  # holdfast: ignore[no-print] the demo of an exemption with its reason
    return {"access_token": username}
