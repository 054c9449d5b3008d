"""Spreadsheets of services: what they would change is told before, what they do can be taken back."""

import io
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.accounts import Staff
from directory import publishing, records
from directory.exchange.columns import COLUMNS
from directory.exchange.leaving import Filters
from directory.exchange.problems import MESSAGES
from directory.exchange.sheet_places import Places
from directory.exchange.sheet_rows import rows_for_others, rows_to_work_on
from directory.exchange.tables import write_csv, write_xlsx
from directory.importing import batches, deciding
from directory.importing.batches import Changed, HasErrors, NothingToDo, TakenTwice, TooMany, Unusable
from directory.importing.deciding import Stopped
from directory.models import Entry, ImportBatch, Revision
from directory.places import read_places
from directory.publishing import NotAllowed
from directory.records import At, Hours, Location, Organization, PhoneNumber, Service
from directory.search import Wanted, search
from infrastructure.audit import AuditRecord
from infrastructure.local_time import day_in_iraq
from tests.directory.rows import add_service, both

PLACES = Places(read_places())
EVERYTHING = Filters()
TODAY = day_in_iraq()
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
    "address_ar": "قرب السوق",
    "address_en": "near the market",
    "phones": "07701234567",
    "hours": "SU-TH 09:00-15:00",
    "assured_date": TODAY.strftime("%d/%m/%Y"),
}


async def somebody(session: AsyncSession, name: str) -> UUID:
    staff = Staff(id=uuid4(), email=f"{name}@example.org", name=name, role="admin", password_hash="x")
    session.add(staff)
    await session.flush()
    return staff.id


@pytest.fixture
async def admin(session: AsyncSession) -> UUID:
    return await somebody(session, "admin")


@pytest.fixture
async def reviewer(session: AsyncSession) -> UUID:
    return await somebody(session, "reviewer")


def table(*rows: Mapping[str, str]) -> bytes:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    return write_csv(columns, rows)


async def upload(session: AsyncSession, admin: UUID, *rows: Mapping[str, str]) -> ImportBatch:
    return await batches.upload(session, table(*rows), "services.csv", by=admin)


async def apply(session: AsyncSession, batch: ImportBatch, admin: UUID, *, leave_out: bool = False) -> None:
    await batches.apply(session, batch.id, by=admin, mark=batch.findings["mark"], leave_out=leave_out)


def counts(batch: ImportBatch) -> dict[str, int]:
    return {outcome: count for outcome, count in batch.findings["counts"].items() if count}


def problems(batch: ImportBatch) -> list[tuple[int, str | None, str]]:
    """Row, column and code of everything that is wrong."""
    return [
        (row["row"], column, code) for row in batch.findings["rows"]["error"] for column, code, _ in row["problems"]
    ]


def changes(batch: ImportBatch) -> list[tuple[int, str, str, str]]:
    return [
        (row["row"], key, before, after)
        for row in batch.findings["rows"]["changed"]
        for key, before, after, _ in row["changes"]
    ]


async def exported(session: AsyncSession) -> list[dict[str, str]]:
    rows = await rows_to_work_on(session, EVERYTHING, PLACES, "en", published_only=True)
    return [dict(row) for row in rows]


async def document(session: AsyncSession, entry: UUID) -> dict[str, Any]:
    found = await session.get_one(Entry, entry, populate_existing=True)
    assert found.document
    return found.document


async def rich(session: AsyncSession) -> Service:
    """A published service with what no cell has words for."""
    service = await add_service(session, "rich")
    schedules = [
        Hours(byday=["SU", "MO"], opens_at="09:00", closes_at="15:00"),
        Hours(kind="ramadan", byday=["SU"], opens_at="10:00", closes_at="12:00"),
        Hours(kind="closed", valid_from=TODAY, valid_to=TODAY),
    ]
    phones = [PhoneNumber(number="07701234567", description=both("women only"))]
    at = [At(location_id=service.at[0].location_id, phones=phones, schedules=schedules)]
    name = service.name.model_copy(update={"ckb": "ناو"})
    service = service.model_copy(update={"at": at, "name": name, "required_documents": [both("a card; or a copy")]})
    await publishing.published(session, service)
    return service


# What leaves comes back


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["ar", "en"])
async def test_what_was_exported_changes_nothing(demo: AsyncSession, admin: UUID, form: str, language: str) -> None:
    await rich(demo)
    await add_service(demo, "secret", location={"address": records.Words(), "is_confidential": True})
    rows = await rows_to_work_on(demo, EVERYTHING, PLACES, language, published_only=True)
    titles = {key: column.title(language) for key, column in COLUMNS.items()}
    told = [{titles[key]: text for key, text in row.items()} for row in rows]
    columns = list(titles.values())
    data = write_csv(columns, told) if form == "csv" else write_xlsx(columns, told, "x", right_to_left=True)
    batch = await batches.upload(demo, data, f"x.{form}", by=admin)
    assert counts(batch) == {"unchanged": len(rows)}, batch.findings["rows"]
    with pytest.raises(NothingToDo):
        await apply(demo, batch, admin)


