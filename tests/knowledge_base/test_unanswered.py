"""Questions without an answer are kept once, without personal data, and gathered by what they ask."""

from __future__ import annotations

from typing import Any

from tests.knowledge_base.conftest import Desk


async def keep(desk: Desk, text: str, seq: int) -> None:
    body = {"text": text, "conversation_id": "c", "seq": seq, "reason": "no_answer"}
    answered = await desk.client.post("/api/v1/unanswered", json=body)
    assert answered.status_code == 202, answered.text


async def groups(desk: Desk, state: str = "open") -> list[dict[str, Any]]:
    return list((await desk.call("GET", f"unanswered?state={state}")).json()["groups"])


async def test_the_same_question_in_other_words_is_one_group(desk: Desk) -> None:
    await keep(desk, "能开发票不", 1)
    await keep(desk, "請問能開發票不？？", 2)
    await keep(desk, "改地址", 3)

    found = await groups(desk)

    assert [(group["question"], group["asked"]) for group in found] == [("能开发票不", 2), ("改地址", 1)]
    assert found[0]["examples"] == ["請問能開發票不??", "能开发票不"]


async def test_a_message_told_twice_counts_once(desk: Desk) -> None:
    await keep(desk, "能开发票不", 1)
    await keep(desk, "能开发票不", 1)

    assert [group["asked"] for group in await groups(desk)] == [1]


async def test_no_phone_or_order_number_is_kept(desk: Desk) -> None:
    await keep(desk, "我手机 138 1234 5678，订单20260105123456789到哪了 a.b@c.com", 1)

    (group,) = await groups(desk)

    assert group["question"] == "我手机 [手机号],[订单号]到哪了 [邮箱]"


async def test_a_group_is_closed_by_the_entry_that_answers_it(desk: Desk) -> None:
    entry = await desk.publish()
    await keep(desk, "能开发票不", 1)
    (group,) = await groups(desk)

    done = await desk.call(
        "POST", f"unanswered/{group['id']}/resolve", json={"state": "answered", "entry_id": entry["id"]}
    )
    await keep(desk, "能开发票不", 2)

    assert done.status_code == 200
    assert [one["entry_id"] for one in await groups(desk, "answered")] == [entry["id"]]
    assert [one["asked"] for one in await groups(desk)] == [1]
