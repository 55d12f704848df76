"""An edit of a large FAQ shares the indexes that are there, and finds what indexes built anew would find."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from knowledge_base import index, snapshot_edit, snapshot_files
from knowledge_base import text as texts
from knowledge_base.embedder import Vectors
from knowledge_base.embedding_cache import CachedEmbedder
from knowledge_base.faq import Content, Served
from knowledge_base.lexical import TERMS, Bag, Bags, bag_of
from knowledge_base.ranking import rank
from knowledge_base.snapshot import Snapshot, build
from knowledge_base.snapshot_edit import edited, folded, is_due_for_folding
from tests.knowledge_base.stand_ins import KnowsAFewWords

ENTRIES = 40
WORDS = ("退货", "运费", "快递", "发票", "优惠券", "尺码", "退款", "地址", "颜色", "会员", "保修", "赠品")
ASKED = ("退货的运费谁来出", "快递几天能到", "会员有优惠券吗", "第三种问法", "谁也没问过")


class Embeds(KnowsAFewWords):
    """Directions of their own for texts that differ, so that no two rows are equally near."""

    @staticmethod
    def _one(text: str) -> Vectors:
        own = np.random.default_rng(sum(text.encode()) * 1009 + len(text)).standard_normal(16)
        vector = 2 * KnowsAFewWords._one(text) + own / 4
        return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


@pytest.fixture
def embedder(tmp_path: Path) -> CachedEmbedder:
    return CachedEmbedder(Embeds(), tmp_path / "cache.sqlite3")


@pytest.fixture(params=["compared", "lists"], autouse=True)
def _any_size_is_large(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot_edit, "REBUILT_UP_TO", -1)
    monkeypatch.setattr(index, "EXACT_UP_TO", 1_000_000 if request.param == "compared" else 10)
    monkeypatch.setattr(index, "RECALL", 2.0)  # look into all lists: what is compared here is not how many are


def entry(number: int, wordings: int = 5, more: str = "") -> Served:
    dice = random.Random(f"{number} {wordings} {more}")
    said = [f"{dice.choice(WORDS)}{dice.choice(WORDS)}{number}的第{one}种问法{more}" for one in range(wordings)]
    return Served(f"e{number:04}", Content(said[0], f"{dice.choice(WORDS)}这样办", "", similar=tuple(said[1:])), 1)


@pytest.fixture
def first(embedder: CachedEmbedder) -> Snapshot:
    return build("kb", 1, [entry(number) for number in range(0, 2 * ENTRIES, 2)], embedder)


def served(snapshot: Snapshot) -> list[Served]:
    return list(snapshot.entries)


def a_change(dice: random.Random, step: int) -> dict[str, Served | None]:
    """Up to four entries that are new, gone, changed, or as they were."""
    numbers = dice.sample(range(2 * ENTRIES), dice.randint(1, 4))
    return {
        entry(number).id: None if dice.random() < 0.3 else entry(number, dice.randint(0, 7) + 1, f"改{step % 3}")
        for number in numbers
    }


def series(first: Snapshot, embedder: CachedEmbedder, seed: int, steps: int) -> Iterator[Snapshot]:
    dice, snapshot = random.Random(seed), first
    for step in range(steps):
        snapshot = edited(snapshot, snapshot.revision + 1, a_change(dice, step), embedder)
        yield snapshot


def questions(snapshot: Snapshot) -> Sequence[str]:
    return [*ASKED, *snapshot.phrasings[:: max(1, len(snapshot.phrasings) // 5)]]


def assert_finds_the_same(snapshot: Snapshot, anew: Snapshot, embedder: CachedEmbedder) -> None:
    assert [one.id for one in snapshot.entries] == [one.id for one in anew.entries]
    assert served(snapshot) == served(anew)
    assert snapshot.phrasings == anew.phrasings
    assert snapshot.starts.tolist() == anew.starts.tolist()
    assert snapshot.owners.tolist() == anew.owners.tolist()
    np.testing.assert_array_equal(snapshot.answer_vectors, anew.answer_vectors)
    np.testing.assert_allclose(snapshot.centroids, anew.centroids, atol=1e-6)
    np.testing.assert_array_equal(snapshot.vectors.all_vectors(), anew.vectors.all_vectors())
    rows = np.arange(len(anew.phrasings))[::-3]
    np.testing.assert_array_equal(snapshot.vectors.vectors_of(rows), anew.vectors.vectors_of(rows))
    assert (snapshot.lexical.bags != anew.lexical.bags).nnz == 0
    assert (snapshot.documents.bags != anew.documents.bags).nnz == 0
    for phrasing, vector in zip(anew.phrasings, anew.vectors.all_vectors(), strict=True):
        known = snapshot.vector_of(phrasing)
        assert known is not None and np.array_equal(known, vector)
    for question in questions(anew):
        vector, bag = embedder.embed_question(question), bag_of(texts.normalised(question))
        for depth in (1, 7, len(anew.phrasings) + 5):
            found, scores = snapshot.vectors.nearest(vector, depth)
            expected, expected_scores = anew.vectors.nearest(vector, depth)
            assert found.tolist() == expected.tolist()
            np.testing.assert_allclose(scores, expected_scores, atol=1e-5)
        assert snapshot.lexical.scores(bag).shape == anew.lexical.scores(bag).shape
        assert (snapshot.lexical.scores(bag) > 0).tolist() == (anew.lexical.scores(bag) > 0).tolist()
        assert [snapshot.lexical.knows(one) for one in question] == [anew.lexical.knows(one) for one in question]


@pytest.mark.parametrize("seed", range(2))
def test_after_any_edits_the_same_is_found_as_by_a_build_from_nothing(
    first: Snapshot, embedder: CachedEmbedder, seed: int
) -> None:
    for snapshot in series(first, embedder, seed, steps=10):
        anew = build("kb", snapshot.revision, served(snapshot), embedder)

        assert_finds_the_same(snapshot, anew, embedder)
    assert not snapshot.is_folded


def weighed(bag: Bag, base: Bags) -> np.ndarray:
    """The terms as the base weighs them, which is by how many of its rows have each."""
    rows_with = np.bincount(base.indices, minlength=TERMS)
    weights = np.zeros(TERMS)
    weights[bag.terms] = bag.weights * (np.log((1 + base.shape[0]) / (1 + rows_with[bag.terms])) + 1)
    return weights / np.linalg.norm(weights)


def test_letters_are_weighed_by_how_rare_they_were_until_all_is_folded(
    first: Snapshot, embedder: CachedEmbedder
) -> None:
    snapshot = edited(first, 2, {"e0004": None, "e0006": entry(6, 5, "改"), "e0007": entry(7)}, embedder)

    places = snapshot.vectors.places
    assert places is not None
    rows = [0, 10, 60, *places.in_segment.tolist()]
    bags = [bag_of(snapshot.phrasings[row]) for row in rows]
    for question in questions(snapshot):
        asked = bag_of(texts.normalised(question))
        for one, base in ((snapshot, first.lexical.bags), (folded(snapshot), snapshot.lexical.bags)):
            vector = weighed(asked, base)
            expected = [float(weighed(bag, base) @ vector) for bag in bags]
            np.testing.assert_allclose(one.lexical.scores(asked)[rows], expected, atol=1e-5)
            share = snapshot.lexical.bags[:, asked.terms].sum(axis=0) > 0
            known = (vector[asked.terms][share] ** 2).sum()
            assert one.lexical.known_share(asked) == pytest.approx(known, abs=1e-5)


def test_an_edit_of_what_is_not_searched_moves_nothing(first: Snapshot, embedder: CachedEmbedder) -> None:
    before = first.entry("e0004")
    assert before is not None
    other_answer = replace(before, version=2, content=replace(before.content, answer="现在那样办"))

    snapshot = edited(first, 2, {"e0004": other_answer, "e0001": None}, embedder)

    assert snapshot.entry("e0004") == other_answer
    assert snapshot.vectors is first.vectors
    assert_finds_the_same(snapshot, build("kb", 2, served(snapshot), embedder), embedder)


def test_phrasings_in_another_order_keep_their_vectors(first: Snapshot, embedder: CachedEmbedder) -> None:
    before = first.entry("e0004")
    assert before is not None
    turned = before.content.phrasings[::-1]
    content = replace(before.content, question=turned[0], similar=turned[1:])

    snapshot = edited(first, 2, {"e0004": replace(before, content=content)}, embedder)

    assert_finds_the_same(snapshot, build("kb", 2, served(snapshot), embedder), embedder)
    assert_finds_the_same(folded(snapshot), build("kb", 2, served(snapshot), embedder), embedder)


def test_when_everything_is_removed_nothing_is_found_and_what_comes_then_is(
    first: Snapshot, embedder: CachedEmbedder
) -> None:
    empty = edited(first, 2, {one.id: None for one in first.entries}, embedder)
    again = edited(empty, 3, {"e0003": entry(3)}, embedder)

    assert (empty.entries, empty.phrasings, rank(empty, "退货", embedder.embed_question("退货"))) == ((), (), [])
    assert empty.vector_of(first.phrasings[0]) is None
    assert_finds_the_same(again, build("kb", 3, [entry(3)], embedder), embedder)


def test_the_snapshot_before_answers_as_before(first: Snapshot, embedder: CachedEmbedder) -> None:
    def answers(snapshot: Snapshot) -> list[object]:
        return [rank(snapshot, one, embedder.embed_question(one)) for one in questions(first)]

    snapshots = [first]
    expected = [answers(first)]
    for snapshot in series(first, embedder, seed=5, steps=6):
        snapshots.append(snapshot)
        expected.append(answers(snapshot))

    assert [answers(snapshot) for snapshot in snapshots] == expected


def test_searches_during_edits_and_folding_meet_no_error(first: Snapshot, embedder: CachedEmbedder) -> None:
    latest, errors, is_over = [first], [], threading.Event()
    vectors = {one: embedder.embed_question(one) for one in ASKED}

    def keep_asking() -> None:
        while not is_over.is_set():
            for question, vector in vectors.items():
                try:
                    assert rank(latest[-1], question, vector)
                except BaseException as error:
                    errors.append(error)

    askers = [threading.Thread(target=keep_asking) for _ in range(2)]
    for asker in askers:
        asker.start()
    for snapshot in series(first, embedder, seed=9, steps=20):
        latest[:] = [folded(snapshot) if snapshot.revision % 7 == 0 else snapshot]
    is_over.set()
    for asker in askers:
        asker.join()

    assert errors == []


def test_folding_makes_what_a_build_from_nothing_makes(first: Snapshot, embedder: CachedEmbedder) -> None:
    *_, snapshot = series(first, embedder, seed=2, steps=10)

    made, anew = folded(snapshot), build("kb", snapshot.revision, served(snapshot), embedder)

    assert made.is_folded
    assert_finds_the_same(made, anew, embedder)
    for question in questions(anew):
        bag = bag_of(texts.normalised(question))
        np.testing.assert_array_equal(made.lexical.scores(bag), anew.lexical.scores(bag))
        np.testing.assert_array_equal(made.documents.scores(bag), anew.documents.scores(bag))
    again = edited(made, made.revision + 1, {"e0001": entry(1, 3, "又")}, embedder)
    assert_finds_the_same(again, build("kb", again.revision, served(again), embedder), embedder)


def test_what_was_folded_and_saved_takes_edits_after_a_restart(
    first: Snapshot, embedder: CachedEmbedder, tmp_path: Path
) -> None:
    *_, snapshot = series(first, embedder, seed=4, steps=5)
    snapshot_files.save(folded(snapshot), tmp_path / "kept")

    loaded = snapshot_files.load(tmp_path / "kept", embedder.fingerprint, embedder.dimensions, embedder.word_space)

    assert loaded is not None
    assert_finds_the_same(loaded, build("kb", loaded.revision, served(loaded), embedder), embedder)
    for later in series(loaded, embedder, seed=6, steps=5):
        assert_finds_the_same(later, build("kb", later.revision, served(later), embedder), embedder)
    assert_finds_the_same(folded(later), build("kb", later.revision, served(later), embedder), embedder)


def test_a_small_faq_and_an_import_are_made_anew(
    first: Snapshot, embedder: CachedEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot_edit, "MOST_AT_ONCE", 9)
    one, two = {"e0003": entry(3)}, {"e0003": entry(3), "e0005": entry(5)}

    assert not edited(first, 2, one, embedder).is_folded
    assert edited(first, 2, two, embedder).is_folded
    assert edited(first, 2, {"e0002": None, "e0004": None}, embedder).is_folded
    monkeypatch.setattr(snapshot_edit, "REBUILT_UP_TO", len(first.phrasings))
    small = edited(first, 2, one, embedder)
    assert small.is_folded
    assert_finds_the_same(small, build("kb", 2, served(small), embedder), embedder)


def test_folding_is_due_when_many_rows_are_new_or_gone(
    first: Snapshot, embedder: CachedEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot_edit, "DRIFT_SHARE", 8 / len(first.phrasings))

    five_new = edited(first, 2, {"e0003": entry(3)}, embedder)
    five_gone_as_well = edited(five_new, 3, {"e0006": None}, embedder)

    assert [is_due_for_folding(one) for one in (first, five_new, five_gone_as_well)] == [False, False, True]
    assert not is_due_for_folding(folded(five_gone_as_well))
