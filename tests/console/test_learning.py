"""The learning list: what is shown, who may correct, and what a correction keeps."""

import re
import uuid
from typing import Any

import pytest
import yaml
from fastapi import FastAPI
from sqlalchemy import select

from console import accounts, taxonomy
from console.accounts import ROLES, Staff
from conversations.models import DANGERS, Correction, Message
from infrastructure.resources import Resources
from infrastructure.wording import RESPONSES
from tests.console.browsing import PASSWORD, Visitor, browsing
from tests.console.rows import ago, conversation, message, turn

LIST = "/console/learning"
ATTACK = '<script>alert("x")</script><img src=x onerror=alert(1)>'
NUMBER = "+9647701234567"


async def asked(engines: Resources, text: str, intent: str | None = "find_service", **columns: Any) -> Message:
    """A message the bot was unsure of, unless told otherwise."""
    async with engines.sessions() as session:
        talk = await conversation(session, f"{NUMBER}{uuid.uuid4().int % 10**6}")
        stored = await message(session, talk, text)
        await turn(session, stored, intent, **{"sure": False, "confidence": 0.31} | columns)
        await session.commit()
    return stored


async def corrections(engines: Resources) -> list[Correction]:
    async with engines.sessions() as session:
        return list(await session.scalars(select(Correction)))


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


async def test_pages_need_somebody_signed_in(visitor: Visitor, engines: Resources) -> None:
    stored = await asked(engines, "hello")
    for address in (LIST, f"{LIST}/{stored.id}", f"{LIST}/{stored.id}/details"):
        assert (await visitor.get(address)).headers["location"].startswith("/console/sign-in"), address
    answer = await visitor.submit(f"{LIST}/{stored.id}", right="1")
    assert answer.headers["location"].startswith("/console/sign-in")
    assert await corrections(engines) == []


@pytest.mark.parametrize("role", [role for role in ROLES if role != "psea"])
async def test_every_role_may_correct(app: FastAPI, engines: Resources, role: str) -> None:
    stored = await asked(engines, "hello")
    async with engines.sessions() as session:
        await accounts.create_staff(session, f"{role}@example.org", role, role, PASSWORD)
        await session.commit()
    async with browsing(app) as visitor:
        await visitor.sign_in(f"{role}@example.org")
        assert "hello" in (await visitor.get(LIST)).text
        assert (await visitor.submit(f"{LIST}/{stored.id}", LIST, right="1")).status_code == 303
    assert len(await corrections(engines)) == 1


async def test_list_shows_what_was_understood_and_no_number(colleague: Visitor, engines: Resources) -> None:
    entities = {"need": ["mhpss"], "place": ["IQG15"], "aspect": ["cost"]}
    stored = await asked(engines, "وين اكدر احصل على دعم", language="ar", entities=entities)
    await asked(
        engines, "ger hûn dikarin", language="kmr", script="Latn", outcome="failed", confidence=None, intent=None
    )
    page = (await colleague.get(LIST)).text
    for shown in ("Looks for help 31%", "Mental health", "Cost", "Arabic Unsure", "Kurmanji Kurdish Unanswered"):
        assert shown in words(page), shown
    assert f"/console/conversations/{stored.conversation_id}#m-{stored.id}" in page
    assert "never used for training" in page
    assert "less than 50% confidence" in page
    assert "•••" not in page
    assert "77012" not in page


async def test_every_code_has_words(colleague: Visitor, engines: Resources) -> None:
    stored = await asked(engines, "hello")
    for language in ("en", "ar"):
        await colleague.submit("/console/language", LIST, language=language)
        pages = [(await colleague.get(LIST)).text]
        pages += [
            (await colleague.get(f"{LIST}/{stored.id}/details?intent={intent}")).text for intent in taxonomy.DETAILS_OF
        ]
        shown = set(re.findall(r">\s*([\w ]+?)\s*<", "".join(pages)))
        offered = [code for codes in [*taxonomy.INTENTS.values(), *taxonomy.DETAILS.values()] for code in codes]
        assert all(f'value="{code}"' in "".join(pages) for code in offered)
        assert shown & {*offered, *taxonomy.INTENTS, *taxonomy.DETAILS} == set()


