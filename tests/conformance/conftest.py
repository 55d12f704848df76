"""Fresh databases by the dozen, for machines that begin again and again."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import warnings
from collections.abc import Callable, Iterator

import pytest

from handoff.identifiers import new_id
from tests.conftest import _run_sql


@pytest.fixture
def fresh_postgres(postgres_server: str) -> Callable[[], str]:
    def fresh() -> str:
        name = f"machine_{new_id()}"
        asyncio.run(_run_sql(postgres_server, f'CREATE DATABASE "{name}" TEMPLATE "template"'))
        return postgres_server.replace("/postgres?", f"/{name}?")

    return fresh


@contextlib.contextmanager
def dropping_connections() -> Iterator[None]:
    """A desk that dies in the middle drops its connections unclosed, as a killed process does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield


@pytest.fixture
def dropped_connections_are_swept_up() -> Iterator[None]:
    yield
    with dropping_connections():
        gc.collect()
