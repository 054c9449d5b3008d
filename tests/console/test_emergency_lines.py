"""Emergency lines: who may change them, what a line must be, and what people are told."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from console import accounts
from console.accounts import Staff
from conversations import danger
from conversations.models import DANGERS, EmergencyLine
from daleel.database import demo_line
from infrastructure.local_time import day_in_iraq
from infrastructure.resources import Resources
from infrastructure.segments import parts
from tests.console.browsing import PASSWORD, Visitor, browsing

LIST = "/console/emergency-lines"
ATTACK = '<script>alert("x")</script>'
GOOD: dict[str, Any] = {
    "number": "07700000001",
    "name_ar": "خط المساعدة",
    "name_en": "Help line",
    "danger": ["suicide_risk", "medical_emergency"],
    "called": "1",
}
TODAY = day_in_iraq()


async def lines(engines: Resources) -> list[EmergencyLine]:
    async with engines.sessions() as session:
        return list(await session.scalars(select(EmergencyLine).order_by(EmergencyLine.number)))


async def stored(engines: Resources, number: str = "07700000001", **columns: Any) -> EmergencyLine:
    plain = {"name": {"ar": "خط", "en": "Line"}, "dangers": list(DANGERS), "verified_on": TODAY}
    async with engines.sessions() as session:
        line = EmergencyLine(number=number, **plain | columns)
        session.add(line)
        await session.commit()
    return line


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


async def test_pages_need_somebody_signed_in(visitor: Visitor) -> None:
    for address in (LIST, f"{LIST}/new", f"{LIST}/{uuid.uuid4()}"):
        assert (await visitor.get(address)).headers["location"].startswith("/console/sign-in"), address


@pytest.mark.parametrize("role", ["hotline", "caseworker"])
async def test_others_read_and_change_nothing(app: FastAPI, boss: Staff, engines: Resources, role: str) -> None:
    line = await stored(engines, verified_by=boss.id)
    async with engines.sessions() as session:
        await accounts.create_staff(session, f"{role}@example.org", role, role, PASSWORD)
        await session.commit()
    async with browsing(app) as visitor:
        await visitor.sign_in(f"{role}@example.org")
        page = (await visitor.get(LIST)).text
        assert "07700000001" in page
        assert "Only admins can change them" in page
        assert f"{LIST}/" not in page
        for address in (f"{LIST}/new", f"{LIST}/{line.id}"):
            assert (await visitor.get(address)).status_code == 403
        for address in (f"{LIST}/new", f"{LIST}/{line.id}", f"{LIST}/{line.id}/remove"):
            answer = await visitor.submit(address, LIST, **GOOD | {"number": "123"})
            assert answer.status_code == 403
            assert "Only admins can do this" in answer.text
    assert [line.number for line in await lines(engines)] == ["07700000001"]


async def test_a_line_is_added_as_it_is_dialled(admin: Visitor, boss: Staff, engines: Resources) -> None:
    fields = GOOD | {"number": " ٠٧٧٠ 000-0001 ", "name_en": "  Help   line ", "governorate": ["IQG15", "IQG08"]}
    answer = await admin.submit(f"{LIST}/new", f"{LIST}/new", **fields)
    assert (answer.status_code, answer.headers["location"]) == (303, LIST)
    [line] = await lines(engines)
    assert (line.number, line.name) == ("07700000001", {"ar": "خط المساعدة", "en": "Help line"})
    assert (line.dangers, line.governorates) == (["suicide_risk", "medical_emergency"], ["IQG08", "IQG15"])
    assert (line.verified_on, line.verified_by, line.is_demo) == (TODAY, boss.id, False)
    page = words((await admin.get(LIST)).text)
    assert "called on" in page
    assert "by Amal" in page
    assert "Ninewa" in page


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"number": "12"}, "needs 3 to 15 digits"),
        ({"number": "1" * 16}, "needs 3 to 15 digits"),
        ({"number": "1" * 10_000}, "needs 3 to 15 digits"),
        ({"number": "++123"}, "needs 3 to 15 digits"),
        ({"number": "call me"}, "needs 3 to 15 digits"),
        ({"number": ATTACK}, "needs 3 to 15 digits"),
        ({"name_ar": ""}, "The Arabic name is missing"),
        ({"name_ar": "\u202e\u200b\0 "}, "The Arabic name is missing"),
        ({"name_ar": "خ" * 25}, "longer than 24 characters"),
        ({"name_en": "x" * 10_000}, "longer than 24 characters"),
        ({"name_en": ATTACK}, "longer than 24 characters"),
        ({"name_en": "Women’s line"}, "plain letters, digits and simple signs"),
        ({"name_en": "خط"}, "plain letters, digits and simple signs"),
        ({"danger": []}, "at least one danger"),
        ({"danger": ["greet"]}, "a choice that this page does not offer"),
        ({"governorate": ["IQG99"]}, "a choice that this page does not offer"),
        ({"governorate": [ATTACK]}, "a choice that this page does not offer"),
        ({"called": None}, "Call the number first"),
    ],
)
async def test_what_is_wrong_is_told_and_nothing_is_lost(
    admin: Visitor, engines: Resources, change: dict[str, Any], told: str
) -> None:
    fields = {name: value for name, value in (GOOD | change).items() if value is not None}
    answer = await admin.submit(f"{LIST}/new", f"{LIST}/new", **fields)
    assert answer.status_code == 422
    assert told in answer.text
    assert "<script>alert" not in answer.text
    if "name_ar" not in change:
        assert 'value="خط المساعدة"' in answer.text
    assert await lines(engines) == []


async def test_a_form_without_fields_is_told_too(admin: Visitor) -> None:
    assert (await admin.submit(f"{LIST}/new", f"{LIST}/new")).status_code == 422


async def test_a_number_is_there_once(admin: Visitor, engines: Resources) -> None:
    line = await stored(engines)
    other = await stored(engines, "122")
    answer = await admin.submit(f"{LIST}/new", f"{LIST}/new", **GOOD)
    assert answer.status_code == 422
    assert "in the list already" in answer.text
    answer = await admin.submit(f"{LIST}/{other.id}", f"{LIST}/new", **GOOD)
    assert "in the list already" in answer.text
    assert [kept.id for kept in await lines(engines)] == [line.id, other.id]


async def test_only_a_new_number_must_be_called_again(admin: Visitor, boss: Staff, engines: Resources) -> None:
    line = await stored(engines, verified_on=TODAY - timedelta(days=200))
    page = f"{LIST}/{line.id}"
    fields = {name: value for name, value in GOOD.items() if name != "called"}
    assert (await admin.submit(page, page, **fields)).status_code == 303
    [kept] = await lines(engines)
    assert (kept.name["en"], kept.verified_by) == ("Help line", None)
    assert kept.verified_on == TODAY - timedelta(days=200)
    answer = await admin.submit(page, page, **fields | {"number": "122"})
    assert answer.status_code == 422
    assert "Call the number first" in answer.text
    assert (await admin.submit(page, page, **GOOD | {"number": "122"})).status_code == 303
    [kept] = await lines(engines)
    assert (kept.number, kept.verified_on, kept.verified_by) == ("122", TODAY, boss.id)


async def test_old_lines_are_not_said_and_say_so(admin: Visitor, engines: Resources) -> None:
    await stored(engines, "111", verified_on=TODAY - timedelta(days=danger.VERIFIED_DAYS))
    await stored(engines, "222", verified_on=TODAY - timedelta(days=danger.VERIFIED_DAYS - 1))
    page = (await admin.get(LIST)).text
    assert page.count("Not said any more: call it again") == 1
    listed, preview = page.split('id="preview"')
    assert listed.index("111") < listed.index("Not said any more") < listed.index("222")
    assert "222 Line" in preview
    assert "111" not in preview


async def test_preview_is_what_is_sent(admin: Visitor, engines: Resources) -> None:
    await stored(engines, "111", name={"ar": "خط عام", "en": "Everywhere"})
    await stored(
        engines, "222", name={"ar": "خط نينوى", "en": "Ninewa"}, governorates=["IQG15"], dangers=["gbv_disclosure"]
    )
    for place, said in (("", "111 Everywhere"), ("IQG15", "222 Ninewa\n111 Everywhere")):
        page = (await admin.get(LIST, params={"place": place})).text
        texts = re.findall(r'<p class="bubble answer-text"[^>]*>([^<]+)</p>', page)
        assert len(texts) == 12
        async with engines.sessions() as session:
            known = await danger.lines(session, "gbv_disclosure", [place] if place else [], today=TODAY, demo=True)
        for language in ("ar", "en"):
            answer = danger.say(engines.wording, language, "gbv_disclosure", known)
            assert answer in texts
            assert f"{parts(answer)} SMS part" in words(page)
        assert any(text.endswith(said) for text in texts)
    assert (await admin.get(f"{LIST}?place=IQG99")).status_code == 404


async def test_an_answer_of_four_parts_is_refused(admin: Visitor, engines: Resources) -> None:
    """Both lines fit alone; together they don't, wherever each of them answers."""
    long = {"name_ar": "خ" * 24, "danger": list(DANGERS), "called": "1", "name_en": "x" * 24}
    first = await admin.submit(f"{LIST}/new", f"{LIST}/new", **long, number="+9647700000001", governorate="IQG15")
    assert first.status_code == 303
    second = await admin.submit(f"{LIST}/new", f"{LIST}/new", **long, number="+9647700000002", governorate="IQG08")
    assert second.status_code == 422
    assert "could need 4 SMS parts; 3 is the most" in words(second.text)
    assert len(await lines(engines)) == 1
    short = long | {"name_ar": "خط", "number": "122"}
    assert (await admin.submit(f"{LIST}/new", f"{LIST}/new", **short)).status_code == 303


