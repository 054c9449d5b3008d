"""Links by which who offers a service says that what is published of it is right, or what isn't. No account is needed.

The link itself is the authority: it names a service, or an organization for all that is due of it, carries its end and
our signature. To confirm twice is harmless. What somebody confirms is what they saw: if it changed, they look again.
"""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from directory import due, publishing, tasks
from directory.due import Wanted
from directory.listings import published_parts
from directory.models import Entry, Place, Task
from directory.records import At, Location, Organization, Service
from directory.tasks import ChangedMeanwhile, NotPublished
from infrastructure import audit, vault

VALID = timedelta(days=14)
# More than these at once nobody reads; the next come when these are done.
MOST_AT_ONCE = 20
# Which task a provider's choice (models.CHANGES) opens.
REASON_OF = {
    "closed_for_good": "closed",
    "closed_until": "closed",
    "number": "wrong_number",
    "hours": "wrong_hours",
    "full": "correction",
    "other": "correction",
}
# 17 bytes of subject, 4 of the end, 18 of signature: 52 letters, and none that could be written in another way.
_KINDS: dict[bytes, Literal["service", "organization"]] = {b"s": "service", b"o": "organization"}
_SUBJECT, _END, _LENGTH = 17, 21, 39


class BadLink(Exception):
    """Not a link of ours, or one too old, withdrawn, or of something that isn't published: nobody is told which."""


class Link(NamedTuple):
    """What a token stands for, until when."""

    kind: Literal["service", "organization"]
    subject: UUID
    expires: datetime


@dataclass(frozen=True)
class Shown:
    """A published service with all that people are told of it; `seen` tells this text from a later one."""

    service: Service
    organization: Organization
    places: Sequence[tuple[At, Location, Place]]
    seen: str


async def make(
    session: AsyncSession, kind: Literal["service", "organization"], subject: UUID, *, by: UUID, now: datetime
) -> str:
    """A token for one service, or for all due ones of an organization; NotPublished. The caller commits."""
    entry = await session.get(Entry, subject)
    if entry is None or entry.kind != kind or entry.status != "published":
        raise NotPublished(f"{kind} {subject} is not published")
    audit.record(session, by, "confirmation.made", subject)
    return write(Link(kind, subject, now + VALID))


async def withdraw(session: AsyncSession, link: Link, *, by: UUID, now: datetime) -> None:
    """Let no link count that was made for the same until now, or of an organization for any of its services.

    The caller commits.
    """
    await session.execute(update(Entry).where(Entry.id == link.subject).values(links_since=now))
    audit.record(session, by, "confirmation.withdrawn", link.subject)


async def _refuse_withdrawn(session: AsyncSession, link: Link) -> None:
    """BadLink for a link that was withdrawn, by itself or with its organization's."""
    about = await session.scalar(select(Entry.document["organization_id"].astext).where(Entry.id == link.subject))
    subjects = [link.subject, *([UUID(about)] if about else [])]
    since = await session.scalar(select(func.max(Entry.links_since)).where(Entry.id.in_(subjects)))
    if since is not None and link.expires - VALID <= since:
        raise BadLink


def write(link: Link) -> str:
    """The token of a link, as it stands in an address."""
    kind = next(letter for letter, name in _KINDS.items() if name == link.kind)
    content = kind + link.subject.bytes + int(link.expires.timestamp()).to_bytes(4, "big")
    return urlsafe_b64encode(content + _signature(content)).decode()


def read(token: str, now: datetime) -> Link:
    """What a token stands for; BadLink if we didn't make it or its time is over."""
    try:
        content = urlsafe_b64decode(token)
    except ValueError:
        raise BadLink from None
    body = content[:_END]
    # Written again it must be the same: decoding forgives what no token of ours holds.
    if len(content) != _LENGTH or not hmac.compare_digest(urlsafe_b64encode(body + _signature(body)), token.encode()):
        raise BadLink
    expires = datetime.fromtimestamp(int.from_bytes(content[_SUBJECT:_END], "big"), now.tzinfo)
    if now > expires:
        raise BadLink
    return Link(_KINDS[content[:1]], UUID(bytes=content[1:_SUBJECT]), expires)


