"""One small function for each promise: evidence in, broken promises out, in words; an empty list is a kept promise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from handoff.audit import FIRST_HASH, first_broken
from handoff.rules import Rules
from handoff.views import wire_time
from tests.conformance.evidence import Absence, Ack, Ledger, Record, View

# Events that pass the baton, and to whom.
PASSES = {
    "handed_over": "queue",
    "requeued": "queue",
    "waiting_cancelled": "bot",
    "returned_to_bot": "bot",
    "reopened": "bot",
    "closed": "nobody",
}
# What happens to a promise, and the column that names the event.
PROMISE_EVENTS = {"promise_made": "made_seq", "promise_kept": "kept_seq", "promise_withdrawn": "withdrawn_seq"}
PROMISE_ALERTS = ("promise_due_soon", "promise_overdue")
BOT_SPEAKS_WHILE = ("bot", "queue")


def lost_acks(acks: Iterable[Ack], ledger: Ledger) -> list[str]:
    """An acknowledged message is stored under the id and number that were told."""
    stored = {(each["conversation_id"], each["seq"]): each for each in ledger.events}
    broken = []
    for ack in acks:
        found = stored.get((ack.conversation_id, ack.seq))
        if found is None or found["id"] != ack.message_id:
            broken.append(f"acked {ack.client_msg_id} as seq {ack.seq} of {ack.conversation_id}: not there")
    return broken


def doubled(ledger: Ledger) -> list[str]:
    """One client_msg_id is one event, one bot turn is one answer, one event has one id."""
    sent = Counter((each["conversation_id"], each["client_msg_id"]) for each in ledger.events if each["client_msg_id"])
    turns = Counter(
        (each["conversation_id"], each["body"]["turn_id"]) for each in ledger.events if each["kind"] == "understood"
    )
    ids = Counter(each["id"] for each in ledger.events)
    return (
        [f"{key[1]} is stored {times} times" for key, times in sent.items() if times > 1]
        + [f"turn {key[1]} is answered {times} times" for key, times in turns.items() if times > 1]
        + [f"event {key} is stored {times} times" for key, times in ids.items() if times > 1]
    )


def told_twice(acks: Iterable[Ack]) -> list[str]:
    """Every answer about one client_msg_id names the same message."""
    first: dict[tuple[str, str], Ack] = {}
    broken = []
    for ack in acks:
        known = first.setdefault((ack.conversation_id, ack.client_msg_id), ack)
        if known != ack:
            broken.append(f"{ack.client_msg_id} was told as {known.message_id} and as {ack.message_id}")
    return broken


def holes(ledger: Ledger) -> list[str]:
    """Numbers run 1, 2, 3 … to the head, each once."""
    logs = ledger.logs
    broken = []
    for thread in ledger.conversations:
        numbers = [each["seq"] for each in logs[thread["id"]]]
        if numbers != list(range(1, thread["head_seq"] + 1)):
            broken.append(f"{thread['id']} has numbers {numbers} and head {thread['head_seq']}")
    return broken


def seen_otherwise(views: Iterable[View], ledger: Ledger) -> list[str]:
    """What a reader saw under a number is what the log holds there, and was never anything else."""
    stored = {(each["conversation_id"], each["seq"]): each["id"] for each in ledger.events}
    broken = []
    for view in views:
        broken += view.contradictions
        for seq, event_id in view.ids.items():
            if event_id and stored.get((view.conversation_id, seq)) != event_id:
                broken.append(f"{view.reader} saw {event_id} as seq {seq}, which is not in the log")
    return broken


def left_behind(views: Iterable[View], ledger: Ledger) -> list[str]:
    """A reader that is connected and at rest has the whole log, without a gap."""
    heads = {thread["id"]: thread["head_seq"] for thread in ledger.conversations}
    return [
        f"{view.reader} has {view.contiguous} of {heads[view.conversation_id]} in {view.conversation_id}"
        for view in views
        if view.contiguous != heads[view.conversation_id]
    ]


def answered_before_asked(ledger: Ledger) -> list[str]:
    """What the bot says of a message comes after that message, and answers come in the order of the questions."""
    broken = []
    for conversation_id, log in ledger.logs.items():
        last = 0
        for event in log:
            if event["kind"] != "understood":
                continue
            of_seq = event["body"]["of_seq"]
            if of_seq >= event["seq"] or of_seq <= last:
                broken.append(f"{conversation_id}: seq {event['seq']} answers {of_seq} after {last}")
            last = of_seq
    return broken


def second_voices(ledger: Ledger) -> list[str]:
    """Replaying the log, only whoever held the baton at that number has spoken."""
    broken = []
    for conversation_id, log in ledger.logs.items():
        holder = "bot"
        for event in log:
            holder = holder_after(event, holder)
            if event["kind"] != "message":
                continue
            role, author = event["author_role"], event["author_id"]
            if role == "bot" and holder not in BOT_SPEAKS_WHILE:
                broken.append(f"{conversation_id}: the bot spoke at seq {event['seq']} while {holder} held it")
            if role == "agent" and holder != f"agent:{author}":
                broken.append(f"{conversation_id}: {author} spoke at seq {event['seq']} while {holder} held it")
    return broken


def double_claims(ledger: Ledger) -> list[str]:
    """A claim takes a customer out of the queue or from the bot; from a colleague only a supervisor's take-over may."""
    broken = []
    for chain, rows in ledger.chains.items():
        for row in rows:
            if row["act"] == "claim" and row["details"]["from"] != "queue":
                broken.append(f"{chain}: {row['actor']} claimed it from {row['details']['from']}")
    return broken


