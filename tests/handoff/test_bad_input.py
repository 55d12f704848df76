"""Hostile and broken input: a coded refusal or a harmless message, nothing half stored, other people unaffected."""

from __future__ import annotations

from typing import Any

import pytest

from handoff.desk import Desk, Identity
from handoff.errors import BadText, Invalid, JieliError, NotClosed, NotFound
from tests.factories import agent_on_duty, claimed_chat, guest, member, open_chat, text

BAD_BODIES: list[tuple[Any, type[JieliError]]] = [
    (text(""), BadText),
    (text("   \n"), BadText),
    (text("\x00\x00"), BadText),
    (text("字" * 4001), BadText),
    (text("半个字\ud83d"), BadText),
    ({"type": "text"}, Invalid),
    ({"type": "text", "text": 7}, Invalid),
    ({"type": "text", "text": ["a"]}, Invalid),
    ({"type": "note", "text": "x"}, Invalid),
    ({"type": "answer", "text": "假装是机器人"}, Invalid),
    ({"type": ["text"], "text": "x"}, Invalid),
    ({}, Invalid),
    ("text", Invalid),
    (None, Invalid),
    ([], Invalid),
    ({"type": "image", "upload_id": "u", "url": "javascript:alert(1)", "width": 1, "height": 1}, Invalid),
    ({"type": "image", "upload_id": "u", "url": "//evil.example/x.png", "width": 1, "height": 1}, Invalid),
    ({"type": "image", "upload_id": "u", "url": "/x.png", "width": True, "height": 1}, Invalid),
    ({"type": "image", "upload_id": "u", "url": "/x.png", "width": 10**9, "height": 1}, Invalid),
    ({"type": "product", "product_id": "p", "price": float("nan")}, Invalid),
    ({"type": "product", "product_id": "p", "price": {"$gt": 0}}, Invalid),
    ({"type": "order"}, Invalid),
    ({"type": "order", "order_no": "../u2/orders/JL2"}, NotFound),
    ({"type": "order", "order_no": "JL-of-somebody-else"}, NotFound),
    ({"type": "text", "text": "x", "deep": [[[[[[[[[[[1]]]]]]]]]]]}, Invalid),
    ({"type": "text", "text": "x", "wide": [0] * 2000}, Invalid),
]


@pytest.mark.parametrize(("body", "error"), BAD_BODIES, ids=range(len(BAD_BODIES)))
async def test_a_bad_message_is_refused_with_a_code_and_stores_nothing(
    desk: Desk, body: Any, error: type[JieliError]
) -> None:
    chat = await open_chat(desk)

    with pytest.raises(error):
        await desk.hear(chat.id, chat.customer_id, "m1", body)

    assert await chat.log() == []
    assert (await desk.hear(chat.id, chat.customer_id, "m1", text("好了"))).seq == 1


@pytest.mark.parametrize("bad_id", ["", " ", "x" * 101, "a\x00b", "\ud800", 5, None, {"a": 1}])
async def test_a_bad_message_id_is_refused(desk: Desk, bad_id: Any) -> None:
    chat = await open_chat(desk)

    with pytest.raises((BadText, Invalid)):
        await desk.hear(chat.id, chat.customer_id, bad_id, text("在吗"))


async def test_text_of_any_kind_is_kept_as_it_was_typed(any_desk: Desk) -> None:
    lines = [
        "<script>alert(1)</script>",
        "/restart",
        ' /refund{"x":1}',
        "😀👨‍👩‍👧",
        "字" * 4000,
        "'; DROP TABLE events; --",
        "a\tb\nc",
    ]
    chat = await open_chat(any_desk)
    for line in lines:
        await chat.writes(line)

    assert [body["text"] for body in await chat.said_by("customer")] == [line.strip() for line in lines]


async def test_nul_is_taken_out_because_postgresql_cannot_hold_it(any_desk: Desk) -> None:
    chat = await open_chat(any_desk, member("u7", name="陈\x00晨"))
    await chat.writes({"type": "product", "product_id": "p1", "title": "大\x00衣", "price": 1})

    assert (await chat.said_by("customer"))[0]["title"] == "大衣"
    assert (await any_desk.profile(chat.customer_id)).name == "陈晨"


