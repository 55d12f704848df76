"""Sets the shipped search beside simpler methods on every development set that is there; remembered by their input."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from knowledge_base import baselines, evaluate, real_utterances, unseen_shops
from knowledge_base.calibration import Asked
from knowledge_base.embedder import open_embedder
from knowledge_base.embedding_cache import CachedEmbedder
from knowledge_base.evaluate import Judged, auroc, coverage_at, weights_of
from knowledge_base.faq import Served
from knowledge_base.finetuning import groups
from knowledge_base.finetuning.groups import Group
from knowledge_base.finetuning.outsiders import outsiders_of
from knowledge_base.labelled import read_index, read_queries
from knowledge_base.progress import Telling
from knowledge_base.settings import Settings

UNSEEN_SHOPS = 3
"""One shop with one, five and twelve phrasings an entry, all of topics that the model did not learn."""
TOLD = ("r1", "r3", "r5", "auroc_near", "auroc_mid", "auroc_far", "coverage_p90", "coverage_p95")


@dataclass(frozen=True)
class LabelledSet:
    name: str
    entries: Sequence[Served]
    asked: Sequence[Asked]
    elsewhere: Sequence[Group] | None = None
    """What is known of elsewhere, where that must not be all that is shipped: some of it is asked here."""


def sets(training: Path, data: Path | None) -> Iterator[LabelledSet]:
    """Those in the repository always, those of the data folder where it is there."""
    questions = training / "evaluation" / "faq_questions.tsv"
    seed = real_utterances.seed_faq(training / "faq")
    yield LabelledSet("seed FAQ, dev half", seed, read_queries(questions, development_only=True))
    yield LabelledSet("seed FAQ, test half", seed, read_queries(questions, test_only=True))
    outside = [one for one in read_queries(questions, development_only=True) if one.kind in ("mid", "far")]
    shoppers, others = groups.paraphrases(training / "paraphrases"), groups.elsewhere(training / "elsewhere")
    shops = unseen_shops.shops(shoppers, others, outside)
    yield from (LabelledSet(one.name, one.entries, one.asked, one.elsewhere) for one in islice(shops, UNSEEN_SHOPS))
    if data is None:
        return
    for index in sorted((data / "retrieval").glob("*.index.tsv")):
        name = index.name.removesuffix(".index.tsv")
        yield LabelledSet(name, read_index(index), read_queries(index.with_name(f"{name}.queries.tsv")))
    real = real_utterances.asked(data, training / "evaluation" / "real_utterances.tsv")
    if real:
        yield LabelledSet("real utterances", seed, real)


def figures_of(scores: baselines.Scores, entries: Sequence[Served], asked: Sequence[Asked]) -> dict[str, Any]:
    """The table's figures for a method that gives every entry a score and whose best score is its confidence."""
    order = np.argsort(-scores, axis=1, kind="stable")[:, :10]
    ids = [entry.id for entry in entries]
    hits = np.array([[ids[place] in one.ids for place in row] for row, one in zip(order, asked, strict=True)])
    kinds = np.array([one.kind for one in asked])
    inside = hits[kinds == "in"]
    best = scores.max(axis=1)
    judged = Judged(best, hits[:, 0], weights_of(kinds.tolist()))
    found: dict[str, Any] = {f"r{depth}": float(inside[:, :depth].any(axis=1).mean()) for depth in (1, 3, 5)}
    for kind in ("near", "mid", "far"):
        found[f"auroc_{kind}"] = auroc(best[kinds == "in"], best[kinds == kind])
    found |= {"coverage_p90": coverage_at(0.90, judged), "coverage_p95": coverage_at(0.95, judged)}
    return {name: None if value is None else round(value, 4) for name, value in found.items()}


