"""The page behind a link: who may look and answer, what looking changes (nothing), and what is refused."""

import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from redis.asyncio import Redis
from sqlalchemy import func, select

from console import throttle
from directory import publishing
from directory.confirming import Link, write
from directory.models import Entry, Report, Revision, Task
from directory.places import load_places
from directory.records import Hours, Location, PhoneNumber, Service, Words
from infrastructure.audit import AuditRecord
from infrastructure.local_time import day_in_iraq
from infrastructure.resources import Resources
from tests.console.browsing import Visitor, browsing
from tests.directory.rows import add_service, both

ATTACK = '<script>alert("x")</script>'
OLD = date(2026, 1, 2)


@pytest.fixture
async def service(engines: Resources) -> Service:
    async with engines.sessions() as session:
        await load_places(session)
        service = await add_service(session, "clinic", assured=OLD)
        await session.commit()
    return service


@pytest.fixture
async def provider(app: FastAPI) -> AsyncIterator[Visitor]:
    """A browser nobody ever signed in with, and that follows to where a form leads."""
    async with browsing(app) as visitor:
        visitor.follow_redirects = True
        yield visitor


def link(subject: UUID | None, kind: Any = "service", *, days: float = 14) -> str:
    assert subject
    return f"/confirm/{write(Link(kind, subject, datetime.now(UTC) + timedelta(days)))}"


def ticks(page: str) -> list[str]:
    return re.findall(r'name="right" value="([^"]+)"', page)


async def published(engines: Resources, record: Any) -> None:
    async with engines.sessions() as session:
        await publishing.published(session, record)
        await session.commit()


async def assured(engines: Resources, service: Service) -> str:
    async with engines.sessions() as session:
        return str(((await session.get_one(Entry, service.id)).document or {})["assured_date"])


async def reports(engines: Resources) -> list[tuple[str, Report]]:
    async with engines.sessions() as session:
        rows = await session.execute(select(Task.reason, Report).join(Task.reports))
        return [(reason, report) for reason, report in rows]


async def test_who_looks_sees_all_that_people_are_told(provider: Visitor, engines: Resources, service: Service) -> None:
    service = service.model_copy(
        update={
            "description": both("a long description"),
            "eligible": ["idp", "women"],
            "minimum_age": 18,
            "fees": both("2,000 dinars"),
            "required_documents": [both("a paper with a stamp")],
            "alert": both("closed on Thursday"),
            "access": "appointment",
            "capacity": "limited",
        }
    )
    service.at[0].phones.append(PhoneNumber(number="07701234567", description=both("at night")))
    service.at[0].schedules.append(Hours(kind="closed", valid_from=day_in_iraq(), valid_to=day_in_iraq()))
    await published(engines, service)
    page = await provider.get(link(service.id))
    assert page.status_code == 200
    text = " ".join(re.sub(r"<[^>]+>", " ", page.text).split())
    for part in (
        *("clinic", "clinic&#39;s owner", "what it offers", "a long description", "an address", "Mosul"),
        *("+447700900999", "07701234567 at night", "Closed until", "Sun-Mon 9am-3pm", "Mental health"),
        *("Displaced people", "Women", "From 18 years", "2,000 dinars", "a paper with a stamp", "closed on Thursday"),
        *("By appointment", "Little room", "Checked 1/2026", "All of this is right", "Something has changed?"),
    ):
        assert part in text, part
    # A text printed without choosing its language.
    assert "ckb=" not in text


async def test_looking_changes_nothing_and_leaves_nothing_in_the_browser(
    provider: Visitor, engines: Resources, service: Service
) -> None:
    address = link(service.id)
    for _ in range(3):
        page = await provider.get(address + "?done=right", headers={"User-Agent": "WhatsApp/2.23"})
        assert page.status_code == 200
    assert page.headers["x-robots-tag"] == "noindex"
    assert page.headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert "set-cookie" not in page.headers
    assert "/console" not in page.text.replace("/assets/console", "")
    assert await assured(engines, service) == OLD.isoformat()
    async with engines.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(AuditRecord)) == 0


