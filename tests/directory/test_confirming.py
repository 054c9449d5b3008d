"""Links for who offers a service: nobody can make one, what is confirmed is what was seen, and twice is harmless."""

import asyncio
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from directory import publishing
from directory.confirming import (
    MOST_AT_ONCE,
    REASON_OF,
    VALID,
    BadLink,
    Link,
    asked,
    assure,
    confirm,
    make,
    read,
    shown,
    tell,
    withdraw,
    write,
)
from directory.models import CHANGES, Entry, Revision, Task
from directory.records import Location, Organization, Service
from directory.tasks import ChangedMeanwhile, NotPublished, tasks
from infrastructure import vault
from infrastructure.audit import AuditRecord
from infrastructure.vault import Vault
from tests.conftest import GOOD_SECRET
from tests.directory.rows import add_service, add_staff, both

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 26)
OLD = date(2026, 8, 1)


@pytest.fixture
async def service(session: AsyncSession) -> Service:
    return await add_service(session, "clinic", assured=OLD)


def link_to(subject: UUID | None, kind: str = "service") -> Link:
    assert subject
    return Link(kind, subject, NOW + VALID)  # type: ignore[arg-type]


async def seen(session: AsyncSession, service: Service) -> str:
    [one] = await shown(session, [service.id])
    return one.seen


async def assured(session: AsyncSession, service: Service) -> str:
    entry = await session.get_one(Entry, service.id, populate_existing=True)
    assert entry.document
    return str(entry.document["assured_date"])


async def actions(session: AsyncSession) -> list[str]:
    await session.flush()
    return list(await session.scalars(select(AuditRecord.action).order_by(AuditRecord.id)))


# The token


@pytest.mark.parametrize("kind", ["service", "organization"])
def test_a_token_is_read_back_until_its_last_second(kind: str, session: AsyncSession) -> None:
    link = link_to(uuid4(), kind)
    token = write(link)
    assert len(token) == 52
    assert token.replace("-", "").replace("_", "").isalnum()
    assert read(token, NOW) == read(token, NOW + VALID) == link
    with pytest.raises(BadLink):
        read(token, NOW + VALID + timedelta(seconds=1))


