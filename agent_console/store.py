"""What the console itself keeps: logins, sign-ins, the setup code, visitors, tickets and uploads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    delete,
    insert,
    select,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.database import Database
from handoff.tables import Moment

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "alembic_version_console"

tables = MetaData()

credentials = Table(
    "console_credentials",
    tables,
    Column("agent_id", String(64), primary_key=True),
    Column("login", String(64), nullable=False, unique=True),
    Column("password_hash", String(256), nullable=False),
    Column("created_at", Moment, nullable=False),
)

sign_ins = Table(
    "console_sign_ins",
    tables,
    Column("token_hash", String(64), primary_key=True),
    Column("agent_id", String(64), ForeignKey("console_credentials.agent_id"), nullable=False, index=True),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
)

setup_code = Table(
    "console_setup_code",
    tables,
    Column("id", Integer, primary_key=True),
    Column("code_hash", String(64), nullable=False),
    Column("created_at", Moment, nullable=False),
)

visitors = Table(
    "console_visitors",
    tables,
    Column("token_hash", String(64), primary_key=True),
    Column("app", String(64), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("customer_id", String(64), nullable=False, index=True),
    Column("guest", Boolean, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
)

tickets = Table(
    "console_tickets",
    tables,
    Column("ticket_hash", String(64), primary_key=True),
    Column("visitor_hash", String(64), nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
)

uploads = Table(
    "console_uploads",
    tables,
    Column("id", String(64), primary_key=True),
    Column("by_role", String(16), nullable=False),
    Column("by_id", String(64), nullable=False),
    Column("content_type", String(32), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
)

upload_uses = Table(
    "console_upload_uses",
    tables,
    Column("upload_id", String(64), ForeignKey("console_uploads.id"), primary_key=True),
    Column("conversation_id", String(64), primary_key=True),
)

SETUP_CODE_ROW = 1
"""There is one setup code at a time; making a new one replaces it."""


class LoginTaken(Exception):
    """Somebody has this login already."""


@dataclass(frozen=True)
class Credential:
    agent_id: str
    login: str
    password_hash: str


@dataclass(frozen=True)
class Visitor:
    """One customer's proof on one device."""

    token_hash: str
    app: str
    subject: str
    customer_id: str
    guest: bool


@dataclass(frozen=True)
class Upload:
    id: str
    by_role: str
    by_id: str
    content_type: str
    width: int
    height: int
    size: int