async def test_what_others_got_changes_nothing_either(session: AsyncSession, admin: UUID) -> None:
    await rich(session)
    await add_service(session, "secret", location={"address": records.Words(), "is_confidential": True})
    rows = await rows_for_others(session, EVERYTHING, PLACES, "en", demo=False)
    assert [row.get("district") for row in rows] == ["Mosul", None]
    batch = await upload(session, admin, {"x": "#x"} | {key: COLUMNS[key].tag for key in COLUMNS}, *rows)
    assert counts(batch) == {"unchanged": 2}


async def test_only_what_was_edited_changes(session: AsyncSession, admin: UUID) -> None:
    service = await rich(session)
    [row] = await exported(session)
    before = await document(session, service.id)
    batch = await upload(session, admin, row | {"summary_en": "new", "hours": "FR 10:00-11:00; 2 other rules"})
    assert counts(batch) == {"changed": 1}
    assert changes(batch) == [
        (2, "summary_en", "what it offers", "new"),
        (2, "hours", "SU-MO 09:00-15:00; 2 other rules", "FR 10:00-11:00; 2 other rules"),
    ]
    await apply(session, batch, admin)
    [revision] = await session.scalars(select(Revision).where(Revision.batch_id == batch.id))
    after = revision.document
    assert {field for field in before if before[field] != after[field]} == {"summary", "at"}
    assert [one["kind"] for one in after["at"][0]["schedules"]] == ["regular", "ramadan", "closed"]
    assert after["at"][0]["phones"] == before["at"][0]["phones"]
    assert after["name"]["ckb"] == "ناو"


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("assured_date", "1/10/2026"),
        ("assured_date", "46296"),
        ("hours", "Sunday, Monday 9am - 3pm"),
        ("hours", "الأحد والاثنين 9:00-15:00"),
        ("phones", "447700900999"),
        ("needs", "Mental health"),
        ("needs", "الدعم النفسي"),
        ("governorate", "نينوى"),
        ("district", "Al Mosul"),
        ("confidential", "لا"),
        ("confidential", ""),
        ("access", "مراجعة مباشرة"),
        ("access", ""),
        ("version", ""),
        ("status", "draft"),
    ],
)
async def test_written_differently_is_not_changed(session: AsyncSession, admin: UUID, column: str, text: str) -> None:
    await add_service(session, "it")
    [row] = await exported(session)
    if column == "phones":
        row["phones"] = text = f"+{text}"
    batch = await upload(session, admin, row | {column: text})
    assert counts(batch) == {"unchanged": 1}, batch.findings["rows"]


async def test_columns_that_are_not_there_stay_as_they_are(session: AsyncSession, admin: UUID) -> None:
    service = await rich(session)
    batch = await upload(session, admin, {"service_id": str(service.id), "capacity": "full"})
    assert changes(batch) == [(2, "capacity", "open", "full")]


async def test_an_empty_cell_empties_a_field(session: AsyncSession, admin: UUID) -> None:
    service = await rich(session)
    [row] = await exported(session)
    batch = await upload(session, admin, row | {"documents_ar": "", "documents_en": "", "phones": ""})
    assert {key for _, key, _, after in changes(batch) if not after} == {"documents_ar", "documents_en", "phones"}
    await apply(session, batch, admin)
    revision = await session.scalar(
        select(Revision).where(Revision.entry_id == service.id).order_by(Revision.number.desc())
    )
    assert revision
    assert (revision.document["required_documents"], revision.document["at"][0]["phones"]) == ([], [])


async def test_what_somebody_changed_after_the_export_is_not_changed_back(
    session: AsyncSession, admin: UUID, reviewer: UUID
) -> None:
    service = await add_service(session, "it")
    [row] = await exported(session)
    theirs = service.model_copy(update={"summary": both("theirs"), "fees": both("free"), "assured_date": TODAY})
    await publishing.published(session, theirs)
    # Excel has written the date otherwise.
    edits = {"fees_en": "5,000 IQD", "fees_ar": "5000", "alert_ar": "ت", "alert_en": "a", "assured_date": "1/10/2026"}
    batch = await upload(session, admin, row | edits)
    [told] = batch.findings["rows"]["changed"]
    assert told["changes"] == [
        ["fees_ar", "free", "5000", True],
        ["fees_en", "free", "5,000 IQD", True],
        ["alert_ar", "", "ت", False],
        ["alert_en", "", "a", False],
    ]
    assert batch.findings["stale"] == 1
    await apply(session, batch, admin)
    revision = await session.scalar(select(Revision).where(Revision.batch_id == batch.id))
    assert revision
    assert revision.document["summary"]["en"] == "theirs"


async def test_a_location_moves_with_its_name_or_its_code(session: AsyncSession, admin: UUID) -> None:
    await add_service(session, "it")
    [row] = await exported(session)
    for change in ({"district": "Sinjar"}, {"district_code": "IQG15Q07"}):
        batch = await upload(session, admin, row | change)
        assert changes(batch) == [(2, "place", "IQG15Q05", "IQG15Q07")], change
    batch = await upload(session, admin, row | {"district": "", "district_code": ""})
    assert changes(batch) == [(2, "place", "IQG15Q05", "IQG15")]
    batch = await upload(session, admin, row | {"district": "Sinjar", "district_code": "IQG15Q01"})
    assert problems(batch) == [(2, "district", "place_mismatch")]


