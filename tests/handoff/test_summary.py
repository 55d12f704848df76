"""The summary on the card: from the log without any model, in a model's words where one is configured and answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from handoff.desk import Desk
from handoff.summariser import OpenAiCompatible
from handoff.triggers import Noticed
from tests.factories import Chat, make_desk, member, open_chat
from tests.stand_ins import Asked, LittleServer, ScriptedBot, answer, faq


async def told(desk: Desk, bot: ScriptedBot) -> Chat:
    """A customer who asked about a parcel, got an answer that did not help, and grew angry."""
    chat = await open_chat(desk, member())
    bot.reply = answer(faq(), intent="ask_logistics", slots={"order_no": "JL20260103001", "phone_tail": "5678"})
    await chat.asks("我的快递JL20260103001到哪了，手机13812345678")
    seq = next(event.seq for event in await chat.of_kind("message") if event.author.role == "bot")
    await desk.give_feedback(chat.id, chat.customer_id, seq, False)
    angry = (Noticed("negative_emotion", 0.9, "太慢了"),)
    bot.reply = answer(intent="complain", slots={"order_no": "JL20260103001", "phone_tail": "5678"}, triggers=angry)
    await chat.asks("太慢了，我要投诉")
    await desk.work_until_idle()
    return chat


async def test_without_a_model_the_log_tells_what_an_agent_wants_to_know(any_desk: Desk, bot: ScriptedBot) -> None:
    chat = await told(any_desk, bot)

    card = await any_desk.card(chat.id)

    assert (card.summary.source, card.summary.model, card.summary.seq) == ("log", None, card.updated_seq)
    for words in (
        "客户问题：",
        "太慢了，我要投诉",
        "JL20260103001（羊毛大衣，已发货，运输中）",
        "手机尾号 5678",
        "机器人答过 1 次（“运费谁出”），客户说没有解决",
        "客户情绪不满（最高 0.90），越来越不满",
        "转人工原因：客户情绪不满",
    ):
        assert words in card.summary.text


async def test_the_same_log_gives_the_same_words_and_grows_with_it(desk: Desk, bot: ScriptedBot) -> None:
    chat = await told(desk, bot)
    first = (await desk.card(chat.id)).summary

    assert (await desk.card(chat.id)).summary == first
    await chat.writes("还有发票也没开")
    assert "还有发票也没开" in (await desk.card(chat.id)).summary.text


@asynccontextmanager
async def desk_with_a_model(
    url: str, bot: ScriptedBot, reply: Any, seconds: float = 5
) -> AsyncIterator[tuple[Desk, LittleServer]]:
    async with LittleServer(reply) as server:
        summariser = OpenAiCompatible(f"{server.url}/v1", "secret", "small-model", seconds)
        desk = await make_desk(url, bot=bot, summariser=summariser)
        try:
            yield desk, server
        finally:
            await summariser.close()
            await desk.workplace.store.close()


def words(text: str) -> Any:
    return lambda asked: (200, {"choices": [{"message": {"content": text}}]})


async def test_a_model_words_it_from_masked_lines(sqlite_url: str, bot: ScriptedBot) -> None:
    async with desk_with_a_model(sqlite_url, bot, words("客户查询物流，等待较久，要求投诉。")) as (desk, server):
        chat = await told(desk, bot)

        summary = (await desk.card(chat.id)).summary

    assert (summary.text, summary.source, summary.model) == (
        "客户查询物流，等待较久，要求投诉。",
        "model",
        "small-model",
    )
    asked: Asked = server.asked[0]
    assert asked.path == "/v1/chat/completions" and asked.headers["authorization"] == "Bearer secret"
    sent = asked.body["messages"][1]["content"]
    assert "客户：太慢了，我要投诉" in sent and "138****5678" in sent
    assert "13812345678" not in sent and "陈晨" not in sent


@pytest.mark.parametrize(
    "reply",
    [
        lambda asked: (500, {}),
        lambda asked: (200, {"choices": []}),
        lambda asked: (200, b"not json"),
        lambda asked: None,
        words("  "),
    ],
    ids=["error", "nothing", "garbage", "hangs", "blank"],
)
async def test_a_model_that_fails_leaves_the_summary_from_the_log(
    sqlite_url: str, bot: ScriptedBot, reply: Any
) -> None:
    async with desk_with_a_model(sqlite_url, bot, reply, seconds=0.2) as (desk, server):
        chat = await told(desk, bot)

        summary = (await desk.card(chat.id)).summary

    assert len(server.asked) == 1
    assert summary.source == "log" and "太慢了" in summary.text
