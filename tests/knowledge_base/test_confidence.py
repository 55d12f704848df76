"""Three questions one after the other: which candidate, is it right, is there an answer at all."""

from __future__ import annotations

import pytest

from knowledge_base.confidence import SURE, Confidence, Judge, Regression, overall

NOTHING_KNOWN = {"exact": 0.0, "dense": 0.5, "centroid": 0.5}


def by(name: str, weight: float = 1.0, intercept: float = 0.0) -> Regression:
    """A regression that looks at one measure alone."""
    return Regression((name,), (0.5,), (0.1,), (weight,), intercept)


def judging(*judges: Judge) -> Confidence:
    return Confidence(judges, {"0.90": 0.8, "0.95": 0.9}, 0.3, "by hand")


def test_the_first_is_judged_anew_knowing_the_others_and_no_other_is_likelier_than_it() -> None:
    confidence = judging(Judge(by("score"), by("logit_second", -1.0, -2.0), by("dense_most")))

    close = confidence.verdict([NOTHING_KNOWN | {"score": 0.6}, NOTHING_KNOWN | {"score": 0.61}])
    clear = confidence.verdict([NOTHING_KNOWN | {"score": 0.2}, NOTHING_KNOWN | {"score": 0.61}])

    assert close.order == clear.order == (1, 0)
    assert close.probabilities[0] < clear.probabilities[0]
    assert close.probabilities[1] <= close.probabilities[0]


def test_whether_anything_answers_is_judged_apart_from_whether_the_first_does() -> None:
    confidence = judging(Judge(by("score"), by("score", 1.0, -9.0), by("dense_most")))

    verdict = confidence.verdict([NOTHING_KNOWN | {"score": 0.6, "dense": 0.9}])

    assert verdict.probabilities[0] < 0.1 < 0.9 < verdict.in_scope


def test_several_that_may_each_be_right_speak_for_an_answer_though_none_is_sure() -> None:
    one, several = overall([NOTHING_KNOWN], [0.4]), overall([NOTHING_KNOWN] * 3, [0.4] * 3)

    assert several["logit_any"] > one["logit_any"]
    assert several["logit_first"] == one["logit_first"]


def test_word_for_word_is_sure_and_shared_by_two_entries_that_both_hold_it() -> None:
    confidence = judging(Judge(by("score"), by("score"), by("score", 1.0, -9.0)))
    alone = NOTHING_KNOWN | {"score": 0.5, "exact": 1.0}
    shared = alone | {"exact": 0.5}

    assert confidence.verdict([alone]).probabilities == (SURE,)
    assert confidence.verdict([shared, shared]).probabilities == (SURE / 2, SURE / 2)
    assert confidence.verdict([shared, shared]).in_scope == SURE


def test_a_judge_that_needs_what_was_not_measured_is_passed_over() -> None:
    knowing, ignorant = Judge(by("words_met"), by("words_met"), by("words_met")), Judge(*[by("score")] * 3)
    confidence = judging(knowing, ignorant)

    assert confidence.verdict([NOTHING_KNOWN | {"score": 0.5}]).probabilities == (0.5,)
    assert confidence.verdict([NOTHING_KNOWN | {"score": 0.5, "words_met": 0.9}]).probabilities[0] > 0.9


def test_without_candidates_nothing_is_likely() -> None:
    verdict = judging().verdict([])

    assert (verdict.order, verdict.probabilities, verdict.in_scope) == ((), (), 0.0)


@pytest.mark.parametrize(("target", "at"), [(0.85, 0.8), (0.90, 0.8), (0.93, 0.9), (0.99, 0.9)])
def test_the_next_stricter_threshold_that_is_known_holds(target: float, at: float) -> None:
    assert judging().threshold(target) == at


def test_no_shipped_weight_is_so_large_that_another_has_to_take_it_back() -> None:
    """An FAQ unlike those learnt from would be judged by their difference; measures are in deviations."""
    judges = Confidence.load().judges

    weights = [w for judge in judges for step in (judge.each, judge.first, judge.scope) for w in step.weights]
    assert len(weights) > 60
    assert max(map(abs, weights)) < 3
