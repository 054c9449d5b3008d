"""A link for who offers a service, and a short text to send it with. Staff send it: nothing leaves from here."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from console.access import SignedIn
from console.accounts import Staff
from console.directory.due import PAGE
from console.pages import render
from console.translations import translations
from directory import confirming
from directory.confirming import BadLink, Shown
from directory.models import Entry
from directory.tasks import NotPublished
from infrastructure.local_time import day_in_iraq
from infrastructure.resources import Resources

router = APIRouter(prefix=PAGE)

# Iraq's country code, and a mobile number as people there write it.
COUNTRY, MOBILE, MOBILE_DIGITS = "964", "07", 11


@dataclass(frozen=True)
class Way:
    """A number with addresses that open a messenger with the text in it."""

    number: str
    whatsapp: str
    sms: str


@router.post("/{service_id}/link")
async def link_to_service(request: Request, service_id: UUID, staff: SignedIn) -> Response:
    return await _made(request, "service", service_id, staff)


@router.post("/organization/{organization_id}/link")
async def link_to_organization(request: Request, organization_id: UUID, staff: SignedIn) -> Response:
    return await _made(request, "organization", organization_id, staff)


@router.get("/ask/{token}")
async def ask_page(request: Request, token: str, staff: SignedIn) -> Response:
    """The link with what sends it. It was made and recorded before: this page may be loaded again."""
    resources: Resources = request.app.state.resources
    try:
        link = confirming.read(token, datetime.now(UTC))
        async with resources.sessions() as session:
            shown = await confirming.asked(session, link, day_in_iraq())
            document = (await session.get_one(Entry, link.subject)).document or {}
    except BadLink:
        raise HTTPException(404) from None
    address = f"{resources.settings.public_base}/confirm/{token}"
    text = message(document["name"], staff.name, address)
    emails = [document["email"], *(one.organization.email for one in shown)]
    return render(
        request,
        "directory/ask.html",
        withdrawn=False,
        link=link,
        name=document["name"],
        address=address,
        text=text,
        ways=list(ways(shown, text)),
        anybody=f"https://wa.me/?text={quote(text)}",
        email=next((_mail(email, text) for email in emails if "@" in email), ""),
        days=confirming.VALID.days,
    )


@router.post("/ask/{token}/withdraw")
async def withdraw(request: Request, token: str, staff: SignedIn) -> Response:
    """No link counts any more that was made for the same. To say it twice is harmless."""
    now = datetime.now(UTC)
    async with request.app.state.resources.sessions() as session:
        try:
            link = confirming.read(token, now)
        except BadLink:
            raise HTTPException(404) from None
        entry = await session.get(Entry, link.subject)
        if entry is None:
            raise HTTPException(404)
        await confirming.withdraw(session, link, by=staff.id, now=now)
        await session.commit()
    return render(request, "directory/ask.html", withdrawn=True, link=link, name=(entry.document or {})["name"])


async def _made(
    request: Request, kind: Literal["service", "organization"], subject: UUID, staff: Staff
) -> RedirectResponse:
    async with request.app.state.resources.sessions() as session:
        try:
            token = await confirming.make(session, kind, subject, by=staff.id, now=datetime.now(UTC))
        except NotPublished:
            raise HTTPException(404) from None
        await session.commit()
    return RedirectResponse(f"{PAGE}/ask/{token}", 303)


def message(name: Mapping[str, str], who: str, address: str) -> str:
    """What is sent with a link: who asks for what in both languages, and that it costs nothing."""
    said = [
        translations(language).gettext(
            "%(who)s from Daleel asks: is what we tell people about '%(what)s' still right? Please look at this page. "
            "We never ask for money or a password."
        )
        % {"who": who, "what": name[language]}
        for language in ("ar", "en")
    ]
    return "\n\n".join([*said, address])


def ways(shown: Iterable[Shown], text: str) -> Iterator[Way]:
    """Every number of these services that can get a message; nothing made up for the demo is written to."""
    numbers = [phone for one in shown for at, _, _ in one.places for phone in at.phones if not phone.is_demo]
    for number in dict.fromkeys(phone.number for phone in numbers):
        if digits := international(number):
            yield Way(number, f"https://wa.me/{digits}?text={quote(text)}", f"sms:+{digits}?body={quote(text)}")


def international(number: str) -> str:
    """A number's digits with the country's code; empty for what only a phone in Iraq can call."""
    if number.startswith("+"):
        return number[1:]
    if number.startswith("00"):
        return number[2:]
    return COUNTRY + number[1:] if number.startswith(MOBILE) and len(number) == MOBILE_DIGITS else ""


def _mail(email: str, text: str) -> str:
    return f"mailto:{quote(email, safe='@')}?body={quote(text)}"
