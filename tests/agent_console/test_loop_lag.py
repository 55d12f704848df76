"""The event loop never sticks: what takes long is done beside it."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Awaitable
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher
from PIL import Image

from agent_console import passwords
from agent_console.pictures import redrawn
from tests.agent_console.conftest import running_desk

AT_ONCE = 6


async def late_beats(work: Awaitable[list[httpx.Response]]) -> tuple[list[httpx.Response], list[float]]:
    """The answers, and by how much each beat of five milliseconds came late meanwhile, in order of size."""
    stop = asyncio.Event()
    lags: list[float] = []

    async def beat() -> None:
        while not stop.is_set():
            due = time.perf_counter() + 0.005
            await asyncio.sleep(0.005)
            lags.append(time.perf_counter() - due)

    beating = asyncio.create_task(beat())
    answers = await work
    stop.set()
    await beating
    return answers, sorted(lags)


async def test_signing_in_does_not_hold_up_anybody_else(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One hash takes longer than a loop may stand still; real ones are made here, several at once."""
    monkeypatch.setattr(passwords, "PasswordHasher", PasswordHasher)
    async with running_desk(home) as desk:
        colleague = await desk.colleague("agent")
        login = (await colleague.http.get("/api/v1/console/me")).json()["login"]
        began = time.perf_counter()
        PasswordHasher().hash("as long as this takes")
        one_hash = time.perf_counter() - began
        wrong = {"login": login, "password": "not this one, and hashed all the same"}
        answers, lags = await late_beats(
            asyncio.gather(*(colleague.http.post("/api/v1/console/sign-in", json=wrong) for _ in range(AT_ONCE)))
        )

    assert {answer.status_code for answer in answers} <= {401, 429}
    # On a busy machine one beat may come late; if hashing were done on the loop, several would by a whole hash.
    assert lags[-3] < one_hash / 2


async def test_drawing_pictures_anew_does_not_hold_up_anybody_else(home: Path) -> None:
    out = io.BytesIO()
    Image.effect_noise((2600, 2000), 60).convert("RGB").save(out, "JPEG", quality=80)
    photo = out.getvalue()
    began = time.perf_counter()
    redrawn(photo)
    one_drawing = time.perf_counter() - began
    async with running_desk(home) as desk:
        customer = await desk.customer()
        answers, lags = await late_beats(
            asyncio.gather(
                *(
                    customer.http.post("/api/v1/widget/uploads", files={"file": ("a.jpg", photo, "image/jpeg")})
                    for _ in range(AT_ONCE)
                )
            )
        )

    assert {answer.status_code for answer in answers} <= {201, 429}
    assert any(answer.status_code == 201 for answer in answers)
    assert lags[-3] < one_drawing / 2
