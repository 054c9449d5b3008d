"""A directory with something in every field, and with everything that must never leave: that says SECRET."""

from datetime import date, timedelta
from typing import get_args

from sqlalchemy.ext.asyncio import AsyncSession

from directory import publishing
from directory.models import Entry
from directory.needs import NEEDS
from directory.records import ELIGIBLE, Article, At, Hours, Location, Organization, PhoneNumber, Record, Service, Words
from infrastructure.local_time import day_in_iraq
from tests.directory.rows import a_service, add_service

TODAY = day_in_iraq()
ACCESS, CAPACITY = (get_args(Service.model_fields[field].annotation) for field in ("access", "capacity"))

RELIEF = Organization(
    name=Words(ar="جمعية الإغاثة", en="Relief Society", ckb="کۆمەڵەی فریاگوزاری"),
    description=Words(ar="منذ 2014", en="Since 2014"),
    website="https://example.org/relief?lang=ar",
    email="office@example.org",
)
# HSDS wants a description, so its name leaves twice; it offers nothing yet.
NEW = Organization(name=Words(ar="جمعية جديدة", en="New Society"))
CENTRE = Location(
    place="IQG15Q05",
    name=Words(ar="مركز المجتمع", en="Community centre"),
    address=Words(ar="حي الزهور، قرب الجامع", en="Zuhur quarter, near the mosque", ckb="گەڕەکی زهور"),
    latitude=36.3456,
    longitude=43.1234,
    accessibility=Words(ar="منحدر", en="A ramp"),
)
GOVERNORATE = Location(place="IQG08")
SHELTER = Location(
    place="IQG15Q07",
    name=Words(ar="بيت آمن", en="SECRET house"),
    accessibility=Words(ar="درج", en="SECRET stairs"),
    is_confidential=True,
)
HOURS = [
    Hours(byday=["SU", "MO", "TU"], opens_at="09:00", closes_at="15:30"),
    Hours(byday=["SA"], interval=2, dtstart=date(2026, 1, 3), opens_at="10:00", closes_at="12:00"),
    Hours(freq="MONTHLY", byday=["1SU", "-1TH"], opens_at="21:00", closes_at="02:00", valid_from=date(2026, 1, 1)),
    Hours(freq="MONTHLY", bymonthday=[1, -1], opens_at="00:00", closes_at="23:59", valid_to=date(2040, 1, 1)),
    Hours(kind="ramadan", byday=["SU", "MO"], opens_at="10:00", closes_at="13:00"),
    Hours(kind="closed", valid_from=date(2027, 3, 20), valid_to=date(2027, 3, 23)),
    Hours(kind="closed", valid_from=date(2027, 7, 14)),
]
PHONES = [
    PhoneNumber(number="+9647700000000", description=Words(ar="الاستعلامات", en="Desk")),
    PhoneNumber(number="115"),
]
WHOLE = Service(
    organization_id=RELIEF.id,
    name=Words(ar="عيادة وقانون", en="Clinic and law", ckb="نەخۆشخانە"),
    summary=Words(ar="طبيب ومحام", en="A doctor and a lawyer"),
    description=Words(ar="كل ما يلزم\nومجاناً", en="Everything needed\nand free"),
    needs=["health", "legal_aid"],
    eligible=list(ELIGIBLE),
    eligibility=Words(ar="للجميع", en="Everybody"),
    minimum_age=0,
    maximum_age=120,
    access="referral",
    capacity="limited",
    fees=Words(ar="مجاني", en="Free"),
    required_documents=[Words(ar="هوية", en="ID card"), Words(ar="بطاقة تموينية", en="Ration card", ckb="پسووله")],
    languages=["ar", "en", "ckb", "kmr", "fa", "tr", "syr", "tuk"],
    service_areas=["IQG15", "IQG08Q01"],
    alert=Words(ar="مغلق هذا الأسبوع", en="Closed this week"),
    url="https://example.org/clinic",
    email="clinic@example.org",
    at=[At(location_id=CENTRE.id, phones=PHONES, schedules=HOURS), At(location_id=GOVERNORATE.id)],
    assured_date=TODAY - timedelta(3),
    valid_from=TODAY - timedelta(9),
    valid_until=TODAY + timedelta(900),
)
SAFE = Service(
    organization_id=RELIEF.id,
    name=Words(ar="حماية", en="Protection"),
    summary=Words(ar="اتصلي بنا", en="Call us"),
    needs=["gbv"],
    at=[At(location_id=SHELTER.id, phones=[PhoneNumber(number="+9647700000001")], schedules=HOURS[:1])],
    assured_date=TODAY,
)


def every_code() -> list[Service]:
    """Services that together have every need, way to come and capacity; one of them is over."""
    return [
        Service(
            organization_id=RELIEF.id,
            name=Words(ar=f"خدمة {number}", en=f"Service {number}"),
            summary=Words(ar="تفاصيل", en="What it offers"),
            needs=[need],
            access=ACCESS[number % len(ACCESS)],
            capacity=CAPACITY[number % len(CAPACITY)],
            valid_until=date(2026, 1, 1) if number == 0 else None,
            at=[At(location_id=CENTRE.id)],
        )
        for number, need in enumerate(NEEDS)
    ]


async def add_everything(session: AsyncSession) -> list[Record]:
    """Publish all of it, and what must not leave; returns what is published and no secret."""
    records: list[Record] = [RELIEF, NEW, CENTRE, GOVERNORATE, SHELTER, WHOLE, SAFE, *every_code()]
    for record in records:
        await publishing.published(session, record)
    await _add_secrets(session)
    return records


async def _add_secrets(session: AsyncSession) -> None:
    archived = await add_service(session, "SECRET archived", assured=TODAY)
    assert archived.organization_id
    for one in (archived.id, archived.at[0].location_id, archived.organization_id):
        await publishing.archive(session, one)
    secret = Words(ar="سر SECRET", en="SECRET")
    await publishing.propose(session, a_service("SECRET draft"), author=None)
    await publishing.propose(session, Organization(name=secret), author=None, note="SECRET note")
    await publishing.propose(session, WHOLE.model_copy(update={"alert": secret}), author=None, base=1)
    await publishing.published(session, an_article(secret))
    # What only a hand in the database can do: publishing refuses an address of a confidential location.
    row = await session.get_one(Entry, SHELTER.id)
    hidden = {"address": secret.document(), "latitude": 36.3471, "longitude": 43.1299}
    row.document = {**(row.document or {}), **hidden}
    await session.flush()


def an_article(text: Words) -> Article:
    """Guidance that may be published."""
    given = {"title": text, "answer": text, "details": text, "steps": [text], "checked_date": TODAY}
    return Article(topic="document:passport", sources=[{"title": "SECRET source"}], **given)  # type: ignore[arg-type]
