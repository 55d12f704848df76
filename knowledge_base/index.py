"""The doorway to FAISS: an immutable index over all vectors; an edit makes another one that shares its base."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from knowledge_base.embedder import Vectors
from knowledge_base.places import Numbers, Places, is_unmoved

EXACT_UP_TO = 100_000
"""Phrasings up to which every vector is compared (10 ms on one core); above, only the lists nearest the question."""
STAYS_EXACT = 1.1
"""How far an exact index may grow beyond by edits: learning lists takes seconds, better at a start than in an edit."""
LISTS_PER_ROOT = 2
"""Lists for a million vectors: 2,000. More would search faster and take longer to learn."""
LEARNT_PER_LIST, LEARNING_ROUNDS = 50, 6
RECALL = 0.99
"""What the lists must find of what comparing everything finds; so many are looked into as that takes."""
CHECKED_DEPTH, CHECKED_QUESTIONS = 10, 128
QUESTION_LIKENESS = 0.85
"""The cosine between a made-up question and the phrasing it is made from: about that of a paraphrase."""
OUTGROWN = 2.0
"""Lists are learnt anew when there are so many times more or fewer vectors than they were learnt from."""

faiss.omp_set_num_threads(1)  # searches run beside each other, one core each


class UnreadableIndex(Exception):
    """The file on disk is not an index of these vectors."""


class VectorIndex:
    """Inner-product search over rows; a row's number is its place in the matrix it was built from.

    FAISS holds the base. What edits added is in the segment, where everything is compared."""

    def __init__(
        self,
        index: faiss.Index,
        in_list: Numbers | None = None,
        places: Places | None = None,
        segment: Vectors | None = None,
    ) -> None:
        self._index: Any = index  # FAISS describes its base class only
        self._in_list = in_list
        """The list of every place of the base, where there are lists: folding puts only new rows into lists."""
        self._places = places
        """None where there is no segment and nothing is gone: rows are the places of the base."""
        self._segment = np.empty((0, index.d), dtype=np.float32) if segment is None else segment
        self._live = None if places is None or not places.gone else _selector_of(places)
        """FAISS does not keep it alive for those who search by it."""

    @classmethod
    def build(
        cls, vectors: Vectors, previous: VectorIndex | None = None, came_from: Numbers | None = None
    ) -> VectorIndex:
        """An index over the rows, all of them in the base. `came_from` names each row's place in `previous`, -1 for a
        new one."""
        count, width = vectors.shape
        vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        is_growing = previous is not None and previous.is_exact and len(previous) > 0
        if count <= EXACT_UP_TO * (STAYS_EXACT if is_growing else 1):
            index: faiss.Index = faiss.IndexFlatIP(width)
            index.add(vectors)
            return cls(index)
        if previous is not None and came_from is not None and previous._fits(count):
            return cls._with_lists_of(previous, vectors, came_from)
        return cls._with_new_lists(vectors)

    def edited(self, came_from: Numbers, new: Vectors) -> VectorIndex:
        """The same base under other rows: `came_from` as above, and the vectors of the new ones in their order."""
        if is_unmoved(came_from, len(self)):
            return self
        before = Places.of_base(len(self)) if self._places is None else self._places
        places, taken = before.after(came_from)
        segment = np.empty((len(taken), self._index.d), dtype=np.float32)
        segment[taken >= 0] = self._segment[taken[taken >= 0]]
        segment[taken < 0] = new
        return VectorIndex(self._index, self._in_list, places, segment)

    def folded(self) -> VectorIndex:
        """The same rows, all of them in the base."""
        return self if self.is_folded else VectorIndex.build(self.all_vectors(), self, np.arange(len(self)))

    @property
    def is_folded(self) -> bool:
        return self._places is None

    @property
    def places(self) -> Places | None:
        """Where the rows lie after edits; None where the base has them all."""
        return self._places

    @property
    def drift(self) -> int:
        """How many rows are new or gone since the base was made."""
        return 0 if self._places is None else len(self._segment) + self._places.gone

    @property
    def is_exact(self) -> bool:
        return not isinstance(self._index, faiss.IndexIVF)

    def _fits(self, count: int) -> bool:
        if self.is_exact or self._in_list is None:
            return False
        learnt_from: float = (self._index.nlist / LISTS_PER_ROOT) ** 2
        return 1 / OUTGROWN < learnt_from / count < OUTGROWN

    @classmethod
    def _with_new_lists(cls, vectors: Vectors) -> VectorIndex:
        count, width = vectors.shape
        lists = LISTS_PER_ROOT * int(math.sqrt(count))
        index: Any = faiss.IndexIVFFlat(faiss.IndexFlatIP(width), width, lists, faiss.METRIC_INNER_PRODUCT)
        index.cp.niter, index.cp.spherical, index.cp.seed = LEARNING_ROUNDS, True, 7
        index.cp.min_points_per_centroid, index.cp.max_points_per_centroid = 1, LEARNT_PER_LIST
        index.train(vectors)
        in_list = index.quantizer.search(vectors, 1)[1][:, 0]
        made = cls(_filled(index, vectors, in_list), in_list)
        made._look_far_enough(vectors)
        return made

    @classmethod
    def _with_lists_of(cls, previous: VectorIndex, vectors: Vectors, came_from: Numbers) -> VectorIndex:
        assert previous._in_list is not None
        old, places = previous._index, previous._places
        if places is not None:
            came_from = np.where(came_from < 0, -1, places.of_row[np.maximum(came_from, 0)])
            came_from[came_from >= places.base] = -1  # the segment is in no list
        in_list = previous._in_list[np.maximum(came_from, 0)]
        new = np.flatnonzero(came_from < 0)
        if len(new):
            in_list[new] = old.quantizer.search(vectors[new], 1)[1][:, 0]
        centroids = faiss.clone_index(old.quantizer)  # the old index may own its own and let it go
        index = faiss.IndexIVFFlat(centroids, old.d, old.nlist, faiss.METRIC_INNER_PRODUCT)
        index.nprobe = old.nprobe
        return cls(_filled(index, vectors, in_list), in_list)

    def _look_far_enough(self, vectors: Vectors) -> None:
        """Look into more lists until made-up questions find what comparing all vectors finds."""
        asked = questions_like(vectors, CHECKED_QUESTIONS)
        exact = nearest_of_all(vectors, asked, CHECKED_DEPTH)
        self._index.nprobe = 8
        while self._index.nprobe < self._index.nlist:
            found = self._index.search(asked, CHECKED_DEPTH)[1]
            if recall(found, exact) >= RECALL:
                return
            self._index.nprobe = min(2 * self._index.nprobe, self._index.nlist)

    @classmethod
    def open(cls, path: Path, rows: int, width: int) -> VectorIndex:
        """Map a saved index into memory; `UnreadableIndex` if it is not one, or of another size."""
        try:
            index: Any = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except (RuntimeError, OSError) as error:
            raise UnreadableIndex(f"{path.name}: {error}") from error
        if index.ntotal != rows or index.d != width:
            raise UnreadableIndex(f"{path.name} holds {index.ntotal} x {index.d}, expected {rows} x {width}")
        if not isinstance(index, faiss.IndexIVF):
            return cls(index)
        lists: Any = index.invlists
        in_list = np.empty(rows, dtype=np.int64)
        for number in range(index.nlist):
            size = lists.list_size(number)
            if size:
                in_list[faiss.rev_swig_ptr(lists.get_ids(number), size)] = number
        index.make_direct_map()
        return cls(index, in_list)

    def save(self, path: Path) -> None:
        """Write the base; what was edited since must be folded in before."""
        assert self.is_folded
        faiss.write_index(self._index, str(path))

    def __len__(self) -> int:
        return int(self._index.ntotal) if self._places is None else len(self._places.of_row)

    def nearest(self, vector: Vectors, count: int) -> tuple[Numbers, Vectors]:
        """Rows of the nearest phrasings and their cosines, best first; fewer than `count` if there are no more."""
        count = min(count, len(self))
        if count == 0:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        likeness, found = self._index.search(vector.reshape(1, -1), count, params=self._only_live())
        rows, scores = found[0][found[0] >= 0], likeness[0][found[0] >= 0]
        if self._places is None:
            return rows, scores
        newer = self._segment @ vector
        best = np.argpartition(newer, -count)[-count:] if count < len(newer) else np.arange(len(newer))
        rows = np.concatenate([self._places.rows_at[rows], self._places.in_segment[best]])
        scores = np.concatenate([scores, newer[best]])
        order = np.lexsort((rows, -scores))[:count]
        return rows[order], scores[order]

    def _only_live(self) -> Any:
        """How FAISS leaves out what is gone; None where nothing is."""
        made_by: Any = faiss  # whose types are of the bare C++ constructors
        if self._live is None:
            return None
        if self.is_exact:
            return made_by.SearchParameters(sel=self._live)
        return made_by.SearchParametersIVF(sel=self._live, nprobe=self._index.nprobe)

    def vectors_of(self, rows: Numbers) -> Vectors:
        if self._places is None:
            return self._in_base(rows)
        places = self._places.of_row[rows]
        is_newer = places >= self._places.base
        taken = np.empty((len(rows), self._index.d), dtype=np.float32)
        taken[is_newer] = self._segment[places[is_newer] - self._places.base]
        taken[~is_newer] = self._in_base(places[~is_newer])
        return taken

    def _in_base(self, places: Numbers) -> Vectors:
        if self.is_exact:
            taken: Vectors = self._compared()[places]
            return taken
        return np.asarray(self._index.reconstruct_batch(places), dtype=np.float32)

    def all_vectors(self) -> Vectors:
        """All rows; where every vector is compared this may be FAISS's own memory, so keep the index and do not
        write."""
        return self._compared() if self.is_exact and self.is_folded else self.vectors_of(np.arange(len(self)))

    def _compared(self) -> Vectors:
        count = int(self._index.ntotal)
        if not count:
            return np.empty((0, self._index.d), dtype=np.float32)
        flat = faiss.rev_swig_ptr(self._index.get_xb(), count * self._index.d)
        matrix: Vectors = flat.reshape(count, self._index.d)
        return matrix


def _selector_of(places: Places) -> Any:
    made_by: Any = faiss
    return made_by.IDSelectorBitmap(np.packbits(places.rows_at[: places.base] >= 0, bitorder="little"))


def _filled(index: Any, vectors: Vectors, in_list: Numbers) -> Any:
    index.is_trained = True
    places = np.ascontiguousarray(in_list, dtype=np.int64)
    index.add_core(len(vectors), faiss.swig_ptr(vectors), None, faiss.swig_ptr(places))
    index.make_direct_map()
    return index


def questions_like(vectors: Vectors, count: int, seed: int = 0) -> Vectors:
    """Made-up questions: phrasings turned a little towards another one, so that they lie where questions lie."""
    random = np.random.default_rng(seed)
    count = min(count, len(vectors))
    chosen, others = np.split(vectors[random.choice(len(vectors), 2 * count, replace=len(vectors) < 2 * count)], 2)
    noise: Vectors = others + 1e-3 * random.standard_normal(chosen.shape).astype(np.float32)
    noise -= (noise * chosen).sum(axis=1, keepdims=True) * chosen
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    turned: Vectors = QUESTION_LIKENESS * chosen + math.sqrt(1 - QUESTION_LIKENESS**2) * noise
    return np.ascontiguousarray(turned, dtype=np.float32)


def nearest_of_all(vectors: Vectors, asked: Vectors, count: int) -> NDArray[np.int64]:
    """The rows nearest to each question when every vector is compared."""
    _, rows = faiss.knn(asked, vectors, count, metric=faiss.METRIC_INNER_PRODUCT)
    return np.asarray(rows, dtype=np.int64)


def recall(found: NDArray[np.int64], exact: NDArray[np.int64]) -> float:
    """The share of the rows that comparing everything finds, over all questions."""
    hits = sum(len(set(one) & set(other)) for one, other in zip(found.tolist(), exact.tolist(), strict=True))
    return hits / max(1, exact.size)
