"""Reads questions whose answers are known: an index file and a question file, every line checked before any is used."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from knowledge_base.calibration import Asked
from knowledge_base.errors import CannotStart
from knowledge_base.faq import Content, Served

KINDS = {"in": "in", "oos_near": "near", "oos_mid": "mid", "oos_far": "far"}
NOBODY = "-1"


class BadLine(CannotStart):
    """A line of another form: which one, and what it should be."""

    code = "bad_line"

    def __init__(self, path: Path, number: int, told: str) -> None:
        super().__init__(f"{self.code}：{path} 第 {number} 行{told}")
        self.path, self.number = path, number


def lines_of(path: Path) -> Iterator[tuple[int, str]]:
    """Number and text of every line that is not blank. Only line breaks end a line: a question may hold odd marks."""
    for number, raw in enumerate(path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        try:
            line = raw.decode("utf-8").removesuffix("\r")
        except UnicodeDecodeError:
            raise BadLine(path, number, "不是 UTF-8 文本") from None
        if line.strip():
            yield number, line


def read_index(path: Path) -> list[Served]:
    """`id<TAB>question` a line; an id may repeat for more phrasings."""
    phrasings: dict[str, list[str]] = {}
    for number, line in lines_of(path):
        entry_id, tab, question = line.partition("\t")
        if not tab or not question.strip():
            raise BadLine(path, number, "不是「id<TAB>问题」")
        if not entry_id.strip() or "," in entry_id or entry_id.strip() == NOBODY:
            raise BadLine(path, number, f"的 id 不能为空、不能含逗号、不能是 {NOBODY}")
        phrasings.setdefault(entry_id.strip(), []).append(question)
    return [Served(entry_id, Content(own[0], "", "", similar=tuple(own[1:])), 1) for entry_id, own in phrasings.items()]


def is_development(ids: str, text: str) -> bool:
    """The half that may be fitted to (training_data/evaluation/README.md): all questions of an entry fall together."""
    key = text if ids.strip() == NOBODY else ids.split(",")[0].strip()
    return hashlib.sha256(key.encode()).digest()[0] % 2 == 0


def read_queries(path: Path, development_only: bool = False, test_only: bool = False) -> list[Asked]:
    """`kind<TAB>ids<TAB>text` a line, ids comma-separated or -1. Out of scope nothing is right, whatever the ids."""
    asked = []
    for number, line in lines_of(path):
        parts = line.split("\t", 2)
        if len(parts) != 3 or parts[0] not in KINDS or not parts[2].strip():
            raise BadLine(path, number, f"不是「{'|'.join(KINDS)}<TAB>ids<TAB>问题」")
        kind, listed, text = parts
        ids = frozenset(one.strip() for one in listed.split(",")) - {NOBODY, ""}
        if kind == "in" and not ids:
            raise BadLine(path, number, "：种类是 in，却没有能回答它的 id")
        is_left_out = test_only if is_development(listed, text) else development_only
        if not is_left_out:
            asked.append(Asked(KINDS[kind], ids if kind == "in" else frozenset(), text))
    return asked


def unknown_ids(entries: Iterable[Served], asked: Iterable[Asked]) -> list[str]:
    """Ids that questions name and the index does not have: such a question can only be answered wrong."""
    known = {entry.id for entry in entries}
    return sorted({entry_id for one in asked for entry_id in one.ids} - known)
