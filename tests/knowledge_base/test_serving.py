"""The index behind the answers: swapped under load, kept over restarts, made anew when damaged, equal on every node."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from knowledge_base import snapshot_files
from knowledge_base.settings import Settings
from tests.knowledge_base.conftest import FREIGHT, INVOICE, Desk, Opening, opened
from tests.knowledge_base.stand_ins import KnowsAFewWords


async def test_edits_while_searching_cause_no_error(desk: Desk) -> None:
    entry = await desk.publish()
    is_over = asyncio.Event()
    statuses: Counter[int] = Counter()

    async def keep_asking() -> None:
        while not is_over.is_set():
            answered = await desk.client.post("/api/v1/search", json={"text": FREIGHT["question"]})
            statuses[answered.status_code] += 1

    askers = [asyncio.create_task(keep_asking()) for _ in range(2)]
    for number in range(12):
        body = {**FREIGHT, "answer": f"第 {number} 版", "similar": [f"第 {number} 种退货问法"]}
        entry = (await desk.call("PUT", f"entries/{entry['id']}", entry["version"], json=body)).json()
        entry = await desk.move(entry, "publish")
        assert (await desk.ask(f"第 {number} 种退货问法"))["results"][0]["answer"] == f"第 {number} 版"
    is_over.set()
    await asyncio.gather(*askers)

    assert set(statuses) == {200}
    assert statuses[200] > 12


async def test_an_edit_embeds_only_what_is_new(settings: Settings, opening: Opening) -> None:
    embedder = KnowsAFewWords()
    desk = await opening(settings, embedder)
    await desk.publish(similar=["退货邮费谁付", "退货要我出运费吗"])
    embedder.embedded.clear()

    await desk.publish(**INVOICE)

    assert {"怎么开发票", "可以开票吗"} <= set(embedder.embedded)
    assert not any("运费" in text for text in embedder.embedded)


async def test_a_restart_embeds_nothing_again(settings: Settings) -> None:
    first, second = KnowsAFewWords(), KnowsAFewWords()
    async with opened(settings, first) as desk:
        await desk.publish()

    async with opened(settings, second) as desk:
        embedded_at_start = list(second.embedded)
        found = await desk.ask(FREIGHT["question"])

    assert embedded_at_start == []
    assert found["decision"] == "answer"


async def test_another_model_makes_another_index(settings: Settings) -> None:
    async with opened(settings, KnowsAFewWords()) as desk:
        await desk.publish()
    other = KnowsAFewWords("another model")

    async with opened(settings, other) as desk:
        ready = (await desk.client.get("/readyz")).json()

    assert (ready["model"], ready["phrasings"]) == ("another model", 1)
    assert FREIGHT["question"] in other.embedded


@pytest.mark.parametrize("name", ["vectors.faiss", "arrays.npz", "entries.json", "current.json"])
@pytest.mark.parametrize("damage", ["cut", "garbage", "gone"])
async def test_a_damaged_index_file_is_made_anew(settings: Settings, name: str, damage: str) -> None:
    async with opened(settings, KnowsAFewWords()) as desk:
        await desk.publish()
    (path,) = settings.snapshots.rglob(name)
    whole = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(whole[: len(whole) // 2] if damage == "cut" else b"\0" * len(whole))

    async with opened(settings, KnowsAFewWords()) as desk:
        found = await desk.ask(FREIGHT["question"])

    assert found["decision"] == "answer"


async def test_a_damaged_embedding_cache_costs_time_and_no_answer(settings: Settings) -> None:
    settings.embedding_cache.parent.mkdir(parents=True)
    settings.embedding_cache.write_bytes(b"this is no database" * 100)

    async with opened(settings, KnowsAFewWords()) as desk:
        await desk.publish()
        found = await desk.ask(FREIGHT["question"])

    assert found["decision"] == "answer"


async def test_a_full_disk_while_saving_leaves_the_old_index_and_the_answers(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(settings, KnowsAFewWords()) as desk:
        await desk.publish()
    before = (settings.snapshots / "current.json").read_bytes()

    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(snapshot_files, "digest_of", full)
    async with opened(settings, KnowsAFewWords()) as desk:
        await desk.publish(**INVOICE)
        found = await desk.ask(INVOICE["question"])

    assert found["decision"] == "answer"
    assert (settings.snapshots / "current.json").read_bytes() == before


async def test_a_store_set_back_to_an_older_state_is_believed(settings: Settings, tmp_path: Path) -> None:
    async with opened(settings, KnowsAFewWords()) as desk:
        await desk.publish()
    other = settings.model_copy(update={"knowledge_database_url": f"sqlite:///{tmp_path / 'other.sqlite3'}"})

    async with opened(other, KnowsAFewWords()) as desk:
        found = await desk.ask(FREIGHT["question"])

    assert found["results"] == []


async def test_a_published_edit_reaches_every_node_before_the_editor_is_told(
    settings: Settings, opening: Opening
) -> None:
    first = await opening(settings)
    second = await opening(settings.model_copy(update={"node": "second"}))
    await first.publish()
    async with asyncio.timeout(5):
        while len((await first.call("GET", "status")).json()["nodes"]) < 2:
            await asyncio.sleep(0.01)
    entry = await first.create(**INVOICE)

    told = (await first.call("POST", f"entries/{entry['id']}/publish", entry["version"])).json()
    found = await second.ask(INVOICE["question"])
    taken = (await first.call("POST", f"entries/{entry['id']}/withdraw", told["entry"]["version"])).json()
    afterwards = await second.ask(INVOICE["question"])

    assert told["nodes"] == taken["nodes"] == {"serving": 2, "total": 2}
    assert found["decision"] == "answer"
    assert entry["id"] not in [result["entry_id"] for result in afterwards["results"]]


async def test_a_node_cut_off_from_the_store_stops_answering(
    settings: Settings, opening: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await opening(settings)
    await desk.publish()
    serving = desk.app.state.knowledge_base.serving

    monkeypatch.setattr(serving, "_reached_at", -1e9)
    monkeypatch.setattr(serving, "refresh", _unreachable)
    refused = await desk.client.post("/api/v1/search", json={"text": FREIGHT["question"]})
    ready = await desk.client.get("/readyz")

    assert (refused.status_code, refused.json()["code"]) == (503, "storage_unavailable")
    assert (ready.status_code, ready.json()["mode"]) == (503, "stale")


async def _unreachable(*_: object) -> None:
    from knowledge_base.errors import StorageUnavailable

    raise StorageUnavailable("away")


async def test_metrics_count_searches_by_decision(desk: Desk) -> None:
    await desk.publish()
    await desk.ask(FREIGHT["question"])

    text = (await desk.client.get("/metrics")).text

    assert 'jieli_kb_searches_total{decision="answer"} 1.0' in text
    assert "jieli_kb_entries 1.0" in text
