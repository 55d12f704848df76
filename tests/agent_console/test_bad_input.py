"""Whatever comes in, the answer is a coded error or harmless, nothing is stored half, and others go on undisturbed."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from websockets.exceptions import ConnectionClosed

from agent_console.protocol import MOST_FRAME_BYTES, Closing
from tests.agent_console.conftest import RunningDesk, running_desk
from tests.agent_console.people import Customer

Json = dict[str, Any]

# One desk takes everything: what one test sends must not disturb the next.
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningDesk]:
    home = tmp_path_factory.mktemp("desk")
    shutil.copytree(migrated, home / "data")
    async with running_desk(home) as running:
        yield running


async def post_raw(customer: Customer, content: bytes, content_type: str = "application/json") -> tuple[int, Json]:
    answer = await customer.http.post(
        f"{customer.address}/messages", content=content, headers={"Content-Type": content_type}
    )
    assert "Traceback" not in answer.text
    return answer.status_code, answer.json()


def message(body: Any, client_msg_id: Any = "m1") -> bytes:
    return json.dumps({"client_msg_id": client_msg_id, "body": body}).encode()


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 422, "invalid"),
        (b"{", 400, "bad_json"),
        (b"\xff\xfe", 400, "bad_json"),
        (b"[" * 100_000, 400, "bad_json"),
        (b'{"client_msg_id": NaN}', 400, "bad_json"),
        (b'{"client_msg_id": ' + b"1" * 5000 + b"}", 400, "bad_json"),
        (b"[]", 422, "invalid"),
        (b"null", 422, "invalid"),
        (b"{}", 422, "invalid"),
        (message({"type": "text", "text": ""}), 400, "bad_text"),
        (message({"type": "text", "text": " \n "}), 400, "bad_text"),
        (message({"type": "text", "text": "\x00"}), 400, "bad_text"),
        (message({"type": "text", "text": "长" * 4001}), 400, "bad_text"),
        (b'{"client_msg_id": "m1", "body": {"type": "text", "text": "\\ud800"}}', 400, "bad_text"),
        (b'{"client_msg_id": "\\udfff", "body": {"type": "text", "text": "x"}}', 400, "bad_text"),
        (message({"type": "text", "text": 7}), 422, "invalid"),
        (message({"type": "text", "text": ["x"]}), 422, "invalid"),
        (message({"type": "text"}), 422, "invalid"),
        (message({"type": "nonsense", "text": "x"}), 422, "invalid"),
        (message({"type": ["text"], "text": "x"}), 422, "invalid"),
        (message({"type": {}, "text": "x"}), 422, "invalid"),
        (message({"type": "answer", "text": "我是机器人"}), 422, "invalid"),
        (message("text"), 422, "invalid"),
        (message({"type": "text", "text": "x"}, ""), 422, "invalid"),
        (message({"type": "text", "text": "x"}, "i" * 65), 422, "invalid"),
        (message({"type": "text", "text": "x"}, 5), 422, "invalid"),
        (message({"type": "image", "upload_id": "0" * 32, "url": "/x", "width": 1, "height": 1}), 422, "invalid"),
        (message({"type": "image", "upload_id": ["x"]}), 422, "invalid"),
        (message({"type": "order", "order_no": "JL999"}), 404, "not_found"),
        (b"x" * (10 * 1024 * 1024), 413, "too_large"),
        (message({"type": "text", "text": "x" * 300_000}), 413, "too_large"),
    ],
    ids=lambda value: repr(value[:40]) if isinstance(value, bytes) else str(value),
)
async def test_a_bad_message_is_refused_with_a_code_and_nothing_is_stored(
    desk: RunningDesk, content: bytes, status: int, code: str
) -> None:
    customer = await desk.customer()
    before = await customer.log()

    found = await post_raw(customer, content)

    assert (found[0], found[1]["code"]) == (status, code)
    assert found[1]["status"] == status
    assert found[1]["detail"]
    assert await customer.log() == before
    assert (await customer.say("还能正常说话"))["seq"] == len(before) + 1


@pytest.mark.parametrize(
    "text",
    [
        "/restart",
        ' /refund{"x":1}',
        "<script>alert(1)</script>",
        "a\x00b",
        "'; DROP TABLE events; --",
        "长" * 4000,
        "👨‍👩‍👧‍👦",
    ],
)
async def test_strange_words_are_words_and_come_back_as_they_were(desk: RunningDesk, text: str) -> None:
    customer = await desk.customer()

    await customer.say(text)

    assert (await customer.log())[0]["body"] == {"type": "text", "text": text.replace("\x00", "").strip()}


async def test_a_body_that_is_no_json_by_its_own_word_is_refused(desk: RunningDesk) -> None:
    customer = await desk.customer()

    found = await post_raw(customer, message({"type": "text", "text": "x"}), "text/plain")

    assert found[1]["code"] == "invalid"


async def test_a_body_announced_small_and_sent_large_is_refused(desk: RunningDesk) -> None:
    customer = await desk.customer()

    async def parts() -> Any:
        for _ in range(40):
            yield b"x" * 10_000

    answer = await customer.http.post(
        f"{customer.address}/messages", content=parts(), headers={"Content-Type": "application/json"}
    )

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("/api/v1/widget/nothing", "not_found"),
        ("/api/v1/widget/conversations/%00/events", "bad_request"),
        ("/api/v1/widget/conversations/x/events", "not_found"),
        ("/api/v1/widget/conversations/{id}/events?after=-1", "invalid"),
        ("/api/v1/widget/conversations/{id}/events?after=99999999999999999999", "invalid"),
        ("/api/v1/widget/conversations/{id}/events?after=x", "invalid"),
        ("/api/v1/widget/conversations/{id}/events?limit=100000", "invalid"),
        ("/api/v1/widget/history?before=yesterday", "invalid"),
        ("/api/v1/widget/suggestions?q=" + "x" * 201, "invalid"),
        ("/api/v1/uploads/../../etc/passwd", "not_found"),
        ("/api/v1/uploads/xyz", "invalid"),
    ],
)
async def test_bad_addresses_are_refused_with_a_code(desk: RunningDesk, address: str, code: str) -> None:
    customer = await desk.customer()

    answer = await customer.http.get(address.replace("{id}", customer.conversation_id))

    assert 400 <= answer.status_code < 500
    assert answer.json()["code"] == code
    assert answer.headers["content-type"] == "application/problem+json"


async def test_unknown_members_and_wrong_types_name_the_field(desk: RunningDesk) -> None:
    customer = await desk.customer()

    wrong = await customer.http.post(f"{customer.address}/rating", json={"solved": "perhaps", "stars": 6, "star": 1})

    fields = {error["field"] for error in wrong.json()["errors"]}
    assert wrong.json()["code"] == "invalid"
    assert fields == {"solved", "stars", "star"}


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"t": "say", "c": "{id}", "id": "f1", "d": {"body": {"type": "text", "text": ""}}}, "bad_text"),
        ({"t": "say", "c": "{id}", "id": "f1", "d": {"body": "x"}}, "invalid"),
        ({"t": "say", "c": "{id}", "id": "f1", "d": {}}, "invalid"),
        ({"t": "say", "c": "{other}", "id": "f1", "d": {"body": {"type": "text", "text": "x"}}}, "not_found"),
        ({"t": "say", "c": "nothing", "id": "f1", "d": {"body": {"type": "text", "text": "x"}}}, "not_found"),
        ({"t": "nonsense", "id": "f1"}, "bad_request"),
        ({"id": "f1"}, "bad_request"),
        ({"t": "lists", "id": "f1"}, "forbidden"),
        ({"t": "read", "c": "{id}", "id": "f1", "d": {"seq": -1}}, "invalid"),
        ({"t": "read", "c": "{id}", "id": "f1", "d": {"seq": 10**30}}, "invalid"),
        ({"t": "read", "c": "{other}", "id": "f1", "d": {"seq": 1}}, "not_found"),
        ({"t": "typing", "c": "{other}", "id": "f1", "d": {"text": "x"}}, "not_found"),
        (
            {"t": "say", "c": "{id}", "id": "f1", "d": {"body": {"type": "text", "text": "x" * MOST_FRAME_BYTES}}},
            "too_large",
        ),
        ({"t": "say", "c": "{id}", "id": "f1", "d": {"body": {"type": "text", "text": "\ud800"}}}, "bad_text"),
    ],
    ids=lambda value: json.dumps(value)[:60],
)
async def test_a_bad_frame_is_refused_and_the_socket_goes_on(desk: RunningDesk, frame: Json, code: str) -> None:
    customer, other = await desk.customer(), await desk.customer()
    socket = await customer.socket()
    text = json.dumps({"v": 1, **frame}).replace("{id}", customer.conversation_id)

    await socket.connection.send(text.replace("{other}", other.conversation_id))
    refused = await socket.until(lambda it: [f for f in it.frames if f["t"] == "refused"])
    sent_as = await socket.say(customer.conversation_id, "还能正常说话")

    assert refused[0]["d"]["code"] == code
    if code != "bad_text" or "\\ud800" not in text:
        assert refused[0]["id"] == "f1"
    await socket.frame("ack", id=sent_as)
    assert await other.log() == []


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"v": 2, "t": "ping"}', "[" * 50_000])
async def test_what_is_not_the_protocol_closes_the_socket(desk: RunningDesk, text: str) -> None:
    customer = await desk.customer()
    socket = await customer.socket()

    await socket.connection.send(text)

    assert await socket.closed() == Closing.NOT_THE_PROTOCOL


async def test_a_binary_frame_and_a_giant_one_close_only_their_own_socket(desk: RunningDesk) -> None:
    customer = await desk.customer()
    binary, giant, other = await customer.socket(), await customer.socket(), await customer.socket()

    await binary.connection.send(b"\x00\x01")
    with suppress(ConnectionClosed):
        await giant.connection.send("x" * (10 * 1024 * 1024))

    assert await binary.closed() == Closing.NOT_THE_PROTOCOL
    assert await giant.closed() == 1009
    await other.send("ping", id="p1")
    await other.frame("pong", id="p1")


async def test_watching_anothers_conversation_closes_a_customers_socket(desk: RunningDesk) -> None:
    customer, other = await desk.customer(), await desk.customer()
    await other.say("我的秘密")
    socket = await customer.socket()

    await socket.send("watch", {"after": 0}, c=other.conversation_id)

    assert await socket.closed() == Closing.NOT_FOUND
    assert "我的秘密" not in json.dumps(socket.frames, ensure_ascii=False)


async def test_a_flood_of_frames_is_slowed_then_closed(desk: RunningDesk) -> None:
    customer = await desk.customer()
    socket = await customer.socket()

    with suppress(ConnectionClosed):
        for _ in range(400):
            await socket.send("ping")
            await asyncio.sleep(0)
    code = await socket.closed()

    refused = [frame for frame in socket.frames if frame["t"] == "refused"]
    assert code == Closing.TOO_MANY_FRAMES
    assert refused[0]["d"]["code"] == "too_many_requests"
    assert refused[0]["d"]["retry_after"] >= 1
