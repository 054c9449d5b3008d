"""What waits for a second person: uploads as a whole, then single entries, the oldest first."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlalchemy import func, select

from console.access import SignedIn
from console.accounts import Staff
from console.pages import render
from directory.models import Entry, ImportBatch, Revision

router = APIRouter(prefix="/console/directory/review")

PAGE_SIZE = 50
# What an upload proposed is decided on the upload's own page.
_SINGLE = (Revision.state == "in_review", Revision.batch_id.is_(None))


@router.get("")
async def review_page(request: Request, staff: SignedIn, page: Annotated[int, Query(ge=1, le=100_000)] = 1) -> Response:
    """Everybody sees what waits; reviewers and admins decide on each entry's own page."""
    async with request.app.state.resources.sessions() as session:
        rows = await session.execute(
            select(Revision, Entry, Staff.name)
            .join(Entry, Entry.id == Revision.entry_id)
            .outerjoin(Staff, Staff.id == Revision.author_id)
            .where(*_SINGLE)
            .order_by(Revision.saved_at, Revision.id)
            .offset((page - 1) * PAGE_SIZE)
            .limit(PAGE_SIZE)
        )
        total = await session.scalar(select(func.count()).where(*_SINGLE))
        batches = await session.execute(
            select(ImportBatch, Staff.name)
            .join(Staff, Staff.id == ImportBatch.created_by)
            .where(ImportBatch.state == "proposed")
            .order_by(ImportBatch.applied_at)
        )
        return render(
            request,
            "directory/review.html",
            rows=[(revision, entry, author) for revision, entry, author in rows],
            batches=[(batch, author) for batch, author in batches],
            total=total or 0,
            page=page,
            has_more=(total or 0) > page * PAGE_SIZE,
        )
