"""The one table: what leaves comes back as it was, and what people write in its cells is read or refused."""

import random
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from directory import records
from directory.checking import LANGUAGES
from directory.exchange import sheet, sheet_codes
from directory.exchange.columns import COLUMNS, guess, tags_in
from directory.exchange.sheet import Numbers, Pair, read_version
from directory.exchange.sheet_cells import Misread, put, read, value_at, write
from directory.exchange.sheet_hours import Unclear, merge_hours, read_hours, write_hours
from directory.exchange.sheet_places import AmbiguousPlace, Places, UnknownPlace
from directory.exchange.tables import read_table, write_csv, write_xlsx
from directory.needs import NEEDS
from directory.places import read_places
from directory.records import ELIGIBLE, At, Hours, Location, Organization, PhoneNumber, Service, Words

PLACES = Places(read_places())
HOSTILE = "=cmd|' /C calc'!A0"


def words(text: str) -> Words:
    return Words(ar=f"{text} بالعربية", en=text)


def full() -> Pair:
    """A pair with something in every cell, and with what no cell has words for."""
    organization = Organization(
        name=words("Hope; and others"), description=words("who"), website="https://hope.example"
    )
    location = Location(
        place="IQG15Q05",
        name=Words(ar="مركز", en="A centre", ckb="ناوەند"),
        address=words("-near the market, second floor"),
        latitude=36.3456789,
        longitude=43.1,
        accessibility=words("a ramp"),
    )
    at = At(
        location_id=location.id,
        phones=[
            PhoneNumber(number="+9647701234567", description=words("women only")),
            PhoneNumber(number="07801234567"),
        ],
        schedules=[
            Hours(byday=["TH", "SU", "MO", "TU", "WE"], opens_at="09:00", closes_at="15:00"),
            Hours(kind="ramadan", byday=["SU"], opens_at="10:00", closes_at="12:00"),
            Hours(byday=["SA"], opens_at="10:00", closes_at="13:00"),
            Hours(kind="closed", valid_from=date(2026, 12, 24), valid_to=date(2026, 12, 31)),
        ],
    )
    service = Service(
        organization_id=organization.id,
        name=words(HOSTILE),
        summary=words("+ more"),
        description=words("two\nlines"),
        needs=["cash", "hlp"],
        eligible=["idp", "women"],
        eligibility=words("who is displaced"),
        minimum_age=0,
        maximum_age=17,
        access="referral",
        capacity="limited",
        fees=words("free"),
        required_documents=[words("a card; or a copy"), words("a photo")],
        languages=["ar", "ckb"],
        service_areas=["IQG15", "IQG02Q02"],
        alert=words("closed this week"),
        url="https://hope.example/x",
        email="info@hope.example",
        at=[at],
        assured_date=date(2026, 10, 1),
        valid_from=date(2026, 1, 1),
        valid_until=date(2027, 1, 1),
    )
    return Pair(*(one.document() for one in (service, organization, location, at)))


def test_every_field_of_a_cell_has_a_column_of_its_own() -> None:
    row = sheet.cells(full(), PLACES)
    assert set(COLUMNS) - set(row) == {"confidential", "version", "status", "demo"} - {"confidential"}
    assert row["hours"] == "SU-TH 09:00-15:00; SA 10:00-13:00; 2 other rules"
    assert row["confidential"] == "no"
    assert row["documents_en"] == "a card; or a copy\na photo"
    assert (row["governorate"], row["district"], row["district_code"]) == ("Ninewa", "Mosul", "IQG15Q05")
    assert sheet.cells(full(), PLACES, "ar")["district"] == "الموصل"


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_cells_come_back_from_a_file_as_they_were(form: str) -> None:
    row = sheet.cells(full(), PLACES)
    columns = list(COLUMNS)
    data = write_csv(columns, [row]) if form == "csv" else write_xlsx(columns, [row], "x", right_to_left=True)
    table = read_table(data, f"x.{form}")
    assert table.problems == []
    assert {key: text for key, text in table.rows[0].cells.items() if text} == row


