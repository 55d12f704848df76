"""Named places where a test may kill the process, off unless JIELI_DEVELOPMENT and JIELI_CRASH_AT name one.

JIELI_CRASH_AT=@FILE looks the name up in a file each time, so that a desk can be armed while it serves people.
"""

from __future__ import annotations

import os
from pathlib import Path

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
    asked = os.environ.get("JIELI_CRASH_AT")
    if asked is None or os.environ.get("JIELI_DEVELOPMENT") != "1":
        return
    if asked == point or (asked.startswith("@") and _is_taken(Path(asked[1:]), point)):
        os._exit(EXIT_CODE)


def _is_taken(file: Path, point: str) -> bool:
    """Of several desks that look at one file only the one that takes it away dies."""
    try:
        if file.read_text() != point:
            return False
        file.unlink()
    except FileNotFoundError:
        return False
    return True
