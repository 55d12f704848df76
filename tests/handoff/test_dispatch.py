"""Who takes whom: last agent first, the skilled for the grave, the least busy, and nobody starves."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from handoff.desk import Desk
from handoff.dispatch import Hand, best_for, next_for
from handoff.errors import AtCapacity, Invalid, NobodyWaiting
from handoff.rules import Rules
from handoff.store.line import Place
from handoff.triggers import Noticed
from tests.factories import agent_on_duty, claimed_chat, member, open_chat, text, waiting_chat
from tests.stand_ins import START, Clock, ScriptedBot, answer

RULES = Rules()


def place(name: str, *, severity: int = 1, waited: int = 0, group: str = "order", last: str | None = None) -> Place:
    since = START - timedelta(seconds=waited)
    return Place(name, name, group, severity, since, since, preferred_agent_id=last)


def hand(name: str, level: int = 1, active: int = 0, *, group: str = "order", capacity: int = 8) -> Hand:
    return Hand(name, {group: level}, active, capacity, True)


def given(of: Place, *hands: Hand) -> str | None:
    best = best_for(of, hands, START, RULES)
    return best.agent_id if best is not None else None


def test_the_last_agent_comes_first_while_he_is_there_with_room() -> None:
    again = place("c", last="b")

    assert given(again, hand("a"), hand("b", active=5)) == "b"
    assert given(again, hand("a"), hand("b", active=8)) == "a"
    assert given(again, hand("a")) == "a"


def test_a_grave_case_goes_to_the_experienced_and_a_calm_one_leaves_them_free() -> None:
    assert given(place("c", severity=4), hand("a"), hand("b", level=3, active=5)) == "b"
    assert given(place("c"), hand("a", level=3), hand("b")) == "b"


def test_after_a_while_anybody_takes_a_grave_case() -> None:
    busy_expert = hand("b", level=3, active=8)

    assert given(place("c", severity=4), hand("a"), busy_expert) == "a", "nobody better is free"
    assert next_for(hand("a"), [place("c", severity=4)], [hand("b", level=3)], START, RULES) == []
    late = place("c", severity=4, waited=RULES.skilled_first_seconds)
    assert next_for(hand("a"), [late], [hand("b", level=3)], START, RULES) == [late]


def test_the_least_busy_share_of_room_decides() -> None:
    assert given(place("c"), hand("a", active=3, capacity=4), hand("b", active=4, capacity=8)) == "b"
    assert given(place("c"), hand("a", active=8), hand("b", active=8)) is None
    assert given(place("c"), Hand("a", {"order": 1}, 0, 8, is_online=False)) is None
    assert given(place("c"), hand("a", group="presale")) is None


def test_next_is_the_longest_waiting_but_ones_own_former_customer_first() -> None:
    longest, mine, others = place("c1", waited=300), place("c2", waited=20, last="a"), place("c3", waited=10, last="b")

    chosen = next_for(hand("a"), [longest, mine, others], [hand("b")], START, RULES)

    assert [each.conversation_id for each in chosen] == ["c2", "c1"], "c3 is kept for b"


async def test_next_gives_the_customer_who_waits_longest(any_desk: Desk, clock: Clock) -> None:
    first = await waiting_chat(any_desk, member("u1"))
    clock.pass_time(seconds=30)
    second = await waiting_chat(any_desk, member("u2"))
    lin = await agent_on_duty(any_desk)

    taken = [(await any_desk.claim_next(lin.id)).id for _ in range(2)]

    assert taken == [first.id, second.id]
    with pytest.raises(NobodyWaiting):
        await any_desk.claim_next(lin.id)


async def test_two_who_ask_for_the_next_at_once_get_different_customers(any_desk: Desk) -> None:
    agents = [await agent_on_duty(any_desk, f"客服{n}") for n in range(4)]
    chats = [await waiting_chat(any_desk, member(f"u{n}")) for n in range(4)]

    taken = await asyncio.gather(*(any_desk.claim_next(agent.id) for agent in agents))

    assert {each.id for each in taken} == {chat.id for chat in chats}
    assert {each.holder for each in taken} == {f"agent:{agent.id}" for agent in agents}


async def test_next_beyond_ones_capacity_is_refused(desk: Desk) -> None:
    lin = await agent_on_duty(desk, capacity=1)
    await claimed_chat(desk, lin, member("u1"))
    await waiting_chat(desk, member("u2"))

    with pytest.raises(AtCapacity):
        await desk.claim_next(lin.id)


async def test_a_returning_customer_is_kept_for_the_agent_he_knows(desk: Desk, clock: Clock) -> None:
    lin, jie = await agent_on_duty(desk), await agent_on_duty(desk, "阿杰")
    chat = await claimed_chat(desk, lin)
    await desk.return_to_bot(chat.id, lin.id)
    await chat.wants_person("again")

    with pytest.raises(NobodyWaiting):
        await desk.claim_next(jie.id)
    clock.pass_time(seconds=desk.workplace.rules.last_agent_first_seconds)
    assert (await desk.claim_next(jie.id)).id == chat.id


async def test_a_group_that_is_run_so_is_given_its_customers(any_desk: Desk) -> None:
    desk = any_desk
    lin, jie = await agent_on_duty(desk), await agent_on_duty(desk, "阿杰")
    await desk.set_group("order", assignment="automatic")
    chats = [await waiting_chat(desk, member(f"u{n}")) for n in range(4)]

    swept = await desk.sweep()

    assert swept.assigned == 4
    holders = [await chat.holder() for chat in chats]
    assert sorted(holders) == sorted([f"agent:{lin.id}", f"agent:{jie.id}"] * 2)
    assert (await chats[0].of_kind("claimed"))[0].body["staff"] == {"assigned": True}


async def test_without_it_customers_wait_to_be_taken(desk: Desk) -> None:
    await agent_on_duty(desk)
    chat = await waiting_chat(desk)

    assert (await desk.sweep()).assigned == 0
    assert await chat.holder() == "queue"


async def test_capacity_is_never_exceeded_and_the_rest_wait(desk: Desk) -> None:
    await agent_on_duty(desk, capacity=2)
    await desk.set_group("order", assignment="automatic")
    for n in range(4):
        await waiting_chat(desk, member(f"u{n}"))

    assert [(await desk.sweep()).assigned for _ in range(2)] == [2, 0]


async def test_whoever_did_not_answer_or_declined_does_not_get_him_again(desk: Desk, clock: Clock) -> None:
    lin, jie = await agent_on_duty(desk), await agent_on_duty(desk, "阿杰")
    await desk.set_group("order", assignment="automatic")
    chat = await claimed_chat(desk, lin)
    clock.pass_time(seconds=desk.workplace.rules.claim_timeout_seconds + 1)

    swept = await desk.sweep()

    assert (swept.timed_out, swept.assigned) == (1, 1)
    assert await chat.holder() == f"agent:{jie.id}"


async def test_an_urgent_customer_is_given_to_the_experienced_agent(desk: Desk, bot: ScriptedBot) -> None:
    await agent_on_duty(desk)
    expert = await agent_on_duty(desk, "大伟")
    await desk.change_agent(expert.id, levels={"order": 3})
    await desk.set_group("order", assignment="automatic")
    chat = await open_chat(desk)
    bot.reply = answer("好的", request=Noticed("sensitive_word", 1.0, "要起诉"))
    await chat.asks("我要起诉你们")

    await desk.sweep()

    assert await chat.holder() == f"agent:{expert.id}"
    await desk.say(chat.id, expert.id, "a1", text("您好"))


async def test_levels_and_capacity_of_an_agent_are_changed_and_checked(any_desk: Desk) -> None:
    lin = await agent_on_duty(any_desk)

    changed = await any_desk.change_agent(lin.id, levels={"order": 2, "presale": 1}, capacity=3, name="林晓")

    assert (changed.name, changed.groups, changed.capacity, changed.presence) == (
        "林晓",
        ["order", "presale"],
        3,
        "online",
    )
    assert (await any_desk.levels())[lin.id] == {"order": 2, "presale": 1}
    for wrong in ({"order": 4}, {"nowhere": 1}, {"order": True}):
        with pytest.raises(Invalid):
            await any_desk.change_agent(lin.id, levels=wrong)
    with pytest.raises(Invalid):
        await any_desk.set_group("order", assignment="random")
