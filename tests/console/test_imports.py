"""The import pages: who may do what, that nothing changes unseen, and that every problem has words."""

import asyncio
import io
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from openpyxl import load_workbook
from sqlalchemy import func, select

from console import accounts
from console.access import FORM_FIELD, SESSION
from console.accounts import Staff
from directory import publishing
from directory.exchange.columns import COLUMNS
from directory.exchange.problems import MESSAGES
from directory.exchange.sheet_codes import code_of
from directory.exchange.tables import MAX_BYTES, write_csv
from directory.models import Entry, ImportBatch, Listing, Revision
from directory.needs import NEEDS
from infrastructure.audit import AuditRecord
from infrastructure.body_limit import BodyLimit
from infrastructure.local_time import day_in_iraq
from infrastructure.resources import Resources
from tests.console.browsing import Visitor, browsing
from tests.console.people import admin, people, reviewer, sign_in
from tests.directory.rows import add_service

__all__ = ["admin", "people", "reviewer", "sign_in"]

LIST = "/console/directory/import"
ATTACK = '<script>alert("x")</script>'
ROW = {
    "organization_ar": "منظمة الأمل",
    "organization_en": "Hope",
    "service_ar": "مساعدة قانونية",
    "service_en": "Legal help",
    "summary_ar": "محامٍ يرافقك",
    "summary_en": "A lawyer goes with you",
    "needs": "legal_aid",
    "governorate": "Ninewa",
    "district": "Mosul",
    "assured_date": day_in_iraq().strftime("%d/%m/%Y"),
}


def table(*rows: Mapping[str, str]) -> bytes:
    return write_csv(list(dict.fromkeys(key for row in rows for key in row)), rows)


async def send(visitor: Visitor, data: bytes, name: str = "services.csv", page: str = LIST) -> httpx.Response:
    return await visitor.post(LIST, data={FORM_FIELD: await visitor.token(page)}, files={"file": (name, data)})


async def uploaded(visitor: Visitor, *rows: Mapping[str, str]) -> str:
    """The address of an upload's page."""
    answer = await send(visitor, table(*rows))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def press(visitor: Visitor, page: str, action: str, **fields: Any) -> httpx.Response:
    """Send a form of a page, with what was agreed to if it is there."""
    html = (await visitor.get(page)).text
    mark = re.search(r'name="mark" value="(\w+)"', html)
    given = {"mark": mark[1]} if mark and action == "apply" else {}
    return await visitor.submit(f"{page}/{action}", page, **given | fields)


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


async def count(engines: Resources, table: type[Any]) -> int:
    async with engines.sessions() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


# Who may


async def test_pages_need_somebody_signed_in(visitor: Visitor, people: object) -> None:
    for address in (LIST, f"{LIST}/template.xlsx", f"{LIST}/{uuid.uuid4()}"):
        assert (await visitor.get(address)).headers["location"].startswith("/console/sign-in"), address


@pytest.mark.parametrize("role", ["hotline", "caseworker"])
async def test_hotline_and_caseworkers_see_nothing_of_it(
    admin: Visitor, sign_in: Callable[..., Any], engines: Resources, role: str
) -> None:
    page = await uploaded(admin, ROW)
    visitor = await sign_in(role)
    for address in (LIST, page, f"{LIST}/template.xlsx"):
        assert (await visitor.get(address)).status_code == 403, address
    assert (await send(visitor, table(ROW), page="/console/directory")).status_code == 403
    for action in ("columns", "check", "apply", "publish", "undo", "remove"):
        answer = await visitor.submit(f"{page}/{action}", "/console/directory")
        assert answer.status_code == 403, action
    assert (await count(engines, ImportBatch), await count(engines, Revision)) == (1, 0)


