"""A newly trained bot takes the place of the one that answers, and nobody who is talking to it notices."""

from __future__ import annotations

import asyncio

import pytest

from agent_console.operations.bot_switch import NotSwitched, switch_bot
from tests.end_to_end.conftest import Jieli
from tests.load.clients import Customer

pytestmark = [pytest.mark.rasa, pytest.mark.timeout(300)]

QUESTIONS = ("七天无理由退货运费谁出", "满多少包邮", "发什么快递", "电子发票怎么开")


async def test_no_turn_fails_while_the_bot_is_switched_there_and_back(jieli: Jieli) -> None:
    is_over = asyncio.Event()
    told: list[str] = []

    async def keep_asking() -> list[bool]:
        """For each conversation, whether the bot answered all of it; a failed turn hands over to a person."""
        went_well: list[bool] = []
        while not is_over.is_set():
            customer = await Customer(jieli.here.desk_url).start()
            outcomes = [await customer.ask(question, 30) for question in QUESTIONS]
            said_by_bot = all(event["kind"] == "message" and event["author"]["role"] == "bot" for event in outcomes)
            went_well.append(said_by_bot and not customer.was_handed_over)
            await customer.stop()
        return went_well

    talking = [asyncio.create_task(keep_asking()) for _ in range(3)]
    first = await asyncio.to_thread(switch_bot, jieli.here, told.append)
    second = await asyncio.to_thread(switch_bot, jieli.here, told.append)
    is_over.set()
    went_well = [each for one in await asyncio.gather(*talking) for each in one]

    assert (first, second) == ("rasa_second", "rasa")
    assert len(told) == 4
    assert len(went_well) > 10
    assert all(went_well)
    assert jieli.supervisor.pid_of("rasa") and not jieli.supervisor.pid_of("rasa_second")


def test_a_bot_that_does_not_come_up_leaves_the_old_one_answering(jieli: Jieli) -> None:
    before = jieli.supervisor.pid_of("rasa")

    with pytest.raises(NotSwitched, match="仍由旧的应答"):
        switch_bot(jieli.here, lambda _: None, seconds=0.5)

    assert jieli.supervisor.pid_of("rasa") == before
    assert not jieli.supervisor.pid_of("rasa_second")
