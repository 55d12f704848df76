"""The handoff card and the profile: nothing known is asked again, and every fact says where it is from."""

from __future__ import annotations

from handoff.desk import Desk
from handoff.triggers import Noticed
from tests.factories import Chat, agent_on_duty, guest, member, open_chat, waiting_chat
from tests.stand_ins import Clock, ScriptedBot, ShopInMemory, answer, faq, wants_person


async def escalated(desk: Desk, bot: ScriptedBot) -> Chat:
    """A customer asks for his parcel, gets an answer that does not help, becomes angry and asks for a person."""
    chat = await open_chat(desk, member())
    bot.reply = answer("您好，我是机器人", intent="greet")
    await chat.asks("你好")
    bot.reply = answer(
        faq("物流一般 3 天"), intent="ask_logistics", confidence=0.97, slots={"order_no": "JL20260103001"}
    )
    await chat.asks("JL20260103001 到哪了")
    shown = (await chat.log())[-1]
    await desk.give_feedback(chat.id, chat.customer_id, shown.seq, helpful=False)
    bot.reply = answer(
        "抱歉",
        intent="ask_logistics",
        slots={"order_no": "JL20260103001", "phone_tail": "5678", "requested_slot": "x"},
        triggers=(Noticed("negative_emotion", 0.7, "都三天了"),),
    )
    await chat.asks("都三天了还没到，尾号5678")
    bot.reply = answer(
        intent="ask_person",
        slots={"order_no": "JL20260103001", "phone_tail": "5678"},
        request=Noticed("user_asked", 1.0, "转人工"),
        triggers=(Noticed("negative_emotion", 0.6, "转人工！"),),
    )
    await chat.asks("转人工！")
    return chat


async def test_the_card_says_why_what_was_understood_and_what_was_tried(desk: Desk, bot: ScriptedBot) -> None:
    await agent_on_duty(desk)
    chat = await escalated(desk, bot)

    card = await desk.card(chat.id)

    lines = {event.body["text"]: event.seq for event in await chat.of_kind("message")}
    asked, angry = lines["JL20260103001 到哪了"], lines["都三天了还没到，尾号5678"]
    assert (card.reason, card.sentence) == ("user_asked", "客户要求人工服务（“转人工”）")
    assert [each.reason for each in card.reasons] == ["user_asked", "negative_emotion"]
    assert card.problem == "查物流：都三天了还没到，尾号5678"
    assert card.intent is not None
    assert (card.intent.name, card.intent.label, card.intent.seq) == ("ask_logistics", "查物流", angry)
    assert [(fact.label, fact.value, fact.seq) for fact in card.facts] == [
        ("订单号", "JL20260103001", asked),
        ("手机尾号", "5678", angry),
    ]
    assert [(tried.entry_id, tried.text, tried.probability, tried.reaction) for tried in card.tried] == [
        ("e1", "物流一般 3 天", 0.93, "unhelpful")
    ]
    assert [(point.seq, point.value) for point in card.emotion][1:] == [
        (asked, 0.0),
        (angry, 0.7),
        (lines["转人工！"], 0.6),
    ]
    assert [(known.label, known.value) for known in card.do_not_ask] == [
        ("来意", "查物流"),
        ("订单号", "JL20260103001"),
        ("手机尾号", "5678"),
    ]
    assert card.updated_seq == len(await chat.log())


async def test_the_card_holds_the_orders_as_the_shop_had_them_at_the_hand_over(
    desk: Desk, bot: ScriptedBot, clock: Clock
) -> None:
    await agent_on_duty(desk)
    chat = await escalated(desk, bot)

    card = await desk.card(chat.id)

    assert [each.order["order_no"] for each in card.orders] == ["JL20260103001"]
    assert card.orders[0].logistics is not None
    assert card.orders[0].logistics["traces"][0]["text"] == "快件已到达杭州转运中心"
    assert card.orders[0].taken_at == clock.moment


async def test_the_card_grows_while_the_conversation_goes_on(desk: Desk, bot: ScriptedBot) -> None:
    await agent_on_duty(desk)
    chat = await escalated(desk, bot)
    before = await desk.card(chat.id)
    bot.reply = answer(
        faq("可以改地址"),
        intent="change_address",
        slots={"order_no": "JL2", "new_address": {"name": "陈晨", "phone": "13812345678", "text": "杭州"}},
    )
    await chat.asks("那改地址到杭州吧")

    after = await desk.card(chat.id)

    assert after.updated_seq > before.updated_seq
    assert {fact.name: fact.value for fact in after.facts} == {"order_no": "JL2", "new_address": "杭州"}
    assert len(after.tried) == 2


async def test_the_same_log_gives_the_same_card(desk: Desk, bot: ScriptedBot) -> None:
    await agent_on_duty(desk)
    chat = await escalated(desk, bot)

    assert await desk.card(chat.id) == await desk.card(chat.id)


async def test_before_a_hand_over_the_card_already_holds_what_is_known(desk: Desk, bot: ScriptedBot) -> None:
    bot.reply = answer(faq(), slots={"order_no": "JL1"})
    chat = await open_chat(desk)
    await chat.asks("运费谁出")

    card = await desk.card(chat.id)

    assert (card.handoff_id, card.reason, card.sentence) == (None, None, "")
    assert card.problem == "运费谁出"
    assert [fact.value for fact in card.facts] == ["JL1"]