def test_every_cell_means_what_it_was_made_of() -> None:
    pair = full()
    row = sheet.cells(pair, PLACES)
    for key, column in COLUMNS.items():
        if not column.field or column.kind == "id":
            continue
        document = pair.part(column.part)
        assert document
        again = dict(document)
        put(again, column.field, read(column.kind, row[key], PLACES))
        if key == "hours":
            again["schedules"] = sorted(again["schedules"], key=str)
            document = {**document, "schedules": sorted(document["schedules"], key=str)}
            for one in (*again["schedules"], *document["schedules"]):
                one["byday"] = sorted(one["byday"])
        assert (
            records.read(column.part, again) == records.read(column.part, dict(document))
            if (column.part != "at")
            else At.model_validate(again) == At.model_validate(document)
        ), key


def test_of_a_confidential_location_others_get_the_governorate_and_nothing_else() -> None:
    pair = full()
    secret = {**pair.location, "is_confidential": True} if pair.location else None
    row = sheet.cells(sheet.hide(pair._replace(location=secret), PLACES), PLACES)
    assert (row["governorate"], row["confidential"], row["phones"]) == ("Ninewa", "yes", "+9647701234567; 07801234567")
    for key in ("district", "district_code", "address_ar", "latitude", "longitude", "location_name_en"):
        assert key not in row, key
    assert "Mosul" not in str(row)
    assert sheet.hide(pair, PLACES) is pair


def test_versions() -> None:
    assert read_version(str(Numbers(12, 1, 0))) == (12, 1, 0)
    for text in ("", "12", "s1-o1", "s1-o1-l1x", "s9999999-o1-l1", HOSTILE):
        assert read_version(text) is None


# Columns


@pytest.mark.parametrize("language", ["ar", "en"])
def test_columns_are_known_by_key_tag_and_title(language: str) -> None:
    for names in (
        {key: key for key in COLUMNS},
        {column.tag: key for key, column in COLUMNS.items()},
        {column.title(language): key for key, column in COLUMNS.items()},
        {column.title(language).upper() + " : ": key for key, column in COLUMNS.items()},
    ):
        assert guess(list(names), {}, []) == names


def test_titles_and_tags_are_unlike_each_other() -> None:
    for names in (
        [column.tag for column in COLUMNS.values()],
        *([column.title(language) for column in COLUMNS.values()] for language in ("ar", "en")),
    ):
        assert len(set(names)) == len(names)
    for column in COLUMNS.values():
        assert column.title_ar
        assert column.note_ar or not column.note_en


def test_a_name_of_either_language_goes_by_the_letters_below_it() -> None:
    rows = [{"Organization": "منظمة الأمل", "NGO": "Hope", "Service name": "Legal help", "x1": "?"}]
    assert guess(list(rows[0]), {}, rows) == {
        "Organization": "organization_ar",
        "NGO": "organization_en",
        "Service name": "service_en",
        "x1": "",
    }


def test_a_column_of_ours_is_taken_once() -> None:
    assert guess(["Phone", "mobile", "phones"], {}, []) == {"Phone": "phones", "mobile": "", "phones": ""}


def test_a_row_of_hxl_tags_is_found_below_titles_and_names_the_columns() -> None:
    columns = ["A", "B", "C"]
    rows = [
        {"A": "Who", "B": "Where", "C": ""},
        {"A": "#org +i_en+name", "B": "#adm1 + code", "C": ""},
        {"A": "Hope", "B": "IQG15", "C": "x"},
    ]
    titles, tags = tags_in(columns, rows)
    assert titles == 2
    assert guess(columns, tags, rows[titles:]) == {"A": "organization_en", "B": "governorate_code", "C": ""}
    assert tags_in(columns, [{"A": "#1 in town", "B": "x", "C": ""}]) == (0, {})
    assert tags_in(columns, []) == (0, {})


