from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from directory import publishing
from directory.models import Listing, Place, Word
from directory.places import gazetteer, load_places, nearest_district, place_name
from directory.records import At, Hours, Location
from directory.results import Page
from directory.search import Wanted, by_words, search
from infrastructure.local_time import BAGHDAD
from tests.directory.rows import HOURS, add_service, both

TODAY = date(2026, 11, 26)
EVERY_DAY = Hours(byday=["SU", "MO", "TU", "WE", "TH", "FR", "SA"], opens_at="08:00", closes_at="16:00")


def names(page: Page) -> list[str]:
    return [found.service_name["en"] for found in page.results]


async def find(session: AsyncSession, needs: list[str], place: str | None, **how: Any) -> Page:
    wanted = {name: how.pop(name) for name in ("point", "eligible", "open_at") if name in how}
    return await search(session, Wanted(needs, place, **wanted), today=TODAY, **how)


async def test_most_needs_then_the_asked_district_then_the_most_recently_assured(session: AsyncSession) -> None:
    await add_service(session, "sinjar, new", place="IQG15Q07", assured=date(2026, 11, 1))
    await add_service(session, "mosul, old", assured=date(2026, 9, 1))
    await add_service(session, "mosul, new", assured=date(2026, 10, 1))
    await add_service(session, "sinjar, both", place="IQG15Q07", needs=("mhpss", "cash"), assured=date(2026, 9, 30))
    await add_service(session, "another governorate", place="IQG09Q02")
    await add_service(session, "another need", needs=("food",))

    page = await find(session, ["mhpss", "cash"], "IQG15Q05", limit=9, demo=False)

    assert names(page) == ["sinjar, both", "mosul, new", "mosul, old", "sinjar, new"]
    assert page.total == 4


async def test_a_governorate_holds_its_districts_and_what_serves_all_of_it(session: AsyncSession) -> None:
    await add_service(session, "in a district", place="IQG15Q07", assured=date(2026, 11, 1))
    await add_service(session, "all of it", place="IQG15", assured=date(2026, 10, 1))
    assert names(await find(session, ["mhpss"], "IQG15", demo=False)) == ["all of it", "in a district"]


async def test_without_a_place_all_of_iraq_is_searched(session: AsyncSession) -> None:
    await add_service(session, "mosul")
    await add_service(session, "duhok", place="IQG09Q02")
    page = await find(session, ["mhpss"], None, demo=False)
    assert set(names(page)) == {"mosul", "duhok"}
    assert page.place_name is None


async def test_pages_follow_each_other_and_end(session: AsyncSession) -> None:
    for number in range(5):
        await add_service(session, f"service {number}")
    pages = [await find(session, ["mhpss"], "IQG15", offset=at, demo=False) for at in (0, 2, 4, 6)]
    assert [len(page.results) for page in pages] == [2, 2, 1, 0]
    assert [page.has_more for page in pages] == [True, True, False, False]
    assert [page.total for page in pages] == [5, 5, 5, 5]
    seen = [(found.service_id, found.location_id) for page in pages for found in page.results]
    assert len(set(seen)) == 5


async def test_an_archived_service_is_not_found(session: AsyncSession) -> None:
    service = await add_service(session, "closed for good")
    await publishing.archive(session, service.id)
    assert (await find(session, ["mhpss"], "IQG15", demo=True)).total == 0


async def test_a_service_of_an_archived_organization_is_not_found(session: AsyncSession) -> None:
    service = await add_service(session, "orphan")
    assert service.organization_id
    await publishing.archive(session, service.organization_id)
    assert (await find(session, ["mhpss"], "IQG15", demo=True)).total == 0


async def test_an_address_mended_once_is_mended_in_every_answer(session: AsyncSession) -> None:
    first = await add_service(session, "first", location={"address": both("wrong")})
    await add_service(session, "second", at=first.at, location={"address": both("right")})
    page = await find(session, ["mhpss"], "IQG15", demo=False)
    assert [found.address for found in page.results] == [{"ar": "right", "en": "right"}] * 2


@pytest.mark.parametrize("marked", ["organization", "service", "location"])
async def test_rows_marked_demo_show_only_in_demo_mode(session: AsyncSession, marked: str) -> None:
    await add_service(session, "made up", demo=(marked,))
    assert (await find(session, ["mhpss"], "IQG15", demo=False)).total == 0
    page = await find(session, ["mhpss"], "IQG15", demo=True)
    assert [found.is_demo for found in page.results] == [True]


async def test_a_demo_phone_of_a_real_service_shows_only_in_demo_mode(session: AsyncSession) -> None:
    await add_service(session, "real", demo=("phone",))
    real = (await find(session, ["mhpss"], "IQG15", demo=False)).results[0]
    assert (real.phone, real.is_demo) == (None, False)
    shown = (await find(session, ["mhpss"], "IQG15", demo=True)).results[0]
    assert (shown.phone, shown.is_demo) == ("+447700900999", True)


