"""The list of what has to be checked, one service of it, and the links that staff send themselves."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import unquote
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from console.accounts import Staff
from console.directory.asking import international, message
from directory import publishing
from directory.confirming import Link, read, write
from directory.models import Entry
from directory.places import load_places
from directory.records import Organization, PhoneNumber, Service
from infrastructure.audit import AuditRecord
from infrastructure.local_time import day_in_iraq
from infrastructure.resources import Resources
from tests.console.browsing import Visitor
from tests.directory.rows import add_service, both

LIST = "/console/directory/due"
ATTACK = '<script>alert("x")</script>'


def ago(days: int) -> date:
    return day_in_iraq() - timedelta(days)


@pytest.fixture
async def service(engines: Resources) -> Service:
    """Mental health in Mosul, last checked 100 days ago: due since ten."""
    async with engines.sessions() as session:
        await load_places(session)
        service = await add_service(session, "clinic", assured=ago(100))
        await session.commit()
    return service


async def add(engines: Resources, name: str, **values: Any) -> Service:
    async with engines.sessions() as session:
        service = await add_service(session, name, **values)
        await session.commit()
    return service


async def entry(engines: Resources, entry_id: UUID) -> Entry:
    async with engines.sessions() as session:
        return await session.get_one(Entry, entry_id)


async def recorded(engines: Resources, action: str) -> list[tuple[UUID | None, UUID | None]]:
    async with engines.sessions() as session:
        rows = await session.execute(
            select(AuditRecord.actor_id, AuditRecord.subject_id).where(AuditRecord.action == action)
        )
        return [(actor, subject) for actor, subject in rows]


def listed(page: str) -> list[str]:
    return re.findall(r'href="/console/directory/due/[0-9a-f-]{36}"><bdi>([^<]+)', page)


def seen(page: str) -> str:
    found = re.search(r'name="seen" value="(\w+)"', page)
    assert found
    return found[1]


async def test_pages_need_somebody_signed_in(visitor: Visitor, service: Service) -> None:
    for address in (LIST, f"{LIST}/{service.id}", f"{LIST}/ask/x", f"{LIST}/count"):
        assert (await visitor.get(address)).headers["location"].startswith("/console/sign-in"), address


async def test_changes_need_a_form_of_ours_and_keepers_an_admin(
    colleague: Visitor, engines: Resources, service: Service, staff: Staff
) -> None:
    own, theirs = f"{LIST}/{service.id}", f"{LIST}/organization/{service.organization_id}"
    withdrawal = f"{LIST}/ask/{write(Link('service', service.id, datetime.now(UTC) + timedelta(1)))}/withdraw"
    for address in (f"{own}/right", f"{own}/link", f"{theirs}/link", f"{own}/keeper", f"{theirs}/keeper", withdrawal):
        assert (await colleague.post(address, data={"called": "1"})).status_code == 403, address
    for address in (f"{own}/keeper", f"{theirs}/keeper"):
        answer = await colleague.submit(address, own, keeper=str(staff.id))
        assert answer.status_code == 403
        assert "Only admins can do this" in answer.text
    assert (await entry(engines, service.id)).keeper_id is None
    assert "/keeper" not in (await colleague.get(own)).text


async def test_the_list_says_what_people_lose_and_when(
    colleague: Visitor, engines: Resources, service: Service
) -> None:
    await add(engines, "long gone", assured=ago(300))
    await add(engines, "never", assured=None)
    await add(engines, "almost gone", assured=ago(178), needs=("mhpss", "education"), place="IQG09")
    await add(engines, "fresh", assured=ago(2))
    page = (await colleague.get(LIST)).text
    assert listed(page) == ["almost gone", "clinic", "long gone", "never"]
    assert "4 services" in page
    assert page.count("Soon not said any more</span>") == 1
    assert page.count("Not said any more</span>") == 2
    assert "Nobody ever checked it" in page
    for query, names in (
        ("state=soon", ["almost gone"]),
        ("state=gone", ["long gone", "never"]),
        ("need=education", ["almost gone"]),
        ("governorate=IQG15&state=due", ["clinic"]),
        (f"organization={service.organization_id}", ["clinic"]),
        ("keeper=nobody&need=food", []),
        ("keeper=mine", []),
        ("page=2", []),
    ):
        assert listed((await colleague.get(f"{LIST}?{query}")).text) == names, query


async def test_a_long_list_has_pages(colleague: Visitor, engines: Resources, service: Service) -> None:
    async with engines.sessions() as session:
        for number in range(30):
            again = service.model_copy(update={"id": uuid4(), "name": both(f"n{number}")})
            await publishing.published(session, again)
        await session.commit()
    first = (await colleague.get(f"{LIST}?need=mhpss")).text
    assert (len(listed(first)), "31 services" in first) == (30, True)
    found = re.search(r'href="([^"]+page=2)">Next', first)
    assert found
    assert "need=mhpss" in found[1]
    second = (await colleague.get(found[1].replace("&amp;", "&"))).text
    assert len(listed(second)) == 1
    assert set(listed(first)).isdisjoint(listed(second))
    assert ">Next</a>" not in second


@pytest.mark.parametrize(
    "query",
    [
        *("keeper=everybody", "state=old", "need=gold", "governorate=IQG99", "page=0", "page=x", "page=99999999999"),
        *(f"need={ATTACK}", f"governorate={ATTACK}", "organization=x", f"organization={uuid4()}"),
    ],
)
async def test_addresses_that_no_page_of_ours_makes(colleague: Visitor, service: Service, query: str) -> None:
    page = await colleague.get(f"{LIST}?{query}")
    assert page.status_code == 404
    assert ATTACK not in page.text


async def test_staff_who_called_say_that_all_is_right(
    colleague: Visitor, engines: Resources, service: Service, staff: Staff
) -> None:
    own = f"{LIST}/{service.id}"
    page = (await colleague.get(own)).text
    assert "an address" in page
    assert 'href="tel:+447700900999"' in page
    answer = await colleague.submit(f"{own}/right", own, seen=seen(page))
    assert answer.status_code == 422
    assert "Call first" in answer.text
    assert ((await entry(engines, service.id)).document or {})["assured_date"] == ago(100).isoformat()

    answer = await colleague.submit(f"{own}/right", own, seen=seen(page), called="1")
    assert (answer.status_code, answer.headers["location"]) == (303, own)
    # A second click from the page as it was.
    assert (await colleague.submit(f"{own}/right", own, seen=seen(page), called="1")).status_code == 303
    assert ((await entry(engines, service.id)).document or {})["assured_date"] == day_in_iraq().isoformat()
    assert await recorded(engines, "entry.assured") == [(staff.id, service.id)]
    assert "Checked today." in (await colleague.get(own)).text
    assert listed((await colleague.get(LIST)).text) == []


async def test_staff_see_what_changed_before_it_counts_as_right(
    colleague: Visitor, engines: Resources, service: Service
) -> None:
    own = f"{LIST}/{service.id}"
    before = seen((await colleague.get(own)).text)
    async with engines.sessions() as session:
        await publishing.published(session, service.model_copy(update={"fees": both("a new price")}))
        await session.commit()
    for wrong in (before, "", "x", ATTACK):
        answer = await colleague.submit(f"{own}/right", own, seen=wrong, called="1")
        assert answer.status_code == 409
        assert "a new price" in answer.text
    assert await recorded(engines, "entry.assured") == []


async def test_what_is_not_a_published_service_has_no_page(
    colleague: Visitor, engines: Resources, service: Service
) -> None:
    own = f"{LIST}/{service.id}"
    before = seen((await colleague.get(own)).text)
    async with engines.sessions() as session:
        await publishing.archive(session, service.id)
        await session.commit()
    for entry_id in (service.id, service.organization_id, uuid4()):
        assert (await colleague.get(f"{LIST}/{entry_id}")).status_code == 404
        assert (await colleague.submit(f"{LIST}/{entry_id}/right", LIST, seen=before, called="1")).status_code == 404
        assert (await colleague.submit(f"{LIST}/{entry_id}/link", LIST)).status_code == 404
    assert (await colleague.submit(f"{LIST}/organization/{service.id}/link", LIST)).status_code == 404
    assert (await colleague.get(f"{LIST}/nonsense")).status_code == 404


# Keepers


async def test_an_admin_gives_a_service_a_keeper_who_finds_it_among_theirs(
    admin: Visitor, colleague: Visitor, engines: Resources, service: Service, boss: Staff, staff: Staff
) -> None:
    own = f"{LIST}/{service.id}"
    answer = await admin.submit(f"{own}/keeper", own, keeper=str(staff.id))
    assert (answer.status_code, answer.headers["location"]) == (303, own)
    assert await recorded(engines, "entry.keeper_set") == [(boss.id, service.id)]
    assert "Keeper: Zainab" in (await admin.get(LIST)).text
    assert listed((await colleague.get(f"{LIST}?keeper=mine")).text) == ["clinic"]
    assert (await colleague.get(f"{LIST}/count")).text == "1"
    assert (await admin.get(f"{LIST}/count")).text == ""
    assert listed((await admin.get(f"{LIST}?keeper=nobody")).text) == []
    await admin.submit(f"{own}/keeper", own, keeper="nobody")
    assert (await entry(engines, service.id)).keeper_id is None


async def test_a_keeper_who_left_keeps_nothing_and_is_named_as_gone(
    admin: Visitor, engines: Resources, service: Service, staff: Staff
) -> None:
    await admin.submit(f"{LIST}/{service.id}/keeper", LIST, keeper=str(staff.id))
    async with engines.sessions() as session:
        await session.execute(update(Staff).where(Staff.id == staff.id).values(active=False))
        await session.commit()
    page = (await admin.get(f"{LIST}?keeper=nobody")).text
    assert listed(page) == ["clinic"]
    assert "No keeper: Zainab has left" in page
    assert f'<option value="{staff.id}"' not in (await admin.get(f"{LIST}/{service.id}")).text
    for keeper in (str(staff.id), str(uuid4()), "", "x", ATTACK):
        answer = await admin.submit(f"{LIST}/{service.id}/keeper", LIST, keeper=keeper)
        assert answer.status_code == 400, keeper


async def test_all_of_an_organization_get_a_keeper_at_once(
    admin: Visitor, engines: Resources, service: Service, staff: Staff
) -> None:
    fresh = service.model_copy(update={"id": uuid4(), "assured_date": day_in_iraq()})
    async with engines.sessions() as session:
        await publishing.published(session, fresh)
        other = await add_service(session, "other", assured=ago(100))
        await session.commit()
    address = f"{LIST}?organization={service.organization_id}"
    theirs = f"{LIST}/organization/{service.organization_id}/keeper"
    answer = await admin.submit(theirs, address, keeper=str(staff.id))
    assert (answer.status_code, answer.headers["location"]) == (303, address)
    keepers = [(await entry(engines, one.id)).keeper_id for one in (service, fresh, other)]
    assert keepers == [staff.id, staff.id, None]
    for not_theirs in (service.id, uuid4()):
        answer = await admin.submit(f"{LIST}/organization/{not_theirs}/keeper", LIST, keeper="nobody")
        assert answer.status_code == 404


# Links


async def test_a_link_is_made_recorded_and_opens_messengers_but_sends_nothing(
    colleague: Visitor, engines: Resources, service: Service, staff: Staff
) -> None:
    service = service.model_copy(update={"email": "desk@example.org"})
    numbers = ("07701234567", "+9647701234567", "119", "0661234567")
    service.at[0].phones = [PhoneNumber(number=number) for number in numbers]
    service.at[0].phones.append(PhoneNumber(number="+447700900111", is_demo=True))
    async with engines.sessions() as session:
        await publishing.published(session, service)
        await session.commit()
    answer = await colleague.submit(f"{LIST}/{service.id}/link", f"{LIST}/{service.id}")
    assert answer.status_code == 303
    token = answer.headers["location"].removeprefix(f"{LIST}/ask/")
    assert read(token, datetime.now(UTC)).subject == service.id
    assert await recorded(engines, "confirmation.made") == [(staff.id, service.id)]

    page = (await colleague.get(answer.headers["location"])).text
    address = f"{engines.settings.public_base}/confirm/{token}"
    assert f'value="{address}"' in page
    links = [
        unquote(link).replace("&#39;", "'") for link in re.findall(r'href="((?:https://wa|sms|mailto)[^"]+)"', page)
    ]
    assert [link.split("?")[0] for link in links] == [
        *("https://wa.me/9647701234567", "sms:+9647701234567") * 2,
        "https://wa.me/",
        "mailto:desk@example.org",
    ]
    for link in links:
        assert "Zainab from Daleel asks" in link
        assert "We never ask for money or a password." in link
        assert "كلمة مرور" in link
        assert link.endswith(address)
    assert (await colleague.get(answer.headers["location"])).status_code == 200
    assert len(await recorded(engines, "confirmation.made")) == 1


async def test_one_link_for_all_of_an_organization(
    colleague: Visitor, engines: Resources, service: Service, staff: Staff
) -> None:
    theirs = f"{LIST}/organization/{service.organization_id}/link"
    answer = await colleague.submit(theirs, f"{LIST}?organization={service.organization_id}")
    assert answer.status_code == 303
    assert await recorded(engines, "confirmation.made") == [(staff.id, service.organization_id)]
    page = (await colleague.get(answer.headers["location"])).text
    assert "clinic&#39;s owner" in page
    token = answer.headers["location"].rsplit("/", 1)[1]
    assert "clinic" in (await colleague.get(f"/confirm/{token}")).text


async def test_a_link_sent_to_the_wrong_person_is_withdrawn(
    colleague: Visitor, engines: Resources, service: Service, staff: Staff
) -> None:
    made = (await colleague.submit(f"{LIST}/{service.id}/link", f"{LIST}/{service.id}")).headers["location"]
    page = await colleague.get(made)
    action = re.search(r'action="([^"]+/withdraw)"', page.text)
    assert action
    for _ in range(2):
        answer = await colleague.submit(action[1], LIST)
        assert "No link counts any more" in answer.text
    assert await recorded(engines, "confirmation.withdrawn") == [(staff.id, service.id)] * 2
    gone = await colleague.get(f"/confirm/{made.rsplit('/', 1)[1]}")
    assert gone.status_code == 404
    assert "Please ask whoever sent it to you for a new one." in gone.text
    assert (await colleague.get(made)).status_code == 404


async def test_the_page_of_a_bad_link_is_none(colleague: Visitor, service: Service) -> None:
    old = write(Link("service", service.id, datetime.now(UTC) - timedelta(minutes=1)))
    for token in (old, "x", write(Link("service", uuid4(), datetime.now(UTC) + timedelta(1))), "%00"):
        assert (await colleague.get(f"{LIST}/ask/{token}")).status_code == 404
        assert (await colleague.submit(f"{LIST}/ask/{token}/withdraw", LIST)).status_code == 404


async def test_a_hostile_email_address_smuggles_nothing_in(
    colleague: Visitor, engines: Resources, service: Service
) -> None:
    organization = Organization(
        id=service.organization_id, name=both("owner"), email='a@b.c?bcc=evil@example.org&body="x"'
    )
    async with engines.sessions() as session:
        await publishing.published(session, organization)
        await session.commit()
    answer = await colleague.submit(f"{LIST}/{service.id}/link", f"{LIST}/{service.id}")
    page = (await colleague.get(answer.headers["location"])).text
    found = re.search(r'href="mailto:([^"]+)"', page)
    assert found
    assert found[1].startswith("a@b.c%3Fbcc%3Devil@example.org%26body%3D%22x%22?body=")


@pytest.mark.parametrize(
    ("number", "digits"),
    [
        ("+9647701234567", "9647701234567"),
        ("009647701234567", "9647701234567"),
        ("07701234567", "9647701234567"),
        ("0770123456", ""),
        ("0661234567", ""),
        ("119", ""),
        ("", ""),
    ],
)
def test_numbers_that_a_messenger_understands(number: str, digits: str) -> None:
    assert international(number) == digits


def test_the_text_names_who_asks_in_both_languages_with_the_link_last() -> None:
    said = message({"ar": "عيادة", "en": "50% off"}, "Zainab", "https://x/confirm/1")
    arabic, english, address = said.split("\n\n")
    assert ("Zainab" in arabic, "«عيادة»" in arabic) == (True, True)
    assert english.startswith("Zainab from Daleel asks: is what we tell people about '50% off' still right?")
    assert address == "https://x/confirm/1"


async def test_arabic_pages_too(colleague: Visitor, service: Service) -> None:
    page = (await colleague.get(LIST, headers={"Accept-Language": "ar"})).text
    assert 'dir="rtl"' in page
    assert "آخر تأكد في" in page