# Codes


def test_every_code_has_its_names() -> None:
    lists: dict[str, set[str]] = {}
    for code in sheet_codes.CODES:
        lists.setdefault(code.list, set()).add(code.code)
        for name in (code.code, code.en, code.ar, code.en.upper()):
            assert sheet_codes.code_of(code.list, name) == code.code
    access, capacity = (Service.model_fields[field].annotation for field in ("access", "capacity"))
    assert lists == {
        "need": set(NEEDS),
        "eligible": set(ELIGIBLE),
        "access": set(access.__args__),  # type: ignore[union-attr]
        "capacity": set(capacity.__args__),  # type: ignore[union-attr]
        "language": set(LANGUAGES),
        "yes_no": {"yes", "no"},
    }


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("cash, food", ["cash", "food"]),
        ("Home, land and property; CASH", ["hlp", "cash"]),
        ("Cash, Home, land and property, Food", ["cash", "hlp", "food"]),
        ("نقد، الغذاء؛ صحة\nfood", ["cash", "food", "health"]),
        (" ; ,", []),
        ("cash cash; cash", None),
        ("money", None),
    ],
)
def test_several_codes_in_a_cell(text: str, codes: list[str] | None) -> None:
    if codes is None:
        with pytest.raises(Misread) as misread:
            read("codes:need", text, PLACES)
        assert misread.value.code == "unknown_code"
        assert misread.value.detail in text
    else:
        assert read("codes:need", text, PLACES) == codes


# Cells


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-10-01", "2026-10-01"),
        ("2026-10-01 00:00", "2026-10-01"),
        ("1/10/2026", "2026-10-01"),
        ("01.10.26", "2026-10-01"),
        ("١/١٠/٢٠٢٦", "2026-10-01"),
        ("31-12-2026", "2026-12-31"),
        ("46296", "2026-10-01"),
        ("", None),
    ],
)
def test_dates_as_excel_iso_and_iraq_write_them(text: str, day: str | None) -> None:
    assert read("date", text, PLACES) == day


@pytest.mark.parametrize(
    "text", ["13/13/2026", "12/31/2026", "30/2/2026", "2026", "soon", "1/1/1926", "1/10", "-5", "0000-00-00", "9" * 400]
)
def test_no_dates(text: str) -> None:
    with pytest.raises(Misread, match="not_a_date"):
        read("date", text, PLACES)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("0770 123 4567", ["07701234567"]),
        ("7701234567", ["07701234567"]),
        ("9647701234567 / 00964-780-1234567", ["+9647701234567", "+9647801234567"]),
        ("(066) 123456، ٠٧٧٠١٢٣٤٥٦٧; 122", ["066123456", "07701234567", "122"]),
        ("122; 122", ["122"]),
        ("", []),
    ],
)
def test_numbers_as_people_and_excel_write_them(text: str, numbers: list[str]) -> None:
    assert read("phones", text, PLACES) == numbers


@pytest.mark.parametrize("text", ["9.64771E+12", "call me", "12", "07701234567 07801234567", "+1; x"])
def test_no_numbers(text: str) -> None:
    with pytest.raises(Misread, match="not_a_number"):
        read("phones", text, PLACES)


@pytest.mark.parametrize(
    ("text", "degrees"), [("36.34", 36.34), ("36,34", 36.34), ("٣٦٫٣٤", 36.34), ("36.34° N", 36.34)]
)
def test_degrees(text: str, degrees: float) -> None:
    assert read("number", text, PLACES) == degrees


