"""Keeps a snapshot over a restart: written beside the old one and renamed, checked by hash, mapped into memory."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import structlog

from knowledge_base.faq import Content, Served
from knowledge_base.index import UnreadableIndex, VectorIndex
from knowledge_base.lexical import Bags, LexicalIndex, matrix_of
from knowledge_base.places import PhrasingRows
from knowledge_base.shared_rows import SharedRows
from knowledge_base.snapshot import Snapshot, middles_of
from knowledge_base.wordwise import Words

log = structlog.get_logger()

FORMAT = 4
CURRENT = "current.json"
VECTORS, ARRAYS, ENTRIES = "vectors.faiss", "arrays.npz", "entries.json"
ITEMS_A_PIECE = 5_000
T = TypeVar("T")


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
    """Write the folded snapshot and make it the current one. OSError (a full disk) leaves the current one untouched."""
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / f"{snapshot.revision}-{uuid.uuid4().hex[:8]}"
    made.mkdir()
    try:
        try:
            snapshot.vectors.save(made / VECTORS)
        except RuntimeError as error:  # what FAISS raises when it cannot write
            raise OSError(str(error)) from error
        arrays: dict[str, Any] = {
            "answer_vectors": np.asarray(snapshot.answer_vectors),
            **_as_arrays("phrasings", snapshot.lexical.bags),
            **_as_arrays("documents", snapshot.documents.bags),
            **_packed_words(snapshot.words),
        }
        np.savez(made / ARRAYS, **arrays)
        with (made / ENTRIES).open("w", encoding="utf-8") as file:
            file.write(f'{{"starts": {json.dumps(snapshot.starts.tolist())}, "phrasings": ')
            file.writelines(_json_list(snapshot.phrasings))
            file.write(', "entries": ')
            file.writelines(_json_list(snapshot.entries, asdict))
            file.write("}")
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


def _json_list(items: Sequence[T], plain: Callable[[T], Any] = lambda item: item) -> Iterator[str]:
    """Piece by piece: as long as one is turned into text no search goes on, and a million together take seconds."""
    yield "["
    for begin in range(0, len(items), ITEMS_A_PIECE):
        piece = json.dumps([plain(item) for item in items[begin : begin + ITEMS_A_PIECE]], ensure_ascii=False)
        yield f"{',' if begin else ''}{piece[1:-1]}"
    yield "]"


def _as_arrays(name: str, bags: Bags) -> dict[str, np.ndarray]:
    return {
        f"{name}_lengths": np.diff(bags.indptr).astype(np.int64),
        f"{name}_terms": bags.indices,
        f"{name}_weights": bags.data,
    }


def _from_arrays(name: str, saved: Mapping[str, np.ndarray]) -> Bags:
    begins = np.concatenate([[0], np.cumsum(saved[f"{name}_lengths"])]).astype(np.int32)
    return matrix_of(saved[f"{name}_weights"], saved[f"{name}_terms"], begins)


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
            bags, documents = _from_arrays("phrasings", saved), _from_arrays("documents", saved)
            words = _unpacked_words(saved)
            answer_vectors = saved["answer_vectors"]
        phrasings = tuple(content["phrasings"])
        starts = np.asarray(content["starts"], dtype=np.int64)
        vectors = VectorIndex.open(made / VECTORS, len(phrasings), dimensions)
        return Snapshot(
            knowledge_id=about["knowledge_id"],
            revision=about["revision"],
            fingerprint=fingerprint,
            entries=tuple(
                Served(plain["id"], Content.from_json(plain["content"]), plain["version"], plain["place"])
                for plain in content["entries"]
            ),
            phrasings=phrasings,
            starts=starts,
            vectors=vectors,
            lexical=LexicalIndex.build(bags),
            documents=LexicalIndex.build(documents),
            answer_vectors=SharedRows(answer_vectors),
            centroids=SharedRows(middles_of(vectors.all_vectors(), starts)),
            rows_of=PhrasingRows.of(phrasings),
            words=words,
            word_space=word_space,
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, UnreadableIndex) as error:
        log.warning("snapshot_unreadable", error=str(error), consequence="built anew")
        return None
