"""Staff accounts and their sessions. Callers commit.

Passwords are kept as argon2id, session tokens as SHA-256: neither can be read back.
"""

import asyncio
import secrets
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import CheckConstraint, ForeignKey, delete, func, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from infrastructure import audit
from infrastructure.database import Base

# `psea` is a focal point against sexual exploitation and abuse (IASC): reads reports of misconduct, and nothing else.
ROLES = ("hotline", "caseworker", "reviewer", "admin", "psea")
PASSWORD_MIN, PASSWORD_MAX = 12, 1024
LONGEST = timedelta(hours=12)
IDLE = timedelta(minutes=60)
# A page load within this time of the last one is not worth a write.
SEEN_STEP = timedelta(minutes=1)

hasher = PasswordHasher()
# What an unknown email is checked against, so that it takes as long as a known one.
NOBODY = hasher.hash(secrets.token_urlsafe())


class Staff(Base):
    """Somebody who works in the console."""

    __tablename__ = "staff"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_lower"),
        CheckConstraint("role in ('hotline', 'caseworker', 'reviewer', 'admin', 'psea')", name="role"),
        CheckConstraint("language in ('ar', 'en')", name="language"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str]
    password_hash: Mapped[str]
    # The language they chose for the console; empty: what their browser asks for.
    language: Mapped[str | None]
    # Demo accounts have passwords that `make run` prints; outside demo mode they are switched off.
    is_demo: Mapped[bool] = mapped_column(server_default=text("false"))
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class StaffSession(Base):
    """One browser in which somebody is signed in."""

    __tablename__ = "staff_session"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]


class PasswordTooShort(ValueError):
    """A password must have at least 12 characters."""

    def __init__(self) -> None:
        super().__init__(f"a password must have at least {PASSWORD_MIN} characters")


class EmailTaken(ValueError):
    """An email belongs to one account only, in whatever case it is written."""

    def __init__(self) -> None:
        super().__init__("there is an account with this email already")


async def create_staff(
    session: AsyncSession, email: str, name: str, role: str, password: str, *, is_demo: bool = False
) -> Staff:
    """A new account. ValueError says what is wrong: PasswordTooShort, EmailTaken or an unknown role."""
    if role not in ROLES:
        raise ValueError(f"a role is one of {', '.join(ROLES)}")
    staff = Staff(email=_canonical(email), name=name, role=role, password_hash=await hashed(password), is_demo=is_demo)
    try:
        async with session.begin_nested():
            session.add(staff)
    except IntegrityError as error:
        raise EmailTaken from error
    audit.record(session, None, "staff.added", staff.id, role=role)
    return staff


async def hashed(password: str) -> str:
    """The argon2id hash to keep; PasswordTooShort under 12 characters."""
    if len(password) < PASSWORD_MIN:
        raise PasswordTooShort
    return await asyncio.to_thread(hasher.hash, password)


async def authenticate(session: AsyncSession, email: str, password: str) -> Staff | None:
    """Whose email and password these are. Unknown, wrong and inactive take the same time and give the same None."""
    staff = await session.scalar(select(Staff).where(Staff.email == _canonical(email)))
    fits = await _fits(staff.password_hash if staff else NOBODY, password)
    if staff is None or not staff.active or not fits:
        return None
    if hasher.check_needs_rehash(staff.password_hash):
        staff.password_hash = await asyncio.to_thread(hasher.hash, password)
    return staff


async def start_session(session: AsyncSession, staff: Staff) -> str:
    """Sign somebody in; the token goes into their cookie and nowhere else."""
    token, now = secrets.token_urlsafe(32), datetime.now(UTC)
    await session.execute(delete(StaffSession).where(StaffSession.staff_id == staff.id, StaffSession.expires_at < now))
    session.add(StaffSession(token_hash=_digest(token), staff_id=staff.id, expires_at=now + LONGEST, last_seen_at=now))
    await session.flush()
    return token


async def current_staff(session: AsyncSession, token: str, *, active: bool = True) -> Staff | None:
    """Who is signed in with this token; None after 12 hours, after an idle hour or when the account is switched off.

    `active` is False for what the page asks for by itself: an open tab is not somebody at work.
    """
    now = datetime.now(UTC)
    row = (
        await session.execute(
            select(Staff, StaffSession)
            .join(StaffSession, StaffSession.staff_id == Staff.id)
            .where(
                StaffSession.token_hash == _digest(token),
                StaffSession.expires_at > now,
                StaffSession.last_seen_at > now - IDLE,
                Staff.active,
            )
        )
    ).one_or_none()
    if row is None:
        return None
    staff, signed_in = row
    if active and signed_in.last_seen_at < now - SEEN_STEP:
        signed_in.last_seen_at = now
    return staff


async def end_session(session: AsyncSession, token: str) -> None:
    """Sign out; an unknown token is fine."""
    await session.execute(delete(StaffSession).where(StaffSession.token_hash == _digest(token)))


async def create_demo_staff(session: AsyncSession, password_for: Callable[[str], str]) -> list[tuple[str, str, str]]:
    """One demo account a role, made or brought up to date; returns (email, password, role) of each to print."""
    accounts = []
    for role in ROLES:
        email = f"{role}@daleel.example"
        password = password_for(email)
        staff = await session.scalar(select(Staff).where(Staff.email == email))
        if staff is None:
            name = f"{role.upper() if role == 'psea' else role.capitalize()} (demo)"
            staff = await create_staff(session, email, name, role, password, is_demo=True)
        elif not await _fits(staff.password_hash, password):
            staff.password_hash = await hashed(password)
        staff.active = True
        accounts.append((email, password, role))
    return accounts


async def deactivate_demo_staff(session: AsyncSession) -> None:
    """Outside demo mode nobody signs in with a printed password; open sessions of such accounts end too."""
    switched_off = update(Staff).where(Staff.is_demo, Staff.active).values(active=False).returning(Staff.id)
    for staff_id in await session.scalars(switched_off):
        audit.record(session, None, "staff.deactivated", staff_id)


async def has(session: AsyncSession, role: str) -> bool:
    """Whether anybody with this role can sign in."""
    return await session.scalar(select(Staff.id).where(Staff.role == role, Staff.active).limit(1)) is not None


async def _fits(password_hash: str, password: str) -> bool:
    if len(password) > PASSWORD_MAX:
        return False
    try:
        return await asyncio.to_thread(hasher.verify, password_hash, password)
    except VerifyMismatchError:
        return False


def _canonical(email: str) -> str:
    # PostgreSQL takes no null character, and no email has one.
    return email.strip().lower().replace("\0", "")


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
