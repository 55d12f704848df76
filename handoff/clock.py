"""The time of day, passed in everywhere so that tests can hold it still."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    return datetime.now(UTC)
