"""What the confidence learns from: FAQs with phrasings and entries held back, asked, and what was measured then."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from knowledge_base import text as texts
from knowledge_base.confidence import Measures
from knowledge_base.embedder import Vectors
from knowledge_base.embedding_cache import CachedEmbedder
from knowledge_base.faq import Served
from knowledge_base.finetuning.groups import Group
from knowledge_base.finetuning.outsiders import outsiders_of
from knowledge_base.lexical import bag_of
from knowledge_base.ranking import rank_as_meant
from knowledge_base.search import JUDGED
from knowledge_base.snapshot import Snapshot, build

FOLDS = 5


@dataclass(frozen=True)
class Asked:
    """A labelled question: the ids that answer it; none for one that must not be answered."""

    kind: str
    ids: frozenset[str]
    text: str


@dataclass(frozen=True)
class Example:
    """One asked question: what was measured of its first candidates, and which of them were right."""

    kind: str
    regime: str
    group: int
    """Keeps a topic's questions in one fold."""
    measured: tuple[Mapping[str, float], ...]
    right: tuple[bool, ...]
    is_unseen: bool = False
    """Whether it was asked in a shop that the model never saw a question of."""


@dataclass(frozen=True)
class Regime:
    """An FAQ, what it is asked, and what is known of elsewhere meanwhile."""

    name: str
    entries: Sequence[Served]
    asked: Sequence[Asked]
    elsewhere: Sequence[Group]
    is_unseen: bool = False
    """Whether the model never saw a question of it."""


def fold_of(text: str) -> int:
    """A fold that depends on the text alone, so that it is the same everywhere."""
    return hashlib.sha256(text.encode()).digest()[0] % FOLDS


def with_phrasings(entry: Served, similar: Iterable[str]) -> Served:
    return replace(entry, content=replace(entry.content, similar=tuple(similar)))


def without_answer(entry: Served) -> Served:
    """The questions alone, as in a list of questions that somebody wants evaluated."""
    return replace(entry, content=replace(entry.content, answer="", keywords=()))


def regimes(entries: Sequence[Served], asked: Sequence[Asked], elsewhere: Sequence[Group]) -> Iterator[Regime]:
    """Smaller FAQs made from this one, each asked questions that were written without its phrasings in sight.

    Not its own similar questions: the model has learnt those, so it would look surer than it is of a stranger's words.
    With answers and without, with one, five and all phrasings, without a fifth of the entries or of the categories.
    """
    bare = [without_answer(entry) for entry in entries]
    yield Regime("whole FAQ", entries, asked, elsewhere)
    yield Regime("bare FAQ", bare, asked, elsewhere)
    for name, count in (("one phrasing", 0), ("five phrasings", 4)):
        fewer = [with_phrasings(entry, entry.content.similar[:count]) for entry in bare]
        yield Regime(name, fewer, asked, elsewhere)
    for fold in range(FOLDS):
        entry_hole = {entry.id for entry in entries if fold_of(entry.id) == fold}
        yield Regime(f"entries {fold} gone", *_without(bare, asked, entry_hole), elsewhere)
        category_hole = {entry.id for entry in entries if fold_of(entry.content.category) == fold}
        yield Regime(f"categories {fold} gone", *_without(entries, asked, category_hole), elsewhere)


def _without(entries: Sequence[Served], asked: Sequence[Asked], gone: set[str]) -> tuple[list[Served], list[Asked]]:
    """The FAQ with a hole; questions whose every answer fell into it must not be answered."""
    left = [
        replace(one, kind="in" if one.ids - gone else "near", ids=one.ids - gone) if one.ids else one for one in asked
    ]
    return [entry for entry in entries if entry.id not in gone], left


class _Remembered:
    """Vectors of texts; those known before are looked up together."""

    def __init__(self, embedder: CachedEmbedder, known: Sequence[str]) -> None:
        self._embedder = embedder
        self._vectors: dict[str, Vectors] = dict(zip(known, embedder.embed(known), strict=True))

    def of(self, text: str) -> Vectors:
        if text not in self._vectors:
            self._vectors[text] = self._embedder.embed([text])[0]
        return self._vectors[text]


def examples(regime: Regime, snapshot: Snapshot, embedder: CachedEmbedder) -> list[Example]:
    """Every question with the features of its first candidates."""
    vectors = _Remembered(embedder, [texts.normalised(one.text) for one in regime.asked])
    outsiders = outsiders_of(regime.elsewhere, embedder)
    found = []
    for one in regime.asked:
        question, ranked = rank_as_meant(snapshot, texts.normalised(one.text), vectors.of)
        judged = ranked[:JUDGED]
        known_share = snapshot.lexical.known_share(bag_of(question))
        outside = outsiders.measured(vectors.of(question), judged)
        words_of = snapshot.words_beside(embedder.question_words)
        measures = Measures(ranked, question, known_share, words_of, outside)
        found.append(
            Example(
                one.kind,
                regime.name,
                fold_of(_topic_of(one, snapshot)),
                tuple(measures.of(place) for place in range(len(judged))),
                tuple(candidate.entry.id in one.ids for candidate in judged),
                regime.is_unseen,
            )
        )
    return found


def _topic_of(one: Asked, snapshot: Snapshot) -> str:
    """The category of the first right entry, so that what is held out is another topic, not another sentence."""
    first = snapshot.entry(min(one.ids)) if one.ids else None
    return one.text if first is None else first.content.category or first.id


def gather(shops: Iterable[Regime], embedder: CachedEmbedder, say: Callable[[str], None]) -> list[Example]:
    gathered: list[Example] = []
    for regime in shops:
        snapshot = build("calibration", 0, regime.entries, embedder)
        gathered += examples(regime, snapshot, embedder)
        say(f"{regime.name}: {len(regime.asked)} questions against {len(regime.entries)} entries")
    return gathered
