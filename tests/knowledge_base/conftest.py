"""A knowledge base in the test's own process, with its own folder and a real database."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from asgi_lifespan import LifespanManager

from knowledge_base.api import create_app
from knowledge_base.embedder import Embedder, OnnxEmbedder
from knowledge_base.settings import REPOSITORY, Settings
from tests.knowledge_base.stand_ins import KnowsAFewWords

TOKEN = "service-token-of-this-test"
FREIGHT = {"question": "七天无理由退货运费谁出", "answer": "寄回的运费由买家承担。", "category": "退货"}
INVOICE = {
    "question": "怎么开发票",
    "answer": "订单详情里点「申请发票」。",
    "category": "发票",
    "similar": ["可以开票吗"],
}
MODEL = Path(os.environ.get("JIELI_HOME", REPOSITORY / ".jieli")) / "models" / "default"


class Desk:
    """Calls the knowledge base as the desk does for one signed-in editor."""

    def __init__(self, client: httpx.AsyncClient, app: Any, who: str = "xiaolin") -> None:
        self.client, self.app = client, app
        self.headers = {"Authorization": f"Bearer {TOKEN}", "X-Jieli-Actor": who, "X-Jieli-Actor-Name": who}

    async def call(self, method: str, path: str, seen: int | None = None, **more: Any) -> httpx.Response:
        headers = self.headers | ({"If-Match": f'"{seen}"'} if seen is not None else {})
        return await self.client.request(method, f"/api/v1/admin/{path}", headers=headers, **more)

    async def create(self, **fields: Any) -> dict[str, Any]:
        answered = await self.call("POST", "entries", json={**FREIGHT, **fields})
        assert answered.status_code == 201, answered.text
        return dict(answered.json())

    async def move(self, entry: dict[str, Any], move: str) -> dict[str, Any]:
        """Returns the entry afterwards."""
        answered = await self.call("POST", f"entries/{entry['id']}/{move}", seen=entry["version"])
        assert answered.status_code == 200, answered.text
        return dict(answered.json()["entry"] if move == "publish" else answered.json())

    async def publish(self, **fields: Any) -> dict[str, Any]:
        return await self.move(await self.create(**fields), "publish")

    async def ask(self, text: str, **more: Any) -> dict[str, Any]:
        answered = await self.client.post("/api/v1/search", json={"text": text, **more})
        assert answered.status_code == 200, answered.text
        return dict(answered.json())


Opening = Callable[..., Awaitable[Desk]]


@asynccontextmanager
async def opened(settings: Settings, embedder: Embedder) -> AsyncIterator[Desk]:
    app = create_app(settings, embedder)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with LifespanManager(app), httpx.AsyncClient(transport=transport, base_url="http://kb") as client:
        async with asyncio.timeout(20):
            while (await client.get("/readyz")).status_code != 200:
                await asyncio.sleep(0.005)
        yield Desk(client, app)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, service_token=TOKEN, knowledge_poll_seconds=0.02, node="first", search_threads=2)


@pytest.fixture
async def opening() -> AsyncIterator[Opening]:
    """Opens knowledge bases that are closed when the test ends: `await opening(settings, embedder)`."""
    async with AsyncExitStack() as stack:

        async def open_one(settings: Settings, embedder: Embedder | None = None) -> Desk:
            return await stack.enter_async_context(opened(settings, embedder or KnowsAFewWords()))

        yield open_one


@pytest.fixture
async def desk(settings: Settings, opening: Opening) -> Desk:
    return await opening(settings)


@pytest.fixture(scope="session")
def real_model() -> OnnxEmbedder:
    return OnnxEmbedder(MODEL)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.servers)])
def knowledge_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind; the knowledge base makes its tables itself."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'knowledge.sqlite3'}"
        return
    server: str = request.getfixturevalue("postgres_server")
    name = f"knowledge_{uuid.uuid4().hex}"
    asyncio.run(_create_database(server, name))
    yield server.replace("/postgres?", f"/{name}?")


async def _create_database(server: str, name: str) -> None:
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()