@pytest.mark.parametrize("text", ["nan", "inf", "1e5", "36°20'", "36.1, 43.1", "x", "9" * 400])
def test_no_degrees(text: str) -> None:
    with pytest.raises(Misread, match="not_a_coordinate"):
        read("number", text, PLACES)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("yes_no", "نعم", True),
        ("yes_no", "No", False),
        ("age", "١٨", 18),
        ("places", "Ninewa; IQG02Q02", ["IQG15", "IQG02Q02"]),
    ],
)
def test_other_cells(kind: str, text: str, value: Any) -> None:
    assert read(kind, text, PLACES) == value


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        ("yes_no", "perhaps", "unknown_code"),
        ("age", "121", "not_an_age"),
        ("age", "-1", "not_an_age"),
        ("places", "Ninewa; Atlantis", "unknown_place"),
        ("places", "Basra", "ambiguous_place"),
        ("code:access", "walk", "unknown_code"),
        ("hours", "when we are there", "hours_unclear"),
    ],
)
def test_what_other_cells_cannot_say(kind: str, text: str, code: str) -> None:
    with pytest.raises(Misread, match=code):
        read(kind, text, PLACES)


def test_what_has_no_place_in_a_cell_stays() -> None:
    pair = full()
    at, service = dict(pair.at), dict(pair.service)
    put(at, "phones", ["07801234567", "+9647701234567", "122"])
    assert [phone.get("description", {}).get("en") for phone in at["phones"]] == ["", "women only", None]
    put(at, "schedules", read_hours("FR 10:00-11:00"))
    assert [one["kind"] for one in at["schedules"]] == ["regular", "ramadan", "closed"]
    put(service, "required_documents.en", ["a card", "a photo", "money"])
    assert [one.get("ar", "") for one in service["required_documents"]] == [
        "a card; or a copy بالعربية",
        "a photo بالعربية",
        "",
    ]
    put(service, "required_documents.ar", ["بطاقة"])
    put(service, "required_documents.en", ["a card"])
    assert service["required_documents"] == [{"ar": "بطاقة", "en": "a card", "ckb": ""}]
    location = dict(pair.location or {})
    put(location, "name.en", "Other")
    assert location["name"] == {"ar": "مركز", "en": "Other", "ckb": "ناوەند"}
    assert value_at(full().service, "required_documents.en") == ["a card; or a copy", "a photo"]


def test_nothing_is_an_empty_cell() -> None:
    for kind in ("text", "date", "number", "age", "items", "codes:need", "phones", "hours", "places"):
        for nothing in (None, "", []):
            assert write(kind, nothing) == ""


# Hours


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("SU-TH 09:00-15:00; SA 10:00-13:00", None),
        ("Sunday to Thursday 9am-3pm, 4pm-6pm", "SU-TH 09:00-15:00, 16:00-18:00"),
        ("الأحد - الخميس ٩ص-٣م", "SU-TH 09:00-15:00"),
        ("من الأحد إلى الخميس من الساعة 8 ص لغاية 2 م", "SU-TH 08:00-14:00"),
        ("الأحد والثلاثاء 08:00-14:00", "SU,TU 08:00-14:00"),
        ("8:00 - 15:00 (Sun, Mon & Wed)", "SU-MO,WE 08:00-15:00"),
        ("24/7", "SU-SA 00:00-24:00"),
        ("كل يوم 24 ساعة", "SU-SA 00:00-24:00"),
        ("FR-SU 20:00-02:00", None),
        ("daily 9-15:30", "SU-SA 09:00-15:30"),
        ("SU 9-3pm", "SU 09:00-15:00"),
        ("MO 9am-12am\nTU 12pm-5pm", "MO 09:00-24:00; TU 12:00-17:00"),
        ("", ""),
        ("3 other rules", ""),
    ],
)
def test_hours_in_words(text: str, written: str | None) -> None:
    assert write_hours(read_hours(text)) == (text if written is None else written)


@pytest.mark.parametrize(
    "text",
    [
        "9-3 Sunday",
        "SU 3-8 pm",
        "SU 9am-3",
        "SU 08:00-02:00",
        "SU 25:00-26:00",
        "SU 9:75-10:00",
        "Sunday",
        "9:00-15:00",
        "SU except MO 9:00-15:00",
        "first SU 09:00-10:00",
        "SU- 9:00-15:00",
        "by appointment",
        "SU 13pm-14pm",
    ],
)
def test_hours_that_are_unclear(text: str) -> None:
    with pytest.raises(Unclear):
        read_hours(text)


