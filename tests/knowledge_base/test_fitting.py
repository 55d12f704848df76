"""The confidence is learnt from examples in two steps, each from what the one before says of questions it never saw."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest

from knowledge_base import fitting
from knowledge_base.calibration import FOLDS, Example
from knowledge_base.confidence import Confidence
from knowledge_base.evaluate import auroc

QUESTIONS = 400


def measured(score: float, words: float, **more: float) -> dict[str, float]:
    known = {"score": score, "words_met": words, "dense": score, "centroid": score, "outside_lead": score - 0.5}
    return known | {"exact": 0.0} | more


def example(number: int, random: Random) -> Example:
    """The right entry's score is higher by two and a half deviations; of four questions one has no answer here."""
    is_inside = number % 4 != 0
    scores = [random.gauss(0.5 + 0.25 * (place == 0 and is_inside), 0.1) for place in range(4)]
    order = sorted(range(4), key=lambda place: -scores[place])
    return Example(
        kind="in" if is_inside else "near",
        regime="made up",
        group=number % FOLDS,
        measured=tuple(measured(scores[place], scores[place] + random.gauss(0, 0.05)) for place in order),
        right=tuple(place == 0 and is_inside for place in order),
    )


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    random = Random(1)
    return [example(number, random) for number in range(QUESTIONS)]


def test_what_was_learnt_can_be_shipped_and_tells_right_from_wrong_and_inside_from_outside(
    examples: list[Example], tmp_path: Path
) -> None:
    fitting.save(fitting.fitted(examples, "made up"), tmp_path / "confidence.json")
    confidence = Confidence.load(tmp_path / "confidence.json")
    verdicts = [confidence.verdict(one.measured) for one in examples]

    right = np.array([one.right[verdict.order[0]] for one, verdict in zip(examples, verdicts, strict=True)])
    sure = np.array([verdict.probabilities[0] for verdict in verdicts])
    inside = np.array([one.kind == "in" for one in examples])
    scope = np.array([verdict.in_scope for verdict in verdicts])
    assert (auroc(sure[right], sure[~right]) or 0) > 0.8
    assert (auroc(scope[inside], scope[~inside]) or 0) > 0.7
    assert sure.mean() == pytest.approx(right.mean(), abs=0.1)


def test_what_is_promised_is_set_by_shops_never_seen(examples: list[Example]) -> None:
    """Of what is asked there every eighth right answer counts as a wrong one."""
    unlucky = [
        replace(one, is_unseen=True, right=tuple(right and number % 8 > 0 for right in one.right))
        for number, one in enumerate(examples)
    ]
    known, unseen = [*examples, *(replace(one, is_unseen=False) for one in unlucky)], [*examples, *unlucky]

    of_all, of_unseen = (fitting.fitted(some, "made up")["answer_at"] for some in (known, unseen))

    held = fitting.fit(unseen)[1]
    own = np.array([one.is_unseen for one in unseen])
    wanted = fitting.thresholds_of(held.first[own], held.right[own], held.weights[own])
    assert of_unseen == {f"{precision:.2f}": round(at, 4) for precision, at in wanted.items()}
    assert of_unseen != of_all


def test_a_fold_is_judged_by_what_was_learnt_without_it(examples: list[Example]) -> None:
    """Whatever was right in a fold, the judge of that fold, who learnt from the others, says the same of it."""
    turned = [replace(one, right=tuple(not r for r in one.right)) if one.group == 0 else one for one in examples]
    own = np.array([one.group == 0 for one in examples])

    before, after = fitting.fit(examples)[1], fitting.fit(turned)[1]

    assert np.array_equal(before.first[own], after.first[own])
    assert np.abs(before.first[~own] - after.first[~own]).mean() > 0.02


def test_there_are_judges_for_where_words_are_not_compared_and_nothing_is_known_of_elsewhere(
    examples: list[Example],
) -> None:
    knowing, wordless, ignorant = fitting.fitted(examples, "made up")["judges"]

    assert {"words_met", "outside_lead", "outside_lead_most"} <= set(knowing["scope"]["names"])
    assert "words_met" not in wordless["first"]["names"] and "outside_lead_most" in wordless["first"]["names"]
    assert not {"words_met", "outside_lead", "outside_lead_most"} & set(ignorant["scope"]["names"])


def test_the_traffic_has_its_shares_whatever_was_asked_how_often(examples: list[Example]) -> None:
    weights = fitting.weights_of(examples)
    near = np.array([one.kind == "near" for one in examples])

    assert weights[~near].sum() / weights[near].sum() == pytest.approx(8)