class Comparison:
    """`folder` keeps the plain model, its vectors, and every result under a hash of all that it depends on."""

    def __init__(self, settings: Settings, folder: Path, say: Callable[[str], None], telling: Telling) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._say, self._telling = folder, say, telling
        self._settings, self._cache = settings, folder / "embeddings.sqlite3"
        self._search, self._embedder = evaluate.production(settings, self._cache)
        self._plain = CachedEmbedder(open_embedder("", plain_model(settings, say)), self._cache)

    def run(self, chosen: LabelledSet) -> dict[str, dict[str, Any]]:
        """Figures by method."""
        methods: dict[str, Callable[[], dict[str, Any]]] = {
            "BM25-jieba": lambda: self._scored(chosen, baselines.bm25(chosen.entries)),
            "plain e5": lambda: self._scored(chosen, baselines.plain(chosen.entries, self._plain)),
            "plain e5 + letters": lambda: self._scored(chosen, baselines.two_way(chosen.entries, self._plain)),
            "shipped": lambda: self._shipped(chosen),
        }
        return {name: self._remembered(name, chosen, compute) for name, compute in methods.items()}

    @staticmethod
    def _scored(chosen: LabelledSet, method: baselines.Method) -> dict[str, Any]:
        return figures_of(method([one.text for one in chosen.asked]), chosen.entries, chosen.asked)

    def _shipped(self, chosen: LabelledSet) -> dict[str, Any]:
        search, embedder = self._search, self._embedder
        if chosen.elsewhere is not None:
            known = outsiders_of(chosen.elsewhere, self._embedder)
            search, embedder = evaluate.production(self._settings, self._cache, known)
        outcomes, seconds = evaluate.ask_all(search, embedder, chosen.entries, chosen.asked, self._telling, chosen.name)
        return evaluate.table(outcomes, seconds, self._embedder.fingerprint)

    def _remembered(self, method: str, chosen: LabelledSet, compute: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        about = [method, program(), self._embedder.fingerprint, self._plain.fingerprint]
        known = [group.texts for group in chosen.elsewhere or ()]
        content = [asdict(entry) for entry in chosen.entries], [(a.kind, sorted(a.ids), a.text) for a in chosen.asked]
        key = hashlib.sha256(json.dumps([about, content, known], ensure_ascii=False).encode()).hexdigest()[:32]
        file = self._folder / f"{key}.json"
        if file.exists():
            self._say(f"{chosen.name}, {method}: unchanged")
            return dict(json.loads(file.read_text(encoding="utf-8")))
        self._say(f"{chosen.name}, {method}: {len(chosen.asked)} questions, {len(chosen.entries)} entries")
        figures = compute()
        file.write_text(json.dumps(figures, ensure_ascii=False), encoding="utf-8")
        return figures


def program() -> str:
    """A hash of everything in this package that may change a figure."""
    package = Path(__file__).parent
    digest = hashlib.sha256()
    for file in sorted(one for one in package.rglob("*") if one.suffix in {".py", ".json", ".txt", ".safetensors"}):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def plain_model(settings: Settings, say: Callable[[str], None]) -> Path:
    """The model without what was learnt for this project; made once, in half a minute."""
    into = settings.home / "models" / "plain"
    if not (into / "default" / "model.json").exists():
        from knowledge_base.model.prepare import prepare  # torch takes seconds to import

        prepare(into, say=say, learnt=None)
    return into / "default"


def as_markdown(results: dict[str, dict[str, dict[str, Any]]]) -> str:
    """One line a set and method."""
    head = ("set", "method", "R@1", "R@3", "R@5", "near", "mid", "far", "cov. 90", "cov. 95", "p95 ms")
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for name, methods in results.items():
        for method, figures in methods.items():
            cells = [_cell(figures.get(key)) for key in TOLD]
            milliseconds = figures.get("p95_ms")
            cells.append("" if milliseconds is None else f"{milliseconds:.1f}")
            shown = f"**{method}**" if method == "shipped" else method
            lines.append(f"| {name} | {shown} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}".removeprefix("0")
