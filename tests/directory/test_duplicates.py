"""What may be the same thing entered twice, what merging does, and that nothing is lost on the way."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from directory import duplicates, merging, publishing
from directory.duplicates import SHARED_BY, Pair, pairs, similar
from directory.likeness import known_by
from directory.models import Entry, Listing, Revision
from directory.publishing import NotAllowed
from directory.records import At, Kind, Location, Organization, PhoneNumber, Record, Service, Words, kind_of
from infrastructure.audit import AuditRecord
from tests.directory.rows import HOURS, a_service, add_staff, both

MOSUL, SINJAR = "IQG15Q05", "IQG15Q07"
ATTACK = "'; drop table entry; --"


@pytest.fixture
async def admin(session: AsyncSession) -> UUID:
    return await add_staff(session, "admin")


@pytest.fixture
async def reviewer(session: AsyncSession) -> UUID:
    return await add_staff(session, "reviewer")


async def published(session: AsyncSession, *records: Record) -> None:
    for record in records:
        await publishing.published(session, record)


async def suspected(session: AsyncSession, kind: Kind = "organization") -> list[Pair]:
    return await pairs(session, kind, demo=False)


def of(pair: Pair) -> set[UUID]:
    return {pair.first.id, pair.second.id}


def organization(ar: str, en: str, **values: Any) -> Organization:
    return Organization(name=Words(ar=ar, en=en), **values)


async def place_of(
    session: AsyncSession, address: str = "حي الزهور قرب الجامع", place: str = MOSUL, **values: Any
) -> Location:
    location = Location(place=place, address=both(address), **values)
    await published(session, location)
    return location


async def offered(
    session: AsyncSession, name: str, owner: Organization, *where: Location, number: str = "07701234567", **values: Any
) -> Service:
    at = [At(location_id=one.id, phones=[PhoneNumber(number=number)], schedules=[HOURS]) for one in where]
    service = a_service(name, organization_id=owner.id, at=at, **values)
    await published(session, service)
    return service


async def test_an_empty_directory_has_no_duplicates(session: AsyncSession) -> None:
    for kind in ("organization", "location", "service"):
        assert await suspected(session, kind) == []


@pytest.mark.parametrize(
    ("one", "other", "reasons"),
    [
        (("منظمة الإغاثة", "Relief"), ("منظمه الاغاثه", "Something else"), ("name",)),
        (("جمعية الأمل", "Hope Society"), ("مؤسسة أخرى", "Hope Societty"), ("name",)),
        (("الهلال", "Crescent"), ("آخر", "Other"), ()),
        (("جمعية الأمل", "One"), ("جمعية المرأة", "Two"), ()),
    ],
)
async def test_organizations_with_names_alike_in_either_language(
    session: AsyncSession, one: tuple[str, str], other: tuple[str, str], reasons: tuple[str, ...]
) -> None:
    first, second = organization(*one), organization(*other)
    await published(session, first, second, organization("بعيد تماما", "Nothing of the kind"))
    found = await suspected(session)
    assert [pair.likeness.reasons for pair in found] == ([reasons] if reasons else [])
    assert all(of(pair) == {first.id, second.id} for pair in found)


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("website", "https://www.hope.example/", "http://hope.example"),
        ("website", "https://hope.example", "https://HOPE.example"),
        ("email", "info@hope.example", "Info@Hope.example"),
    ],
)
async def test_organizations_with_one_contact(session: AsyncSession, field: str, one: str, other: str) -> None:
    await published(
        session, organization("الأمل", "Hope", **{field: one}), organization("آخر", "Else", **{field: other})
    )
    [pair] = await suspected(session)
    assert pair.likeness.reasons == (field,)


async def test_more_reasons_are_likelier(session: AsyncSession) -> None:
    await published(
        session,
        organization("جمعية السلام", "Peace Society"),
        organization("جمعية السلامة", "Peace Societ"),
        organization("مؤسسة النخيل", "Palm Foundation", email="a@b.example"),
        organization("مؤسسة النخيلة", "Palm Foundatio", email="a@b.example"),
    )
    likelier, likely = await suspected(session)
    assert likelier.likeness.reasons == ("name", "email")
    assert 1 > likelier.likeness.score > likely.likeness.score >= 0.5


async def test_what_many_share_tells_nothing(session: AsyncSession) -> None:
    names = "حجر شمس قمر نهر جبل بحر سهل ورد نخل تمر قمح".split()
    assert len(names) == SHARED_BY + 1
    for name in names:
        await published(session, organization(name, name, website="https://network.example"))
        await place_of(session, name, latitude=36.34, longitude=43.13)
    assert await suspected(session) == []
    assert await suspected(session, "location") == []


async def test_locations_with_one_address_in_one_place(session: AsyncSession) -> None:
    one = await place_of(session, "حي الزهور، قرب الجامع الكبير")
    other = await place_of(session, "حي الزهور قرب جامع الكبير")
    await place_of(session, "حي الزهور قرب جامع الكبير", SINJAR)
    [pair] = await suspected(session, "location")
    assert (of(pair), pair.likeness.reasons) == ({one.id, other.id}, ("address",))


@pytest.mark.parametrize(("north", "reasons"), [(0.0003, [("near",)]), (0.00055, []), (0.01, [])])
async def test_locations_less_than_fifty_metres_apart(
    session: AsyncSession, north: float, reasons: list[tuple[str, ...]]
) -> None:
    await place_of(session, "شارع الكورنيش", latitude=36.34, longitude=43.13)
    await place_of(session, "مقابل المستشفى", latitude=36.34 + north, longitude=43.13)
    assert [pair.likeness.reasons for pair in await suspected(session, "location")] == reasons


async def test_confidential_locations_are_not_compared(session: AsyncSession) -> None:
    await published(session, *(Location(place=MOSUL, is_confidential=True) for _ in range(3)))
    assert await suspected(session, "location") == []


async def test_services_of_one_organization_in_one_place(session: AsyncSession) -> None:
    owner = organization("المالك", "Owner")
    here, there, far = [await place_of(session, text, place) for text, place in
                        (("شارع الكورنيش", MOSUL), ("مقابل المستشفى", MOSUL), ("السوق", SINJAR))]  # fmt: skip
    await published(session, owner)
    one = await offered(session, "Legal advice", owner, here, number="07700000001")
    other = await offered(session, "Legal advise", owner, there, number="07700000002")
    await offered(session, "Legal advice", owner, far, number="07700000003")
    await offered(session, "Food", owner, here, number="07700000004")
    [pair] = await suspected(session, "service")
    assert (of(pair), pair.likeness.reasons) == ({one.id, other.id}, ("name", "organization"))


@pytest.mark.parametrize("number", ["+9647701234567", "07701234567"])
async def test_services_of_two_organizations_with_one_number_or_location(session: AsyncSession, number: str) -> None:
    owners = organization("الأول", "First"), organization("غيره", "Another")
    here, there = await place_of(session), await place_of(session, "السوق", SINJAR)
    await published(session, *owners)
    await offered(session, "Legal advice", owners[0], here)
    await offered(session, "Legal advise", owners[1], there, number=number)
    await offered(session, "Mental health", owners[0], here, number="07700000001")
    await offered(session, "Mental helth", owners[1], here, number="07700000002")
    by_reason = {pair.likeness.reasons for pair in await suspected(session, "service")}
    assert by_reason == {("name", "phone"), ("name", "location")}


async def test_only_what_is_published_and_real_is_compared(session: AsyncSession) -> None:
    archived, demo = (
        organization("جمعية الأمل", "Hope Society"),
        organization("جمعية الأمل", "Hope Society", is_demo=True),
    )
    await published(session, organization("جمعية الأمل", "Hope Society"), archived, demo)
    await publishing.archive(session, archived.id)
    await publishing.propose(session, organization("جمعية الأمل", "Hope Society"), author=None)
    assert await suspected(session) == []
    assert [demo.id in of(pair) for pair in await pairs(session, "organization", demo=True)] == [True]


async def test_a_new_name_counts_and_the_old_one_no_longer(session: AsyncSession) -> None:
    one, other = organization("جمعية الأمل", "Hope Society"), organization("جمعية الأمل", "Hope Society")
    await published(session, one, other)
    assert len(await suspected(session)) == 1
    await published(session, one.model_copy(update={"name": both("شيء آخر تماما")}))
    assert await suspected(session) == []


async def test_who_says_that_they_differ_is_not_asked_again(session: AsyncSession, admin: UUID) -> None:
    one, other = organization("جمعية الأمل", "Hope Society"), organization("جمعية الأمل", "Hope Society")
    await published(session, one, other)
    for _ in range(2):
        await duplicates.set_apart(session, max(one.id, other.id), min(one.id, other.id), by=admin)
    assert await suspected(session) == []
    for _ in range(2):
        await duplicates.put_back(session, one.id, other.id, by=admin)
    assert len(await suspected(session)) == 1
    acts = await session.scalars(
        select(AuditRecord.action).where(AuditRecord.actor_id == admin).order_by(AuditRecord.id)
    )
    assert list(acts) == ["entry.not_duplicate", "entry.may_be_duplicate"]


@pytest.mark.parametrize("kind", ["organization", "service"])
async def test_thousands_of_one_name_are_a_crowd_not_duplicates(session: AsyncSession, kind: Kind) -> None:
    owner, where = Organization(name=both("المالك")), await place_of(session)
    records: list[Organization] | list[Service] = (
        [Organization(name=both("نقطة توزيع")) for _ in range(2000)]
        if kind == "organization"
        else [a_service("نقطة توزيع", organization_id=owner.id, at=[At(location_id=where.id)]) for _ in range(2000)]
    )
    rows = [
        {"id": one.id, "kind": kind_of(one), "status": "published", "document": one.document(), "published": 1}
        | dict(zip(("folded_ar", "folded_en"), known_by(one), strict=True))
        for one in records
    ]
    await session.execute(insert(Entry), rows)
    assert await suspected(session, kind) == []


async def test_what_is_like_an_entry_being_written(session: AsyncSession) -> None:
    hope, helpers = (
        organization("جمعية الأمل", "Hope Society"),
        organization("المساعدون", "Helpers", email="a@b.example"),
    )
    await published(session, hope, helpers, organization("بعيد", "Far away"))
    written = organization("جمعيه الامل", "", email="a@b.example")
    assert [one.record.id for one in await similar(session, written, demo=False)] == [hope.id, helpers.id]
    assert [one.record.id for one in await similar(session, written, demo=False, limit=1)] == [hope.id]
    assert await similar(session, hope, demo=False) == []
    for nothing in (Organization(), Location(), Service(), organization(ATTACK, "%_\\")):
        assert await similar(session, nothing, demo=False) == []


async def test_what_is_like_a_service_or_a_location_being_written(session: AsyncSession) -> None:
    owner, where = organization("المالك", "Owner"), await place_of(session, latitude=36.34, longitude=43.13)
    await published(session, owner)
    service = await offered(session, "Legal advice", owner, where)
    written = service.model_copy(update={"id": uuid4(), "name": both("Legal advise")})
    [found] = await similar(session, written, demo=False)
    assert found.record.id == service.id
    assert found.likeness.reasons == ("name", "organization", "location", "phone")
    [found] = await similar(session, Location(place=MOSUL, latitude=36.3401, longitude=43.13), demo=False)
    assert (found.record.id, found.likeness.reasons) == (where.id, ("near",))
    assert await similar(session, Location(place=MOSUL, latitude=36.35, longitude=43.13), demo=False) == []


async def test_services_move_when_somebody_else_agrees_and_only_then_may_one_go(
    session: AsyncSession, admin: UUID, reviewer: UUID
) -> None:
    stays, goes = organization("جمعية الأمل", "Hope Society"), organization("جمعية الأمل", "Hope Society")
    where = await place_of(session)
    await published(session, stays, goes)
    services = [await offered(session, name, goes, where) for name in ("Legal advice", "Food")]
    assert await merging.move(session, goes.id, stays.id, by=admin) == []

    hanging = (await merging.hanging(session, [goes.id, stays.id]))[goes.id]
    assert [one.way for one in hanging] == ["in_review", "in_review"]
    listed = await session.scalars(select(Listing.organization_id))
    assert set(listed) == {goes.id}
    with pytest.raises(NotAllowed, match="published services point to this organization"):
        await merging.archive(session, goes.id, stays.id, by=admin)
    assert await merging.move(session, goes.id, stays.id, by=admin) == []

    revisions = list(await session.scalars(select(Revision).where(Revision.state == "in_review")))
    assert {revision.entry_id for revision in revisions} == {service.id for service in services}
    with pytest.raises(NotAllowed, match="another member"):
        await publishing.publish(session, revisions[0], by=admin)
    for revision in revisions:
        await publishing.publish(session, revision, by=reviewer)
    await merging.archive(session, goes.id, stays.id, by=admin)
    assert (await session.get_one(Entry, goes.id)).status == "archived"
    listings = await session.scalars(select(Listing).execution_options(populate_existing=True))
    assert {listing.organization_id for listing in listings} == {stays.id}
    merged = await session.scalar(select(AuditRecord).where(AuditRecord.action == "entry.merged"))
    assert merged
    assert (merged.actor_id, merged.subject_id, merged.details) == (admin, goes.id, {"into": str(stays.id)})


async def test_a_service_at_both_locations_keeps_the_numbers_and_hours_of_both(
    session: AsyncSession, admin: UUID
) -> None:
    owner = organization("المالك", "Owner")
    stays, goes, third = [await place_of(session, text) for text in ("الزهور", "الزهور", "السوق")]
    await published(session, owner)
    service = await offered(session, "Legal advice", owner, third, goes, stays)
    service.at[1].phones = [PhoneNumber(number="07709999999")]
    service.at[2].schedules = []
    await published(session, service)
    assert await merging.move(session, goes.id, stays.id, by=admin) == []
    [moved] = await session.scalars(select(Revision).where(Revision.state == "in_review"))
    at = Service.model_validate(moved.document).at
    assert [one.location_id for one in at] == [third.id, stays.id]
    assert [phone.number for phone in at[1].phones] == ["07709999999", "07701234567"]
    assert at[1].schedules == [HOURS]


async def test_what_a_colleague_works_on_or_cannot_be_joined_is_left_to_people(
    session: AsyncSession, admin: UUID, reviewer: UUID
) -> None:
    owner = organization("المالك", "Owner")
    stays, goes = await place_of(session, "الزهور"), await place_of(session, "الزهور")
    await published(session, owner)
    busy = await offered(session, "Busy", owner, goes)
    theirs = await publishing.propose(session, busy, author=reviewer, base=1, note="theirs")
    full = await offered(session, "Full", owner, goes, stays)
    for at, start in zip(full.at, (100, 200), strict=True):
        at.phones = [PhoneNumber(number=str(start + one)) for one in range(6)]
    await published(session, full)
    free = await offered(session, "Free", owner, goes)
    assert set(await merging.move(session, goes.id, stays.id, by=admin)) == {busy.id, full.id}
    assert theirs.state == "draft"
    ways = {one.service.id: one.way for one in (await merging.hanging(session, [goes.id]))[goes.id]}
    assert ways == {busy.id: "stays", full.id: "stays", free.id: "in_review"}


async def test_services_are_archived_at_once(session: AsyncSession, admin: UUID) -> None:
    owner, where = organization("المالك", "Owner"), await place_of(session)
    await published(session, owner)
    stays, goes = [await offered(session, "Legal advice", owner, where) for _ in range(2)]
    await merging.archive(session, goes.id, stays.id, by=admin)
    assert await suspected(session, "service") == []
    assert list(await session.scalars(select(Listing.service_id))) == [stays.id]


async def test_only_two_published_entries_of_one_kind_can_be_merged(session: AsyncSession, admin: UUID) -> None:
    one, other, archived = (organization("جمعية الأمل", "Hope Society") for _ in range(3))
    where = await place_of(session)
    await published(session, one, other, archived)
    await publishing.archive(session, archived.id)
    service = await offered(session, "Legal advice", one, where)
    for goes, stays in (
        (one.id, one.id),
        (one.id, archived.id),
        (archived.id, one.id),
        (one.id, where.id),
        (uuid4(), one.id),
    ):
        for merge in (merging.move, merging.archive):
            with pytest.raises(NotAllowed, match="of one kind"):
                await merge(session, goes, stays, by=admin)
    with pytest.raises(NotAllowed, match="nothing hangs on a service"):
        await merging.move(session, service.id, (await offered(session, "Other", one, where)).id, by=admin)
    assert await merging.hanging(session, []) == {}
