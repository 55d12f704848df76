"""The bot's turns: asks the bot for each customer message, and stores what it said only while it still may speak."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta

import structlog

from handoff.change import BOT_AUTHOR, Change
from handoff.context_package import emotion_of
from handoff.conversation import BOT, QUEUE, bot_is_asked, holder_kind, showable
from handoff.crash_points import crash_if_asked
from handoff.errors import BotFailed, StorageUnavailable
from handoff.handing_over import hand_over, hand_over_for_bot_error
from handoff.labels import SMALL_TALK
from handoff.masking import mask_lines
from handoff.promise_log import hear_promise
from handoff.promises import GROUP
from handoff.rasa_bot import RECENT_LIMIT, Bot, TurnAnswer, TurnRequest
from handoff.routing import DEFAULT_GROUP
from handoff.store import conversations, customers, decided, log, outbox
from handoff.store.conversations import Thread
from handoff.store.outbox import Due
from handoff.triggers import Facts, Noticed, decide
from handoff.views import Event, Json
from handoff.workplace import Workplace

logger = structlog.get_logger(__name__)

# A turn that waited behind another of its conversation still gets a fair chance.
SHORTEST_TURN_SECONDS = 2.5
# A row that so many desks died or failed over is the bot's failure, not the fourth desk's problem.
MOST_ATTEMPTS = 3
STORE_RETRIES = 3


class Turns:
    def __init__(self, workplace: Workplace, bot: Bot) -> None:
        self._workplace = workplace
        self._bot = bot
        self._working_since = workplace.now()
        # When this desk last ended a turn of a conversation: the next one did not wait before that.
        self._ended_at: dict[str, datetime] = {}

    @property
    def overdue_seconds(self) -> float:
        rules = self._workplace.rules
        return max(0.0, rules.bot_timeout_seconds - rules.outbox_poll_seconds)

    async def do(self, due: Due) -> None:
        """One attempt at one message. Never leaves the customer without an answer, a notice or a person."""
        try:
            request = await self._request(due)
            if request is None:
                return
            answer = await self._ask(due, request)
        except BotFailed as failure:
            await self._store(due, failure)
        else:
            crash_if_asked("turn_answered_before_store")
            await self._store(due, answer)
        finally:
            self._note_end(due.conversation_id)

    async def _ask(self, due: Due, request: TurnRequest) -> TurnAnswer:
        limit = self._workplace.rules.bot_timeout_seconds
        waited = self._waited_seconds(due)
        if due.attempts > MOST_ATTEMPTS:
            raise BotFailed("gave_up")
        if due.attempts == 1 and waited >= self.overdue_seconds and due.created_at >= self._working_since:
            # It stood in line for all of its time: the bot is hung or overrun, and the customer waits no longer.
            raise BotFailed("overloaded")
        seconds = max(SHORTEST_TURN_SECONDS, limit - waited) if limit > SHORTEST_TURN_SECONDS else limit
        return await self._bot.turn(request, seconds)

    async def _request(self, due: Due) -> TurnRequest | None:
        """None if there is nothing to ask any more: the baton has passed on, or the message was withdrawn."""
        async with self._workplace.store.reading() as connection:
            thread = await conversations.read(connection, due.conversation_id)
            message = await log.get(connection, due.conversation_id, due.seq)
            assert thread is not None and message is not None, "stored together with the row"
            shopper = await customers.get(connection, thread.customer_id)
            assert shopper is not None
            lines = await log.customer_messages(
                connection, thread.id, thread.session_from_seq, due.seq, limit=RECENT_LIMIT
            )
        is_withdrawn = message.body.get("type") == "recalled"
        if is_withdrawn or not bot_is_asked(thread.holder) or due.seq < thread.bot_from_seq:
            async with self._workplace.changing(due.conversation_id) as change:
                await outbox.finish(change.connection, due.id, "overtaken", change.now)
            return None
        # Asked under the holder of now; if he changes while the bot thinks, the reply is suppressed.
        if thread.holder_version != due.holder_version:
            async with self._workplace.store.writing() as connection:
                await outbox.adopt(connection, due.id, thread.holder_version)
        keeps = needs_address(thread, message.body)
        said = [bot_text(line.body) for line in (*lines, message)]
        *recent, text = mask_lines(said, keep_address=keeps)
        return TurnRequest(
            turn_id=due.id,
            conversation_id=thread.id,
            text=text,
            payload=bot_payload(message.body),
            customer={
                "id": shopper.subject if not shopper.guest else shopper.id,
                "level": shopper.level,
                "guest": shopper.guest,
                "name": None if shopper.guest else shopper.name,
            },
            locale=thread.locale,
            slots=thread.slots,
            recent=tuple(recent),
            session=int(due.body.get("session", thread.session)),
            note=due.body.get("note"),
            waiting=thread.holder == QUEUE,
        )

    async def _store(self, due: Due, outcome: TurnAnswer | BotFailed) -> None:
        for attempt in range(1, STORE_RETRIES + 1):
            try:
                await self._store_once(due, outcome)
                return
            except StorageUnavailable:
                if attempt == STORE_RETRIES:
                    raise
                await asyncio.sleep(self._workplace.rules.outbox_poll_seconds)

    async def _store_once(self, due: Due, outcome: TurnAnswer | BotFailed) -> None:
        async with self._workplace.changing(due.conversation_id) as change:
            how = outcome.kind if isinstance(outcome, BotFailed) else "answered"
            asked_under = await outbox.finish(change.connection, due.id, how, change.now)
            if asked_under is None:
                return
            may_speak = _may_speak(change.thread, due, asked_under)
            if isinstance(outcome, BotFailed):
                if may_speak and change.thread.holder == BOT:
                    await hand_over_for_bot_error(change, outcome.kind, due.seq)
                return
            await self._store_answer(change, due, outcome, may_speak)

    async def _store_answer(self, change: Change, due: Due, answer: TurnAnswer, may_speak: bool) -> None:
        thread = change.thread
        understood = await change.write("understood", BOT_AUTHOR, _understood_body(due, answer))
        if due.seq >= thread.bot_from_seq:
            self._learn(thread, answer, understood)
        types = [message["type"] for message in answer.messages]
        if not may_speak or (answer.messages and not showable(thread.holder, types)):
            why = "in_queue" if may_speak else f"holder_{holder_kind(thread.holder)}"
            body = {"turn_id": due.id, "of_seq": due.seq, "messages": list(answer.messages), "why": why}
            await change.write("suppressed", BOT_AUTHOR, body)
            return
        for message in answer.messages:
            said = await change.write("message", BOT_AUTHOR, message)
            if message["type"] == "text":
                owner = f"{GROUP}{thread.group_id or DEFAULT_GROUP}"
                await hear_promise(change, BOT_AUTHOR, owner, str(message.get("text") or ""), said.seq)
        if thread.holder == BOT:
            await self._decide(change, due, answer)

    async def _decide(self, change: Change, due: Due, answer: TurnAnswer) -> None:
        request = answer.request or announced(answer)
        if not answer.triggers and request is None:
            # Nothing was noticed, so there is nothing to decide and no facts are needed.
            change.thread.attention = change.thread.reason = None
            return
        shopper = await customers.get(change.connection, change.thread.customer_id)
        facts = Facts(
            noticed=tuple(_from(due.seq, each) for each in answer.triggers),
            request=_from(due.seq, request) if request else None,
            level=shopper.level if shopper is not None else "normal",
            messages_since_return=await self._messages_since_return(change),
        )
        decision = decide(facts, change.rules)
        inputs = {**facts.as_json(), "turn_id": due.id, "thresholds": change.rules.thresholds}
        if decision.hand_over:
            await hand_over(change, "desk", decision, inputs)
            return
        await decided.add(change.connection, change.thread.id, change.thread.head_seq, change.now, decision, inputs)
        change.thread.attention = decision.attention
        change.thread.reason = decision.reasons[0].reason if decision.attention is not None else None

    def _learn(self, thread: Thread, answer: TurnAnswer, understood: Event) -> None:
        thread.slots = answer.slots
        thread.emotion = emotion_of(understood.body)
        if answer.intent and answer.intent not in SMALL_TALK:
            thread.intent = answer.intent

    async def _messages_since_return(self, change: Change) -> int | None:
        returned = await log.last_seq_of_kinds(
            change.connection, change.thread.id, ("returned_to_bot", "waiting_cancelled")
        )
        reopened = await log.last_seq_of_kinds(change.connection, change.thread.id, ("reopened",))
        if returned is None or (reopened or 0) > returned:
            return None
        return await log.count_unread(change.connection, change.thread.id, returned)

    def _waited_seconds(self, due: Due) -> float:
        since = max(due.created_at, self._ended_at.get(due.conversation_id, due.created_at))
        return (self._workplace.now() - since).total_seconds()

    def _note_end(self, conversation_id: str) -> None:
        now = self._workplace.now()
        forgotten = now - timedelta(seconds=60)
        if len(self._ended_at) > 1000:
            self._ended_at = {key: moment for key, moment in self._ended_at.items() if moment > forgotten}
        self._ended_at[conversation_id] = now


# The bot may ask for a person, never announce one: the hand-over says so itself.
_ANNOUNCES = re.compile(r"(?:正在|马上|这就|现在|已经?)(?:为|帮|给)?[您你]?(?:转接?|接入|呼叫)人工")


def announced(answer: TurnAnswer) -> Noticed | None:
    """A bot that tells the customer that a person is coming has to be taken at its word."""
    for message in answer.messages:
        if message["type"] == "text" and (found := _ANNOUNCES.search(str(message.get("text") or ""))):
            return Noticed("bot_error", 1.0, found.group(0))
    return None


def bot_text(body: Json) -> str:
    """What the bot reads of a customer's message; pictures it can only be told about."""
    kind = body.get("type")
    if kind == "image":
        return "[图片]"
    if kind == "product":
        return f"我想咨询这个商品：{body.get('title') or body.get('product_id')}"
    return str(body.get("text") or "")


