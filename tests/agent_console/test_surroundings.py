"""Pages, headers, the knowledge base behind the console, health and settings."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import unquote

import pytest
from pydantic import ValidationError

from agent_console.settings import ROOT, Settings
from tests.agent_console.conftest import RunningDesk, running_desk


@pytest.fixture
def built_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small build of both pages."""
    web = tmp_path / "web"
    files = {
        "console/dist/index.html": "<!doctype html>console",
        "console/dist/assets/app-1a2b.js": "console.js",
        "widget/dist/chat.html": "<!doctype html>chat",
        "widget/dist/loader.js": "loader",
        "widget/dist/assets/chat-1a2b.js": "chat.js",
        "secret.txt": "secret",
    }
    for name, text in files.items():
        (web / name).parent.mkdir(parents=True, exist_ok=True)
        (web / name).write_text(text)
    monkeypatch.setattr("agent_console.settings.WEB", web)
    return web


async def test_the_console_is_one_page_for_all_its_addresses(desk: RunningDesk, built_pages: Path) -> None:
    async with desk.http() as http:
        root = await http.get("/")
        pages = [await http.get(address) for address in ("/console/", "/console/conversations/abc", "/console/sign-in")]
        asset = await http.get("/console/assets/app-1a2b.js")
        missing = await http.get("/console/assets/gone.js")
        outside = await http.get("/console/..%2F..%2Fsecret.txt")

    assert (root.status_code, root.headers["location"]) == (307, "/console/")
    assert {page.text for page in pages} == {"<!doctype html>console"}
    assert "immutable" in asset.headers["cache-control"]
    assert missing.status_code == 404
    assert "secret" not in outside.text


async def test_the_chat_may_be_framed_by_its_shops_and_the_console_by_nobody(
    desk: RunningDesk, built_pages: Path
) -> None:
    async with desk.http() as http:
        chat, console = await http.get("/chat?app=demo"), await http.get("/console/")
        loader, asset = await http.get("/widget/loader.js"), await http.get("/widget/assets/chat-1a2b.js")
        outside = await http.get("/widget/..%2F..%2Fsecret.txt")

    assert "frame-ancestors 'self' https://shop.example" in chat.headers["content-security-policy"]
    assert "x-frame-options" not in chat.headers
    assert "frame-ancestors 'none'" in console.headers["content-security-policy"]
    assert console.headers["x-frame-options"] == "DENY"
    assert "script-src 'self';" in console.headers["content-security-policy"]
    assert loader.headers["access-control-allow-origin"] == "*"
    assert loader.headers["cache-control"] == "public, max-age=300"
    assert "immutable" in asset.headers["cache-control"]
    assert outside.status_code == 404