def test_a_token_with_any_bit_flipped_is_none_of_ours(session: AsyncSession) -> None:
    token = write(link_to(uuid4()))
    content = urlsafe_b64decode(token)
    for at in range(len(content) * 8):
        flipped = bytearray(content)
        flipped[at // 8] ^= 1 << at % 8
        with pytest.raises(BadLink):
            read(urlsafe_b64encode(bytes(flipped)).decode(), NOW)


def test_a_token_changed_by_a_letter_cut_or_lengthened_is_none_of_ours(session: AsyncSession) -> None:
    token = write(link_to(uuid4()))
    for at in range(len(token)):
        letter = "A" if token[at] != "A" else "B"
        for changed in (token[:at], token[:at] + letter + token[at + 1 :], token[:at] + "\n" + token[at:]):
            with pytest.raises(BadLink):
                read(changed, NOW)
    for nonsense in ("", "=", token + "=", token + "====", token * 2, f" {token}", "خدمة", "a" * 10_000, "-_" * 26):
        with pytest.raises(BadLink):
            read(nonsense, NOW)


def test_nobody_moves_the_end_or_puts_another_service_into_a_token(session: AsyncSession) -> None:
    """The signature of one token under the content of another."""
    mine, other = link_to(uuid4()), link_to(uuid4())
    signature = urlsafe_b64decode(write(mine))[21:]
    for link in (other, mine._replace(kind="organization"), mine._replace(expires=NOW + 2 * VALID)):
        content = urlsafe_b64decode(write(link))[:21]
        with pytest.raises(BadLink):
            read(urlsafe_b64encode(content + signature).decode(), NOW)


def test_another_installations_token_is_none_of_ours(session: AsyncSession) -> None:
    token = write(link_to(uuid4()))
    try:
        vault.unlock(GOOD_SECRET[::-1])
        with pytest.raises(BadLink):
            read(token, NOW)
    finally:
        vault.unlock(GOOD_SECRET)


def test_signatures_are_not_fingerprints_of_the_same_secret() -> None:
    one = Vault(GOOD_SECRET)
    assert one.sign(b"a") == Vault(GOOD_SECRET).sign(b"a") != one.sign(b"b")
    assert one.sign(b"a") != one.fingerprint("a")


async def test_who_made_a_link_is_recorded_and_only_for_what_is_published(
    session: AsyncSession, service: Service
) -> None:
    staff = await add_staff(session, "zainab")
    token = await make(session, "service", service.id, by=staff, now=NOW)
    assert read(token, NOW).subject == service.id
    assert await actions(session) == ["confirmation.made"]
    for kind, subject in (("service", uuid4()), ("organization", service.id), ("service", service.organization_id)):
        assert subject
        with pytest.raises(NotPublished):
            await make(session, kind, subject, by=staff, now=NOW)  # type: ignore[arg-type]
    await publishing.archive(session, service.id)
    with pytest.raises(NotPublished):
        await make(session, "service", service.id, by=staff, now=NOW)


# What is asked


async def test_a_link_shows_what_is_published_with_its_parts(session: AsyncSession, service: Service) -> None:
    [one] = await asked(session, link_to(service.id), TODAY)
    assert (one.service, one.organization.name.en) == (service, "clinic's owner")
    [(at, location, place)] = one.places
    assert (at, location.address.en, place.code) == (service.at[0], "an address", "IQG15Q05")


async def test_what_nobody_sees_cannot_be_asked_about(session: AsyncSession, service: Service) -> None:
    link = link_to(service.id)
    assert service.organization_id
    await publishing.archive(session, service.organization_id)
    for bad in (
        link,
        link_to(service.organization_id, "organization"),
        link_to(uuid4()),
        link_to(uuid4(), "organization"),
    ):
        with pytest.raises(BadLink):
            await asked(session, bad, TODAY)


async def test_an_organization_is_asked_about_what_is_due_and_not_all_at_once(
    session: AsyncSession, service: Service
) -> None:
    link = link_to(service.organization_id, "organization")
    for number in range(MOST_AT_ONCE):
        again = service.model_copy(update={"id": uuid4(), "name": both(f"service {number}")})
        await publishing.published(session, again)
    await publishing.published(session, service.model_copy(update={"id": uuid4(), "assured_date": TODAY}))
    await add_service(session, "somebody else's", assured=OLD)
    first = await asked(session, link, TODAY)
    assert len(first) == MOST_AT_ONCE
    for one in first:
        await confirm(session, link, one.service.id, one.seen, today=TODAY)
    assert len(await asked(session, link, TODAY)) == 1
    assert await asked(session, link, OLD) == []


# What is said


async def test_confirming_assures_without_touching_anything_else(session: AsyncSession, service: Service) -> None:
    await confirm(session, link_to(service.id), service.id, await seen(session, service), today=TODAY)
    entry = await session.get_one(Entry, service.id)
    assert entry.document == service.model_copy(update={"assured_date": TODAY}).document()
    assert await actions(session) == ["entry.assured", "confirmation.given"]
    records = await session.scalars(select(AuditRecord))
    assert {(record.actor_id, record.subject_id) for record in records} == {(None, service.id)}


async def test_twice_is_harmless(session: AsyncSession, service: Service) -> None:
    link, before = link_to(service.id), await seen(session, service)
    for _ in range(3):
        await confirm(session, link, service.id, before, today=TODAY)
    revisions = select(func.count()).select_from(Revision).where(Revision.entry_id == service.id)
    assert await session.scalar(revisions) == 2
    assert await assured(session, service) == "2026-11-26"


async def test_a_year_later_the_same_text_is_confirmed_anew(session: AsyncSession, service: Service) -> None:
    before = await seen(session, service)
    await confirm(session, link_to(service.id), service.id, before, today=TODAY)
    assert await seen(session, service) == before
    await confirm(session, link_to(service.id), service.id, before, today=date(2027, 11, 26))
    assert await assured(session, service) == "2027-11-26"


@pytest.mark.parametrize("changed", ["service", "organization", "location"])
async def test_what_changed_meanwhile_is_shown_again_first(
    session: AsyncSession, service: Service, changed: str
) -> None:
    before = await seen(session, service)
    records = {
        "service": service.model_copy(update={"alert": both("closed this week")}),
        "organization": Organization(id=service.organization_id, name=both("another name")),
        "location": Location(id=service.at[0].location_id, place="IQG15Q05", address=both("another street")),
    }
    await publishing.published(session, records[changed])
    for attempt in (
        confirm(session, link_to(service.id), service.id, before, today=TODAY),
        assure(session, service.id, before, by=uuid4(), today=TODAY),
    ):
        with pytest.raises(ChangedMeanwhile):
            await attempt
    assert await assured(session, service) == "2026-08-01"
    await confirm(session, link_to(service.id), service.id, await seen(session, service), today=TODAY)
    assert await assured(session, service) == "2026-11-26"


async def test_a_link_confirms_what_it_is_about_and_nothing_else(session: AsyncSession, service: Service) -> None:
    other = await add_service(session, "other", assured=OLD)
    for link in (link_to(service.id), link_to(service.organization_id, "organization"), link_to(uuid4())):
        with pytest.raises(BadLink):
            await confirm(session, link, other.id, await seen(session, other), today=TODAY)
    with pytest.raises(NotPublished):
        await confirm(session, link_to(service.id), uuid4(), "", today=TODAY)
    await publishing.archive(session, service.id)
    with pytest.raises(NotPublished):
        await confirm(session, link_to(service.id), service.id, "", today=TODAY)
    assert await assured(session, other) == "2026-08-01"


async def test_staff_who_called_are_the_author(session: AsyncSession, service: Service) -> None:
    staff = await add_staff(session, "zainab", "hotline")
    await assure(session, service.id, await seen(session, service), by=staff, today=TODAY)
    revision = await session.scalar(select(Revision).where(Revision.entry_id == service.id, Revision.number == 2))
    assert revision
    assert (revision.author_id, revision.state) == (staff, "published")
    assert await actions(session) == ["entry.assured"]


async def test_who_writes_a_draft_meanwhile_goes_on_undisturbed(session: AsyncSession, service: Service) -> None:
    staff = await add_staff(session, "zainab")
    before = await seen(session, service)
    draft = await publishing.propose(session, service.model_copy(update={"name": both("new")}), author=staff, base=1)
    assert await seen(session, service) == before
    await confirm(session, link_to(service.id), service.id, before, today=TODAY)
    assert (draft.state, draft.base, draft.document["assured_date"]) == ("draft", 3, "2026-11-26")


@pytest.mark.parametrize("change", CHANGES)
async def test_every_change_opens_a_task_and_changes_nothing(
    session: AsyncSession, service: Service, change: str
) -> None:
    until = date(2026, 12, 3) if change == "closed_until" else None
    task = await tell(session, link_to(service.id), change, "x", closed_until=until, call_back="07700000001")
    [found], _ = await tasks(session)
    [report] = found.reports
    assert (found.id, found.reason) == (task.id, REASON_OF[change])
    assert (report.noticed_by, report.change, report.closed_until) == ("provider", change, until)
    assert (await session.get_one(Entry, service.id)).document == service.document()


async def test_no_word_about_anything_else(session: AsyncSession, service: Service) -> None:
    with pytest.raises(KeyError):
        await tell(session, link_to(service.id), "refused", "", closed_until=None, call_back="")
    with pytest.raises(BadLink):
        await tell(
            session, link_to(service.organization_id, "organization"), "other", "", closed_until=None, call_back=""
        )
    await publishing.archive(session, service.id)
    with pytest.raises(NotPublished):
        await tell(session, link_to(service.id), "other", "", closed_until=None, call_back="")
    assert await session.scalar(select(func.count()).select_from(Task)) == 0


async def test_two_taps_at_once_make_one_revision(sessions: async_sessionmaker[AsyncSession]) -> None:
    async with sessions() as session:
        service = await add_service(session, "busy", assured=OLD)
        before = await seen(session, service)
        await session.commit()

    async def tap() -> None:
        async with sessions() as session:
            await confirm(session, link_to(service.id), service.id, before, today=TODAY)
            await session.commit()

    await asyncio.gather(*(tap() for _ in range(4)))
    async with sessions() as session:
        revisions = select(func.count()).select_from(Revision).where(Revision.entry_id == service.id)
        assert await session.scalar(revisions) == 2


# Withdrawing


async def test_a_withdrawn_link_counts_no_longer_and_a_new_one_does(session: AsyncSession, service: Service) -> None:
    old, what = link_to(service.id), await seen(session, service)
    await withdraw(session, old, by=await add_staff(session, "zainab"), now=NOW + timedelta(hours=1))
    with pytest.raises(BadLink):
        await asked(session, old, TODAY)
    with pytest.raises(BadLink):
        await confirm(session, old, service.id, what, today=TODAY)
    with pytest.raises(BadLink):
        await tell(session, old, "hours", "", closed_until=None, call_back="")
    assert await assured(session, service) == str(OLD)
    assert "confirmation.withdrawn" in await actions(session)
    new = old._replace(expires=NOW + timedelta(hours=1, seconds=1) + VALID)
    assert len(await asked(session, new, TODAY)) == 1
    await confirm(session, new, service.id, what, today=TODAY)
    assert await assured(session, service) == str(TODAY)


async def test_with_an_organizations_link_go_those_of_its_services(session: AsyncSession, service: Service) -> None:
    other = await add_service(session, "another's", assured=OLD)
    of_all = link_to(service.organization_id, "organization")
    await withdraw(session, of_all, by=await add_staff(session, "zainab"), now=NOW)
    for link in (of_all, link_to(service.id)):
        with pytest.raises(BadLink):
            await asked(session, link, TODAY)
    assert len(await asked(session, link_to(other.id), TODAY)) == 1


async def test_with_a_services_link_that_of_its_organization_stays(session: AsyncSession, service: Service) -> None:
    await withdraw(session, link_to(service.id), by=await add_staff(session, "zainab"), now=NOW)
    of_all = link_to(service.organization_id, "organization")
    assert len(await asked(session, of_all, TODAY)) == 1
    await confirm(session, of_all, service.id, await seen(session, service), today=TODAY)
