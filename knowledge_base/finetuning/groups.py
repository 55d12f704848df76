"""The questions a model learns from: groups that mean the same, each with its source and the topic it belongs to."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from safetensors import safe_open

from knowledge_base import text as texts
from knowledge_base.importing import read_csv

SHIPPED_ADAPTER = Path(__file__).resolve().parents[1] / "model" / "adapter" / "adapter.safetensors"
HELD_OUT_OF, HELD_OUT = 8, 1
"""One topic of the paraphrases in eight is never learnt from: the confidence is fitted on these, and figures told."""
SAME_QUESTIONS = Path(__file__).resolve().parents[2] / "training_data" / "same_questions.tsv"
ANSWER_BEGINNING = 80
"""Characters of an answer that are learnt as one more member of its group: search compares questions to it as well."""


@dataclass(frozen=True)
class Group:
    """Normalised texts with one and the same answer."""

    name: str
    source: str
    topic: str
    texts: tuple[str, ...]


def is_held_out(topic: str) -> bool:
    """By a hash, so that a new topic never moves another one."""
    return hashlib.sha256(topic.encode()).digest()[0] % HELD_OUT_OF == HELD_OUT


def learnt_topics(adapter: Path) -> frozenset[str]:
    """The topics of paraphrases that an adapter learnt from; those written after its training are not among them."""
    with safe_open(str(adapter), framework="numpy") as file:
        about = json.loads((file.metadata() or {}).get("about", "{}"))
    return frozenset(about.get("topics", ()))


@cache
def same_questions(file: Path = SAME_QUESTIONS) -> frozenset[tuple[str, str]]:
    """Names of groups that are the same question under two topics, or share lines: never told apart."""
    return frozenset(
        (one, other)
        for one, _, other in (line.partition("\t") for line in file.read_text(encoding="utf-8").splitlines())
    )


def normalised_once(raw: Iterable[str]) -> tuple[str, ...]:
    return tuple(one for one in dict.fromkeys(texts.normalised(text) for text in raw) if one)


def paraphrases(folder: Path) -> list[Group]:
    """`group<TAB>text` of every file; a group may go on in another file."""
    gathered: dict[str, list[str]] = {}
    for file in sorted(folder.glob("*.tsv")):
        for line in file.read_text(encoding="utf-8").splitlines():
            slug, tab, text = line.partition("\t")
            if tab and text.strip():
                gathered.setdefault(slug, []).append(text)
    return [Group(slug, "paraphrases", topic_of(slug), normalised_once(own)) for slug, own in gathered.items()]


def topic_of(slug: str) -> str:
    return "/".join(slug.split("/")[:2])


def elsewhere(folder: Path) -> list[Group]:
    """`area<TAB>text` of every file, each line a group of its own: what is there need not mean the same."""
    lines = [
        line.partition("\t")
        for file in sorted(folder.glob("*.tsv"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    once = {one: area for area, _, text in lines for one in normalised_once([text])}
    return [Group(one, "elsewhere", area, (one,)) for one, area in once.items()]


def faq(folder: Path) -> list[Group]:
    """Every entry's phrasings and the beginning of its answer; the topic is the category."""
    groups = []
    for file in sorted(folder.glob("*.csv")):
        rows, errors = read_csv(file.read_bytes())
        if errors:
            raise ValueError(f"{file}: {errors[0]}")
        for row in rows:
            content = row.content
            own = normalised_once([*content.phrasings, content.answer[:ANSWER_BEGINNING]])
            groups.append(Group(row.id, "faq", content.category, own))
    return groups


def pairs(file: Path, kept_out: Sequence[Path]) -> list[Group]:
    """Groups that the pairs marked 1 of `no, question, question, 1 or 0` join, without any sentence of `kept_out`."""
    forbidden = {bare(text) for path in kept_out for text in _last_columns(path)}
    parent: dict[str, str] = {}

    def root(text: str) -> str:
        while parent.setdefault(text, text) != text:
            parent[text] = text = parent[parent[text]]
        return text

    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            if len(row) < 4 or row[3].strip() != "1":
                continue
            one, other = texts.normalised(row[1]), texts.normalised(row[2])
            if one and other and not {bare(row[1]), bare(row[2])} & forbidden:
                parent[root(one)] = root(other)
    joined: dict[str, list[str]] = {}
    for text in sorted(parent):
        joined.setdefault(root(text), []).append(text)
    return [Group(name, "pairs", name, tuple(own)) for name, own in joined.items() if len(own) > 1]


def _last_columns(path: Path) -> Iterator[str]:
    for line in path.read_text(encoding="utf-8").splitlines():
        yield line.rsplit("\t", 1)[-1]


PARTICLES = frozenset("的了吗呢吧啊呀么嘛哦我你您请")


def bare(text: str) -> str:
    """What is left without particles and punctuation: sentences that differ in these alone are the same one."""
    return "".join(one for one in texts.normalised(text) if one.isalnum() and one not in PARTICLES)