# New rows


async def test_a_new_service_comes_with_its_organization_and_location(
    session: AsyncSession, admin: UUID, reviewer: UUID
) -> None:
    batch = await upload(session, admin, ROW)
    assert counts(batch) == {"new": 1}
    [row] = batch.findings["rows"]["new"]
    assert (row["by"], row["service"]["en"], row["place"], row["entry"]) == ("new", "Legal help", "IQG15Q05", None)
    assert ["needs", "", "legal_aid", False] in row["changes"]
    await apply(session, batch, admin)
    assert batch.state == "proposed"
    entries = [entry for _, entry in await deciding.revisions_of(session, batch.id, "in_review")]
    assert [entry.kind for entry in entries] == ["organization", "location", "service"]
    assert await found(session) == []

    with pytest.raises(NotAllowed, match="another member"):
        await deciding.publish(session, batch.id, by=admin)
    await deciding.publish(session, batch.id, by=reviewer)
    assert batch.state == "published"
    assert await found(session) == ["Legal help"]
    acts = await session.scalars(select(AuditRecord.action).where(AuditRecord.subject_id == batch.id))
    assert list(acts) == ["import.uploaded", "import.applied", "import.published"]


async def found(session: AsyncSession, need: str = "legal_aid") -> list[str]:
    page = await search(session, Wanted([need], "IQG15Q05"), demo=False, limit=1000)
    return [one.service_name["en"] for one in page.results]


async def test_an_organization_named_twice_is_one(session: AsyncSession, admin: UUID) -> None:
    other = ROW | {"service_ar": "خدمة", "service_en": "Other", "organization_en": ""}
    third = ROW | {"service_ar": "ثالثة", "service_en": "Third", "organization_ar": "", "organization_en": "HOPE"}
    batch = await upload(session, admin, ROW, other, third)
    assert counts(batch) == {"new": 3}
    await apply(session, batch, admin)
    kinds = [entry.kind for _, entry in await deciding.revisions_of(session, batch.id)]
    # All three are at one address.
    assert kinds == ["organization", "location", "service", "service", "service"]


async def test_one_service_at_several_places(session: AsyncSession, admin: UUID) -> None:
    elsewhere = ROW | {"district": "Sinjar", "phones": "07801234567", "summary_ar": "", "summary_en": ""}
    batch = await upload(session, admin, ROW, elsewhere)
    assert counts(batch) == {"new": 2}
    await apply(session, batch, admin)
    *_, (service, _) = await deciding.revisions_of(session, batch.id)
    assert [at["phones"][0]["number"] for at in service.document["at"]] == ["07701234567", "07801234567"]
    assert service.document["summary"]["en"] == ROW["summary_en"]


async def test_rows_without_ids_find_what_is_there_by_names_and_place(
    session: AsyncSession, admin: UUID, reviewer: UUID
) -> None:
    first = await upload(session, admin, ROW)
    await apply(session, first, admin)
    await deciding.publish(session, first.id, by=reviewer)

    again = await upload(session, admin, ROW, ROW | {"district": "Sinjar"})
    assert counts(again) == {"unchanged": 1, "new": 1}
    # The second place is one more of the service that the first row is about.
    [place] = again.findings["rows"]["new"]
    assert (place["by"], place["entry"]) == ("name", again.findings["rows"]["unchanged"][0]["entry"])
    alone = await upload(session, admin, ROW | {"district": "Sinjar"})
    assert alone.findings["rows"]["new"][0]["by"] == "new"
    spelt = ROW | {
        "organization_ar": "منظمه الامل",
        "organization_en": "",
        "service_en": "legal  help",
        "fees_ar": "مجاناً",
        "fees_en": "free",
    }
    batch = await upload(session, admin, spelt)
    assert changes(batch) == [(2, "fees_ar", "", "مجاناً"), (2, "fees_en", "", "free")]


async def test_a_second_place_joins_the_service_whose_first_is_in_the_table(
    session: AsyncSession, admin: UUID, reviewer: UUID
) -> None:
    first = await upload(session, admin, ROW)
    await apply(session, first, admin)
    await deciding.publish(session, first.id, by=reviewer)
    [row] = await exported(session)
    batch = await upload(session, admin, row, ROW | {"service_id": row["service_id"], "district": "Sinjar"})
    assert counts(batch) == {"unchanged": 1, "new": 1}
    await apply(session, batch, admin)
    *_, (service, _) = await deciding.revisions_of(session, batch.id)
    assert (str(service.entry_id), len(service.document["at"])) == (row["service_id"], 2)


async def test_the_made_up_row_of_the_template_is_left_out(session: AsyncSession, admin: UUID) -> None:
    batch = await upload(session, admin, ROW | {"demo": "yes"}, ROW)
    assert counts(batch) == {"example": 1, "new": 1}


