"""What a slip costs and whether a hole is noticed, told by the labelled questions."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from knowledge_base import evaluate
from knowledge_base.calibration import Asked
from knowledge_base.faq import Content, Served
from knowledge_base.finetuning import groups, slips
from knowledge_base.finetuning.groups import Group

ENTRIES = [
    Served(f"q-{number}", Content(question=f"第{number}个问题", category=f"第{number % 7}类", answer="答"), 1)
    for number in range(40)
]
ASKED = [Asked("in", frozenset({one.id}), one.content.question) for one in ENTRIES]


@pytest.mark.parametrize("by", ["entry", "topic"])
@pytest.mark.parametrize(("sure_if_there", "expected"), [(0.9, 1.0), (0.2, 0.0), (0.5, 0.5)])
def test_a_hole_is_noticed_where_less_is_thought_to_be_in_scope(
    monkeypatch: pytest.MonkeyPatch, by: str, sure_if_there: float, expected: float
) -> None:
    def ask_all(_: Any, __: Any, kept: Sequence[Served], asked: Sequence[Asked]) -> tuple[list[Any], float]:
        there = {one.id for one in kept}
        sure = [sure_if_there if one.ids & there else 0.5 for one in asked]
        found = [SimpleNamespace(in_scope=share) for share in sure]
        return [SimpleNamespace(asked=one, found=how) for one, how in zip(asked, found, strict=True)], 0.0

    monkeypatch.setattr(evaluate, "ask_all", ask_all)

    assert slips.hole(None, None, ENTRIES, ASKED, by) == expected  # type: ignore[arg-type]


def test_every_kind_of_slip_leaves_the_question_and_its_answers_together(monkeypatch: pytest.MonkeyPatch) -> None:
    written = Group("a/b/c", "paraphrases", "a/b", ("地个文题提低各闻", *(one.text for one in ASKED)))
    monkeypatch.setattr(groups, "paraphrases", lambda _: [written])

    made = slips.slipped(ASKED[:3], slips.DATA)

    assert set(made) == {"homophone", "blurred homophone", "lost", "particle", "surrounded"}
    for questions in made.values():
        assert [one.ids for one in questions] == [one.ids for one in ASKED[:3]] * slips.DRAWS
        assert all(one.text not in {asked.text for asked in ASKED} for one in questions)