@pytest.mark.parametrize(
    ("header", "query", "said"),
    [
        ("ar-IQ", "", "كل هذا صحيح"),
        ("en-GB", "", "All of this is right"),
        ("en-GB", "?language=ar", "كل هذا صحيح"),
        ("ar", "?language=en", "All of this is right"),
        ("en", f"?language={ATTACK}", "All of this is right"),
    ],
)
async def test_the_page_speaks_the_browsers_language_or_the_chosen_one(
    provider: Visitor, service: Service, header: str, query: str, said: str
) -> None:
    page = (await provider.get(link(service.id) + query, headers={"Accept-Language": header})).text
    assert said in page
    assert ATTACK not in page


async def test_one_tap_confirms_and_two_do_no_harm(provider: Visitor, engines: Resources, service: Service) -> None:
    address = link(service.id)
    [right] = ticks((await provider.get(address)).text)
    for _ in range(2):
        page = await provider.post(address, data={"right": right})
        assert page.status_code == 200
        assert "Thank you" in page.text
        assert "Confirmed today." in page.text
        assert ticks(page.text) == []
    assert await assured(engines, service) == day_in_iraq().isoformat()
    async with engines.sessions() as session:
        assert await session.scalar(select(func.max(Revision.number)).where(Revision.entry_id == service.id)) == 2
        records = (await session.scalars(select(AuditRecord).order_by(AuditRecord.id))).all()
    actions = [record.action for record in records]
    assert actions == ["entry.assured", "confirmation.given", "confirmation.given"]
    assert {record.actor_id for record in records} == {None}


async def test_a_confirmation_needs_no_cookie_and_no_form_token(app: FastAPI, service: Service) -> None:
    """Also from inside a messenger, which sends no cookies, and says that the page was opened from elsewhere."""
    async with browsing(app) as visitor:
        [right] = ticks((await visitor.get(link(service.id))).text)
        assert not visitor.cookies
        answer = await visitor.post(link(service.id), data={"right": right}, headers={"Sec-Fetch-Site": "none"})
    assert answer.status_code == 303


@pytest.mark.parametrize("changed", ["service", "location"])
async def test_what_changed_between_looking_and_tapping_is_shown_again(
    provider: Visitor, engines: Resources, service: Service, changed: str
) -> None:
    address = link(service.id)
    [right] = ticks((await provider.get(address)).text)
    if changed == "service":
        await published(engines, service.model_copy(update={"fees": both("a new price")}))
    else:
        where = Location(id=service.at[0].location_id, place="IQG15Q05", address=both("a new price lane"))
        await published(engines, where)
    page = await provider.post(address, data={"right": right})
    assert page.status_code == 409
    assert "Our staff changed something while you were reading" in page.text
    assert "a new price" in page.text
    assert await assured(engines, service) == OLD.isoformat()
    [again] = ticks(page.text)
    assert again != right
    assert (await provider.post(address, data={"right": again})).status_code == 200
    assert await assured(engines, service) == day_in_iraq().isoformat()


async def test_every_link_that_does_not_work_gets_the_same_kind_answer(
    provider: Visitor, engines: Resources, service: Service
) -> None:
    archived = link(service.id)
    token = archived.removeprefix("/confirm/")
    flipped = token[:10] + ("A" if token[10] != "A" else "B") + token[11:]
    async with engines.sessions() as session:
        await publishing.archive(session, service.id)
        await session.commit()
    bad = [
        archived,
        link(service.id, days=-0.01),
        link(uuid4()),
        link(uuid4(), "organization"),
        f"/confirm/{flipped}",
        f"/confirm/{token[:-1]}",
        f"/confirm/{token}/",
        "/confirm/",
        "/confirm/x/y/z",
        "/confirm/%00%ff",
        f"/confirm/{ATTACK}",
        "/confirm/خدمة",
    ]
    pages = [await provider.get(address) for address in bad]
    assert {page.status_code for page in pages} == {404}
    told = {re.sub(r'href="/confirm/[^"]*"', "", page.text) for page in pages}
    assert len(told) == 1
    assert "Please ask whoever sent it to you for a new one." in told.pop()
    assert all(ATTACK not in page.text for page in pages)
    for address in (archived, link(service.id, days=-0.01), f"/confirm/{flipped}"):
        assert (await provider.post(address, data={"right": f"{service.id}.x"})).status_code == 404
        assert (await provider.post(f"{address}/changed", data={"note": "x"})).status_code == 404
    assert await reports(engines) == []


