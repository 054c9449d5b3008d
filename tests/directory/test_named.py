"""Organizations are found by the names that people write."""

from datetime import date

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from directory import publishing
from directory.models import Entry
from directory.named import organizations
from directory.records import Organization, Service, Words
from directory.search import Wanted, search
from tests.directory.rows import add_service

TODAY = date(2026, 11, 26)
CRESCENT = Words(ar="جمعية الهلال الأحمر العراقي", en="Iraqi Red Crescent Society")
COUNCIL = Words(ar="المجلس النرويجي للاجئين (NRC)", en="Norwegian Refugee Council (NRC)")
HOPE = Words(ar="جمعية الأمل", en="Hope Society")
GERMAN = Words(ar="الوكالة الألمانية للتعاون", en="German Agency for Cooperation (GIZ)")
CARE = Words(ar="منظمة كير (CARE)", en="CARE in Iraq (CARE)")


async def offer(session: AsyncSession, name: Words, service_name: str = "it", **values: object) -> Service:
    """A service of an organization of this name."""
    service = await add_service(session, service_name, **values)  # type: ignore[arg-type]
    assert service.organization_id
    await publishing.published(session, Organization(id=service.organization_id, name=name))
    return service


async def named(session: AsyncSession, text: str) -> list[str]:
    """The English names of the organizations that a text names."""
    found = [await session.get_one(Entry, one) for one in await organizations(session, text, demo=False, today=TODAY)]
    return [str((one.document or {})["name"]["en"]) for one in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("وين مكتب الهلال الاحمر بالموصل؟", CRESCENT),
        ("رقم جمعية الهلال الأحمر العراقي", CRESCENT),
        ("رحت للهلال الاحمر وما لكيت احد", CRESCENT),
        ("where is the red crescent in mosul", CRESCENT),
        ("the Iraqi Red Crescent Society's phone", CRESCENT),
        ("NRC phone number please", COUNCIL),
        ("وين مكتب NRC", COUNCIL),
        ("nrc mosul", COUNCIL),
        ("المجلس النرويجي للاجئين بدهوك", COUNCIL),
        ("norwegian refugee council dohuk", COUNCIL),
        ("وين جمعية الامل", HOPE),
        ("هل جمعية الأمل تنطي اكل", HOPE),
        ("CARE office", CARE),
        ("وين الوكالة الالمانية للتعاون", GERMAN),
        ("مكتب GIZ بأربيل", GERMAN),
    ],
)
async def test_a_name_as_people_write_it(session: AsyncSession, text: str, expected: Words) -> None:
    for name in (CRESCENT, COUNCIL, HOPE, GERMAN, CARE):
        await offer(session, name)
    assert await named(session, text) == [expected.en]


@pytest.mark.parametrize(
    "text",
    [
        "عندي امل ارجع",
        "I hope somebody can help me",
        "هلال رمضان",
        "pregnancy care",
        "take care",
        "who can care for my old mother in Mosul",
        "I am a refugee, is there a council",
        "جمعية",
        "society",
        "nrcx",
        "وين اكو مساعدة",
        "",
        "؟!",
        "x" * 10_000,
    ],
)
async def test_words_that_are_no_name(session: AsyncSession, text: str) -> None:
    for name in (CRESCENT, COUNCIL, HOPE, GERMAN, CARE):
        await offer(session, name)
    assert await named(session, text) == []


async def test_two_of_one_short_name_are_both_meant(session: AsyncSession) -> None:
    other = Words(ar="الهلال الأحمر الكويتي", en="Kuwait Red Crescent Society")
    first, second = await offer(session, CRESCENT), await offer(session, other)
    third = await offer(session, Words(ar="جمعية الهلال الأحمر", en="Red Crescent Society"))
    ids = await organizations(session, "الهلال الاحمر", demo=False, today=TODAY)
    assert set(ids) == {first.organization_id, third.organization_id}
    assert await organizations(session, "الهلال الاحمر الكويتي", demo=False, today=TODAY) == [second.organization_id]
    page = await search(session, Wanted((), organizations=ids), demo=False, today=TODAY)
    assert page.total == 2
    assert page.organization_name is None


async def test_names_that_are_hardly_names_harm_nothing(session: AsyncSession) -> None:
    for name in (
        "ال",
        "الماني",
        "الالماني",
        "()",
        "( ) ((",
        "a b",
        "جمعية",
        "٣",
        "x" * 40,
        "جمعية الألماني",
        "جمعية الماني",
    ):
        await offer(session, Words(ar=name, en=name))
    assert await named(session, "وين مكتب الهلال الاحمر بالموصل") == []
    assert len(await named(session, "وين جمعية الالماني")) == 1


async def test_who_shows_nothing_is_not_named(session: AsyncSession) -> None:
    await offer(session, CRESCENT, assured=date(2024, 1, 1))
    await offer(session, HOPE, demo=("service",))
    assert await named(session, "red crescent") == []
    assert await named(session, "hope society") == []
    assert len(await organizations(session, "hope society", demo=True, today=TODAY)) == 1


async def test_their_services_here_or_nearest(session: AsyncSession) -> None:
    service = await offer(session, CRESCENT, place="IQG15Q05")
    await add_service(session, "of another", place="IQG15Q05")
    wanted = {"organizations": [service.organization_id]}
    here = await search(session, Wanted((), "IQG15Q05", **wanted), demo=False, today=TODAY)  # type: ignore[arg-type]
    assert [one.service_id for one in here.results] == [service.id]
    assert (here.organization_name, here.is_nearby) == (CRESCENT.spoken(), False)
    far = await search(session, Wanted((), "IQG02", **wanted), demo=False, today=TODAY)  # type: ignore[arg-type]
    assert (far.organization_name, far.is_nearby, far.total) == (CRESCENT.spoken(), True, 1)
    needed = await search(session, Wanted(["food"], **wanted), demo=False, today=TODAY)  # type: ignore[arg-type]
    assert needed.total == 0
