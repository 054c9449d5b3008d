"""The directory for other systems: HSDS 3.0 in the Iraq profile under /hsds, to read and without an account.

Paths and parameters are those of https://docs.openreferral.org/en/3.0/hsds/api_reference.html, and coordinates instead
of a postcode for `proximity`. What may leave is decided in `directory.exchange.leaving`.
"""

from collections.abc import AsyncIterator, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import FileResponse, JSONResponse, Response, StreamingResponse

from directory.exchange import collections, leaving, outgoing, visitors
from directory.exchange.collections import Collection
from directory.exchange.hsds import HSDS_VERSION, Hsds, Page
from directory.exchange.hsds_fields import UUID_TEXT
from directory.exchange.parameters import MOST_WITH_SERVICES, Format, Paging, Search, Wanted, wanted
from directory.exchange.visitors import HEADERS
from directory.needs import NEEDS
from orthography.folding import fold


async def _asks_what_we_know(request: Request) -> None:
    """A filter that nobody applies would give everything to somebody who asked for a part: it is refused instead."""
    asked = list(request.query_params)
    known = _parameters().get(request.scope["route"].path, asked)
    told = f"is not known here, only: {', '.join(known)}"
    unknown = [{"type": "unknown", "loc": ("query", name[:100]), "msg": told} for name in asked if name not in known]
    if unknown:
        raise RequestValidationError(unknown)


router = APIRouter(prefix="/hsds", tags=["HSDS"], dependencies=[Depends(visitors.limited), Depends(_asks_what_we_know)])

PROFILE = Path(__file__).parents[2] / "docs" / "hsds-profile"

Asked = Annotated[Wanted, Depends(wanted)]
Pages = Annotated[Paging, Depends()]


@router.get("/")
async def about(request: Request) -> Response:
    """What this is, and where its description is."""
    base = f"{request.app.state.resources.settings.public_base}/hsds"
    return _json({"version": HSDS_VERSION, "profile": f"{base}/profile", "openapi_url": f"{base}/openapi.json"})


@router.get("/openapi.json", include_in_schema=False)
async def description() -> Response:
    """The OpenAPI description of these paths only."""
    return _json(_description())


@router.get("/profile", include_in_schema=False)
async def profile() -> Response:
    """How the Iraq profile differs from HSDS, in words."""
    return FileResponse(PROFILE / "README.md", media_type="text/markdown; charset=utf-8", headers=HEADERS)


@router.get("/profile/{name}.json", include_in_schema=False)
async def profile_patch(name: str) -> Response:
    """The profile's merge patch of one published schema; 404 for a schema that is as published."""
    patches = {path.stem: path for path in PROFILE.glob("*.json")}
    if name not in patches:
        raise HTTPException(404)
    return FileResponse(patches[name], media_type="application/merge-patch+json", headers=HEADERS)


@router.get("/services")
async def services(
    request: Request, asked: Asked, paging: Pages, full: bool = False, minimal: bool = False
) -> Response:
    """Services; only the ids of what is nested in them unless `full`.

    `minimal` is all of them on one page, with nothing but their id and when they last changed: who keeps a copy learns
    what is gone.
    """
    filters = await collections.filters(request.app.state.resources, asked)
    if minimal:
        contents = await collections.minimal(request.app.state.resources, filters)
        return _json(Page.of(contents, total=len(contents), number=1, per_page=max(1, len(contents))).model_dump())
    return await _answer(request, collections.services(filters, demo=_demo(request), full=full), paging)


@router.get("/services/{identity}")
async def one_service(request: Request, identity: str, full: bool = True) -> Response:
    """A service with everything that belongs to it; 404 for what isn't published, as for what never was."""
    return await _one(request, collections.services(leaving.Filters(), demo=_demo(request), full=full), identity)


@router.get("/organizations")
async def organizations(
    request: Request, paging: Pages, search: Search = None, full: bool = False, full_service: bool = False
) -> Response:
    """Organizations; with their services in brief if `full`, with all of them if `full_service`: then 20 a page."""
    if full or full_service:
        paging = paging.at_most(MOST_WITH_SERVICES)
    ids = await collections.searched_organizations(request.app.state.resources, search)
    made = collections.organizations(ids, demo=_demo(request), full=full, full_service=full_service)
    return await _answer(request, made, paging)


@router.get("/organizations/{identity}")
async def one_organization(request: Request, identity: str, full: bool = True, full_service: bool = True) -> Response:
    """An organization with its services; 404 for what isn't published, as for what never was."""
    made = collections.organizations(None, demo=_demo(request), full=full, full_service=full and full_service)
    return await _one(request, made, identity)


