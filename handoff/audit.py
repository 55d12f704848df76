"""Every change of hands and privileged act, chained by hashes so that no row can be changed or taken out unnoticed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handoff.views import Json, wire_time

FIRST_HASH = "0" * 64


@dataclass(frozen=True, slots=True)
class AuditRow:
    chain: str
    number: int
    at: datetime
    actor: str
    act: str
    details: Json
    previous_hash: str
    hash: str


def audit_row(chain: str, number: int, at: datetime, actor: str, act: str, details: Json, previous: str) -> AuditRow:
    return AuditRow(
        chain, number, at, actor, act, details, previous, _hash(chain, number, at, actor, act, details, previous)
    )


def first_broken(rows: Iterable[Mapping[str, Any]]) -> int | None:
    """The number of the first row of a chain that was changed, or after which one is missing; None if it is whole."""
    previous = FIRST_HASH
    for number, row in enumerate(rows, start=1):
        said = _hash(row["chain"], row["number"], row["at"], row["actor"], row["act"], row["details"], previous)
        if row["number"] != number or row["previous_hash"] != previous or row["hash"] != said:
            return number
        previous = row["hash"]
    return None


def _hash(chain: str, number: int, at: datetime, actor: str, act: str, details: Json, previous: str) -> str:
    line = json.dumps(
        [chain, number, wire_time(at), actor, act, details, previous],
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(line.encode()).hexdigest()