class Store:
    """The console's tables in the desk's database. Tokens arrive here already hashed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def upgrade(self) -> None:
        await self._database.upgrade(MIGRATIONS, VERSION_TABLE)

    # logins and sign-ins

    async def add_credential(self, credential: Credential, now: datetime) -> None:
        """Raises LoginTaken."""
        row = {
            "agent_id": credential.agent_id,
            "login": credential.login,
            "password_hash": credential.password_hash,
            "created_at": now,
        }
        try:
            async with self._database.writing() as connection:
                await connection.execute(insert(credentials).values(row))
        except IntegrityError as trouble:
            raise LoginTaken from trouble

    async def remove_credential(self, agent_id: str) -> None:
        async with self._database.writing() as connection:
            await connection.execute(delete(sign_ins).where(sign_ins.c.agent_id == agent_id))
            await connection.execute(delete(credentials).where(credentials.c.agent_id == agent_id))

    async def credential(self, *, login: str | None = None, agent_id: str | None = None) -> Credential | None:
        sought = credentials.c.login == login if login is not None else credentials.c.agent_id == agent_id
        async with self._database.reading() as connection:
            row = (await connection.execute(select(credentials).where(sought))).one_or_none()
        return Credential(row.agent_id, row.login, row.password_hash) if row is not None else None

    async def agents_with_login(self) -> set[str]:
        async with self._database.reading() as connection:
            return set((await connection.execute(select(credentials.c.agent_id))).scalars())

    async def sign_in(self, token_hash: str, agent_id: str, now: datetime, expires_at: datetime) -> None:
        row = {"token_hash": token_hash, "agent_id": agent_id, "created_at": now, "expires_at": expires_at}
        async with self._database.writing() as connection:
            await connection.execute(delete(sign_ins).where(sign_ins.c.expires_at < now))
            await connection.execute(insert(sign_ins).values(row))

    async def sign_out(self, token_hash: str) -> None:
        async with self._database.writing() as connection:
            await connection.execute(delete(sign_ins).where(sign_ins.c.token_hash == token_hash))

    async def signed_in(self, token_hash: str, now: datetime) -> str | None:
        """The agent who signed in with this token, if that still holds."""
        sought = (sign_ins.c.token_hash == token_hash) & (sign_ins.c.expires_at > now)
        async with self._database.reading() as connection:
            return (await connection.execute(select(sign_ins.c.agent_id).where(sought))).scalar_one_or_none()

    async def still_signed_in(self, token_hashes: set[str], now: datetime) -> set[str]:
        sought = sign_ins.c.token_hash.in_(token_hashes) & (sign_ins.c.expires_at > now)
        async with self._database.reading() as connection:
            return set((await connection.execute(select(sign_ins.c.token_hash).where(sought))).scalars())

    # the first admin

    async def put_setup_code(self, code_hash: str, now: datetime) -> None:
        async with self._database.writing() as connection:
            await connection.execute(delete(setup_code))
            row = {"id": SETUP_CODE_ROW, "code_hash": code_hash, "created_at": now}
            await connection.execute(insert(setup_code).values(row))

    async def has_setup_code(self, code_hash: str) -> bool:
        async with self._database.reading() as connection:
            stored = (await connection.execute(select(setup_code.c.code_hash))).scalar_one_or_none()
        return stored == code_hash

    async def use_setup_code(self, code_hash: str) -> bool:
        """Take the code away; of two who try at once, one gets True."""
        async with self._database.writing() as connection:
            taken = await connection.execute(delete(setup_code).where(setup_code.c.code_hash == code_hash))
        return taken.rowcount == 1

    async def drop_setup_code(self) -> None:
        async with self._database.writing() as connection:
            await connection.execute(delete(setup_code))

    # customers' devices

    async def add_visitor(self, visitor: Visitor, now: datetime, expires_at: datetime, replaces: str | None) -> None:
        """Know a device from now on; the proof it had before (a guest who signed in) stops working."""
        row = {
            "token_hash": visitor.token_hash,
            "app": visitor.app,
            "subject": visitor.subject,
            "customer_id": visitor.customer_id,
            "guest": visitor.guest,
            "expires_at": expires_at,
        }
        async with self._database.writing() as connection:
            await connection.execute(delete(visitors).where(visitors.c.expires_at < now))
            if replaces is not None:
                await connection.execute(delete(visitors).where(visitors.c.token_hash == replaces))
            await connection.execute(insert(visitors).values(row))

    async def visitor(self, token_hash: str, now: datetime) -> Visitor | None:
        async with self._database.reading() as connection:
            return await _known_visitor(connection, token_hash, now)

    async def add_ticket(self, ticket_hash: str, visitor_hash: str, now: datetime, expires_at: datetime) -> None:
        row = {"ticket_hash": ticket_hash, "visitor_hash": visitor_hash, "expires_at": expires_at}
        async with self._database.writing() as connection:
            await connection.execute(delete(tickets).where(tickets.c.expires_at < now))
            await connection.execute(insert(tickets).values(row))

    async def use_ticket(self, ticket_hash: str, now: datetime) -> Visitor | None:
        """Take the ticket away and say whose it was; nobody's when it is used, late or invented."""
        sought = (tickets.c.ticket_hash == ticket_hash) & (tickets.c.expires_at > now)
        async with self._database.writing() as connection:
            taken = await connection.execute(delete(tickets).where(sought).returning(tickets.c.visitor_hash))
            visitor_hash = taken.scalar_one_or_none()
            # In the same transaction: after a desk went away everybody comes back at once.
            return await _known_visitor(connection, visitor_hash, now) if visitor_hash is not None else None

    # uploads

    async def add_upload(self, upload: Upload, now: datetime) -> None:
        row = {
            "id": upload.id,
            "by_role": upload.by_role,
            "by_id": upload.by_id,
            "content_type": upload.content_type,
            "width": upload.width,
            "height": upload.height,
            "size": upload.size,
            "created_at": now,
        }
        async with self._database.writing() as connection:
            await connection.execute(insert(uploads).values(row))

    async def upload(self, upload_id: str) -> Upload | None:
        async with self._database.reading() as connection:
            row = (await connection.execute(select(uploads).where(uploads.c.id == upload_id))).one_or_none()
        if row is None:
            return None
        return Upload(row.id, row.by_role, row.by_id, row.content_type, row.width, row.height, row.size)

    async def note_upload_use(self, upload_id: str, conversation_id: str) -> None:
        """Remember where a picture is about to be shown; whoever sees that conversation may fetch it."""
        row = {"upload_id": upload_id, "conversation_id": conversation_id}
        known = select(upload_uses).where(
            (upload_uses.c.upload_id == upload_id) & (upload_uses.c.conversation_id == conversation_id)
        )
        async with self._database.writing() as connection:
            if (await connection.execute(known)).first() is None:
                await connection.execute(insert(upload_uses).values(row))

    async def upload_uses(self, upload_id: str) -> list[str]:
        sought = select(upload_uses.c.conversation_id).where(upload_uses.c.upload_id == upload_id)
        async with self._database.reading() as connection:
            return list((await connection.execute(sought)).scalars())


async def _known_visitor(connection: AsyncConnection, token_hash: str, now: datetime) -> Visitor | None:
    sought = (visitors.c.token_hash == token_hash) & (visitors.c.expires_at > now)
    row = (await connection.execute(select(visitors).where(sought))).one_or_none()
    return Visitor(row.token_hash, row.app, row.subject, row.customer_id, row.guest) if row is not None else None
