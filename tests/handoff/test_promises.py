"""Promises: made, heard, seen, watched, handed on at shift end, kept or withdrawn, and the way back to the customer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handoff.desk import Desk
from handoff.dispatch import Hand
from handoff.errors import Forbidden, IllegalMove, Invalid, NotFound
from handoff.promises import next_owner
from handoff.views import Agent
from tests.factories import Chat, agent_on_duty, claimed_chat, member, open_chat, text, waiting_chat
from tests.stand_ins import START, Clock

IN_AN_HOUR = START + timedelta(hours=1)
TOMORROW = START + timedelta(hours=24)


async def codes(chat: Chat) -> list[str]:
    return [event.body["code"] for event in await chat.of_kind("alert") if event.body["code"].startswith("promise")]


async def test_a_promise_has_owner_and_deadline_and_the_customer_sees_it(any_desk: Desk) -> None:
    lin = await agent_on_duty(any_desk)
    chat = await claimed_chat(any_desk, lin)

    made = await any_desk.promise(chat.id, lin.id, "明天给您回电", TOMORROW, "call_back")

    assert (made.owner, made.kind, made.due_at, made.kept) == (f"agent:{lin.id}", "call_back", TOMORROW, False)
    seen = [event.model_dump() for event in await chat.seen_by_customer() if event.kind == "promise_made"]
    assert seen[0]["body"]["text"] == "明天给您回电"
    assert [promise.promise_id for promise in (await any_desk.card(chat.id)).promises] == [made.promise_id]


async def test_only_the_holder_and_supervisors_promise_and_never_into_the_past(desk: Desk) -> None:
    lin, jie = await agent_on_duty(desk), await agent_on_duty(desk, "阿杰")
    chat = await claimed_chat(desk, lin)

    with pytest.raises(Forbidden):
        await desk.promise(chat.id, jie.id, "回电", TOMORROW)
    await desk.promise(chat.id, jie.id, "回电", TOMORROW, is_supervisor=True)
    for due_at in (START, START + timedelta(days=31)):
        with pytest.raises(Invalid):
            await desk.promise(chat.id, lin.id, "回电", due_at)
    with pytest.raises(Invalid):
        await desk.promise(chat.id, lin.id, "回电", TOMORROW, owner="agent:nobody")


async def test_what_an_agent_says_he_will_do_becomes_a_promise_once(any_desk: Desk) -> None:
    lin = await agent_on_duty(any_desk)
    chat = await claimed_chat(any_desk, lin)

    await any_desk.say(chat.id, lin.id, "a1", text("我核实一下，半小时内给您回复"))
    await any_desk.say(chat.id, lin.id, "a2", text("好的，半小时内给您答复"))

    made = await chat.of_kind("promise_made")
    assert [(event.body["text"], event.body["owner"]) for event in made] == [("半小时内给您回复", f"agent:{lin.id}")]
    assert made[0].body["staff"]["heard"] is True
    assert (await any_desk.promises(lin.id))[0].due_at == START + timedelta(minutes=30)


async def test_an_answer_keeps_only_what_was_promised_about_an_answer(desk: Desk) -> None:
    chat = await waiting_chat(desk)
    lin = await agent_on_duty(desk)
    await desk.claim(chat.id, lin.id)
    await desk.promise(chat.id, lin.id, "查清后回电", TOMORROW, "call_back")

    await desk.say(chat.id, lin.id, "a1", text("我在的"))

    assert [event.body["kind"] for event in await chat.of_kind("promise_kept")] == ["answer"]
    assert [promise.text for promise in await desk.promises(lin.id)] == ["查清后回电"]


async def test_a_kept_promise_leaves_the_list_and_the_card_and_is_kept_once(any_desk: Desk) -> None:
    lin = await agent_on_duty(any_desk)
    chat = await claimed_chat(any_desk, lin)
    made = await any_desk.promise(chat.id, lin.id, "回电", TOMORROW)

    await any_desk.keep_promise(chat.id, made.promise_id, lin.id, "已电话说明")

    assert await any_desk.promises(lin.id, "all") == []
    assert (await any_desk.card(chat.id)).promises == []
    kept = (await chat.of_kind("promise_kept"))[0].body
    assert kept["promise_id"] == made.promise_id and kept["staff"] == {"note": "已电话说明"}
    with pytest.raises(NotFound):
        await any_desk.keep_promise(chat.id, made.promise_id, lin.id)


async def test_a_withdrawn_promise_is_told_to_the_customer_and_why_to_the_staff_only(any_desk: Desk) -> None:
    lin = await agent_on_duty(any_desk)
    chat = await claimed_chat(any_desk, lin)
    made = await any_desk.promise(chat.id, lin.id, "回电", TOMORROW)

    await any_desk.withdraw_promise(chat.id, made.promise_id, lin.id, "客户说不用了")

    seen = [event.model_dump() for event in await chat.seen_by_customer() if event.kind == "promise_withdrawn"]
    assert seen[0]["body"]["text"] == "回电" and "staff" not in seen[0]["body"]
    assert await any_desk.promises(lin.id, "all") == []


async def test_before_it_is_due_and_after_the_staff_is_told_once_each(any_desk: Desk, clock: Clock) -> None:
    lin = await agent_on_duty(any_desk)
    chat = await claimed_chat(any_desk, lin)
    await any_desk.say(chat.id, lin.id, "a1", text("您好"))
    await any_desk.promise(chat.id, lin.id, "回电", IN_AN_HOUR)

    await any_desk.sweep()
    assert await codes(chat) == []
    clock.pass_time(minutes=46)
    for _ in range(2):
        await any_desk.sweep()
    assert await codes(chat) == ["promise_due_soon"]
    clock.pass_time(minutes=15)
    swept = [await any_desk.sweep() for _ in range(2)]

    assert await codes(chat) == ["promise_due_soon", "promise_overdue"]
    assert [each.promises_overdue for each in swept] == [1, 1]
    assert [promise.overdue for promise in await any_desk.promises(lin.id)] == [True]


async def test_at_shift_end_a_promise_goes_to_whoever_is_on_duty(any_desk: Desk) -> None:
    lin, jie = await agent_on_duty(any_desk), await agent_on_duty(any_desk, "阿杰")
    chat = await claimed_chat(any_desk, lin)
    await any_desk.promise(chat.id, lin.id, "回电", IN_AN_HOUR)

    await any_desk.set_presence(lin.id, "offline", "下班")
    swept = [await any_desk.sweep() for _ in range(2)]

    assert [each.promises_passed_on for each in swept] == [1, 0]
    assert [promise.text for promise in await any_desk.promises(jie.id)] == ["回电"]
    passed_on = (await chat.of_kind("promise_passed_on"))[0].body
    assert (passed_on["from"], passed_on["owner"], passed_on["why"]) == (
        f"agent:{lin.id}",
        f"agent:{jie.id}",
        "off_duty",
    )
    assert "promise_passed_on" not in [event.kind for event in await chat.seen_by_customer()]


async def test_with_nobody_on_duty_it_goes_to_the_group_whose_agents_may_take_it(desk: Desk) -> None:
    lin, jie = await agent_on_duty(desk), await agent_on_duty(desk, "阿杰")
    await desk.set_presence(jie.id, "offline")
    chat = await claimed_chat(desk, lin)
    made = await desk.promise(chat.id, lin.id, "回电", IN_AN_HOUR)
    await desk.set_presence(lin.id, "offline", "下班")
    await desk.sweep()
    assert [promise.owner for promise in await desk.promises(jie.id, "group")] == ["group:order"]

    await desk.pass_promise_on(chat.id, made.promise_id, jie.id, f"agent:{jie.id}")

    assert [promise.owner for promise in await desk.promises(jie.id)] == [f"agent:{jie.id}"]


async def test_what_is_due_after_the_night_stays_with_its_owner(desk: Desk) -> None:
    lin = await agent_on_duty(desk)
    await agent_on_duty(desk, "阿杰")
    chat = await claimed_chat(desk, lin)
    await desk.promise(chat.id, lin.id, "回电", TOMORROW)

    await desk.set_presence(lin.id, "offline", "下班")

    assert (await desk.sweep()).promises_passed_on == 0
    assert len(await desk.promises(lin.id)) == 1


async def test_a_cut_line_hands_on_only_what_cannot_wait(desk: Desk, clock: Clock) -> None:
    lin = await agent_on_duty(desk)
    await agent_on_duty(desk, "阿杰")
    chat = await claimed_chat(desk, lin)
    await desk.promise(chat.id, lin.id, "回电", START + timedelta(hours=2))
    desk.begin_watch()
    await desk.agent_gone(lin.id)
    clock.pass_time(seconds=61)

    assert (await desk.sweep()).promises_passed_on == 0
    clock.pass_time(minutes=95)
    assert (await desk.sweep()).promises_passed_on == 1


def test_the_least_busy_of_those_on_duty_in_the_group_is_next() -> None:
    busy, calm = Hand("a", {"order": 1}, 6, 8, True), Hand("b", {"order": 1}, 2, 8, True)
    away, elsewhere = Hand("c", {"order": 1}, 0, 8, False), Hand("d", {"presale": 1}, 0, 8, True)

    assert next_owner("order", [busy, calm, away, elsewhere]) == "agent:b"
    assert next_owner("order", [away, elsewhere]) == "group:order"


async def owed(desk: Desk, lin: Agent) -> Chat:
    """晓琳 has closed with something still to be done."""
    chat = await claimed_chat(desk, lin)
    await desk.say(chat.id, lin.id, "a1", text("您好"))
    await desk.close(chat.id, lin.id, "follow_up", promise=("核实后回复", TOMORROW))
    return chat


async def test_closing_with_something_to_do_leaves_a_promise_and_the_way_back(any_desk: Desk) -> None:
    lin = await agent_on_duty(any_desk)
    chat = await owed(any_desk, lin)
    assert [promise.text for promise in await any_desk.promises(lin.id)] == ["核实后回复"]

    conversation = await any_desk.follow_up(chat.id, lin.id)
    await any_desk.say(chat.id, lin.id, "a2", text("已经查清了"))

    assert (conversation.holder, conversation.closed_at) == (f"agent:{lin.id}", None)
    assert "跟进" in (await chat.of_kind("claimed"))[-1].body["sentence"]
    assert (await chat.said_by("agent"))[-1]["text"] == "已经查清了"


async def test_without_an_open_promise_nobody_goes_back_to_a_customer(desk: Desk) -> None:
    lin = await agent_on_duty(desk)
    chat = await claimed_chat(desk, lin)
    await desk.close(chat.id, lin.id, "solved")

    with pytest.raises(IllegalMove):
        await desk.follow_up(chat.id, lin.id)


async def test_a_customer_with_a_newer_conversation_is_followed_up_there(desk: Desk, clock: Clock) -> None:
    lin = await agent_on_duty(desk)
    chat = await owed(desk, lin)
    clock.pass_time(seconds=desk.workplace.rules.reopen_seconds + 1)
    await desk.welcome(member())

    with pytest.raises(IllegalMove, match="新的会话"):
        await desk.follow_up(chat.id, lin.id)


async def test_a_customer_who_would_rather_be_called_gets_a_promise_of_the_group_once(any_desk: Desk) -> None:
    lin = await agent_on_duty(any_desk)
    chat = await waiting_chat(any_desk)

    asked = [await any_desk.ask_for_call_back(chat.id, chat.customer_id, "138 1234 5678") for _ in range(2)]

    assert asked[0] == asked[1]
    assert (asked[0].kind, asked[0].owner, asked[0].due_at) == ("call_back", "group:order", START + timedelta(hours=2))
    made = (await chat.of_kind("promise_made"))[-1]
    assert made.body["staff"] == {"phone": "13812345678"} and "13812345678" not in str(await chat.seen_by_customer())
    assert [promise.text for promise in await any_desk.promises(lin.id, "group")] == [asked[0].text]


async def test_a_call_asked_for_at_night_is_promised_for_after_the_opening(desk: Desk) -> None:
    await desk.set_group("order", hours={"2": [["09:00", "18:00"]]})
    chat = await open_chat(desk)

    promise = await desk.ask_for_call_back(chat.id, chat.customer_id)

    assert "1月6日 11:00" in promise.text
    other = await open_chat(desk, member("u2"))
    for wrong in ("12345", "打给我"):
        with pytest.raises(Invalid):
            await desk.ask_for_call_back(other.id, other.customer_id, wrong)
