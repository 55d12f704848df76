"""Real customers' utterances with labels by hand: the words stay in the data folder, here are only their hashes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from knowledge_base.calibration import Asked
from knowledge_base.faq import Served
from knowledge_base.importing import read_csv
from knowledge_base.labelled import KINDS, BadLine, lines_of

SAMPLED = 300
FEWEST_CHARACTERS = 4
"""Chinese characters; shorter ones are nods and numbers."""
CHINESE = re.compile(r"[\u3400-\u9fff]")
DIALOGUES = "dialogue/*.tsv"


def hash_of(utterance: str) -> str:
    return hashlib.sha256(utterance.encode()).hexdigest()


def customers_utterances(data: Path) -> Iterator[str]:
    """What customers said in the dialogues: the first line of a context and every second one after it.

    A line of the files is `0|1<TAB>utterance<TAB>…<TAB>response`, words apart; the response is an agent's.
    """
    for file in sorted(data.glob(DIALOGUES)):
        for _, line in lines_of(file):
            for spoken in line.split("\t")[1:-1:2]:
                yield "".join(spoken.split())


def sample(data: Path) -> list[str]:
    """The utterances that were labelled: all distinct ones with enough Chinese in them, the first by their hash."""
    fit = {one for one in customers_utterances(data) if len(CHINESE.findall(one)) >= FEWEST_CHARACTERS}
    return sorted(fit, key=hash_of)[:SAMPLED]


def read_labels(path: Path) -> dict[str, tuple[str, frozenset[str]]]:
    """`sha256<TAB>kind<TAB>ids` a line."""
    labels = {}
    for number, line in lines_of(path):
        parts = line.split("\t")
        if len(parts) != 3 or len(parts[0]) != 64 or parts[1] not in KINDS:
            raise BadLine(path, number, f"不是「sha256<TAB>{'|'.join(KINDS)}<TAB>ids」")
        labels[parts[0]] = KINDS[parts[1]], frozenset(parts[2].split(",")) - {"-1"}
    return labels


def asked(data: Path, labels: Path) -> list[Asked]:
    """The labelled utterances that the data folder holds; none where it is absent."""
    known = read_labels(labels)
    return [Asked(*known[hash_of(one)], one) for one in sample(data) if hash_of(one) in known]


def seed_faq(folder: Path) -> list[Served]:
    """The entries as the shop serves them, with their answers."""
    entries = []
    for file in sorted(folder.glob("*.csv")):
        rows, errors = read_csv(file.read_bytes())
        if errors:
            raise BadLine(file, errors[0]["row"], f"：{errors[0]['message']}")
        entries += [Served(row.id, row.content, 1) for row in rows]
    return entries
