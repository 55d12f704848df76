"""The demo shop's settings, read from the environment at start."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[2]
# HS256 keys shorter than the hash can be guessed; PyJWT warns below the same length.
SHORTEST_JWT_KEY = 32
SAMPLE_TOKEN = "demo-shop-token-for-development-only"
SAMPLE_JWT_KEY = "demo-shop-jwt-key-for-development-only"


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="JIELI_", extra="ignore")

    home: Path = ROOT / ".jieli"
    development: bool = False
    shop_token: str = Field(default="", description="bearer token that Jieli calls the gateway with")
    shop_jwt_key: str = Field(default="", description="HS256 key that signs shoppers in at the desk")
    desk_public_url: str = Field(default="http://127.0.0.1:8000", description="the desk as browsers reach it")
    shop_public_url: str = Field(default="", description="the shop as browsers reach it; empty: as it was called")

    @model_validator(mode="after")
    def _secrets_are_given(self) -> Self:
        if self.development:
            self.shop_token = self.shop_token or SAMPLE_TOKEN
            self.shop_jwt_key = self.shop_jwt_key or SAMPLE_JWT_KEY
        if not self.shop_token:
            raise ValueError("JIELI_SHOP_TOKEN is not set: the shop would answer anybody")
        if len(self.shop_jwt_key.encode()) < SHORTEST_JWT_KEY:
            raise ValueError(f"JIELI_SHOP_JWT_KEY must have at least {SHORTEST_JWT_KEY} bytes")
        self.desk_public_url = self.desk_public_url.rstrip("/")
        self.shop_public_url = self.shop_public_url.rstrip("/")
        return self

    @property
    def ledger_path(self) -> Path:
        return self.home / "data" / "demo_shop.sqlite3"
