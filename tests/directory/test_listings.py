"""Listings say what search and /hsds need, also of what no search shows."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from directory import listings, publishing
from directory.models import Entry, Listing, Place
from directory.records import At, Location, Words
from directory.search import Wanted, by_words, search
from infrastructure.local_time import day_in_iraq
from tests.directory.rows import add_service

TODAY = day_in_iraq()


async def test_what_nobody_ever_assured_is_listed_but_never_found(session: AsyncSession) -> None:
    service = await add_service(session, "Unheard", assured=None, needs=("food",))
    (row,) = await session.scalars(select(Listing).where(Listing.service_id == service.id))
    assert row.shown_until < date(1950, 1, 1)
    assert (await search(session, Wanted(["food"], "IQG15Q05"), demo=False)).total == 0
    assert await by_words(session, "Unheard", demo=False) == ()


async def test_a_confidential_location_counts_as_in_the_middle_of_its_governorate(session: AsyncSession) -> None:
    shelter = {"is_confidential": True, "address": Words()}
    service = await add_service(session, "Shelter", place="IQG15Q07", location=shelter)
    (row,) = await session.scalars(select(Listing).where(Listing.service_id == service.id))
    ninewa = await session.get_one(Place, "IQG15")
    assert (row.latitude, row.longitude) == (ninewa.latitude, ninewa.longitude)
    assert row.place_code == "IQG15Q07"


async def test_a_listing_changes_with_every_part_even_one_that_left(session: AsyncSession) -> None:
    service = await add_service(session, "Two doors")
    other = Location(place="IQG08")
    await publishing.published(session, other)
    await publishing.published(session, service.model_copy(update={"at": [*service.at, At(location_id=other.id)]}))
    await publishing.archive(session, other.id)
    later = datetime.now(UTC) + timedelta(days=1)
    await session.execute(update(Entry).where(Entry.id == other.id).values(changed_at=later))
    await listings.renew(session, [service.id])
    (row,) = await session.scalars(select(Listing).where(Listing.service_id == service.id))
    assert row.changed_at == later


async def test_listings_that_were_thrown_away_are_made_anew(demo: AsyncSession) -> None:
    async def all_of_them() -> list[tuple[object, ...]]:
        columns = (Listing.service_id, Listing.location_id, Listing.keys, Listing.found, Listing.changed_at)
        return [tuple(row) for row in await demo.execute(select(*columns).order_by(*columns[:2]))]

    before = await all_of_them()
    assert len(before) > 100
    await demo.execute(delete(Listing))
    await listings.make_if_none(demo)
    assert await all_of_them() == before
    first = before[0][0]
    await demo.execute(delete(Listing).where(Listing.service_id != first))
    await listings.make_if_none(demo)
    assert {row[0] for row in await all_of_them()} == {first}
