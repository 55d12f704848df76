"""What is measured on must not have been learnt: no line of an evaluation set stands in the training lines."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

TRAINING_DATA = Path(__file__).resolve().parents[2] / "training_data"
DIALOGUE = TRAINING_DATA / "dialogue"
ANNOTATED = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\{[^}]*\})")


def bare(line: str) -> str:
    """Letters, digits and characters only: another comma does not make another line."""
    return re.sub(r"[\W_]+", "", line.lower())


def labelled(path: Path) -> list[str]:
    return [line.split("\t")[0] for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def intent_lines() -> set[str]:
    lines: set[str] = set()
    for file in (DIALOGUE / "nlu").glob("*.yml"):
        for part in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]:
            if "intent" in part:
                lines.update(bare(ANNOTATED.sub(r"\1", line[2:])) for line in part["examples"].splitlines())
    return lines


LEARNT = {
    "nlu": lambda: intent_lines(),
    "handoff": lambda: intent_lines() | {bare(line) for line in labelled(DIALOGUE / "person.tsv")},
    "emotion": lambda: {bare(line) for line in labelled(DIALOGUE / "emotion.tsv")},
}


@pytest.mark.parametrize("split", ["dev", "test"])
@pytest.mark.parametrize("kind", LEARNT)
def test_no_line_that_is_measured_on_was_learnt(kind: str, split: str) -> None:
    learnt = LEARNT[kind]()
    files = sorted((TRAINING_DATA / "evaluation").glob(f"{kind}_{split}*.tsv"))

    assert files
    assert [line for file in files for line in labelled(file) if bare(line) in learnt] == []


@pytest.mark.parametrize(("name", "fewest"), [("nlu_test", 700), ("handoff_test", 300), ("emotion_test", 400)])
def test_a_test_set_is_large_enough_to_say_something(name: str, fewest: int) -> None:
    assert len(labelled(TRAINING_DATA / "evaluation" / f"{name}.tsv")) >= fewest
