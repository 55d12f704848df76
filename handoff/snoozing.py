"""Setting a customer aside until later: out of the agent's way, never out of his hands."""

from __future__ import annotations

from handoff.change import SYSTEM, Change


async def wake(change: Change) -> bool:
    """The customer has written or the time has come; False if the conversation was not set aside."""
    if change.thread.snoozed_until is None:
        return False
    change.thread.snoozed_until = None
    await change.write("woken", SYSTEM, {})
    return True
