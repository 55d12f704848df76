"""Which questions meet in a step: groups beside their nearest neighbours, for neighbours are what a model confuses."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import numpy as np
import torch
from numpy.typing import NDArray

from knowledge_base.finetuning.groups import Group, same_questions

TEXTS_A_GROUP = 3
GROUPS_TOGETHER = 4
TEXTS_A_STEP = 96
NEIGHBOURS = 8
#: Sources never meet in a step: a question of the FAQ and a paraphrase group often mean the same, and nobody marked it.
MEETS_NEIGHBOURS = frozenset({"faq", "paraphrases"})
PAIRS_AN_EPOCH = 1500
"""Groups of other trades an epoch, at most: they teach far topics, and twice as many teach no more."""

Step = list[tuple[int, str]]
"""Number of the group and text; texts of equal numbers mean the same."""


def nearest_groups(groups: Sequence[Group], middles: NDArray[np.float32]) -> list[list[int]]:
    """For every group the nearest others of its source that may be told apart from it, siblings of its topic first."""
    number = {group.name: place for place, group in enumerate(groups)}
    same = {(number[a], number[b]) for a, b in same_questions() if a in number and b in number}
    same |= {(b, a) for a, b in same}
    likeness = middles @ middles.T
    found: list[list[int]] = []
    for place, group in enumerate(groups):
        if group.source not in MEETS_NEIGHBOURS:
            found.append([])
            continue
        others = [
            other
            for other in np.argsort(-likeness[place]).tolist()
            if other != place and groups[other].source == group.source and (place, other) not in same
        ]
        siblings = [other for other in others if groups[other].topic == group.topic]
        strangers = [other for other in others if groups[other].topic != group.topic]
        found.append(siblings[: NEIGHBOURS // 2] + strangers[: NEIGHBOURS // 2])
    return found


def epoch(groups: Sequence[Group], nearest: Sequence[Sequence[int]], random: Random) -> list[Step]:
    """Every text about once, in shuffled order of steps."""
    steps: list[Step] = []
    for source in sorted({group.source for group in groups}):
        own = [number for number, group in enumerate(groups) if group.source == source]
        if source not in MEETS_NEIGHBOURS:
            own = _sample(own, PAIRS_AN_EPOCH, random)
        decks = {number: _shuffled(groups[number].texts, random) for number in own}
        wanted = sum(len(groups[number].texts) for number in own)
        dealt, step = 0, Step()
        queue: list[int] = []
        while dealt < wanted:
            if not queue:
                queue = _shuffled(own, random)
            seed = queue.pop()
            together = [seed, *_sample(nearest[seed], GROUPS_TOGETHER - 1, random)]
            present = {number for number, _ in step}
            for number in together:
                if number in present:
                    continue
                for _ in range(min(TEXTS_A_GROUP, len(groups[number].texts))):
                    if not decks[number]:
                        decks[number] = _shuffled(groups[number].texts, random)
                    step.append((number, decks[number].pop()))
                    dealt += 1
            if len(step) >= TEXTS_A_STEP:
                steps.append(step)
                step = []
    return _shuffled(steps, random)


def _shuffled(things: Sequence, random: Random) -> list:  # type: ignore[type-arg]
    return random.sample(things, len(things))


def _sample(things: Sequence[int], count: int, random: Random) -> list[int]:
    return random.sample(things, min(count, len(things)))


def never_apart(groups: Sequence[Group]) -> torch.Tensor:
    """Pairs of groups that are the same question under two names."""
    number = {group.name: place for place, group in enumerate(groups)}
    apart = torch.zeros(len(groups), len(groups), dtype=torch.bool)
    for one, other in same_questions():
        if one in number and other in number:
            apart[number[one], number[other]] = apart[number[other], number[one]] = True
    return apart
