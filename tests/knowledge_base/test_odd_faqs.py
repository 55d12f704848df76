"""An FAQ may be empty, tiny or doubled, a question endless, a disk full: answering goes on, with a clear word."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from knowledge_base import snapshot_files
from knowledge_base.__main__ import app
from knowledge_base.embedding_cache import CachedEmbedder
from knowledge_base.faq import Content, Served
from knowledge_base.index import VectorIndex
from knowledge_base.settings import REPOSITORY, Settings
from knowledge_base.snapshot import build
from tests.knowledge_base.conftest import FREIGHT, INVOICE, MODEL, Desk, opened
from tests.knowledge_base.stand_ins import KnowsAFewWords

ASKED = "in\t1\t退货运费谁出\nin\t1\t退回去的邮费算谁的\noos_near\t-1\t怎么改地址\noos_far\t-1\t今天星期几\n"


@pytest.mark.parametrize(
    ("index", "r1"),
    [
        ("", 0.0),
        ("1\t七天无理由退货运费谁出\n", 1.0),
        ("1\t退货运费谁出\n1\t退货运费谁出\n1\t退貨運費誰出\n2\t退货运费谁出\n", None),
        ("1\t退货运费谁出\n2\t？？？\n3\t" + "长" * 10_000 + "\n", 1.0),
    ],
    ids=["empty", "one entry", "duplicates", "odd entries"],
)
def test_an_odd_faq_is_evaluated_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, index: str, r1: float | None
) -> None:
    monkeypatch.setenv("JIELI_HOME", str(MODEL.parents[1]))
    (tmp_path / "index.tsv").write_text(index, encoding="utf-8")
    (tmp_path / "queries.tsv").write_text(ASKED + f"oos_far\t-1\t{'说来话长' * 2500}\n", encoding="utf-8")

    done = CliRunner().invoke(
        app,
        [*("evaluate", "--index", str(tmp_path / "index.tsv"), "--queries", str(tmp_path / "queries.tsv")),
         *("--json", "--holes", "5")],
    )  # fmt: skip
    table = json.loads(done.stdout)

    assert (done.exit_code, table["n"]) == (0, 5)
    assert r1 is None or table["r1"] == r1


def test_an_unknown_model_is_named_before_anything_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIELI_EMBEDDING_MODEL", str(tmp_path / "no-such-model"))
    file = tmp_path / "empty.tsv"
    file.write_text("")

    done = CliRunner().invoke(app, ["evaluate", "--index", str(file), "--queries", str(file), "--json"])

    assert done.exit_code == 1
    assert "no-such-model" in json.loads(done.stderr)["detail"]


async def test_ten_thousand_characters_are_refused_with_the_limit(desk: Desk) -> None:
    await desk.publish()

    answered = await desk.client.post("/api/v1/search", json={"text": "退" * 10_000})

    assert (answered.status_code, answered.json()["code"]) == (422, "invalid")
    assert "4000" in answered.json()["detail"]


async def test_when_the_vectors_cannot_be_written_answering_goes_on_and_the_next_save_is_whole(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise RuntimeError("Error in write_index: No space left on device")

    async with opened(settings, KnowsAFewWords()) as desk:
        await desk.publish()
        with monkeypatch.context() as disk:
            disk.setattr(VectorIndex, "save", full)
            await desk.app.state.knowledge_base.serving.save()
            while_full = await desk.ask(FREIGHT["question"])
        await desk.publish(**INVOICE)

    folders = [one for one in settings.snapshots.iterdir() if one.is_dir()]
    assert while_full["decision"] == "answer"
    assert len(folders) == 1
    saved = snapshot_files.load(settings.snapshots, "a few words", KnowsAFewWords().dimensions, None)
    assert saved is not None and len(saved.entries) == 2


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from knowledge_base import snapshot_files
from knowledge_base.embedding_cache import CachedEmbedder
from knowledge_base.faq import Content, Served
from knowledge_base.snapshot import build
from tests.knowledge_base.stand_ins import KnowsAFewWords

folder = Path(sys.argv[1])
embedder = CachedEmbedder(KnowsAFewWords(), folder / "cache.sqlite3")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))  # from here on no file may grow beyond two pages
entries = [Served(f"e{n}", Content(f"第{n}个退货问题", "答" * 50, "退货"), 1) for n in range(400)]
snapshot = build("kb", 2, entries, embedder)
try:
    snapshot_files.save(snapshot, folder / "index")
except OSError as error:
    print("refused", len(snapshot.entries))
"""


def test_a_disk_that_is_really_full_leaves_the_old_index_as_it_was(tmp_path: Path) -> None:
    embedder = CachedEmbedder(KnowsAFewWords(), tmp_path / "cache.sqlite3")
    old = build("kb", 1, [Served("e0", Content("退货运费谁出", "买家", "退货"), 1)], embedder)
    snapshot_files.save(old, tmp_path / "index")
    before = sorted(path.name for path in (tmp_path / "index").rglob("*"))

    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )

    assert done.stdout.splitlines()[-1] == "refused 400", done.stderr
    assert sorted(path.name for path in (tmp_path / "index").rglob("*")) == before
    kept = snapshot_files.load(tmp_path / "index", embedder.fingerprint, embedder.dimensions, embedder.word_space)
    assert kept is not None and kept.revision == 1


async def test_an_edit_in_a_large_faq_is_found_within_two_seconds(settings: Settings) -> None:
    async with opened(settings, KnowsAFewWords()) as desk:
        rows = [
            f"e{n},退货,第{n}个退货问题,{'|'.join(f'第{n}个退货问法{m}' for m in range(9))},答" for n in range(1000)
        ]
        table = "id,category,question,similar,answer\n" + "\n".join(rows)
        headers = desk.headers | {"Content-Type": "text/csv"}
        await desk.client.post("/api/v1/admin/imports?publish=true", content=table.encode(), headers=headers)
        entry = await desk.create(question="一件新的发票事")
        begun = time.monotonic()

        await desk.move(entry, "publish")
        async with asyncio.timeout(2):
            while (await desk.ask("一件新的发票事"))["results"][0]["entry_id"] != entry["id"]:
                await asyncio.sleep(0.01)

    assert time.monotonic() - begun <= 2
