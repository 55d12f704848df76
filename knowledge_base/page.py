"""Puts measured tables into a page of the docs, between two comments that nobody sees."""

from __future__ import annotations

from pathlib import Path


def with_table(page: str, name: str, table: str) -> str:
    """The page with what stands between the markers of that name replaced; at its end where it has none."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    if begin not in page or end not in page:
        return f"{page.rstrip()}\n\n{begin}\n{table}\n{end}\n"
    before, _, rest = page.partition(begin)
    return f"{before}{begin}\n{table}\n{end}{rest.partition(end)[2]}"


def write_table(page: Path, name: str, table: str) -> None:
    page.write_text(with_table(page.read_text(encoding="utf-8"), name, table), encoding="utf-8")
