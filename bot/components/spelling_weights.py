"""How much each piece of a line's spelling weighs, for one line at a time.

The figures are TfidfVectorizer's; scikit-learn takes half a millisecond a line to check and build sparse matrices,
and three models read each line's spelling (`tests/bot/test_heads.py` compares).
"""

from __future__ import annotations

import math
from collections import Counter
from functools import cached_property
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer


class SpellingWeights:
    """Reads a vectorizer that is fitted, with `sublinear_tf`, for pieces of characters."""

    def __init__(self, fitted: TfidfVectorizer) -> None:
        self._fitted = fitted

    def __getstate__(self) -> dict[str, Any]:
        return {"_fitted": self._fitted}

    @cached_property
    def _pieces(self) -> Any:
        return self._fitted.build_analyzer()

    @cached_property
    def _places(self) -> dict[str, int]:
        return {str(piece): int(place) for piece, place in self._fitted.vocabulary_.items()}

    @cached_property
    def _rarity(self) -> np.ndarray:
        return np.asarray(self._fitted.idf_)

    def of(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """The known pieces' places, shape (n,), and weights, shape (n,) and of length 1; n is 0 where none is known."""
        counted = Counter(place for piece in self._pieces(text) if (place := self._places.get(piece)) is not None)
        places = np.fromiter(counted, dtype=np.intp, count=len(counted))
        often = np.array([1.0 + math.log(times) for times in counted.values()])
        weights = often * self._rarity[places]
        return places, weights / max(float(np.linalg.norm(weights)), 1e-12)

    def onto(self, text: str, directions: np.ndarray) -> np.ndarray:
        """The line's spelling in the space of `directions`, one row per piece: shape (columns,)."""
        places, weights = self.of(text)
        return np.asarray(weights @ directions[places])