async def test_demo_lines_are_shown_marked_and_left_alone(admin: Visitor, engines: Resources) -> None:
    async with engines.sessions() as session:
        line = await session.merge(demo_line())
        await session.merge(demo_line())
        await session.commit()
    page = (await admin.get(LIST)).text
    assert "Demo only" in page
    assert "0000000 demo only" in page
    assert f"{LIST}/{line.id}" not in page
    for address in (f"{LIST}/{line.id}", f"{LIST}/{line.id}/remove"):
        assert (await admin.submit(address, LIST, **GOOD)).status_code == 404
    assert [kept.number for kept in await lines(engines)] == ["0000000"]


async def test_outside_demo_mode_demo_lines_are_not_said(
    make_app: Callable[..., FastAPI], engines: Resources, boss: Staff
) -> None:
    async with engines.sessions() as session:
        await session.merge(demo_line())
        await session.commit()
    real = engines.settings.model_copy(update={"twilio_account_sid": "AC1"})
    real.__dict__.pop("demo", None)
    async with browsing(make_app(settings=real)) as visitor:
        await visitor.sign_in("amal@example.org")
        listed, preview = (await visitor.get(LIST)).text.split('id="preview"')
    assert "0000000" in listed
    assert "0000000" not in preview


async def test_a_line_is_removed(admin: Visitor, engines: Resources) -> None:
    line = await stored(engines)
    answer = await admin.submit(f"{LIST}/{line.id}/remove", f"{LIST}/{line.id}")
    assert (answer.status_code, answer.headers["location"]) == (303, LIST)
    assert await lines(engines) == []
    assert (await admin.get(f"{LIST}/{line.id}")).status_code == 404
    assert (await admin.submit(f"{LIST}/{line.id}/remove", LIST)).status_code == 404
    assert "No lines yet" in (await admin.get(LIST)).text


async def test_forms_from_elsewhere_are_refused(admin: Visitor, engines: Resources) -> None:
    line = await stored(engines)
    token = await admin.token(LIST)
    for address in (f"{LIST}/new", f"{LIST}/{line.id}", f"{LIST}/{line.id}/remove"):
        assert (await admin.post(address, data=GOOD)).status_code == 403
        elsewhere = {"Sec-Fetch-Site": "cross-site"}
        assert (await admin.post(address, data=GOOD | {"form_token": token}, headers=elsewhere)).status_code == 403
    assert len(await lines(engines)) == 1