async def test_who_looks_twice_finds_the_same(session: AsyncSession, admin: UUID) -> None:
    batch = await upload(session, admin, ROW)
    mark = batch.findings["mark"]
    await batches.check(session, batch)
    assert batch.findings["mark"] == mark


# What is wrong


@pytest.mark.parametrize(
    ("change", "column", "code"),
    [
        ({"organization_ar": "", "organization_en": ""}, "organization_ar", "missing"),
        ({"organization_en": ""}, "organization_en", "missing"),
        ({"service_ar": "", "service_en": ""}, "service_ar", "missing"),
        ({"service_en": ""}, "service_en", "missing"),
        ({"summary_en": ""}, "summary_en", "missing"),
        ({"summary_en": "x" * 121}, "summary_en", "too_long"),
        ({"service_en": "x" * 61}, "service_en", "too_long"),
        ({"needs": ""}, "needs", "missing"),
        ({"needs": "money"}, "needs", "unknown_code"),
        ({"needs": "<script>alert(1)</script>"}, "needs", "unknown_code"),
        ({"eligible": "everybody"}, "eligible", "unknown_code"),
        ({"languages": "Klingon"}, "languages", "unknown_code"),
        ({"access": "ask"}, "access", "unknown_code"),
        ({"governorate": "Atlantis"}, "governorate", "unknown_place"),
        ({"district": "Atlantis"}, "district", "unknown_place"),
        ({"governorate": "", "district": ""}, "governorate", "missing"),
        ({"governorate": "", "district": "Basra"}, "district", "ambiguous_place"),
        ({"governorate": "Erbil"}, "district", "place_mismatch"),
        ({"latitude": "36.3"}, "longitude", "missing"),
        ({"latitude": "43.1", "longitude": "36.3"}, "latitude", "outside_iraq"),
        ({"latitude": "30.51", "longitude": "47.78"}, "latitude", "far_from_place"),
        ({"latitude": "north", "longitude": "43.1"}, "latitude", "not_a_coordinate"),
        ({"confidential": "yes"}, "confidential", "confidential_has_an_address"),
        ({"confidential": "perhaps"}, "confidential", "unknown_code"),
        ({"needs": "gbv"}, "confidential", "confidential_unsaid"),
        ({"phones": "call me"}, "phones", "not_a_number"),
        ({"phones": "; ".join(f"0770123456{n}" for n in range(10)) + "; 122"}, "phones", "too_many"),
        ({"hours": "mornings"}, "hours", "hours_unclear"),
        ({"assured_date": "13/13/2026"}, "assured_date", "not_a_date"),
        ({"assured_date": (TODAY + timedelta(1)).isoformat()}, "assured_date", "in_the_future"),
        ({"valid_from": "2/1/2026", "valid_until": "1/1/2026"}, "valid_from", "ends_before_it_begins"),
        ({"minimum_age": "18", "maximum_age": "17"}, "minimum_age", "ends_before_it_begins"),
        ({"maximum_age": "old"}, "maximum_age", "not_an_age"),
        ({"summary_en": "<b>Free</b>"}, "summary_en", "markup"),
        ({"organization_en": "<img src=x onerror=alert(1)>"}, "organization_en", "markup"),
        ({"address_en": "<script>"}, "address_en", "markup"),
        ({"url": "javascript:alert(1)"}, "url", "not_a_web_address"),
        ({"documents_ar": "هوية", "documents_en": "a card; a photo"}, "documents_ar", "missing"),
        ({"service_id": "1"}, "service_id", "not_an_id"),
        ({"service_id": str(uuid4())}, "service_id", "unknown_id"),
        ({"location_id": str(uuid4())}, "location_id", "unknown_id"),
        ({"organization_id": "=1+1"}, "organization_id", "not_an_id"),
        ({"service_areas": "Atlantis"}, "service_areas", "unknown_place"),
        ({"summary_en": "???? ?????"}, "summary_en", "garbled"),
    ],
)
async def test_what_is_wrong_is_told_by_row_and_column(
    session: AsyncSession, admin: UUID, change: dict[str, str], column: str, code: str
) -> None:
    good = ROW | {"service_ar": "أخرى", "service_en": "Other", "organization_ar": "منظمة", "organization_en": "NGO"}
    batch = await upload(session, admin, dict.fromkeys(change, "") | good, ROW | change)
    assert problems(batch) == [(3, column, code)]
    assert code in MESSAGES
    assert counts(batch) == {"new": 1, "error": 1}
    with pytest.raises(HasErrors):
        await apply(session, batch, admin)
    assert await session.scalar(select(func.count()).select_from(Revision).where(Revision.batch_id == batch.id)) == 0


async def test_columns_are_named_as_in_the_file(session: AsyncSession, admin: UUID) -> None:
    titles = {key: COLUMNS[key].title("ar") for key in ROW}
    data = table({titles[key]: text for key, text in (ROW | {"needs": "مال"}).items()})
    batch = await batches.upload(session, data, "x.csv", by=admin)
    assert problems(batch) == [(2, "الحاجات", "unknown_code")]


