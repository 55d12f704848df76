"""How well intents are told apart on phrasings that were never learnt: `python bot/evaluation/cross_validation.py`.

Whole groups of like phrasings of an intent are left out together, so that 我要退货 does not teach 我想退货. Measured
with all features, without the sentence vector, and without spelling.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:] = [str(ROOT), *(entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).parent)]

from bot.quiet import before_rasa, quiet_logs  # noqa: E402

before_rasa()

import numpy as np  # noqa: E402
import yaml  # noqa: E402
from scipy.sparse.csgraph import connected_components  # noqa: E402
from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: E402
from sklearn.metrics import f1_score  # noqa: E402

FOLDS = 5
ALIKE = 0.62
"""Half likeness of spelling, half of vectors; from here on two lines are the same phrasing."""


def examples() -> list[tuple[str, str]]:
    from bot.training import DIALOGUE, faq_questions

    found: list[tuple[str, str]] = [(text, "faq") for text in faq_questions()]
    for path in sorted((DIALOGUE / "nlu").glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            lines = block["examples"].splitlines()
            found += [(line[2:].strip(), block["intent"]) for line in lines if line.startswith("- ")]
    return list(dict.fromkeys(found))


def phrasing_groups(words: list[str], vectors: np.ndarray, intents: np.ndarray) -> np.ndarray:
    """A number per line; lines of one intent that are alike, also by way of others, share it."""
    groups = np.zeros(len(words), dtype=int)
    known = 0
    for intent in np.unique(intents):
        places = np.flatnonzero(intents == intent)
        counted = TfidfVectorizer(analyzer="char", ngram_range=(1, 2)).fit_transform([words[i] for i in places])
        centred = vectors[places] - vectors[places].mean(axis=0)
        centred /= np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
        likeness = 0.5 * (counted @ counted.T).toarray() + 0.5 * centred @ centred.T
        count, labels = connected_components(likeness > ALIKE)
        groups[places] = known + labels
        known += count
    return groups


def cross_validated(words: list[str], vectors: np.ndarray, intents: np.ndarray, folds: np.ndarray) -> dict[str, float]:
    from bot.components.intent_models import Head

    guesses = np.empty(len(words), dtype=object)
    for fold in range(FOLDS):
        learnt, asked = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        head = Head()
        head.fit([words[i] for i in learnt], vectors[learnt], list(intents[learnt]))
        names = np.array(head.intents)
        guesses[asked] = names[head.probabilities([words[i] for i in asked], vectors[asked]).argmax(axis=1)]
    macro = f1_score(intents, guesses.astype(str), average="macro")
    return {"accuracy": round(float((guesses == intents).mean()), 4), "macro_f1": round(float(macro), 4)}


def main() -> None:
    os.chdir(ROOT)
    quiet_logs()
    import jieba

    from bot.components.embedder import embedder_in
    from bot.components.line_head import plain
    from bot.settings import Settings
    from bot.text import fold
    from bot.training import DICTIONARY

    for line in DICTIONARY.read_text(encoding="utf-8").splitlines():
        if line.strip():
            word, frequency, *_ = [*line.split(), "100000"]
            jieba.add_word(fold(word), int(frequency))
    embedder = embedder_in(Settings.from_environment().embedding_folder)
    lines = examples()
    intents = np.array([intent for _, intent in lines])
    words = [" ".join(jieba.cut(plain(text))) or "#" for text, _ in lines]
    vectors = np.stack([embedder.embed(plain(text)) for text, _ in lines])
    groups = phrasing_groups(words, vectors, intents)
    order = np.random.RandomState(0).permutation(groups.max() + 1)
    folds = order[groups] % FOLDS
    without = np.zeros_like(vectors)
    report = {
        "lines": len(lines),
        "groups": int(groups.max()) + 1,
        "all": cross_validated(words, vectors, intents, folds),
        "without_sentence_vector": cross_validated(words, without, intents, folds),
        "without_spelling": cross_validated(["#"] * len(words), vectors, intents, folds),
    }
    print(json.dumps(report, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
