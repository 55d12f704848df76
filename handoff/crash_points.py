"""Named places where a test may kill the process, off unless JIELI_DEVELOPMENT and JIELI_CRASH_AT name one."""

from __future__ import annotations

import os

CRASH_POINTS = (
    "before_commit",
    "after_commit_before_bus",
    "after_commit_before_ack",
    "outbox_taken_before_turn",
    "turn_answered_before_store",
    "watch_before_requeue",
)
EXIT_CODE = 86


def crash_if_asked(point: str) -> None:
    """Leaves without any clean-up, as a power cut would."""
    if os.environ.get("JIELI_CRASH_AT") == point and os.environ.get("JIELI_DEVELOPMENT") == "1":
        os._exit(EXIT_CODE)