def test_any_weekly_hours_come_back() -> None:
    chance = random.Random(4)
    for _ in range(300):
        days = chance.sample(["SU", "MO", "TU", "WE", "TH", "FR", "SA"], chance.randint(1, 7))
        opens, closes = sorted(chance.sample(range(1, 24 * 4), 2))
        one = Hours(byday=days, opens_at=clock(opens), closes_at=clock(closes)).document()
        [again] = read_hours(write_hours([one]))
        assert {**again, "byday": sorted(again["byday"])} == {**one, "byday": sorted(days)}


def clock(quarters: int) -> str:
    return f"{quarters // 4:02}:{quarters % 4 * 15:02}"


def test_rules_without_words_are_counted_and_kept() -> None:
    monthly = Hours(freq="MONTHLY", byday=["1SU"], opens_at="09:00", closes_at="10:00").document()
    second_week = Hours(
        interval=2, byday=["SU"], opens_at="09:00", closes_at="10:00", dtstart=date(2026, 1, 4)
    ).document()
    draft = Hours().document()
    assert write_hours([monthly, second_week, draft]) == "3 other rules"
    assert write_hours([monthly]) == "1 other rule"
    assert merge_hours([monthly, second_week], read_hours("MO 09:00-10:00"))[1:] == [monthly, second_week]


# Places


@pytest.mark.parametrize(
    "name", ["IQG15", "iqg15 ", "Ninewa", "نينوى", "نەینەوا", "Nineveh", "محافظة نينوى", "Al-Ninewa"]
)
def test_governorates_by_code_and_name(name: str) -> None:
    assert PLACES.governorate(name) == "IQG15"


@pytest.mark.parametrize("name", ["IQG15Q05", "Mosul", "الموصل", "Mûsil", "موصل"])
def test_districts_by_code_and_name(name: str) -> None:
    assert PLACES.district(name, None) == "IQG15Q05"


def test_a_town_is_in_its_district() -> None:
    assert PLACES.district("Bartella", "IQG15") == "IQG15Q03"


def test_a_name_of_a_governorate_and_its_district_needs_the_governorate() -> None:
    assert PLACES.district("Basra", "IQG02") == "IQG02Q02"
    assert PLACES.governorate("البصرة") == "IQG02"
    with pytest.raises(AmbiguousPlace, match="IQG02, IQG02Q02"):
        PLACES.district("Basra", None)


@pytest.mark.parametrize("name", ["Atlantis", "Mosul", "IQG99", "", "IQG15Q05"])
def test_no_governorates(name: str) -> None:
    with pytest.raises(UnknownPlace):
        PLACES.governorate(name)


@pytest.mark.parametrize(
    ("place", "latitude", "longitude", "near"),
    [
        ("IQG15Q05", 36.34, 43.13, None),
        ("IQG15", 36.19, 44.0, "IQG11Q02"),
        ("IQG09Q02", 30.5, 47.8, "IQG02Q02"),
        # Near a border the middle of the neighbour's district may be nearer.
        ("IQG15Q03", 36.35, 43.5, None),
        # The desert of Anbar, and a desert of another country.
        ("IQG01Q04", 32.5, 39.1, None),
        ("IQG01Q04", 29.1, 38.8, "IQG01Q04"),
    ],
)
def test_points_far_from_their_place(place: str, latitude: float, longitude: float, near: str | None) -> None:
    assert PLACES.far_off(place, latitude, longitude) == near


def test_ids_are_of_every_row() -> None:
    row = sheet.cells(full(), PLACES)
    assert all(UUID(row[key]) for key in ("service_id", "location_id", "organization_id"))
