"""Keeps a snapshot over a restart: written beside the old one and renamed, checked by hash, mapped into memory."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import structlog

from knowledge_base.faq import Content, Served
from knowledge_base.index import UnreadableIndex, VectorIndex
from knowledge_base.lexical import Bag
from knowledge_base.snapshot import Snapshot
from knowledge_base.wordwise import Words

log = structlog.get_logger()

FORMAT = 4
CURRENT = "current.json"
VECTORS, ARRAYS, ENTRIES = "vectors.faiss", "arrays.npz", "entries.json"


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()


@cache
def reading_of_texts() -> str:
    """Names how this program reads texts: phrasings that another reading normalised cannot be taken over."""
    package = Path(__file__).parent
    digest = hashlib.blake2b(digest_size=16)
    for file in sorted([package / "text.py", package / "lexical.py", *package.glob("*.txt")]):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def save(snapshot: Snapshot, folder: Path) -> None:
    """Write the snapshot and make it the current one. OSError (a full disk) leaves the current one untouched."""
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / f"{snapshot.revision}-{uuid.uuid4().hex[:8]}"
    made.mkdir()
    try:
        try:
            snapshot.vectors.save(made / VECTORS)
        except RuntimeError as error:  # what FAISS raises when it cannot write
            raise OSError(str(error)) from error
        arrays: dict[str, Any] = {
            "answer_vectors": snapshot.answer_vectors,
            **_packed("phrasings", snapshot.bags),
            **_packed("documents", snapshot.document_bags),
            **_packed_words(snapshot.words),
        }
        np.savez(made / ARRAYS, **arrays)
        content = {
            "starts": snapshot.starts.tolist(),
            "phrasings": snapshot.phrasings,
            "entries": [asdict(entry) for entry in snapshot.entries],
        }
        (made / ENTRIES).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        for name in (VECTORS, ARRAYS, ENTRIES):
            with (made / name).open("rb") as file:
                os.fsync(file.fileno())
        about = {
            "format": FORMAT,
            "folder": made.name,
            "knowledge_id": snapshot.knowledge_id,
            "revision": snapshot.revision,
            "fingerprint": snapshot.fingerprint,
            "word_space": snapshot.word_space,
            "reading_of_texts": reading_of_texts(),
            "digests": {name: digest_of(made / name) for name in (VECTORS, ARRAYS, ENTRIES)},
        }
        beside = made / CURRENT
        beside.write_text(json.dumps(about, indent=2), encoding="utf-8")
        os.replace(beside, folder / CURRENT)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    for other in folder.iterdir():
        if other.is_dir() and other != made:
            shutil.rmtree(other, ignore_errors=True)  # a mapped file lives on until it is let go


def _packed(name: str, bags: list[Bag]) -> dict[str, np.ndarray]:
    return {
        f"{name}_lengths": np.array([len(bag.terms) for bag in bags], dtype=np.int64),
        f"{name}_terms": np.concatenate([np.empty(0, np.int32), *(bag.terms for bag in bags)]),
        f"{name}_weights": np.concatenate([np.empty(0, np.float32), *(bag.weights for bag in bags)]),
    }


def _unpacked(name: str, saved: Mapping[str, np.ndarray]) -> list[Bag]:
    lengths = saved[f"{name}_lengths"]
    if not len(lengths):
        return []
    cuts = np.cumsum(lengths)[:-1]
    terms, weights = np.split(saved[f"{name}_terms"], cuts), np.split(saved[f"{name}_weights"], cuts)
    return [Bag(*bag) for bag in zip(terms, weights, strict=True)]


def _packed_words(words: list[Words]) -> dict[str, np.ndarray]:
    vectors = [one.vectors for one in words if len(one.weights)]
    return {
        "words_lengths": np.array([len(one.weights) for one in words], dtype=np.int64),
        "words_weights": np.concatenate([np.empty(0, np.float32), *(one.weights for one in words)]),
        "words_vectors": np.concatenate(vectors or [np.empty((0, 1), np.float16)]),
    }


def _unpacked_words(saved: Mapping[str, np.ndarray]) -> list[Words]:
    lengths = saved["words_lengths"]
    if not len(lengths):
        return []
    cuts = np.cumsum(lengths)[:-1]
    vectors, weights = np.split(saved["words_vectors"], cuts), np.split(saved["words_weights"], cuts)
    return [Words(*one) for one in zip(vectors, weights, strict=True)]


def load(folder: Path, fingerprint: str, dimensions: int, word_space: str | None) -> Snapshot | None:
    """The saved snapshot, or None when there is none of this model or a file is damaged: then it is built anew."""
    try:
        about = json.loads((folder / CURRENT).read_text(encoding="utf-8"))
        if (about["format"], about["fingerprint"], about["word_space"]) != (FORMAT, fingerprint, word_space):
            return None
        if about["reading_of_texts"] != reading_of_texts():
            return None
        made = folder / about["folder"]
        for name, digest in about["digests"].items():
            if digest_of(made / name) != digest:
                raise UnreadableIndex(f"{name} is damaged")
        content = json.loads((made / ENTRIES).read_text(encoding="utf-8"))
        with np.load(made / ARRAYS, allow_pickle=False) as saved:
            bags, document_bags = _unpacked("phrasings", saved), _unpacked("documents", saved)
            words = _unpacked_words(saved)
            answer_vectors = saved["answer_vectors"]
        phrasings = tuple(content["phrasings"])
        return Snapshot(
            knowledge_id=about["knowledge_id"],
            revision=about["revision"],
            fingerprint=fingerprint,
            entries=tuple(
                Served(plain["id"], Content.from_json(plain["content"]), plain["version"], plain["place"])
                for plain in content["entries"]
            ),
            phrasings=phrasings,
            starts=np.asarray(content["starts"], dtype=np.int64),
            vectors=VectorIndex.open(made / VECTORS, len(phrasings), dimensions),
            bags=bags,
            answer_vectors=answer_vectors,
            document_bags=document_bags,
            words=words,
            word_space=word_space,
        ).made_ready()
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, UnreadableIndex) as error:
        log.warning("snapshot_unreadable", error=str(error), consequence="built anew")
        return None
