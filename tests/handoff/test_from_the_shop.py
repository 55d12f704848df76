"""What the desk takes over from the shop: a name for who has none, and pictures from where they may come."""

from __future__ import annotations

from handoff.desk import Desk, Identity
from handoff.rules import Rules
from tests.factories import make_desk, member, open_chat


async def test_a_member_without_a_signed_name_is_called_as_the_shop_calls_him(any_desk: Desk) -> None:
    chat = await open_chat(any_desk, Identity(app="demo", subject="u1", guest=False))
    await any_desk.work_until_idle()

    await chat.asks("在吗")

    row = await any_desk.row(chat.id)
    assert row.customer.name == "陈晨"
    assert (await any_desk.profile(chat.customer_id)).name == "陈晨"
    assert (await chat.of_kind("message"))[0].author.name == "陈晨"


async def test_a_signed_name_is_not_replaced_by_the_shops(desk: Desk) -> None:
    chat = await open_chat(desk, member(name="小陈"))
    await desk.work_until_idle()

    assert (await desk.row(chat.id)).customer.name == "小陈"


async def test_a_product_picture_over_plain_http_is_kept_from_the_shop_only(sqlite_url: str) -> None:
    desk = await make_desk(sqlite_url, rules=Rules(http_image_hosts=("127.0.0.1:8200",)))
    chat = await open_chat(desk)
    for host in ("127.0.0.1:8200", "evil.example"):
        await chat.writes({"type": "product", "product_id": "p1", "title": "大衣", "image": f"http://{host}/p1.jpg"})

    assert [body["image"] for body in await chat.said_by("customer")] == ["http://127.0.0.1:8200/p1.jpg", None]
    await desk.workplace.store.close()