async def test_what_is_archived_while_somebody_reads_is_not_confirmed(
    provider: Visitor, engines: Resources, service: Service
) -> None:
    address = link(service.id)
    [right] = ticks((await provider.get(address)).text)
    async with engines.sessions() as session:
        await publishing.archive(session, service.id)
        await session.commit()
    assert (await provider.post(address, data={"right": right})).status_code == 404
    assert await assured(engines, service) == OLD.isoformat()


@pytest.mark.parametrize("right", ["", "x", "x.y", f"{uuid4()}", ".", f"{uuid4()}.{'0' * 64}", "\0", "é" * 5000])
async def test_forms_that_no_page_of_ours_sends_confirm_nothing(
    provider: Visitor, engines: Resources, service: Service, right: str
) -> None:
    answer = await provider.post(link(service.id), data={"right": right})
    assert answer.status_code in (404, 409)
    assert (await provider.post(link(service.id))).status_code == 422
    assert await assured(engines, service) == OLD.isoformat()


async def test_a_link_to_one_service_says_nothing_of_another(
    provider: Visitor, engines: Resources, service: Service
) -> None:
    async with engines.sessions() as session:
        other = await add_service(session, "other", assured=OLD)
        await session.commit()
    [theirs] = ticks((await provider.get(link(other.id))).text)
    assert (await provider.post(link(service.id), data={"right": theirs})).status_code == 404
    mine = ticks((await provider.get(link(service.id))).text)
    assert (await provider.post(link(service.id), data={"right": [*mine, theirs]})).status_code == 404
    assert {await assured(engines, one) for one in (service, other)} == {OLD.isoformat()}


async def test_a_confidential_place_has_no_address_here_either(provider: Visitor, engines: Resources) -> None:
    async with engines.sessions() as session:
        await load_places(session)
        where = {"is_confidential": True, "address": Words()}
        shelter = await add_service(session, "shelter", assured=OLD, location=where)
        await session.commit()
    page = (await provider.get(link(shelter.id))).text
    assert "The address is told to nobody" in page
    assert "call to ask where" in page


# All of an organization


async def test_an_organization_ticks_what_is_right(provider: Visitor, engines: Resources, service: Service) -> None:
    second = service.model_copy(update={"id": uuid4(), "name": both("second")})
    third = service.model_copy(update={"id": uuid4(), "name": both("third")})
    fresh = service.model_copy(update={"id": uuid4(), "name": both("the fresh one"), "assured_date": day_in_iraq()})
    for one in (second, third, fresh):
        await published(engines, one)
    address = link(service.organization_id, "organization")
    page = (await provider.get(address)).text
    assert "the fresh one" not in page
    by_service = {UUID(value.split(".")[0]): value for value in ticks(page)}
    assert set(by_service) == {service.id, second.id, third.id}

    assert (await provider.post(address)).status_code == 422
    await published(engines, third.model_copy(update={"fees": both("a new price")}))
    answer = await provider.post(address, data={"right": [by_service[second.id], by_service[third.id]]})
    assert answer.status_code == 409
    assert "a new price" in answer.text
    assert len(ticks(answer.text)) == 2
    assert await assured(engines, second) == day_in_iraq().isoformat()
    assert await assured(engines, third) == await assured(engines, service) == OLD.isoformat()

    done = await provider.post(address, data={"right": ticks(answer.text)})
    assert done.status_code == 200
    assert "There is nothing to look at now" in done.text
    # From an old tab, once more.
    assert (await provider.post(address, data={"right": by_service[second.id]})).status_code == 200