@pytest.mark.parametrize("ids", [True, False])
async def test_the_same_twice_names_both_rows(session: AsyncSession, admin: UUID, ids: bool) -> None:
    await add_service(session, "it")
    [row] = await exported(session) if ids else [ROW]
    batch = await upload(session, admin, row, ROW | {"service_ar": "أخرى", "service_en": "Other"}, row)
    assert problems(batch) == [(2, None, "duplicate_row"), (4, None, "duplicate_row")]
    assert [one["problems"][0][2] for one in batch.findings["rows"]["error"]] == ["4", "2"]


async def test_rows_of_one_service_must_agree(session: AsyncSession, admin: UUID) -> None:
    batch = await upload(
        session,
        admin,
        ROW,
        ROW | {"district": "Sinjar", "fees_ar": "ألف", "fees_en": "1"},
        ROW | {"district": "Hatra", "fees_ar": "ألف", "fees_en": "2"},
    )
    assert problems(batch) == [(3, "fees_en", "rows_differ"), (4, "fees_en", "rows_differ")]
    assert batch.findings["rows"]["error"][0]["problems"][0][2] == "4"


async def test_rows_of_one_organization_must_agree(session: AsyncSession, admin: UUID) -> None:
    batch = await upload(
        session, admin, ROW, ROW | {"service_ar": "أخرى", "service_en": "Other", "organization_en": "Hop"}
    )
    assert problems(batch) == [(2, "organization_en", "rows_differ"), (3, "organization_en", "rows_differ")]


async def test_a_changed_name_in_one_row_is_enough(session: AsyncSession, admin: UUID) -> None:
    service = await add_service(session, "it")
    second = Location(place="IQG15Q07")
    await publishing.published(session, second)
    more = service.model_copy(update={"at": [*service.at, At(location_id=second.id)]})
    await publishing.published(session, more)
    rows = await exported(session)
    rows[1]["service_en"] = "renamed"
    batch = await upload(session, admin, *rows)
    assert changes(batch) == [(3, "service_en", "it", "renamed")]
    rows[0]["service_en"] = "renamed otherwise"
    batch = await upload(session, admin, *rows)
    assert [code for _, _, code in problems(batch)] == ["rows_differ", "rows_differ"]


async def test_a_row_that_does_not_say_at_which_place(session: AsyncSession, admin: UUID) -> None:
    service = await add_service(session, "it")
    second = Location(place="IQG15Q05")
    await publishing.published(session, second)
    more = service.model_copy(update={"at": [*service.at, At(location_id=second.id)]})
    await publishing.published(session, more)
    batch = await upload(session, admin, {"service_id": str(service.id), "capacity": "full"})
    assert counts(batch) == {"changed": 1}
    batch = await upload(session, admin, {"service_id": str(service.id), "phones": "122"})
    assert problems(batch) == [(2, "location_id", "which_location")]
    batch = await upload(session, admin, {"service_id": str(service.id), "governorate": "Ninewa", "district": "Mosul"})
    assert problems(batch) == [(2, "location_id", "which_location")]


async def test_two_organizations_of_one_name(session: AsyncSession, admin: UUID) -> None:
    for _ in range(2):
        await publishing.published(session, Organization(name=both("Hope")))
    batch = await upload(session, admin, ROW)
    assert problems(batch) == [(2, "organization_ar", "ambiguous_organization")]


async def test_two_services_of_one_name_there(session: AsyncSession, admin: UUID) -> None:
    first = await add_service(session, "it")
    assert first.organization_id
    await add_service(session, "it", organization_id=first.organization_id)
    row = {
        "organization_en": "it's owner",
        "service_en": "it",
        "governorate": "IQG15",
        "district": "IQG15Q05",
        "fees_ar": "ا",
        "fees_en": "a",
    }
    batch = await upload(session, admin, row)
    assert problems(batch) == [(2, "service_ar", "ambiguous_service")]


@pytest.mark.parametrize("kind", ["organization", "location"])
async def test_an_id_of_another_kind(session: AsyncSession, admin: UUID, kind: str) -> None:
    await add_service(session, "it")
    [row] = await exported(session)
    batch = await upload(session, admin, row | {"service_id": row[f"{kind}_id"]})
    assert problems(batch) == [(2, "service_id", "unknown_id")]


async def test_formulas_and_broken_cells_are_told_where_they_are(session: AsyncSession, admin: UUID) -> None:
    workbook = Workbook()
    sheet = workbook.active
    assert sheet
    sheet.append([*ROW, "notes"])
    sheet.append([*ROW.values(), "=1+1"])
    sheet["G2"] = "=HYPERLINK(1)"
    file = io.BytesIO()
    workbook.save(file)
    batch = await batches.upload(session, file.getvalue(), "x.xlsx", by=admin)
    # What is in a column that is left out doesn't matter.
    assert problems(batch) == [(2, "needs", "formula")]
    assert batch.mapping["notes"] == ""


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "x.csv", "empty"),
        (b"%PDF-1.4", "x.pdf", "not_a_table"),
        (b"a,b\n", "x.csv", "empty"),
        (b"PK\x03\x04x", "x.xlsx", "unreadable"),
    ],
)
async def test_no_table_at_all(session: AsyncSession, admin: UUID, data: bytes, name: str, code: str) -> None:
    with pytest.raises(Unusable) as unusable:
        await batches.upload(session, data, name, by=admin)
    assert unusable.value.problems[-1].code == code
    assert await session.scalar(select(func.count()).select_from(ImportBatch)) == 0


