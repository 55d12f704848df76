"""Every promise of the relay under any order of acts, deaths and reconnections that hypothesis can think of."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import random
import shutil
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

import handoff.agent_side
import handoff.turns
from handoff.crash_points import CRASH_POINTS
from tests.conformance import checkers
from tests.conformance.relay import Relay, deaths_instead_of_exits

AGENTS = {"a1": 1, "a2": 2}
NAMES = ("u1", "u2", "u3")
WORDS = ("我的快递到哪了", "转人工", "在吗", "运费谁出")

agents = st.sampled_from(sorted(AGENTS))
which = st.integers(0, 7)

ACTS = ("claim", "say", "take_over", "supervisor_takes_over", "to_colleague", "to_group", "to_bot", "close")

# Without these among the stored events the machine never came near what it is to test.
TROUBLE = (
    "deaths",
    "conflicts",
    "handed_over",
    "claimed",
    "suppressed",
    "transferred",
    "requeued",
    "returned_to_bot",
    "reopened",
    "recalled",
)
# Reading the whole database costs as much as several acts.
LOOK_EVERY = 5


class RelayMachine(RuleBasedStateMachine):
    """Rules act as people do; after each of them the database must keep every promise."""

    def __init__(self, url: str, met: Counter[str]) -> None:
        super().__init__()
        # What happened over all runs: a machine that never met trouble has proved nothing.
        self.met = met
        self.loop = asyncio.new_event_loop()
        self.deaths = deaths_instead_of_exits()
        self.relay = Relay(url, self.deaths.__enter__())

    def run(self, act: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(act)

    def chat(self, n: int) -> str:
        chats = list(self.relay.customers)
        return chats[n % len(chats)]

    @initialize()
    def doors_open(self) -> None:
        self.run(self.relay.open(AGENTS))
        for name in NAMES[:2]:
            self.run(self.relay.enter(name))

    @rule(name=st.sampled_from(NAMES))
    def customer_opens_the_page(self, name: str) -> None:
        self.run(self.relay.enter(name))

    @rule(n=which, words=st.sampled_from(WORDS))
    def customer_writes(self, n: int, words: str) -> None:
        self.run(self.relay.say("customer", self.chat(n), words))

    @precondition(lambda self: self.relay.sends)
    @rule(n=st.integers(0, 30))
    def somebody_sends_again(self, n: int) -> None:
        self.run(self.relay.deliver(self.relay.sends[n % len(self.relay.sends)]))

    @precondition(lambda self: any(send.ack for send in self.relay.sends))
    @rule(n=st.integers(0, 30))
    def another_text_under_a_known_id_is_the_first_one(self, n: int) -> None:
        acked = [send for send in self.relay.sends if send.ack and send.who == "customer"]
        if acked:
            send, before = acked[n % len(acked)], self.relay.conflicts
            deaths = self.relay.deaths
            first, send.text = send.text, send.text + "！"
            self.run(self.relay.deliver(send))
            send.text = first
            assert self.relay.conflicts == before + 1 or self.relay.deaths > deaths

    @rule(n=which, tap=st.integers(0, 3))
    def customer_taps_for_a_person(self, n: int, tap: int) -> None:
        self.run(self.relay.ask_for_person(self.chat(n), f"p{tap}"))

    @rule(n=which)
    def customer_stops_waiting(self, n: int) -> None:
        chat = self.chat(n)
        self.run(self.relay.attempt(self.relay.desk.cancel_waiting(chat, self.relay.customers[chat])))

    @precondition(lambda self: "JIELI_CRASH_AT" not in self.relay.environ)
    @rule(n=which)
    def everybody_claims_at_once(self, n: int) -> None:
        async def grab() -> None:
            claims = (self.relay.desk.claim(self.chat(n), agent) for agent in AGENTS)
            await asyncio.gather(*(self.relay.attempt(claim) for claim in claims))

        self.run(grab())

    @rule(n=which, agent=agents, act=st.sampled_from(ACTS), by_holder=st.booleans(), to=agents)
    def agent_acts(self, n: int, agent: str, act: str, by_holder: bool, to: str) -> None:
        """Often by whoever holds the conversation, since anybody else is merely refused."""
        chat, desk = self.chat(n), self.relay.desk
        if by_holder:
            agent = self.run(self.relay.holding_agent(chat)) or agent
        if act == "say":
            self.run(self.relay.say(agent, chat, "您好"))
            return
        acts = {
            "claim": lambda: desk.claim(chat, agent),
            "take_over": lambda: desk.take_over(chat, agent),
            "supervisor_takes_over": lambda: desk.take_over(chat, agent, is_supervisor=True),
            "to_colleague": lambda: desk.transfer(chat, agent, to_agent=to),
            "to_group": lambda: desk.transfer(chat, agent, to_group="aftersale", note="请看退款"),
            "to_bot": lambda: desk.return_to_bot(chat, agent, "已说明"),
            "close": lambda: desk.close(chat, agent, "solved"),
        }
        self.run(self.relay.attempt(acts[act]()))

    @rule(n=which, agent=agents)
    def agent_takes_over_while_the_bot_is_answering(self, n: int, agent: str) -> None:
        async def race() -> None:
            chat, desk = self.chat(n), self.relay.desk
            await self.relay.say("customer", chat, "还在吗")
            await self.relay.bot_begins()
            await self.relay.attempt(desk.take_over(chat, agent))
            await self.relay.bot_works()

        self.run(race())

    @precondition(lambda self: self.relay.acks)
    @rule(n=st.integers(0, 30))
    def customer_recalls(self, n: int) -> None:
        ack = self.relay.acks[n % len(self.relay.acks)]
        customer = self.relay.customers[ack.conversation_id]
        self.run(self.relay.attempt(self.relay.desk.recall(ack.conversation_id, "customer", customer, ack.seq)))

    @rule(agent=agents)
    def agent_vanishes_and_comes_back(self, agent: str) -> None:
        async def vanish() -> None:
            relay = self.relay
            relay.desk.begin_watch()
            await relay.attempt(relay.desk.agent_gone(agent))
            relay.clock.pass_time(seconds=61)
            swept = await relay.attempt(relay.desk.sweep())
            assert swept is None or swept.mended == 0
            await relay.attempt(relay.desk.agent_seen(agent))

        self.run(vanish())

    @rule()
    def bot_begins_to_think(self) -> None:
        self.run(self.relay.bot_begins())

    @rule()
    def bot_answers(self) -> None:
        self.run(self.relay.bot_works())

    @rule(point=st.sampled_from(CRASH_POINTS))
    def desk_will_die_at(self, point: str) -> None:
        self.relay.environ["JIELI_CRASH_AT"] = point

    @rule()
    def desk_is_restarted(self) -> None:
        self.run(self.relay.restart())

    @rule(n=which, reader=st.sampled_from(["customer", *AGENTS]), after=st.none() | st.integers(0, 9))
    def somebody_reconnects(self, n: int, reader: str, after: int | None) -> None:
        self.run(self.relay.read(reader, self.chat(n), after))

    @invariant()
    def promises_are_kept(self) -> None:
        if not hasattr(self.relay, "desk"):
            return
        ledger = self.run(self.relay.ledger())
        assert checkers.all_of_the_database(ledger) == []
        assert checkers.lost_acks(self.relay.acks, ledger) == []
        assert checkers.told_twice(self.relay.acks) == []
        assert checkers.seen_otherwise(self.relay.views.values(), ledger) == []
        assert checkers.lost_escalations(ledger, self.relay.promised_a_person) == []
        assert self.relay.refusals == []

    def teardown(self) -> None:
        try:
            if hasattr(self.relay, "desk"):
                self.run(self._everybody_is_served())
        finally:
            self.leave()

    def leave(self) -> None:
        if hasattr(self.relay, "desk"):
            self.run(self.relay.close())
        self.loop.close()
        self.deaths.__exit__(None, None, None)

    async def _everybody_is_served(self) -> None:
        """In the end everybody reconnects, sends again what has no answer, and lacks nothing."""
        relay = self.relay
        relay.environ.pop("JIELI_CRASH_AT", None)
        await relay.restart()
        for send in relay.sends:
            if send.ack is None and send.who == "customer":
                await relay.deliver(send)
        await relay.bot_works()
        for chat in relay.customers:
            for reader in ("customer", *AGENTS):
                await relay.read(reader, chat)
        ledger = await relay.ledger()
        sent = [send.client_msg_id for send in relay.sends if send.who == "customer"]
        assert checkers.without_outcome(sent, [ack.client_msg_id for ack in relay.acks]) == []
        assert checkers.all_of_the_database(ledger) == []
        assert checkers.lost_acks(relay.acks, ledger) == []
        assert checkers.left_behind(relay.views.values(), ledger) == []
        assert checkers.seen_otherwise(relay.views.values(), ledger) == []
        self.met.update(event["kind"] for event in ledger.events)
        self.met.update(deaths=relay.deaths, conflicts=relay.conflicts, acks=len(relay.acks))


@contextlib.contextmanager
def dropping_connections() -> Iterator[None]:
    """A desk that dies in the middle drops its connections unclosed, as a killed process does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield


@pytest.fixture(autouse=True)
def dropped_connections_are_swept_up() -> Iterator[None]:
    yield
    with dropping_connections():
        gc.collect()


def run_machine(fresh_database: Callable[[], str], *, examples: int, steps: int) -> None:
    met: Counter[str] = Counter()
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    with dropping_connections():
        run_state_machine_as_test(lambda: RelayMachine(fresh_database(), met), settings=chosen)  # type: ignore[no-untyped-call]
    assert met["acks"] and met["deaths"], met


def take_a_walk(url: str, *, steps: int, seed: int) -> None:
    """One long day at one desk: hypothesis finds the short and nasty orders, a walk goes far from the beginning."""
    dice = random.Random(seed)
    machine = RelayMachine(url, Counter())
    machine.doors_open()

    def n() -> int:
        return dice.randrange(8)

    def agent() -> str:
        return dice.choice(sorted(AGENTS))

    acts: list[tuple[int, Callable[[], None]]] = [
        (1, lambda: machine.customer_opens_the_page(dice.choice(NAMES))),
        (8, lambda: machine.customer_writes(n(), dice.choice(WORDS))),
        (3, lambda: machine.somebody_sends_again(dice.randrange(100))),
        (1, lambda: machine.another_text_under_a_known_id_is_the_first_one(dice.randrange(100))),
        (3, lambda: machine.customer_taps_for_a_person(n(), dice.randrange(50))),
        (1, lambda: machine.customer_stops_waiting(n())),
        (2, lambda: machine.everybody_claims_at_once(n())),
        (14, lambda: machine.agent_acts(n(), agent(), dice.choice(ACTS), dice.random() < 0.7, agent())),
        (2, lambda: machine.agent_takes_over_while_the_bot_is_answering(n(), agent())),
        (1, lambda: machine.customer_recalls(dice.randrange(100))),
        (1, lambda: machine.agent_vanishes_and_comes_back(agent())),
        (2, machine.bot_begins_to_think),
        (4, machine.bot_answers),
        (2, lambda: machine.desk_will_die_at(dice.choice(CRASH_POINTS))),
        (1, machine.desk_is_restarted),
        (4, lambda: machine.somebody_reconnects(n(), dice.choice(["customer", *AGENTS]), dice.choice([None, 0, 5]))),
    ]
    weights = [weight for weight, _ in acts]
    with dropping_connections():
        try:
            machine.customer_writes(0, "在吗")
            for step in range(steps):
                dice.choices(acts, weights)[0][1]()
                if step % LOOK_EVERY == 0:
                    machine.promises_are_kept()
        except AssertionError:
            machine.leave()
            raise
        machine.teardown()
    assert all(machine.met[each] for each in TROUBLE), machine.met


