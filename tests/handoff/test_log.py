"""One log per conversation: numbers without a hole, the same id for ever the same message, staff matters unseen."""

from __future__ import annotations

import asyncio

import pytest

from handoff.desk import Desk
from handoff.errors import Forbidden, IllegalMove, NotFound
from tests.factories import agent_on_duty, claimed_chat, guest, member, open_chat, text, waiting_chat
from tests.stand_ins import Clock, ScriptedBot, answer, faq


async def test_fifty_messages_at_once_are_numbered_without_a_hole(any_desk: Desk) -> None:
    chat = await open_chat(any_desk)

    receipts = await asyncio.gather(*(chat.writes(f"第 {n} 条", f"m{n}") for n in range(50)))

    log = await chat.log()
    assert [event.seq for event in log] == list(range(1, 51))
    assert {receipt.seq for receipt in receipts} == set(range(1, 51))
    assert (await any_desk.conversation(chat.id)).head_seq == 50


async def test_a_retried_message_is_stored_once_however_often_it_is_sent(any_desk: Desk) -> None:
    chat = await open_chat(any_desk)

    receipts = await asyncio.gather(*(chat.writes("在吗", "same") for _ in range(10)))

    assert len({receipt.message_id for receipt in receipts}) == 1
    assert {receipt.seq for receipt in receipts} == {1}
    assert sum(not receipt.is_repeat for receipt in receipts) == 1
    assert not any(receipt.conflict for receipt in receipts)
    assert len(await chat.log()) == 1


async def test_another_message_under_the_same_id_returns_the_first_as_a_conflict(any_desk: Desk) -> None:
    chat = await open_chat(any_desk)
    first = await chat.writes("我要退货", "id1")

    second = await chat.writes("我要换货", "id1")

    assert second.conflict
    assert (second.message_id, second.seq) == (first.message_id, first.seq)
    assert [event.body["text"] for event in await chat.log()] == ["我要退货"]


async def test_an_agents_retry_is_answered_even_after_the_baton_has_passed_on(any_desk: Desk) -> None:
    agent = await agent_on_duty(any_desk)
    chat = await claimed_chat(any_desk, agent)
    first = await any_desk.say(chat.id, agent.id, "a1", text("稍等，我查一下"))
    await any_desk.close(chat.id, agent.id, "solved")

    again = await any_desk.say(chat.id, agent.id, "a1", text("稍等，我查一下"))

    assert (again.seq, again.is_repeat, again.conflict) == (first.seq, True, False)


async def test_an_agent_cannot_take_a_customers_message_id(desk: Desk) -> None:
    agent = await agent_on_duty(desk)
    chat = await claimed_chat(desk, agent)
    await chat.writes("好的", "shared")

    receipt = await desk.say(chat.id, agent.id, "shared", text("好的"))

    assert receipt.conflict


async def test_a_customer_sees_stubs_in_place_of_staff_events_and_no_staff_member(desk: Desk) -> None:
    agent = await agent_on_duty(desk)
    chat = await claimed_chat(desk, agent)
    await desk.write_note(chat.id, agent.id, "n1", "这位客户上周投诉过")

    seen = await chat.seen_by_customer()

    log = await chat.log()
    assert [event.seq for event in seen] == [event.seq for event in log]
    staff_only = {event.seq for event in log if event.kind in ("understood", "note", "suppressed")}
    assert {event.seq for event in seen if event.kind == "hidden"} == staff_only
    wire = [event.model_dump(mode="json") for event in seen]
    assert "staff" not in str([event.get("body") for event in wire])
    hidden = next(event for event in wire if event["kind"] == "hidden")
    assert set(hidden) == {"conversation_id", "seq", "kind"}


async def test_pages_go_forward_and_backward_without_gap_or_repeat(desk: Desk) -> None:
    chat = await open_chat(desk)
    for n in range(25):
        await chat.writes(str(n))

    first = await desk.events(chat.id, after=0, limit=10)
    second = await desk.events(chat.id, after=10, limit=10)
    third = await desk.events(chat.id, after=20, limit=10)
    last = await desk.events(chat.id, limit=10)
    earlier = await desk.events(chat.id, before=16, limit=10)

    assert [event.seq for page in (first, second, third) for event in page.events] == list(range(1, 26))
    assert [page.more for page in (first, second, third)] == [True, True, False]
    assert [event.seq for event in last.events] == list(range(16, 26))
    assert last.more
    assert [event.seq for event in earlier.events] == list(range(6, 16))
    assert not (await desk.events(chat.id, before=6, limit=10)).more


async def test_an_event_on_the_wire_is_as_the_interface_page_says(desk: Desk, clock: Clock) -> None:
    chat = await open_chat(desk)
    await chat.writes("在吗", "c-1")

    event = (await desk.events(chat.id, after=0)).model_dump(mode="json")["events"][0]

    assert event.pop("id")
    assert event == {
        "conversation_id": chat.id,
        "seq": 1,
        "kind": "message",
        "at": "2026-01-05T08:00:00.000Z",
        "author": {"role": "customer", "id": chat.customer_id, "name": "陈晨"},
        "client_msg_id": "c-1",
        "audience": "all",
        "body": {"type": "text", "text": "在吗"},
    }


