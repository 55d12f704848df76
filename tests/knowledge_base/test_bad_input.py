"""Whatever comes in, the answer is a code and a sentence, and nothing is stored half."""

from __future__ import annotations

from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.knowledge_base.conftest import FREIGHT, Desk

PROBLEM = "application/problem+json"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "invalid"),
        (b"{", 400, "bad_json"),
        (b"\xff\xfe", 400, "bad_json"),
        (b"[]", 422, "invalid"),
        (b'{"text": ""}', 422, "invalid"),
        (b'{"text": " \\u0000 "}', 422, "invalid"),
        (b'{"text": 7}', 422, "invalid"),
        (b'{"text": "\\ud800"}', 400, "bad_text"),
        ('{"text": "' + "退" * 4001 + '"}', 422, "invalid"),
        (b'{"text": "x", "limit": 0}', 422, "invalid"),
        (b'{"text": "x", "limt": 3}', 422, "invalid"),
        (b'{"text": "' + b"x" * 300_000 + b'"}', 413, "too_large"),
        (b"[" * 100_000, 400, "bad_json"),
    ],
)
async def test_a_bad_question_is_refused_with_a_code(desk: Desk, body: bytes | str, status: int, code: str) -> None:
    answered = await desk.client.post("/api/v1/search", content=body, headers={"Content-Type": "application/json"})

    assert (answered.status_code, answered.json()["code"]) == (status, code)
    assert answered.headers["content-type"] == PROBLEM
    assert "Traceback" not in answered.text


async def test_ten_megabytes_are_refused_before_they_are_read(desk: Desk) -> None:
    async def endless() -> Any:
        for _ in range(10 * 16):
            yield b"x" * 65536

    answered = await desk.client.post("/api/v1/search", content=endless(), headers={"Content-Type": "application/json"})

    assert (answered.status_code, answered.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "text",
    ["/restart", ' /refund{"x":1}', "<script>alert(1)</script>", "a\0b", "？？？", "😀", "退" * 4000, "' OR 1=1 --"],
)
async def test_odd_words_are_a_question_like_any_other(desk: Desk, text: str) -> None:
    await desk.publish()

    found = await desk.ask(text)

    assert found["decision"] in {"did_you_mean", "ask_back", "hand_over"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"question": ""}, "question"),
        ({"answer": "答" * 4001}, "answer"),
        ({"category": None}, "category"),
        ({"similar": "一个"}, "similar"),
        ({"similar": ["x"] * 201}, "similar"),
        ({"similar": ["好", ""]}, "similar.1"),
        ({"valid_from": "yesterday"}, "valid_from"),
        ({"valid_from": "2026-02-01T00:00:00Z", "valid_to": "2026-01-01T00:00:00Z"}, "body"),
        ({"state": "published"}, "state"),
        ({"variants": {"wechat": {"html": "<b>"}}}, "variants.wechat.answer"),
    ],
)
async def test_a_wrong_draft_names_the_field_and_stores_nothing(desk: Desk, change: dict[str, Any], field: str) -> None:
    answered = await desk.call("POST", "entries", json={**FREIGHT, **change})

    assert (answered.status_code, answered.json()["code"]) == (422, "invalid")
    assert [error["field"] for error in answered.json()["errors"]] == [field]
    assert (await desk.call("GET", "entries")).json()["total"] == 0


@pytest.mark.parametrize("path", ["entries/nobody", "entries/nobody/history", "nowhere", "entries?cursor=%00x"])
async def test_what_is_not_there_says_so(desk: Desk, path: str) -> None:
    answered = await desk.call("GET", path)

    assert answered.json()["code"] in {"not_found", "bad_request"}
    assert answered.headers["content-type"] == PROBLEM


async def test_feedback_about_a_missing_entry_is_refused(desk: Desk) -> None:
    body = {"entry_id": "nobody", "kind": "shown", "conversation_id": "c", "seq": 1}

    missing = await desk.client.post("/api/v1/feedback", json=body)
    odd = await desk.client.post("/api/v1/feedback", json={**body, "kind": "loved"})

    assert (missing.status_code, odd.status_code) == (404, 422)


async def test_a_bug_is_one_coded_error_without_its_innards(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("innards")

    monkeypatch.setattr(desk.app.state.knowledge_base, "find", broken)

    with capture_logs() as logged:
        answered = await desk.client.post("/api/v1/search", json={"text": "退货"})

    assert (answered.status_code, answered.json()["code"]) == (500, "bug")
    assert "innards" not in answered.text
    assert [line["error"] for line in logged if line["event"] == "bug"] == ["RuntimeError"]
