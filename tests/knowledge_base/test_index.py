"""The index compares everything as long as it can, then looks only where it pays, and an edit costs an edit."""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np
import pytest

from knowledge_base import index
from knowledge_base.embedder import Vectors
from knowledge_base.embedding_cache import CachedEmbedder
from knowledge_base.faq import Content, Served
from knowledge_base.index import UnreadableIndex, VectorIndex, nearest_of_all, questions_like, recall
from knowledge_base.snapshot import build
from tests.knowledge_base.stand_ins import KnowsAFewWords

ROWS = 4000


@pytest.fixture
def phrasings(monkeypatch: pytest.MonkeyPatch) -> Vectors:
    """Vectors in groups, as phrasings of entries are, and an index that calls so many too many to compare."""
    monkeypatch.setattr(index, "EXACT_UP_TO", ROWS // 2)
    random = np.random.default_rng(3)
    entries = random.standard_normal((ROWS // 10, 32))
    rows = entries[np.repeat(np.arange(len(entries)), 10)] + 0.5 * random.standard_normal((ROWS, 32))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def found_by(made: VectorIndex, asked: Vectors, depth: int) -> np.ndarray:
    return np.array([made.nearest(one, depth)[0] for one in asked])


def test_up_to_the_limit_every_vector_is_compared_and_above_it_nearly_all_are_found(phrasings: Vectors) -> None:
    few, many = VectorIndex.build(phrasings[: ROWS // 2]), VectorIndex.build(phrasings)
    asked = questions_like(phrasings, 200, seed=11)

    assert (few.is_exact, many.is_exact) == (True, False)
    assert recall(found_by(many, asked, 10), nearest_of_all(phrasings, asked, 10)) >= 0.99
    assert recall(found_by(few, asked, 10), nearest_of_all(phrasings[: ROWS // 2], asked, 10)) == 1


def test_an_edit_keeps_the_lists_and_finds_what_is_new_and_nothing_that_is_gone(phrasings: Vectors) -> None:
    before = VectorIndex.build(phrasings)
    kept = np.arange(1, ROWS)
    new = questions_like(phrasings, 3, seed=12)
    vectors = np.concatenate([phrasings[kept], new])

    after = VectorIndex.build(vectors, before, np.concatenate([kept, [-1, -1, -1]]))
    asked = questions_like(vectors, 200, seed=13)

    assert [after.nearest(one, 1)[0][0] for one in new] == [ROWS - 1, ROWS, ROWS + 1]
    assert after.nearest(phrasings[0], 1)[1][0] < 0.999
    assert recall(found_by(after, asked, 10), nearest_of_all(vectors, asked, 10)) >= 0.98
    np.testing.assert_array_equal(after.vectors_of(np.arange(len(after))), vectors)


def test_an_edit_across_the_limit_stays_exact_for_a_while_and_a_start_does_not(phrasings: Vectors) -> None:
    limit = ROWS // 2
    before = VectorIndex.build(phrasings[:limit])

    a_little_more = VectorIndex.build(phrasings[: limit + 5], before, np.append(np.arange(limit), [-1] * 5))
    much_more = VectorIndex.build(phrasings, before, np.append(np.arange(limit), [-1] * limit))

    assert (a_little_more.is_exact, much_more.is_exact) == (True, False)
    assert not VectorIndex.build(phrasings[: limit + 5]).is_exact


def test_lists_are_learnt_anew_when_many_small_steps_have_outgrown_them(
    phrasings: Vectors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "EXACT_UP_TO", ROWS // 4)

    def lists_of(made: VectorIndex) -> int:
        made.save(tmp_path / "lists.faiss")
        return int(faiss.read_index(str(tmp_path / "lists.faiss")).nlist)

    made = VectorIndex.build(phrasings)
    lists = [lists_of(made)]
    for share in (0.75, 0.55, 0.45):  # only the last is less than half of what the lists were learnt from
        kept = np.arange(int(share * ROWS))
        made = VectorIndex.build(phrasings[kept], made, kept)
        lists.append(lists_of(made))

    assert lists[0] == lists[1] == lists[2] != lists[3]


def test_lists_survive_a_restart_and_the_next_edit(phrasings: Vectors, tmp_path: Path) -> None:
    VectorIndex.build(phrasings).save(tmp_path / "lists.faiss")

    opened = VectorIndex.open(tmp_path / "lists.faiss", *phrasings.shape)
    edited = VectorIndex.build(phrasings[1:], opened, np.arange(1, ROWS))

    assert [edited.nearest(phrasings[row], 1)[0][0] for row in (1, 17, ROWS - 1)] == [0, 16, ROWS - 2]
    np.testing.assert_array_equal(opened.all_vectors(), phrasings)


def test_another_file_is_not_taken_for_an_index(phrasings: Vectors, tmp_path: Path) -> None:
    VectorIndex.build(phrasings).save(tmp_path / "lists.faiss")
    (tmp_path / "other.faiss").write_bytes(b"no index" * 20)

    with pytest.raises(UnreadableIndex):
        VectorIndex.open(tmp_path / "lists.faiss", ROWS - 1, 32)
    with pytest.raises(UnreadableIndex):
        VectorIndex.open(tmp_path / "other.faiss", ROWS, 32)


def test_no_vectors_are_an_index_as_well() -> None:
    empty = VectorIndex.build(np.empty((0, 32), dtype=np.float32))

    rows, scores = empty.nearest(np.ones(32, dtype=np.float32), 10)

    assert (len(empty), len(rows), len(scores), empty.all_vectors().shape) == (0, 0, 0, (0, 32))


def test_a_snapshot_after_an_edit_equals_one_built_from_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(index, "EXACT_UP_TO", 40)
    embedder = CachedEmbedder(KnowsAFewWords(), tmp_path / "cache.sqlite3")

    def entry(number: int, *more: str) -> Served:
        own = tuple(f"第{number}条第{wording}种问法" for wording in range(8))
        return Served(f"e{number:02}", Content(f"第{number}条的退货", "答", "退货", similar=own + more), 1)

    before = build("kb", 1, [entry(number) for number in range(12)], embedder)
    edited = [entry(number) for number in range(12) if number != 3]
    edited[5] = entry(6, "新加的运费问法")

    after = build("kb", 2, edited, embedder, before)
    anew = build("kb", 2, edited, embedder)

    assert after.phrasings == anew.phrasings
    assert after.starts.tolist() == anew.starts.tolist()
    np.testing.assert_array_equal(after.vectors.all_vectors(), anew.vectors.all_vectors())
    np.testing.assert_allclose(after.centroids, anew.centroids, atol=1e-6)
    assert (after.lexical.bags != anew.lexical.bags).nnz == 0