async def test_a_recalled_message_is_withdrawn_from_every_reader(desk: Desk) -> None:
    agent = await agent_on_duty(desk)
    chat = await claimed_chat(desk, agent)
    said = await desk.say(chat.id, agent.id, "a1", text("发错人了"))

    await desk.recall(chat.id, "agent", agent.id, said.seq)
    again = await desk.recall(chat.id, "agent", agent.id, said.seq)

    assert "发错人了" not in str(await chat.log())
    assert "发错人了" not in str(await chat.seen_by_customer())
    assert [event.seq for event in await chat.of_kind("recalled")] == [again.seq]
    assert (await desk.row(chat.id)).last_text == "[消息已撤回]"


async def test_only_ones_own_message_can_be_recalled_and_only_for_two_minutes(desk: Desk, clock: Clock) -> None:
    agent = await agent_on_duty(desk)
    chat = await claimed_chat(desk, agent)
    said = await desk.say(chat.id, agent.id, "a1", text("您好"))

    with pytest.raises(Forbidden):
        await desk.recall(chat.id, "customer", chat.customer_id, said.seq)
    with pytest.raises(NotFound):
        await desk.recall(chat.id, "agent", agent.id, 999)
    clock.pass_time(seconds=121)
    with pytest.raises(IllegalMove):
        await desk.recall(chat.id, "agent", agent.id, said.seq)


async def test_feedback_about_an_answer_is_kept_once(desk: Desk, bot: ScriptedBot) -> None:
    bot.reply = answer(faq(entry_id="e7"))
    chat = await open_chat(desk)
    await chat.asks("运费谁出")
    shown = next(event for event in await chat.of_kind("message") if event.author.role == "bot")

    await desk.give_feedback(chat.id, chat.customer_id, shown.seq, helpful=False)
    await desk.give_feedback(chat.id, chat.customer_id, shown.seq, helpful=False)

    given = await chat.of_kind("feedback")
    assert [event.body for event in given] == [{"seq": shown.seq, "entry_id": "e7", "helpful": False}]
    with pytest.raises(NotFound):
        await desk.give_feedback(chat.id, chat.customer_id, 1, helpful=True)


async def test_what_was_read_never_goes_back_and_empties_the_unread_count(desk: Desk) -> None:
    agent = await agent_on_duty(desk)
    chat = await claimed_chat(desk, agent)
    await chat.writes("在吗")
    await chat.writes("在不在")
    before = await desk.row(chat.id)

    await desk.mark_read(chat.id, "agent", agent.id, before.head_seq - 1)
    half = await desk.row(chat.id)
    await desk.mark_read(chat.id, "agent", agent.id, before.head_seq)
    await desk.mark_read(chat.id, "agent", agent.id, 1)

    assert (before.unread, half.unread, (await desk.row(chat.id)).unread) == (3, 1, 0)


async def test_a_colleague_who_only_looks_does_not_empty_the_unread_count(desk: Desk) -> None:
    mine, other = await agent_on_duty(desk), await agent_on_duty(desk, "建国")
    chat = await claimed_chat(desk, mine)

    await desk.mark_read(chat.id, "agent", other.id, 99)

    assert (await desk.row(chat.id)).unread == 1


async def test_a_conversation_is_found_again_after_a_reload_and_replaced_after_a_day(desk: Desk, clock: Clock) -> None:
    agent = await agent_on_duty(desk)
    chat = await claimed_chat(desk, agent, member())
    reloaded = await desk.welcome(member())
    await desk.close(chat.id, agent.id, "solved")
    clock.pass_time(hours=23)
    same_day = await desk.welcome(member())
    clock.pass_time(hours=2)
    next_day = await desk.welcome(member())

    assert (reloaded.conversation.id, reloaded.is_new) == (chat.id, False)
    assert same_day.conversation.id == chat.id
    assert (next_day.conversation.id == chat.id, next_day.is_new) == (False, True)
    assert [entry.id for entry in await desk.history(chat.customer_id)] == [chat.id]


async def test_two_pages_opened_at_once_share_one_conversation(any_desk: Desk) -> None:
    welcomes = await asyncio.gather(*(any_desk.welcome(member("u9")) for _ in range(8)))

    assert len({welcome.conversation.id for welcome in welcomes}) == 1
    assert len({welcome.customer.id for welcome in welcomes}) == 1


async def test_a_guest_who_signs_in_keeps_his_conversation_and_his_cookie_opens_it_no_more(desk: Desk) -> None:
    chat = await waiting_chat(desk, guest("cookie-1"))

    merged = await desk.merge_guest(chat.customer_id, member("u1"))

    assert (await desk.customer_conversation(chat.id, merged.id)).customer_id == merged.id
    with pytest.raises(NotFound):
        await desk.customer_conversation(chat.id, chat.customer_id)
    fresh = await desk.welcome(guest("cookie-1"))
    assert fresh.conversation.id != chat.id
    assert (await desk.welcome(member("u1"))).conversation.id == chat.id
