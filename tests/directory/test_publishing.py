"""From draft to published and back: who may, in which order, and what happens to the one who comes second."""

from datetime import date
from uuid import UUID

import pytest
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from directory import publishing, records
from directory.completeness import Incomplete
from directory.differences import Difference, differences, merged
from directory.models import Entry, Listing, Revision
from directory.publishing import Conflict, NotAllowed, mark
from directory.records import Location, Organization, Service, Words
from infrastructure.audit import AuditRecord
from tests.directory.rows import a_service, add_service, add_staff, both


@pytest.fixture
async def writer(session: AsyncSession) -> UUID:
    return await add_staff(session, "writer")


@pytest.fixture
async def reviewer(session: AsyncSession) -> UUID:
    return await add_staff(session, "reviewer")


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
    theirs = service.model_copy(update={"name": both("theirs")})
    draft = await publishing.propose(session, theirs, author=reviewer, base=1)
    mine = service.model_copy(update={"summary": both("mine")})
    with pytest.raises(Conflict) as conflict:
        await publishing.propose(session, mine, author=writer, base=1)
    assert conflict.value.document == theirs.document()

    # Somebody who saw both goes on from there, and the other's version is not lost.
    both_of_us = records.read("service", merged(mine.document(), theirs.document(), {"name"}))
    now = conflict.value
    revision = await publishing.propose(session, both_of_us, author=writer, base=now.base, seen=now.seen)
    assert (revision.document["name"]["en"], revision.document["summary"]["en"]) == ("theirs", "mine")
    assert (draft.state, draft.document) == ("replaced", theirs.document())


async def test_who_began_before_something_was_published_sees_it(
    session: AsyncSession, writer: UUID, reviewer: UUID
) -> None:
    service = await add_service(session, "it")
    theirs = await in_review(session, service.model_copy(update={"name": both("theirs")}), reviewer, base=1)
    await publishing.publish(session, theirs, by=writer)
    with pytest.raises(Conflict) as conflict:
        await publishing.propose(session, service, author=writer, base=1)
    assert (conflict.value.document, conflict.value.base) == (theirs.document, theirs.number)


async def test_an_author_saves_one_draft_again_and_again_but_not_from_an_old_tab(
    session: AsyncSession, writer: UUID
) -> None:
    organization = Organization(name=both("first"))
    draft = await publishing.propose(session, organization, author=writer)
    old_tab = mark(draft)
    organization.name = both("second")
    again = await publishing.propose(session, organization, author=writer, seen=old_tab)
    assert (again.id, again.document["name"]["en"]) == (draft.id, "second")
    with pytest.raises(Conflict):
        await publishing.propose(session, organization, author=writer, seen=old_tab)


async def test_what_is_given_up_is_out_of_the_way_and_not_lost(session: AsyncSession, writer: UUID) -> None:
    organization = Organization(name=both("first"))
    draft = await publishing.propose(session, organization, author=writer)
    await publishing.discard(session, draft, by=writer)
    assert (draft.state, draft.document) == ("rejected", organization.document())
    await publishing.propose(session, organization, author=writer)
    with pytest.raises(NotAllowed):
        await publishing.discard(session, draft, by=writer)


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


async def test_a_new_service_goes_with_its_new_organization_and_location(
    session: AsyncSession, writer: UUID, reviewer: UUID
) -> None:
    organization, location = Organization(name=both("new")), Location(place="IQG15Q05", address=both("a street"))
    at = records.At(location_id=location.id)
    service = a_service("it", organization_id=organization.id, at=[at])
    for part in (organization, location):
        await publishing.propose(session, part, author=writer)
    revision = await in_review(session, service, writer)
    await publishing.publish(session, revision, by=reviewer)
    assert {(await session.get_one(Entry, one)).status for one in (organization.id, location.id)} == {"published"}
    assert await name_shown(session, service) == "it"


async def test_what_a_new_part_lacks_is_said_with_its_field(session: AsyncSession, writer: UUID) -> None:
    service = await add_service(session, "it")
    location = Location()
    await publishing.propose(session, location, author=writer)
    service.at.append(records.At(location_id=location.id))
    revision = await publishing.propose(session, service, author=writer, base=1)
    with pytest.raises(Incomplete) as incomplete:
        await publishing.submit(session, revision)
    assert incomplete.value.problems == [("at[1].location_id.place", "missing")]
    service.at[1].location_id = service.organization_id or UUID(int=1)
    other = await publishing.propose(session, service, author=writer, base=1, seen=mark(revision))
    with pytest.raises(Incomplete, match=r"at\[1\].location_id: not_published"):
        await publishing.submit(session, other)


async def test_an_assurance_needs_no_review_and_disturbs_no_draft(session: AsyncSession, writer: UUID) -> None:
    service = await add_service(session, "it", assured=date(2026, 1, 1))
    draft = await publishing.propose(session, service.model_copy(update={"name": both("new")}), author=writer, base=1)
    await publishing.assure(session, service.id, date(2026, 11, 20), by=None)
    entry = await session.get_one(Entry, service.id)
    listing = (await session.scalars(select(Listing).where(Listing.service_id == service.id))).one()
    assert entry.document
    assert (entry.document["assured_date"], listing.assured_date) == ("2026-11-20", date(2026, 11, 20))
    assert (draft.base, draft.document["name"]["en"], draft.document["assured_date"]) == (
        entry.published,
        "new",
        "2026-11-20",
    )
    await publishing.submit(session, draft)
    with pytest.raises(NotAllowed):
        await publishing.assure(session, service.at[0].location_id, date(2026, 11, 20), by=None)


async def test_all_of_many_are_published(session: AsyncSession, writer: UUID, reviewer: UUID) -> None:
    revisions = [await in_review(session, Organization(name=both(str(number))), writer) for number in range(3)]
    await publishing.publish_all(session, revisions, by=reviewer)
    assert {revision.state for revision in revisions} == {"published"}


async def test_every_move_is_in_the_log(session: AsyncSession, writer: UUID, reviewer: UUID) -> None:
    organization = Organization(name=both("somebody"))
    revision = await in_review(session, organization, writer)
    await publishing.publish(session, revision, by=reviewer)
    await publishing.archive(session, organization.id, by=reviewer)
    rows = await session.scalars(
        select(AuditRecord).where(AuditRecord.subject_id == organization.id).order_by(AuditRecord.id)
    )
    assert [(row.action, row.actor_id) for row in rows] == [
        ("entry.saved", writer),
        ("entry.submitted", writer),
        ("entry.published", reviewer),
        ("entry.archived", reviewer),
    ]


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
    found = list(differences(service.document(), other.document()))
    assert found == [
        Difference("name.en", "a", "b"),
        Difference("needs", ["food"], ["food", "cash"]),
        Difference(
            "at[0].phones[0]", None, {"number": "911", "description": {"ar": "", "en": "", "ckb": ""}, "is_demo": False}
        ),
    ]
    assert list(differences(service.document(), service.document())) == []


def test_a_field_that_is_not_known_is_an_error_not_a_loss() -> None:
    with pytest.raises(ValidationError, match="nmae"):
        records.read("service", {"nmae": {"ar": "x", "en": "x"}})
    with pytest.raises(KeyError):
        records.read("shop", {})
