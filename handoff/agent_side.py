"""What an agent can do with a conversation: claim it, speak, note, give it back, close it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from handoff import bodies
from handoff.asked_again import may_ask
from handoff.before_sending import what_to_warn_of
from handoff.bus import Wake
from handoff.card_reading import what_is_asked_again
from handoff.change import Change
from handoff.conversation import holder_kind, holding_agent
from handoff.errors import AlreadyClaimed, Forbidden, IllegalMove, Invalid, NotFound
from handoff.handing_over import record
from handoff.holding import author_of, holding_author, name_of, with_room
from handoff.identifiers import new_id
from handoff.metrics import count_agent_message
from handoff.promise_log import hear_promise, keep_promised_answers, owner_of, promise_at_closing
from handoff.sentences import say
from handoff.store import conversations, line, log, staff
from handoff.triggers import Decision, Noticed
from handoff.views import Author, Conversation, Event, Json, Receipt, Role
from handoff.workplace import Workplace

OUTCOMES = ("solved", "unsolved", "follow_up")
NOTE_LIMIT = 2000
DRAFT_LIMIT = 4000


class AgentSide:
    workplace: Workplace

    async def claim(
        self, conversation_id: str, agent_id: str, holder_version: int | None = None, *, is_assigned: bool = False
    ) -> Conversation:
        """Takes a waiting customer. AlreadyClaimed names who was faster; one's own claim again changes nothing."""
        async with self.workplace.changing(conversation_id) as change:
            holder = holding_agent(change.thread.holder)
            if holder != agent_id:
                if holder is not None:
                    raise AlreadyClaimed(change.thread.holder, await name_of(change, holder))
                if holder_version is not None and holder_version != change.thread.holder_version:
                    raise IllegalMove
                await self._give_to(change, "agent", "claim", agent_id, is_assigned=is_assigned)
        return await self._view(conversation_id)

    async def take_over(self, conversation_id: str, agent_id: str, is_supervisor: bool = False) -> Conversation:
        """From the bot or the queue any agent may, from another agent only a supervisor."""
        async with self.workplace.changing(conversation_id) as change:
            holder = holding_agent(change.thread.holder)
            if holder != agent_id:
                if holder is not None and not is_supervisor:
                    raise AlreadyClaimed(change.thread.holder, await name_of(change, holder))
                await self._give_to(change, "supervisor" if is_supervisor else "agent", "take_over", agent_id)
        return await self._view(conversation_id)

    async def say(self, conversation_id: str, agent_id: str, client_msg_id: str, body: Json) -> Receipt:
        """NotHolder unless this agent holds the conversation at the moment of storing; a retry is answered first."""
        client_msg_id = bodies.clean_id(client_msg_id, "client_msg_id")
        cleaned = bodies.agent_body(body)
        mark = bodies.fingerprint("message", "agent", agent_id, cleaned)
        async with self.workplace.changing(conversation_id) as change:
            earlier = await change.sent_before(client_msg_id, mark)
            if earlier is not None:
                return earlier
            author = await holding_author(change, agent_id)
            noted = await self._noticed_in(change, cleaned)
            marked = {**cleaned, "staff": noted} if noted else cleaned
            event = await change.write("message", author, marked, client_msg_id=client_msg_id, fingerprint=mark)
            if "warned" in noted:
                sent = {"seq": event.seq, "warned": noted["warned"]}
                await change.audit(f"agent:{agent_id}", "sent_despite_warning", sent)
            if change.thread.handoff_id and not change.thread.answered:
                await line.note_first_answer(change.connection, change.thread.handoff_id, change.now)
            change.thread.answered, change.thread.unanswered_since = True, None
            change.thread.unread, change.thread.staff_read_seq = 0, event.seq
            await staff.put_draft(change.connection, conversation_id, agent_id, "")
            await keep_promised_answers(change, author)
            if cleaned["type"] == "text":
                await hear_promise(change, author, owner_of(agent_id), cleaned["text"], event.seq)
        count_agent_message(noted.get("asked_again", ()), noted.get("warned", ()))
        return Receipt(client_msg_id=client_msg_id, message_id=event.id, seq=event.seq)

    async def write_note(self, conversation_id: str, agent_id: str, client_msg_id: str, text: str) -> Receipt:
        """Any agent may leave a note for colleagues; customers never see it."""
        client_msg_id = bodies.clean_id(client_msg_id, "client_msg_id")
        body = {"text": bodies.clean_text(text, limit=NOTE_LIMIT)}
        mark = bodies.fingerprint("note", "agent", agent_id, body)
        async with self.workplace.changing(conversation_id) as change:
            earlier = await change.sent_before(client_msg_id, mark)
            if earlier is not None:
                return earlier
            author = await author_of(change, agent_id)
            event = await change.write("note", author, body, client_msg_id=client_msg_id, fingerprint=mark)
            return Receipt(client_msg_id=client_msg_id, message_id=event.id, seq=event.seq)

    async def return_to_bot(self, conversation_id: str, agent_id: str, note: str = "") -> Conversation:
        """The bot gets the agent's note and an empty memory: what was handed over once is not handed over again."""
        note = bodies.clean_text(note, "note", may_be_empty=True, limit=NOTE_LIMIT)
        async with self.workplace.changing(conversation_id) as change:
            author = await holding_author(change, agent_id)
            body = {"sentence": say(change.thread.locale, "returned_to_bot"), "staff": {"note": note}}
            await change.move("agent", "return_to_bot", author, body)
            await self._end_handoff(change, "returned_to_bot")
            change.thread.bot_note = note or None
            change.thread.reason = change.thread.handoff_id = None
            change.settle()
        return await self._view(conversation_id)

    async def close(
        self,
        conversation_id: str,
        agent_id: str,
        outcome: str,
        category: str = "",
        note: str = "",
        promise: tuple[str, datetime] | None = None,
    ) -> Conversation:
        """With a promise (words and deadline), what stays to be done is written down before the conversation ends."""
        if outcome not in OUTCOMES:
            raise Invalid("outcome", f"必须是 {'、'.join(OUTCOMES)} 之一")
        category = bodies.clean_text(category, "category", may_be_empty=True, limit=100)
        note = bodies.clean_text(note, "note", may_be_empty=True, limit=NOTE_LIMIT)
        async with self.workplace.changing(conversation_id) as change:
            author = await holding_author(change, agent_id)
            if promise is not None:
                await promise_at_closing(change, author, *promise)
            body = {
                "sentence": say(change.thread.locale, "closed"),
                "by": "agent",
                "staff": {"outcome": outcome, "category": category, "note": note},
            }
            await change.move("agent", "close", author, body)
            await self._end_handoff(change, "closed")
            change.thread.closed_at, change.thread.outcome = change.now, outcome
            change.thread.category = category or None
            change.thread.unread = 0
        return await self._view(conversation_id)

    async def recall(self, conversation_id: str, author_role: Role, author_id: str, seq: int) -> Event:
        """Withdraws one's own message within two minutes; twice is once."""
        async with self.workplace.changing(conversation_id) as change:
            message = await log.get(change.connection, conversation_id, seq)
            if message is None or message.kind != "message":
                raise NotFound
            if (message.author.role, message.author.id) != (author_role, author_id):
                raise Forbidden("只能撤回自己的消息")
            for done in await log.of_kinds(change.connection, conversation_id, ("recalled",)):
                if done.body["seq"] == seq:
                    return done
            if change.now - message.at > timedelta(seconds=change.rules.recall_seconds):
                raise IllegalMove("超过两分钟的消息不能撤回")
            event = await change.write("recalled", message.author, {"seq": seq})
            await log.withdraw(change.connection, conversation_id, seq, event.seq)
            if change.thread.last_at == message.at and change.thread.last_author == author_role:
                change.thread.last_text = "[消息已撤回]"
            await change.audit(f"{author_role}:{author_id}", "recall", {"seq": seq})
            return event

    async def give_verdict(self, conversation_id: str, agent_id: str, handoff_id: str, person_was_needed: bool) -> None:
        """The agent's one click, stored against the decision; the last word counts."""
        async with self.workplace.changing(conversation_id) as change:
            found = await line.handoff(change.connection, handoff_id)
            if found is None or found.conversation_id != conversation_id:
                raise NotFound
            verdict = {"person_was_needed": person_was_needed, "verdict_by": agent_id}
            await line.note_on(change.connection, handoff_id, **verdict)
            details = {"handoff_id": handoff_id, "person_was_needed": person_was_needed}
            await change.audit(f"agent:{agent_id}", "verdict", details)

    async def save_draft(self, conversation_id: str, agent_id: str, text: str) -> None:
        text = bodies.clean_text(text, may_be_empty=True, limit=DRAFT_LIMIT)
        async with self.workplace.changing(conversation_id) as change:
            await author_of(change, agent_id)
            await staff.put_draft(change.connection, conversation_id, agent_id, text)
            if holding_agent(change.thread.holder) == agent_id:
                change.touch()

    async def mark_read(self, conversation_id: str, role: Role, reader_id: str, seq: int) -> None:
        """How far a side has read; never backwards. Only the holding agent's reading counts for the staff."""
        customer_id = reader_id if role == "customer" else None
        async with self.workplace.changing(conversation_id, customer_id) as change:
            thread = change.thread
            read = min(seq, thread.head_seq)
            if role == "customer":
                if read <= thread.customer_read_seq:
                    return
                thread.customer_read_seq = read
            else:
                is_holder = holding_agent(thread.holder) == reader_id
                if not is_holder or read <= thread.staff_read_seq:
                    return
                thread.staff_read_seq = read
                thread.unread = await log.count_unread(change.connection, thread.id, read)
            change.wakes.append(Wake("read", conversation_id, {"role": role, "seq": read}))

    async def _give_to(
        self,
        change: Change,
        who: Literal["agent", "supervisor"],
        act: Literal["claim", "take_over", "follow_up"],
        agent_id: str,
        *,
        is_assigned: bool = False,
    ) -> None:
        thread = change.thread
        member = await with_room(change, agent_id)
        was_not_waiting = holder_kind(thread.holder) in ("bot", "nobody")
        author = Author(role="agent", id=member.id, name=member.name)
        body: Json = {
            "agent": {"id": member.id, "name": member.name},
            "sentence": say(thread.locale, "followed_up" if act == "follow_up" else "claimed", agent=member.name),
        }
        if is_assigned:
            body["staff"] = {"assigned": True}
        event = await change.move(who, act, author, body, to_agent=agent_id)
        if was_not_waiting:
            reason = Noticed("agent_takeover", 1.0, member.name, event.seq)
            decision = Decision(True, "agent_takeover", (reason,), severity=1, attention=None)
            thread.handoff_id, thread.reason = new_id(), "agent_takeover"
            await record(change, thread.handoff_id, event.seq, decision, thread.group_id or "order", {"by": agent_id})
            await change.owe("order_snapshot", event.seq, {"handoff_id": thread.handoff_id})
        if thread.handoff_id:
            await line.note_on(change.connection, thread.handoff_id, claimed_by=agent_id, claimed_at=change.now)
        change.wakes.append(Wake("presence", agent_id))

    async def _noticed_in(self, change: Change, body: Json) -> Json:
        """What the agent sent although it was known or warned of: counted from the log, unseen by the customer."""
        if body["type"] != "text":
            return {}
        noted: Json = {}
        text = body["text"]
        if may_ask(text) and (hits := await what_is_asked_again(change.connection, change.thread, text)):
            noted["asked_again"] = [hit.label for hit in hits]
        if warnings := await what_to_warn_of(change.connection, change.thread, text):
            noted["warned"] = list(dict.fromkeys(each.code for each in warnings))
        return noted

    async def _end_handoff(self, change: Change, how: str) -> None:
        if change.thread.handoff_id:
            await line.note_on(change.connection, change.thread.handoff_id, ended_at=change.now, ended_how=how)
        if change.thread.last_agent_id:
            change.wakes.append(Wake("presence", change.thread.last_agent_id))

    async def _view(self, conversation_id: str) -> Conversation:
        async with self.workplace.store.reading() as connection:
            conversation = await conversations.view(connection, conversation_id)
        if conversation is None:
            raise NotFound
        return conversation
