"""Opening a referral for somebody who said on the phone what they need: the consent is read out to them first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from console.access import Caseworker, read_form
from console.accounts import Staff
from console.directory import choices
from console.pages import render
from console.referrals.listing import PAGE, REFERRED
from conversations.language import DEFAULT
from conversations.models import Address, Conversation
from directory import search
from directory.places import gazetteer
from directory.results import Found
from infrastructure import events
from infrastructure.resources import Resources
from referrals import opening, wishes
from referrals.consenting import NotOffered, consent_text
from referrals.models import HOW, WHEN, Referral
from referrals.opening import ConsentOutdated
from referrals.wishes import TooManyOpen, Wish

router = APIRouter(prefix=f"{PAGE}/new")

# As many services as a form can offer.
OFFERED = 12
# Longer words are cut anyway; a field without an end would be sent back as long as it came.
LONGEST_FIELD = 5_000
FIELDS = ("need", "place", "service", "how", "when", "number", "name", "words")


@dataclass(frozen=True)
class Typed:
    """What a caseworker wrote down of what somebody said."""

    need: str = ""
    place: str = ""
    service: str = ""
    how: str = "call"
    when: str = "any"
    number: str = ""
    name: str = ""
    words: str = ""

    def problems(self) -> list[str]:
        """Which fields can't be kept as they are."""
        right = {
            "need": self.need in REFERRED,
            "place": not self.place or self.place in gazetteer(),
            "service": not self.service or _uuid(self.service) is not None,
            "reach": self.how in HOW and self.when in WHEN,
            "number": not self.number or wishes.number_in(self.number) is not None,
        }
        return [name for name, fine in right.items() if not fine]

    def wish(self) -> Wish:
        """The wish; only of what has no problems."""
        reached = {"how": self.how, "when": self.when, "number": self.number or None}
        return Wish(self.need, self.place or None, _uuid(self.service), name=self.name, words=self.words, **reached)  # type: ignore[arg-type]


@router.get("")
async def new_page(
    request: Request, caseworker: Caseworker, conversation: UUID, like: Annotated[UUID | None, Query()] = None
) -> Response:
    """An empty form for a conversation's person, or one filled in like a referral of theirs that led nowhere."""
    async with _resources(request).sessions() as session:
        talk = await _conversation(session, conversation)
        typed = await _like(session, talk, like) if like else Typed()
        return await _form(request, session, talk, typed)


@router.post("")
async def open_for_somebody(request: Request, caseworker: Caseworker, conversation: UUID) -> Response:
    """Show the consent to read out, or open the referral that somebody agreed to; what is in the way is told."""
    form = await read_form(request)
    typed = Typed(**{name: str(form.get(name, "")).strip()[:LONGEST_FIELD] for name in FIELDS})
    async with _resources(request).sessions() as session:
        talk = await _conversation(session, conversation)
        problems = typed.problems()
        if not problems and form.get("step") == "open":
            opened = await _open(request, session, talk, typed, form, caseworker)
            if isinstance(opened, Referral):
                return RedirectResponse(f"{PAGE}/{opened.id}?done=opened", 303)
            problems = [opened]
        return await _form(request, session, talk, typed, problems)


async def _open(
    request: Request, session: AsyncSession, talk: Conversation, typed: Typed, form: FormData, caseworker: Staff
) -> Referral | str:
    """The new referral, or what is in the way of it."""
    resources = _resources(request)
    if "agreed" not in form:
        return "not_agreed"
    # A browser sends line ends as CR LF.
    shown = str(form.get("shown", "")).replace("\r\n", "\n")
    try:
        referral = await opening.open_referral(
            session, resources.wording, talk.id, typed.wish(), shown, None, read_out_by=caseworker.id
        )
    except ConsentOutdated:
        return "outdated"
    except NotOffered:
        return "service"
    except TooManyOpen:
        return "too_many"
    await session.commit()
    await events.publish(resources.redis, "conversation_changed", conversation=str(talk.id))
    return referral


async def _form(
    request: Request, session: AsyncSession, talk: Conversation, typed: Typed, problems: Sequence[str] = ()
) -> Response:
    """The form and, as soon as there is a wish that can be kept, the consent to read out."""
    resources, language = _resources(request), talk.language or DEFAULT
    services = await _offered(session, resources, typed)
    if typed.service and typed.service not in {str(found.service_id) for found in services}:
        # It isn't for what is chosen now, or not there any more: nothing may be read out about it.
        typed, problems = replace(typed, service=""), [*problems, "service"]
    ready = bool(typed.need) and not typed.problems()
    return render(
        request,
        "referrals/new.html",
        422 if problems else 200,
        conversation=talk,
        number=(await session.get_one(Address, talk.address_id)).value,
        typed=typed,
        problems=list(dict.fromkeys(problems)),
        shown=await consent_text(session, resources.wording, language, typed.wish()) if ready else "",
        spoken=language,
        needs=REFERRED,
        places=await choices.places(session),
        services=services,
        ways=HOW,
        times=WHEN,
        longest=wishes.LONGEST_WORDS,
        longest_name=wishes.LONGEST_NAME,
    )


async def _offered(session: AsyncSession, resources: Resources, typed: Typed) -> tuple[Found, ...]:
    """The services that could help: in the place's governorate or, without one, in all of Iraq; each once."""
    if typed.need not in REFERRED or (typed.place and typed.place not in gazetteer()):
        return ()
    wanted = search.Wanted([typed.need], typed.place or None)
    page = await search.search(session, wanted, limit=OFFERED, demo=resources.settings.demo)
    return tuple({found.service_id: found for found in page.results}.values())


async def _like(session: AsyncSession, talk: Conversation, referral_id: UUID) -> Typed:
    """What an earlier referral of the same person says, but for its service; who they are is asked anew."""
    referral = next((one for one in await opening.mine(session, talk.id) if one.id == referral_id), None)
    if referral is None:
        raise HTTPException(404)
    return Typed(referral.need, referral.place_code or "", how=referral.how, when=referral.when)


async def _conversation(session: AsyncSession, conversation_id: UUID) -> Conversation:
    conversation = await session.get(Conversation, conversation_id)
    if conversation is None:
        raise HTTPException(404)
    return conversation


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _resources(request: Request) -> Resources:
    resources: Resources = request.app.state.resources
    return resources