async def asked(session: AsyncSession, link: Link, today: date) -> list[Shown]:
    """What a link asks about, as it stands now. BadLink if it isn't published (any more).

    Of an organization what is due today, which may be nothing: all is confirmed.
    """
    await _refuse_withdrawn(session, link)
    if link.kind == "service":
        found = await shown(session, [link.subject])
        if not found:
            raise BadLink
        return found
    organization = await session.get(Entry, link.subject)
    if organization is None or organization.status != "published":
        raise BadLink
    rows, _ = await due.due(session, Wanted(organization=link.subject), today=today, limit=MOST_AT_ONCE)
    return await shown(session, [row.service_id for row in rows])


async def shown(session: AsyncSession, service_ids: Collection[UUID]) -> list[Shown]:
    """Services in the order asked for, without those that people don't see: they or all around them unpublished."""
    rows = await session.scalars(
        select(Entry).where(Entry.id.in_(service_ids), Entry.kind == "service", Entry.status == "published")
    )
    services = {row.id: Service.model_validate(row.document) for row in rows}
    parts = await published_parts(session, list(services.values()))
    codes = {part.place for part in parts.values() if isinstance(part, Location)}
    places = {place.code: place for place in await session.scalars(select(Place).where(Place.code.in_(codes)))}
    found = [_shown(services[one], parts, places) for one in service_ids if one in services]
    return [one for one in found if one]


async def confirm(session: AsyncSession, link: Link, service_id: UUID, seen: str, *, today: date) -> None:
    """Keep that who offers a service says that it is true today.

    ChangedMeanwhile if it isn't what they saw, NotPublished, or BadLink for a service that the link isn't about. The
    caller commits.
    """
    service = await _as_seen(session, service_id, seen)
    await _refuse_withdrawn(session, link)
    if link.subject not in (service.id, service.organization_id):
        raise BadLink
    if service.assured_date != today:
        await publishing.assure(session, service_id, today, by=None)
    audit.record(session, None, "confirmation.given", service_id)


async def assure(session: AsyncSession, service_id: UUID, seen: str, *, by: UUID, today: date) -> None:
    """Keep that a member of staff found a service true today; ChangedMeanwhile, NotPublished. The caller commits."""
    service = await _as_seen(session, service_id, seen)
    if service.assured_date != today:
        await publishing.assure(session, service_id, today, by=by)


async def tell(
    session: AsyncSession, link: Link, change: str, note: str, *, closed_until: date | None, call_back: str
) -> Task:
    """Keep what a provider says is different now. Nothing of what is published changes: staff see to it.

    NotPublished, BadLink for a link that is not of one service; an unknown change is a KeyError. The caller commits.
    """
    if link.kind != "service":
        raise BadLink
    await _refuse_withdrawn(session, link)
    return await tasks.open_task(
        session,
        link.subject,
        REASON_OF[change],
        "provider",
        note,
        change=change,
        closed_until=closed_until,
        call_back=call_back,
    )


async def _as_seen(session: AsyncSession, service_id: UUID, seen: str) -> Service:
    """A published service if it still says what somebody saw, and nobody else changes it before the commit."""
    # The lock first: a second tap waits for the first one and finds that all is done.
    await session.get(Entry, service_id, with_for_update=True)
    found = await shown(session, [service_id])
    if not found:
        raise NotPublished(f"service {service_id} is not published")
    if found[0].seen != seen:
        raise ChangedMeanwhile
    return found[0].service


def _shown(service: Service, parts: dict[UUID, Organization | Location], places: dict[str, Place]) -> Shown | None:
    organization = parts.get(service.organization_id) if service.organization_id else None
    at = [(at, parts.get(at.location_id)) for at in service.at]
    there = [(at, location, places[location.place]) for at, location in at if isinstance(location, Location)]
    if not isinstance(organization, Organization) or not there:
        return None
    said = [service.document(), organization.document(), *(location.document() for _, location, _ in there)]
    # When it was assured is what they tell us, not what they are told.
    del said[0]["assured_date"]
    return Shown(service, organization, there, sha256(json.dumps(said, sort_keys=True).encode()).hexdigest())


def _signature(content: bytes) -> bytes:
    return vault.unlocked().sign(b"confirmation " + content)[: _LENGTH - _END]
