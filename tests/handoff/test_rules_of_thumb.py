"""The pure rules: when a person is needed, where the customer goes, how long it takes, who has vanished."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handoff.assignment import Load, has_vanished, is_overdue, require_room
from handoff.audit import FIRST_HASH, audit_row, first_broken
from handoff.errors import AtCapacity
from handoff.routing import Staffing, group_for, place_in_line
from handoff.rules import Rules
from handoff.sentences import CHINESE, ENGLISH, REASONS
from handoff.triggers import REASONS as CODES
from handoff.triggers import Facts, Noticed, decide
from handoff.waiting import Floor, estimate
from tests.stand_ins import START

RULES = Rules()
STAFFED = {name: Staffing(2, 1) for name in ("presale", "order", "aftersale")}


def test_a_request_hands_over_and_every_reason_is_kept_with_the_strongest_score() -> None:
    facts = Facts(
        noticed=(Noticed("repeated", 0.5, "a"), Noticed("repeated", 0.6, "b"), Noticed("made_up", 1.0, "c")),
        request=Noticed("no_answer", 0.9, "能寄到月球吗"),
    )

    decision = decide(facts, RULES)

    assert (decision.hand_over, decision.reason) == (True, "no_answer")
    assert [(each.reason, each.score) for each in decision.reasons] == [("repeated", 0.6), ("no_answer", 0.9)]


@pytest.mark.parametrize(
    ("noticed", "is_enough"),
    [
        (Noticed("negative_emotion", 0.84, ""), False),
        (Noticed("negative_emotion", 0.85, ""), True),
        (Noticed("sensitive_word", 0.5, ""), True),
        (Noticed("repeated", 0.69, ""), False),
        (Noticed("repeated", 0.7, ""), True),
        (Noticed("low_confidence", 1.0, ""), False),
        (Noticed("no_answer", 1.0, ""), False),
    ],
)
def test_what_was_only_noticed_needs_its_threshold(noticed: Noticed, is_enough: bool) -> None:
    decision = decide(Facts(noticed=(noticed,)), RULES)

    assert decision.hand_over is is_enough
    assert decision.attention == (None if is_enough else noticed.score)


def test_nothing_noticed_is_nothing_to_watch() -> None:
    decision = decide(Facts(noticed=(Noticed("negative_emotion", 0.2, ""),)), RULES)

    assert (decision.hand_over, decision.attention, decision.severity) == (False, None, 3)


def test_a_very_important_customer_is_handed_over_earlier_and_more_urgently() -> None:
    noticed = (Noticed("negative_emotion", 0.6, ""),)

    ordinary, important = decide(Facts(noticed), RULES), decide(Facts(noticed, level="diamond"), RULES)

    assert (ordinary.hand_over, important.hand_over, important.reason) == (False, True, "vip_rule")
    assert important.severity == 4


def test_cooling_down_silences_signs_but_never_a_request() -> None:
    sign = Noticed("negative_emotion", 0.99, "")

    assert not decide(Facts((sign,), messages_since_return=1), RULES).hand_over
    assert decide(Facts((sign,), messages_since_return=3), RULES).hand_over
    assert decide(Facts((sign,), Noticed("user_asked", 1, ""), messages_since_return=1), RULES).reason == "user_asked"


def test_the_closed_list_of_reasons_has_a_sentence_each() -> None:
    assert set(CODES) == set(REASONS)
    assert set(CHINESE) == set(ENGLISH)


@pytest.mark.parametrize(
    ("intent", "group"),
    [
        ("ask_logistics", "order"),
        ("change_address", "order"),
        ("return_goods", "aftersale"),
        ("refund_progress", "aftersale"),
        ("goods_damaged", "aftersale"),
        ("product_question", "presale"),
        ("coupon_trouble", "presale"),
        ("faq", "order"),
        (None, "order"),
    ],
)
def test_the_intent_names_the_group(intent: str | None, group: str) -> None:
    assert group_for(intent, False, False, STAFFED) == group


def test_who_came_from_a_product_page_goes_to_presale_and_an_unstaffed_group_is_avoided() -> None:
    assert group_for(None, False, True, STAFFED) == "presale"
    assert group_for("faq", True, True, STAFFED) == "order"
    assert group_for("return_goods", False, False, {"order": Staffing(1, 0), "vip": Staffing(3, 2)}) == "vip"
    assert group_for("return_goods", False, False, {}) == "aftersale"


def test_severity_overtakes_but_nobody_starves() -> None:
    calm_early = place_in_line(START, 1, False, RULES)
    grave_late = place_in_line(START + timedelta(minutes=5), 4, False, RULES)
    grave_much_later = place_in_line(START + timedelta(minutes=7), 4, False, RULES)
    abandoned = place_in_line(START + timedelta(minutes=20), 1, True, RULES)

    assert sorted([calm_early, grave_late, grave_much_later, abandoned]) == [
        abandoned,
        grave_late,
        calm_early,
        grave_much_later,
    ]


def test_a_wait_is_estimated_from_what_was_measured_and_grows_with_the_position() -> None:
    floor = Floor(
        places=4, taken=4, service_seconds=[120, 240, 300, 360, 600] * 4, pick_up_seconds=[20, 40, 60, 90, 120] * 4
    )

    first, tenth = estimate(1, floor), estimate(10, floor)

    assert first is not None
    assert tenth is not None
    assert 0 <= first.low < first.high
    assert tenth.low > first.low
    assert tenth.high > first.high
    assert first.low % 30 == first.high % 30 == 0


def test_with_free_places_the_wait_is_the_time_that_people_take_to_pick_up() -> None:
    floor = Floor(places=10, taken=2, service_seconds=[600] * 10, pick_up_seconds=[20] * 10)

    wait = estimate(3, floor)

    assert wait is not None
    assert (wait.low, wait.high) == (0, 30)


@pytest.mark.parametrize(
    "floor",
    [
        Floor(places=0, taken=0, service_seconds=[60] * 10, pick_up_seconds=[60] * 10),
        Floor(places=5, taken=0, service_seconds=[60] * 4, pick_up_seconds=[60] * 4),
        Floor(places=5, taken=0, service_seconds=[], pick_up_seconds=[]),
    ],
)
def test_where_nothing_was_measured_or_nobody_is_there_nothing_is_claimed(floor: Floor) -> None:
    assert estimate(1, floor) is None


def test_room_is_needed_for_one_more() -> None:
    require_room(Load(7, 8))
    with pytest.raises(AtCapacity):
        require_room(Load(8, 8))


def test_an_agent_vanishes_after_the_grace_and_not_before() -> None:
    now, grace = START, timedelta(seconds=RULES.grace_seconds)
    moment = timedelta(seconds=1)

    assert has_vanished(None, now - grace, now, RULES)
    assert not has_vanished(None, now - grace + moment, now, RULES)
    assert has_vanished(now - grace, None, now, RULES)
    assert not has_vanished(now - moment, None, now, RULES)
    assert not has_vanished(None, None, now, RULES)


def test_a_claimed_customer_is_forgotten_only_if_nobody_has_answered() -> None:
    long_ago = START - timedelta(seconds=RULES.claim_timeout_seconds)

    assert is_overdue(long_ago, False, START, RULES)
    assert not is_overdue(long_ago, True, START, RULES)
    assert not is_overdue(START, False, START, RULES)


def test_a_changed_or_missing_audit_row_breaks_the_chain() -> None:
    chain, previous = [], FIRST_HASH
    for number in range(1, 5):
        row = audit_row("c1", number, START, "agent:a1", "claim", {"seq": number}, previous)
        previous = row.hash
        chain.append({name: getattr(row, name) for name in row.__slots__})

    assert first_broken(chain) is None
    assert first_broken([*chain[:1], {**chain[1], "actor": "agent:a2"}, *chain[2:]]) == 2
    assert first_broken([chain[0], chain[2], chain[3]]) == 2
