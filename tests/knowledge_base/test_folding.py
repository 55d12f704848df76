"""A large FAQ's indexes are made anew beside the answering: no edit waits for it, and none is lost by it."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator

import pytest

from knowledge_base import serving as serving_module
from knowledge_base import snapshot_edit
from knowledge_base.serving import Serving
from knowledge_base.settings import Settings
from knowledge_base.snapshot import Snapshot
from tests.knowledge_base.conftest import FREIGHT, INVOICE, Desk, Opening, opened
from tests.knowledge_base.stand_ins import KnowsAFewWords

COUPON = {"question": "优惠券怎么领", "answer": "首页点「领券」。", "category": "优惠"}


@pytest.fixture(autouse=True)
def _any_size_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot_edit, "REBUILT_UP_TO", -1)


@pytest.fixture
def is_never_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving_module, "QUIET_BEFORE_SAVING_SECONDS", 1e9)
    monkeypatch.setattr(snapshot_edit, "DRIFT_SHARE", 1e9)


class SlowFolding:
    """Folds when it is told to, so that a test can act meanwhile."""

    def __init__(self) -> None:
        self.has_begun, self.may_end = threading.Event(), threading.Event()

    def __call__(self, snapshot: Snapshot) -> Snapshot:
        self.has_begun.set()
        assert self.may_end.wait(20)
        return snapshot_edit.folded(snapshot)

    async def begun(self) -> None:
        assert await asyncio.to_thread(self.has_begun.wait, 20)


@pytest.fixture
def folding(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowFolding]:
    slow = SlowFolding()
    monkeypatch.setattr(serving_module, "folded", slow)
    yield slow
    slow.may_end.set()


def serving_of(desk: Desk) -> Serving:
    serving: Serving = desk.app.state.knowledge_base.serving
    return serving


def latest(desk: Desk) -> Snapshot:
    snapshot = serving_of(desk).latest
    assert snapshot is not None
    return snapshot


async def until_folded(desk: Desk) -> None:
    async with asyncio.timeout(20):
        while not latest(desk).is_folded:
            await asyncio.sleep(0.005)


async def found(desk: Desk, fields: dict[str, object]) -> bool:
    results = (await desk.ask(str(fields["question"])))["results"]
    return bool(results) and results[0]["answer"] == fields["answer"]


@pytest.mark.usefixtures("is_never_quiet")
async def test_edits_that_come_in_while_folding_are_kept(desk: Desk, folding: SlowFolding) -> None:
    freight = await desk.publish()
    work = asyncio.create_task(serving_of(desk).fold())
    await folding.begun()

    await desk.publish(**INVOICE)
    await desk.move(freight, "withdraw")
    in_between = latest(desk)
    folding.may_end.set()
    await work

    assert latest(desk) is not in_between
    assert latest(desk).revision == in_between.revision
    assert latest(desk).entries == in_between.entries
    assert (await found(desk, FREIGHT), await found(desk, INVOICE)) == (False, True)


@pytest.mark.usefixtures("is_never_quiet")
async def test_folding_never_takes_back_what_was_served(
    desk: Desk, folding: SlowFolding, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.publish()
    serving = serving_of(desk)
    swap, revisions = serving._swap, [latest(desk).revision]

    def noted(snapshot: Snapshot, seconds: float) -> None:
        revisions.append(snapshot.revision)
        swap(snapshot, seconds)

    monkeypatch.setattr(serving, "_swap", noted)
    work = asyncio.create_task(serving.fold())
    await folding.begun()
    await desk.publish(**INVOICE)
    folding.may_end.set()
    edits = asyncio.create_task(desk.publish(**COUPON))
    await asyncio.gather(work, edits)

    assert revisions == sorted(revisions)
    assert all([await found(desk, one) for one in (FREIGHT, INVOICE, COUPON)])


@pytest.mark.usefixtures("is_never_quiet")
async def test_what_an_import_made_anew_meanwhile_is_not_folded_again(
    desk: Desk, folding: SlowFolding, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.publish()
    work = asyncio.create_task(serving_of(desk).fold())
    await folding.begun()

    monkeypatch.setattr(snapshot_edit, "MOST_AT_ONCE", 1)
    await desk.publish(**INVOICE)
    imported = latest(desk)
    folding.may_end.set()
    await work

    assert imported.is_folded
    assert latest(desk) is imported


async def test_an_edit_on_another_node_arrives_while_this_one_folds(
    settings: Settings, opening: Opening, folding: SlowFolding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving_module, "QUIET_BEFORE_SAVING_SECONDS", 0)
    first = await opening(settings)
    await first.publish()
    await folding.begun()

    second = await opening(settings.model_copy(update={"node": "second"}))
    await second.publish(**INVOICE)
    async with asyncio.timeout(10):
        while not await found(first, INVOICE):
            await asyncio.sleep(0.01)

    assert not folding.may_end.is_set()


async def test_many_edits_are_folded_though_it_never_gets_quiet(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving_module, "QUIET_BEFORE_SAVING_SECONDS", 1e9)
    monkeypatch.setattr(snapshot_edit, "DRIFT_SHARE", 1e9)
    await desk.publish()
    assert not latest(desk).is_folded

    monkeypatch.setattr(snapshot_edit, "DRIFT_SHARE", 0)
    await until_folded(desk)

    assert await found(desk, FREIGHT)


async def test_when_it_is_quiet_the_edits_are_folded_and_saved(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving_module, "QUIET_BEFORE_SAVING_SECONDS", 0)
    monkeypatch.setattr(snapshot_edit, "DRIFT_SHARE", 1e9)
    current = settings.snapshots / "current.json"
    async with opened(settings, KnowsAFewWords()) as desk:
        await desk.publish()
        await desk.publish(**INVOICE)
        async with asyncio.timeout(20):
            while not current.exists() or json.loads(current.read_text())["revision"] != latest(desk).revision:
                await asyncio.sleep(0.005)
        await until_folded(desk)

        assert all([await found(desk, one) for one in (FREIGHT, INVOICE)])


@pytest.mark.usefixtures("is_never_quiet")
async def test_what_was_edited_until_the_end_is_there_after_a_restart(settings: Settings) -> None:
    async with opened(settings, KnowsAFewWords()) as desk:
        await desk.publish()
        await desk.publish(**INVOICE)
        edited, revision = latest(desk), latest(desk).revision

    assert json.loads((settings.snapshots / "current.json").read_text())["revision"] == revision
    again = KnowsAFewWords()
    async with opened(settings, again) as desk:
        assert not edited.is_folded
        assert (latest(desk).revision, latest(desk).is_folded) == (revision, True)
        assert again.embedded == []
        await desk.publish(**COUPON)
        assert not latest(desk).is_folded
        assert all([await found(desk, one) for one in (FREIGHT, INVOICE, COUPON)])
