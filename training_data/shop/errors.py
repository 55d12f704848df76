"""Expected trouble: each with its HTTP status, a stable code and a Chinese sentence fit to show."""

from __future__ import annotations


class ShopError(Exception):
    def __init__(self, status: int, code: str, detail: str, **extra: object) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.extra = extra


class NotFound(ShopError):
    """Also for what belongs to somebody else: the two must look alike."""

    def __init__(self, detail: str = "没有找到") -> None:
        super().__init__(404, "not_found", detail)


class Refused(ShopError):
    """The shop's rules forbid it; nothing has changed."""

    def __init__(self, code: str, detail: str, **extra: object) -> None:
        super().__init__(409, code, detail, **extra)
