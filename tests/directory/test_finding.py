"""The staff's list: what is published and what is being written, by words, need, place and status."""

from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from directory import publishing
from directory.finding import Sought, by_district, documents, entries, using
from directory.records import At, Location, Organization, Service, Words
from tests.directory.rows import a_service, add_service, both


async def names(session: AsyncSession, sought: Sought) -> set[str]:
    rows, total = await entries(session, sought)
    assert total == len(rows)
    return {row.document["name"]["en"] for row in rows}


async def draft(session: AsyncSession, service: Service) -> None:
    await publishing.propose(session, service, author=None)


async def test_what_is_published_and_what_is_being_written_are_in_one_list(session: AsyncSession) -> None:
    await add_service(session, "published")
    await draft(session, a_service("new"))
    changed = await add_service(session, "old name")
    changed.name = both("new name")
    await publishing.propose(session, changed, author=None, base=1)

    assert await names(session, Sought()) == {"published", "new", "new name"}
    assert await names(session, Sought(standing="draft")) == {"new", "new name"}
    assert await names(session, Sought(standing="published")) == {"published", "new name"}
    rows, _ = await entries(session, Sought(words="new name"))
    assert [(row.status, row.open_state) for row in rows] == [("published", "draft")]


async def test_archived_ones_are_found_by_their_status(session: AsyncSession) -> None:
    service = await add_service(session, "gone")
    await publishing.archive(session, service.id)
    assert await names(session, Sought(standing="archived")) == {"gone"}
    assert await names(session, Sought(standing="published")) == set()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("MENTAL", True),
        ("health mental", True),
        ("النفسيه", True),
        ("إلنفسية", True),
        ("mental surgery", False),
        ("%", True),  # nothing to look for: everything
        ("x" * 10_000, False),
    ],
)
async def test_words_in_either_language_however_they_are_spelt(session: AsyncSession, words: str, found: bool) -> None:
    await draft(session, Service(name=Words(ar="الصحة النفسية", en="Mental health")))
    assert bool((await entries(session, Sought(words=words)))[1]) is found


async def test_a_governorate_has_what_is_in_its_districts(session: AsyncSession) -> None:
    await add_service(session, "in Mosul", place="IQG15Q05")
    await add_service(session, "in Erbil", place="IQG11")
    location = Location(place="IQG15Q05")
    await publishing.propose(session, location, author=None)
    await draft(session, a_service("draft in Mosul", at=[At(location_id=location.id)]))
    assert await names(session, Sought(place="IQG15")) == {"in Mosul", "draft in Mosul"}
    assert await names(session, Sought(place="IQG15Q05")) == {"in Mosul", "draft in Mosul"}
    assert await names(session, Sought(place="IQG11")) == {"in Erbil"}
    assert await names(session, Sought(place="nowhere%")) == set()
    assert await by_district(session, Sought()) == {"IQG15Q05": 2, "IQG11": 1}
    assert (await by_district(session, Sought(kind="location")))["IQG15Q05"] == 2
    assert await by_district(session, Sought(kind="organization")) == {}


async def test_need_organization_and_pages(session: AsyncSession) -> None:
    food = await add_service(session, "food", needs=("food", "cash"))
    await add_service(session, "school", needs=("education",))
    assert await names(session, Sought(need="cash")) == {"food"}
    assert await names(session, Sought(organization=food.organization_id)) == {"food"}
    first, total = await entries(session, Sought(), limit=1)
    second, _ = await entries(session, Sought(), offset=1, limit=1)
    assert (len(first), len(second), total) == (1, 1, 2)
    assert first[0].id != second[0].id


async def test_who_uses_an_organization_or_a_location(session: AsyncSession) -> None:
    service = await add_service(session, "it")
    await add_service(session, "another")
    for part in (service.organization_id, service.at[0].location_id):
        assert part
        assert [row.id for row in await using(session, part)] == [service.id]


async def test_the_newest_documents(session: AsyncSession) -> None:
    organization = Organization(name=both("draft"))
    await publishing.propose(session, organization, author=None)
    service = await add_service(session, "published")
    found = await documents(session, [organization.id, service.id, UUID(int=7)])
    assert {document["name"]["en"] for document in found.values()} == {"draft", "published"}


async def test_what_was_given_up_before_it_ever_stood_is_not_listed(session: AsyncSession) -> None:
    service = a_service("never")
    revision = await publishing.propose(session, service, author=None)
    revision.state = "rejected"
    await session.flush()
    assert await names(session, Sought()) == set()
