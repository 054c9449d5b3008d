"""The caseworkers' list: what waits longest first; and what a conversation's thread says of its person's referrals."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access import Caseworker
from console.accounts import Staff
from console.pages import render
from directory.models import Entry, Place
from directory.needs import NEEDS
from referrals import listing, opening
from referrals.listing import State, Wanted
from referrals.models import STATES, Referral
from referrals.wishes import SENSITIVE

router = APIRouter(prefix="/console/referrals")

PAGE = "/console/referrals"
# Who sees on a conversation's page that there are referrals.
IN_THREADS = ("hotline", "caseworker", "admin")
# What can be referred for; the others are for a person alone.
REFERRED = tuple(need for need in NEEDS if need not in SENSITIVE)
# A draft and one that is only consented to exist for no longer than it takes to send them.
LISTED_STATES = STATES[2:]


@dataclass(frozen=True)
class Filters:
    """The list's filters, as they stand in its addresses."""

    state: State = ""
    whose: Literal["", "mine", "nobody"] = ""
    need: str = ""
    governorate: str = ""
    overdue: bool = False
    page: int = 1

    def query(self, **changes: Any) -> str:
        """For an address: these filters with some of them changed, without those that let everything through."""
        changed = replace(self, **changes)
        values = {name: value for name, value in vars(changed).items() if value and (name, value) != ("page", 1)}
        return urlencode(values)

    def wanted(self, staff: Staff) -> Wanted:
        """What the domain calls it."""
        whose: UUID | Literal[""] | None = {"": "", "mine": staff.id, "nobody": None}[self.whose]  # type: ignore[assignment]
        return Wanted(self.state, whose, self.need, self.governorate, self.overdue)


def filters(
    state: State = "",
    whose: Literal["", "mine", "nobody"] = "",
    need: Annotated[str, Query(max_length=40)] = "",
    governorate: Annotated[str, Query(max_length=20)] = "",
    overdue: bool = False,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Filters:
    """Filters from an address; an unknown need is a 404, as an unknown governorate is later."""
    if need and need not in REFERRED:
        raise HTTPException(404)
    return Filters(state, whose, need, governorate, overdue, page)


@router.get("")
async def list_page(
    request: Request, caseworker: Caseworker, filters: Annotated[Filters, Depends(filters)]
) -> Response:
    async with request.app.state.resources.sessions() as session:
        known = await governorates(session)
        if filters.governorate and filters.governorate not in known:
            raise HTTPException(404)
        wanted, offset = filters.wanted(caseworker), (filters.page - 1) * listing.PAGE
        found, total = await listing.listing(session, wanted, offset=offset)
        return render(
            request,
            "referrals/list.html",
            referrals=found,
            total=total,
            more=offset + len(found) < total,
            filters=filters,
            states=LISTED_STATES,
            counts=await listing.counts(session, wanted),
            needs=REFERRED,
            governorates=known,
            is_overdue=listing.is_overdue,
            services=await services(session, found),
            names=await names(session, {one.assigned_to for one in found}),
        )


@router.get("/count")
async def count_of_waiting(request: Request, caseworker: Caseworker) -> Response:
    """How many wait to be taken on, for the bar; nothing when there are none."""
    async with request.app.state.resources.sessions() as session:
        count = await listing.count_waiting(session)
    return HTMLResponse(str(count or ""))


async def in_thread(session: AsyncSession, conversation_id: UUID, staff: Staff) -> Sequence[Referral]:
    """The referrals of a conversation's person, for those who may know of them."""
    return await opening.mine(session, conversation_id) if staff.role in IN_THREADS else []


async def governorates(session: AsyncSession) -> dict[str, dict[str, str]]:
    """The names of the governorates by code."""
    rows = await session.execute(
        select(Place.code, Place.name).where(Place.level == "governorate").order_by(Place.code)
    )
    return dict(rows.all())


async def services(session: AsyncSession, found: Sequence[Referral]) -> Mapping[UUID, Entry]:
    """The entries of the services that referrals are to, published still or not."""
    ids = {referral.service_id for referral in found if referral.service_id}
    return {entry.id: entry for entry in await session.scalars(select(Entry).where(Entry.id.in_(ids)))}


async def names(session: AsyncSession, ids: Collection[UUID | None]) -> dict[UUID, str]:
    """What members of staff are called."""
    rows = await session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(filter(None, ids))))
    return dict(rows.all())