async def test_pages_that_are_not_built_say_how_to_build_them(
    desk: RunningDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent_console.settings.WEB", tmp_path / "nothing")

    async with desk.http() as http:
        page = await http.get("/console/")

    assert page.status_code == 503
    assert "make setup" in page.text


async def test_an_editors_call_goes_to_the_knowledge_base_in_his_name(desk: RunningDesk) -> None:
    manager = await desk.colleague("knowledge_manager", name="雅婷")
    address = "/api/v1/console/kb/entries/e1"

    listed = await manager.http.get("/api/v1/console/kb/entries", params={"state": "draft", "q": "运费"})
    without = await manager.http.put(address, json={"question": "新"})
    saved = await manager.http.put(address, json={"question": "新"}, headers={"If-Match": '"1"'})

    method, path, headers, body = desk.knowledge.asked[-1]
    assert listed.headers["etag"] == '"1"'
    assert without.status_code == 428
    assert (saved.status_code, saved.headers["etag"]) == (200, '"2"')
    assert (method, path, body) == ("PUT", "/api/v1/admin/entries/e1", {"question": "新"})
    assert headers["if-match"] == '"1"'
    assert headers["x-jieli-actor"] == manager.id
    assert unquote(headers["x-jieli-actor-name"]) == "雅婷"
    assert headers["authorization"].startswith("Bearer ")
    assert "cookie" not in headers


async def test_an_agent_reads_the_knowledge_base_and_edits_nothing(desk: RunningDesk) -> None:
    agent = await desk.colleague("agent")

    read = await agent.http.get("/api/v1/console/kb/entries")
    written = await agent.http.post("/api/v1/console/kb/entries", json={})
    outside = await agent.http.get("/api/v1/console/kb/..%2F..%2Fmetrics")

    assert read.status_code == 200
    assert (written.status_code, written.json()["code"]) == (403, "forbidden")
    assert outside.status_code == 404


async def test_without_the_knowledge_base_the_chat_opens_and_the_console_is_told(home: Path) -> None:
    async with running_desk(home) as desk:
        customer = await desk.customer()
        agent = await desk.colleague("agent")
        await customer.say("运费谁出")

        typing = await customer.http.get("/api/v1/widget/suggestions", params={"q": "运费"})
        suggested = await agent.http.get(f"/api/v1/console/conversations/{customer.conversation_id}/suggestions")
        edited = await agent.http.get("/api/v1/console/kb/entries")
        ready = await agent.http.get("/readyz")

    assert customer.session["hot_questions"] == []
    assert typing.json() == {"suggestions": []}
    assert (suggested.status_code, suggested.json()["code"]) == (503, "knowledge_base_away")
    assert (edited.status_code, edited.json()["code"]) == (503, "knowledge_base_away")
    assert ready.status_code == 200
    assert ready.json()["modes"] == {"knowledge_base": "away"}


async def test_without_redis_the_desk_says_that_it_polls(home: Path) -> None:
    async with running_desk(home, redis_url="redis://127.0.0.1:9/0") as desk, desk.http() as http:
        ready = await http.get("/readyz")

    assert ready.json()["ready"] is True
    assert ready.json()["modes"]["redis"] == "polling"


async def test_health_and_metrics_answer(desk: RunningDesk) -> None:
    await desk.customer()

    async with desk.http() as http:
        alive, ready, counted = [await http.get(address) for address in ("/healthz", "/readyz", "/metrics")]

    assert alive.json() == {"alive": True}
    assert ready.json()["mode"] == "normal"
    assert 'route="/api/v1/widget/sessions"' in counted.text


async def test_the_log_says_what_happened_and_never_what_was_written(
    desk: RunningDesk, capfd: pytest.CaptureFixture[str]
) -> None:
    customer = await desk.customer()

    await customer.say("我的手机号是13912345678")
    await customer.http.post(f"{customer.address}/messages", json={"client_msg_id": "x", "body": {"type": "暗号"}})

    written = "".join(capfd.readouterr())
    assert "13912345678" not in written
    assert "暗号" not in written


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "JIELI_SECRET is a sample"),
        ({"JIELI_SECRET": "change-me-at-least-32-bytes-of-randomness"}, "JIELI_SECRET is a sample"),
        ({"JIELI_SECRET": "short"}, "JIELI_SECRET is shorter"),
        (
            {
                "JIELI_SECRET": "s" * 40,
                "JIELI_SERVICE_TOKEN": "t" * 40,
                "JIELI_SHOP_TOKEN": "u" * 40,
                "JIELI_APPS": json.dumps({"demo": {"name": "店", "keys": {"k": "change-me" * 5}}}),
            },
            "key k is a sample",
        ),
    ],
)
def test_sample_and_short_secrets_are_refused_outside_development(
    environment: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(ValidationError, match=said):
        Settings()


def test_every_setting_has_a_line_in_the_example_and_a_sentence() -> None:
    lines = (ROOT / ".env.example").read_text()

    missing = [name for name in Settings.model_fields if f"JIELI_{name.upper()}=" not in lines]
    silent = [name for name, field in Settings.model_fields.items() if not field.description]

    assert missing == []
    assert silent == []
