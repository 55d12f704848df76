"""Every promise of the relay under any order of acts, deaths and reconnections that hypothesis can think of."""

from __future__ import annotations

import asyncio
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Coroutine
from datetime import timedelta
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

import handoff.holding
import handoff.turns
from handoff.bus import Bus, InProcessBus, RedisBus
from handoff.crash_points import CRASH_POINTS
from handoff.views import Presence, Role
from tests.conformance import checkers
from tests.conformance.conftest import dropping_connections
from tests.conformance.relay import Relay, deaths_instead_of_exits

pytestmark = pytest.mark.usefixtures("dropped_connections_are_swept_up")

AGENTS = {"a1": 1, "a2": 2}
PRESENCES: tuple[Presence, ...] = ("online", "online", "busy", "offline")
NAMES = ("u1", "u2", "u3")
WORDS = ("我的快递到哪了", "转人工", "在吗", "运费谁出")

# Longer than any lease, also one that was written by a clock two hours ahead.
LEASES_ARE_OVER_SECONDS = 3 * 3600

agents = st.sampled_from(sorted(AGENTS))
which = st.integers(0, 7)

ACTS = (
    "claim", "say", "take_over", "supervisor_takes_over", "to_colleague", "to_group", "forced_to_colleague",
    "forced_to_group", "to_bot", "close", "snooze", "invite", "invite", "note", "decline", "next", "promise", "promise",
    "keep_promise", "withdraw_promise", "pass_promise_on", "follow_up",
)  # fmt: skip
# Over the grace, a reminder, the time to answer after a claim, an overflow, an idle conversation, a promise.
PASSING_SECONDS = (1, 20, 61, 130, 310, 2000, 7300, 90_000)
# A clock that somebody has set wrong, and right again.
JUMPS_HOURS = (-2, 0, 2)

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
    "snoozed",
    "woken",
    "invited",
    "promise_made",
    "promise_kept",
    "promise_withdrawn",
    "promise_passed_on",
    "notice",
    "alert",
    "died_with_others",
)
# Where clocks jump, agents lose their customers all the time, and much of the rest gets rare.
JUMP_TROUBLE = ("jumps", "deaths", "handed_over", "claimed", "suppressed", "requeued", "snoozed", "promise_made")
# Reading the whole database costs as much as several acts.
LOOK_EVERY = 5