async def test_from_the_list_each_service_has_a_page_to_say_more(
    provider: Visitor, engines: Resources, service: Service
) -> None:
    page = (await provider.get(link(service.organization_id, "organization", days=1))).text
    found = re.search(r'href="(/confirm/[\w-]+)\?language=en#changed"', page)
    assert found
    own = await provider.get(found[1])
    assert own.status_code == 200
    assert (await provider.post(f"{found[1]}/changed", data={"note": "we moved"})).status_code == 200
    [(reason, _)] = await reports(engines)
    assert reason == "correction"
    about_all = link(service.organization_id, "organization")
    assert (await provider.post(f"{about_all}/changed", data={"note": "we moved"})).status_code == 404


# Something has changed


@pytest.mark.parametrize(
    ("fields", "reason", "kept"),
    [
        ({"change": "closed_for_good"}, "closed", ("closed_for_good", None, None, None)),
        ({"change": "number", "note": "077"}, "wrong_number", ("number", None, "077", None)),
        ({"change": "hours"}, "wrong_hours", ("hours", None, None, None)),
        ({"change": "full", "call_back": "٠٧٧٠ 000-0001"}, "correction", ("full", None, None, "07700000001")),
        ({"note": f" {ATTACK}\0 "}, "correction", ("other", None, ATTACK, None)),
        ({"change": "hours", "closed_until": "nonsense"}, "wrong_hours", ("hours", None, None, None)),
        ({"note": "x" * 1000}, "correction", ("other", None, "x" * 1000, None)),
        ({"note": "x\r\n" * 300}, "correction", ("other", None, ("x\n" * 300).strip(), None)),
    ],
)
async def test_a_change_becomes_a_task_and_nothing_else(
    provider: Visitor, engines: Resources, service: Service, fields: dict[str, str], reason: str, kept: tuple[Any, ...]
) -> None:
    page = await provider.post(f"{link(service.id)}/changed", data=fields)
    assert page.status_code == 200
    assert "Our staff will look at it" in page.text
    [(found, report)] = await reports(engines)
    assert found == reason
    assert (report.change, report.closed_until, report.note, report.call_back) == kept
    assert (report.noticed_by, report.created_by, report.conversation_id) == ("provider", None, None)
    async with engines.sessions() as session:
        assert (await session.get_one(Entry, service.id)).document == service.document()


@pytest.mark.parametrize("days", [0, 9, 730])
async def test_a_closure_ends_on_a_day(provider: Visitor, engines: Resources, service: Service, days: int) -> None:
    day = day_in_iraq() + timedelta(days)
    fields = {"change": "closed_until", "closed_until": day.isoformat()}
    assert (await provider.post(f"{link(service.id)}/changed", data=fields)).status_code == 200
    [(reason, report)] = await reports(engines)
    assert (reason, report.closed_until) == ("closed", day)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "Choose what has changed"),
        ({"note": " \u200e\0\n"}, "Choose what has changed"),
        ({"change": "refused"}, "Choose what has changed"),
        ({"change": ATTACK}, "Choose what has changed"),
        ({"change": "other"}, "Write down what has changed"),
        ({"change": "closed_until"}, "Write until which day"),
        ({"change": "closed_until", "closed_until": "tomorrow"}, "Write until which day"),
        ({"change": "closed_until", "closed_until": "2020-01-01"}, "Write until which day"),
        ({"change": "closed_until", "closed_until": "9999-12-31"}, "Write until which day"),
        ({"change": "closed_until", "closed_until": ATTACK}, "Write until which day"),
        ({"note": "x" * 1001}, "longer than 1,000 characters"),
        ({"note": "x" * 100_000}, "longer than 1,000 characters"),
        ({"change": "full", "call_back": "call me"}, "The number to call back"),
        ({"change": "full", "call_back": "1" * 16}, "The number to call back"),
        ({"change": "full", "call_back": ATTACK}, "The number to call back"),
    ],
)
async def test_what_is_wrong_is_told_and_nothing_typed_is_lost(
    provider: Visitor, engines: Resources, service: Service, fields: dict[str, str], told: str
) -> None:
    fields = {"note": "we moved to the bridge", "call_back": "0770"} | fields if "change" in fields else fields
    if fields.get("change") == "other":
        fields["note"] = ""
    page = await provider.post(f"{link(service.id)}/changed", data=fields)
    assert page.status_code == 422
    assert told in page.text
    assert ATTACK not in page.text
    if "change" in fields and fields["note"]:
        assert ">we moved to the bridge</textarea>" in page.text
    assert await reports(engines) == []
    assert "?language=ar" in page.text
    assert "/changed?language=ar" not in page.text


