"""Expected trouble, each with its HTTP status, a stable code and a sentence fit to show."""

from __future__ import annotations

from typing import Any, ClassVar


class JieliError(Exception):
    """Expected trouble; `agent_console` renders every subclass with one handler."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "bug"
    sentence: ClassVar[str] = "出错了，请稍后再试"

    def __init__(self, detail: str = "", **extra: Any) -> None:
        self.detail = detail or self.sentence
        self.extra: dict[str, Any] = extra
        super().__init__(self.detail)


class BadText(JieliError):
    """Empty, longer than 4,000 characters, or holding half a character (a lone surrogate)."""

    status = 400
    code = "bad_text"
    sentence = "这段文字无法发送"


class Forbidden(JieliError):
    status = 403
    code = "forbidden"
    sentence = "没有权限"


class NotFound(JieliError):
    """Missing, or another customer's: both look alike so that ids cannot be probed."""

    status = 404
    code = "not_found"
    sentence = "没有找到"


class NotWaiting(JieliError):
    status = 404
    code = "not_waiting"
    sentence = "当前不在排队"


class NobodyWaiting(JieliError):
    """Nobody in this agent's groups waits whom he should take now."""

    status = 404
    code = "nobody_waiting"
    sentence = "没有等待您接入的客户"


class AlreadyClaimed(JieliError):
    status = 409
    code = "already_claimed"

    def __init__(self, holder: str, holder_name: str) -> None:
        super().__init__(f"{holder_name or '其他客服'} 已接入该会话", holder=holder)


class AtCapacity(JieliError):
    status = 409
    code = "at_capacity"

    def __init__(self, active: int, capacity: int) -> None:
        super().__init__(f"接待量已满（{active}/{capacity}）", active=active, capacity=capacity)


class NotHolder(JieliError):
    status = 409
    code = "not_holder"
    sentence = "该会话现在不由您接待"


class NotClosed(JieliError):
    status = 409
    code = "not_closed"
    sentence = "会话结束后才能评价"


class AlreadyRated(JieliError):
    status = 409
    code = "already_rated"
    sentence = "已经评价过了"


class IllegalMove(JieliError):
    """The transition table has no such row for the present holder."""

    status = 409
    code = "illegal_move"
    sentence = "会话状态已变化，请刷新后再试"


class Invalid(JieliError):
    """Well-formed but wrong; `errors` names each field."""

    status = 422
    code = "invalid"
    sentence = "内容不符合要求"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}：{message}", errors=[{"field": field, "message": message}])


class StorageUnavailable(JieliError):
    """The database is locked, full, read-only or gone; nothing was stored, so send again later."""

    status = 503
    code = "storage_unavailable"
    sentence = "系统繁忙，请稍后重试"


class ShopAway(JieliError):
    status = 503
    code = "shop_away"
    sentence = "暂时查询不到订单系统"


class ShopRefused(JieliError):
    """The shop's own rules forbid the action; its sentence is passed on."""

    status = 409
    code = "shop_refused"


class BotFailed(Exception):
    """The bot gave anything but a complete answer; `kind` says what happened."""

    def __init__(self, kind: str, detail: str = "") -> None:
        self.kind = kind
        self.detail = detail
        super().__init__(f"{kind}: {detail}" if detail else kind)