class RelayMachine(RuleBasedStateMachine):
    """Rules act as people do; after each of them the database must keep every promise."""

    def __init__(
        self, url: str, met: Counter[str], size: int = 1, new_bus: Callable[[], Bus] = InProcessBus, jumps: bool = True
    ) -> None:
        super().__init__()
        # What happened over all runs: a machine that never met trouble has proved nothing.
        self.met = met
        self.loop = asyncio.new_event_loop()
        self.deaths = deaths_instead_of_exits()
        self.relay = Relay(url, self.deaths.__enter__(), size, new_bus)
        self.clocks_jump = jumps

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

    @rule(n=which, deadly=st.booleans())
    def everybody_acts_at_once(self, n: int, deadly: bool) -> None:
        """If the desk dies of one of these, it dies with all of them."""
        if deadly:
            self.relay.environ["JIELI_CRASH_AT"] = "before_commit"

        async def grab() -> None:
            chat, desk = self.chat(n), self.relay.desk
            claims = (self.relay.attempt(desk.claim(chat, agent)) for agent in AGENTS)
            await asyncio.gather(self.relay.say("customer", chat, "有人吗"), *claims)

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
            "forced_to_colleague": lambda: desk.transfer(chat, agent, to_agent=to, is_supervisor=True),
            "forced_to_group": lambda: desk.transfer(chat, agent, to_group="presale", is_supervisor=True),
            "snooze": lambda: desk.snooze(chat, agent, desk.workplace.now() + timedelta(minutes=10), "等仓库"),
            "invite": lambda: desk.invite(chat, agent, to, "请看一下"),
            "note": lambda: desk.write_note(chat, agent, f"n{len(self.relay.sends)}", "已查过"),
            "decline": lambda: desk.decline(chat, agent, "不是我的"),
            "next": lambda: desk.claim_next(agent),
            "promise": lambda: desk.promise(chat, agent, "明天回电", desk.workplace.now() + timedelta(hours=2)),
            "keep_promise": lambda: self.relay.about_a_promise(chat, lambda id: desk.keep_promise(chat, id, agent)),
            "withdraw_promise": lambda: self.relay.about_a_promise(
                chat, lambda id: desk.withdraw_promise(chat, id, agent, "已退款")
            ),
            "pass_promise_on": lambda: self.relay.about_a_promise(
                chat, lambda id: desk.pass_promise_on(chat, id, agent, f"agent:{to}")
            ),
            "follow_up": lambda: desk.follow_up(chat, agent),
            "to_bot": lambda: desk.return_to_bot(chat, agent, "已说明"),
            "close": lambda: desk.close(chat, agent, "solved"),
        }
        self.run(self.relay.attempt(acts[act]()))

    @rule(n=which, agent=agents)
    def agent_takes_over_while_the_bot_is_answering(self, n: int, agent: str) -> None:
        async def race() -> None:
            chat = self.chat(n)
            await self.relay.say("customer", chat, "还在吗")
            await self.relay.bot_begins()
            await self.relay.attempt(self.relay.desk.take_over(chat, agent))
            await self.relay.bot_works()

        self.run(race())

    @precondition(lambda self: self.relay.acks)
    @rule(n=st.integers(0, 30))
    def somebody_recalls(self, n: int) -> None:
        """An edit, as people do it here: take the words back and send others."""
        ack = self.relay.acks[-1 - n % min(len(self.relay.acks), 4)]
        send = next(send for send in self.relay.sends if send.client_msg_id == ack.client_msg_id)
        is_agent = send.who in AGENTS
        author = send.who if is_agent else self.relay.customers[ack.conversation_id]
        role: Role = "agent" if is_agent else "customer"
        act = self.relay.desk.recall(ack.conversation_id, role, author, ack.seq)
        if self.run(self.relay.attempt(act)) is not None:
            self.run(self.relay.say(send.who, ack.conversation_id, send.text + "（更正）"))

    @rule(agent=agents)
    def agent_vanishes_and_comes_back(self, agent: str) -> None:
        async def vanish() -> None:
            await self.relay.agent_leaves(agent)
            await self.relay.time_passes(61)
            await self.relay.sweep()
            await self.relay.agent_returns(agent)

        self.run(vanish())

    @rule(agent=agents)
    def agent_closes_the_window(self, agent: str) -> None:
        self.run(self.relay.agent_leaves(agent))

    @rule(agent=agents)
    def agent_opens_the_window(self, agent: str) -> None:
        self.run(self.relay.agent_returns(agent))

    @rule()
    def everybody_goes_home(self) -> None:
        for agent in AGENTS:
            self.agent_says_whether_he_is_there(agent, "offline")

    @rule(n=which, agent=agents)
    def somebody_is_promised_an_answer_and_gets_it(self, n: int, agent: str) -> None:
        async def promise() -> None:
            chat, relay = self.chat(n), self.relay
            for each in AGENTS:
                await relay.attempt(relay.desk.set_presence(each, "offline"))
            await relay.ask_for_person(chat, f"promised{len(relay.sends)}")
            await relay.attempt(relay.desk.set_presence(agent, "online"))
            await relay.attempt(relay.desk.claim(chat, agent))
            await relay.say(agent, chat, "我来了")

        self.run(promise())

    @rule(agent=agents, presence=st.sampled_from(PRESENCES))
    def agent_says_whether_he_is_there(self, agent: str, presence: Presence) -> None:
        """With nobody on duty, whoever asks for a person is promised an answer."""
        self.run(self.relay.attempt(self.relay.desk.set_presence(agent, presence)))

    @rule(seconds=st.sampled_from(PASSING_SECONDS))
    def time_passes(self, seconds: int) -> None:
        self.run(self.relay.time_passes(seconds))
        self.run(self.relay.sweep())

    @precondition(lambda self: self.clocks_jump)
    @rule(hours=st.sampled_from(JUMPS_HOURS))
    def a_clock_is_set(self, hours: int) -> None:
        self.relay.jump(hours)

    @rule()
    def the_watch_goes_round(self) -> None:
        self.run(self.relay.sweep())

    @precondition(lambda self: self.relay.size > 1)
    @rule(to=st.integers(0, 5))
    def the_balancer_turns_to_another_desk(self, to: int) -> None:
        self.relay.at = to % self.relay.size

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
        if not self.relay.is_open:
            return
        ledger = self.run(self.relay.ledger())
        assert checkers.all_of_the_database(ledger) == []
        assert checkers.lost_acks(self.relay.acks, ledger) == []
        assert checkers.told_twice(self.relay.acks) == []
        assert checkers.seen_otherwise(self.relay.views.values(), ledger) == []
        assert checkers.lost_escalations(ledger, self.relay.promised_a_person) == []
        assert self.relay.refusals == []
        assert self.relay.mended == 0
        if not self.relay.jumps:
            rules = self.relay.desk.workplace.rules
            assert checkers.taken_too_early(ledger, self.relay.absences, rules) == []

    def teardown(self) -> None:
        try:
            if self.relay.is_open:
                self.run(self._everybody_is_served())
        finally:
            self.leave()

    def leave(self) -> None:
        if self.relay.is_open:
            self.run(self.relay.close())
        self.loop.close()
        self.deaths.__exit__(None, None, None)

    async def _everybody_is_served(self) -> None:
        """In the end everybody reconnects, sends again what has no answer, and lacks nothing."""
        relay = self.relay
        relay.environ.pop("JIELI_CRASH_AT", None)
        for desk in range(relay.size):
            relay.at = desk
            await relay.restart()
        await relay.time_passes(seconds=LEASES_ARE_OVER_SECONDS)
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
        self.met.update(deaths=relay.deaths, conflicts=relay.conflicts, acks=len(relay.acks), jumps=relay.jumps)
        self.met.update(died_with_others=relay.died_with_others)


