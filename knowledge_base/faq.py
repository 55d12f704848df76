"""An FAQ entry: what it says, the states it goes through, and the one table of legal moves between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from knowledge_base.errors import IllegalMove


class State(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"
    RETIRED = "retired"


class Move(StrEnum):
    EDIT = "edit"
    SUBMIT = "submit"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"
    RETIRE = "retire"
    ROLL_BACK = "roll_back"


#: Editing never touches what is served: the published version goes on until `publish`, `withdraw` or `retire`.
MOVES: Mapping[tuple[State, Move], State] = {
    (State.DRAFT, Move.EDIT): State.DRAFT,
    (State.DRAFT, Move.SUBMIT): State.IN_REVIEW,
    (State.DRAFT, Move.PUBLISH): State.PUBLISHED,
    (State.DRAFT, Move.WITHDRAW): State.DRAFT,
    (State.DRAFT, Move.RETIRE): State.RETIRED,
    (State.DRAFT, Move.ROLL_BACK): State.DRAFT,
    (State.IN_REVIEW, Move.EDIT): State.DRAFT,
    (State.IN_REVIEW, Move.PUBLISH): State.PUBLISHED,
    (State.IN_REVIEW, Move.WITHDRAW): State.DRAFT,
    (State.IN_REVIEW, Move.RETIRE): State.RETIRED,
    (State.IN_REVIEW, Move.ROLL_BACK): State.DRAFT,
    (State.PUBLISHED, Move.EDIT): State.DRAFT,
    (State.PUBLISHED, Move.WITHDRAW): State.DRAFT,
    (State.PUBLISHED, Move.RETIRE): State.RETIRED,
    (State.PUBLISHED, Move.ROLL_BACK): State.DRAFT,
    (State.RETIRED, Move.EDIT): State.DRAFT,
    (State.RETIRED, Move.PUBLISH): State.PUBLISHED,
    (State.RETIRED, Move.ROLL_BACK): State.DRAFT,
}
#: After these moves nothing of the entry is quoted any more.
STOPS_SERVING = frozenset({Move.WITHDRAW, Move.RETIRE})

STATE_NAMES = {
    State.DRAFT: "草稿",
    State.IN_REVIEW: "待审核",
    State.PUBLISHED: "已发布",
    State.RETIRED: "已下线",
}
MOVE_NAMES = {
    Move.EDIT: "修改",
    Move.SUBMIT: "提交审核",
    Move.PUBLISH: "发布",
    Move.WITHDRAW: "撤回",
    Move.RETIRE: "下线",
    Move.ROLL_BACK: "恢复旧版本",
}


def after(state: State, move: Move, *, is_served: bool) -> State:
    """The state that follows, or `IllegalMove`. A draft can only be withdrawn while an older version is served."""
    to = MOVES.get((state, move))
    if to is None or (move is Move.WITHDRAW and state is State.DRAFT and not is_served):
        raise IllegalMove(f"「{STATE_NAMES[state]}」的条目不能{MOVE_NAMES[move]}", state=state.value)
    return to


@dataclass(frozen=True)
class Variant:
    """The answer as one channel shows it."""

    answer: str
    html: str = ""


@dataclass(frozen=True)
class Content:
    """Everything an editor writes. Times are RFC 3339 strings, so that it compares and stores as it is."""

    question: str
    answer: str
    category: str
    similar: tuple[str, ...] = ()
    html: str = ""
    keywords: tuple[str, ...] = ()
    variants: Mapping[str, Variant] = field(default_factory=dict)
    related: tuple[str, ...] = ()
    valid_from: str | None = None
    valid_to: str | None = None

    @property
    def phrasings(self) -> tuple[str, ...]:
        return (self.question, *self.similar)

    def as_json(self) -> dict[str, Any]:
        plain = asdict(self)
        return {**plain, "similar": list(self.similar), "keywords": list(self.keywords), "related": list(self.related)}

    @staticmethod
    def from_json(plain: Mapping[str, Any]) -> Content:
        return Content(
            question=plain["question"],
            answer=plain["answer"],
            category=plain["category"],
            similar=tuple(plain.get("similar", ())),
            html=plain.get("html", ""),
            keywords=tuple(plain.get("keywords", ())),
            variants={name: Variant(**variant) for name, variant in (plain.get("variants") or {}).items()},
            related=tuple(plain.get("related", ())),
            valid_from=plain.get("valid_from"),
            valid_to=plain.get("valid_to"),
        )

    def is_valid_at(self, now: datetime) -> bool:
        """Whether `now` lies in the validity dates; an absent date is open."""
        begins, ends = parse_time(self.valid_from), parse_time(self.valid_to)
        return (begins is None or begins <= now) and (ends is None or now < ends)


def changed_fields(before: Content, now: Content) -> list[str]:
    return [f.name for f in fields(Content) if getattr(before, f.name) != getattr(now, f.name)]


def parse_time(text: str | None) -> datetime | None:
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Entry:
    """One entry as the editor sees it: the newest content and, if any, the version that customers get."""

    id: str
    state: State
    version: int
    published_version: int | None
    content: Content
    updated_at: datetime
    updated_by: str

    @property
    def is_served(self) -> bool:
        return self.published_version is not None


@dataclass(frozen=True)
class Served:
    """A published entry as search uses it."""

    id: str
    content: Content
    version: int
    place: int = 0
    """The order in which entries were made: editors write the questions that matter first."""
