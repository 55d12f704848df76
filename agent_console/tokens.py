"""Random tokens: the holder has the token, the database only a keyed digest that is worthless when stolen."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass


@dataclass(frozen=True)
class Tokens:
    """Makes tokens and the digests under which they are stored."""

    key: bytes

    def new(self) -> str:
        return secrets.token_urlsafe(32)

    def digest(self, token: str) -> str:
        return hmac.new(self.key, token.encode(), hashlib.sha256).hexdigest()
