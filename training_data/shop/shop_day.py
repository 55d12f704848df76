"""The day that the demo's times count from: always the present one, so that the demo never grows stale.

The files say "-2 14:05": two days before the day, at 14:05 in Beijing. Nothing in them lies after 09:50 of day 0,
so the shop's day begins at ten in the morning: then all that has happened is in the past, at a time of day when such
things happen.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")
DAY_BEGINS = timedelta(hours=10)
RETURN_DAYS = 7  # from the day after signing, as the FAQ says


def shop_day(now: datetime) -> date:
    return (now.astimezone(BEIJING) - DAY_BEGINS).date()


def moment(clock: str, day: date, now: datetime) -> datetime:
    """ "-2 14:05" → that moment in UTC; "now -12m" → twelve minutes ago."""
    offset, _, wall = clock.partition(" ")
    if offset == "now":
        return (now + timedelta(minutes=int(wall.removesuffix("m")))).replace(second=0, microsecond=0)
    hour, minute = wall.split(":")
    local = datetime.combine(day + timedelta(days=int(offset)), time(int(hour), int(minute)), BEIJING)
    return local.astimezone(UTC)


def end_of_return_window(signed_at: datetime) -> datetime:
    last = signed_at.astimezone(BEIJING).date() + timedelta(days=RETURN_DAYS)
    return datetime.combine(last, time(23, 59, 59), BEIJING).astimezone(UTC)


def rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
