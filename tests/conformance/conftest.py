"""Fresh databases by the dozen, for machines that begin again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

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