def needs_address(thread: Thread, body: Json) -> bool:
    """Changing a delivery address is the one errand that the bot cannot do without address and phone."""
    steering = (thread.slots.get("errand"), thread.slots.get("awaiting"), thread.slots.get("topic"))
    return bool({"change_address", "new_address"} & set(map(str, steering))) or "地址" in bot_text(body)


def bot_payload(body: Json) -> Json | None:
    """What was tapped."""
    order_no = (body.get("order") or {}).get("order_no") or body.get("order_no")
    if order_no:
        return {"type": "order", "order_no": order_no}
    if body.get("type") == "text" and body.get("entry_id"):
        return {"type": "entry", "entry_id": body["entry_id"]}
    return None


def _may_speak(thread: Thread, due: Due, asked_under: int) -> bool:
    """Nobody else has held the conversation since the bot was asked; a queue left again in between does not count."""
    if due.seq < thread.bot_from_seq or not bot_is_asked(thread.holder):
        return False
    return thread.holder_version == asked_under or thread.holder == BOT


def _understood_body(due: Due, answer: TurnAnswer) -> Json:
    return {
        "turn_id": due.id,
        "of_seq": due.seq,
        "intent": answer.intent,
        "confidence": answer.confidence,
        "ranking": answer.ranking,
        "entities": answer.entities,
        "slots": answer.slots,
        "triggers": [_wire(each) for each in answer.triggers],
        "request": _wire(answer.request) if answer.request else None,
    }


def _wire(noticed: Noticed) -> Json:
    return {"reason": noticed.reason, "score": noticed.score, "evidence": noticed.evidence}


def _from(seq: int, noticed: Noticed) -> Noticed:
    return Noticed(noticed.reason, noticed.score, noticed.evidence, seq)