def run_machine(
    fresh_database: Callable[[], str],
    *,
    examples: int,
    steps: int,
    size: int = 1,
    new_bus: Callable[[], Bus] = InProcessBus,
) -> None:
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
        run_state_machine_as_test(lambda: RelayMachine(fresh_database(), met, size, new_bus), settings=chosen)  # type: ignore[no-untyped-call]
    assert met["acks"] and met["deaths"], met


def take_a_walk(
    url: str,
    *,
    steps: int,
    seed: int,
    size: int = 1,
    new_bus: Callable[[], Bus] = InProcessBus,
    jumps: bool = False,
) -> None:
    """One long day at one desk: hypothesis finds the short and nasty orders, a walk goes far from the beginning."""
    dice = random.Random(seed)
    machine = RelayMachine(url, Counter(), size, new_bus, jumps)
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
        (3, lambda: machine.everybody_acts_at_once(n(), dice.random() < 0.3)),
        (20, lambda: machine.agent_acts(n(), agent(), dice.choice(ACTS), dice.random() < 0.7, agent())),
        (2, lambda: machine.agent_takes_over_while_the_bot_is_answering(n(), agent())),
        (4, lambda: machine.somebody_recalls(dice.randrange(1000))),
        (1, lambda: machine.agent_vanishes_and_comes_back(agent())),
        (1, lambda: machine.agent_closes_the_window(agent())),
        (2, lambda: machine.agent_opens_the_window(agent())),
        (2, lambda: machine.agent_says_whether_he_is_there(agent(), dice.choice(PRESENCES))),
        (1, machine.everybody_goes_home),
        (3, lambda: machine.somebody_is_promised_an_answer_and_gets_it(n(), agent())),
        (2, lambda: machine.time_passes(dice.choice(PASSING_SECONDS))),
        (1, machine.the_watch_goes_round),
        (1 if jumps else 0, lambda: machine.a_clock_is_set(dice.choice(JUMPS_HOURS))),
        (6 if size > 1 else 0, lambda: machine.the_balancer_turns_to_another_desk(dice.randrange(size))),
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
    never = [each for each in (JUMP_TROUBLE if jumps else TROUBLE) if not machine.met[each]]
    assert not never, f"never met: {never}"


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
def test_no_order_of_acts_and_deaths_breaks_a_promise_of_three_desks(
    fresh_postgres: Callable[[], str], redis_url: str
) -> None:
    run_machine(fresh_postgres, examples=10, steps=25, size=3, new_bus=lambda: RedisBus(redis_url))


@pytest.mark.parametrize("seed", [1, 2])
def test_a_long_day_with_deaths_keeps_every_promise(sqlite_url: str, seed: int) -> None:
    take_a_walk(sqlite_url, steps=500, seed=seed)


def test_a_long_day_with_clocks_that_jump_two_hours_keeps_every_promise(sqlite_url: str) -> None:
    take_a_walk(sqlite_url, steps=500, seed=4, jumps=True)


@pytest.mark.servers
def test_a_long_day_of_three_desks_with_deaths_keeps_every_promise(postgres_url: str, redis_url: str) -> None:
    take_a_walk(postgres_url, steps=500, seed=3, size=3, new_bus=lambda: RedisBus(redis_url))


@pytest.mark.servers
def test_a_long_day_of_three_desks_whose_clocks_disagree_keeps_every_promise(postgres_url: str, redis_url: str) -> None:
    take_a_walk(postgres_url, steps=500, seed=5, size=3, new_bus=lambda: RedisBus(redis_url), jumps=True)


def test_the_long_day_finds_a_bot_that_nobody_fences_off(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handoff.turns, "_may_speak", lambda *_: True)
    monkeypatch.setattr(handoff.turns, "showable", lambda *_: True)

    with pytest.raises(AssertionError, match="second_voices"):
        take_a_walk(sqlite_url, steps=500, seed=1)


def test_the_long_day_finds_claims_beyond_capacity(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handoff.holding, "require_room", lambda load: None)

    with pytest.raises(AssertionError, match="over_capacity"):
        take_a_walk(sqlite_url, steps=500, seed=1)
