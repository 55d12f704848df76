"""What the desk counts about its own work for a monitoring system; nothing here names anybody."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import Counter

AGENT_MESSAGES = Counter("jieli_desk_agent_messages", "Messages that agents sent.")
ASKED_AGAIN = Counter("jieli_desk_asked_again", "Messages of agents that asked for what was known.", ("label",))
SENT_DESPITE_WARNING = Counter("jieli_desk_sent_despite_warning", "Messages sent although warned of.", ("code",))


def count_agent_message(asked_again: Iterable[str], warned: Iterable[str]) -> None:
    """Called once for each message that was stored, after its commit; a retry stores nothing and counts nothing."""
    AGENT_MESSAGES.inc()
    for label in asked_again:
        ASKED_AGAIN.labels(label).inc()
    for code in warned:
        SENT_DESPITE_WARNING.labels(code).inc()
