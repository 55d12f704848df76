"""Everything an operator can set about the desk process, read once at start from the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from handoff.rules import Rules

ROOT = Path(__file__).resolve().parent.parent
WEB = Path(__file__).resolve().parent / "web"

SHORTEST_SECRET = 32
"""HS256 and keyed hashing want at least as many bytes as their digest; PyJWT complains below it, too."""

SAMPLE_MARKS = ("change-me", "development-only")
"""A secret that contains one of these was copied from an example and is known to everybody."""


def _bare_origin(value: object) -> object:
    """`https://shop.example/path` → `https://shop.example`: browsers send origins without path or trailing slash."""
    if isinstance(value, str) and "://" in value:
        parts = urlsplit(value)
        return f"{parts.scheme}://{parts.netloc}".lower()
    return value


def _plain_http_host(address: str) -> tuple[str, ...]:
    """The shop's host where it speaks plain http, as the demo shop does: then its pictures do, too."""
    parts = urlsplit(address)
    return (parts.netloc.lower(),) if parts.scheme == "http" else ()


Origin = Annotated[str, BeforeValidator(_bare_origin)]


class ShopApp(BaseModel):
    """One shop that embeds the chat: how it looks, who signs its shoppers, which pages may frame it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    color: str = Field("#C2410C", pattern=r"^#[0-9A-Fa-f]{6}$")
    logo: str | None = None
    keys: dict[str, SecretStr] = Field(default_factory=dict)
    allowed_origins: list[Origin] = Field(default_factory=list)
    greeting: str | None = None
    hot_categories: dict[str, str] = Field(default_factory=dict)


class Settings(BaseSettings):
    """Settings of the desk; every field is an environment variable with the prefix `JIELI_`."""

    model_config = SettingsConfigDict(env_prefix="JIELI_", extra="ignore", frozen=True)

    # where
    home: Path = Field(ROOT / ".jieli", description="Folder of everything that is kept: databases, uploads, logs.")
    database_url: str | None = Field(
        None,
        description="SQLAlchemy address of the desk's database (sqlite+aiosqlite or postgresql+asyncpg). "
        "Empty: data/desk.sqlite3 in the home folder.",
    )
    redis_url: str | None = Field(
        None, description="Redis that wakes other desks at once. Empty: one desk, or others that notice by polling."
    )
    desk_host: str = Field("127.0.0.1", description="Address on which the desk listens.")
    desk_port: int = Field(8000, ge=0, le=65535, description="Port on which the desk listens.")
    desk_public_url: str = Field(
        "http://127.0.0.1:8000",
        description="Address under which browsers reach the desk. With https the cookies become Secure and __Host-.",
    )
    trusted_proxies: str = Field(
        "127.0.0.1", description="Addresses of load balancers whose X-Forwarded-For is believed, comma separated."
    )
    console_origins: list[Origin] = Field(
        default_factory=list, description="Further origins (JSON list) from which the console may open its socket."
    )

    # neighbours
    bot_url: str = Field(
        "http://127.0.0.1:5005",
        description="Rasa servers, separated by commas. Each conversation keeps to one; those that are away are passed "
        "over.",
    )
    bot_token: SecretStr | None = Field(None, description="Shared secret of the desk and the Rasa server.")
    knowledge_url: str = Field("http://127.0.0.1:8100", description="Knowledge base.")
    shop_url: str = Field("http://127.0.0.1:8200", description="The shop's gateway for orders and logistics.")

    summary_url: str | None = Field(
        None,
        description="OpenAI-compatible server (…/v1) that words the summary on the handoff card from masked lines. "
        "Empty: the summary is put together from the log, no model needed.",
    )
    summary_key: SecretStr | None = Field(None, description="Key for that server.")
    summary_model: str = Field("gpt-4o-mini", description="Model that the server is asked for.")
    summary_seconds: float = Field(8, gt=0, le=30, description="After this the card keeps the summary from the log.")

    # secrets
    development: bool = Field(False, description="1 allows sample secrets. Never on a machine that others can reach.")
    secret: SecretStr = Field(
        SecretStr("development-only-secret-of-the-desk"),
        description="Key under which sign-ins, visitors and tickets are hashed before they are stored.",
    )
    service_token: SecretStr = Field(
        SecretStr("development-only-service-token-0"), description="What the desk shows the knowledge base."
    )
    shop_token: SecretStr = Field(
        SecretStr("development-only-shop-token-0000"), description="What the desk shows the shop's gateway."
    )
    apps: dict[str, ShopApp] = Field(
        default_factory=lambda: {"demo": ShopApp(name="示例店铺")},
        description="The shops (JSON): id → {name, color, logo, keys: {kid: shared secret or RSA public key}, "
        "allowed_origins, greeting, hot_categories: {product|order|other: FAQ category}}.",
    )

    # people
    sign_in_hours: float = Field(12, gt=0, le=24 * 30, description="A console sign-in ends after this many hours.")
    visitor_days: float = Field(180, gt=0, description="How long a guest is recognised on the same device.")
    shopper_hours: float = Field(12, gt=0, description="How long a signed-in shopper's chat lives without a new JWT.")
    greeting: str = Field(
        "您好，我是{shop}的智能客服机器人，可以帮您查订单、查物流、解答售后问题；需要人工时随时点「转人工」。",
        description="First line in the chat; {shop} is the shop's name.",
    )

    # limits
    grace_seconds: float = Field(60, ge=0, description="How long a vanished agent keeps his customers.")
    claim_timeout_seconds: float = Field(
        180, gt=0, description="An agent who says nothing for so long after a claim loses the customer to the queue."
    )
    bot_timeout_seconds: float = Field(7.5, gt=0, le=60, description="After this the bot counts as silent.")
    queue_limit: int = Field(200, ge=1, description="Customers who may wait at once in one group.")
    capacity: int = Field(8, ge=1, le=100, description="Conversations at once of an agent without a number of his own.")
    poll_seconds: float = Field(2, gt=0, le=10, description="How often every desk looks for what it was not woken for.")
    heartbeat_seconds: float = Field(5, gt=0, le=30, description="How often a socket hears the head numbers.")
    messages_per_minute: int = Field(60, ge=1, description="Messages that one customer may send per minute.")
    sessions_per_minute: int = Field(600, ge=1, description="Chats that one address may open per minute.")
    sign_ins_per_minute: int = Field(60, ge=1, description="Sign-in attempts from one address per minute.")
    frames_per_second: int = Field(30, ge=1, description="Socket frames that one connection may send per second.")

    # log
    log_level: str = Field("info", pattern="^(debug|info|warning|error)$", description="debug, info, warning, error.")

    @model_validator(mode="after")
    def _secrets_are_real(self) -> Self:
        if self.development:
            return self
        named = {
            "JIELI_SECRET": self.secret,
            "JIELI_SERVICE_TOKEN": self.service_token,
            "JIELI_SHOP_TOKEN": self.shop_token,
        }
        for app_id, app in self.apps.items():
            named |= {f"JIELI_APPS {app_id} key {kid}": key for kid, key in app.keys.items()}
        for name, secret in named.items():
            value = secret.get_secret_value()
            if any(mark in value for mark in SAMPLE_MARKS):
                raise ValueError(
                    f"{name} is a sample; set a secret of your own, or JIELI_DEVELOPMENT=1 to try things out"
                )
            if len(value.encode()) < SHORTEST_SECRET:
                raise ValueError(f"{name} is shorter than {SHORTEST_SECRET} bytes")
        return self

    @property
    def rules(self) -> Rules:
        return Rules(
            grace_seconds=self.grace_seconds,
            claim_timeout_seconds=self.claim_timeout_seconds,
            bot_timeout_seconds=self.bot_timeout_seconds,
            queue_limit=self.queue_limit,
            default_capacity=self.capacity,
            http_image_hosts=_plain_http_host(self.shop_url),
        )

    @property
    def bot_urls(self) -> list[str]:
        return [url.strip() for url in self.bot_url.split(",") if url.strip()]

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def uploads(self) -> Path:
        return self.data / "uploads"

    @property
    def console_pages(self) -> Path:
        return WEB / "console" / "dist"

    @property
    def widget_pages(self) -> Path:
        return WEB / "widget" / "dist"

    @property
    def setup_code_file(self) -> Path:
        return self.data / "setup_code"

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite+aiosqlite:///{self.data / 'desk.sqlite3'}"

    @property
    def is_behind_tls(self) -> bool:
        return self.desk_public_url.startswith("https://")
