"""A burst, then a steady rate, for each key: counted in one number per key and without waiting for anything.

The `limits` library keeps a time stamp per hit and tidies all keys up at every hit, in threads: with 200 conversations
that was 40 % of the event loop's turns. It still guards sign-in, where hits are rare and exactness matters more.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

TIDY_EVERY = 4096
"""Keys that may gather before the idle ones are dropped; at 100 bytes each they weigh nothing."""


@dataclass
class Pace:
    """`amount` at once, and as many again over `seconds`."""

    amount: int
    seconds: float
    clock: Callable[[], float] = time.monotonic
    _free_at: dict[str, float] = field(default_factory=dict)
    _tidy_at: int = TIDY_EVERY

    def wait(self, key: str) -> float:
        """Count one more of this key and return 0, or, without counting it, the seconds until it may come."""
        now = self.clock()
        interval = self.seconds / self.amount
        free_at = max(self._free_at.get(key, now), now)
        too_early = free_at + interval - now - self.seconds
        if too_early > 1e-9:
            return too_early
        self._free_at[key] = free_at + interval
        if len(self._free_at) > self._tidy_at:
            self._free_at = {each: at for each, at in self._free_at.items() if at > now}
            self._tidy_at = max(TIDY_EVERY, 2 * len(self._free_at))
        return 0.0
