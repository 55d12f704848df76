"""The same promises on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from knowledge_base import audit, nodes
from knowledge_base.audit import Actor
from knowledge_base.catalogue import Catalogue
from knowledge_base.editing import Editing
from knowledge_base.errors import EditedMeanwhile, StorageUnavailable
from knowledge_base.faq import Content, Move, State
from knowledge_base.feedback import Kind, record, shown_counts
from knowledge_base.importing import Importing
from knowledge_base.settings import Settings
from knowledge_base.store import Store, changed_since, head_of, served_entries
from tests.knowledge_base.conftest import FREIGHT, INVOICE, Opening

WHO = Actor("xiaolin", "晓琳")
CONTENT = Content("退货运费谁出", "买家出。", "退货", similar=("邮费谁付",), valid_to="2027-01-01T00:00:00+00:00")


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
async def store(knowledge_url: str):  # type: ignore[no-untyped-def]
    store = Store(knowledge_url)
    await store.open()
    yield store
    await store.close()


async def test_several_nodes_may_start_at_once(knowledge_url: str) -> None:
    stores = [Store(knowledge_url) for _ in range(4)]

    await asyncio.gather(*(store.open() for store in stores))
    heads = []
    for store in stores:
        async with store.read() as connection:
            heads.append(await head_of(connection))
        await store.close()

    assert len(set(heads)) == 1


async def test_what_is_written_is_read_back_the_same(store: Store) -> None:
    made = await Editing(store, now).create(CONTENT, WHO)

    read = await Catalogue(store).entry(made.id)

    assert read == made
    assert read.updated_at.tzinfo is not None


async def test_revisions_tell_what_changed_since(store: Store) -> None:
    editing = Editing(store, now)
    first, second = await editing.create(CONTENT, WHO), await editing.create(CONTENT, WHO)
    await editing.move(first.id, 1, Move.PUBLISH, WHO)
    published = await editing.move(second.id, 1, Move.PUBLISH, WHO)
    taken = await editing.move(first.id, 2, Move.RETIRE, WHO)

    async with store.read() as connection:
        changes = await changed_since(connection, published.revision or 0)
        served = await served_entries(connection)

    assert (published.revision, taken.revision) == (2, 3)
    assert changes == {first.id: None}
    assert [entry.id for entry in served] == [second.id]


async def test_of_many_editors_at_once_one_wins_and_the_revision_has_no_gap(store: Store) -> None:
    editing = Editing(store, now)
    entries = [await editing.create(CONTENT, WHO) for _ in range(5)]

    async def publish(entry_id: str) -> bool:
        try:
            await editing.move(entry_id, 1, Move.PUBLISH, WHO)
        except EditedMeanwhile:
            return False
        return True

    won = await asyncio.gather(*(publish(entry.id) for entry in entries for _ in range(4)))
    async with store.read() as connection:
        head, broken = await head_of(connection), await audit.broken_at(connection)

    assert (sum(won), head.revision, broken) == (5, 5, None)


async def test_a_failed_change_leaves_nothing_behind(store: Store) -> None:
    editing = Editing(store, now)
    entry = await editing.create(CONTENT, WHO)

    with pytest.raises(RuntimeError):
        async with store.write() as connection:
            await editing._change(connection, entry.id, 1, Move.PUBLISH, None, WHO)
            raise RuntimeError("the process dies here")
    async with store.read() as connection:
        head = await head_of(connection)

    assert (await Catalogue(store).entry(entry.id)).state is State.DRAFT
    assert head.revision == 0
    assert len(await editing.history(entry.id)) == 1


async def test_an_import_is_one_revision(store: Store) -> None:
    table = "category,question,answer\n退货,退货运费谁出,买家出。\n发票,怎么开发票,订单里申请。\n"

    report = await Importing(store, now).run(table.encode(), "faq.csv", WHO, publish=True)
    async with store.read() as connection:
        served = await served_entries(connection)

    assert (report.created, report.revision, len(served)) == (2, 1, 2)
    assert [entry.place for entry in sorted(served, key=lambda entry: entry.place)] == [1, 2]


async def test_feedback_told_twice_counts_once(store: Store) -> None:
    for _ in range(2):
        await record(store, "entry", Kind.SHOWN, "c", 1, now())
    await record(store, "entry", Kind.SHOWN, "c", 2, now())

    assert await shown_counts(store, now()) == {"entry": 2}


async def test_nodes_report_and_sign_off(store: Store) -> None:
    async with store.write() as connection:
        await nodes.report(connection, "first", 3, now())
        await nodes.report(connection, "second", 3, now())
    async with store.write() as connection:
        await nodes.report(connection, "first", 4, now())
        await nodes.sign_off(connection, "second")
    async with store.read() as connection:
        seen = await nodes.all_nodes(connection)

    assert [(node.node, node.revision, node.beat) for node in seen] == [("first", 4, 2)]


async def test_a_whole_edit_works_over_http(knowledge_url: str, settings: Settings, opening: Opening) -> None:
    desk = await opening(settings.model_copy(update={"knowledge_database_url": knowledge_url}))

    freight, _ = await desk.publish(**FREIGHT), await desk.publish(**INVOICE)
    found = await desk.ask("七天無理由退貨運費誰出")
    await desk.move(freight, "withdraw")
    afterwards = await desk.ask("七天無理由退貨運費誰出")

    assert found["results"][0]["entry_id"] == freight["id"]
    assert freight["id"] not in [result["entry_id"] for result in afterwards["results"]]


async def test_a_store_that_is_away_is_a_coded_refusal() -> None:
    store = Store("postgresql://nobody@127.0.0.1:9/nothing")

    with pytest.raises(StorageUnavailable):
        async with store.read() as connection:
            await head_of(connection)
    await store.close()
