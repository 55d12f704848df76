"""Shows how far a long run is: a bar on a terminal, a plain line now and then where the output goes to a file."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

Item = TypeVar("Item")
SECONDS_BETWEEN_LINES = 5.0


class Telling(Protocol):
    """Hands the items on, and shows where it is."""

    def __call__(self, items: Sequence[Item], title: str) -> Iterable[Item]: ...


def silent(items: Sequence[Item], title: str) -> Iterable[Item]:
    return items


def shown(items: Sequence[Item], title: str) -> Iterator[Item]:
    """On standard error, so that what a command prints stays clean."""
    return _as_bar(items, title) if sys.stderr.isatty() else _as_lines(items, title)


def counting(title: str) -> Callable[[int, int], None]:
    """For work that reports `(done, total)` itself: a line now and then."""
    told_at = time.monotonic()

    def tell(done: int, total: int) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= SECONDS_BETWEEN_LINES:
            typer.echo(f"{title} {done}/{total}", err=True)
            told_at = time.monotonic()

    return tell


def _as_bar(items: Sequence[Item], title: str) -> Iterator[Item]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield from bar.track(items, description=title)


def _as_lines(items: Sequence[Item], title: str) -> Iterator[Item]:
    told_at = time.monotonic()
    for number, item in enumerate(items):
        if time.monotonic() - told_at >= SECONDS_BETWEEN_LINES:
            typer.echo(f"{title} {number}/{len(items)}", err=True)
            told_at = time.monotonic()
        yield item
