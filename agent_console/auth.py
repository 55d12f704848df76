"""Accounts of console people and their server-side sign-ins."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from agent_console.passwords import LONGEST, SHORTEST, Passwords
from agent_console.permissions import ROLES, Caller, callers
from agent_console.problems import BadCredentials, NotSignedIn
from agent_console.store import Credential, LoginTaken, Store
from agent_console.tokens import Tokens
from handoff import views
from handoff.desk import Desk
from handoff.errors import Invalid, NotFound
from handoff.identifiers import new_id

log = structlog.get_logger(__name__)

FIRST_ADMIN_ROLES = ["admin", "supervisor", "knowledge_manager", "agent"]
"""Whoever sets the desk up for a small shop does everything at first; later accounts get what they need."""


@dataclass(frozen=True)
class SignedIn:
    """A console person with a living sign-in."""

    agent: views.Agent
    login: str
    token_hash: str

    @property
    def id(self) -> str:
        return self.agent.id

    @property
    def stands_as(self) -> frozenset[Caller]:
        return callers(self.agent.roles)

    @property
    def is_supervisor(self) -> bool:
        return Caller.SUPERVISOR in self.stands_as


@dataclass(frozen=True)
class NewPerson:
    """An account to be made."""

    login: str
    name: str
    password: str
    roles: list[str]
    groups: list[str]
    capacity: int | None = None


class Auth:
    """Who is at the console."""

    def __init__(
        self,
        store: Store,
        desk: Desk,
        tokens: Tokens,
        passwords: Passwords,
        lifetime: timedelta,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._desk = desk
        self._tokens = tokens
        self._passwords = passwords
        self._lifetime = lifetime
        self._now = now

    async def sign_in(self, login: str, password: str) -> tuple[SignedIn, str]:
        """The person and the token for his cookie. Raises BadCredentials, in equal time for unknown logins."""
        known = await self._store.credential(login=plain_login(login))
        if not await self._passwords.matches(password, known.password_hash if known else None) or known is None:
            raise BadCredentials
        return await self._begin(known)

    async def _begin(self, known: Credential) -> tuple[SignedIn, str]:
        token = self._tokens.new()
        digest = self._tokens.digest(token)
        now = self._now()
        await self._store.sign_in(digest, known.agent_id, now, now + self._lifetime)
        agent = await self._desk.agent(known.agent_id)
        log.info("signed_in", agent_id=agent.id)
        return SignedIn(agent, known.login, digest), token

    async def sign_out(self, who: SignedIn) -> None:
        await self._store.sign_out(who.token_hash)
        log.info("signed_out", agent_id=who.id)

    async def whoever_has(self, token: str | None) -> SignedIn:
        """Raises NotSignedIn."""
        if not token:
            raise NotSignedIn
        digest = self._tokens.digest(token)
        agent_id = await self._store.signed_in(digest, self._now())
        known = await self._store.credential(agent_id=agent_id) if agent_id is not None else None
        if known is None:
            raise NotSignedIn
        try:
            return SignedIn(await self._desk.agent(known.agent_id), known.login, digest)
        except NotFound:
            raise NotSignedIn from None

    async def still_signed_in(self, token_hashes: set[str]) -> set[str]:
        return await self._store.still_signed_in(token_hashes, self._now())

    async def has_login(self, login: str) -> bool:
        return await self._store.credential(login=plain_login(login)) is not None

    async def add_person(self, person: NewPerson) -> views.Agent:
        """Make an account. Raises Invalid. A crash half way leaves an agent without a login, never the reverse."""
        check(person)
        id_of = {group.name: group.id for group in await self._desk.groups()}
        agent_id = new_id()
        hashed = await self._passwords.hashed(person.password)
        login = plain_login(person.login)
        if await self.has_login(login):
            raise Invalid("login", "该账号已存在")
        groups = [id_of.get(group, group) for group in person.groups]
        agent = await self._desk.add_agent(person.name.strip(), groups, person.roles, person.capacity, agent_id)
        try:
            await self._store.add_credential(Credential(agent_id, login, hashed), self._now())
        except LoginTaken:
            raise Invalid("login", "该账号已存在") from None
        log.info("person_added", agent_id=agent.id, roles=person.roles)
        return agent

    async def is_setup_needed(self) -> bool:
        with_login = await self._store.agents_with_login()
        return not any("admin" in agent.roles and agent.id in with_login for agent in await self._desk.agents())


def plain_login(login: str) -> str:
    """One spelling per login: full-width, upper case and spaces around do not make another person."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


def check(person: NewPerson) -> None:
    """Raises Invalid for what no account may look like."""
    if not 1 <= len(plain_login(person.login)) <= 64:
        raise Invalid("login", "账号需为 1 至 64 个字符")
    if not 1 <= len(person.name.strip()) <= 40:
        raise Invalid("name", "姓名需为 1 至 40 个字符")
    if not SHORTEST <= len(person.password) <= LONGEST:
        raise Invalid("password", f"密码需为 {SHORTEST} 至 {LONGEST} 个字符")
    if not person.roles or any(role not in ROLES for role in person.roles):
        raise Invalid("roles", "角色需为 agent、knowledge_manager、supervisor、admin 中的一个或多个")
