"""The export page: what leaves in which form, for whom, and that nothing leaves that may not."""

import csv
import io
import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from console.accounts import Staff
from directory import publishing
from directory.exchange.columns import COLUMNS
from directory.exchange.validation import validate
from directory.records import PhoneNumber, Service, Words
from infrastructure.audit import AuditRecord
from infrastructure.local_time import day_in_iraq
from infrastructure.resources import Resources
from tests.console.browsing import Visitor
from tests.console.people import admin, people, reviewer, sign_in
from tests.console.test_imports import LIST as IMPORT
from tests.console.test_imports import send
from tests.directory.rows import add_service, both

__all__ = ["admin", "people", "reviewer", "sign_in"]

PAGE = "/console/directory/export"
FORMULA = "=cmd|' /C calc'!A0"


@pytest.fixture
async def services(engines: Resources, people: Mapping[str, Staff]) -> dict[str, Service]:
    """A plain one, a shelter, one in another governorate, an archived one and a draft."""
    async with engines.sessions() as session:
        made = {
            "plain": await add_service(session, "plain", summary=both(FORMULA)),
            "secret": await add_service(
                session,
                "secret",
                needs=("gbv",),
                location={"address": Words(), "is_confidential": True},
            ),
            "far": await add_service(session, "far", place="IQG02Q02", needs=("food",), assured=day_in_iraq()),
            "archived": await add_service(session, "archived"),
        }
        secret = made["secret"]
        phone = PhoneNumber(number="07701234567", description=both("the house behind the bakery"))
        secret = secret.model_copy(update={"at": [secret.at[0].model_copy(update={"phones": [phone]})]})
        await publishing.published(session, secret)
        await publishing.archive(session, made["archived"].id)
        draft = made["plain"].model_copy(update={"id": Service().id, "name": both("draft")})
        await publishing.propose(session, draft, author=people["admin"].id)
        await session.commit()
    return made | {"secret": secret}


async def exported(visitor: Visitor, **form: str) -> httpx.Response:
    return await visitor.submit(PAGE, PAGE, **{"format": "csv", "purpose": "others"} | form)