@pytest.mark.parametrize(
    ("needs", "place"), [(["mhpss", "gold"], "IQG15"), ([], "IQG15"), (["mhpss"], "IQG99"), (["mhpss"], "")]
)
async def test_unknown_codes_are_refused(session: AsyncSession, needs: list[str], place: str) -> None:
    with pytest.raises(ValueError, match=r"need|place"):
        await find(session, needs, place, demo=False)


def test_place_name() -> None:
    assert place_name("IQG15Q05", "ar") == "الموصل"
    assert place_name("IQG15Q05", "en") == "Mosul"
    with pytest.raises(ValueError, match="IQG99"):
        place_name("IQG99", "en")


@pytest.mark.parametrize(
    ("point", "code"),
    [((36.35, 43.15), "IQG15Q05"), ((37.14, 42.70), "IQG09Q04"), ((30.60, 47.70), "IQG02Q02"), ((51.5, -0.1), None)],
)
def test_a_point_counts_for_the_nearest_district(point: tuple[float, float], code: str | None) -> None:
    assert nearest_district(*point) == code


async def test_places_load_again_without_harm(session: AsyncSession) -> None:
    await load_places(session)
    stored = {place.code: place.name for place in await session.scalars(select(Place))}
    assert stored == {code: place.name for code, place in gazetteer().items()}


async def test_the_nearest_elsewhere_where_the_governorate_has_none(session: AsyncSession) -> None:
    await add_service(session, "basra", place="IQG02Q02")
    await add_service(session, "erbil", place="IQG11Q02")
    page = await find(session, ["mhpss"], "IQG15Q05", demo=False)
    assert (names(page), page.is_nearby, page.total) == (["erbil", "basra"], True, 2)
    assert page.place_name
    assert page.place_name["en"] == "Mosul"


async def test_a_pin_puts_the_nearest_first(session: AsyncSession) -> None:
    far, near = {"latitude": 36.1, "longitude": 42.9}, {"latitude": 36.34, "longitude": 43.13}
    await add_service(session, "far", location=far, assured=date(2026, 11, 1))
    await add_service(session, "near", location=near, assured=date(2026, 10, 1))
    assert names(await find(session, ["mhpss"], "IQG15Q05", point=(36.35, 43.14), demo=False)) == ["near", "far"]


async def test_who_asks_is_not_sent_to_what_is_for_others(session: AsyncSession) -> None:
    await add_service(session, "returnees", eligible=["returnee"])
    await add_service(session, "women", eligible=["women", "idp"])
    await add_service(session, "everybody")
    page = await find(session, ["mhpss"], "IQG15", eligible=["idp"], limit=9, demo=False)
    assert sorted(names(page)) == ["everybody", "women"]


async def test_nobody_says_all_that_they_are(session: AsyncSession) -> None:
    await add_service(session, "children", eligible=["children"])
    await add_service(session, "refugee children", eligible=["refugee", "children"])
    await add_service(session, "returnees", eligible=["returnee"])
    refugee = await find(session, ["mhpss"], "IQG15", eligible=["refugee"], limit=9, demo=False)
    assert sorted(names(refugee)) == ["children", "refugee children"]
    older = await find(session, ["mhpss"], "IQG15", eligible=["older_people"], limit=9, demo=False)
    assert sorted(names(older)) == ["returnees"]


async def test_a_pin_says_how_far_it_is_but_never_to_what_is_confidential(session: AsyncSession) -> None:
    here = {"latitude": 36.36, "longitude": 43.15}
    await add_service(session, "clinic", location=here)
    await add_service(session, "district only", assured=date(2026, 9, 1))
    await add_service(session, "shelter", location={"is_confidential": True, "address": both("")})
    page = await find(session, ["mhpss"], "IQG15Q05", point=(36.35, 43.14), limit=9, demo=False)
    far = {found.service_name["en"]: found.kilometres for found in page.results}
    assert far["district only"] is far["shelter"] is None
    assert far["clinic"] == pytest.approx(1.43, abs=0.02)


async def test_a_full_service_comes_last(session: AsyncSession) -> None:
    await add_service(session, "full", capacity="full", assured=date(2026, 11, 20))
    await add_service(session, "open", assured=date(2026, 10, 1))
    assert names(await find(session, ["mhpss"], "IQG15", demo=False)) == ["open", "full"]


@pytest.mark.parametrize(
    ("assured", "is_found", "is_due"),
    [
        (date(2026, 11, 20), True, False),
        (date(2026, 8, 20), True, True),  # 98 days: mhpss is due after 90
        (date(2026, 5, 20), False, False),  # 190 days: no longer said
        (None, False, False),
    ],
)
async def test_what_nobody_checked_for_long_is_said_with_its_date_then_not_at_all(
    session: AsyncSession, assured: date | None, is_found: bool, is_due: bool
) -> None:
    await add_service(session, "it", assured=assured)
    found = (await find(session, ["mhpss"], "IQG15", demo=False)).results
    assert [one.is_due for one in found] == ([is_due] if is_found else [])