def test_no_order_of_acts_and_deaths_breaks_a_promise(migrated_sqlite: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = 0

        def fresh_database() -> str:
            nonlocal made
            made += 1
            path = Path(folder) / f"{made}.sqlite3"
            shutil.copy(migrated_sqlite, path)
            return f"sqlite:///{path}"

        run_machine(fresh_database, examples=12, steps=25)


@pytest.mark.servers
def test_no_order_of_acts_and_deaths_breaks_a_promise_on_postgres(fresh_postgres: Callable[[], str]) -> None:
    run_machine(fresh_postgres, examples=10, steps=25)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_long_day_with_deaths_keeps_every_promise(sqlite_url: str, seed: int) -> None:
    take_a_walk(sqlite_url, steps=350, seed=seed)


def test_the_long_day_finds_a_bot_that_nobody_fences_off(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handoff.turns, "_may_speak", lambda *_: True)
    monkeypatch.setattr(handoff.turns, "showable", lambda *_: True)

    with pytest.raises(AssertionError, match="second_voices"):
        take_a_walk(sqlite_url, steps=350, seed=1)


def test_the_long_day_finds_claims_beyond_capacity(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handoff.agent_side, "require_room", lambda load: None)

    with pytest.raises(AssertionError, match="over_capacity"):
        take_a_walk(sqlite_url, steps=350, seed=1)


@pytest.mark.servers
def test_a_long_day_with_deaths_keeps_every_promise_on_postgres(postgres_url: str) -> None:
    take_a_walk(postgres_url, steps=350, seed=3)
