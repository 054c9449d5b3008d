"""Referrals in the console: who may see what, the list, one page, and the moves from it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from console.accounts import Staff
from conversations.models import Conversation
from directory import publishing
from directory.needs import NEEDS
from directory.records import Service
from infrastructure.resources import Resources
from referrals import erasure, lifecycle, opening
from referrals.models import OUTCOMES, STATES, Consent, Referral, ReferralEvent
from tests.console.browsing import Visitor
from tests.console.directory_pages import words
from tests.console.people import admin, hotline, people, reviewer, sign_in
from tests.console.referral_pages import (
    ATTACK,
    LIST,
    acts,
    caseworker,
    made,
    moved,
    news,
    now,
    open_one,
    service,
    talk,
)
from tests.console.rows import conversation
from tests.referrals.rows import opened

__all__ = ["admin", "caseworker", "hotline", "made", "people", "reviewer", "service", "sign_in", "talk"]


@pytest.mark.parametrize("who", ["hotline", "reviewer"])
async def test_only_caseworkers_and_admins_work_on_them(
    sign_in: Callable[..., Any], engines: Resources, made: Referral, talk: Conversation, who: str
) -> None:
    visitor, page = await sign_in(who), f"{LIST}/{made.id}"
    new = f"{LIST}/new?conversation={talk.id}"
    for address in (LIST, f"{LIST}/count", page, new):
        answer = await visitor.get(address)
        assert answer.status_code == 403, address
        assert made.code not in answer.text
    assert "Only caseworkers and admins can do this" in answer.text
    for act in ("move", "take", "person", "recalled"):
        answer = await visitor.submit(f"{page}/{act}", "/console/conversations", to="received", seen="sent")
        assert answer.status_code == 403, act
    assert (await visitor.submit(new, "/console/conversations", need="food", step="open")).status_code == 403
    assert (await now(engines, made)).state == "sent"
    assert LIST not in (await visitor.get("/console/conversations")).text


async def test_pages_need_somebody_signed_in(visitor: Visitor, made: Referral) -> None:
    for address in (LIST, f"{LIST}/count", f"{LIST}/{made.id}", f"{LIST}/new?conversation={uuid4()}"):
        assert (await visitor.get(address)).headers["location"].startswith("/console/sign-in"), address


async def test_what_a_thread_says_depends_on_who_reads_it(
    sign_in: Callable[..., Any], made: Referral, talk: Conversation
) -> None:
    pages = {}
    for who in ("hotline", "reviewer", "caseworker", "admin"):
        visitor = await sign_in(who)
        pages[who] = (await visitor.get(f"/console/conversations/{talk.id}")).text
        again = (await visitor.get(f"/console/conversations/{talk.id}/thread")).text
        assert (made.code in again) == (made.code in pages[who])
    assert made.code not in pages["reviewer"]
    assert f"{made.code} Sent" in words(pages["hotline"]).replace("</bdi>", "")
    assert f"{LIST}/{made.id}" not in pages["hotline"]
    assert "Open a referral" not in pages["hotline"]
    for who in ("caseworker", "admin"):
        assert f'href="{LIST}/{made.id}"' in pages[who]
        assert f'href="{LIST}/new?conversation={talk.id}"' in pages[who]
    for page in pages.values():
        assert "Umm Ali" not in page
        assert "Legal clinic" not in page


async def test_the_list_is_narrowed_and_counted(
    caseworker: Visitor, people: dict[str, Staff], engines: Resources, made: Referral, talk: Conversation
) -> None:
    old, food = await open_one(engines, talk, "cash", place="IQG08"), await open_one(engines, talk, "food")
    await moved(engines, food, people["admin"], "received", "accepted")
    async with engines.sessions() as session:
        (await session.get_one(Referral, old.id)).changed_at = datetime.now(UTC) - timedelta(days=4)
        await lifecycle.take(session, food.id, people["caseworker"].id, seen=None)
        await session.commit()

    async def listed(query: str) -> list[str]:
        page = (await caseworker.get(f"{LIST}?{query}")).text
        return list(re.findall(r'referral-code">([^<]+)', page))

    assert await listed("") == [old.code, made.code, food.code]
    assert await listed("state=sent") == [old.code, made.code]
    assert await listed("state=sent&need=cash") == [old.code]
    assert await listed("governorate=IQG15") == [made.code]
    assert await listed("whose=mine") == [food.code]
    assert await listed("whose=nobody") == [old.code, made.code]
    assert await listed("overdue=true") == [old.code]
    assert await listed("state=closed") == []
    page = words((await caseworker.get(LIST)).text)
    for shown in ("3 referrals", "Sent 2", "Accepted 1", "Overdue", "Legal clinic", "Legal clinic's owner", "Mosul"):
        assert shown in page
    assert (await caseworker.get(f"{LIST}/count")).text == "2"
    for secret in ("Umm Ali", "they took", "7654321"):
        assert secret not in page


@pytest.mark.parametrize(
    "query",
    [
        "state=lost",
        "state=draft",
        "need=magic",
        "need=gbv",
        "governorate=IQG99",
        "whose=all",
        "page=0",
        "overdue=x",
        f"state={ATTACK}",
    ],
)
async def test_filters_that_no_page_of_ours_has(caseworker: Visitor, query: str) -> None:
    assert (await caseworker.get(f"{LIST}?{query}")).status_code == 404


async def test_a_long_list_has_pages(caseworker: Visitor, engines: Resources, people: dict[str, Staff]) -> None:
    async with engines.sessions() as session:
        for person in range(7):
            one = await conversation(session, f"+96477000000{person:02d}")
            for need in NEEDS[:5]:
                await opened(session, engines.wording, one, need)
        await session.commit()
    first = (await caseworker.get(f"{LIST}?state=sent")).text
    assert first.count('<li id="referral-') == 30
    found = re.search(r'href="([^"]+page=2)">Next', first)
    assert found
    assert (await caseworker.get(unescape(found[1]))).text.count('<li id="referral-') == 5


async def test_a_page_tells_what_for_and_hides_for_whom(
    caseworker: Visitor, engines: Resources, made: Referral
) -> None:
    page = (await caseworker.get(f"{LIST}/{made.id}")).text
    text = words(page)
    for shown in (made.code, "Legal help", "Mosul", "Legal clinic", "Legal clinic's owner", "By call, at any time"):
        assert shown in text, shown
    consent = await kept_consent(engines, made)
    assert consent.text
    assert consent.text in unescape(page)
    assert "•••321" in text
    for secret in ("7654321", "Umm Ali", "they took", "1112233"):
        assert secret not in page
    assert await acts(engines, "referral.person_seen") == []


async def kept_consent(engines: Resources, made: Referral) -> Consent:
    async with engines.sessions() as session:
        return await session.get_one(Consent, made.id)


async def test_looking_for_whom_is_one_press_that_the_log_keeps(
    caseworker: Visitor, engines: Resources, people: dict[str, Staff], made: Referral
) -> None:
    page = f"{LIST}/{made.id}"
    assert (await caseworker.get(f"{page}/person")).status_code == 405
    shown = (await caseworker.submit(f"{page}/person", page)).text
    assert "+9647707654321" in shown
    assert "Umm Ali" in shown
    assert "they took our house &lt;script&gt;" in shown
    assert ATTACK not in shown
    [act] = await acts(engines, "referral.person_seen")
    assert (act.actor_id, act.subject_id, act.details) == (people["caseworker"].id, made.id, {"code": made.code})
    assert "Umm Ali" not in (await caseworker.get(page)).text


async def test_the_number_they_write_from_is_shown_where_there_is_no_other(
    caseworker: Visitor, engines: Resources, talk: Conversation
) -> None:
    page = f"{LIST}/{(await open_one(engines, talk)).id}"
    assert "•••233" in (await caseworker.get(page)).text
    assert 'href="tel:+9647701112233"' in (await caseworker.submit(f"{page}/person", page)).text


async def test_a_move_is_recorded_and_the_person_hears_of_it(
    caseworker: Visitor, engines: Resources, people: dict[str, Staff], made: Referral, talk: Conversation
) -> None:
    page = f"{LIST}/{made.id}"
    answer = await caseworker.submit(f"{page}/move", page, to="received", seen="sent", note=f"called {ATTACK}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{page}?done=moved")
    assert (await now(engines, made)).state == "received"
    shown = (await caseworker.get(f"{page}?done=moved")).text
    assert "Done. The person is told." in shown
    assert "called &lt;script&gt;" in shown
    assert "The caseworker" in shown
    [heard] = await news(engines, talk)
    assert made.code in heard
    async with engines.sessions() as session:
        last = (await session.scalars(select(ReferralEvent).order_by(ReferralEvent.number.desc()))).first()
    assert last
    assert (last.to_state, last.by_staff, last.note) == ("received", people["caseworker"].id, f"called {ATTACK}")


@pytest.mark.parametrize("state", ["sent", "received", "accepted", "declined", "in_service", "closed", "withdrawn"])
async def test_a_page_offers_the_allowed_moves_and_no_others(
    caseworker: Visitor, engines: Resources, people: dict[str, Staff], made: Referral, state: str
) -> None:
    ways = {
        "received": ("received",),
        "accepted": ("received", "accepted"),
        "declined": ("received", "declined"),
        "in_service": ("received", "accepted", "in_service"),
        "closed": ("closed",),
        "withdrawn": ("withdrawn",),
    }
    await moved(engines, made, people["admin"], *ways.get(state, ()), outcome="moved")
    page = f"{LIST}/{made.id}"
    shown = (await caseworker.get(page)).text
    assert set(re.findall(r'name="to" value="(\w+)"', shown)) == set(lifecycle.MOVES[state])
    offered = set(re.findall(r'<option value="(\w+)"', shown))
    assert offered == (set(lifecycle.ENDINGS[state]) if "closed" in lifecycle.MOVES[state] else set())
    for to in set(STATES) - set(lifecycle.MOVES[state]):
        answer = await caseworker.submit(f"{page}/move", page, to=to, seen=state, outcome="other")
        assert answer.status_code == 409, to
    assert (await now(engines, made)).state == state
    # Every state, move and outcome has words.
    for code in STATES + OUTCOMES:
        if "_" in code:
            assert f">{code}<" not in shown


async def test_closing_needs_an_outcome(
    caseworker: Visitor, engines: Resources, made: Referral, talk: Conversation
) -> None:
    page = f"{LIST}/{made.id}"
    answer = await caseworker.submit(f"{page}/move", page, to="closed", seen="sent", note="rang three times")
    assert answer.status_code == 422
    assert "Choose how it ended" in answer.text
    assert ">rang three times</textarea>" in answer.text
    for outcome in ("helped", "cured", ATTACK):
        answer = await caseworker.submit(f"{page}/move", page, to="closed", seen="sent", outcome=outcome)
        assert answer.status_code in (404, 409), outcome
    assert (await now(engines, made)).state == "sent"
    answer = await caseworker.submit(f"{page}/move", page, to="closed", seen="sent", outcome="not_reached")
    assert answer.status_code == 303
    assert "Could not be reached" in (await caseworker.get(page)).text
    assert len(await news(engines, talk)) == 1


async def test_a_colleague_was_faster(
    caseworker: Visitor, admin: Visitor, engines: Resources, made: Referral, talk: Conversation
) -> None:
    page = f"{LIST}/{made.id}"
    await caseworker.submit(f"{page}/move", page, to="received", seen="sent")
    answer = await admin.submit(f"{page}/move", page, to="closed", seen="sent", outcome="other", note="my long note")
    assert answer.status_code == 409
    assert "was faster" in answer.text
    assert ">my long note</textarea>" in answer.text
    assert 'name="seen" value="received"' in answer.text
    assert (await now(engines, made)).state == "received"
    assert len(await news(engines, talk)) == 1


async def test_the_person_was_faster(
    caseworker: Visitor, engines: Resources, made: Referral, talk: Conversation
) -> None:
    page = f"{LIST}/{made.id}"
    async with engines.sessions() as session:
        await opening.withdraw(session, talk.id, await session.get_one(Referral, made.id))
        await session.commit()
    answer = await caseworker.submit(f"{page}/move", LIST, to="received", seen="sent", note="a note")
    assert answer.status_code == 409
    # No move is left, but what was written is.
    assert ">a note</textarea>" in answer.text
    assert await news(engines, talk) == []


async def test_taking_it_and_taking_it_over(
    caseworker: Visitor, admin: Visitor, engines: Resources, people: dict[str, Staff], made: Referral
) -> None:
    page = f"{LIST}/{made.id}"
    assert (await caseworker.submit(f"{page}/take", page, seen="")).status_code == 303
    answer = await admin.submit(f"{page}/take", page, seen="")
    assert answer.status_code == 409
    assert "The caseworker" in answer.text
    assert (await now(engines, made)).assigned_to == people["caseworker"].id
    mine = people["caseworker"].id
    assert (await admin.submit(f"{page}/take", page, seen=str(mine))).status_code == 303
    assert (await now(engines, made)).assigned_to == people["admin"].id
    for nonsense in ("x", ATTACK, "0" * 40):
        assert (await admin.submit(f"{page}/take", page, seen=nonsense)).status_code == 400


async def test_forms_that_no_page_of_ours_sends(caseworker: Visitor, engines: Resources, made: Referral) -> None:
    page = f"{LIST}/{made.id}"
    assert (await caseworker.post(f"{page}/move", data={"to": "received", "seen": "sent"})).status_code == 403
    for fields in ({}, {"to": "received"}, {"to": "heaven", "seen": "sent"}, {"to": "received", "seen": ATTACK[:20]}):
        assert (await caseworker.submit(f"{page}/move", page, **fields)).status_code == 400
    assert (await caseworker.submit(f"{page}/move", page, to="x" * 9999, seen="sent")).status_code == 404
    answer = await caseworker.submit(f"{page}/move", page, to="received", seen="sent", note="x" * 1001)
    assert answer.status_code == 422
    assert "longer than 1,000 characters" in answer.text
    for other in (uuid4(), "x"):
        for act in ("move", "take", "person", "recalled"):
            answer = await caseworker.submit(
                f"{LIST}/{other}/{act}", LIST, to="received", seen="sent" * (act == "move")
            )
            assert answer.status_code == 404, act
        assert (await caseworker.get(f"{LIST}/{other}")).status_code == 404
    assert (await now(engines, made)).state == "sent"


async def test_a_service_taken_out_of_the_directory(
    caseworker: Visitor, engines: Resources, made: Referral, service: Service
) -> None:
    async with engines.sessions() as session:
        await publishing.archive(session, service.id)
        await session.commit()
    text = words((await caseworker.get(f"{LIST}/{made.id}")).text)
    assert "Not offered any more" in text
    assert "nobody is sent there" in text
    assert "Legal clinic" in text
    assert "Not offered any more" in words((await caseworker.get(LIST)).text)
    page = f"{LIST}/{made.id}"
    answer = await caseworker.submit(f"{page}/move", page, to="closed", seen="sent", outcome="other")
    assert answer.status_code == 303


async def test_who_had_it_is_told_to_forget_it(
    caseworker: Visitor, engines: Resources, people: dict[str, Staff], made: Referral, talk: Conversation
) -> None:
    ours = await open_one(engines, talk, "food")
    for one in (made, ours):
        await moved(engines, one, people["admin"], "received", "withdrawn")
    page = f"{LIST}/{made.id}"
    assert "Legal clinic's owner had it" in words((await caseworker.get(page)).text)
    listed = (await caseworker.get(LIST)).text
    assert made.code in listed
    # What only we had needs no call.
    assert ours.code not in listed
    assert (await caseworker.submit(f"{LIST}/{ours.id}/recalled", LIST)).status_code == 409
    for _ in range(2):
        assert (await caseworker.submit(f"{page}/recalled", page)).status_code == 303
    assert made.code not in (await caseworker.get(LIST)).text
    assert "had it" not in (await caseworker.get(page)).text
    assert len(await acts(engines, "referral.recalled")) == 1


async def test_what_was_never_passed_on_needs_no_forgetting(
    engines: Resources, people: dict[str, Staff], made: Referral
) -> None:
    await moved(engines, made, people["admin"], "withdrawn")
    assert (await now(engines, made)).recall is None


async def test_an_erased_one_shows_its_bare_history(
    caseworker: Visitor, engines: Resources, people: dict[str, Staff], made: Referral
) -> None:
    await moved(engines, made, people["admin"], "received")
    async with engines.sessions() as session:
        assert made.person_id
        await erasure.erase_person(session, made.person_id)
        await session.commit()
    page = f"{LIST}/{made.id}"
    shown = (await caseworker.get(page)).text
    assert "nobody is known here any more" in shown
    assert "Taken back" in shown
    assert "Place Not said" in words(shown)
    for secret in ("•••", "توافق", "/console/conversations/"):
        assert secret not in shown.split("<main", 1)[1], secret
    assert (await caseworker.submit(f"{page}/person", page)).status_code == 409
    assert await acts(engines, "referral.person_seen") == []


async def test_pages_run_from_the_right_in_arabic(sign_in: Callable[..., Any], made: Referral) -> None:
    visitor = await sign_in("caseworker", "ar")
    for address in (LIST, f"{LIST}/{made.id}"):
        page = (await visitor.get(address)).text
        assert 'dir="rtl"' in page
        assert "الإحالات" in page
        assert f'<bdi dir="ltr" class="code referral-code">{made.code}</bdi>' in page


async def test_the_log_of_the_directory_tells_reviewers_nothing_of_referrals(
    reviewer: Visitor, admin: Visitor, made: Referral
) -> None:
    log = "/console/directory/log"
    assert "Referral opened" in words((await admin.get(log)).text).split("Anything", 1)[1]
    assert made.code in (await admin.get(log)).text
    for address in (log, f"{log}?action=referral.opened", f"{log}?entry={made.id}"):
        assert made.code not in (await reviewer.get(address)).text
