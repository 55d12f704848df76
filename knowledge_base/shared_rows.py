"""A matrix that the snapshots before and after an edit share, with the few rows that differ held apart."""

from __future__ import annotations

from typing import Any

import numpy as np

from knowledge_base.embedder import Vectors
from knowledge_base.places import Numbers, Places, is_unmoved


class SharedRows:
    """Reads like the matrix, row by row; immutable. Copying a hundred megabytes an edit takes up to a second."""

    def __init__(self, base: Vectors, segment: Vectors | None = None, places: Places | None = None) -> None:
        self._base, self._places = base, places
        self._segment = base[:0] if segment is None else segment

    def edited(self, came_from: Numbers, new: Vectors) -> SharedRows:
        """`came_from` names each row's place among those so far, -1 for a new one; `new` are these in their order."""
        if is_unmoved(came_from, len(self)):
            return self
        places, taken = (self._places or Places.of_base(len(self))).after(came_from)
        segment = np.empty((len(taken), self._base.shape[1]), dtype=np.float32)
        segment[taken >= 0] = self._segment[taken[taken >= 0]]
        segment[taken < 0] = new
        return SharedRows(self._base, segment, places)

    def folded(self) -> SharedRows:
        return SharedRows(np.asarray(self))

    def __len__(self) -> int:
        return len(self._base) if self._places is None else len(self._places.of_row)

    def __getitem__(self, rows: Numbers | list[int]) -> Vectors:
        """A copy of these rows."""
        numbers = np.asarray(rows, dtype=np.int64)
        if self._places is None:
            return self._base[numbers]
        places = self._places.of_row[numbers]
        is_newer = places >= self._places.base
        taken = np.empty((len(places), self._base.shape[1]), dtype=np.float32)
        taken[is_newer] = self._segment[places[is_newer] - self._places.base]
        taken[~is_newer] = self._base[places[~is_newer]]
        return taken

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Vectors:
        """For numpy: all rows as one matrix, not to be written to."""
        whole = self._base if self._places is None else self[np.arange(len(self))]
        return whole if dtype is None else whole.astype(dtype, copy=bool(copy))
