"""How entries are written, checked, published and taken back, by more than one person."""

from __future__ import annotations

import asyncio

import pytest

from knowledge_base import audit
from tests.knowledge_base.conftest import FREIGHT, TOKEN, Desk


async def test_a_published_edit_is_what_the_next_question_gets(desk: Desk) -> None:
    entry = await desk.publish()
    edited = (
        await desk.call("PUT", f"entries/{entry['id']}", entry["version"], json={**FREIGHT, "answer": "店铺承担。"})
    ).json()
    while_draft = (await desk.ask(FREIGHT["question"]))["results"][0]["answer"]

    published = await desk.call("POST", f"entries/{entry['id']}/publish", edited["version"])
    afterwards = (await desk.ask(FREIGHT["question"]))["results"][0]["answer"]

    assert while_draft == FREIGHT["answer"]
    assert published.json()["nodes"] == {"serving": 1, "total": 1}
    assert afterwards == "店铺承担。"


@pytest.mark.parametrize("move", ["withdraw", "retire"])
async def test_what_was_taken_back_is_never_quoted_again(desk: Desk, move: str) -> None:
    entry = await desk.publish()

    taken = await desk.move(entry, move)

    assert taken["published_version"] is None
    assert (await desk.ask(FREIGHT["question"]))["results"] == []
    assert (await desk.client.get(f"/api/v1/entries/{entry['id']}")).status_code == 404


async def test_the_second_of_two_editors_is_told_what_changed(desk: Desk) -> None:
    entry = await desk.create()
    first = {**FREIGHT, "answer": "店铺承担。", "keywords": ["运费"]}
    await desk.call("PUT", f"entries/{entry['id']}", entry["version"], json=first)

    refused = await desk.call(
        "PUT", f"entries/{entry['id']}", entry["version"], json={**FREIGHT, "answer": "各付一半。"}
    )

    assert (refused.status_code, refused.json()["code"]) == (412, "edited_meanwhile")
    assert refused.json()["changed_fields"] == ["answer", "keywords"]
    assert refused.json()["current"]["answer"] == "店铺承担。"


async def test_of_twenty_editors_at_once_exactly_one_wins(desk: Desk) -> None:
    entry = await desk.create()

    answers = await asyncio.gather(
        *(
            desk.call("PUT", f"entries/{entry['id']}", entry["version"], json={**FREIGHT, "answer": f"第 {n} 个答案"})
            for n in range(20)
        )
    )

    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 19


async def test_saving_without_saying_what_was_seen_is_refused(desk: Desk) -> None:
    entry = await desk.create()

    without = await desk.call("PUT", f"entries/{entry['id']}", json=FREIGHT)
    headers = desk.headers | {"If-Match": "yesterday"}
    odd = await desk.client.put(f"/api/v1/admin/entries/{entry['id']}", headers=headers, json=FREIGHT)

    assert (without.status_code, without.json()["code"]) == (428, "precondition_required")
    assert (odd.status_code, odd.json()["code"]) == (400, "bad_request")


async def test_an_entry_goes_through_its_states_and_no_others(desk: Desk) -> None:
    entry = await desk.create()
    reviewed = await desk.move(entry, "submit")
    published = await desk.move(reviewed, "publish")

    again = await desk.call("POST", f"entries/{entry['id']}/submit", published["version"])
    retired = await desk.move(published, "retire")

    assert [one["state"] for one in (entry, reviewed, published, retired)] == [
        "draft",
        "in_review",
        "published",
        "retired",
    ]
    assert (again.status_code, again.json()["code"]) == (409, "illegal_move")


async def test_an_older_version_comes_back_as_a_draft(desk: Desk) -> None:
    entry = await desk.publish()
    edited = (
        await desk.call("PUT", f"entries/{entry['id']}", entry["version"], json={**FREIGHT, "answer": "错的。"})
    ).json()

    back = await desk.call("POST", f"entries/{entry['id']}/roll-back", edited["version"], json={"version": 1})
    history = (await desk.call("GET", f"entries/{entry['id']}/history")).json()["versions"]

    assert (back.json()["answer"], back.json()["state"]) == (FREIGHT["answer"], "draft")
    assert [(one["version"], one["action"]) for one in history] == [
        (4, "roll_back"),
        (3, "edit"),
        (2, "publish"),
        (1, "create"),
    ]
    assert history[1]["fields"] == ["answer"]


async def test_a_draft_can_be_tried_before_anybody_gets_it(desk: Desk) -> None:
    await desk.create()

    tried = (await desk.call("POST", "try", json={"text": FREIGHT["question"]})).json()
    asked = await desk.ask(FREIGHT["question"])

    assert (tried["decision"], tried["results"][0]["is_draft"]) == ("answer", True)
    assert asked["results"] == []


async def test_the_list_is_paged_filtered_and_counted(desk: Desk) -> None:
    for number in range(5):
        await desk.create(question=f"第 {number} 个退货问题")
    await desk.publish(question="怎么开发票100%", category="发票")

    first = (await desk.call("GET", "entries?limit=4")).json()
    second = (await desk.call("GET", "entries", params={"limit": 4, "cursor": first["next_cursor"]})).json()
    invoices = (await desk.call("GET", "entries", params={"q": "0%", "category": "发票", "state": "published"})).json()
    categories = (await desk.call("GET", "categories")).json()["categories"]

    seen = [entry["id"] for entry in first["entries"] + second["entries"]]
    assert (len(seen), len(set(seen)), first["total"], second["next_cursor"]) == (6, 6, 6, None)
    assert [entry["question"] for entry in invoices["entries"]] == ["怎么开发票100%"]
    assert categories == [{"name": "发票", "entries": 1}, {"name": "退货", "entries": 5}]


async def test_every_act_has_one_row_in_the_audit_and_a_changed_row_shows(desk: Desk) -> None:
    store = desk.app.state.knowledge_base.store
    entry = await desk.publish()
    await desk.move(entry, "retire")

    async with store.read() as connection:
        intact = await audit.broken_at(connection)
    async with store.write() as connection:
        await connection.exec_driver_sql("UPDATE audit SET actor_name = 'somebody else' WHERE number = 2")
    async with store.read() as connection:
        broken = await audit.broken_at(connection)
        rows = (await connection.exec_driver_sql("SELECT action FROM audit ORDER BY number")).scalars().all()

    assert rows == ["create", "publish", "retire"]
    assert (intact, broken) == (None, 2)


async def test_editing_needs_the_service_token_and_a_name(desk: Desk) -> None:
    path = "/api/v1/admin/entries"

    anonymous = await desk.client.post(path, json=FREIGHT)
    wrong = await desk.client.post(path, json=FREIGHT, headers={"Authorization": "Bearer wrong"})
    nameless = await desk.client.post(path, json=FREIGHT, headers={"Authorization": f"Bearer {TOKEN}"})

    assert [(one.status_code, one.json()["code"]) for one in (anonymous, wrong, nameless)] == [
        (401, "bad_token"),
        (401, "bad_token"),
        (400, "bad_request"),
    ]
