"""The look at an agent's text before it goes out, and at the same text once more when it is stored."""

from __future__ import annotations

from typing import get_args

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff import bodies
from handoff.card_reading import read_card_and_messages
from handoff.errors import Invalid, NotFound
from handoff.phrases import PhraseKind
from handoff.sending_check import Known, known_of, needs_what_is_known, warnings_about
from handoff.store import conversations, customers, phrases
from handoff.store.conversations import Thread
from handoff.views import SendPhrase, SendWarning
from handoff.workplace import Workplace

WORDS_LIMIT = 50
MOST_VARIANTS = 30


class BeforeSending:
    workplace: Workplace

    async def check_before_sending(self, conversation_id: str, text: str) -> list[SendWarning]:
        """What an agent should look at again; sent anyway, the message and an audit row say so."""
        async with self.workplace.store.reading() as connection:
            thread = await conversations.read(connection, conversation_id)
            if thread is None:
                raise NotFound
            return await what_to_warn_of(connection, thread, text)

    async def send_phrases(self) -> list[SendPhrase]:
        async with self.workplace.store.reading() as connection:
            return await phrases.views(connection)

    async def put_send_phrase(
        self, words: str, kind: PhraseKind, suggestion: str = "", variants: list[str] | None = None, active: bool = True
    ) -> SendPhrase:
        """Adds a phrase, or replaces the one with these words; a usual one is switched off with `active`."""
        words = bodies.clean_text(words, "words", limit=WORDS_LIMIT)
        if kind not in get_args(PhraseKind):
            raise Invalid("kind", f"必须是 {'、'.join(get_args(PhraseKind))} 之一")
        kept = [bodies.clean_text(each, "variants", limit=WORDS_LIMIT) for each in variants or []]
        if len(kept) > MOST_VARIANTS:
            raise Invalid("variants", f"最多 {MOST_VARIANTS} 个")
        suggestion = bodies.clean_text(suggestion, "suggestion", may_be_empty=True, limit=200)
        values = {"kind": kind, "suggestion": suggestion, "variants": kept, "active": active}
        async with self.workplace.store.writing() as connection:
            await phrases.put(connection, words, self.workplace.now(), **values)
            return next(each for each in await phrases.views(connection) if each.words == words)


async def what_to_warn_of(connection: AsyncConnection, thread: Thread, text: str) -> list[SendWarning]:
    known = Known()
    if needs_what_is_known(text):
        card, messages = await read_card_and_messages(connection, thread)
        shopper = await customers.get(connection, thread.customer_id)
        known = known_of(card, messages, shopper.phone_masked if shopper is not None else None)
    return warnings_about(text, await phrases.in_force(connection), known)
