"""Opaque ids that sort by the moment they were made, which keeps database pages compact."""

from __future__ import annotations

from uuid_utils import uuid7


def new_id() -> str:
    return uuid7().hex
