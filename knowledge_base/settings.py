"""The knowledge base's settings, read once at start from the environment (prefix `JIELI_`)."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

REPOSITORY = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """One class for the whole process; every field has a line in `.env.example`."""

    model_config = SettingsConfigDict(env_prefix="JIELI_", extra="ignore")

    home: Path = REPOSITORY / ".jieli"
    knowledge_database_url: str = ""
    """SQLAlchemy URL (`sqlite+aiosqlite:///…`, `postgresql+asyncpg://…`); empty: SQLite under `home`."""
    embedding_model: str = ""
    """A folder or hub name for sentence-transformers; empty: the prepared model under `home`."""
    embedding_prefix: str | None = None
    """Put before every text that is embedded; unset: what the model itself declares for queries."""
    service_token: SecretStr | None = None
    """Whoever shows it may edit; without one the admin interface refuses everybody."""
    node: str = ""
    """This process's name among the nodes; empty: host name and process id."""
    dictionary: Path = REPOSITORY / "training_data" / "dictionary.txt"
    """A shop's own words for jieba, beside the ones this package brings."""
    target_precision: float = Field(default=0.90, gt=0.5, lt=1)
    """The share of right answers below which the bot must not answer on its own."""
    search_threads: int = Field(default=max(2, min(4, os.cpu_count() or 2)), ge=1, le=64)
    knowledge_poll_seconds: float = Field(default=0.5, gt=0, le=1)
    """How often a node asks the store for a newer revision; a published edit is on every node within 2 s."""
    stale_after_seconds: float = Field(default=30, gt=1)
    """A node that has not reached the store for so long stops answering: what it would quote may be withdrawn."""
    import_limit_bytes: int = 8 * 1024 * 1024

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def database_url(self) -> str:
        return self.knowledge_database_url or f"sqlite+aiosqlite:///{self.data / 'knowledge.sqlite3'}"

    @property
    def default_model(self) -> Path:
        return self.home / "models" / "default"

    @property
    def embedding_cache(self) -> Path:
        return self.data / "embeddings.sqlite3"

    @property
    def category_thresholds(self) -> Path:
        """Written by `jieli kb thresholds`; absent: one threshold for all."""
        return self.data / "category_thresholds.json"

    @property
    def node_name(self) -> str:
        return self.node or f"{socket.gethostname()}-{os.getpid()}"

    @property
    def snapshots(self) -> Path:
        """Where the index is kept over a restart; a named node has its own folder, so that two never write one."""
        return self.data / "index" / (self.node or "default")
