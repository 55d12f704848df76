"""The bot's turns: answered in order, never after the baton has passed, and never silence when the bot is ill."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from handoff.desk import Desk
from handoff.rules import Rules
from handoff.store import outbox
from handoff.triggers import Noticed
from tests.factories import Chat, agent_on_duty, guest, make_desk, member, open_chat, text, until, waiting_chat
from tests.stand_ins import Clock, ScriptedBot, ShopInMemory, answer, faq, wants_person


@asynccontextmanager
async def one_turn_in_flight(desk: Desk, bot: ScriptedBot) -> AsyncIterator[None]:
    """The bot is thinking while the block runs; afterwards its answer has been dealt with."""
    task = asyncio.create_task(desk.work_until_idle())
    await bot.began.wait()
    try:
        yield
    finally:
        bot.let_go()
        await task


async def undone(desk: Desk) -> list[outbox.Due]:
    async with desk.workplace.store.reading() as connection:
        return await outbox.undone(connection)


async def everything_is_done(desk: Desk) -> bool:
    return await undone(desk) == []


async def waits(chat: Chat) -> bool:
    return await chat.holder() == "queue"


async def bot_lines(chat: Chat) -> list[str]:
    return [body["text"] for body in await chat.said_by("bot")]


async def test_the_bots_answer_follows_the_question_with_what_it_understood(any_desk: Desk, bot: ScriptedBot) -> None:
    bot.reply = answer(faq("七天内可退"), intent="faq", slots={"order_no": "JL1"})
    chat = await open_chat(any_desk)

    await chat.asks("能退吗")

    log = await chat.log()
    assert [event.kind for event in log] == ["message", "understood", "message"]
    assert [event.author.role for event in log] == ["customer", "bot", "bot"]
    assert log[1].body["of_seq"] == 1
    assert log[2].body["entry_id"] == "e1"
    assert await undone(any_desk) == []


async def test_the_bot_gets_back_its_slots_and_the_customers_last_lines(desk: Desk, bot: ScriptedBot) -> None:
    bot.reply = answer("好的", slots={"order_no": "JL1"})
    chat = await open_chat(desk)
    for n in range(8):
        await chat.asks(f"第{n}句")

    last = bot.asked[-1]

    assert last.slots == {"order_no": "JL1"}
    assert last.recent == ("第1句", "第2句", "第3句", "第4句", "第5句", "第6句")
    assert last.customer == {"id": "u1", "level": "gold", "guest": False, "name": "陈晨"}
    assert last.text == "第7句"


async def test_what_was_tapped_reaches_the_bot_as_payload(desk: Desk, bot: ScriptedBot) -> None:
    chat = await open_chat(desk)
    await chat.asks({"type": "order", "order_no": "JL20260103001"})  # type: ignore[arg-type]
    await chat.asks({"type": "text", "text": "运费谁出", "entry_id": "e1"})  # type: ignore[arg-type]

    assert [turn.payload for turn in bot.asked] == [
        {"type": "order", "order_no": "JL20260103001"},
        {"type": "entry", "entry_id": "e1"},
    ]
    stored = (await chat.log())[0].body
    assert stored["order"]["state_text"] == "已发货"


async def test_several_messages_at_once_are_answered_in_order_one_turn_each(any_desk: Desk, bot: ScriptedBot) -> None:
    bot.reply = lambda request: answer(f"答：{request.text}")
    chat = await open_chat(any_desk)
    for words in ("甲", "乙", "丙"):
        await chat.writes(words)

    await any_desk.work_until_idle()

    assert await bot_lines(chat) == ["答：甲", "答：乙", "答：丙"]
    assert len({turn.turn_id for turn in bot.asked}) == 3
    assert not bot.overlapped


async def test_turns_of_different_conversations_run_side_by_side_within_the_limit(
    sqlite_url: str, bot: ScriptedBot, clock: Clock
) -> None:
    desk = await make_desk(sqlite_url, bot=bot, now=clock, rules=Rules(bot_concurrency=3))
    bot.hold()
    chats = [await open_chat(desk, member(f"u{n}")) for n in range(6)]
    for chat in chats:
        await chat.writes("在吗")
        await chat.writes("人呢")

    async with desk.working():
        await until(lambda: bot.most_at_once == 3)
        bot.let_go()
        await until(lambda: everything_is_done(desk))

    assert bot.most_at_once == 3
    assert not bot.overlapped
    assert [len(await bot_lines(chat)) for chat in chats] == [2] * 6
    await desk.workplace.store.close()


async def test_a_reply_that_comes_after_the_claim_is_kept_for_the_staff_and_never_shown(
    any_desk: Desk, bot: ScriptedBot
) -> None:
    agent = await agent_on_duty(any_desk)
    bot.hold()
    bot.reply = answer(faq("太晚的回答"))
    chat = await open_chat(any_desk)
    await chat.writes("怎么退款")

    async with one_turn_in_flight(any_desk, bot):
        await any_desk.take_over(chat.id, agent.id)

    suppressed = await chat.of_kind("suppressed")
    assert [event.body["messages"][0]["text"] for event in suppressed] == ["太晚的回答"]
    assert "太晚的回答" not in str(await chat.seen_by_customer())
    assert await chat.said_by("bot") == []
    assert await undone(any_desk) == []


async def test_a_reply_that_was_asked_before_the_hand_over_is_not_shown_after_it(desk: Desk, bot: ScriptedBot) -> None:
    await agent_on_duty(desk)
    bot.hold()
    chat = await open_chat(desk)
    await chat.writes("怎么退款")

    async with one_turn_in_flight(desk, bot):
        await chat.wants_person()

    assert [event.body["why"] for event in await chat.of_kind("suppressed")] == ["holder_queue"]
    assert await chat.holder() == "queue"


async def test_customer_who_stops_waiting_still_gets_the_answer_the_bot_was_thinking_about(
    desk: Desk, bot: ScriptedBot
) -> None:
    await agent_on_duty(desk)
    bot.hold()
    chat = await open_chat(desk)
    await chat.writes("怎么退款")

    async with one_turn_in_flight(desk, bot):
        await chat.wants_person()
        await desk.cancel_waiting(chat.id, chat.customer_id)

    assert len(await chat.said_by("bot")) == 1


async def test_an_old_turn_is_not_shown_when_the_person_has_given_back_meanwhile(desk: Desk, bot: ScriptedBot) -> None:
    agent = await agent_on_duty(desk)
    bot.hold()
    bot.reply = wants_person()
    chat = await open_chat(desk)
    await chat.writes("转人工")

    async with one_turn_in_flight(desk, bot):
        await desk.take_over(chat.id, agent.id)
        await desk.return_to_bot(chat.id, agent.id, "已处理")

    assert await chat.holder() == "bot"
    assert await chat.said_by("bot") == []
    assert len(await chat.of_kind("suppressed")) == 1


async def test_in_the_queue_the_bot_goes_on_answering_but_keeps_its_small_talk(desk: Desk, bot: ScriptedBot) -> None:
    await agent_on_duty(desk)
    chat = await waiting_chat(desk)
    before = len(await chat.said_by("bot"))
    assert not bot.asked[-1].waiting

    bot.reply = answer(faq("满 99 元包邮"))
    await chat.asks("包邮吗")
    assert bot.asked[-1].waiting, "so that it looks for an answer instead of asking for a person"
    bot.reply = answer("没听懂，请再说一遍")
    await chat.asks("嗯嗯")
    bot.reply = wants_person()
    await chat.asks("人呢")

    assert (await bot_lines(chat))[before:] == ["满 99 元包邮"]
    assert (await chat.kinds()).count("handed_over") == 1
    assert [event.body["why"] for event in await chat.of_kind("suppressed")] == ["in_queue"]


async def test_the_bot_says_nothing_while_a_person_holds_the_conversation(desk: Desk, bot: ScriptedBot) -> None:
    agent = await agent_on_duty(desk)
    chat = await waiting_chat(desk)
    await desk.claim(chat.id, agent.id)
    asked = len(bot.asked)

    await chat.asks("你好")

    assert len(bot.asked) == asked


@pytest.mark.parametrize("mode", ["fail", "garbage", "empty"])
async def test_a_bot_that_fails_lands_the_customer_with_a_person_and_says_so(
    any_desk: Desk, bot: ScriptedBot, mode: str
) -> None:
    await agent_on_duty(any_desk)
    bot.mode = mode
    chat = await open_chat(any_desk)

    await chat.asks("在吗")

    assert await chat.kinds() == ["message", "notice", "handed_over"]
    notice = (await chat.of_kind("notice"))[0]
    assert notice.body == {"code": "bot_away", "text": "机器人暂时无法回答，已为您转接人工客服。"}
    assert (await any_desk.row(chat.id)).reason == "bot_error"
    assert await chat.holder() == "queue"


async def test_a_hung_bot_is_given_up_in_time(sqlite_url: str) -> None:
    bot = ScriptedBot(mode="hang")
    desk = await make_desk(sqlite_url, bot=bot, rules=Rules(bot_timeout_seconds=0.2, outbox_poll_seconds=0.02))
    await agent_on_duty(desk)
    chat = await open_chat(desk)
    await chat.writes("在吗")

    async with desk.working():
        await until(lambda: waits(chat))

    assert [event.body["code"] for event in await chat.of_kind("notice")] == ["bot_away"]
    await desk.workplace.store.close()


async def test_a_message_that_stood_behind_a_hung_bot_for_all_its_time_is_not_made_to_wait_again(
    desk: Desk, bot: ScriptedBot, clock: Clock
) -> None:
    await agent_on_duty(desk)
    chat = await open_chat(desk)
    await chat.writes("在吗")
    clock.pass_time(seconds=desk.workplace.rules.bot_timeout_seconds)

    await desk.work_until_idle()

    assert bot.asked == []
    assert [event.body["code"] for event in await chat.of_kind("notice")] == ["bot_away"]


async def test_messages_behind_a_failed_turn_get_no_second_notice(desk: Desk, bot: ScriptedBot) -> None:
    await agent_on_duty(desk)
    bot.mode = "fail"
    chat = await open_chat(desk)
    await chat.writes("在吗")
    await chat.writes("人呢")

    await desk.work_until_idle()

    assert (await chat.kinds()).count("notice") == 1
    assert await undone(desk) == []


async def test_work_survives_a_desk_that_died_before_asking(database_url: str, bot: ScriptedBot, clock: Clock) -> None:
    dead = await make_desk(database_url, bot=bot, now=clock)
    chat = await open_chat(dead)
    await chat.writes("在吗")
    async with dead.workplace.store.writing() as connection:
        await outbox.take(connection, ("bot_turn",), "dead", clock(), clock(), 1, clock())
    await dead.workplace.store.close()
    clock.pass_time(seconds=30)

    alive = await make_desk(database_url, bot=bot, now=clock)
    await alive.work_until_idle()

    assert await Chat(alive, chat.id, chat.customer_id).kinds() == ["message", "understood", "message"]
    await alive.workplace.store.close()


async def test_a_leased_message_is_left_to_its_desk_until_the_lease_ends(
    database_url: str, bot: ScriptedBot, clock: Clock
) -> None:
    bot.hold()
    first = await make_desk(database_url, bot=bot, now=clock)
    second_bot = ScriptedBot()
    second = await make_desk(database_url, bot=second_bot, now=clock)
    chat = await open_chat(first, guest())
    await chat.writes("在吗")

    async with one_turn_in_flight(first, bot):
        assert await second.work_until_idle() == 0
        clock.pass_time(seconds=60)
        assert await second.work_until_idle() == 1

    assert second_bot.asked[0].turn_id == bot.asked[0].turn_id
    assert await chat.kinds() == ["message", "understood", "message"]
    await first.workplace.store.close()
    await second.workplace.store.close()


async def test_a_restarted_desk_on_sqlite_does_not_wait_for_its_own_old_lease(
    sqlite_url: str, bot: ScriptedBot, clock: Clock
) -> None:
    dead = await make_desk(sqlite_url, bot=bot, now=clock)
    chat = await open_chat(dead)
    await chat.writes("在吗")
    async with dead.workplace.store.writing() as connection:
        next_year = clock.moment.replace(year=2027)
        await outbox.take(connection, ("bot_turn",), "dead", clock(), next_year, 1, clock())
    await dead.workplace.store.close()

    alive = await make_desk(sqlite_url, bot=bot, now=clock)
    async with alive.working():
        await until(lambda: bool(bot.asked))

    await alive.workplace.store.close()


async def test_a_desk_that_goes_home_leaves_its_unfinished_turn_to_the_next_at_once(
    database_url: str, clock: Clock
) -> None:
    hung, healthy = ScriptedBot(mode="late"), ScriptedBot()
    leaving = await make_desk(database_url, bot=hung, now=clock)
    chat = await open_chat(leaving, guest())
    await chat.writes("在吗")
    async with leaving.working():
        await hung.began.wait()

    staying = await make_desk(database_url, bot=healthy, now=clock)
    await staying.work_until_idle()

    assert healthy.asked[0].turn_id == hung.asked[0].turn_id
    assert await chat.kinds() == ["message", "understood", "message"]
    await leaving.workplace.store.close()
    await staying.workplace.store.close()


async def test_a_customer_who_taps_for_a_person_after_the_end_is_queued_again(desk: Desk) -> None:
    agent = await agent_on_duty(desk)
    chat = await waiting_chat(desk)
    await desk.claim(chat.id, agent.id)
    await desk.close(chat.id, agent.id, "unsolved")

    receipt = await chat.wants_person("once more")
    tapped_twice = await chat.wants_person("and again")

    assert (await chat.kinds())[-2:] == ["reopened", "handed_over"]
    assert (tapped_twice.seq, tapped_twice.is_repeat) == (receipt.seq, True)


async def test_a_message_on_which_desk_after_desk_dies_goes_to_a_person(
    desk: Desk, bot: ScriptedBot, clock: Clock
) -> None:
    await agent_on_duty(desk)
    chat = await open_chat(desk)
    await chat.writes("在吗")
    for _ in range(3):
        async with desk.workplace.store.writing() as connection:
            await outbox.take(connection, ("bot_turn",), "dead", clock(), clock(), 1, clock())
        clock.pass_time(seconds=1)

    await desk.work_until_idle()

    assert bot.asked == []
    assert await chat.holder() == "queue"


async def test_a_recalled_question_is_not_put_to_the_bot(desk: Desk, bot: ScriptedBot) -> None:
    chat = await open_chat(desk)
    sent = await chat.writes("我的身份证号是…")
    await desk.recall(chat.id, "customer", chat.customer_id, sent.seq)

    await desk.work_until_idle()

    assert bot.asked == []
    assert await undone(desk) == []


async def test_a_new_session_begins_after_thirty_turns_after_silence_and_after_closing(
    desk: Desk, bot: ScriptedBot, clock: Clock
) -> None:
    agent = await agent_on_duty(desk)
    bot.reply = answer("好的", slots={"order_no": "JL1"})
    chat = await open_chat(desk)
    for _ in range(31):
        await chat.asks("在吗")
    clock.pass_time(minutes=31)
    await chat.asks("还在吗")
    await desk.take_over(chat.id, agent.id)
    await desk.close(chat.id, agent.id, "solved")
    await chat.asks("又来了")

    sessions = [turn.session for turn in bot.asked]

    assert sessions == [1] * 30 + [2, 3, 4]
    assert bot.asked[30].recent == ()
    assert bot.asked[31].slots == {"order_no": "JL1"}
    assert bot.asked[32].slots == {}


async def test_the_agents_note_goes_along_when_the_bot_has_the_conversation_back(desk: Desk, bot: ScriptedBot) -> None:
    agent = await agent_on_duty(desk)
    chat = await waiting_chat(desk)
    await desk.claim(chat.id, agent.id)
    await desk.return_to_bot(chat.id, agent.id, "已登记退款，三天到账")

    await chat.asks("那我等着")

    last = bot.asked[-1]
    assert (last.note, last.session, last.recent) == ("已登记退款，三天到账", 2, ())


async def test_noticed_triggers_are_kept_with_scores_and_the_gravest_names_the_hand_over(
    desk: Desk, bot: ScriptedBot
) -> None:
    await agent_on_duty(desk)
    noticed = (Noticed("negative_emotion", 0.9, "太慢了"), Noticed("sensitive_word", 1.0, "12315"))
    bot.reply = answer("很抱歉", intent="complaint", triggers=noticed)
    chat = await open_chat(desk)

    await chat.asks("再不处理我打12315了")

    staff = (await chat.of_kind("handed_over"))[0].body["staff"]
    assert (staff["reason"], staff["severity"]) == ("sensitive_word", 4)
    assert [(each["reason"], each["score"], each["seq"]) for each in staff["reasons"]] == [
        ("sensitive_word", 1.0, 1),
        ("negative_emotion", 0.9, 1),
    ]


async def test_a_weak_sign_shows_the_conversation_under_watch_and_the_next_calm_turn_removes_it(
    desk: Desk, bot: ScriptedBot
) -> None:
    agent = await agent_on_duty(desk)
    bot.reply = answer("您别急", triggers=(Noticed("negative_emotion", 0.6, "怎么还没到"),))
    chat = await open_chat(desk)
    await chat.asks("怎么还没到")
    watched = await desk.rows("watch", agent.id)
    bot.reply = answer("好的")
    await chat.asks("好吧")

    assert [(row.id, row.reason, row.emotion) for row in watched.rows] == [(chat.id, "negative_emotion", 0.6)]
    assert (await desk.rows("watch", agent.id)).rows == []


async def test_what_was_noticed_right_after_coming_back_does_not_hand_over_again(desk: Desk, bot: ScriptedBot) -> None:
    agent = await agent_on_duty(desk)
    bot.reply = answer("抱歉", triggers=(Noticed("negative_emotion", 0.95, "气死我了"),))
    chat = await open_chat(desk)
    await chat.asks("气死我了")
    await desk.claim(chat.id, agent.id)
    await desk.return_to_bot(chat.id, agent.id, "已安抚")

    await chat.asks("气死我了")
    calm = await chat.holder()
    await chat.asks("气死我了")
    await chat.asks("气死我了")

    assert calm == "bot"
    assert await chat.holder() == "queue"


async def test_a_request_for_a_person_counts_at_once_even_while_cooling_down(desk: Desk, bot: ScriptedBot) -> None:
    await agent_on_duty(desk)
    chat = await waiting_chat(desk)
    await desk.cancel_waiting(chat.id, chat.customer_id)
    bot.reply = wants_person()

    await chat.asks("还是转人工吧")

    assert await chat.holder() == "queue"


async def test_guests_are_unnamed_to_the_bot(desk: Desk, bot: ScriptedBot) -> None:
    chat = await open_chat(desk, guest("secret-cookie"))
    await chat.asks("在吗")

    assert bot.asked[0].customer["name"] is None
    assert "secret-cookie" not in str(bot.asked[0])


async def test_a_turn_that_meets_a_locked_database_is_stored_when_it_opens_again(
    desk: Desk, bot: ScriptedBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from handoff.errors import StorageUnavailable

    chat = await open_chat(desk)
    await chat.writes("在吗")
    changing, failures = desk.workplace.changing, iter([StorageUnavailable(), StorageUnavailable()])

    def sometimes(*arguments: str) -> object:
        failure = next(failures, None)
        if failure is not None:
            raise failure
        return changing(*arguments)

    monkeypatch.setattr(desk.workplace, "changing", sometimes)

    await desk.work_until_idle()

    assert await chat.kinds() == ["message", "understood", "message"]


async def test_speaking_before_claiming_is_refused_but_the_note_is_taken(desk: Desk) -> None:
    from handoff.errors import NotHolder

    agent = await agent_on_duty(desk)
    chat = await waiting_chat(desk)

    with pytest.raises(NotHolder):
        await desk.say(chat.id, agent.id, "a1", text("您好"))
    note = await desk.write_note(chat.id, agent.id, "n1", "我来看看")

    assert note.seq == len(await chat.log())


async def test_the_shop_being_away_does_not_hold_up_anything(desk: Desk, shop: ShopInMemory, bot: ScriptedBot) -> None:
    await agent_on_duty(desk)
    shop.is_away = True
    chat = await open_chat(desk)
    await chat.asks({"type": "order", "order_no": "JL20260103001"})  # type: ignore[arg-type]
    await chat.wants_person()
    await desk.work_until_idle()

    assert (await chat.log())[0].body == {"type": "text", "text": "订单号：JL20260103001", "order_no": "JL20260103001"}
    assert bot.asked[0].payload == {"type": "order", "order_no": "JL20260103001"}
    assert (await desk.card(chat.id)).orders == []
