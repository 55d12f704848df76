"""Trackers stay short, few and free of turns that failed."""

from __future__ import annotations

from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.noticing.repetition import EARLIER_MESSAGES
from bot.trackers import KEPT_TURNS, RecentTrackers

DOMAIN = Domain.from_yaml(
    """
    version: "3.1"
    intents: [faq]
    slots:
      order_no: {type: any, mappings: [{type: custom}]}
    """
)


def talk(tracker: DialogueStateTracker, turns: int) -> None:
    for number in range(turns):
        tracker.update(UserUttered(f"第 {number} 句", {"name": "faq"}), DOMAIN)
        tracker.update(ActionExecuted("action_faq"))
        tracker.update(BotUttered(f"答 {number}"))
        for reason in ("repeated", "vip_rule", "low_confidence", "no_answer"):  # reports to the desk, no words
            tracker.update(BotUttered(data={"custom": {"trigger": {"reason": reason}}}))
        tracker.update(ActionExecuted("action_listen"))


async def test_a_long_conversation_is_cut_and_keeps_its_slots() -> None:
    store = RecentTrackers(DOMAIN)
    tracker = DialogueStateTracker("c1", DOMAIN.slots)
    tracker.update(SlotSet("order_no", "8826"))
    talk(tracker, 100)

    await store.save(tracker)
    kept = await store.retrieve("c1")

    assert kept is not None
    assert len([e for e in kept.events if isinstance(e, UserUttered)]) == KEPT_TURNS
    assert [e.text for e in kept.events if isinstance(e, BotUttered) and e.text][-EARLIER_MESSAGES:] == [
        f"答 {number}" for number in range(100 - EARLIER_MESSAGES, 100)
    ]
    assert kept.get_slot("order_no") == "8826"
    assert kept.latest_message.text == "第 99 句"
    assert kept.latest_action_name == "action_listen"


async def test_what_happens_to_a_retrieved_tracker_is_not_kept_before_it_is_saved() -> None:
    store = RecentTrackers(DOMAIN)
    tracker = DialogueStateTracker("c1", DOMAIN.slots)
    talk(tracker, 2)
    await store.save(tracker)

    half_way = await store.retrieve("c1")
    assert half_way is not None
    talk(half_way, 1)

    again = await store.retrieve("c1")
    assert again is not None and again.latest_message.text == "第 1 句"


async def test_a_first_turn_that_fails_leaves_nothing() -> None:
    store = RecentTrackers(DOMAIN)

    tracker = await store.get_or_create_tracker("c1", append_action_listen=False)
    talk(tracker, 1)

    assert await store.retrieve("c1") is None


async def test_the_least_recent_conversation_goes_first() -> None:
    store = RecentTrackers(DOMAIN, limit=2)
    for name in ("c1", "c2", "c3"):
        tracker = DialogueStateTracker(name, DOMAIN.slots)
        talk(tracker, 1)
        await store.save(tracker)

    assert sorted(await store.keys()) == ["c2", "c3"]
