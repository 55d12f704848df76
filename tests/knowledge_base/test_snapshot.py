"""What a snapshot remembers of a phrasing or an entry is that one's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knowledge_base.embedding_cache import CachedEmbedder
from knowledge_base.faq import Content, Served
from knowledge_base.ranking import rank
from knowledge_base.snapshot import USUAL_OWN_SCALE, Snapshot, build, own_scale_of
from tests.knowledge_base.stand_ins import KnowsAFewWords

PHRASINGS = {
    "freight": ("退货运费谁出", "邮费谁掏", "寄回去要付邮费吗"),
    "invoice": ("能开票吗", "发票在哪里开"),
    "size": ("尺码怎么选",),
}


@pytest.fixture
def faq(tmp_path: Path) -> Snapshot:
    entries = [Served(name, Content(own[0], "", "", similar=own[1:]), 1) for name, own in PHRASINGS.items()]
    return build("faq", 1, entries, CachedEmbedder(KnowsAFewWords(), tmp_path / "cache.sqlite3"))


def test_a_phrasing_has_the_vector_that_the_model_gives_it(faq: Snapshot) -> None:
    for phrasing in faq.phrasings:
        (made,) = KnowsAFewWords().embed([phrasing])
        known = faq.vector_of(phrasing)
        assert known is not None and np.allclose(known, made)
    assert faq.vector_of("没有人问过") is None


def test_every_entry_is_measured_by_its_own_phrasings(faq: Snapshot) -> None:
    model = KnowsAFewWords()
    for _ in range(2):  # the second time it is known
        found = {one.entry.id: one.own_scale for one in rank(faq, "邮费", model.embed(["邮费"])[0])}

        assert found["size"] == USUAL_OWN_SCALE
        for name in ("freight", "invoice"):
            assert found[name] == pytest.approx(own_scale_of(model.embed(PHRASINGS[name])), abs=1e-5)