async def test_only_tags_and_no_rows(session: AsyncSession, admin: UUID) -> None:
    batch = await upload(session, admin, {key: COLUMNS[key].tag for key in ROW})
    assert counts(batch) == {}
    with pytest.raises(NothingToDo):
        await apply(session, batch, admin)


@pytest.mark.parametrize("name", ["../../etc/passwd", "C:\\x\\passwd", "/passwd", "pass\u202ewd", "p\0asswd\n"])
async def test_file_names_are_only_names(session: AsyncSession, admin: UUID, name: str) -> None:
    batch = await batches.upload(session, table(ROW), name, by=admin)
    assert batch.filename == "passwd"


# Columns


async def test_columns_can_be_taken_for_others(session: AsyncSession, admin: UUID) -> None:
    odd = {{"needs": "Kind of help", "summary_en": "What"}.get(key, key): text for key, text in ROW.items()}
    batch = await upload(session, admin, odd | {"Remarks": "x"})
    assert {name for name, key in batch.mapping.items() if not key} == {"Kind of help", "What", "Remarks"}
    assert counts(batch) == {"error": 1}
    await batches.choose_columns(session, batch, batch.mapping | {"Kind of help": "needs", "What": "summary_en"})
    assert counts(batch) == {"new": 1}
    assert (await batches.first_cells(session, batch))["Remarks"] == "x"
    with pytest.raises(TakenTwice):
        await batches.choose_columns(session, batch, batch.mapping | {"Remarks": "needs"})
    for forged in ({"Remarks": "needs"}, batch.mapping | {"Remarks": "is_admin"}, batch.mapping | {"x": ""}):
        with pytest.raises(ValueError, match="unknown column"):
            await batches.choose_columns(session, batch, forged)
    await apply(session, batch, admin)
    with pytest.raises(NotAllowed):
        await batches.choose_columns(session, batch, batch.mapping)


# Applying


async def test_all_or_nothing_unless_told(session: AsyncSession, admin: UUID) -> None:
    other = {"service_ar": "أخرى", "service_en": "Other"}
    batch = await upload(
        session, admin, ROW, ROW | other | {"needs": "money"}, ROW | {"district": "Sinjar", "phones": "x"}
    )
    assert counts(batch) == {"new": 1, "error": 2}
    with pytest.raises(HasErrors):
        await apply(session, batch, admin)
    assert batch.state == "uploaded"
    await apply(session, batch, admin, leave_out=True)
    assert (batch.state, batch.findings["left_out"]) == ("proposed", 2)
    *_, (service, _) = await deciding.revisions_of(session, batch.id)
    assert len(service.document["at"]) == 1


async def test_what_is_wrong_only_without_the_others_is_left_out_too(session: AsyncSession, admin: UUID) -> None:
    """The second row has its organization's English name from the first, which is left out."""
    first = ROW | {"needs": "money"}
    second = ROW | {"service_ar": "أخرى", "service_en": "Other", "organization_en": ""}
    third = ROW | {"organization_ar": "منظمة", "organization_en": "NGO"}
    batch = await upload(session, admin, first, second, third)
    assert counts(batch) == {"new": 2, "error": 1}
    await apply(session, batch, admin, leave_out=True)
    names = {revision.document["name"]["en"] for revision, _ in await deciding.revisions_of(session, batch.id)}
    assert names == {"NGO", "", "Legal help"}


