"""The demo data is written once; what people changed or threw away afterwards stays so."""

from __future__ import annotations

import httpx
import pytest

from agent_console.operations.seed import seed_demo
from tests.end_to_end.conftest import Jieli

pytestmark = [pytest.mark.rasa, pytest.mark.timeout(300)]


def test_seeding_again_brings_nothing_back(jieli: Jieli) -> None:
    desk = jieli.here.desk_url
    with httpx.Client(base_url=desk, headers={"X-Jieli-Console": "1", "Origin": desk}) as console:
        known = {"login": "dawei", "password": jieli.password_of("dawei")}
        console.post("/api/v1/console/sign-in", json=known).raise_for_status()
        replies = console.get("/api/v1/console/canned-replies").json()["replies"]
        console.delete(f"/api/v1/console/canned-replies/{replies[0]['id']}").raise_for_status()

        seed_demo(jieli.here, say=lambda *_: None)

        left = console.get("/api/v1/console/canned-replies").json()["replies"]
    assert len(replies) == 10 and all(reply["shared"] for reply in replies)
    assert left == replies[1:]