def holder_disagrees(ledger: Ledger) -> list[str]:
    """The conversation's row says what the log says."""
    logs = ledger.logs
    broken = []
    for thread in ledger.conversations:
        holder = "bot"
        for event in logs[thread["id"]]:
            holder = holder_after(event, holder)
        if holder != thread["holder"]:
            broken.append(f"{thread['id']} is with {thread['holder']}, its log says {holder}")
    return broken


def lost_escalations(ledger: Ledger, acked: Sequence[str] = ()) -> list[str]:
    """Whoever waits stands in line exactly once, nobody else does, and no hand-over ended without an end.

    `acked` are conversations whose customer was told that a person is coming.
    """
    places = Counter(each["conversation_id"] for each in ledger.queue)
    broken = []
    for thread in ledger.conversations:
        expected = 1 if thread["holder"] == "queue" else 0
        if places[thread["id"]] != expected:
            broken.append(f"{thread['id']} is with {thread['holder']} and has {places[thread['id']]} places in line")
    in_line = {each["handoff_id"] for each in ledger.queue}
    held = {thread["handoff_id"] for thread in ledger.conversations if thread["holder"].startswith("agent:")}
    of_conversation: dict[str, list[Record]] = {}
    for handoff in ledger.handoffs:
        of_conversation.setdefault(handoff["conversation_id"], []).append(handoff)
        if handoff["ended_at"] is None and handoff["id"] not in in_line | held:
            broken.append(f"hand-over {handoff['id']} neither waits nor is held nor has ended")
    broken += [f"{each} was told that a person comes; no hand-over" for each in acked if each not in of_conversation]
    return broken


def broken_promises(ledger: Ledger) -> list[str]:
    """A promise is a row and the event that made it; one event ends it, and each alert about it is given once."""
    told: dict[str, Counter[str]] = {kind: Counter() for kind in (*PROMISE_EVENTS, *PROMISE_ALERTS)}
    at: dict[tuple[str, int], tuple[str, str]] = {}
    for event in ledger.events:
        kind, about = event["kind"], event["body"].get("promise_id")
        if kind in PROMISE_EVENTS:
            told[kind][about] += 1
            at[event["conversation_id"], event["seq"]] = (kind, about)
        elif kind == "alert" and event["body"]["code"] in PROMISE_ALERTS:
            told[event["body"]["code"]][about] += 1
    broken = []
    for row in ledger.promises:
        for kind, column in PROMISE_EVENTS.items():
            seq, times = row[column], told[kind][row["id"]]
            if seq is not None and at.get((row["conversation_id"], seq)) != (kind, row["id"]):
                broken.append(f"promise {row['id']}: seq {seq} is no {kind} of it")
            if times != (seq is not None):
                broken.append(f"promise {row['id']} has {times} {kind}")
        if row["kept_seq"] is not None and row["withdrawn_seq"] is not None:
            broken.append(f"promise {row['id']} was kept and withdrawn")
    known = {row["id"] for row in ledger.promises}
    broken += [f"{about} was promised and not written down" for about in told["promise_made"] if about not in known]
    return broken + [
        f"{code} of {about} is told {times} times"
        for code in PROMISE_ALERTS
        for about, times in told[code].items()
        if times > 1
    ]


def asleep_otherwise(ledger: Ledger) -> list[str]:
    """Who is set aside is so by the log, and a customer who writes is awake again at once."""
    logs = ledger.logs
    broken = []
    for thread in ledger.conversations:
        until: str | None = None
        for event in logs[thread["id"]]:
            is_customer = event["kind"] == "message" and event["author_role"] == "customer"
            if event["kind"] == "snoozed":
                until = event["body"]["until"]
            elif event["kind"] == "woken" or event["kind"] in (*PASSES, "claimed", "transferred"):
                until = None
            elif is_customer and until is not None and not _is_next(logs[thread["id"]], event, "woken"):
                broken.append(f"{thread['id']}: seq {event['seq']} did not wake it")
        stored = thread["snoozed_until"]
        if (wire_time(stored) if stored is not None else None) != until:
            broken.append(f"{thread['id']} sleeps until {stored}, its log says {until}")
    return broken


def _is_next(log: list[Record], event: Record, kind: str) -> bool:
    return any(each["seq"] == event["seq"] + 1 and each["kind"] == kind for each in log)


