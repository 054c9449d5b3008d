"""Sessions of staff that ended by themselves are not kept at all."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.accounts import StaffSession
from infrastructure.retention import Rule


def rules() -> list[Rule]:
    """Signing in again ends one's own old sessions; this is for those who never come back."""
    return [Rule("sessions", 0, _ended, _without)]


def _ended(before: datetime) -> Select[Any]:
    return select(StaffSession.token_hash).where(StaffSession.expires_at < before)


async def _without(session: AsyncSession, sessions: Sequence[bytes]) -> None:
    await session.execute(delete(StaffSession).where(StaffSession.token_hash.in_(sessions)))
