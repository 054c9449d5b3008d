"""What has to be checked again, and who sees to it: everybody reads the list, admins give services a keeper."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access import Admin, SignedIn
from console.accounts import Staff
from console.pages import render
from directory import due
from directory.due import State
from directory.models import Entry, Place
from directory.needs import NEEDS
from infrastructure.local_time import day_in_iraq

router = APIRouter(prefix="/console/directory/due")

PAGE = "/console/directory/due"
NOBODY = "nobody"


@dataclass(frozen=True)
class Filters:
    """The list's filters, as they stand in its addresses."""

    keeper: Literal["", "mine", "nobody"] = ""
    state: State | Literal[""] = ""
    need: str = ""
    governorate: str = ""
    organization: UUID | None = None
    page: int = 1

    def query(self, **changes: Any) -> str:
        """For an address: these filters with some of them changed, without those that let everything through."""
        changed = replace(self, **changes)
        values = {name: value for name, value in vars(changed).items() if value and (name, value) != ("page", 1)}
        return urlencode(values)

    def wanted(self, staff: Staff) -> due.Wanted:
        """What the domain calls it."""
        keeper = staff.id if self.keeper == "mine" else self.keeper
        return due.Wanted(keeper, self.state, self.need, self.governorate, self.organization)


def filters(
    keeper: Literal["", "mine", "nobody"] = "",
    state: State | Literal[""] = "",
    need: Annotated[str, Query(max_length=40)] = "",
    governorate: Annotated[str, Query(max_length=20)] = "",
    organization: UUID | None = None,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Filters:
    """Filters from an address; an unknown need is a 404, as an unknown governorate is later."""
    if need and need not in NEEDS:
        raise HTTPException(404)
    return Filters(keeper, state, need, governorate, organization, page)


@router.get("")
async def due_page(request: Request, staff: SignedIn, filters: Annotated[Filters, Depends(filters)]) -> Response:
    async with request.app.state.resources.sessions() as session:
        governorates = await _governorates(session)
        if filters.governorate and filters.governorate not in governorates:
            raise HTTPException(404)
        organization = await _organization(session, filters.organization) if filters.organization else None
        offset = (filters.page - 1) * due.PAGE
        found, total = await due.due(session, filters.wanted(staff), today=day_in_iraq(), offset=offset)
        return render(
            request,
            "directory/due.html",
            due=found,
            total=total,
            more=offset + len(found) < total,
            filters=filters,
            states=due.STATES,
            needs=NEEDS,
            governorates=governorates,
            organization=organization,
            keepers=await keepers(session, [one.keeper_id for one in found if one.keeper_id]),
        )


@router.get("/count")
async def count_of_mine(request: Request, staff: SignedIn) -> Response:
    """How many of one's own services are due, for the tab; nothing when there are none."""
    async with request.app.state.resources.sessions() as session:
        count = await due.count(session, due.Wanted(keeper=staff.id), today=day_in_iraq())
    return HTMLResponse(str(count or ""))


@router.post("/{service_id}/keeper")
async def set_keeper(request: Request, service_id: UUID, admin: Admin, keeper: Annotated[str, Form()] = "") -> Response:
    async with request.app.state.resources.sessions() as session:
        await _published(session, service_id, "service")
        await _set_keeper(session, [service_id], keeper, admin)
    return RedirectResponse(f"{PAGE}/{service_id}", 303)


@router.post("/organization/{organization_id}/keeper")
async def set_keeper_of_all(
    request: Request, organization_id: UUID, admin: Admin, keeper: Annotated[str, Form()] = ""
) -> Response:
    """One keeper for all services of an organization, due or not."""
    async with request.app.state.resources.sessions() as session:
        await _published(session, organization_id, "organization")
        await _set_keeper(session, await due.services_of(session, organization_id), keeper, admin)
    return RedirectResponse(f"{PAGE}?organization={organization_id}", 303)


async def keepers(session: AsyncSession, named: Collection[UUID] = ()) -> dict[UUID, Staff]:
    """Who may be a keeper, by name, with those who are named somewhere though they are switched off."""
    rows = await session.scalars(select(Staff).where(Staff.active | Staff.id.in_(named)).order_by(Staff.name))
    return {staff.id: staff for staff in rows}


async def _set_keeper(session: AsyncSession, services: Collection[UUID], keeper: str, admin: Staff) -> None:
    """Keep what was chosen; an id that no form of ours holds, or of somebody who just left, is refused."""
    try:
        await due.set_keeper(session, services, None if keeper == NOBODY else UUID(keeper), by=admin.id)
    except ValueError:
        raise HTTPException(400) from None
    await session.commit()


async def _published(session: AsyncSession, entry_id: UUID, kind: str) -> Entry:
    entry = await session.get(Entry, entry_id)
    if entry is None or entry.kind != kind or entry.status != "published":
        raise HTTPException(404)
    return entry


async def _organization(session: AsyncSession, organization_id: UUID) -> dict[str, Any]:
    """Which organization the list is of."""
    entry = await _published(session, organization_id, "organization")
    return {"id": entry.id, "name": (entry.document or {})["name"]}


async def _governorates(session: AsyncSession) -> dict[str, dict[str, str]]:
    """The names of the governorates by code."""
    rows = await session.execute(
        select(Place.code, Place.name).where(Place.level == "governorate").order_by(Place.code)
    )
    return dict(rows.all())
