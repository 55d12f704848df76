"""Errands in the shop for a customer, once each and never without a trace, and what agents write down about him."""

from __future__ import annotations

import pytest

from handoff.desk import Desk
from handoff.errors import Invalid, NotFound, NotHolder, ShopAway
from handoff.store import audited
from tests.factories import agent_on_duty, claimed_chat, guest, open_chat
from tests.stand_ins import ShopInMemory

ORDER = "JL20260103001"


async def test_an_errand_is_done_by_the_shop_and_stands_in_log_and_audit(any_desk: Desk, shop: ShopInMemory) -> None:
    lin = await agent_on_duty(any_desk)
    chat = await claimed_chat(any_desk, lin)

    done = await any_desk.act_for_customer(chat.id, lin.id, "a1", ORDER, "urge", {})

    assert [(act[0], act[1], act[2]) for act in shop.acts] == [("u1", ORDER, "urge")]
    assert (done.kind, done.body) == ("acted", {"order_no": ORDER, "action": "urge", "text": "已为您催促"})
    assert "acted" not in [event.kind for event in await chat.seen_by_customer()]
    async with any_desk.workplace.store.reading() as connection:
        rows = await audited.chain(connection, chat.id)
    assert [row.details for row in rows if row.act == "act_for_customer"] == [
        {"seq": done.seq, "order_no": ORDER, "action": "urge"}
    ]


async def test_the_same_errand_sent_twice_is_one(any_desk: Desk, shop: ShopInMemory) -> None:
    lin = await agent_on_duty(any_desk)
    chat = await claimed_chat(any_desk, lin)

    first = await any_desk.act_for_customer(chat.id, lin.id, "a1", ORDER, "urge", {})
    again = await any_desk.act_for_customer(chat.id, lin.id, "a1", ORDER, "urge", {})

    assert again.seq == first.seq and len(await chat.of_kind("acted")) == 1
    assert len({act[4] for act in shop.acts}) == 1, "the shop gets the same key and acts once"


async def test_only_the_holder_and_supervisors_and_only_for_his_own_orders(desk: Desk, shop: ShopInMemory) -> None:
    lin, jie = await agent_on_duty(desk), await agent_on_duty(desk, "阿杰")
    chat = await claimed_chat(desk, lin)

    with pytest.raises(NotHolder):
        await desk.act_for_customer(chat.id, jie.id, "a1", ORDER, "urge", {})
    with pytest.raises(NotFound):
        await desk.act_for_customer(chat.id, lin.id, "a1", "JL999", "urge", {})
    with pytest.raises(Invalid):
        await desk.act_for_customer(chat.id, lin.id, "a1", ORDER, "delete", {})
    stranger = await claimed_chat(desk, lin, guest())
    with pytest.raises(NotFound):
        await desk.act_for_customer(stranger.id, lin.id, "a1", ORDER, "urge", {})
    shop.is_away = True
    with pytest.raises(ShopAway):
        await desk.act_for_customer(chat.id, lin.id, "a2", ORDER, "urge", {})
    assert await chat.of_kind("acted") == []
    shop.is_away = False
    await desk.act_for_customer(chat.id, jie.id, "a3", ORDER, "urge", {}, is_supervisor=True)


async def test_tags_and_notes_are_kept_beside_the_shops_own(any_desk: Desk) -> None:
    lin = await agent_on_duty(any_desk)
    chat = await open_chat(any_desk)
    await any_desk.work_until_idle()

    described = await any_desk.describe_customer(chat.id, lin.id, ["爱用顺丰", "爱用顺丰"], "上午别打电话")
    await any_desk.work_until_idle()

    assert (described.tags, described.own_tags, described.notes) == (["老客户"], ["爱用顺丰"], "上午别打电话")
    kept = await any_desk.describe_customer(chat.id, lin.id, notes="下午打")
    assert (kept.own_tags, kept.notes) == (["爱用顺丰"], "下午打")
