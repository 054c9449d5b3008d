"""The list: what waits longest first, narrowed as somebody wishes."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.models import Conversation
from infrastructure.wording import Wording
from referrals import lifecycle, opening
from referrals.lifecycle import staff
from referrals.listing import Wanted, count_waiting, counts, is_overdue, listing
from referrals.models import Referral
from tests.console.rows import conversation
from tests.referrals.rows import opened


@pytest.fixture
async def made(
    session: AsyncSession, wording: Wording, talk: Conversation, caseworker: UUID, colleague: UUID
) -> dict[str, Referral]:
    """Referrals of two people, named for what is special about them."""
    other = await conversation(session, "+447700900001")
    found = {
        "new": await opened(session, wording, talk, "food", place="IQG15Q05"),
        "overdue": await opened(session, wording, talk, "food", place="IQG15"),
        "received": await opened(session, wording, talk, "cash", place="IQG08"),
        "accepted": await opened(session, wording, talk, "cash"),
        "over": await opened(session, wording, other, "cash"),
        "closed": await opened(session, wording, other, "food"),
    }
    for name in ("received", "accepted", "closed"):
        await lifecycle.move(session, wording, found[name].id, "received", staff(caseworker), seen="sent")
    await lifecycle.move(session, wording, found["accepted"].id, "accepted", staff(caseworker), seen="received")
    await lifecycle.move(
        session, wording, found["closed"].id, "closed", staff(caseworker), seen="received", outcome="moved"
    )
    await opening.withdraw(session, other.id, found["over"])
    for name, days in {"overdue": 4, "accepted": 9, "received": 2, "closed": 1}.items():
        found[name].changed_at = datetime.now(UTC) - timedelta(days=days)
    await lifecycle.take(session, found["received"].id, caseworker, seen=None)
    await lifecycle.take(session, found["accepted"].id, colleague, seen=None)
    await session.commit()
    return found


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({}, ["accepted", "overdue", "received", "new"]),
        ({"state": "all"}, ["accepted", "overdue", "received", "new", "closed", "over"]),
        ({"state": "sent"}, ["overdue", "new"]),
        ({"state": "withdrawn"}, ["over"]),
        ({"state": "declined"}, []),
        ({"need": "food"}, ["overdue", "new"]),
        ({"governorate": "IQG15"}, ["overdue", "new"]),
        ({"governorate": "IQG_5"}, []),
        ({"assigned_to": None}, ["overdue", "new"]),
        ({"overdue": True}, ["overdue"]),
        ({"overdue": True, "state": "all", "need": "cash"}, []),
    ],
)
async def test_narrowed(
    session: AsyncSession, made: dict[str, Referral], wanted: dict[str, Any], names: list[str]
) -> None:
    found, total = await listing(session, Wanted(**wanted))
    by_id = {referral.id: name for name, referral in made.items()}
    assert [by_id[one.id] for one in found] == names
    assert total == len(names)


async def test_mine_counts_and_pages(session: AsyncSession, made: dict[str, Referral], caseworker: UUID) -> None:
    found, total = await listing(session, Wanted(assigned_to=caseworker))
    assert ([one.id for one in found], total) == ([made["received"].id], 1)
    assert await counts(session, Wanted()) == {"sent": 2, "received": 1, "accepted": 1, "closed": 1, "withdrawn": 1}
    assert await counts(session, Wanted(need="food", state="sent")) == {"sent": 2, "closed": 1}
    assert await count_waiting(session) == 3
    page, total = await listing(session, Wanted(), offset=3, limit=3)
    assert ([one.id for one in page], total) == ([made["new"].id], 4)
    assert [name for name, one in made.items() if is_overdue(one)] == ["overdue"]