async def test_reviewers_publish_and_nothing_else(admin: Visitor, reviewer: Visitor, engines: Resources) -> None:
    page = await uploaded(admin, ROW)
    told = (await reviewer.get(page)).text
    assert "Legal help" in told
    for action in ("columns", "check", "apply", "undo", "remove"):
        assert f"{page}/{action}" not in told
        assert (await reviewer.submit(f"{page}/{action}", page)).status_code == 403, action
    assert (await send(reviewer, table(ROW))).status_code == 403
    assert "Only admins can import" in (await reviewer.get(LIST)).text

    assert (await press(admin, page, "apply")).status_code == 303
    assert "another person publishes it" in (await admin.get(page)).text
    assert (await press(admin, page, "publish")).status_code == 409
    assert await count(engines, Listing) == 0
    assert "Publish all 3 entries" in (await reviewer.get(page)).text
    assert (await press(reviewer, page, "publish")).status_code == 303
    assert await count(engines, Listing) == 1
    assert "Published: 3" in words((await reviewer.get(page)).text)


async def test_where_there_is_no_second_person_the_admin_publishes(
    make_app: Callable[..., FastAPI], people: dict[str, Staff], engines: Resources
) -> None:
    alone = engines.settings.model_copy(update={"publish_alone": True})
    async with browsing(make_app(settings=alone)) as visitor, engines.sessions() as session:
        visitor.cookies.set(SESSION, await accounts.start_session(session, people["admin"]))
        await session.commit()
        page = await uploaded(visitor, ROW)
        await press(visitor, page, "apply")
        assert "Publish all 3 entries" in (await visitor.get(page)).text
        assert (await press(visitor, page, "publish")).status_code == 303
    assert await count(engines, Listing) == 1


