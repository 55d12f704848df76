"""The doorway to FAISS: an immutable index over the vectors of all phrasings, built whole and never changed."""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from knowledge_base.embedder import Vectors

EXACT_UP_TO = 100_000
"""Phrasings up to which every vector is compared (10 ms on one core); above, a graph finds the nearest ones."""
NEIGHBOURS, BUILD_EFFORT, SEARCH_EFFORT = 32, 120, 160

faiss.omp_set_num_threads(1)  # searches run beside each other, one core each


class UnreadableIndex(Exception):
    """The file on disk is not an index of these vectors."""


class VectorIndex:
    """Inner-product search over rows; a row's number is its place in the matrix it was built from."""

    def __init__(self, index: faiss.Index) -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: Vectors) -> VectorIndex:
        count, width = vectors.shape
        if count <= EXACT_UP_TO:
            index: faiss.Index = faiss.IndexFlatIP(width)
        else:
            graph = faiss.IndexHNSWFlat(width, NEIGHBOURS, faiss.METRIC_INNER_PRODUCT)
            graph.hnsw.efConstruction = BUILD_EFFORT
            graph.hnsw.efSearch = SEARCH_EFFORT
            index = graph
        index.add(np.ascontiguousarray(vectors))
        return cls(index)

    @classmethod
    def open(cls, path: Path, rows: int, width: int) -> VectorIndex:
        """Map a saved index into memory; `UnreadableIndex` if it is not one, or of another size."""
        try:
            index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except (RuntimeError, OSError) as error:
            raise UnreadableIndex(f"{path.name}: {error}") from error
        if index.ntotal != rows or index.d != width:
            raise UnreadableIndex(f"{path.name} holds {index.ntotal} x {index.d}, expected {rows} x {width}")
        return cls(index)

    def save(self, path: Path) -> None:
        faiss.write_index(self._index, str(path))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def nearest(self, vector: Vectors, count: int) -> tuple[NDArray[np.int64], Vectors]:
        """Rows of the nearest phrasings and their cosines, best first; fewer than `count` if there are no more."""
        count = min(count, len(self))
        if count == 0:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        scores, rows = self._index.search(vector.reshape(1, -1), count)
        found = rows[0] >= 0
        return rows[0][found], scores[0][found]

    def vectors_of(self, rows: NDArray[np.int64]) -> Vectors:
        return np.asarray(self._index.reconstruct_batch(rows), dtype=np.float32)

    def all_vectors(self) -> Vectors:
        return np.asarray(self._index.reconstruct_n(0, len(self)), dtype=np.float32)
