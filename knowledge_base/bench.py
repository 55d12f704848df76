"""`jieli kb bench`: how the index grows: building, memory, search times, what lists miss, and edits under load."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from knowledge_base import text as texts
from knowledge_base.confidence import Confidence
from knowledge_base.embedder import Vectors, open_embedder
from knowledge_base.embedding_cache import CachedEmbedder
from knowledge_base.evaluate_command import TRAINING, refusing_clearly
from knowledge_base.faq import Content, Served
from knowledge_base.index import nearest_of_all, questions_like, recall
from knowledge_base.outsiders import Outsiders
from knowledge_base.page import write_table
from knowledge_base.real_utterances import seed_faq
from knowledge_base.search import Policy, Search
from knowledge_base.settings import Settings
from knowledge_base.snapshot import Snapshot, build
from knowledge_base.snapshot_edit import edited

SIZES = (1_000, 10_000, 100_000, 1_000_000)
REAL_VECTORS_UP_TO = 10_000
"""Phrasings that are embedded by the model; beyond, embedding would take hours and say nothing more about the index."""
#: Goods that questions are about: the seed FAQ's phrasings times these give a million texts that are not all alike.
COLOURS, STUFFS, THINGS = (
    "红橙黄绿青蓝紫灰白黑",
    "棉麻丝绒竹木瓷银",
    ("水杯", "毛巾", "茶壶", "台灯", "拖鞋", "背包", "雨伞", "枕套"),
)
NAME_LENGTH = 4
QUESTIONS = 200
DEPTH = 10
EDITING_SECONDS = 120.0
"""Editing stops after so long, at the largest sizes before all edits were made; the figure says how many were."""
WIDTH = 384
GOODS, MEANING, WORDING = 0.45, 0.70, 0.55
"""What a made-up vector consists of: the goods, the entry's meaning, the wording. Siblings are near, as in life."""
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Figures:
    """One line of the table. Times of a search are in milliseconds, with the model only where `vectors` says so."""

    phrasings: int
    entries: int
    vectors: str
    index: str
    build_seconds: float
    rss_mb: int
    p50_ms: float
    p95_ms: float
    recall_at_10: float
    edits: int
    edits_per_second: float
    slowest_edit_seconds: float
    searches_per_second_while_editing: float
    p95_ms_while_editing: float
    errors: int


