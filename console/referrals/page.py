"""One referral: what for and whither, who has it, where it stands, and the moves from there."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from console.access import Caseworker
from console.directory.told import told
from console.pages import language_of, render
from console.referrals.listing import PAGE, names, services
from conversations.models import Address, Conversation
from directory import confirming
from infrastructure import audit, events
from infrastructure.resources import Resources
from referrals import lifecycle
from referrals.lifecycle import ENDINGS, MOVES, ChangedMeanwhile, NotAllowed, staff
from referrals.listing import is_overdue
from referrals.models import Referral

router = APIRouter(prefix=PAGE)

Done = Annotated[str, Query(max_length=20)]


@dataclass(frozen=True)
class Who:
    """Whom a referral is for, shown to somebody who asked to see it."""

    number: str
    name: str | None
    words: str | None


@router.get("/{referral_id:uuid}")
async def referral_page(request: Request, caseworker: Caseworker, referral_id: UUID, done: Done = "") -> Response:
    return await _page(request, referral_id, done=done)


@router.post("/{referral_id:uuid}/person")
async def reveal(request: Request, caseworker: Caseworker, referral_id: UUID) -> Response:
    """The number, the name and the words, shown once to whoever pressed for them; the log keeps that they did."""
    async with _resources(request).sessions() as session:
        referral = await _referral(session, referral_id)
        if referral.erased_at:
            return await _page(request, referral_id, 409, problem="erased")
        audit.record(session, caseworker.id, "referral.person_seen", referral.id, code=referral.code)
        who = Who(referral.number or await _address(session, referral) or "", referral.name, referral.words)
        await session.commit()
    return await _page(request, referral_id, who=who)


@router.post("/{referral_id:uuid}/take")
async def take(
    request: Request, caseworker: Caseworker, referral_id: UUID, seen: Annotated[str, Form()] = ""
) -> Response:
    """See to a referral oneself, instead of nobody or of the colleague who was shown."""
    try:
        holder = UUID(seen) if seen else None
    except ValueError:
        raise HTTPException(400) from None

    async def act(session: AsyncSession) -> None:
        await lifecycle.take(session, referral_id, caseworker.id, seen=holder)

    return await _act(request, referral_id, act, done="taken")


@router.post("/{referral_id:uuid}/recalled")
async def recalled(request: Request, caseworker: Caseworker, referral_id: UUID) -> Response:
    """Keep that who had it was told to forget it."""

    async def act(session: AsyncSession) -> None:
        await lifecycle.recalled(session, referral_id, caseworker.id)

    return await _act(request, referral_id, act, done="recalled")


@router.post("/{referral_id:uuid}/move")
async def move(
    request: Request,
    caseworker: Caseworker,
    referral_id: UUID,
    to: Annotated[str, Form(max_length=20)] = "",
    seen: Annotated[str, Form(max_length=20)] = "",
    outcome: Annotated[str, Form(max_length=20)] = "",
    note: Annotated[str, Form()] = "",
) -> Response:
    """Move a referral, which tells its person. If it stands elsewhere by now: 409 with where, and the note is kept."""
    if to not in MOVES or seen not in MOVES:
        raise HTTPException(400)
    if to == "closed" and not outcome:
        return await _page(request, referral_id, 422, problem="outcome", note=note)
    if len(note.strip()) > lifecycle.LONGEST_NOTE:
        return await _page(request, referral_id, 422, problem="note", note=note)
    wording, ending = _resources(request).wording, outcome if to == "closed" else None

    async def act(session: AsyncSession) -> None:
        mover = staff(caseworker.id)
        await lifecycle.move(session, wording, referral_id, to, mover, seen=seen, outcome=ending, note=note)

    return await _act(request, referral_id, act, done="moved", note=note)


async def _act(
    request: Request,
    referral_id: UUID,
    act: Callable[[AsyncSession], Awaitable[None]],
    *,
    done: str,
    note: str = "",
) -> Response:
    """Do it, or show the page again as it is now."""
    async with _resources(request).sessions() as session:
        conversation = (await _referral(session, referral_id)).conversation_id
        try:
            await act(session)
        except ChangedMeanwhile:
            await session.rollback()
            return await _page(request, referral_id, 409, problem="changed", note=note)
        except NotAllowed:
            await session.rollback()
            return await _page(request, referral_id, 409, problem="not_allowed", note=note)
        await session.commit()
    if conversation:
        await events.publish(_resources(request).redis, "conversation_changed", conversation=str(conversation))
    return RedirectResponse(f"{PAGE}/{referral_id}?done={done}", 303)


async def _page(
    request: Request,
    referral_id: UUID,
    status: int = 200,
    *,
    done: str = "",
    problem: str = "",
    note: str = "",
    who: Who | None = None,
) -> Response:
    async with _resources(request).sessions() as session:
        referral = await _referral(session, referral_id)
        colleagues = {event.by_staff for event in referral.events} | {
            referral.assigned_to,
            referral.consent.recorded_by,
        }
        return render(
            request,
            "referrals/page.html",
            status,
            referral=referral,
            moves=[to for to in MOVES[referral.state] if to != "closed"],
            endings=ENDINGS[referral.state] if "closed" in MOVES[referral.state] else (),
            is_overdue=is_overdue(referral),
            names=await names(session, colleagues),
            address=await _address(session, referral),
            longest_note=lifecycle.LONGEST_NOTE,
            done=done,
            problem=problem,
            note=note,
            who=who,
            **await _service(request, session, referral),
        )


async def _service(request: Request, session: AsyncSession, referral: Referral) -> dict[str, Any]:
    """The service it is to: its entry, and what people are told of it as long as they are."""
    entry = (await services(session, [referral])).get(referral.service_id) if referral.service_id else None
    shown = await confirming.shown(session, [entry.id]) if entry else []
    language = language_of(request)
    return {"entry": entry, "told": await told(session, _resources(request), shown[0], language) if shown else None}


async def _referral(session: AsyncSession, referral_id: UUID) -> Referral:
    whole = (joinedload(Referral.consent), selectinload(Referral.events))
    try:
        return await session.get_one(Referral, referral_id, options=whole)
    except NoResultFound:
        raise HTTPException(404) from None


async def _address(session: AsyncSession, referral: Referral) -> str | None:
    """Where its person writes from."""
    address = select(Address.value).join(Conversation).where(Conversation.id == referral.conversation_id)
    found: str | None = await session.scalar(address)
    return found


def _resources(request: Request) -> Resources:
    resources: Resources = request.app.state.resources
    return resources
