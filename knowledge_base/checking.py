"""Looks over what is published for what an editor would want to mend."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from knowledge_base.faq import Served, parse_time
from knowledge_base.text import normalised


def problems(served: Sequence[Served], now: datetime) -> list[dict[str, str]]:
    """Phrasings that two entries share, related entries that are not served, and entries past their date."""
    found: list[dict[str, str]] = []
    ids = {entry.id for entry in served}
    first: dict[str, Served] = {}
    for entry in served:
        for phrasing in dict.fromkeys(normalised(one) for one in entry.content.phrasings):
            other = first.setdefault(phrasing, entry)
            if other is not entry:
                found.append(_told(entry, f"问法「{phrasing}」与 {other.id}「{other.content.question}」相同"))
        found += [_told(entry, f"相关条目 {one} 未发布") for one in entry.content.related if one not in ids]
        ends = parse_time(entry.content.valid_to)
        if ends is not None and ends <= now:
            found.append(_told(entry, "已过有效期，不再回答"))
    return found


def _told(entry: Served, message: str) -> dict[str, str]:
    return {"entry_id": entry.id, "message": message}
