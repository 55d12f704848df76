"""The event loop never sticks: what takes long is done beside it."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from agent_console import passwords
from tests.agent_console.conftest import running_desk

SIGN_INS = 6


async def test_signing_in_does_not_hold_up_anybody_else(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One hash takes longer than a loop may stand still; real ones are made here, several at once."""
    monkeypatch.setattr(passwords, "PasswordHasher", PasswordHasher)
    async with running_desk(home) as desk:
        colleague = await desk.colleague("agent")
        login = (await colleague.http.get("/api/v1/console/me")).json()["login"]
        began = time.perf_counter()
        PasswordHasher().hash("as long as this takes")
        one_hash = time.perf_counter() - began
        stop = asyncio.Event()
        lags: list[float] = []

        async def beat() -> None:
            while not stop.is_set():
                due = time.perf_counter() + 0.005
                await asyncio.sleep(0.005)
                lags.append(time.perf_counter() - due)

        beating = asyncio.create_task(beat())
        wrong = {"login": login, "password": "not this one, and hashed all the same"}
        answers = await asyncio.gather(
            *(colleague.http.post("/api/v1/console/sign-in", json=wrong) for _ in range(SIGN_INS))
        )
        stop.set()
        await beating

    assert {answer.status_code for answer in answers} <= {401, 429}
    # On a busy machine one beat may come late; if hashing were done on the loop, several would by a whole hash.
    assert sorted(lags)[-3] < one_hash / 2
