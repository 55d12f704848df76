"""When a group works: its week, its holidays, the next opening, and how much of a span was within hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from handoff.errors import Invalid
from handoff.sentences import SHOP_TIME
from handoff.views import Json

# Monday is 1, as people in China and ISO 8601 count.
WEEKDAYS = ("1", "2", "3", "4", "5", "6", "7")
# A group that does not open within so many days has no opening to tell.
LONGEST_LOOK_DAYS = 60
MIDNIGHT = "24:00"

Spans = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Hours:
    """Spans of the shop's local time per weekday; a holiday's spans replace its weekday's. No week: always open."""

    week: Mapping[str, Spans] | None = None
    holidays: Mapping[str, Spans] = field(default_factory=dict)

    def is_open(self, moment: datetime) -> bool:
        local = moment.astimezone(SHOP_TIME)
        return any(start <= local < end for start, end in self._spans(local.date()))

    def next_opening(self, moment: datetime) -> datetime | None:
        """The moment itself while open; None if the group does not open in the foreseeable future."""
        local = moment.astimezone(SHOP_TIME)
        for days in range(LONGEST_LOOK_DAYS):
            for start, end in self._spans(local.date() + timedelta(days=days)):
                if local < end:
                    return max(start, local).astimezone(moment.tzinfo)
        return None

    def open_seconds(self, start: datetime, end: datetime) -> float:
        """Time between the two during which somebody was to be there: service clocks stop outside hours."""
        if self.week is None:
            return max(0.0, (end - start).total_seconds())
        seconds, day = 0.0, start.astimezone(SHOP_TIME).date()
        while day <= end.astimezone(SHOP_TIME).date():
            for opens, closes in self._spans(day):
                seconds += max(0.0, (min(closes, end) - max(opens, start)).total_seconds())
            day += timedelta(days=1)
        return seconds

    def _spans(self, day: date) -> list[tuple[datetime, datetime]]:
        midnight = datetime.combine(day, time(), SHOP_TIME)
        if day.isoformat() in self.holidays:
            spans = self.holidays[day.isoformat()]
        elif self.week is None:
            spans = (("00:00", MIDNIGHT),)
        else:
            spans = self.week.get(str(day.isoweekday()), ())
        return [(midnight + _since_midnight(start), midnight + _since_midnight(end)) for start, end in spans]


def read_hours(week: object, holidays: object) -> Hours:
    """From JSON: `{"1": [["09:00", "21:00"]], …}` and `{"2026-10-01": []}`; Invalid says what is wrong."""
    return Hours(None if week is None else _read_days(week, "hours"), _read_days(holidays or {}, "holidays"))


def _read_days(days: object, field_name: str) -> dict[str, Spans]:
    if not isinstance(days, dict):
        raise Invalid(field_name, "必须是“日期 → 时段列表”")
    return {_read_day(day, field_name): _read_spans(spans, field_name) for day, spans in days.items()}


def _read_day(day: object, field_name: str) -> str:
    if field_name == "hours" and day in WEEKDAYS:
        return str(day)
    try:
        return date.fromisoformat(str(day)).isoformat() if field_name == "holidays" else _no_day(field_name)
    except ValueError:
        raise Invalid(field_name, f"{day} 不是日期") from None


def _no_day(field_name: str) -> str:
    raise Invalid(field_name, "星期必须是 1 到 7")


def _read_spans(spans: object, field_name: str) -> Spans:
    if not isinstance(spans, list | tuple):
        raise Invalid(field_name, '必须是时段列表，例如 [["09:00", "21:00"]]')
    kept: list[tuple[str, str]] = []
    for span in spans:
        if not isinstance(span, list | tuple) or len(span) != 2:
            raise Invalid(field_name, "时段要有开始和结束")
        start, end = str(span[0]), str(span[1])
        try:
            is_in_order = _since_midnight(start) < _since_midnight(end)
        except ValueError:
            raise Invalid(field_name, f"{start}–{end} 不是时间") from None
        if not is_in_order:
            raise Invalid(field_name, f"{start}–{end} 结束早于开始")
        kept.append((start, end))
    return tuple(sorted(kept))


def as_json(days: Mapping[str, Sequence[tuple[str, str]]]) -> Json:
    return {day: [list(span) for span in spans] for day, spans in days.items()}


def _since_midnight(clock: str) -> timedelta:
    if clock == MIDNIGHT:
        return timedelta(days=1)
    parsed = time.fromisoformat(clock)
    return timedelta(hours=parsed.hour, minutes=parsed.minute)