async def test_a_form_from_elsewhere_is_refused(admin: Visitor, engines: Resources) -> None:
    answer = await admin.post(LIST, files={"file": ("x.csv", table(ROW))})
    assert answer.status_code == 403
    forged = {FORM_FIELD: await admin.token(LIST)}
    answer = await admin.post(
        LIST, data=forged, files={"file": ("x.csv", table(ROW))}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403
    assert await count(engines, ImportBatch) == 0


# Uploading


async def test_what_a_file_would_do_is_shown_and_nothing_is_done(admin: Visitor, engines: Resources) -> None:
    page = await uploaded(admin, ROW, ROW | {"district": "Atlantis"}, ROW | {"demo": "yes"})
    told = words((await admin.get(page)).text)
    assert "1 With errors" in told
    assert "District : Atlantis is no governorate or district" in told.replace("district :", "District :")
    told = words((await admin.get(f"{page}?show=new")).text)
    assert "Legal help" in told
    assert "not in the directory yet" in told
    assert await count(engines, Entry) == 0
    assert "services.csv" in (await admin.get(LIST)).text


@pytest.mark.parametrize(
    ("data", "name", "told"),
    [
        (b"", "x.csv", "There are no rows in this file"),
        (b"%PDF-1.7", "x.csv", "not a CSV or Excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "x.xls", "old Excel file"),
        (b"PK\x03\x04broken", "x.xlsx", "damaged"),
        (b"a;b\n1;2\n" * 3, "x.xlsm", "macros"),
        (b'a,b\n"1,2\n', "x.csv", "quotation mark"),
        (b"a,a\n1,2\n", "x.csv", "two columns have this name"),
        (("a" * 10 + "\n").encode() * (MAX_BYTES // 11 + 1), "x.csv", "too large"),
        ("имя\nМосква\n".encode("cp1251"), "x.csv", "cannot be read"),
    ],
)
async def test_what_is_no_table_is_told(admin: Visitor, engines: Resources, data: bytes, name: str, told: str) -> None:
    answer = await send(admin, data, name)
    assert answer.status_code == 422
    assert told in answer.text
    assert await count(engines, ImportBatch) == 0


async def test_no_file_is_told(admin: Visitor) -> None:
    for files in ({}, {"file": ("", b"")}):
        answer = await admin.post(LIST, data={FORM_FIELD: await admin.token(LIST)}, files=files)
        assert answer.status_code == 422
        assert "Choose a file first" in answer.text
    answer = await admin.submit(LIST, LIST, file="text instead of a file")
    assert answer.status_code == 422


async def test_a_broken_upload_is_no_error_of_ours(admin: Visitor, engines: Resources) -> None:
    broken = b'--x\r\nContent-Disposition: form-data; name="file"\r\nno colon'
    answer = await admin.post(LIST, content=broken, headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert answer.status_code in (400, 403)
    answer = await admin.post(LIST, content=broken, headers={"Content-Type": "multipart/form-data"})
    assert answer.status_code in (400, 403)
    assert await count(engines, ImportBatch) == 0


async def test_files_may_be_large_and_nothing_else(app: FastAPI, admin: Visitor, engines: Resources) -> None:
    bound = 300_000
    app.middleware_stack = None  # the console has been served already
    app.add_middleware(BodyLimit, limit=100_000, larger={LIST: bound})
    # Without compression 150 kB.
    rows = [ROW | {"service_en": f"{number}", "description_en": "x" * 2_000} for number in range(60)]
    assert len(table(*rows)) > 100_000
    page = await uploaded(admin, *rows)
    assert (await send(admin, b"x" * bound)).status_code == 413
    assert (await admin.post(f"{page}/check", content=b"x" * 150_000)).status_code == 413
    assert (await admin.get(page)).status_code == 200
    assert await count(engines, ImportBatch) == 1


@pytest.mark.parametrize("language", ["en", "ar"])
async def test_hostile_texts_are_only_texts(sign_in: Callable[..., Any], language: str) -> None:
    admin = await sign_in("admin", language)
    row = ROW | {"summary_en": ATTACK, "service_en": ATTACK, "needs": ATTACK, ATTACK: ATTACK, "district": ATTACK}
    answer = await send(admin, table(row), f"{ATTACK}.csv")
    page = answer.headers["location"]
    for address in (page, f"{page}?show=new", LIST):
        told = (await admin.get(address)).text
        assert "<script>alert" not in told, address
        assert "onerror=" not in told
    assert "&lt;script&gt;" in (await admin.get(page)).text


async def test_an_address_that_is_not_ours_is_not_found(admin: Visitor) -> None:
    page = await uploaded(admin, ROW)
    for address in (f"{LIST}/{uuid.uuid4()}", f"{LIST}/x", f"{page}?show=everything", f"{page}?show={'x' * 100}"):
        assert (await admin.get(address)).status_code == 404, address
    for action in ("columns", "check", "apply", "publish", "undo", "remove"):
        assert (await admin.submit(f"{LIST}/{uuid.uuid4()}/{action}", LIST)).status_code == 404, action
    assert (await admin.submit(f"{page}/publish", LIST, revision="x")).status_code == 404


# Columns


async def test_columns_are_offered_and_can_be_changed(admin: Visitor) -> None:
    odd = {{"needs": "Kind"}.get(key, key): cell for key, cell in ROW.items()} | {"Remarks": "call first"}
    page = await uploaded(admin, odd)
    html = (await admin.get(page)).text
    assert "2 are left out" in html
    assert "call first" in html
    names = list(odd)
    form = {f"column_{number}": name if name in COLUMNS else "" for number, name in enumerate(names)}
    kind = f"column_{names.index('Kind')}"

    answer = await press(admin, page, "columns", **form | {kind: "summary_en"})
    assert answer.status_code == 409
    assert "Two columns of the file are taken for the same one" in answer.text
    # What was chosen is still chosen.
    chosen = re.search(rf'name="{kind}">(.*?)</select>', answer.text, re.DOTALL)
    assert chosen
    assert re.search(r'value="summary_en" selected', chosen[1])

    assert (await press(admin, page, "columns", **form | {kind: "is_admin"})).status_code == 409
    assert (await press(admin, page, "columns", **form | {kind: "needs"})).status_code == 303
    assert "1 New" in words((await admin.get(page)).text)


# Applying, publishing, undoing


async def test_errors_stop_it_until_told_otherwise(admin: Visitor, engines: Resources) -> None:
    page = await uploaded(admin, ROW, ROW | {"needs": "money", "district": "Sinjar"})
    answer = await press(admin, page, "apply")
    assert answer.status_code == 409
    assert "Some rows have errors" in answer.text
    assert "Leave out the 1 row with errors" in answer.text
    assert await count(engines, Revision) == 0
    assert (await press(admin, page, "apply", leave_out="1")).status_code == 303
    assert await count(engines, Revision) == 3
    again = await press(admin, page, "apply", leave_out="1")
    assert (again.status_code, await count(engines, Revision)) == (409, 3)


async def test_who_looked_at_something_else_looks_again(admin: Visitor, engines: Resources) -> None:
    async with engines.sessions() as session:
        service = await add_service(session, "it")
        await session.commit()
    page = await uploaded(admin, {"service_id": str(service.id), "capacity": "full"})
    assert (await press(admin, page, "apply", mark="forged")).status_code == 409
    old = re.search(r'name="mark" value="(\w+)"', (await admin.get(page)).text)
    assert old
    async with engines.sessions() as session:
        await publishing.published(session, service.model_copy(update={"capacity": "limited"}))
        await session.commit()
    answer = await press(admin, page, "apply", mark=old[1])
    assert answer.status_code == 409
    assert "The directory has changed since you looked" in answer.text
    assert "Limited Full" in words(answer.text)
    assert await count(engines, Revision) == 4
    assert (await press(admin, page, "apply")).status_code == 303


async def test_pressed_twice_it_is_applied_once(admin: Visitor, engines: Resources) -> None:
    page = await uploaded(admin, ROW)
    answers = await asyncio.gather(*(press(admin, page, "apply") for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [303, 409, 409]
    assert await count(engines, Revision) == 3


async def test_entries_decided_one_by_one_wait_no_more(
    admin: Visitor, people: Mapping[str, Staff], engines: Resources
) -> None:
    page = await uploaded(admin, ROW)
    await press(admin, page, "apply")
    assert "Waits for a reviewer" in (await admin.get(LIST)).text
    async with engines.sessions() as session:
        for revision in await session.scalars(select(Revision)):
            await publishing.reject(session, revision, by=people["reviewer"].id, note="no")
        await session.commit()
    assert "Waits for a reviewer" not in (await admin.get(LIST)).text
    assert "Decided" in (await admin.get(page)).text
    assert (await press(admin, page, "undo")).status_code == 303


async def test_two_admins_on_one_entry(admin: Visitor, people: Mapping[str, Staff], engines: Resources) -> None:
    async with engines.sessions() as session:
        service = await add_service(session, "it")
        draft = service.model_copy(update={"capacity": "limited"})
        await publishing.propose(session, draft, author=people["reviewer"].id, base=1)
        await session.commit()
    page = await uploaded(admin, {"service_id": str(service.id), "capacity": "full"})
    told = words((await admin.get(page)).text)
    assert "1 In conflict" in told
    assert "somebody is changing it ( The reviewer )" in told
    answer = await press(admin, page, "apply")
    assert answer.status_code == 409
    assert "No row changes anything" in answer.text


async def test_one_is_published_alone_and_the_rest_is_taken_back(
    admin: Visitor, reviewer: Visitor, engines: Resources
) -> None:
    page = await uploaded(admin, ROW, ROW | {"service_ar": "أخرى", "service_en": "Other"})
    await press(admin, page, "apply")
    html = (await reviewer.get(page)).text
    revision = re.search(r'name="revision" value="([\w-]+)"', html)
    assert revision
    assert (await press(reviewer, page, "publish", revision=revision[1])).status_code == 303
    assert await count(engines, Listing) == 1
    assert (await press(reviewer, page, "publish", revision=str(uuid.uuid4()))).status_code == 409

    assert (await press(admin, page, "undo")).status_code == 303
    assert await count(engines, Listing) == 0
    assert "Undone" in (await admin.get(page)).text
    for action in ("undo", "apply", "remove", "check", "columns"):
        assert (await press(admin, page, action)).status_code == 409, action


async def test_what_stops_publishing_is_named(admin: Visitor, reviewer: Visitor, engines: Resources) -> None:
    async with engines.sessions() as session:
        service = await add_service(session, "it")
        await session.commit()
    page = await uploaded(admin, {"service_id": str(service.id), "capacity": "full"})
    await press(admin, page, "apply")
    async with engines.sessions() as session:
        await publishing.published(session, service.model_copy(update={"capacity": "limited"}))
        await session.commit()
    answer = await press(reviewer, page, "publish")
    assert answer.status_code == 409
    assert "Service it : it was changed meanwhile" in words(answer.text)


async def test_what_an_undoing_left_is_named(
    admin: Visitor, reviewer: Visitor, people: Mapping[str, Staff], engines: Resources
) -> None:
    page = await uploaded(admin, ROW)
    await press(admin, page, "apply")
    await press(reviewer, page, "publish")
    async with engines.sessions() as session:
        service = await session.scalar(select(Entry.id).where(Entry.kind == "service"))
        assert service
        await publishing.assure(session, service, day_in_iraq(), by=people["reviewer"].id)
        await session.commit()
    assert (await press(admin, page, "undo")).status_code == 303
    told = words((await admin.get(page)).text)
    assert "These entries were left as they are" in told
    assert "Service Legal help : it was changed meanwhile" in told
    assert "Organization Hope : something that stays needs it" in told
    assert await count(engines, Listing) == 1


async def test_an_upload_is_thrown_away(admin: Visitor, engines: Resources) -> None:
    page = await uploaded(admin, ROW)
    assert (await press(admin, page, "remove")).headers["location"] == LIST
    assert (await admin.get(page)).status_code == 404
    async with engines.sessions() as session:
        acts = list(await session.scalars(select(AuditRecord.action).order_by(AuditRecord.id)))
    assert acts == ["import.uploaded", "import.removed"]


async def test_only_so_many_rows_are_shown(admin: Visitor) -> None:
    rows = [ROW | {"service_en": f"Service {number}", "needs": "money"} for number in range(250)]
    told = words((await admin.get(await uploaded(admin, *rows))).text)
    assert "250 With errors" in told
    assert "The first 200 of 250 rows" in told


# The template


@pytest.mark.parametrize("language", ["en", "ar"])
async def test_the_empty_spreadsheet_explains_itself_and_changes_nothing(
    sign_in: Callable[..., Any], engines: Resources, language: str
) -> None:
    admin = await sign_in("admin", language)
    answer = await admin.get(f"{LIST}/template.xlsx")
    assert "attachment" in answer.headers["content-disposition"]
    sheet, codes = load_workbook(io.BytesIO(answer.content)).worksheets
    for cell in sheet[1]:
        column = next(column for column in COLUMNS.values() if column.title(language) == cell.value)
        if column.note_en:
            assert column.note_en in cell.comment.text
            assert column.note_ar in cell.comment.text
    listed = {row[1] for row in codes.iter_rows(min_row=2, values_only=True)}
    assert set(NEEDS) <= listed
    assert {"IQG15", "IQG15Q05"} <= listed
    assert sheet.sheet_view.rightToLeft is (language == "ar")

    page = (await send(admin, answer.content, "template.xlsx")).headers["location"]
    html = (await admin.get(f"{page}?show=example")).text
    assert "disabled" in html
    # Without its mark the example is as good a row as any.
    sheet.cell(2, sheet.max_column).value = None
    file = io.BytesIO()
    sheet.parent.save(file)
    page = (await send(admin, file.getvalue(), "template.xlsx")).headers["location"]
    assert (await press(admin, page, "apply")).status_code == 303
    assert await count(engines, Revision) == 3


# Words


@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_problem_has_words(app: FastAPI, language: str) -> None:
    imported = '{% from "directory/_table_problems.html" import problem with context %}'
    environment = app.state.pages._environments[language]
    template = environment.from_string(imported + '{{ problem(5, "needs", code, "IQG15") }}')
    seen = set()
    for code in [*MESSAGES, "no_file"]:
        said = words(template.render(code=code, columns=COLUMNS))
        assert not said.endswith(code)
        assert "None" not in said
        seen.add(said)
    assert len(seen) == len(MESSAGES) + 1


@pytest.mark.parametrize("language", ["en", "ar"])
def test_needs_may_be_called_as_the_console_calls_them(app: FastAPI, language: str) -> None:
    environment = app.state.pages._environments[language]
    template = environment.from_string('{% import "_meaning.html" as meaning %}{{ meaning.need(code) }}')
    for need in NEEDS:
        assert code_of("need", template.render(code=need).strip()) == need