def rows(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def names(answer: httpx.Response) -> list[str]:
    return [row["service_en"] for row in rows(answer)[1:]]


async def test_the_page_needs_somebody_signed_in(visitor: Visitor, people: object) -> None:
    assert (await visitor.get(PAGE)).headers["location"].startswith("/console/sign-in")
    assert (await visitor.submit(PAGE, format="csv", purpose="others")).status_code == 303


@pytest.mark.parametrize("role", ["hotline", "caseworker", "reviewer"])
async def test_all_staff_export_what_is_public_and_only_admins_more(
    services: object, sign_in: Callable[..., Any], role: str
) -> None:
    visitor = await sign_in(role)
    assert "To work on" not in (await visitor.get(PAGE)).text
    assert names(await exported(visitor)) == ["far", "plain", "secret"]
    for more in ({"purpose": "work"}, {"purpose": "work", "everything": "1"}, {"everything": "1"}):
        answer = await exported(visitor, **more)
        assert answer.status_code == 422, more
        assert "attachment" not in answer.headers.get("content-disposition", "")


async def test_csv_has_keys_and_hxl_tags_and_runs_nothing(services: object, admin: Visitor) -> None:
    answer = await exported(admin)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="daleel-')
    tags, *told = rows(answer)
    assert tags == {key: COLUMNS[key].tag for key in tags}
    assert {"#org+name+i_en", "#sector+code+list", "#adm1+code", "#geo+lat", "#contact+phone+list"} <= set(
        tags.values()
    )
    assert all(cell.startswith("#") for cell in tags.values())
    plain = next(row for row in told if row["service_en"] == "plain")
    assert plain["summary_en"] == f"'{FORMULA}"
    assert "version" not in plain


async def test_of_a_shelter_others_get_the_governorate_and_the_number(services: object, admin: Visitor) -> None:
    answer = await exported(admin)
    secret = next(row for row in rows(answer) if row["service_en"] == "secret")
    assert (secret["governorate"], secret["district"], secret["confidential"]) == ("Ninewa", "", "yes")
    assert secret["phones"] == "07701234567"
    for told in (answer, await exported(admin, format="json")):
        assert "bakery" not in told.text


async def test_the_working_copy_has_everything_and_says_so(services: object, admin: Visitor) -> None:
    answer = await exported(admin, purpose="work")
    assert "-working" in answer.headers["content-disposition"]
    told = rows(answer)[1:]
    assert [(row["service_en"], row["district"], row["status"]) for row in told] == [
        ("far", "Basra", "published"),
        ("plain", "Mosul", "published"),
        ("secret", "Mosul", "published"),
    ]
    answer = await exported(admin, purpose="work", everything="1")
    assert sorted((row["service_en"], row["status"]) for row in rows(answer)[1:]) == [
        ("archived", "archived"),
        ("draft", "draft"),
        ("far", "published"),
        ("plain", "published"),
        ("secret", "published"),
    ]
    assert "bakery" not in answer.text


@pytest.mark.parametrize("language", ["en", "ar"])
async def test_excel_has_titles_in_the_language_of_the_page(
    services: object, sign_in: Callable[..., Any], language: str
) -> None:
    visitor = await sign_in("admin", language)
    answer = await exported(visitor, format="xlsx", purpose="work")
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    titles = [cell.value for cell in sheet[1]]
    assert titles[0] == COLUMNS["organization_ar"].title(language)
    assert sheet.title == {"en": "Working copy", "ar": "نسخة عمل"}[language]
    assert {cell.data_type for row in sheet.iter_rows(min_row=2) for cell in row if cell.value} == {"s"}


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("purpose", ["work", "others"])
async def test_what_was_exported_can_be_imported_and_changes_nothing(
    services: object, sign_in: Callable[..., Any], purpose: str, form: str, language: str
) -> None:
    admin = await sign_in("admin", language)
    answer = await exported(admin, format=form, purpose=purpose)
    uploaded = await send(admin, answer.content, f"x.{form}", page=IMPORT)
    html = (await admin.get(uploaded.headers["location"])).text
    assert "<strong>3</strong>" in html
    assert html.count("<strong>0</strong>") == 5


async def test_hsds_is_a_list_that_our_own_validator_takes(services: object, admin: Visitor) -> None:
    answer = await exported(admin, format="json")
    found = json.loads(answer.content)
    assert sorted(one["name"] for one in found) == ["far", "plain", "secret"]
    report = validate(answer.content)
    assert not report.problems
    assert len(report.records) == len(found)


@pytest.mark.parametrize("form", ["csv", "json"])
@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({"governorate": "IQG02"}, ["far"]),
        ({"governorate": "IQG15"}, ["plain", "secret"]),
        ({"governorate": "IQG09"}, []),
        ({"need": "gbv"}, ["secret"]),
        ({"need": "gbv", "governorate": "IQG02"}, []),
        ({"organization": "plain"}, ["plain"]),
    ],
)
async def test_filters(
    services: dict[str, Service], admin: Visitor, chosen: dict[str, str], expected: list[str], form: str
) -> None:
    if "organization" in chosen:
        chosen = {"organization": str(services["plain"].organization_id)}
    answer = await exported(admin, format=form, **chosen)
    told = names(answer) if form == "csv" else sorted(one["name"] for one in json.loads(answer.content))
    assert told == expected
    if form == "csv":
        assert names(await exported(admin, purpose="work", **chosen)) == expected


@pytest.mark.parametrize(
    "forged",
    [
        {"format": "exe"},
        {"purpose": "all"},
        {"governorate": "IQG99"},
        {"governorate": "IQG15Q05"},
        {"need": "money"},
        {"organization": "1"},
        {"format": "json", "purpose": "work"},
        {"format": ""},
    ],
)
async def test_what_no_form_of_ours_says_is_refused(
    services: object, admin: Visitor, engines: Resources, forged: dict[str, str]
) -> None:
    answer = await exported(admin, **forged)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    async with engines.sessions() as session:
        assert (
            await session.scalars(select(AuditRecord).where(AuditRecord.action == "directory.exported"))
        ).all() == []


async def test_every_export_is_in_the_log(
    services: object, admin: Visitor, people: Mapping[str, Staff], engines: Resources
) -> None:
    await exported(admin, purpose="work", governorate="IQG15")
    await exported(admin, format="json")
    async with engines.sessions() as session:
        query = select(AuditRecord).where(AuditRecord.action == "directory.exported").order_by(AuditRecord.id)
        work, others = await session.scalars(query)
    assert work.actor_id == people["admin"].id
    assert work.details == {"format": "csv", "purpose": "work", "rows": 2, "governorate": "IQG15"}
    assert others.details == {"format": "json", "purpose": "others", "rows": 3}
