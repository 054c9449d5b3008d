from datetime import date

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from directory.models import Organization
from directory.places import load_places, nearest_district, place_name
from directory.search import Page, search
from tests.directory.rows import add_service


def names(page: Page) -> list[str]:
    return [found.service_name["en"] for found in page.results]


async def test_most_needs_then_the_asked_district_then_the_most_recently_assured(session: AsyncSession) -> None:
    await add_service(session, "sinjar, new", place="IQG15Q07", assured=date(2026, 11, 1))
    await add_service(session, "mosul, old", assured=date(2026, 9, 1))
    await add_service(session, "mosul, never", assured=None)
    await add_service(session, "mosul, new", assured=date(2026, 10, 1))
    await add_service(session, "sinjar, both", place="IQG15Q07", needs=("mhpss", "cash"), assured=None)
    await add_service(session, "another governorate", place="IQG09Q02")
    await add_service(session, "another need", needs=("food",))

    page = await search(session, needs=["mhpss", "cash"], place="IQG15Q05", limit=9, demo=False)

    assert names(page) == ["sinjar, both", "mosul, new", "mosul, old", "mosul, never", "sinjar, new"]
    assert page.total == 5


async def test_a_governorate_holds_its_districts_and_what_serves_all_of_it(session: AsyncSession) -> None:
    await add_service(session, "in a district", place="IQG15Q07", assured=date(2026, 11, 1))
    await add_service(session, "all of it", place="IQG15", assured=date(2026, 10, 1))
    assert names(await search(session, needs=["mhpss"], place="IQG15", demo=False)) == ["all of it", "in a district"]


async def test_without_a_place_all_of_iraq_is_searched(session: AsyncSession) -> None:
    await add_service(session, "mosul")
    await add_service(session, "duhok", place="IQG09Q02")
    page = await search(session, needs=["mhpss"], place=None, demo=False)
    assert set(names(page)) == {"mosul", "duhok"}
    assert page.place_name is None


async def test_pages_follow_each_other_and_end(session: AsyncSession) -> None:
    for number in range(5):
        await add_service(session, f"service {number}")
    pages = [await search(session, needs=["mhpss"], place="IQG15", offset=at, demo=False) for at in (0, 2, 4, 6)]
    assert [len(page.results) for page in pages] == [2, 2, 1, 0]
    assert [page.has_more for page in pages] == [True, True, False, False]
    assert [page.total for page in pages] == [5, 5, 5, 5]
    seen = [found.service_at_location_id for page in pages for found in page.results]
    assert len(set(seen)) == 5


@pytest.mark.parametrize("status", ["draft", "archived"])
async def test_only_published_services_are_found(session: AsyncSession, status: str) -> None:
    await add_service(session, "hidden", status=status)
    assert (await search(session, needs=["mhpss"], place="IQG15", demo=True)).total == 0


@pytest.mark.parametrize("marked", ["organization", "service", "location"])
async def test_rows_marked_demo_show_only_in_demo_mode(session: AsyncSession, marked: str) -> None:
    await add_service(session, "made up", demo=(marked,))
    assert (await search(session, needs=["mhpss"], place="IQG15", demo=False)).total == 0
    page = await search(session, needs=["mhpss"], place="IQG15", demo=True)
    assert [found.is_demo for found in page.results] == [True]


async def test_a_demo_phone_of_a_real_service_shows_only_in_demo_mode(session: AsyncSession) -> None:
    await add_service(session, "real", demo=("phone",))
    real = (await search(session, needs=["mhpss"], place="IQG15", demo=False)).results[0]
    assert (real.phone, real.is_demo) == (None, False)
    shown = (await search(session, needs=["mhpss"], place="IQG15", demo=True)).results[0]
    assert (shown.phone, shown.is_demo) == ("+447700900999", True)


@pytest.mark.parametrize(
    ("needs", "place"), [(["mhpss", "gold"], "IQG15"), ([], "IQG15"), (["mhpss"], "IQG99"), (["mhpss"], "")]
)
async def test_unknown_codes_are_refused(session: AsyncSession, needs: list[str], place: str) -> None:
    with pytest.raises(ValueError, match=r"need|place"):
        await search(session, needs=needs, place=place, demo=False)


async def test_place_name(session: AsyncSession) -> None:
    assert await place_name(session, "IQG15Q05", "ar") == "الموصل"
    assert await place_name(session, "IQG15Q05", "en") == "Mosul"
    with pytest.raises(ValueError, match="IQG99"):
        await place_name(session, "IQG99", "en")


@pytest.mark.parametrize(
    ("point", "code"),
    [((36.35, 43.15), "IQG15Q05"), ((37.14, 42.70), "IQG09Q04"), ((30.60, 47.70), "IQG02Q02"), ((51.5, -0.1), None)],
)
async def test_a_point_counts_for_the_nearest_district(
    session: AsyncSession, point: tuple[float, float], code: str | None
) -> None:
    assert await nearest_district(session, *point) == code


async def test_places_load_again_without_harm(session: AsyncSession) -> None:
    await load_places(session)
    assert await place_name(session, "IQG15", "en") == "Ninewa"


@pytest.mark.parametrize("name", [{"ar": "اسم"}, {"en": "name"}, {"ar": "", "en": "name"}])
async def test_a_text_in_one_language_only_is_refused(session: AsyncSession, name: dict[str, str]) -> None:
    session.add(Organization(name=name))
    with pytest.raises(IntegrityError, match="both_languages"):
        await session.flush()