async def test_filters(colleague: Visitor, engines: Resources) -> None:
    await asked(engines, "unsure-english", language="en")
    await asked(engines, "failed-arabic", None, outcome="failed", confidence=None)
    await asked(engines, "sure-of-danger", "gbv_disclosure", sure=True, confidence=0.99)

    async def listed(**filters: str) -> list[str]:
        page = (await colleague.get(LIST, params=filters)).text
        return re.findall(r'<p class="lesson-text"[^>]*>([\w-]+)<', page)

    assert await listed() == ["sure-of-danger", "failed-arabic", "unsure-english"]
    assert await listed(state="unsure") == ["unsure-english"]
    assert await listed(state="unanswered", language="ar", band="") == ["failed-arabic"]
    assert await listed(language="en") == ["unsure-english"]
    assert await listed(band="over_70") == ["sure-of-danger"]
    assert await listed(band="30_to_50", language="ar") == []
    for unknown in ("state=x", "language=de", "band=low", "before=x", "before=0", f"before={2**63}"):
        assert (await colleague.get(f"{LIST}?{unknown}")).status_code == 404, unknown
    assert "Nothing here" in (await colleague.get(f"{LIST}?before={2**63 - 1}&state=corrected")).text


async def test_older_messages_are_a_page_away(colleague: Visitor, engines: Resources) -> None:
    for number in range(21):
        await asked(engines, f"message-{number:02d}", language="en")
    first = (await colleague.get(f"{LIST}?language=en")).text
    assert (first.count('class="lesson '), "message-00" in first) == (20, False)
    older = re.search(r'href="([^"]+before=[^"]+)"', first)
    assert older
    second = (await colleague.get(older[1].replace("&amp;", "&"))).text
    assert (second.count('class="lesson '), "message-00" in second) == (1, True)
    assert f'href="{LIST}?state=all&amp;language=en"' in second


async def test_one_click_says_that_the_bot_was_right(colleague: Visitor, staff: Staff, engines: Resources) -> None:
    stored = await asked(engines, "hello", entities={"need": ["cash", "no_such_need"], "place": ["IQG15"]})
    answer = await colleague.submit(f"{LIST}/{stored.id}?state=unsure", LIST, right="1")
    assert answer.headers["location"] == f"{LIST}/{stored.id}?state=unsure"
    [correction] = await corrections(engines)
    assert (correction.intent, correction.entities) == ("find_service", {"need": ["cash"]})
    assert correction.corrected_by == staff.id
    page = (await colleague.get(answer.headers["location"])).text
    assert "Zainab says Looks for help Cash" in words(page)
    assert f'href="{LIST}?state=unsure"' in page


async def test_with_htmx_the_row_comes_back(colleague: Visitor, engines: Resources) -> None:
    stored = await asked(engines, "hello")
    details = (await colleague.get(f"{LIST}/{stored.id}/details?intent=ask_document")).text
    assert 'name="details_for" value="ask_document"' in details
    assert 'name="document" value="passport"' in details
    fields = {"intent": "ask_document", "details_for": "ask_document", "document": ["ration_card", "passport"]}
    token = await colleague.token(LIST)
    colleague.headers["HX-Request"] = "true"
    answer = await colleague.post(f"{LIST}/{stored.id}", data={"form_token": token, **fields})
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert f'id="lesson-{stored.id}"' in answer.text
    assert "Zainab says Asks about a document Passport Ration card" in words(answer.text)
    [correction] = await corrections(engines)
    assert correction.entities == {"document": ["passport", "ration_card"]}


async def test_details_not_looked_at_stay_as_the_bot_read_them(colleague: Visitor, engines: Resources) -> None:
    entities = {"need": ["cash"], "document": ["passport"], "aspect": ["where"]}
    stored = await asked(engines, "hello", "find_service", entities=entities)
    await colleague.submit(f"{LIST}/{stored.id}", LIST, intent="ask_document", details_for="find_service", need="food")
    [correction] = await corrections(engines)
    assert correction.entities == {"document": ["passport"], "aspect": ["where"]}
    page = f"{LIST}/{stored.id}"
    fields = {"seen": correction.corrected_at.isoformat(), "details_for": "ask_document", "intent": "ask_document"}
    await colleague.submit(page, page, **fields)
    [correction] = await corrections(engines)
    assert correction.entities == {}


async def test_a_colleague_was_faster(app: FastAPI, colleague: Visitor, engines: Resources) -> None:
    stored = await asked(engines, "hello")
    async with engines.sessions() as session:
        omar = await accounts.create_staff(session, "omar@example.org", "Omar", "admin", PASSWORD)
        await session.commit()
    async with browsing(app) as other:
        await other.sign_in("omar@example.org")
        assert (await other.submit(f"{LIST}/{stored.id}", LIST, intent="greet")).status_code == 303
    answer = await colleague.submit(f"{LIST}/{stored.id}", LIST, right="1")
    assert answer.status_code == 409
    assert "A colleague was faster" in answer.text
    assert "Omar says Greeting" in words(answer.text)
    [correction] = await corrections(engines)
    assert (correction.intent, correction.corrected_by) == ("greet", omar.id)
    seen = re.search(r'name="seen" value="([^"]+)"', answer.text)
    assert seen
    again = await colleague.submit(f"{LIST}/{stored.id}", LIST, right="1", seen=seen[1])
    assert again.status_code == 303
    [correction] = await corrections(engines)
    assert correction.intent == "find_service"


