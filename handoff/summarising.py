"""Has a hand-over worded by the model, beside everything else: the card is there before and stays right without."""

from __future__ import annotations

import time

import structlog

from handoff.card_reading import read_card_and_messages
from handoff.events import one_line
from handoff.masking import mask_lines
from handoff.store import conversations, line
from handoff.summariser import Summariser, SummaryFailed
from handoff.views import wire_time
from handoff.workplace import Workplace

log = structlog.get_logger(__name__)

SPEAKERS = {"customer": "客户", "bot": "机器人", "agent": "客服"}


async def summarise_hand_over(
    place: Workplace, summariser: Summariser | None, conversation_id: str, handoff_id: str
) -> None:
    """Stores the model's words with the hand-over; on any trouble the summary from the log simply stays."""
    if summariser is None:
        return
    async with place.store.reading() as connection:
        thread = await conversations.read(connection, conversation_id)
        if thread is None or thread.handoff_id != handoff_id:
            return
        _, messages = await read_card_and_messages(connection, thread)
    said = mask_lines([one_line(message.body, limit=300) for message in messages])
    lines = [
        f"{SPEAKERS.get(message.author.role, '系统')}：{text}"
        for message, text in zip(messages, said, strict=True)
        if text
    ]
    started = time.monotonic()
    try:
        text = await summariser.summarise(lines)
    except SummaryFailed as trouble:
        log.warning("summary_failed", conversation_id=conversation_id, why=str(trouble))
        return
    log.info("summary_stored", conversation_id=conversation_id, ms=round((time.monotonic() - started) * 1000))
    async with place.changing(conversation_id) as change:
        summary = {"text": text, "model": summariser.model, "at": wire_time(change.now), "seq": thread.head_seq}
        await line.note_on(change.connection, handoff_id, summary=summary)
        change.touch()
