"""Where the rows of an index lie: in its large base, which stays as it is, or in the small segment of newer ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Places:
    """Places below `base` are the base's, the others the segment's; the base's places without a row are gone."""

    base: int
    of_row: Numbers

    @classmethod
    def of_base(cls, rows: int) -> Places:
        """Every row where the base has it, and no segment."""
        return cls(rows, np.arange(rows))

    @cached_property
    def in_segment(self) -> Numbers:
        """The rows in the segment, in the segment's order, which is that of the rows."""
        return np.flatnonzero(self.of_row >= self.base)

    @cached_property
    def rows_at(self) -> Numbers:
        """The row at every place; -1 where one is gone."""
        rows = np.full(self.base + len(self.in_segment), -1, dtype=np.int64)
        rows[self.of_row] = np.arange(len(self.of_row))
        return rows

    @property
    def gone(self) -> int:
        """How many places of the base have no row any more."""
        return self.base + len(self.in_segment) - len(self.of_row)

    def after(self, came_from: Numbers) -> tuple[Places, Numbers]:
        """The places after an edit, and where each row of the new segment stands in the old one (negative: nowhere).
        `came_from` names each row's place among the rows so far, -1 for a new one."""
        of_row = np.full(len(came_from), -1, dtype=np.int64)
        old = np.flatnonzero(came_from >= 0)
        of_row[old] = self.of_row[came_from[old]]
        in_segment = np.flatnonzero((of_row < 0) | (of_row >= self.base))
        taken = of_row[in_segment] - self.base
        of_row[in_segment] = self.base + np.arange(len(in_segment))
        return Places(self.base, of_row), taken


def is_unmoved(came_from: Numbers, rows: int) -> bool:
    """Whether an edit left all rows where they were."""
    return len(came_from) == rows and bool((came_from == np.arange(rows)).all())


class PhrasingRows:
    """Finds the row of a phrasing; shares the large dictionary of the base with the snapshots before and after."""

    def __init__(self, in_base: dict[str, int], newer: dict[str, int], places: Places | None) -> None:
        self._in_base, self._newer, self._places = in_base, newer, places

    @classmethod
    def of(cls, phrasings: Sequence[str]) -> PhrasingRows:
        return cls({phrasing: row for row, phrasing in enumerate(phrasings)}, {}, None)

    def edited(self, phrasings: Sequence[str], places: Places | None) -> PhrasingRows:
        """On the same base: `places` tells what became of its rows, and which ones are newer."""
        newer = [] if places is None else places.in_segment.tolist()
        return PhrasingRows(self._in_base, {phrasings[row]: row for row in newer}, places)

    def get(self, phrasing: str) -> int | None:
        """A row with these words; None if there is none, or one of several went and the others were not noted."""
        row = self._newer.get(phrasing)
        if row is None:
            row = self._in_base.get(phrasing)
            if row is not None and self._places is not None:
                row = int(self._places.rows_at[row])
        return row if row is not None and row >= 0 else None
