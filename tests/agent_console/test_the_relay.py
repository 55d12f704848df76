"""The main job over HTTP and sockets: ask, be answered, be handed over, be served by a person, rate."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.agent_console.conftest import RunningDesk
from tests.agent_console.people import Customer, eventually, shop_token
from tests.stand_ins import answer, faq, wants_person


async def handed_over(desk: RunningDesk, words: str = "七天无理由退货运费谁出") -> Customer:
    customer = await desk.customer(token=shop_token())
    await customer.say(words)
    await customer.ask_for_person()
    return customer


async def test_a_guest_is_greeted_with_hot_questions_of_the_page_he_came_from(desk: RunningDesk) -> None:
    customer = await desk.customer(page={"url": "https://shop.example/p/1", "product_id": "p1"})

    assert customer.session["customer"]["guest"] is True
    assert "机器人" in customer.session["greeting"]
    assert customer.session["hot_questions"] == [{"entry_id": "e1", "question": "hot?"}]
    assert customer.session["conversation"]["holder"] == "bot"
    assert customer.session["app"] == {"name": "云杉生活", "color": "#C2410C", "logo": None}


async def test_a_shopper_gets_the_bots_answer_over_his_socket_and_judges_it(desk: RunningDesk) -> None:
    customer = await desk.customer(token=shop_token())
    socket = await customer.socket()

    sent_as = await socket.say(customer.conversation_id, "七天无理由退货运费谁出")
    ack = await socket.frame("ack", id=sent_as)
    reply = await socket.event("message", faq()["text"])

    assert ack["d"]["seq"] < reply["seq"]
    assert reply["author"]["role"] == "bot"
    given = await customer.http.post(f"{customer.address}/feedback", json={"seq": reply["seq"], "helpful": False})
    assert given.status_code == 201
    while not desk.knowledge.calls("/api/v1/feedback"):
        await desk.knowledge.heard.wait()
        desk.knowledge.heard.clear()
    told = desk.knowledge.calls("/api/v1/feedback")[0][3]
    assert told == {
        "entry_id": "e1",
        "kind": "unhelpful",
        "conversation_id": customer.conversation_id,
        "seq": reply["seq"],
    }


async def test_the_agent_sees_the_conversation_arrive_and_opens_it_with_card_and_whole_log(desk: RunningDesk) -> None:
    agent = await desk.colleague("agent")
    console = await agent.socket()
    await console.send("lists")
    await console.frame("counts")

    customer = await handed_over(desk)
    row = await console.until(
        lambda socket: next(
            (frame["d"] for frame in socket.frames if frame["t"] == "row" and frame["d"]["holder"] == "queue"), None
        ),
        seconds=1.0,
    )
    opened = await agent.look(customer.conversation_id)

    assert row["id"] == customer.conversation_id
    assert row["reason"] == "user_asked"
    assert row["customer"]["name"] == "王小明"
    assert opened["card"]["reason"] == "user_asked"
    assert opened["customer"]["phone_masked"] == "138****5678"
    assert [event["seq"] for event in opened["events"]] == list(range(1, opened["conversation"]["head_seq"] + 1))
    assert opened["first_seq"] == 1


async def test_the_customer_meets_a_named_person_then_rates_the_closed_conversation(desk: RunningDesk) -> None:
    agent = await desk.colleague("agent", name="晓琳")
    customer = await handed_over(desk)
    socket = await customer.socket()

    claimed = await agent.act(customer.conversation_id, "claim")
    said = await agent.say(customer.conversation_id, "您好，运费由我们承担")
    reply = await socket.event("message", "您好，运费由我们承担")
    holder = await socket.until(
        lambda it: [f for f in it.frames if f["t"] == "conversation" and f["d"]["holder"].startswith("agent:")]
    )
    early = await customer.http.post(f"{customer.address}/rating", json={"solved": True})
    closed = await agent.act(customer.conversation_id, "close", outcome="solved", category="退货")
    await socket.event("closed")
    rated = await customer.http.post(f"{customer.address}/rating", json={"solved": True, "stars": 5})
    again = await customer.http.post(f"{customer.address}/rating", json={"solved": True, "stars": 1})

    assert claimed.status_code == 200
    assert said.status_code == 201
    assert reply["author"] == {"role": "agent", "id": agent.id, "name": "晓琳"}
    assert holder[0]["d"]["agent"] == {"id": agent.id, "name": "晓琳"}
    assert (early.status_code, early.json()["code"]) == (409, "not_closed")
    assert closed.status_code == 200
    assert rated.status_code == 201
    assert (again.status_code, again.json()["code"]) == (409, "already_rated")


async def test_the_waiting_customer_is_told_his_place_and_may_cancel(desk: RunningDesk) -> None:
    await desk.colleague("agent")
    customer = await handed_over(desk)
    socket = await customer.socket()

    told = await socket.frame("waiting", c=customer.conversation_id)
    asked = await customer.http.get(f"{customer.address}/waiting")
    cancelled = await customer.http.delete(f"{customer.address}/handoff")
    afterwards = await customer.http.get(f"{customer.address}/waiting")

    assert told["d"]["position"] == 1
    assert asked.json()["position"] == 1
    assert cancelled.json()["holder"] == "bot"
    assert (afterwards.status_code, afterwards.json()["code"]) == (404, "not_waiting")


async def test_who_waits_hears_when_the_queue_before_him_moves(desk: RunningDesk) -> None:
    agent = await desk.colleague("agent")
    first, second = await handed_over(desk), await desk.customer()
    await second.ask_for_person()
    socket = await second.socket()
    before = await socket.frame("waiting", c=second.conversation_id)

    await agent.act(first.conversation_id, "claim")

    moved = await socket.until(
        lambda it: [f["d"] for f in it.frames if f["t"] == "waiting" and f["d"]["position"] == 1]
    )
    assert before["d"]["position"] == 2
    assert moved


async def test_a_reloaded_page_hears_the_place_although_no_queue_moved(desk: RunningDesk) -> None:
    await desk.colleague("agent")
    customer = await handed_over(desk)
    first = await customer.socket()
    await first.frame("waiting")
    await first.hang_up()
    await eventually(lambda: desk.parts.hub.watched == 0)

    second = await customer.socket()

    assert (await second.frame("waiting", seconds=2))["d"]["position"] == 1


async def test_the_numbers_on_the_tabs_follow(desk: RunningDesk) -> None:
    agent = await desk.colleague("agent")
    console = await agent.socket()
    await console.send("lists")
    before = await console.frame("counts")

    customer = await handed_over(desk)
    await console.until(lambda it: [f for f in it.frames if f["t"] == "counts" and f["d"]["waiting"] == 1])
    await agent.act(customer.conversation_id, "claim")

    await console.until(lambda it: [f for f in it.frames if f["t"] == "counts" and f["d"]["mine"] == 1])
    assert before["d"] == {"mine": 0, "waiting": 0, "bot": 0, "watch": 0}


async def test_nothing_of_a_slow_bot_appears_after_a_person_took_over(desk: RunningDesk) -> None:
    agent = await desk.colleague("agent")
    customer = await desk.customer(token=shop_token())
    socket = await customer.socket()
    desk.bot.hold("late")
    await customer.say("我的快递到哪了")
    await desk.bot.began.wait()

    await agent.act(customer.conversation_id, "take-over")
    desk.bot.let_go()
    console = await agent.watch(await agent.socket(), customer.conversation_id)
    suppressed = await console.event("suppressed")
    await agent.say(customer.conversation_id, "我来帮您看")
    await socket.event("message", "我来帮您看")

    assert suppressed["audience"] == "staff"
    assert not [event for event in socket.events() if event.get("author", {}).get("role") == "bot"]
    hidden = [event for event in socket.events() if event["kind"] == "hidden"]
    assert suppressed["seq"] in [event["seq"] for event in hidden]
    assert set(hidden[0]) == {"conversation_id", "seq", "kind"}


async def test_words_bring_a_person_and_the_staff_part_of_a_body_stays_with_staff(desk: RunningDesk) -> None:
    desk.bot.reply = wants_person()
    agent = await desk.colleague("agent")
    customer = await desk.customer()
    socket = await customer.socket()

    await customer.say("转人工")
    seen = await socket.event("handed_over")
    opened = await agent.look(customer.conversation_id)

    assert "staff" not in seen["body"]
    staff_view = next(event for event in opened["events"] if event["kind"] == "handed_over")
    assert staff_view["body"]["staff"]["reason"] == "user_asked"


async def test_two_agents_claim_and_one_is_told_who_has_it(desk: RunningDesk) -> None:
    customer = await handed_over(desk)
    agents = [await desk.colleague("agent", name=f"客服{number}") for number in range(4)]

    answers = await asyncio.gather(*(agent.act(customer.conversation_id, "claim") for agent in agents))

    winners = [agent for agent, answer in zip(agents, answers, strict=True) if answer.status_code == 200]
    losers = [answer.json() for answer in answers if answer.status_code != 200]
    assert len(winners) == 1
    assert {loser["code"] for loser in losers} == {"already_claimed"}
    assert {loser["holder"] for loser in losers} == {f"agent:{winners[0].id}"}
    assert all(winners[0].me["name"] in loser["detail"] for loser in losers)


async def test_what_the_agent_does_beside_talking(desk: RunningDesk) -> None:
    agent, other = await desk.colleague("agent"), await desk.colleague("agent", name="阿杰")
    customer = await handed_over(desk)
    socket = await customer.socket()
    place = customer.conversation_id
    await agent.act(place, "claim")

    note = await agent.act(place, "notes", client_msg_id="n1", text="老客户，客气一点")
    said = (await agent.say(place, "打错字了")).json()
    recalled = await agent.act(place, "recall", seq=said["seq"])
    draft = await agent.http.put(f"/api/v1/console/conversations/{place}/draft", json={"text": "稍等"})
    card = (await agent.look(place))["card"]
    verdict = await agent.act(place, "verdict", handoff_id=card["handoff_id"], person_was_needed=True)
    not_holding = await other.say(place, "我插一句")
    moved = await agent.act(place, "transfer", agent_id=other.id, note="请接手")
    back = await other.act(place, "return-to-bot", note="已解决")
    await socket.event("returned_to_bot")

    assert [note.status_code, recalled.status_code, draft.status_code, verdict.status_code] == [201, 200, 204, 200]
    assert (not_holding.status_code, not_holding.json()["code"]) == (409, "not_holder")
    assert moved.json()["holder"] == f"agent:{other.id}"
    assert back.json()["holder"] == "bot"
    seen: list[dict[str, Any]] = await customer.log()
    assert "老客户" not in str(seen)
    assert "打错字了" not in str(seen)


async def test_suggested_answers_fit_the_latest_question(desk: RunningDesk) -> None:
    agent = await desk.colleague("agent")
    customer = await desk.customer(token=shop_token())
    await customer.say("你好")
    await customer.say("运费谁出")
    await customer.say("转人工")

    found = await agent.http.get(f"/api/v1/console/conversations/{customer.conversation_id}/suggestions")

    asked = desk.knowledge.calls("/api/v1/search")[-1][3]
    assert asked["text"] == "运费谁出"
    assert "context" not in asked
    assert found.json()["suggestions"][0]["probability"] == 0.93
    assert set(found.json()["suggestions"][0]) == {"entry_id", "question", "answer", "html", "probability", "matched"}


async def test_orders_and_logistics_come_from_the_shop_and_a_guest_has_none(desk: RunningDesk) -> None:
    agent = await desk.colleague("agent")
    shopper, guest = await desk.customer(token=shop_token()), await desk.customer()

    orders = await agent.http.get(f"/api/v1/console/customers/{shopper.id}/orders")
    traces = await agent.http.get(f"/api/v1/console/customers/{shopper.id}/orders/JL20260103001/logistics")
    nobodys = await agent.http.get(f"/api/v1/console/customers/{shopper.id}/orders/JL999/logistics")
    none = await agent.http.get(f"/api/v1/console/customers/{guest.id}/orders")
    desk.shop.is_away = True
    away = await agent.http.get(f"/api/v1/console/customers/{shopper.id}/orders")

    assert [order["order_no"] for order in orders.json()["orders"]] == ["JL20260103001", "JL20260101002"]
    assert traces.json()["carrier"] == "顺丰"
    assert nobodys.status_code == 404
    assert none.json() == {"orders": []}
    assert (away.status_code, away.json()["code"]) == (503, "shop_away")


async def test_the_same_message_sent_again_is_the_same_message(desk: RunningDesk) -> None:
    customer = await desk.customer()

    answers = await asyncio.gather(*(customer.say("在吗", "m1") for _ in range(5)))
    conflict = await customer.say("别的内容", "m1")

    assert len({answer["message_id"] for answer in answers}) == 1
    assert conflict["message_id"] == answers[0]["message_id"]
    assert conflict["conflict"] is True
    mine = [event for event in await customer.log() if event.get("client_msg_id") == "m1"]
    assert len(mine) == 1


async def test_typing_shows_a_customers_words_to_staff_only(desk: RunningDesk) -> None:
    agent, other = await desk.colleague("agent"), await desk.colleague("agent", name="阿杰")
    customer = await handed_over(desk)
    place = customer.conversation_id
    await agent.act(place, "claim")
    customer_socket = await customer.socket()
    console = await agent.watch(await agent.socket(), place)
    beside = await other.watch(await other.socket(), place)

    await customer_socket.send("typing", {"text": "我想问"}, c=place)
    words = await console.frame("typing", c=place)
    await console.send("typing", {"text": "您好，我"}, c=place)
    seen = await customer_socket.frame("typing", c=place)
    hint = await beside.until(lambda it: [f for f in it.frames if f["t"] == "typing" and "text" not in f["d"]])

    assert words["d"] == {"author": {"role": "customer", "id": customer.id, "name": ""}, "text": "我想问"}
    assert seen["d"] == {"author": {"role": "agent", "id": agent.id, "name": "晓琳"}}
    assert hint[0]["d"]["author"]["id"] == agent.id


async def test_each_side_learns_how_far_the_other_has_read(desk: RunningDesk) -> None:
    agent = await desk.colleague("agent")
    customer = await handed_over(desk)
    place = customer.conversation_id
    await agent.act(place, "claim")
    customer_socket = await customer.socket()
    console = await agent.watch(await agent.socket(), place)
    head = (await console.frame("caught_up"))["d"]["head_seq"]

    await customer_socket.send("read", {"seq": head}, c=place)
    by_customer = await console.frame("read", c=place)
    await console.send("read", {"seq": head}, c=place)
    by_agent = await customer_socket.until(
        lambda it: [f for f in it.frames if f["t"] == "read" and f["d"]["role"] == "agent"]
    )

    assert by_customer["d"] == {"role": "customer", "seq": head}
    assert by_agent[0]["d"]["seq"] == head


async def test_a_slow_turn_does_not_keep_the_customer_from_writing(desk: RunningDesk) -> None:
    customer = await desk.customer()
    desk.bot.hold("slow")
    await customer.say("第一句")
    await desk.bot.began.wait()

    await customer.say("第二句")
    desk.bot.reply = answer("好的")
    desk.bot.let_go()

    socket = await customer.socket()
    await socket.until(lambda it: len([e for e in it.events() if e.get("author", {}).get("role") == "bot"]) >= 1)
    assert [e["body"]["text"] for e in socket.events() if e.get("author", {}).get("role") == "customer"] == [
        "第一句",
        "第二句",
    ]


async def test_a_supervisor_plans_a_group_and_a_customer_outside_hours_is_told_the_next_opening(
    desk: RunningDesk,
) -> None:
    supervisor, customer = await desk.colleague("supervisor"), await desk.customer(token=shop_token())
    planned = await supervisor.http.put("/api/v1/console/groups/order", json={"hours": {}, "holidays": {}})
    assert planned.status_code == 200, planned.text
    assert planned.json()["name"] == "订单物流"

    await customer.ask_for_person()

    assert "promise_made" in [event["kind"] for event in await customer.log()]
    wrong = await supervisor.http.put("/api/v1/console/groups/order", json={"hours": {"1": [["18:00", "09:00"]]}})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid")


async def test_an_agent_is_warned_of_asking_again_and_sees_a_whole_number_only_with_a_reason(desk: RunningDesk) -> None:
    agent, customer = await desk.colleague("agent"), await desk.customer(token=shop_token())
    await customer.say("电话13812345678，订单还没到")
    await agent.act(customer.conversation_id, "take-over")

    warned = await agent.act(customer.conversation_id, "asked-again", text="您的手机号是多少？")
    refused = await agent.act(customer.conversation_id, "phone", reason="看")
    shown = await agent.act(customer.conversation_id, "phone", reason="快递联系不上客户")

    assert [hit["value"] for hit in warned.json()["hits"]] == ["13812345678"]
    assert refused.status_code == 403
    assert shown.json() == {"phone": "13812345678"}


async def test_an_invited_colleague_is_told_at_once_and_nobody_else(desk: RunningDesk) -> None:
    holder, invited, third = [await desk.colleague("agent", name=name) for name in ("晓琳", "阿杰", "若曦")]
    customer = await handed_over(desk)
    await holder.act(customer.conversation_id, "claim")
    hears, does_not = await invited.socket(), await third.socket()

    asked = await holder.act(customer.conversation_id, "invite", agent_id=invited.id, note="保修期怎么算")

    assert asked.status_code == 200, asked.text
    told = (await hears.frame("invited"))["d"]
    assert (told["conversation_id"], told["by"], told["note"]) == (customer.conversation_id, "晓琳", "保修期怎么算")
    await does_not.send("ping", id="after")
    await does_not.frame("pong", id="after")
    assert "invited" not in [frame["t"] for frame in does_not.frames]


async def test_an_agent_who_reloads_still_sees_what_the_customer_has_read(desk: RunningDesk) -> None:
    agent = await desk.colleague("agent")
    customer = await handed_over(desk)
    await agent.act(customer.conversation_id, "claim")
    said = (await agent.say(customer.conversation_id, "您好")).json()["seq"]

    before = (await agent.look(customer.conversation_id))["read"]["customer"]
    await customer.http.post(f"{customer.address}/read", json={"seq": said})
    after = (await agent.look(customer.conversation_id))["read"]["customer"]

    assert before < said == after


async def test_a_colleague_sees_no_door_and_no_full_name_of_somebody_elses_customer(desk: RunningDesk) -> None:
    address = {"name": "陈晨", "phone_masked": "138****5678", "text": "浙江省杭州市西湖区文一路1号2单元"}
    desk.shop.orders_of["u1"][0]["address"] = address
    customer, holder = await desk.customer(token=shop_token()), await desk.colleague("agent")
    await customer.ask_for_person()
    await holder.act(customer.conversation_id, "claim")
    people = (holder, await desk.colleague("supervisor"), await desk.colleague("agent"))

    seen = [
        (await person.http.get(f"/api/v1/console/customers/{customer.id}/orders")).json()["orders"][0]["address"]
        for person in people
    ]

    assert seen[:2] == [address, address]
    assert (seen[2]["text"], seen[2]["name"]) == ("浙江省杭州市***", "陈**")