class MadeUp(CachedEmbedder):
    """Vectors by hash of what a text is about; instead of a model and of a file of gigabytes."""

    def __init__(self, meaning_of: dict[str, str]) -> None:
        self._meaning_of = meaning_of
        self._directions: dict[str, Vectors] = {}

    @property
    def fingerprint(self) -> str:
        return "made up"

    @property
    def dimensions(self) -> int:
        return WIDTH

    def embed(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Vectors:
        vectors = np.empty((len(texts), WIDTH), dtype=np.float32)
        for row, text in enumerate(texts):
            vectors[row] = self.embed_question(text)
        return vectors

    @property
    def word_space(self) -> None:
        return None

    def embed_question(self, text: str) -> Vectors:
        goods, wording = text[:NAME_LENGTH], text[NAME_LENGTH:]
        meaning = self._meaning_of.get(wording, wording)
        own = GOODS * self._kept(goods) + MEANING * self._kept(meaning) + WORDING * _direction(text)
        unit: Vectors = own / np.linalg.norm(own)
        return unit

    def _kept(self, key: str) -> Vectors:
        if key not in self._directions:
            self._directions[key] = _direction(key)
        return self._directions[key]


def _direction(key: str) -> Vectors:
    seed = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big")
    random = np.random.Generator(np.random.SFC64(seed))
    direction: Vectors = random.standard_normal(WIDTH, dtype=np.float32) / np.float32(np.sqrt(WIDTH))
    return direction


@dataclass
class Shop:
    """Entries that together have so many phrasings."""

    entries: list[Served]
    meaning_of: dict[str, str] = field(default_factory=dict)


def shop_of(phrasings: int, seed: Sequence[Served]) -> Shop:
    """The seed FAQ asked about one kind of goods after the other, until there are so many phrasings."""
    shop = Shop([], {texts.normalised(one): entry.id for entry in seed for one in entry.content.phrasings})
    left = phrasings
    for numbered in range(1 + phrasings // (len(seed) * 10)):
        for colour, stuff, thing in product(COLOURS, STUFFS, THINGS):
            goods = f"{colour}{stuff}{thing}" if not numbered else f"{colour}{stuff}{thing}{numbered}"
            for entry in seed:
                own = [f"{goods}{one}" for one in entry.content.phrasings][:left]
                left -= len(own)
                content = Content(own[0], "", "", similar=tuple(own[1:]))
                shop.entries.append(Served(f"{goods}-{entry.id}", content, 1))
                if left <= 0:
                    return shop
    return shop


def measure(phrasings: int, edits: int, training: Path) -> Figures:
    settings = Settings()
    texts.use_dictionary(settings.dictionary)
    shop = shop_of(phrasings, seed_faq(training / "faq"))
    is_real = phrasings <= REAL_VECTORS_UP_TO
    with tempfile.TemporaryDirectory() as scratch:
        embedder: CachedEmbedder = MadeUp(shop.meaning_of)
        outsiders = None
        if is_real:
            model = open_embedder(settings.embedding_model, settings.default_model, settings.embedding_prefix)
            embedder = CachedEmbedder(model, Path(scratch) / "embeddings.sqlite3")
            outsiders = Outsiders.shipped(model)
        confidence = Confidence.load()
        policy = Policy(confidence.threshold(settings.target_precision), confidence.suggest_at)
        search = Search(embedder, confidence, policy, outsiders)
        started = time.perf_counter()
        snapshot = build("bench", 0, shop.entries, embedder)
        build_seconds = time.perf_counter() - started
        step = max(1, len(shop.entries) // QUESTIONS)
        questions = [f"{entry.content.phrasings[-1]}在线等回复" for entry in shop.entries[::step]][:QUESTIONS]
        times = [_timed(search, snapshot, question) for question in questions]
        found = _recall(snapshot)
        edited = _edit_under_load(search, embedder, snapshot, questions, edits)
    return Figures(
        phrasings=len(snapshot.phrasings),
        entries=len(snapshot.entries),
        vectors="model" if is_real else "made up",
        index="exact" if snapshot.vectors.is_exact else "lists",
        build_seconds=round(build_seconds, 2),
        rss_mb=_resident_mb(),
        p50_ms=round(float(np.percentile(times, 50)), 2),
        p95_ms=round(float(np.percentile(times, 95)), 2),
        recall_at_10=round(found, 4),
        **edited,
    )


def _resident_mb() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) // 1024
    return 0


def _timed(search: Search, snapshot: Snapshot, question: str) -> float:
    begun = time.perf_counter()
    search.find(snapshot, question, NOW)
    return 1000 * (time.perf_counter() - begun)


def _recall(snapshot: Snapshot) -> float:
    vectors = snapshot.vectors.all_vectors()
    asked = questions_like(vectors, QUESTIONS, seed=99)
    exact = nearest_of_all(vectors, asked, DEPTH)
    return recall(np.array([snapshot.vectors.nearest(one, DEPTH)[0] for one in asked]), exact)


@dataclass
class _Served:
    """The snapshot that answers; replaced whole, as in the running service."""

    snapshot: Snapshot


def _edit_under_load(
    search: Search, embedder: CachedEmbedder, first: Snapshot, questions: Sequence[str], edits: int
) -> dict[str, Any]:
    """Edits one entry after the other while a second thread asks; each edit must be found as soon as it is in."""
    served = _Served(first)
    is_over = threading.Event()
    times: list[float] = []
    errors = 0

    def keep_asking() -> None:
        nonlocal errors
        number = 0
        while not is_over.is_set():
            try:
                times.append(_timed(search, served.snapshot, questions[number % len(questions)]))
            except Exception:  # whatever it is, it is counted: none may happen
                errors += 1
            number += 1

    asking = threading.Thread(target=keep_asking)
    asking.start()
    started, slowest, done = time.perf_counter(), 0.0, 0
    entries = first.entries
    for number in range(edits):
        begun = time.perf_counter()
        place = number * max(1, len(entries) // edits) % len(entries)
        new = f"红棉水杯第{number}次新加的问法"
        content = entries[place].content
        entry = replace(entries[place], content=replace(content, similar=(*content.similar, new)))
        served.snapshot = edited(served.snapshot, number + 1, {entry.id: entry}, embedder)
        found = search.find(served.snapshot, new, NOW)
        errors += not found.results or found.results[0].candidate.entry.id != entry.id
        slowest, done = max(slowest, time.perf_counter() - begun), done + 1
        if time.perf_counter() - started > EDITING_SECONDS:
            break
    seconds = time.perf_counter() - started
    is_over.set()
    asking.join()
    return {
        "edits": done,
        "edits_per_second": round(done / seconds, 2),
        "slowest_edit_seconds": round(slowest, 2),
        "searches_per_second_while_editing": round(len(times) / seconds, 1),
        "p95_ms_while_editing": round(float(np.percentile(times, 95)), 1) if times else 0.0,
        "errors": errors,
    }


def as_markdown(measured: Sequence[Mapping[str, Any]]) -> str:
    """One column a size; rows are what was measured."""
    names = list(Figures.__dataclass_fields__)
    head = f"| | {' | '.join(format(one[names[0]], ',') for one in measured)} |"
    rows = [f"| {name.replace('_', ' ')} | {' | '.join(str(one[name]) for one in measured)} |" for name in names[1:]]
    return "\n".join([head, "|" + "---|" * (len(measured) + 1), *rows])


def bench(
    sizes: Annotated[list[int] | None, typer.Option("--size", min=100, help="问法数，可多次给出")] = None,
    edits: Annotated[int, typer.Option(min=1, help="边检索边做几次修改")] = 100,
    training: Annotated[Path, typer.Option(help="含 faq/ 的目录", exists=True, file_okay=False)] = TRAINING,
    into: Annotated[Path | None, typer.Option(help="把结果表写进这个页面的标记之间", dir_okay=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """测量索引：建立时间、内存、检索耗时、召回、边查边改。每个规模在自己的进程里测。"""
    measured: list[dict[str, Any]] = []
    with refusing_clearly(as_json):
        spawning = multiprocessing.get_context("spawn")
        for size in sizes or SIZES:
            typer.echo(f"{size:,} 个问法 …", err=True)
            with ProcessPoolExecutor(1, mp_context=spawning) as alone:
                figures = alone.submit(measure, size, edits, training).result()
            measured.append(asdict(figures))
            if not as_json:
                typer.echo("\n".join(f"{name:>36}  {value}" for name, value in measured[-1].items()))
            if into is not None:
                write_table(into, "bench-kb", as_markdown(measured))
    if as_json:
        typer.echo(json.dumps(measured, ensure_ascii=False))
    if any(one["errors"] for one in measured):
        raise typer.Exit(1)