async def test_more_than_may_change_at_once_is_refused(
    session: AsyncSession, admin: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = await upload(session, admin, ROW)
    monkeypatch.setattr(batches, "MOST_CHANGES", 2)
    with pytest.raises(TooMany):
        await apply(session, batch, admin)


async def test_an_import_is_applied_once(session: AsyncSession, admin: UUID) -> None:
    batch = await upload(session, admin, ROW)
    await apply(session, batch, admin)
    with pytest.raises(NotAllowed):
        await apply(session, batch, admin)
    with pytest.raises(NotAllowed):
        await batches.remove(session, batch.id, by=admin)


async def test_who_agreed_to_something_else_looks_again(session: AsyncSession, admin: UUID) -> None:
    service = await add_service(session, "it")
    [row] = await exported(session)
    batch = await upload(session, admin, row | {"fees_ar": "ا", "fees_en": "a"})
    await publishing.published(session, service.model_copy(update={"fees": both("meanwhile")}))
    with pytest.raises(Changed):
        await apply(session, batch, admin)
    await batches.check(session, batch)
    assert [before for _, _, before, _ in changes(batch)] == ["meanwhile", "meanwhile"]
    await apply(session, batch, admin)


async def test_what_somebody_is_changing_is_left_out_by_name(
    session: AsyncSession, admin: UUID, reviewer: UUID
) -> None:
    service = await add_service(session, "it")
    theirs = service.model_copy(update={"fees": both("theirs")})
    draft = await publishing.propose(session, theirs, author=reviewer, base=1)
    [row] = await exported(session)
    batch = await upload(session, admin, row | {"alert_ar": "ت", "alert_en": "a"}, ROW)
    assert counts(batch) == {"conflict": 1, "new": 1}
    [told] = batch.findings["rows"]["conflict"]
    assert told["blocked"] == [["being_changed", str(service.id), "service", {"ar": "it", "en": "it"}, str(reviewer)]]
    await apply(session, batch, admin)
    assert draft.state == "draft"
    assert service.id not in {entry.id for _, entry in await deciding.revisions_of(session, batch.id)}


async def test_an_unchanged_row_is_in_nobodys_way(session: AsyncSession, admin: UUID, reviewer: UUID) -> None:
    service = await add_service(session, "it")
    await publishing.propose(session, service.model_copy(update={"fees": both("x")}), author=reviewer, base=1)
    assert counts(await upload(session, admin, *await exported(session))) == {"unchanged": 1}


async def test_what_is_archived_is_not_brought_back_unnoticed(session: AsyncSession, admin: UUID) -> None:
    service = await add_service(session, "it")
    [row] = await exported(session)
    await publishing.archive(session, service.id)
    batch = await upload(session, admin, row | {"alert_ar": "ت", "alert_en": "a"})
    assert [one[0] for one in batch.findings["rows"]["conflict"][0]["blocked"]] == ["archived"]
    with pytest.raises(NothingToDo):
        await apply(session, batch, admin)


async def test_a_table_sent_twice_waits_for_the_first(session: AsyncSession, admin: UUID) -> None:
    first, second = await upload(session, admin, ROW), await upload(session, admin, ROW)
    await apply(session, first, admin)
    with pytest.raises(Changed):
        await apply(session, second, admin)
    await batches.check(session, second)
    assert counts(second) == {"unchanged": 1}


async def test_an_upload_can_be_thrown_away(session: AsyncSession, admin: UUID) -> None:
    batch = await upload(session, admin, ROW)
    await batches.remove(session, batch.id, by=admin)
    await session.flush()
    assert await session.scalar(select(func.count()).select_from(ImportBatch)) == 0


# Publishing and undoing


async def published(session: AsyncSession, admin: UUID, reviewer: UUID, *rows: Mapping[str, str]) -> ImportBatch:
    batch = await upload(session, admin, *rows)
    await apply(session, batch, admin)
    await deciding.publish(session, batch.id, by=reviewer)
    return batch


async def test_one_service_is_published_alone(session: AsyncSession, admin: UUID, reviewer: UUID) -> None:
    batch = await upload(session, admin, ROW, ROW | {"service_ar": "أخرى", "service_en": "Other"})
    await apply(session, batch, admin)
    waiting = await deciding.revisions_of(session, batch.id, "in_review")
    [other] = [revision for revision, _ in waiting if revision.document["name"]["en"] == "Other"]
    await deciding.publish(session, batch.id, by=reviewer, only=other.id)
    assert (await found(session), batch.state) == (["Other"], "proposed")
    with pytest.raises(NotAllowed):
        await deciding.publish(session, batch.id, by=reviewer, only=uuid4())
    await deciding.publish(session, batch.id, by=reviewer)
    assert (sorted(await found(session)), batch.state) == (["Legal help", "Other"], "published")


async def test_what_was_changed_before_it_is_published_stops_it(
    session: AsyncSession, admin: UUID, reviewer: UUID
) -> None:
    service = await add_service(session, "it")
    [row] = await exported(session)
    batch = await upload(session, admin, row | {"alert_ar": "ت", "alert_en": "a"}, ROW)
    await apply(session, batch, admin)
    await publishing.published(session, service.model_copy(update={"fees": both("x")}))
    with pytest.raises(Stopped) as stopped:
        await deciding.publish(session, batch.id, by=reviewer)
    assert [(one.entry, one.why) for one in stopped.value.entries] == [(service.id, "changed_meanwhile")]
    assert await found(session) == []


async def test_a_part_that_was_archived_before_it_is_published_stops_it(
    session: AsyncSession, admin: UUID, reviewer: UUID
) -> None:
    service = await add_service(session, "it")
    [row] = await exported(session)
    batch = await upload(session, admin, row | {"alert_ar": "ت", "alert_en": "a"})
    await apply(session, batch, admin)
    assert service.organization_id
    await publishing.archive(session, service.organization_id)
    with pytest.raises(Stopped) as stopped:
        await deciding.publish(session, batch.id, by=reviewer)
    assert [(one.entry, one.why) for one in stopped.value.entries] == [(service.id, "incomplete")]


async def test_undone_in_review_nothing_is_left_to_review(session: AsyncSession, admin: UUID) -> None:
    batch = await upload(session, admin, ROW)
    with pytest.raises(NotAllowed):
        await deciding.undo(session, batch.id, by=admin)
    await apply(session, batch, admin)
    assert await deciding.undo(session, batch.id, by=admin) == []
    assert batch.state == "undone"
    assert {revision.state for revision, _ in await deciding.revisions_of(session, batch.id)} == {"rejected"}
    with pytest.raises(NotAllowed):
        await deciding.undo(session, batch.id, by=admin)
    again = await upload(session, admin, ROW)
    assert counts(again) == {"new": 1}
    await apply(session, again, admin)


async def test_undone_when_published_everything_says_what_it_said(
    session: AsyncSession, admin: UUID, reviewer: UUID
) -> None:
    service = await rich(session)
    [row] = await exported(session)
    before = {
        kind: await document(session, UUID(row[f"{kind}_id"])) for kind in ("service", "location", "organization")
    }
    edits = {
        "fees_ar": "ا",
        "fees_en": "a",
        "address_en": "moved",
        "organization_en": "renamed",
        "hours": "FR 09:00-10:00",
    }
    batch = await published(session, admin, reviewer, row | edits, ROW)
    assert (await document(session, service.id))["fees"]["en"] == "a"
    assert await found(session) == ["Legal help"]

    assert await deciding.undo(session, batch.id, by=admin) == []
    after = {kind: await document(session, UUID(row[f"{kind}_id"])) for kind in ("service", "location", "organization")}
    assert after == before
    assert await found(session) == []
    assert await found(session, "mhpss") == ["rich"]
    new = [entry.status for revision, entry in await deciding.revisions_of(session, batch.id) if revision.base == 0]
    assert new == ["archived"] * 3
    assert await session.scalar(select(AuditRecord.details["left"]).where(AuditRecord.action == "import.undone")) == 0


async def test_what_was_changed_since_is_left_and_named(session: AsyncSession, admin: UUID, reviewer: UUID) -> None:
    await add_service(session, "first")
    await add_service(session, "second")
    await add_service(session, "third")
    rows = [row | {"fees_ar": "ا", "fees_en": "a"} for row in await exported(session)]
    batch = await published(session, admin, reviewer, *rows, ROW)
    first, second, third = (UUID(row["service_id"]) for row in rows)
    [new] = [
        revision.entry_id
        for revision, entry in await deciding.revisions_of(session, batch.id)
        if entry.kind == "service" and revision.base == 0
    ]
    await publishing.assure(session, first, TODAY, by=reviewer)
    draft = records.read("service", await document(session, second))
    await publishing.propose(session, draft, author=reviewer, base=2)
    await publishing.assure(session, new, TODAY - timedelta(1), by=reviewer)

    left = await deciding.undo(session, batch.id, by=admin)
    assert {(one.entry, one.why) for one in left if one.kind == "service"} == {
        (first, "changed_meanwhile"),
        (second, "changed_meanwhile"),
        (new, "changed_meanwhile"),
    }
    # The service that stays needs its organization and its location.
    assert sorted((one.kind, one.why) for one in left if one.kind != "service") == [
        ("location", "needed"),
        ("organization", "needed"),
    ]
    assert (await document(session, first))["fees"]["en"] == "a"
    assert (await document(session, third))["fees"]["en"] == ""
    assert await found(session) == ["Legal help"]
    assert len(batch.findings["left"]) == 5


async def test_half_published_is_undone_on_both_sides(session: AsyncSession, admin: UUID, reviewer: UUID) -> None:
    batch = await upload(session, admin, ROW, ROW | {"service_ar": "أخرى", "service_en": "Other"})
    await apply(session, batch, admin)
    [other] = [
        one for one, _ in await deciding.revisions_of(session, batch.id) if one.document["name"]["en"] == "Other"
    ]
    await deciding.publish(session, batch.id, by=reviewer, only=other.id)
    assert await deciding.undo(session, batch.id, by=admin) == []
    assert await found(session) == []
    states = {revision.state for revision, _ in await deciding.revisions_of(session, batch.id)}
    assert states == {"published", "rejected"}


# An hour's work


async def test_five_hundred_rows_with_errors_are_mended_published_and_found(
    session: AsyncSession, admin: UUID, reviewer: UUID
) -> None:
    districts = [code for code in PLACES.parents if code.startswith("IQG15Q")]
    rows = [
        ROW
        | {
            "organization_ar": f"منظمة {number % 20}",
            "organization_en": f"Organization {number % 20}",
            "service_ar": f"خدمة {number}",
            "service_en": f"Service {number}",
            "address_ar": f"شارع {number}",
            "address_en": f"Street {number}",
            "district": districts[number % len(districts)],
        }
        for number in range(500)
    ]
    bad = [dict(row) for row in rows]
    bad[7]["needs"], bad[70]["phones"], bad[77]["district"], bad[300]["summary_en"] = "money", "x", "Atlantis", ""
    bad[301] = bad[300]
    batch = await upload(session, admin, *bad)
    assert counts(batch) == {"new": 495, "error": 5}
    assert sorted({row for row, _, _ in problems(batch)}) == [9, 72, 79, 302, 303]
    batch = await published(session, admin, reviewer, *rows)
    assert batch.findings["applied"] == 20 + 500 + 500
    assert len(await found(session)) == 500