@pytest.mark.parametrize(
    ("values", "is_found"),
    [
        ({"valid_from": date(2026, 11, 27)}, False),
        ({"valid_from": date(2026, 11, 26)}, True),
        ({"valid_until": date(2026, 11, 25)}, False),
        ({"valid_until": date(2026, 11, 26)}, True),
    ],
)
async def test_a_service_shows_while_it_is_valid(
    session: AsyncSession, values: dict[str, date], is_found: bool
) -> None:
    await add_service(session, "it", **values)
    assert (await find(session, ["mhpss"], "IQG15", demo=False)).total == is_found


async def test_a_confidential_location_tells_its_place_and_numbers_only(session: AsyncSession) -> None:
    await add_service(session, "shelter", location={"is_confidential": True, "address": {}})
    [found] = (await find(session, ["mhpss"], "IQG15", demo=False)).results
    assert (found.address, found.phone) == (None, "+447700900999")
    assert "an address" not in str([row.found for row in await session.scalars(select(Listing))])


@pytest.mark.parametrize("text", ["bakery training", "تدريب الخبازين", "التدريب", "traning bakry", "BAKERY"])
async def test_words_in_either_language_misspelt_too(session: AsyncSession, text: str) -> None:
    await add_service(session, "Bakery training", summary={"ar": "تدريب الخبّازين", "en": "Learn to bake"})
    await add_service(session, "Dentist", summary={"ar": "طبيب أسنان", "en": "Teeth"})
    found = await by_words(session, text, demo=False, today=TODAY)
    assert found
    assert found[0].service_name["en"] == "Bakery training"


async def test_all_words_before_any(session: AsyncSession) -> None:
    for name in ("Bakery training", "Dental training", "Bakery"):
        await add_service(session, name)

    async def names(text: str) -> set[str]:
        return {one.service_name["en"] for one in await by_words(session, text, demo=False, today=TODAY)}

    assert await names("bakery training") == {"Bakery training"}
    # One word misspelt, one right: still both.
    assert await names("bakrey training") == {"Bakery training"}
    assert await names("bakery dental") == {"Bakery training", "Dental training", "Bakery"}
    # Nothing is like it: the others decide.
    assert await names("xyzzyq dental") == {"Dental training"}
    assert await names("den") == {"Dental training"}


async def test_words_of_what_is_gone_find_nothing(session: AsyncSession) -> None:
    service = await add_service(session, "Bakery")
    await publishing.archive(session, service.id)
    assert await by_words(session, "bakery", demo=False, today=TODAY) == ()
    assert await by_words(session, "bakrey", demo=False, today=TODAY) == ()
    assert await session.get(Word, "bakery")


@pytest.mark.parametrize("text", ["", "!!", "' | & ! :* (", "\x00", "x" * 10_000, "zzzzqqq"])
async def test_words_that_name_nothing_find_nothing(session: AsyncSession, text: str) -> None:
    await add_service(session, "it")
    assert await by_words(session, text, demo=False, today=TODAY) == ()


async def test_what_is_closed_at_that_moment_is_left_out(session: AsyncSession) -> None:
    closed = Hours(kind="closed", valid_from=date(2026, 11, 25), valid_to=date(2026, 11, 30))
    for name, schedules in (
        ("open", [EVERY_DAY]),
        ("shut", [HOURS]),
        ("holiday", [EVERY_DAY, closed]),
        ("unknown", []),
    ):
        await add_service(session, name, at=[At(location_id=Location().id, schedules=schedules)])
    thursday = datetime(2026, 11, 26, 10, tzinfo=BAGHDAD)
    page = await find(session, ["mhpss"], "IQG15", open_at=thursday, limit=9, demo=False)
    assert (sorted(names(page)), page.total) == (["open", "unknown"], 2)
    night = await find(session, ["mhpss"], "IQG15", open_at=thursday.replace(hour=22), limit=9, demo=False)
    assert names(night) == ["unknown"]


async def test_where_nothing_is_open_all_is_shown_and_said_so(session: AsyncSession) -> None:
    await add_service(session, "shut", at=[At(location_id=Location().id, schedules=[HOURS])])
    night = datetime(2026, 11, 26, 22, tzinfo=BAGHDAD)
    page = await find(session, ["mhpss"], "IQG15", open_at=night, demo=False)
    assert (names(page), page.none_open, page.is_nearby) == (["shut"], True, False)
    nothing = await find(session, ["food"], "IQG15", open_at=night, demo=False)
    assert nothing.total == 0
