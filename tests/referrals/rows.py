"""Referrals made for a test, the way people and staff make them."""

from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.models import Conversation, Message
from infrastructure.wording import Wording
from referrals import opening
from referrals.consenting import consent_text
from referrals.models import Referral
from referrals.wishes import Wish
from tests.console.rows import message


async def opened(
    session: AsyncSession, wording: Wording, talk: Conversation, need: str = "legal_aid", **wish: Any
) -> Referral:
    """A referral whose person read the consent and answered 1."""
    wanted = Wish(need, **wish)
    shown = await consent_text(session, wording, talk.language or "ar", wanted)
    yes = await message(session, talk, "1")
    return await opening.open_referral(session, wording, talk.id, wanted, shown, yes.id)


async def told(session: AsyncSession, talk: Conversation) -> list[str]:
    """The notices that a person was sent, oldest first."""
    sent = select(Message).where(Message.conversation_id == talk.id, Message.author == "system")
    return [one.text for one in await session.scalars(sent.order_by(Message.position))]


async def raw(session: AsyncSession, *tables: str) -> str:
    """All that somebody with a copy of these tables would read."""
    rows = [await session.execute(text(f"select to_jsonb({table}) #>> '{{}}' from {table}")) for table in tables]  # noqa: S608
    return "\n".join(row for found in rows for (row,) in found)