async def test_a_tap_without_a_word_says_so(desk: Desk) -> None:
    await agent_on_duty(desk)
    chat = await open_chat(desk)
    await chat.wants_person()

    assert (await desk.card(chat.id)).problem == "客户还没有说明问题"


async def test_courtesies_are_no_problem_and_no_news_of_one(desk: Desk, bot: ScriptedBot) -> None:
    agent = await agent_on_duty(desk)
    chat = await escalated(desk, bot)
    await desk.claim(chat.id, agent.id)
    for courtesy in ("好的，谢谢您～", "嗯嗯", "🙏"):
        await chat.writes(courtesy)

    thanked = (await desk.card(chat.id)).problem
    await chat.writes("好的，那换个新的给我")
    asked = (await desk.card(chat.id)).problem

    assert thanked == "查物流：都三天了还没到，尾号5678"
    assert asked == "查物流：都三天了还没到，尾号5678；最近说：好的，那换个新的给我"


async def test_a_question_asked_while_waiting_does_not_push_the_errand_aside(desk: Desk, bot: ScriptedBot) -> None:
    await agent_on_duty(desk)
    chat = await escalated(desk, bot)
    bot.reply = answer(faq("默认中通"), intent="faq", confidence=0.9)
    await chat.asks("你们发什么快递")

    card = await desk.card(chat.id)

    assert card.intent is not None and card.intent.name == "ask_logistics"
    assert card.problem == "查物流：都三天了还没到，尾号5678；最近说：你们发什么快递"
    assert "来意" in [known.label for known in card.do_not_ask]


async def test_what_was_settled_before_the_last_closing_is_not_on_the_card(desk: Desk, bot: ScriptedBot) -> None:
    agent = await agent_on_duty(desk)
    chat = await escalated(desk, bot)
    await desk.claim(chat.id, agent.id)
    await desk.close(chat.id, agent.id, "solved", "物流")
    bot.reply = wants_person()
    await chat.asks("转人工，另一个问题")

    card = await desk.card(chat.id)

    assert (card.facts, card.tried, card.problem) == ([], [], "转人工，另一个问题")


async def test_a_second_hand_over_works_like_the_first_and_prefers_the_last_agent(desk: Desk, bot: ScriptedBot) -> None:
    agent = await agent_on_duty(desk)
    chat = await escalated(desk, bot)
    await desk.claim(chat.id, agent.id)
    await desk.return_to_bot(chat.id, agent.id, "已处理")
    first = (await desk.card(chat.id)).handoff_id
    await chat.wants_person("p2")

    async with desk.workplace.store.reading() as connection:
        from handoff.store import line

        place = await line.place_of(connection, chat.id)

    assert first is None
    assert place is not None
    assert place.preferred_agent_id == agent.id


async def test_the_verdict_is_kept_against_the_decision(desk: Desk, bot: ScriptedBot) -> None:
    agent = await agent_on_duty(desk)
    chat = await escalated(desk, bot)
    handoff_id = (await desk.card(chat.id)).handoff_id
    assert handoff_id is not None

    await desk.give_verdict(chat.id, agent.id, handoff_id, person_was_needed=False)

    from handoff.store import line

    async with desk.workplace.store.reading() as connection:
        stored = await line.handoff(connection, handoff_id)
    assert stored is not None
    assert (stored.person_was_needed, stored.verdict_by) == (False, agent.id)
    assert stored.inputs["request"]["evidence"] == "转人工"


async def test_the_profile_has_the_shops_figures_a_masked_number_and_past_conversations(
    desk: Desk, bot: ScriptedBot
) -> None:
    agent = await agent_on_duty(desk)
    chat = await escalated(desk, bot)
    await desk.claim(chat.id, agent.id)
    await desk.close(chat.id, agent.id, "solved")
    await desk.rate(chat.id, chat.customer_id, True, 4)

    profile = await desk.profile(chat.customer_id)

    assert (profile.name, profile.level, profile.phone_masked) == ("陈晨", "gold", "138****5678")
    assert (profile.tags, profile.orders_count, profile.spent) == (["老客户"], 12, 3456.5)
    past = profile.conversations[0]
    assert (past.id, past.reason, past.outcome, past.stars) == (chat.id, "user_asked", "solved", 4)
    assert "13812345678" not in profile.model_dump_json()


async def test_without_the_shop_the_profile_shows_what_was_known_last(desk: Desk, shop: ShopInMemory) -> None:
    chat = await open_chat(desk)
    await desk.work_until_idle()
    shop.is_away = True

    profile = await desk.profile(chat.customer_id)

    assert (profile.phone_masked, profile.orders_count) == ("138****5678", 12)


async def test_a_guest_has_a_profile_without_a_shop_account(desk: Desk) -> None:
    chat = await waiting_chat(desk, guest())

    profile = await desk.profile(chat.customer_id)

    assert (profile.name, profile.guest, profile.orders_count, profile.phone_masked) == ("访客", True, None, None)