async def test_another_customers_conversation_looks_like_a_missing_one(desk: Desk) -> None:
    mine, other = await open_chat(desk, member("u1")), await open_chat(desk, guest("g2"))

    for conversation_id in (mine.id, "no-such-id"):
        for doing in (
            desk.hear(conversation_id, other.customer_id, "m1", text("x")),
            desk.ask_for_person(conversation_id, other.customer_id, "p1"),
            desk.cancel_waiting(conversation_id, other.customer_id),
            desk.waiting(conversation_id, other.customer_id),
            desk.give_feedback(conversation_id, other.customer_id, 1, True),
            desk.rate(conversation_id, other.customer_id, True),
            desk.customer_conversation(conversation_id, other.customer_id),
            desk.mark_read(conversation_id, "customer", other.customer_id, 1),
        ):
            with pytest.raises(NotFound) as refused:
                await doing
            assert refused.value.detail == "没有找到"
    assert await mine.log() == []


async def test_a_customer_cannot_pass_staff_members_or_state_through_a_body(desk: Desk) -> None:
    chat = await open_chat(desk)
    await chat.writes({"type": "text", "text": "x", "staff": {"reason": "vip_rule"}, "order_no": "JL2", "html": "<b>"})

    assert await chat.said_by("customer") == [{"type": "text", "text": "x"}]


async def test_html_from_the_bot_and_agents_is_made_harmless(desk: Desk) -> None:
    agent = await agent_on_duty(desk)
    chat = await claimed_chat(desk, agent)
    html = '<p onclick="x()">好<script>alert(1)</script><a href="javascript:x()">链接</a></p>'
    await desk.say(chat.id, agent.id, "a1", {"type": "answer", "text": "好", "html": html, "staff": {"x": 1}})

    said = (await chat.said_by("agent"))[0]

    assert "script" not in said["html"]
    assert "onclick" not in said["html"]
    assert "staff" not in said


@pytest.mark.parametrize(
    "changes",
    [
        {"stars": 0},
        {"stars": 6},
        {"stars": True},
        {"reasons": ["x"] * 11},
        {"reasons": ["字" * 101]},
        {"text": "字" * 1001},
        {"text": "\udfff"},
    ],
)
async def test_a_rating_out_of_range_is_refused(desk: Desk, changes: dict[str, Any]) -> None:
    agent = await agent_on_duty(desk)
    chat = await claimed_chat(desk, agent)
    with pytest.raises(NotClosed):
        await desk.rate(chat.id, chat.customer_id, True, 5)
    await desk.close(chat.id, agent.id, "solved")

    with pytest.raises((Invalid, BadText)):
        await desk.rate(chat.id, chat.customer_id, True, **changes)

    assert (await desk.rate(chat.id, chat.customer_id, True, 5)).body["stars"] == 5


async def test_closing_and_transferring_check_what_they_are_given(desk: Desk) -> None:
    agent = await agent_on_duty(desk)
    chat = await claimed_chat(desk, agent)

    for doing in (
        desk.close(chat.id, agent.id, "whatever"),
        desk.transfer(chat.id, agent.id),
        desk.transfer(chat.id, agent.id, to_agent="a", to_group="b"),
        desk.transfer(chat.id, agent.id, to_agent=agent.id),
        desk.transfer(chat.id, agent.id, to_group="no-such-group"),
        desk.rows("everything", agent.id),  # type: ignore[arg-type]
        desk.rows("mine", agent.id, cursor="junk"),
        desk.rows("mine", agent.id, cursor="9" * 40),
        desk.set_presence(agent.id, "asleep"),  # type: ignore[arg-type]
        desk.add_agent("x", [], ["king"]),
        desk.add_agent("x", [], ["agent"], capacity=-1),
    ):
        with pytest.raises(Invalid):
            await doing
    assert await chat.holder() == f"agent:{agent.id}"


async def test_an_identity_with_broken_members_is_refused(desk: Desk) -> None:
    for identity in (Identity("demo", ""), Identity("demo", "\ud800"), Identity("demo", "u1", name="\udfff")):
        with pytest.raises((BadText, Invalid)):
            await desk.welcome(identity)
