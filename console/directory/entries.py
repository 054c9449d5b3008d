"""The directory's list: every entry with where it stands."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from console.access import SignedIn
from console.pages import render

router = APIRouter(prefix="/console/directory")


@router.get("")
async def entries_page(request: Request, staff: SignedIn) -> Response:
    return render(request, "directory/entries.html")
