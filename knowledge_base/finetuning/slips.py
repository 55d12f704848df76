"""Tells what a slip and words around it cost and whether a hole is noticed: the seed FAQ's questions, asked so.

`python -m knowledge_base.finetuning.slips` asks the development half, with `--test` the other one, which is to report
and not to choose by. Two draws of each slip, a quarter of an hour on a busy core.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Annotated

import numpy as np
import typer

from knowledge_base import evaluate, sound
from knowledge_base import text as texts
from knowledge_base.calibration import FOLDS, Asked, fold_of
from knowledge_base.embedding_cache import CachedEmbedder
from knowledge_base.faq import Served
from knowledge_base.finetuning import groups
from knowledge_base.finetuning.noise import Around, Noise, surrounded
from knowledge_base.labelled import read_queries
from knowledge_base.real_utterances import seed_faq
from knowledge_base.search import Search
from knowledge_base.settings import Settings

DATA = Path(__file__).resolve().parents[2] / "training_data"
DRAWS = 2


def slipped(asked: Sequence[Asked], data: Path) -> dict[str, list[Asked]]:
    """By the kind of slip, every question with one, in each draw another."""
    questions = [one for group in groups.paraphrases(data / "paraphrases") for one in group.texts]
    around = Around.read(data / "evaluation" / "words_around.tsv")
    exact, blurred = Noise(questions, sound.sound_of), Noise(questions)
    ways: dict[str, Callable[[str, Random], str]] = {
        "homophone": exact.misheard,
        "blurred homophone": blurred.misheard,
        "lost": exact.shortened,
        "particle": exact.padded,
        "surrounded": partial(surrounded, around=around),
    }
    return {
        kind: [
            replace(one, text=way(texts.normalised(one.text), Random(f"{kind} {draw} {one.text}")))
            for draw in range(DRAWS)
            for one in asked
        ]
        for kind, way in ways.items()
    }


def right_first(search: Search, embedder: CachedEmbedder, entries: Sequence[Served], asked: Sequence[Asked]) -> float:
    outcomes, _ = evaluate.ask_all(search, embedder, entries, asked)
    return float(np.mean([outcome.is_right for outcome in outcomes]))


def hole(
    search: Search, embedder: CachedEmbedder, entries: Sequence[Served], asked: Sequence[Asked], by: str
) -> float | None:
    """AUROC of questions with an answer left against those whose every answer is in the fifth that is gone."""
    fold = {one.id: fold_of(one.content.category if by == "topic" else one.id) for one in entries}
    there: list[float] = []
    gone: list[float] = []
    for number in range(FOLDS):
        kept = [one for one in entries if fold[one.id] != number]
        for outcome in evaluate.ask_all(search, embedder, kept, asked)[0]:
            lost = all(fold[one] == number for one in outcome.asked.ids)
            (gone if lost else there).append(outcome.found.in_scope)
    return evaluate.auroc(np.array(there), np.array(gone))


def main(test: Annotated[bool, typer.Option("--test")] = False, data: Path = DATA) -> None:
    file = data / "evaluation" / "faq_questions.tsv"
    asked = [one for one in read_queries(file, development_only=not test, test_only=test) if one.kind == "in"]
    entries = seed_faq(data / "faq")
    with tempfile.TemporaryDirectory() as scratch:
        search, embedder = evaluate.production(Settings(), Path(scratch) / "embeddings.sqlite3")
        told: dict[str, float | None] = {"as asked": right_first(search, embedder, entries, asked)}
        for kind, questions in slipped(asked, data).items():
            told[kind] = right_first(search, embedder, entries, questions)
        for by in ("entry", "topic"):
            told[f"{by} holes"] = hole(search, embedder, entries, asked, by)
    typer.echo(json.dumps({name: None if one is None else round(one, 4) for name, one in told.items()}))


if __name__ == "__main__":
    typer.run(main)