@pytest.mark.parametrize("danger", DANGERS)
async def test_false_alarms_are_listed_and_can_be_corrected(
    colleague: Visitor, engines: Resources, danger: str
) -> None:
    stored = await asked(engines, "this heat is killing me", danger, sure=True, confidence=1.0)
    assert "lesson-danger" in (await colleague.get(LIST)).text
    assert (await colleague.submit(f"{LIST}/{stored.id}", LIST, intent="out_of_scope")).status_code == 303
    assert "lesson-danger" in (await colleague.get(f"{LIST}?state=corrected")).text


async def test_what_people_write_stays_text(colleague: Visitor, engines: Resources) -> None:
    stored = await asked(engines, ATTACK)
    long = await asked(engines, "ا" * 10_000)
    await asked(engines, "\u202eevil", language="other")
    for address in (LIST, f"{LIST}/{stored.id}", f"{LIST}/{long.id}"):
        page = (await colleague.get(address)).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    assert "&lt;script&gt;" in (await colleague.get(LIST)).text
    assert "ا" * 10_000 in (await colleague.get(f"{LIST}/{long.id}")).text
    assert (await colleague.get(f"{LIST}/{stored.id}/details", params={"intent": ATTACK})).text.count("<script") == 0


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"intent": ""},
        {"intent": "no_such_intent"},
        {"intent": "need"},
        {"intent": ATTACK},
        {"intent": "x" * 10_000},
        {"intent": "find_service", "details_for": "find_service", "need": "no_such_need"},
        {"intent": "find_service", "details_for": "find_service", "need": ["cash", "passport"]},
        {"intent": "greet", "aspect": ATTACK},
        {"intent": "greet", "seen": "yesterday"},
        {"intent": "greet", "seen": "\0"},
    ],
)
async def test_unknown_codes_are_refused(colleague: Visitor, engines: Resources, fields: dict[str, Any]) -> None:
    stored = await asked(engines, "hello")
    answer = await colleague.submit(f"{LIST}/{stored.id}", LIST, **fields)
    assert answer.status_code == 400
    assert await corrections(engines) == []


async def test_nothing_understood_is_not_right_as_it_is(colleague: Visitor, engines: Resources) -> None:
    stored = await asked(engines, "hello", None, outcome="failed", confidence=None)
    assert "Right as it is" not in (await colleague.get(LIST)).text
    assert (await colleague.submit(f"{LIST}/{stored.id}", LIST, right="1")).status_code == 400


async def test_unknown_messages_get_a_page(colleague: Visitor, engines: Resources) -> None:
    async with engines.sessions() as session:
        unread = await message(session, await conversation(session, NUMBER), "not read yet", created_at=ago(minutes=1))
        await session.commit()
    for address in (f"{LIST}/{uuid.uuid4()}", f"{LIST}/{unread.id}", f"{LIST}/x", f"{LIST}/{unread.id}/details"):
        assert (await colleague.get(address)).status_code == 404
    assert (await colleague.submit(f"{LIST}/{unread.id}", LIST, intent="greet")).status_code == 404


async def test_form_from_elsewhere_is_refused(colleague: Visitor, engines: Resources) -> None:
    stored = await asked(engines, "hello")
    answer = await colleague.post(f"{LIST}/{stored.id}", data={"right": "1"})
    assert answer.status_code == 403
    token = await colleague.token(LIST)
    elsewhere = {"Origin": "https://evil.example"}
    answer = await colleague.post(f"{LIST}/{stored.id}", data={"form_token": token, "right": "1"}, headers=elsewhere)
    assert answer.status_code == 403
    assert await corrections(engines) == []


async def test_a_thread_leads_to_what_was_misread_with_confidence(colleague: Visitor, engines: Resources) -> None:
    stored = await asked(engines, "hello", sure=True, confidence=0.99)
    assert "hello" not in (await colleague.get(LIST)).text
    thread = (await colleague.get(f"/console/conversations/{stored.conversation_id}")).text
    assert f'href="{LIST}/{stored.id}"' in thread
    assert "hello" in (await colleague.get(f"{LIST}/{stored.id}")).text


def test_staff_can_choose_every_intent_there_is() -> None:
    domain = yaml.safe_load((RESPONSES.parent / "domain.yml").read_text("utf-8"))
    known = {next(iter(intent)) if isinstance(intent, dict) else intent for intent in domain["intents"]}
    assert {intent for intents in taxonomy.INTENTS.values() for intent in intents} == known - {"nlu_fallback"}
