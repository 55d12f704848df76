"""FAQs that the model has never seen, made of question groups it did not learn from, with questions to ask."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from knowledge_base.calibration import Asked, Regime
from knowledge_base.faq import Content, Served
from knowledge_base.finetuning.groups import SHIPPED_ADAPTER, Group, learnt_topics, same_questions

SHOPS = 8
PHRASINGS = (1, 5, 12)
"""How many phrasings an entry has in such a shop; the others are asked."""
ASKED_A_GROUP = 4
FEWEST_TEXTS = 7
"""Groups with fewer are too small to be an entry and to be asked as well."""
LEFT_OUT = 4
"""One group in four (in the later shops one whole topic in four) is left out: its questions must not be answered."""
SHOPS_WITHOUT_GROUPS = 5
NEIGHBOURS = (0, 40, 80, 150)
"""Entries from learnt groups beside them, never asked: an FAQ is about more than ten topics."""
STRANGERS = 60
"""Questions of topics that the shop does not have."""
KNOWN_OF, LEAST_KNOWN = 2, 2
"""One question in two that comes up is known of elsewhere, by at least so many other phrasings."""
SMALL_SHOPS = 6
"""Shops that have written a sixth of it so far, and are asked about everything else as well."""


@dataclass(frozen=True)
class _Split:
    learnt: list[Group]
    held_out: list[Group]


def shops(
    groups: Sequence[Group], others: Sequence[Group], far: Sequence[Asked], learnt: frozenset[str] | None = None
) -> Iterator[Regime]:
    """Each shop once for every number of phrasings; `far` is asked in all of them, `others` are known of elsewhere.

    `learnt` are the model's topics, by default those of the shipped adapter: groups written since are unseen as well.
    """
    learnt = learnt_topics(SHIPPED_ADAPTER) if learnt is None else learnt
    asked_about = [g for g in groups if g.topic not in learnt and len(g.texts) >= FEWEST_TEXTS]
    split = _Split([g for g in groups if g.topic in learnt], asked_about)
    for shop in range(SHOPS):
        for phrasings in PHRASINGS:
            kept, asked = _shop(split, shop, phrasings)
            elsewhere = [*_known_elsewhere(groups, kept, asked, shop), *others]
            yield Regime(f"unseen shop {shop}, {phrasings} phrasings", kept, [*asked, *far], elsewhere, is_unseen=True)
    for shop in range(SMALL_SHOPS):
        few = [group for group in split.held_out if _draw(group.topic, 0) % SMALL_SHOPS == shop]
        kept, asked = _shop(_Split([], few), shop, 5)
        answered = _answered(kept, split)
        missing = [group.texts[0] for group in split.held_out if group not in few]
        asked += [Asked("near", frozenset(), text) for text in missing if text not in answered]
        elsewhere = [*_known_elsewhere(groups, kept, asked, shop), *others]
        if kept:
            yield Regime(f"small shop {shop}", kept, [*asked, *far], elsewhere, is_unseen=True)


def _shop(split: _Split, shop: int, phrasings: int) -> tuple[list[Served], list[Asked]]:
    kept: list[Served] = []
    asked: list[Asked] = []
    for group in split.held_out:
        own = _shuffled(group.texts, shop)
        if _draw(group.name if shop < SHOPS_WITHOUT_GROUPS else group.topic, shop) % LEFT_OUT == 0:
            asked += [Asked("near", frozenset(), text) for text in own[:ASKED_A_GROUP]]
            continue
        count = min(phrasings, len(own) - 1)
        kept.append(_entry(group, own[:count]))
        asked += [Asked("in", frozenset({group.name}), text) for text in own[count:][:ASKED_A_GROUP]]
    others = sorted(split.learnt, key=lambda group: _draw(group.name, shop))
    count = NEIGHBOURS[shop % len(NEIGHBOURS)]
    kept += [_entry(group, _shuffled(group.texts, shop)[:phrasings]) for group in others[:count]]
    topics = {group.topic for group in others[:count]}
    strange = [group for group in others[count:] if group.topic not in topics][:STRANGERS]
    asked += [Asked("near", frozenset(), _shuffled(group.texts, shop)[0]) for group in strange]
    answered = _answered(kept, split)
    return kept, [one for one in asked if one.ids or one.text not in answered]


def _known_elsewhere(groups: Sequence[Group], kept: Sequence[Served], asked: Sequence[Asked], shop: int) -> list[Group]:
    """What is known of elsewhere in such a shop: of the questions that come up every second one, put otherwise."""
    used = {one.text for one in asked} | {text for entry in kept for text in entry.content.phrasings}
    known = []
    for group in groups:
        rest = tuple(text for text in group.texts if text not in used)
        comes_up = len(rest) < len(group.texts)
        if not comes_up:
            known.append(group)
        elif len(rest) >= LEAST_KNOWN and _draw(group.name, shop + SHOPS) % KNOWN_OF == 0:
            known.append(replace(group, texts=rest))
    return known


def _answered(kept: Sequence[Served], split: _Split) -> set[str]:
    """What the shop answers although it has it under another topic."""
    return {text for entry in kept for text in _asks_the_same(entry.id, split)}


def _asks_the_same(name: str, split: _Split) -> Iterator[str]:
    """The texts of the group that is the same question under another topic."""
    others = {b for a, b in same_questions() if a == name} | {a for a, b in same_questions() if b == name}
    for group in (*split.learnt, *split.held_out):
        if group.name in others:
            yield from group.texts


def _entry(group: Group, phrasings: Sequence[str]) -> Served:
    return Served(group.name, Content(phrasings[0], "", group.topic, similar=tuple(phrasings[1:])), 1)


def _shuffled(texts: Sequence[str], shop: int) -> list[str]:
    return sorted(texts, key=lambda text: _draw(text, shop))


def _draw(text: str, shop: int) -> int:
    """Chance that is the same on every machine."""
    return int.from_bytes(hashlib.sha256(f"{shop} {text}".encode()).digest()[:4], "big")
