"""Writes `knowledge_base/letter_pairs.txt`: which characters follow each other in shoppers' questions.

`python -m knowledge_base.finetuning.letters`. Held-out topics are left out as in fine-tuning, for the confidence is
fitted on them.
"""

from __future__ import annotations

from pathlib import Path

from knowledge_base import text as texts
from knowledge_base.finetuning import groups
from knowledge_base.settings import Settings
from knowledge_base.spelling import PAIRS, pairs_of

DATA = Path(__file__).resolve().parents[2] / "training_data"


def write(data: Path, into: Path) -> None:
    texts.use_dictionary(Settings().dictionary)
    learnt = [one for one in groups.paraphrases(data / "paraphrases") if not groups.is_held_out(one.topic)]
    found = pairs_of([text for group in learnt + groups.faq(data / "faq") for text in group.texts])
    lines = [f"{pair}\t{count}\n" for pair, count in sorted(found.items()) if not set(pair) & set(" \t")]
    into.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    write(DATA, PAIRS)
