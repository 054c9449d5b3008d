"""From draft to published and back: who may, in which order, and what happens to the one who comes second."""

from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.accounts import Staff
from directory import publishing, records
from directory.models import Entry, Listing, Revision
from directory.publishing import Conflict, Difference, Incomplete, NotAllowed
from directory.records import Location, Organization, Service, Words
from tests.directory.rows import add_service, both


@pytest.fixture
async def writer(session: AsyncSession) -> UUID:
    return await somebody(session, "writer")


@pytest.fixture
async def reviewer(session: AsyncSession) -> UUID:
    return await somebody(session, "reviewer")


async def somebody(session: AsyncSession, name: str) -> UUID:
    staff = Staff(id=uuid4(), email=f"{name}@example.org", name=name, role="admin", password_hash="x")
    session.add(staff)
    await session.flush()
    return staff.id


async def in_review(session: AsyncSession, record: records.Record, author: UUID, base: int = 0) -> Revision:
    revision = await publishing.propose(session, record, author=author, base=base)
    await publishing.submit(session, revision)
    return revision


async def test_two_people_publish(session: AsyncSession, writer: UUID, reviewer: UUID) -> None:
    organization = Organization(name=both("somebody"))
    revision = await in_review(session, organization, writer)
    entry = await session.get_one(Entry, organization.id)
    assert (entry.status, entry.document) == ("draft", None)

    with pytest.raises(NotAllowed, match="another member"):
        await publishing.publish(session, revision, by=writer)
    await publishing.publish(session, revision, by=reviewer)

    assert (entry.status, entry.published, entry.document) == ("published", 1, organization.document())
    assert (revision.state, revision.decided_by) == ("published", reviewer)


async def test_an_installation_with_one_admin_says_so(session: AsyncSession, writer: UUID) -> None:
    revision = await in_review(session, Organization(name=both("somebody")), writer)
    await publishing.publish(session, revision, by=writer, alone=True)
    assert revision.state == "published"


async def test_what_is_published_stays_until_the_next_is_published(
    session: AsyncSession, writer: UUID, reviewer: UUID
) -> None:
    service = await add_service(session, "old name")
    changed = service.model_copy(update={"name": both("new name")})
    revision = await in_review(session, changed, writer, base=1)
    assert await name_shown(session, service) == "old name"
    await publishing.publish(session, revision, by=reviewer)
    assert await name_shown(session, service) == "new name"
    states = await session.scalars(
        select(Revision.state).where(Revision.entry_id == service.id).order_by(Revision.number)
    )
    assert list(states) == ["replaced", "published"]


async def name_shown(session: AsyncSession, service: Service) -> str:
    listing = await session.scalar(select(Listing).where(Listing.service_id == service.id))
    assert listing
    await session.refresh(listing)
    name: str = listing.found["service_name"]["en"]
    return name


async def test_the_second_of_two_gets_the_others_version(session: AsyncSession, writer: UUID, reviewer: UUID) -> None:
    service = await add_service(session, "it")
    mine = await in_review(session, service.model_copy(update={"name": both("mine")}), writer, base=1)
    theirs = await in_review(session, service.model_copy(update={"name": both("theirs")}), reviewer, base=1)
    await publishing.publish(session, theirs, by=writer)

    with pytest.raises(Conflict) as conflict:
        await publishing.publish(session, mine, by=reviewer)
    assert conflict.value.published
    assert (conflict.value.published["name"]["en"], conflict.value.number) == ("theirs", theirs.number)
    with pytest.raises(Conflict):
        await publishing.propose(session, service, author=writer, base=1)


async def test_a_draft_may_be_incomplete_but_not_what_is_reviewed(session: AsyncSession, writer: UUID) -> None:
    revision = await publishing.propose(session, Service(name=Words(ar="اسم")), author=writer)
    with pytest.raises(Incomplete) as incomplete:
        await publishing.submit(session, revision)
    assert {problem.field for problem in incomplete.value.problems} >= {"name.en", "needs", "organization_id", "at"}
    assert revision.state == "draft"


async def test_a_service_needs_its_organization_and_locations_published(session: AsyncSession, writer: UUID) -> None:
    service = await add_service(session, "it")
    assert service.organization_id
    await publishing.archive(session, service.organization_id)
    revision = await publishing.propose(session, service, author=writer, base=1)
    with pytest.raises(Incomplete, match="organization_id: not_published"):
        await publishing.submit(session, revision)


async def test_only_the_moves_that_are_allowed(session: AsyncSession, writer: UUID, reviewer: UUID) -> None:
    revision = await publishing.propose(session, Organization(name=both("somebody")), author=writer)
    for move in (
        publishing.publish(session, revision, by=reviewer),
        publishing.reject(session, revision, by=reviewer, note=""),
    ):
        with pytest.raises(NotAllowed):
            await move
    await publishing.submit(session, revision)
    await publishing.reject(session, revision, by=reviewer, note="the name is wrong")
    assert (revision.state, revision.note) == ("rejected", "the name is wrong")
    for again in (publishing.submit(session, revision), publishing.publish(session, revision, by=reviewer)):
        with pytest.raises(NotAllowed):
            await again
    with pytest.raises(NotAllowed, match="archived"):
        await publishing.archive(session, revision.entry_id)


async def test_an_older_version_comes_back_as_a_draft(session: AsyncSession, writer: UUID, reviewer: UUID) -> None:
    service = await add_service(session, "first")
    changed = await in_review(session, service.model_copy(update={"name": both("second")}), writer, base=1)
    await publishing.publish(session, changed, by=reviewer)
    first = await session.scalar(select(Revision).where(Revision.entry_id == service.id, Revision.number == 1))
    assert first
    back = await publishing.restore(session, first, author=writer)
    assert (back.number, back.base, back.state, back.document) == (3, 2, "draft", service.document())


async def test_one_id_is_one_kind_for_ever(session: AsyncSession, writer: UUID) -> None:
    organization = Organization(name=both("somebody"))
    await publishing.propose(session, organization, author=writer)
    with pytest.raises(NotAllowed, match="is a organization"):
        await publishing.propose(session, Location(id=organization.id), author=writer)


def test_differences_name_the_field() -> None:
    service = Service(name=both("a"), needs=["food"], at=[{"location_id": UUID(int=1)}])
    other = service.model_copy(deep=True, update={"needs": ["food", "cash"]})
    other.name.en = "b"
    other.at[0].phones.append(records.PhoneNumber(number="911"))
    found = list(publishing.differences(service.document(), other.document()))
    assert found == [
        Difference("name.en", "a", "b"),
        Difference("needs", ["food"], ["food", "cash"]),
        Difference(
            "at[0].phones[0]", None, {"number": "911", "description": {"ar": "", "en": "", "ckb": ""}, "is_demo": False}
        ),
    ]
    assert list(publishing.differences(service.document(), service.document())) == []


def test_a_field_that_is_not_known_is_an_error_not_a_loss() -> None:
    with pytest.raises(ValidationError, match="nmae"):
        records.read("service", {"nmae": {"ar": "x", "en": "x"}})
    with pytest.raises(KeyError):
        records.read("shop", {})
