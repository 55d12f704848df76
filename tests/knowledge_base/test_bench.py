"""The bench measures what it says: so many phrasings, edits that are found, and nothing that fails."""

from __future__ import annotations

import numpy as np

from knowledge_base.bench import MadeUp, measure, shop_of
from knowledge_base.real_utterances import seed_faq
from knowledge_base.settings import REPOSITORY

TRAINING = REPOSITORY / "training_data"


def test_a_shop_has_exactly_so_many_phrasings_and_no_entry_twice() -> None:
    shop = shop_of(9_000, seed_faq(TRAINING / "faq"))

    assert sum(len(entry.content.phrasings) for entry in shop.entries) == 9_000
    assert len({entry.id for entry in shop.entries}) == len(shop.entries)


def test_made_up_phrasings_of_an_entry_are_nearer_than_its_siblings() -> None:
    made_up = MadeUp({"怎么退": "return", "如何退货": "return", "开发票": "invoice"})

    own, other, sibling, stranger = made_up.embed(
        ["红棉水杯怎么退", "红棉水杯如何退货", "红棉水杯开发票", "蓝竹台灯开发票"]
    )

    assert own @ other > own @ sibling > own @ stranger
    np.testing.assert_allclose(np.linalg.norm(own), 1, atol=1e-5)


def test_edits_are_found_while_somebody_searches() -> None:
    figures = measure(400, 5, TRAINING)

    assert (figures.phrasings, figures.edits, figures.errors, figures.index) == (400, 5, 0, "exact")
    assert figures.recall_at_10 == 1
    assert figures.slowest_edit_seconds <= 2
