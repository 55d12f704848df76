"""The table of promises and their tests names only what exists, and leaves no promise out."""

from __future__ import annotations

import re
from pathlib import Path

from tests.conformance import checkers

HERE = Path(__file__).resolve().parent
TABLE = (HERE / "README.md").read_text(encoding="utf-8")
PROMISES = [*range(1, 16), *range(18, 22)]


EDGES = 11


def rows() -> dict[str, str]:
    return {line.split("|")[1].strip(): line for line in TABLE.splitlines() if line.startswith("| G")}


def edges() -> list[str]:
    table = TABLE.partition("## The edges")[2].partition("\n## ")[0]
    return [line for line in table.splitlines() if line.startswith("| ")][1:]


def test_every_promise_has_a_row_with_a_test_or_a_checker() -> None:
    named = rows()

    assert list(named) == [f"G{number}" for number in PROMISES]
    assert all("`" in line for line in named.values())


def test_every_edge_has_a_row_with_a_test() -> None:
    assert len(edges()) == EDGES
    assert all("`test_" in line for line in edges())


def test_every_test_and_checker_that_the_table_names_exists() -> None:
    source = "".join(file.read_text(encoding="utf-8") for file in HERE.parent.rglob("test_*.py"))
    defined = set(re.findall(r"def (test_\w+)", source)) | set(vars(checkers))
    named = set(re.findall(r"`((?:test_)?\w+)`", "".join([*rows().values(), *edges()]))) - {"client_msg_id"}

    assert named - defined == set()
