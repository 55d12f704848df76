"""The one-time code with which the operator makes the first admin; there is no default password."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import structlog

from agent_console.auth import Auth, NewPerson, SignedIn, check
from agent_console.store import Store
from agent_console.tokens import Tokens
from handoff.errors import Forbidden

log = structlog.get_logger(__name__)

CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without 0/O and 1/I/L, because somebody reads it off one screen and types it into another."""

CODE_LENGTH = 16
"""31^16 possibilities; five tries a minute."""


class SetupCode:
    """Stored hashed; in plain only in a file that the operator alone can read."""

    def __init__(self, store: Store, auth: Auth, tokens: Tokens, file: Path, now: Callable[[], datetime]) -> None:
        self._store = store
        self._auth = auth
        self._tokens = tokens
        self._file = file
        self._now = now

    async def offer(self) -> None:
        """While nobody is admin, see that the file holds a code that works; a restart keeps the one already told."""
        if not await self._auth.is_setup_needed():
            await self._store.drop_setup_code()
            await asyncio.to_thread(self._file.unlink, missing_ok=True)
            return
        told = await asyncio.to_thread(_read, self._file)
        if told is not None and await self._store.has_setup_code(self._digest(told)):
            return
        code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
        await self._store.put_setup_code(self._digest(code), self._now())
        await asyncio.to_thread(_write_privately, self._file, "-".join(code[at : at + 4] for at in range(0, 16, 4)))
        log.info("setup_code_written", file=str(self._file))

    async def use(self, code: str, person: NewPerson) -> tuple[SignedIn, str]:
        """Make the first admin and sign him in. Of two who try at once one gets in. Raises Forbidden or Invalid."""
        check(person)
        if not await self._auth.is_setup_needed() or not await self._store.use_setup_code(self._digest(code)):
            raise Forbidden("注册码不正确或已使用")
        try:
            await self._auth.add_person(person)
        except Exception:
            # Nobody became admin, so the operator must be able to try again.
            await self._store.put_setup_code(self._digest(code), self._now())
            raise
        await asyncio.to_thread(self._file.unlink, missing_ok=True)
        return await self._auth.sign_in(person.login, person.password)

    def _digest(self, code: str) -> str:
        return self._tokens.digest("".join(letter for letter in code.upper() if letter in CODE_LETTERS))


def _read(file: Path) -> str | None:
    try:
        return file.read_text()
    except OSError:
        return None


def _write_privately(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text + "\n")
    draft.rename(file)