async def test_the_forms_own_address_leads_back(provider: Visitor, service: Service) -> None:
    page = await provider.get(f"{link(service.id)}/changed")
    assert page.status_code == 200
    assert "Something has changed?" in page.text


async def test_what_looks_like_code_is_only_shown(provider: Visitor, engines: Resources, service: Service) -> None:
    """A tag is refused where something is published; what else could break out of a page is here."""
    await published(engines, service.model_copy(update={"fees": both("5 < 7 \" & '"), "summary": both("{{ 7 * 7 }}")}))
    page = (await provider.get(link(service.id))).text
    assert "5 &lt; 7 &#34; &amp; &#39;" in page
    assert "{{ 7 * 7 }}" in page


# Too much


async def test_one_link_is_answered_so_often_and_not_more(
    provider: Visitor, engines: Resources, service: Service
) -> None:
    address = link(service.id)
    for _ in range(throttle.PER_LINK[0].amount):
        assert (await provider.post(f"{address}/changed", data={"note": "x"})).status_code == 200
    page = await provider.post(f"{address}/changed", data={"note": "the one too many", "change": "hours"})
    assert page.status_code == 429
    assert int(page.headers["retry-after"]) > 0
    assert ">the one too many</textarea>" in page.text
    assert len(await reports(engines)) == throttle.PER_LINK[0].amount
    [right] = ticks((await provider.get(address)).text)
    assert (await provider.post(address, data={"right": right})).status_code == 429
    # Another link of the same service, from the same network.
    other = link(service.id, days=13)
    assert (await provider.post(other, data={"right": right})).status_code == 200


async def test_one_address_may_not_try_links_for_ever(provider: Visitor, service: Service) -> None:
    for number in range(throttle.LINKS_PER_ADDRESS[0].amount):
        assert (await provider.post(f"/confirm/{number}", data={"right": "x"})).status_code == 404
    [right] = ticks((await provider.get(link(service.id))).text)
    assert (await provider.post(link(service.id), data={"right": right})).status_code == 429


async def test_while_nobody_can_count_nothing_is_taken(
    make_app: Callable[..., FastAPI], engines: Resources, service: Service
) -> None:
    nowhere = Redis.from_url("redis://127.0.0.1:9")
    async with browsing(make_app(redis=nowhere)) as visitor:
        [right] = ticks((await visitor.get(link(service.id))).text)
        answer = await visitor.post(link(service.id), data={"right": right})
        assert answer.status_code == 503
        assert "Please try again in a minute" in answer.text
    await nowhere.aclose()
    assert await assured(engines, service) == OLD.isoformat()


async def test_odd_charsets_are_refused_without_the_consoles_frame(provider: Visitor, service: Service) -> None:
    part = '--x\r\nContent-Disposition: form-data; name="note"\r\nContent-Type: text/plain; charset=utf-7\r\n\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=x; charset=unicode_escape"}
    answer = await provider.post(
        f"{link(service.id)}/changed", content=f"{part}\\ud800\r\n--x--\r\n".encode(), headers=headers
    )
    assert answer.status_code in (403, 422)
    assert "/console/" not in answer.text


async def test_failures_show_nothing_of_the_console(app: FastAPI, provider: Visitor, service: Service) -> None:
    answer = await provider.put(link(service.id))
    assert answer.status_code == 405
    assert "Something went wrong" in answer.text
    assert "/console/" not in answer.text
    assert answer.headers["x-robots-tag"] == "noindex"
