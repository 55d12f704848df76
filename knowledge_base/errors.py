"""Expected trouble: each class carries its HTTP status, a stable code and a sentence fit for the reader."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """A call that cannot be done, with the reason. `members` are added to the problem document."""

    status = 400
    code = "bad_request"

    def __init__(self, detail: str, **members: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.members = members


class BadText(Refused):
    code = "bad_text"


class BadToken(Refused):
    status = 401
    code = "bad_token"


class NotFound(Refused):
    status = 404
    code = "not_found"


class IllegalMove(Refused):
    status = 409
    code = "illegal_move"


class EditedMeanwhile(Refused):
    status = 412
    code = "edited_meanwhile"


class TooLarge(Refused):
    status = 413
    code = "too_large"


class Invalid(Refused):
    """`errors` lists every field that is wrong, with a message each."""

    status = 422
    code = "invalid"

    def __init__(self, errors: list[dict[str, Any]], detail: str = "", **members: Any) -> None:
        first = f"{errors[0]['field']}：{errors[0]['message']}" if errors else "内容有误"
        super().__init__(detail or first, errors=errors, **members)


class PreconditionRequired(Refused):
    status = 428
    code = "precondition_required"


class TooBusy(Refused):
    status = 429
    code = "too_many_requests"


class StorageUnavailable(Refused):
    status = 503
    code = "storage_unavailable"


class KnowledgeBaseAway(Refused):
    """Not ready to answer: the first index is still being built."""

    status = 503
    code = "knowledge_base_away"


class CannotStart(Exception):
    """A setting or a file is wrong; the sentence says which and how to mend it."""