@router.get("/service_at_locations")
async def service_at_locations(request: Request, asked: Asked, paging: Pages, full: bool = False) -> Response:
    """Services at their locations; within `proximity` metres of `latitude` and `longitude` if these are given."""
    filters = await collections.filters(request.app.state.resources, asked)
    return await _answer(request, collections.pairs(filters, demo=_demo(request), full=full), paging)


@router.get("/service_at_locations/{identity}")
async def one_service_at_location(request: Request, identity: str, full: bool = True) -> Response:
    """A service at one location; 404 for what isn't published, as for what never was."""
    resources, demo = request.app.state.resources, _demo(request)
    async with resources.sessions() as session:
        found = await leaving.find_at(session, _id(identity), demo=demo)
        if found is None:
            raise HTTPException(404)
        known = await collections.known(session, resources)
    return _json(collections.standing_alone(*found, known, full=full).dump())


@router.get("/taxonomies")
async def taxonomies(paging: Pages, search: Search = None) -> Response:
    """The lists of codes: one, of needs."""
    return _listed([one for one in (outgoing.taxonomy(),) if _has(one, search)], paging)


@router.get("/taxonomies/{identity}")
async def one_taxonomy(identity: str) -> Response:
    """A list of codes."""
    return _json(_of_id([outgoing.taxonomy()], identity).dump())


@router.get("/taxonomy_terms")
async def taxonomy_terms(
    request: Request,
    paging: Pages,
    search: Search = None,
    taxonomy_id: UUID | None = None,
    parent_id: UUID | None = None,
    top_only: bool = False,
) -> Response:
    """The needs. None has a parent, so all are at the top, which `top_only` asks for."""
    if parent_id or taxonomy_id not in (None, outgoing.NEEDS_ID):
        return _listed([], paging)
    return _listed([one for one in _terms(request) if _has(one, search)], paging)


@router.get("/taxonomy_terms/{identity}")
async def one_taxonomy_term(request: Request, identity: str) -> Response:
    """A need."""
    return _json(_of_id(_terms(request), identity).dump())


@cache
def _description() -> dict[str, Any]:
    return get_openapi(title="Daleel: HSDS, Iraq profile", version=HSDS_VERSION, routes=router.routes)


@cache
def _parameters() -> dict[str, list[str]]:
    """What each path may be asked, as it is described."""
    return {
        path: [one["name"] for one in said["get"].get("parameters", []) if one["in"] == "query"]
        for path, said in _description()["paths"].items()
    }


def _terms(request: Request) -> list[Hsds]:
    wording = request.app.state.resources.wording
    return [outgoing.taxonomy_term(need, wording) for need in NEEDS]


def _has(one: Hsds, search: str | None) -> bool:
    texts = " ".join(text for said in one.dump()["translations"].values() for text in said.values())
    return search is None or fold(search) in fold(texts)


def _demo(request: Request) -> bool:
    return bool(request.app.state.resources.settings.demo)


def _id(text: str) -> UUID:
    if not UUID_TEXT.fullmatch(text):
        raise HTTPException(404)
    return UUID(text)


def _of_id(things: Sequence[Hsds], identity: str) -> Hsds:
    found = next((one for one in things if one.id == _id(identity)), None)
    if found is None:
        raise HTTPException(404)
    return found


async def _one(request: Request, collection: Collection, identity: str) -> Response:
    wanted_id = _id(identity)
    async with request.app.state.resources.sessions() as session:
        known = await collections.known(session, request.app.state.resources)
        made = await collection.make(session, [(wanted_id,)], known)
    if not made:
        raise HTTPException(404)
    return _json(made[0].dump())


async def _answer(request: Request, collection: Collection, paging: Paging) -> Response:
    resources = request.app.state.resources
    if paging.format is Format.NDJSON:
        lines = collections.lines(resources, collection)
        return StreamingResponse(lines, media_type="application/x-ndjson", headers=HEADERS)
    async with resources.sessions() as session:
        known = await collections.known(session, resources)
        total, rows = await collection.page(session, paging.offset, paging.per_page)
        contents = [one.dump() for one in await collection.make(session, rows, known)]
    return _page(contents, total, paging)


def _listed(things: Sequence[Hsds], paging: Paging) -> Response:
    """A list that is no table."""

    async def lines() -> AsyncIterator[str]:
        for one in things:
            yield collections.line(one)

    if paging.format is Format.NDJSON:
        return StreamingResponse(lines(), media_type="application/x-ndjson", headers=HEADERS)
    shown = things[paging.offset : paging.offset + paging.per_page]
    return _page([one.dump() for one in shown], len(things), paging)


def _page(contents: list[dict[str, Any]], total: int, paging: Paging) -> Response:
    page = Page[dict[str, Any]].of(contents, total=total, number=paging.page, per_page=paging.per_page)
    return _json(page.model_dump(mode="json"))


def _json(content: Any) -> Response:
    return JSONResponse(content, headers=HEADERS)
