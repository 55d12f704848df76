"""Pictures are drawn anew, bounded, and shown only to those who may see a conversation with them."""

from __future__ import annotations

import io
import struct
import zlib

import httpx
import pytest
from PIL import Image

from tests.agent_console.conftest import RunningDesk
from tests.agent_console.people import Customer, Person, shop_token


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40), exif: bool = False) -> bytes:
    image, out = Image.new("RGB", size, "orange"), io.BytesIO()
    options = {}
    if exif:
        data = image.getexif()
        data[0x010E] = "拍摄于某小区3栋"
        data[0x0112] = 6  # turned by 90 degrees
        options["exif"] = data
    image.save(out, kind, **options)
    return out.getvalue()


def vast_png() -> bytes:
    """A few hundred bytes that claim to be 30,000 × 30,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


async def upload(person: Person, content: bytes, where: str = "widget", name: str = "a.jpg") -> httpx.Response:
    return await person.http.post(f"/api/v1/{where}/uploads", files={"file": (name, content, "image/jpeg")})


async def test_a_photo_comes_out_upright_without_its_place(desk: RunningDesk) -> None:
    customer = await desk.customer()

    kept = (await upload(customer, picture(exif=True))).json()
    shown = await customer.http.get(kept["url"])

    image = Image.open(io.BytesIO(shown.content))
    assert (kept["width"], kept["height"]) == (40, 60) == image.size
    assert not dict(image.getexif())
    assert "某小区".encode() not in shown.content
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.headers["content-disposition"].startswith("attachment")
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in shown.headers["content-security-policy"]


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP"])
async def test_the_usual_kinds_are_taken(desk: RunningDesk, kind: str) -> None:
    customer = await desk.customer()

    answer = await upload(customer, picture(kind))

    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 415, "bad_upload"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", 415, "bad_upload"),
        (b"\xff\xd8\xff<html>", 415, "bad_upload"),
        (b"MZ" + b"\0" * 100, 415, "bad_upload"),
        (picture()[:200], 415, "bad_upload"),
        (vast_png(), 415, "bad_upload"),
        (b"\xff\xd8\xff" + b"\0" * (8 * 1024 * 1024), 413, "too_large"),
        (b"\xff\xd8\xff" + b"\0" * (9 * 1024 * 1024), 413, "too_large"),
    ],
    ids=["empty", "svg", "html in disguise", "program", "torn", "vast", "8 MB and a little", "9 MB"],
)
async def test_what_is_no_picture_is_refused(desk: RunningDesk, content: bytes, status: int, code: str) -> None:
    customer = await desk.customer()

    answer = await upload(customer, content)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not [file for file in desk.parts.settings.uploads.rglob("*") if file.is_file()]


async def test_a_picture_is_for_those_who_see_the_conversation(desk: RunningDesk) -> None:
    agent, manager = await desk.colleague("agent"), await desk.colleague("knowledge_manager")
    customer, other, nobody = await desk.customer(), await desk.customer(), await desk.stranger()

    url = (await upload(customer, picture())).json()["url"]
    seen = [(await person.http.get(url)).status_code for person in (customer, agent, other, manager, nobody)]

    assert seen == [200, 200, 404, 404, 401]


async def test_an_agents_picture_reaches_the_customer_once_it_is_said(desk: RunningDesk) -> None:
    agent = await desk.colleague("agent")
    customer, other = await desk.customer(token=shop_token()), await desk.customer()
    await customer.ask_for_person()
    await agent.act(customer.conversation_id, "claim")
    kept = (await upload(agent, picture(), "console")).json()
    before = await customer.http.get(kept["url"])

    body = {"type": "image", "upload_id": kept["upload_id"]}
    said = await agent.act(customer.conversation_id, "messages", client_msg_id="p1", body=body)
    seen = await _last_image(customer)

    assert before.status_code == 404
    assert said.status_code == 201
    assert seen == {"type": "image", **kept}
    assert (await customer.http.get(str(seen["url"]))).status_code == 200
    assert (await other.http.get(str(seen["url"]))).status_code == 404


async def test_a_picture_of_another_cannot_be_sent_as_ones_own(desk: RunningDesk) -> None:
    customer, other = await desk.customer(), await desk.customer()
    kept = (await upload(other, picture())).json()

    answer = await customer.http.post(
        f"{customer.address}/messages", json={"client_msg_id": "p1", "body": {"type": "image", **kept}}
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_uploads_are_counted(desk: RunningDesk) -> None:
    customer = await desk.customer()

    answers = [await upload(customer, picture(size=(8, 8))) for _ in range(13)]

    assert [answer.status_code for answer in answers] == [201] * 12 + [429]


async def _last_image(customer: Customer) -> dict[str, object]:
    return next(event["body"] for event in reversed(await customer.log()) if event["body"].get("type") == "image")
