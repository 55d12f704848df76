"""Trains the bot once for what lies here, and finds the trained bot again by the hash of its inputs."""

from __future__ import annotations

import csv
import hashlib
import os
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml

from bot.components.embedder import fingerprint_in
from bot.settings import ROOT, Settings

BOT = ROOT / "bot"
DIALOGUE = ROOT / "training_data" / "dialogue"
FAQ = ROOT / "training_data" / "faq"
DICTIONARY = ROOT / "training_data" / "dictionary.txt"

FAQ_EXAMPLES = 1_000
"""Enough to span the knowledge base, few enough that the other intents, each with some 200, are not drowned."""

MODELS_KEPT = 3
"""Trained bots that stay, of some hundred megabytes each: a step back to what was trained before needs no training."""

DECIDING = ("config.yml", "domain.yml", "text.py", "training.py")


class NotTrained(Exception):
    """Training ended without a model; the text says why."""


def _inputs() -> Iterator[Path]:
    """The files that decide what is learnt; actions and the channel may change without a new training."""
    for name in DECIDING:
        yield BOT / name
    yield from sorted((BOT / "components").glob("*.py"))
    for name in ("emotion.py", "person_phrases.py", "person_request.py", "spelling.py", "words.py"):
        yield BOT / "noticing" / name
    yield from sorted(DIALOGUE.rglob("*.yml"))
    yield from sorted(DIALOGUE.glob("*.tsv"))
    yield from sorted(FAQ.glob("*.csv"))
    yield DICTIONARY


def content_hash(settings: Settings) -> str:
    digest = hashlib.sha256(fingerprint_in(settings.embedding_folder).encode())
    for path in _inputs():
        digest.update(f"\0{path.relative_to(ROOT)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def model_path(settings: Settings) -> Path:
    """Where the model for the present inputs is, or would be."""
    return settings.models / f"{content_hash(settings)}.tar.gz"


def faq_questions(limit: int = FAQ_EXAMPLES) -> list[str]:
    """A spread over all entries of the seed FAQ: each entry's question first, then similar ones in turn."""
    groups: list[list[str]] = []
    for path in sorted(FAQ.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                similar = [text.strip() for text in (row.get("similar") or "").split("|") if text.strip()]
                random.Random(row["question"]).shuffle(similar)
                groups.append([row["question"].strip(), *similar])
    chosen: list[str] = []
    for place in range(max((len(group) for group in groups), default=0)):
        for group in groups:
            if place < len(group) and len(chosen) < limit:
                chosen.append(group[place])
    return list(dict.fromkeys(text.replace("\n", " ") for text in chosen))


def faq_as_nlu(questions: list[str]) -> str:
    """The faq intent's examples in Rasa's format."""
    examples = "".join(f"- {text}\n" for text in questions)
    return yaml.safe_dump(
        {"version": "3.1", "nlu": [{"intent": "faq", "examples": examples}]}, allow_unicode=True, sort_keys=False
    )


def train(settings: Settings, say: Callable[[str], None], force: bool = False) -> Path:
    """The model's path; trains only when no model for these inputs exists. Safe to run twice at once."""
    final = model_path(settings)
    if final.exists() and not force:
        say(f"已是最新：{final.name}")
        return final
    from rasa.model_training import train as rasa_train

    final.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".training-", dir=final.parent) as scratch:
        work = Path(scratch)
        data = work / "data"
        shutil.copytree(DIALOGUE, data)
        questions = faq_questions()
        say(f"知识库问题 {len(questions)} 条并入 faq 意图")
        if questions:
            (data / "nlu" / "faq_from_knowledge_base.yml").write_text(faq_as_nlu(questions), encoding="utf-8")
        say("训练中（约 2 分钟）…")
        result = rasa_train(
            domain=str(BOT / "domain.yml"),
            config=str(BOT / "config.yml"),
            training_files=[str(data)],
            output=str(work / "out"),
            force_training=True,
            fixed_model_name="model",
        )
        if result.code != 0 or not result.model:
            raise NotTrained(f"Rasa ended with code {result.code}")
        os.replace(result.model, final)
    keep_newest(final.parent)
    say(f"完成：{final.name}")
    return final


def keep_newest(models: Path, count: int = MODELS_KEPT) -> None:
    """Delete all but the `count` trained last; one that a running bot has loaded is no longer needed by it."""
    by_age = sorted(models.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in by_age[count:]:
        old.unlink(missing_ok=True)
