"""Two people grab the same customer: one gets him, the other is told who, and nobody holds more than he can."""

from __future__ import annotations

import asyncio

import pytest

from handoff.desk import Desk
from handoff.errors import AlreadyClaimed, AtCapacity, NotFound
from handoff.views import Conversation
from tests.factories import agent_on_duty, member, waiting_chat


async def test_of_twenty_claimers_exactly_one_wins_and_the_others_learn_his_name(any_desk: Desk) -> None:
    agents = [await agent_on_duty(any_desk, f"客服{n}") for n in range(20)]
    chat = await waiting_chat(any_desk)

    results = await asyncio.gather(*(any_desk.claim(chat.id, agent.id) for agent in agents), return_exceptions=True)

    winners = [result for result in results if isinstance(result, Conversation)]
    losers = [result for result in results if isinstance(result, AlreadyClaimed)]
    assert (len(winners), len(losers)) == (1, 19)
    won = await any_desk.conversation(chat.id)
    assert won.agent is not None
    assert {loser.extra["holder"] for loser in losers} == {won.holder}
    assert {loser.detail for loser in losers} == {f"{won.agent.name} 已接入该会话"}
    assert (await chat.kinds()).count("claimed") == 1


async def test_capacity_is_never_exceeded_by_claims_at_once(any_desk: Desk) -> None:
    agent = await agent_on_duty(any_desk, capacity=3)
    chats = [await waiting_chat(any_desk, member(f"u{n}")) for n in range(8)]

    results = await asyncio.gather(*(any_desk.claim(chat.id, agent.id) for chat in chats), return_exceptions=True)

    assert sum(isinstance(result, Conversation) for result in results) == 3
    refused = [result for result in results if isinstance(result, AtCapacity)]
    assert len(refused) == 5
    assert (refused[0].extra, refused[0].detail) == ({"active": 3, "capacity": 3}, "接待量已满（3/3）")
    assert (await any_desk.agent(agent.id)).active == 3


async def test_claiming_again_what_one_holds_changes_nothing(desk: Desk) -> None:
    agent = await agent_on_duty(desk, capacity=1)
    chat = await waiting_chat(desk)
    first = await desk.claim(chat.id, agent.id)

    second = await desk.claim(chat.id, agent.id)

    assert second == first


async def test_nobody_unknown_claims(desk: Desk) -> None:
    chat = await waiting_chat(desk)

    with pytest.raises(NotFound):
        await desk.claim(chat.id, "who")
    with pytest.raises(NotFound):
        await desk.claim("no-such-conversation", "who")


async def test_a_transfer_needs_room_on_the_other_side(desk: Desk) -> None:
    mine, full = await agent_on_duty(desk), await agent_on_duty(desk, "建国", capacity=0)
    chat = await waiting_chat(desk)
    await desk.claim(chat.id, mine.id)

    with pytest.raises(AtCapacity):
        await desk.transfer(chat.id, mine.id, to_agent=full.id)

    assert await chat.holder() == f"agent:{mine.id}"
