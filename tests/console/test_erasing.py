"""An admin erases somebody who asked for it by voice."""

import uuid

import pytest
from sqlalchemy import text

from console.accounts import Staff
from infrastructure.resources import Resources
from tests.console.browsing import Visitor
from tests.console.rows import conversation


@pytest.fixture
async def page(engines: Resources) -> str:
    """The page that asks, for somebody who texts on both channels."""
    async with engines.sessions() as session:
        await session.execute(text("truncate procrastinate_jobs cascade"))
        made = await conversation(session, "+9647701234567", "hello")
        person = await session.scalar(text("select id from person"))
        other = await conversation(session, "+9647701234567", channel="whatsapp")
        await session.execute(text("update address set person_id = :person"), {"person": person})
        await session.commit()
    assert other
    return f"/console/conversations/{made.id}/erase"


async def jobs(engines: Resources) -> list[dict[str, str]]:
    async with engines.sessions() as session:
        rows = await session.scalars(text("select args from procrastinate_jobs where task_name like 'erase%'"))
        return list(rows)


async def test_the_page_says_what_goes_and_what_stays(admin: Visitor, page: str) -> None:
    assert page in (await admin.get(page.removesuffix("/erase"))).text
    shown = (await admin.get(page)).text
    for said in ("SMS", "WhatsApp", "•••567", "What stays", "be brought back"):
        assert said in shown, said
    assert "4567" not in shown


async def test_it_is_begun_in_the_admins_name(admin: Visitor, boss: Staff, page: str, engines: Resources) -> None:
    answer = await admin.submit(page, page, asked="1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/erased")
    assert "It is being erased" in (await admin.get("/console/erased")).text
    [job] = await jobs(engines)
    assert job == {"conversation_id": page.split("/")[3], "asked_by": str(boss.id)}


async def test_nothing_happens_where_nobody_said_that_they_asked(admin: Visitor, page: str, engines: Resources) -> None:
    answer = await admin.submit(page, page)
    assert answer.status_code == 422
    assert "Nothing was erased" in answer.text
    assert await jobs(engines) == []


async def test_only_admins_may(colleague: Visitor, page: str, engines: Resources) -> None:
    assert page not in (await colleague.get(page.removesuffix("/erase"))).text
    assert (await colleague.get(page)).status_code == 403
    assert (await colleague.get("/console/erased")).status_code == 403
    assert (await colleague.submit(page, "/console/conversations", asked="1")).status_code == 403
    assert await jobs(engines) == []


async def test_who_is_gone_can_not_be_erased(admin: Visitor, engines: Resources) -> None:
    gone = f"/console/conversations/{uuid.uuid4()}/erase"
    assert (await admin.get(gone)).status_code == 404
    assert (await admin.submit(gone, "/console/conversations", asked="1")).status_code == 404


async def test_a_form_of_another_site_is_refused(admin: Visitor, page: str, engines: Resources) -> None:
    assert (await admin.post(page, data={"asked": "1"})).status_code == 403
    assert await jobs(engines) == []
