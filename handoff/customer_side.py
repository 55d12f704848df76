"""What a customer can do: open the page, write, ask for a person, stop waiting, judge an answer, rate."""

from __future__ import annotations

from datetime import datetime, timedelta

from handoff import bodies
from handoff.change import Change
from handoff.conversation import bot_is_asked, holder_kind
from handoff.errors import AlreadyRated, Invalid, NotClosed, NotFound, NotWaiting, ShopAway
from handoff.handing_over import hand_over
from handoff.identifiers import new_id
from handoff.identity import GUEST_NAME, Identity, known_shopper
from handoff.masking import card_spans
from handoff.shop import Shop
from handoff.snoozing import wake
from handoff.store import conversations, customers, line, log, outbox, staff
from handoff.store.conversations import Thread
from handoff.triggers import Facts, Noticed, decide
from handoff.views import Author, Conversation, Customer, Event, HistoryEntry, Json, Receipt, Waiting, Welcome
from handoff.waiting import Floor, estimate
from handoff.workplace import Workplace

PAGE_MEMBERS = ("url", "title", "product_id", "order_no")
LARGEST_HISTORY = 20
RATING_REASONS_LIMIT = 10


class CustomerSide:
    workplace: Workplace
    shop: Shop

    async def welcome(
        self, identity: Identity, channel: str = "web", page: Json | None = None, locale: str | None = None
    ) -> Welcome:
        """The customer's present conversation, or a new one when the last ended more than a day ago."""
        place = self.workplace
        now = place.now()
        kept_page = _page(page)
        async with place.store.writing() as connection:
            shopper = await known_shopper(connection, identity, now)
            latest = await conversations.latest_of(connection, shopper.id)
            ended_long_ago = now - timedelta(seconds=place.rules.reopen_seconds)
            is_new = latest is None or (latest.closed_at is not None and latest.closed_at < ended_long_ago)
            if latest is None or is_new:
                conversation_id = new_id()
                thread = conversations.new_thread(
                    conversation_id,
                    shopper.id,
                    channel[:32],
                    (locale or place.rules.default_locale)[:16],
                    kept_page,
                    now,
                )
                await conversations.add(connection, thread)
                if not shopper.guest:
                    body = {"app": shopper.app, "subject": shopper.subject}
                    refresh = outbox.Due(new_id(), conversation_id, "customer_refresh", 0, 1, body, now, attempts=0)
                    await outbox.add(connection, refresh)
            else:
                conversation_id = latest.id
                if kept_page and kept_page != latest.page:
                    locked = await conversations.lock(connection, conversation_id)
                    assert locked is not None, "it was read a moment ago and is never deleted"
                    before = locked.copy()
                    locked.page = kept_page
                    await conversations.save(connection, before, locked)
            conversation = await conversations.view(connection, conversation_id)
            assert conversation is not None, "it was stored or read a moment ago"
        if is_new:
            place.ring({"customer_refresh"})
        return Welcome(customer=shopper.view(), conversation=conversation, is_new=is_new)

    async def hear(self, conversation_id: str, customer_id: str, client_msg_id: str, body: Json) -> Receipt:
        """Stores the customer's message, and in the same transaction the bot's duty to answer it."""
        client_msg_id = bodies.clean_id(client_msg_id, "client_msg_id")
        cleaned = bodies.customer_body(body, self.workplace.rules.http_image_hosts)
        mark = bodies.fingerprint("message", "customer", customer_id, cleaned)
        filled = await self._filled_in(customer_id, cleaned)
        async with self.workplace.changing(conversation_id, customer_id) as change:
            earlier = await change.sent_before(client_msg_id, mark)
            if earlier is not None:
                return earlier
            author = await self._customer(change)
            if holder_kind(change.thread.holder) == "nobody":
                await self._reopen(change, author)
            self._begin_session_if_due(change)
            marked = _with_card_numbers_marked(filled, change.thread)
            event = await change.write("message", author, marked, client_msg_id=client_msg_id, fingerprint=mark)
            if holder_kind(change.thread.holder) == "agent" and change.thread.unanswered_since is None:
                change.thread.unanswered_since = change.now
            await wake(change)
            if bot_is_asked(change.thread.holder):
                change.thread.session_turns += 1
                turn = {"session": change.thread.session, "note": change.thread.bot_note}
                await change.owe("bot_turn", event.seq, turn)
            return Receipt(client_msg_id=client_msg_id, message_id=event.id, seq=event.seq)

    async def ask_for_person(self, conversation_id: str, customer_id: str, client_msg_id: str) -> Receipt:
        """One tap, no gate. In the queue or with a person already, the receipt names the event that led there."""
        client_msg_id = bodies.clean_id(client_msg_id, "client_msg_id")
        mark = bodies.fingerprint("handed_over", "customer", customer_id, {})
        async with self.workplace.changing(conversation_id, customer_id) as change:
            earlier = await change.sent_before(client_msg_id, mark)
            if earlier is not None:
                return earlier
            if holder_kind(change.thread.holder) in ("queue", "agent"):
                return await self._receipt_of_last_hand_over(change, client_msg_id)
            if holder_kind(change.thread.holder) == "nobody":
                await self._reopen(change, await self._customer(change))
            facts = Facts(request=Noticed("user_asked", 1.0, "转人工", None), level=await self._level(change))
            decision = decide(facts, change.rules)
            event = await hand_over(
                change, "customer", decision, facts.as_json(), client_msg_id=client_msg_id, fingerprint=mark
            )
            return Receipt(client_msg_id=client_msg_id, message_id=event.id, seq=event.seq)

    async def cancel_waiting(self, conversation_id: str, customer_id: str) -> Conversation:
        """Back to the bot; NotWaiting when a person was faster."""
        async with self.workplace.changing(conversation_id, customer_id) as change:
            if holder_kind(change.thread.holder) != "queue":
                raise NotWaiting
            await change.move("customer", "cancel_waiting", await self._customer(change), {})
            if change.thread.handoff_id:
                ended = {"ended_at": change.now, "ended_how": "cancelled"}
                await line.note_on(change.connection, change.thread.handoff_id, **ended)
            change.thread.reason = None
        return await self._conversation(conversation_id)

    async def waiting(self, conversation_id: str, customer_id: str | None = None) -> Waiting:
        """Position and an honest estimate; with `customer_id`, NotFound for another's conversation."""
        async with self.workplace.store.reading() as connection:
            thread = await conversations.read(connection, conversation_id)
            if thread is None or (customer_id is not None and thread.customer_id != customer_id):
                raise NotFound
            place = await line.place_of(connection, conversation_id)
            if place is None:
                raise NotWaiting
            ahead = await line.count_ahead(connection, place.group_id, place.place, conversation_id)
            places, taken = await staff.places_and_taken(connection, place.group_id)
            service, pick_up = await line.measured_seconds(connection, place.group_id)
            name = await staff.group_name(connection, place.group_id)
        position = ahead + 1
        floor = Floor(places=places, taken=taken, service_seconds=service, pick_up_seconds=pick_up)
        return Waiting(position=position, estimate_seconds=estimate(position, floor), group=name or place.group_id)

    async def give_feedback(self, conversation_id: str, customer_id: str, seq: int, helpful: bool) -> Event:
        """About an answer that the customer saw; the same judgement twice is stored once."""
        async with self.workplace.changing(conversation_id, customer_id) as change:
            answer = await log.get(change.connection, conversation_id, seq)
            if answer is None or answer.kind != "message" or answer.author.role not in ("bot", "agent"):
                raise NotFound
            body = {"seq": seq, "entry_id": answer.body.get("entry_id"), "helpful": helpful}
            for given in await log.of_kinds(change.connection, conversation_id, ("feedback",)):
                if given.body == body:
                    return given
            return await change.write("feedback", await self._customer(change), body)

    async def rate(
        self,
        conversation_id: str,
        customer_id: str,
        solved: bool,
        stars: int | None = None,
        reasons: list[str] | None = None,
        text: str = "",
    ) -> Event:
        if stars is not None and (isinstance(stars, bool) or not 1 <= stars <= 5):
            raise Invalid("stars", "必须是 1 到 5 颗星")
        kept_reasons = [bodies.clean_text(each, "reasons", limit=100) for each in reasons or []]
        if len(kept_reasons) > RATING_REASONS_LIMIT:
            raise Invalid("reasons", "原因太多")
        words = bodies.clean_text(text, may_be_empty=True, limit=1000)
        async with self.workplace.changing(conversation_id, customer_id) as change:
            if holder_kind(change.thread.holder) != "nobody":
                raise NotClosed
            if change.thread.rated:
                raise AlreadyRated
            change.thread.rated, change.thread.stars = True, stars
            body = {"solved": solved, "stars": stars, "reasons": kept_reasons, "text": words}
            return await change.write("rated", await self._customer(change), body)

    async def history(self, customer_id: str, before: datetime | None = None) -> list[HistoryEntry]:
        async with self.workplace.store.reading() as connection:
            threads = await conversations.of_customer(connection, customer_id, before, LARGEST_HISTORY)
        return [
            HistoryEntry(id=each.id, opened_at=each.opened_at, closed_at=each.closed_at, last_text=each.last_text)
            for each in threads
        ]

    async def customer_conversation(self, conversation_id: str, customer_id: str) -> Conversation:
        conversation = await self._conversation(conversation_id)
        if conversation.customer_id != customer_id:
            raise NotFound
        return conversation

    async def merge_guest(self, guest_customer_id: str, identity: Identity) -> Customer:
        """A guest has signed in: his conversations become the member's. The caller has proof of both."""
        now = self.workplace.now()
        async with self.workplace.store.writing() as connection:
            guest = await customers.get(connection, guest_customer_id)
            if guest is None or not guest.guest or identity.guest or guest.app != identity.app:
                raise NotFound
            member = await known_shopper(connection, identity, now)
            # The cookie proved a guest; from now on it must not open a member's conversations.
            retired = {"subject": f"merged:{guest.id}", "merged_into": member.id}
            await customers.note_on(connection, guest.id, **retired)
            ids = await conversations.ids_of(connection, guest.id)
        for conversation_id in ids:
            async with self.workplace.changing(conversation_id, guest.id) as change:
                change.thread.customer_id = member.id
                await change.audit(f"customer:{member.id}", "merge_guest", {"guest": guest.id})
        return member.view()

    async def _filled_in(self, customer_id: str, body: Json) -> Json:
        """An order message with what the shop says of that order; without the shop, its number as plain text."""
        if body["type"] != "order":
            return body
        order_no = body["order"]["order_no"]
        async with self.workplace.store.reading() as connection:
            shopper = await customers.get(connection, customer_id)
        if shopper is None or shopper.guest:
            raise NotFound("没有找到这个订单")
        try:
            order = await self.shop.order(shopper.subject, order_no)
        except ShopAway:
            return {"type": "text", "text": f"{body['text']} 订单号：{order_no}".strip(), "order_no": order_no}
        return {**body, "order": order}

    async def _customer(self, change: Change) -> Author:
        shopper = await customers.get(change.connection, change.thread.customer_id)
        name = shopper.name if shopper is not None else GUEST_NAME
        return Author(role="customer", id=change.thread.customer_id, name=name)

    async def _level(self, change: Change) -> str:
        shopper = await customers.get(change.connection, change.thread.customer_id)
        return shopper.level if shopper is not None else "normal"

    async def _reopen(self, change: Change, author: Author) -> None:
        thread = change.thread
        await change.move("customer", "reopen", author, {})
        thread.closed_at = thread.outcome = thread.category = thread.stars = thread.handoff_id = None
        thread.reason = thread.intent = thread.emotion = thread.bot_note = None
        thread.rated = False
        thread.slots = {}
        change.settle()

    def _begin_session_if_due(self, change: Change) -> None:
        """Long Rasa sessions are slow, and after a long silence the customer means something else."""
        thread, rules = change.thread, change.rules
        idle = timedelta(seconds=rules.session_idle_seconds)
        is_idle = thread.session_turns > 0 and thread.last_at is not None and change.now - thread.last_at > idle
        if thread.session_turns >= rules.turns_per_session or is_idle:
            change.begin_session()

    async def _receipt_of_last_hand_over(self, change: Change, client_msg_id: str) -> Receipt:
        kinds = ("handed_over", "requeued", "claimed", "transferred")
        seq = await log.last_seq_of_kinds(change.connection, change.thread.id, kinds)
        event = await log.get(change.connection, change.thread.id, seq or 0)
        if event is None:
            raise NotFound
        return Receipt(client_msg_id=client_msg_id, message_id=event.id, seq=event.seq, is_repeat=True)

    async def _conversation(self, conversation_id: str) -> Conversation:
        async with self.workplace.store.reading() as connection:
            conversation = await conversations.view(connection, conversation_id)
        if conversation is None:
            raise NotFound
        return conversation


def _with_card_numbers_marked(body: Json, thread: Thread) -> Json:
    """Where staff reads a sign instead of a card's number, also of one begun in the line before."""
    text = str(body.get("text") or "")
    if not any(character.isdigit() or character in "〇零一二三四五六七八九" for character in text):
        return body
    spans = card_spans(text, thread.last_text if thread.last_author == "customer" else "")
    return {**body, "staff": {"masked": spans}} if spans else body


def _page(page: Json | None) -> Json:
    """Where the customer came from; short strings only, and never trusted as a claim about him."""
    if not isinstance(page, dict):
        return {}
    kept = {}
    for member in PAGE_MEMBERS:
        if page.get(member) not in (None, ""):
            kept[member] = bodies.clean_text(page[member], f"page.{member}", may_be_empty=True, limit=2000)
    return kept
