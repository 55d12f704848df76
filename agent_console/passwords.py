"""Console passwords, hashed with argon2id in threads because each takes tens of milliseconds and 64 MiB."""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE = 2
"""More parallel hashes than cores only pile up memory and slow every conversation down."""

SHORTEST, LONGEST = 8, 256
"""Below eight a password is guessed, above 256 it only costs hashing time."""


class Passwords:
    """Hashes and checks passwords; both run beside the event loop and take equally long for unknown logins."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._of_nobody: str | None = None

    async def hashed(self, password: str) -> str:
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def matches(self, password: str, stored: str | None) -> bool:
        """Check against the stored hash; with none, hash all the same so that time does not tell who exists."""
        if stored is None:
            if self._of_nobody is None:
                self._of_nobody = await self.hashed("nobody signs in with this")
            async with self._turns:
                await asyncio.to_thread(self._verify, self._of_nobody, password)
            return False
        async with self._turns:
            return await asyncio.to_thread(self._verify, stored, password)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False