def taken_too_early(ledger: Ledger, absences: Iterable[Absence], rules: Rules) -> list[str]:
    """Only a vanished agent loses his customers, after the grace, and only a silent one a new customer.

    Holds where all desks' clocks are right; with wrong clocks it tells what the clock did.
    """
    absent = list(absences)
    broken = []
    for conversation_id, log in ledger.logs.items():
        for event in log:
            if event["kind"] != "requeued" or event["body"]["staff"]["why"] == "overflow":
                continue
            agent, why = event["body"]["staff"]["from"], event["body"]["staff"]["why"]
            if why == "agent_lost" and not any(_is_lost(each, agent, event["at"], rules) for each in absent):
                broken.append(f"{conversation_id}: taken from {agent} at seq {event['seq']}, who was there")
            if why == "claim_timeout" and not _was_forgotten(log, event, rules):
                broken.append(f"{conversation_id}: taken from {agent} at seq {event['seq']}, who had time left")
    return broken


def _is_lost(absence: Absence, agent: str, at: datetime, rules: Rules) -> bool:
    """Taken the moment he was back is not too early: the desk looked while he was away."""
    grace = timedelta(seconds=rules.grace_seconds)
    return absence.agent_id == agent and absence.since + grace <= at and (absence.until is None or at <= absence.until)


def _was_forgotten(log: list[Record], taken: Record, rules: Rules) -> bool:
    given = [each for each in log if each["kind"] in ("claimed", "transferred") and each["seq"] < taken["seq"]]
    if not given:
        return False
    answered = any(
        each["kind"] == "message" and each["author_role"] == "agent" and given[-1]["seq"] < each["seq"] < taken["seq"]
        for each in log
    )
    return not answered and taken["at"] - given[-1]["at"] >= timedelta(seconds=rules.claim_timeout_seconds)


def over_capacity(ledger: Ledger) -> list[str]:
    """Nobody holds more customers than he has places."""
    held = Counter(thread["holder"] for thread in ledger.conversations)
    return [
        f"{agent['id']} holds {held['agent:' + agent['id']]} of {agent['capacity']}"
        for agent in ledger.agents
        if held["agent:" + agent["id"]] > agent["capacity"]
    ]


def broken_chains(ledger: Ledger) -> list[str]:
    """No audit row was changed or taken out, the head is what the conversation says, every change of hands has one."""
    chains, logs = ledger.chains, ledger.logs
    broken = []
    for thread in ledger.conversations:
        rows = chains[thread["id"]]
        number = first_broken(rows)
        if number is not None:
            broken.append(f"{thread['id']}: audit row {number} is broken")
        head = (len(rows), rows[-1]["hash"] if rows else FIRST_HASH)
        if head != (thread["audit_number"], thread["audit_hash"]):
            broken.append(f"{thread['id']}: the chain ends at {head[0]}, not at {thread['audit_number']}")
        noted = Counter(row["details"].get("seq") for row in rows)
        passes = (each for each in logs[thread["id"]] if each["kind"] in (*PASSES, "claimed", "transferred"))
        broken += [f"{thread['id']}: no audit row for seq {each['seq']}" for each in passes if not noted[each["seq"]]]
    return broken


def without_outcome(sent: Iterable[str], acked: Iterable[str], refused: Iterable[str] = ()) -> list[str]:
    """Every send has an answer; in good health every answer is an ack, so that nothing is passed as `refused`."""
    return [f"{each} has no outcome" for each in sorted(set(sent) - set(acked) - set(refused))]


def left_in_silence(ledger: Ledger) -> list[str]:
    """Once everything is at rest, no customer of the bot has a last message that nobody reacted to."""
    logs = ledger.logs
    broken = []
    for thread in ledger.conversations:
        log = logs[thread["id"]]
        asked = [each["seq"] for each in log if each["kind"] == "message" and each["author_role"] == "customer"]
        reactions = (
            each["seq"]
            for each in log
            if each["kind"] not in ("message", "reopened", "woken") or each["author_role"] == "bot"
        )
        if thread["holder"] == "bot" and asked and asked[-1] > max(reactions, default=0):
            broken.append(f"{thread['id']}: nobody reacted to seq {asked[-1]}")
    return broken


def all_of_the_database(ledger: Ledger) -> list[str]:
    """Every promise that the database alone can prove."""
    checks = (
        doubled, holes, answered_before_asked, second_voices, double_claims, holder_disagrees, lost_escalations,
        over_capacity, broken_chains, broken_promises, asleep_otherwise,
    )  # fmt: skip
    return [f"{check.__name__}: {words}" for check in checks for words in check(ledger)]


def holder_after(event: Record, holder: str) -> str:
    """Who holds the conversation once this event is in the log."""
    kind, body = event["kind"], event["body"]
    if kind == "claimed":
        return f"agent:{body['agent']['id']}"
    if kind == "transferred":
        to = body["staff"]["to"]
        return f"agent:{to['agent_id']}" if to.get("agent_id") else "queue"
    return PASSES.get(kind, holder)
