"""Makes console accounts from the command line, with the same rules as the console itself."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from agent_console.app import open_accounts
from agent_console.auth import Auth, NewPerson
from agent_console.operations.installation import Installation
from agent_console.settings import Settings
from handoff.errors import JieliError


class NotAdded(Exception):
    """The account was not made; the message says why."""


@dataclass(frozen=True)
class Person:
    login: str
    name: str
    roles: tuple[str, ...]
    groups: tuple[str, ...]
    capacity: int = 8


@asynccontextmanager
async def _accounts(here: Installation) -> AsyncIterator[Auth]:
    with here.as_environment():
        settings = Settings()
    async with open_accounts(settings) as auth:
        yield auth


async def add_person(here: Installation, person: Person, password: str) -> None:
    """Raises NotAdded."""
    async with _accounts(here) as auth:
        try:
            await auth.add_person(_as_new(person, password))
        except JieliError as trouble:
            raise NotAdded(trouble.detail) from None


async def add_missing(here: Installation, people: Iterable[Person], passwords: Mapping[str, str]) -> int:
    """Make those who have no account yet; returns how many were made."""
    made = 0
    async with _accounts(here) as auth:
        for person in people:
            if not await auth.has_login(person.login):
                await auth.add_person(_as_new(person, passwords[person.login]))
                made += 1
    return made


def _as_new(person: Person, password: str) -> NewPerson:
    return NewPerson(person.login, person.name, password, list(person.roles), list(person.groups), person.capacity)


def demo_passwords_file(here: Installation) -> Path:
    return here.data / "demo_accounts.txt"


def demo_passwords(here: Installation, logins: Iterable[str] = ()) -> dict[str, str]:
    """Passwords of the demo accounts: generated once per installation, readable by its owner only."""
    file = demo_passwords_file(here)
    known = dict(line.split("\t") for line in file.read_text().splitlines()) if file.exists() else {}
    missing = [login for login in logins if login not in known]
    if missing:
        known |= {login: secrets.token_urlsafe(9) for login in missing}
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text("".join(f"{login}\t{password}\n" for login, password in known.items()))
        draft.rename(file)
    return known
