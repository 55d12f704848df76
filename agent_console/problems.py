"""Trouble as the caller reads it: RFC 9457 with a stable code, a sentence fit to show, and never a stack trace."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from starlette.exceptions import HTTPException

from agent_console.knowledge import KnowledgeBaseAway
from handoff.errors import BadText, Forbidden, Invalid, JieliError, NotFound, StorageUnavailable

log = structlog.get_logger(__name__)


class BadRequest(JieliError):
    status = 400
    code = "bad_request"
    sentence = "请求格式不正确"


class BadJson(JieliError):
    status = 400
    code = "bad_json"
    sentence = "内容不是有效的 JSON"


class NotSignedIn(JieliError):
    status = 401
    code = "not_signed_in"
    sentence = "请先登录"


class BadCredentials(JieliError):
    status = 401
    code = "bad_credentials"
    sentence = "账号或密码不正确"


class BadToken(JieliError):
    status = 401
    code = "bad_token"
    sentence = "身份凭证无效或已过期"


class BadOrigin(JieliError):
    status = 403
    code = "bad_origin"
    sentence = "不允许从该页面访问"


class TooLarge(JieliError):
    status = 413
    code = "too_large"
    sentence = "内容过大"


class BadUpload(JieliError):
    status = 415
    code = "bad_upload"
    sentence = "请上传 JPG、PNG、GIF 或 WebP 图片（不超过 8 MB）"


class TooManyAttempts(JieliError):
    status = 429
    code = "too_many_attempts"

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"尝试次数过多，请 {retry_after} 秒后再试", retry_after=retry_after)


class TooManyRequests(JieliError):
    status = 429
    code = "too_many_requests"

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"操作太频繁，请 {retry_after} 秒后再试", retry_after=retry_after)


class KnowledgeBaseUnavailable(JieliError):
    status = 503
    code = "knowledge_base_away"
    sentence = "知识库暂时不可用"


class Bug(JieliError):
    """Ours, not the caller's; the log has the rest."""


def as_jieli_error(trouble: Exception) -> JieliError:
    """What a caller is told about any exception; unknown ones are bugs."""
    match trouble:
        case JieliError():
            return trouble
        case KnowledgeBaseAway():
            return KnowledgeBaseUnavailable()
        case OperationalError() | InterfaceError() | NoConnectionLeft():
            return StorageUnavailable()
        case DBAPIError() if trouble.connection_invalidated:
            return StorageUnavailable()
        case RequestValidationError():
            return _from_validation(list(trouble.errors()))
        case HTTPException():
            return _from_http(trouble.status_code)
        case _:
            return Bug()


def told(error: JieliError) -> Response:
    """The error as an HTTP answer."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "code": error.code,
        "detail": error.detail,
        **error.extra,
    }
    headers = {"Cache-Control": "no-store"}
    if "retry_after" in error.extra:
        headers["Retry-After"] = str(error.extra["retry_after"])
    return JSONResponse(body, error.status, headers, media_type="application/problem+json")


def answered(trouble: Exception, request: Request) -> Response:
    """What the caller gets for any exception; what is ours to mend is written down."""
    error = as_jieli_error(trouble)
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        write_down(trouble, error, route=getattr(request.scope.get("route"), "path", None), **request.path_params)
    return told(error)


def render_problems(app: FastAPI) -> None:
    """Answer what happens outside of our routes: unknown addresses and methods."""

    async def handle(request: Request, trouble: Exception) -> Response:
        return answered(trouble, request)

    app.add_exception_handler(HTTPException, handle)
    app.add_exception_handler(JieliError, handle)


def write_down(trouble: Exception, error: JieliError, **ids: Any) -> None:
    """Log a failure once: a bug with its stack, an expected outage with its name alone."""
    if error.code == Bug.code:
        log.error("bug", exc_info=trouble, **ids)
    else:
        log.warning("unavailable", code=error.code, error=type(trouble.__cause__ or trouble).__name__, **ids)


def _from_validation(errors: list[dict[str, Any]]) -> JieliError:
    kinds = {error["type"] for error in errors}
    if "json_invalid" in kinds:
        return BadJson()
    if "string_unicode" in kinds:
        return BadText()
    told_errors = [{"field": _field(error["loc"]), "message": str(error["msg"])} for error in errors[:20]]
    invalid = Invalid(told_errors[0]["field"], told_errors[0]["message"])
    invalid.extra = {"errors": told_errors}
    return invalid


def _field(loc: tuple[Any, ...]) -> str:
    return ".".join(str(part) for part in loc[1:]) or str(loc[0])


def _from_http(status: int) -> JieliError:
    match status:
        case 404 | 405:
            return NotFound()
        case 403:
            return Forbidden()
        case 401:
            return NotSignedIn()
        case 413:
            return TooLarge()
        case code if code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return Bug()
        case _:
            return BadRequest()
