"""Proves to the desk who a shopper is: a signed token, good for an hour."""

from __future__ import annotations

from datetime import datetime, timedelta

import jwt

from training_data.shop.records import Customer

APP_ID = "demo"
KEY_ID = "demo-1"
GOOD_FOR = timedelta(hours=1)


def shopper_token(customer: Customer, key: str, now: datetime) -> str:
    claims = {
        "sub": customer.customer_id,
        "aud": APP_ID,
        "name": customer.name,
        "level": customer.level,
        "iat": now,
        "exp": now + GOOD_FOR,
    }
    return jwt.encode(claims, key, algorithm="HS256", headers={"kid": KEY_ID})
