"""An agent's working day over HTTP: the next customer, a ready answer, a warning, a promise, a decline."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.agent_console.conftest import RunningDesk
from tests.agent_console.people import Colleague, Customer, shop_token

C = "/api/v1/console"


async def waiting(desk: RunningDesk, subject: str = "u1") -> Customer:
    customer = await desk.customer(token=shop_token(subject))
    await customer.ask_for_person()
    return customer


async def taken(desk: RunningDesk) -> tuple[Customer, Colleague]:
    agent, customer = await desk.colleague("agent"), await waiting(desk)
    assert (await agent.http.post(f"{C}/conversations/next")).json()["id"] == customer.conversation_id
    return customer, agent


def at(hours: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


async def test_next_takes_the_waiting_customer_and_then_says_that_nobody_waits(desk: RunningDesk) -> None:
    _, agent = await taken(desk)

    nobody = await agent.http.post(f"{C}/conversations/next", json={})

    assert (nobody.status_code, nobody.json()["code"]) == (404, "nobody_waiting")


async def test_a_ready_made_answer_is_kept_found_filled_and_removed(desk: RunningDesk) -> None:
    customer, agent = await taken(desk)
    new = {"text": "{客户}您好，我是{店铺}的{客服}", "shortcut": "hi", "category": "问候"}

    made = await agent.http.post(f"{C}/canned-replies", json=new)
    found = await agent.http.get(f"{C}/conversations/{customer.conversation_id}/canned-replies", params={"q": "/hi"})
    shared = await agent.http.post(f"{C}/canned-replies", json={**new, "shared": True})
    gone = await agent.http.delete(f"{C}/canned-replies/{made.json()['id']}")

    assert made.status_code == 201 and made.json()["shared"] is False
    assert [each["filled"] for each in found.json()["replies"]] == ["王小明您好，我是云杉生活的晓琳"]
    assert (shared.status_code, gone.status_code) == (403, 204)
    assert (await agent.http.get(f"{C}/canned-replies")).json() == {"replies": []}


async def test_a_text_is_checked_before_it_is_sent_and_marked_when_it_is_sent_anyway(desk: RunningDesk) -> None:
    customer, agent = await taken(desk)

    checked = (await agent.act(customer.conversation_id, "check", text="明天肯定能到")).json()
    sent = await agent.say(customer.conversation_id, "明天肯定能到")

    assert [(each["code"], each["words"]) for each in checked["warnings"]] == [("over_promise", "肯定能到")]
    assert sent.status_code == 201
    events = (await agent.look(customer.conversation_id))["events"]
    assert events[-1]["body"]["staff"] == {"warned": ["over_promise"]}
    assert "staff" not in (await customer.log())[-1]["body"]


async def test_a_promise_is_made_listed_kept_and_seen_by_the_customer(desk: RunningDesk) -> None:
    customer, agent = await taken(desk)

    made = await agent.act(customer.conversation_id, "promises", text="明天回电", due_at=at(20), kind="call_back")
    mine = (await agent.http.get(f"{C}/promises", params={"whose": "mine"})).json()["promises"]
    kept = await agent.act(customer.conversation_id, f"promises/{made.json()['promise_id']}/keep", note="已回电")

    assert (made.status_code, kept.status_code) == (201, 204)
    assert [(each["text"], each["owner"], each["overdue"]) for each in mine] == [
        ("明天回电", f"agent:{agent.id}", False)
    ]
    seen = [event["kind"] for event in await customer.log() if event["kind"].startswith("promise")]
    assert seen == ["promise_made", "promise_kept"]
    assert (await agent.http.get(f"{C}/promises")).json() == {"promises": []}


async def test_closing_with_something_to_do_leaves_the_way_back(desk: RunningDesk) -> None:
    customer, agent = await taken(desk)
    todo = {"text": "查清后回复", "due_at": at(2)}

    await agent.act(customer.conversation_id, "close", outcome="follow_up", promise=todo)
    back = await agent.act(customer.conversation_id, "follow-up")

    assert back.status_code == 200 and back.json()["holder"] == f"agent:{agent.id}"
    assert (await agent.say(customer.conversation_id, "查清了")).status_code == 201


async def test_a_colleague_sends_a_customer_back_whom_he_cannot_take(desk: RunningDesk) -> None:
    customer, agent = await taken(desk)
    colleague = await desk.colleague("agent", name="阿杰")
    await agent.act(customer.conversation_id, "transfer", agent_id=colleague.id, note="要补发")

    back = await colleague.act(customer.conversation_id, "decline", note="正在开会")
    again = await agent.act(customer.conversation_id, "decline")

    assert back.json()["holder"] == f"agent:{agent.id}"
    assert (again.status_code, again.json()["code"]) == (409, "illegal_move")


async def test_an_errand_in_the_shop_is_done_once_and_a_guest_has_no_orders(desk: RunningDesk) -> None:
    customer, agent = await taken(desk)
    errand = f"{C}/conversations/{customer.conversation_id}/orders/JL20260103001/urge"

    answers = [await agent.http.post(errand, json={"client_msg_id": "a1"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert len({answer.json()["seq"] for answer in answers}) == 1
    assert len({act[4] for act in desk.shop.acts}) == 1


async def test_a_card_number_is_shown_for_a_reason_only(desk: RunningDesk) -> None:
    customer, agent = await taken(desk)
    said = await customer.say("身份证11010519491231002X")
    socket = await agent.watch(await agent.socket(), customer.conversation_id)

    live = await socket.event("message", "身份证[身份证号]")
    shown = await agent.act(customer.conversation_id, "unmask", seq=said["seq"], reason="核对实名")
    without = await agent.act(customer.conversation_id, "unmask", seq=said["seq"], reason="")

    assert live["body"]["staff"] == {"masked": True}
    assert shown.json() == {"seq": said["seq"], "text": "身份证11010519491231002X"}
    assert without.status_code == 422
    assert (await customer.log())[-1]["body"]["text"] == "身份证11010519491231002X"


async def test_the_customer_reads_his_own_number_also_on_the_socket(desk: RunningDesk) -> None:
    customer = await desk.customer(token=shop_token())
    socket = await customer.socket()

    await customer.say("身份证11010519491231002X")

    assert "staff" not in (await socket.event("message", "身份证11010519491231002X"))["body"]


async def test_a_question_without_an_answer_reaches_the_editors(desk: RunningDesk) -> None:
    customer, agent = await taken(desk)

    answer = await agent.act(customer.conversation_id, "unanswered", text="可以刻字吗", seq=1)

    assert answer.status_code == 202
    sent = desk.knowledge.calls("/api/v1/unanswered")[0][3]
    assert (sent["text"], sent["reason"]) == ("可以刻字吗", "reported_by_agent")


async def test_levels_decide_and_only_an_admin_sets_them(desk: RunningDesk) -> None:
    _, agent = await taken(desk)
    admin = await desk.colleague("admin")

    refused = await agent.http.put(f"{C}/agents/{agent.id}", json={"levels": {"order": 3}})
    done = await admin.http.put(f"{C}/agents/{agent.id}", json={"levels": {"order": 3}, "capacity": 3})

    assert refused.status_code == 403
    assert (done.json()["groups"], done.json()["capacity"]) == (["order"], 3)
    listed = (await agent.http.get(f"{C}/agents")).json()["agents"]
    assert next(each["levels"] for each in listed if each["id"] == agent.id) == {"order": 3}
