"""Keeps a snapshot over a restart: written beside the old one and renamed, checked by hash, mapped into memory."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from dataclasses import asdict
from pathlib import Path

import numpy as np
import structlog

from knowledge_base.faq import Content, Served
from knowledge_base.index import UnreadableIndex, VectorIndex
from knowledge_base.lexical import Bag, LexicalIndex
from knowledge_base.snapshot import Snapshot

log = structlog.get_logger()

FORMAT = 1
CURRENT = "current.json"
VECTORS, BAGS, ENTRIES = "vectors.faiss", "bags.npz", "entries.json"


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()


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
        np.savez(
            made / BAGS,
            lengths=np.array([len(bag.terms) for bag in snapshot.bags], dtype=np.int64),
            terms=_joined([bag.terms for bag in snapshot.bags], np.int32),
            weights=_joined([bag.weights for bag in snapshot.bags], np.float32),
        )
        content = {
            "starts": snapshot.starts.tolist(),
            "phrasings": snapshot.phrasings,
            "entries": [asdict(entry) for entry in snapshot.entries],
        }
        (made / ENTRIES).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        for name in (VECTORS, BAGS, ENTRIES):
            with (made / name).open("rb") as file:
                os.fsync(file.fileno())
        about = {
            "format": FORMAT,
            "folder": made.name,
            "knowledge_id": snapshot.knowledge_id,
            "revision": snapshot.revision,
            "fingerprint": snapshot.fingerprint,
            "digests": {name: digest_of(made / name) for name in (VECTORS, BAGS, ENTRIES)},
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


def _joined(parts: list[np.ndarray], dtype: type[np.generic]) -> np.ndarray:
    return np.concatenate(parts) if parts else np.empty(0, dtype=dtype)


def load(folder: Path, fingerprint: str, dimensions: int) -> Snapshot | None:
    """The saved snapshot, or None when there is none of this model or a file is damaged: then it is built anew."""
    try:
        about = json.loads((folder / CURRENT).read_text(encoding="utf-8"))
        if about["format"] != FORMAT or about["fingerprint"] != fingerprint:
            return None
        made = folder / about["folder"]
        for name, digest in about["digests"].items():
            if digest_of(made / name) != digest:
                raise UnreadableIndex(f"{name} is damaged")
        content = json.loads((made / ENTRIES).read_text(encoding="utf-8"))
        with np.load(made / BAGS, allow_pickle=False) as saved:
            cuts = np.cumsum(saved["lengths"])[:-1]
            terms, weights = np.split(saved["terms"], cuts), np.split(saved["weights"], cuts)
        phrasings = tuple(content["phrasings"])
        bags = [Bag(*bag) for bag in zip(terms, weights, strict=True)][: len(phrasings)]
        return Snapshot(
            knowledge_id=about["knowledge_id"],
            revision=about["revision"],
            fingerprint=fingerprint,
            entries=tuple(
                Served(plain["id"], Content.from_json(plain["content"]), plain["version"])
                for plain in content["entries"]
            ),
            phrasings=phrasings,
            starts=np.asarray(content["starts"], dtype=np.int64),
            vectors=VectorIndex.open(made / VECTORS, len(phrasings), dimensions),
            bags=bags,
            lexical=LexicalIndex(bags),
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, UnreadableIndex) as error:
        log.warning("snapshot_unreadable", error=str(error), consequence="built anew")
        return None
