"""Uploaded spreadsheets as people really make them, and as nobody should: read or refused, never run, never guessed."""

import io
import random
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from directory.exchange.problems import MESSAGES, NOTICES, REFUSALS, Problem
from directory.exchange.tables import MAX_BYTES, MAX_CELL, MAX_ROWS, Table, read_table, write_csv, write_xlsx

COLUMNS = ["الاسم", "phone", "العنوان"]
ARABIC = "الاسم,phone,العنوان\r\nعيادة الأمل,07701234567,قرب السوق\r\nمركز النور,07801234567,شارع المستشفى\r\n"
ROWS = [
    {"الاسم": "عيادة الأمل", "phone": "07701234567", "العنوان": "قرب السوق"},
    {"الاسم": "مركز النور", "phone": "07801234567", "العنوان": "شارع المستشفى"},
]
SHEET = "xl/worksheets/sheet1.xml"


def csv_table(text: str | bytes, filename: str = "services.csv") -> Table:
    return said(read_table(text.encode() if isinstance(text, str) else text, filename))


def xlsx(fill: Callable[[Worksheet], object]) -> bytes:
    workbook = Workbook()
    assert isinstance(workbook.active, Worksheet)
    fill(workbook.active)
    return saved(workbook)


def saved(workbook: Workbook) -> bytes:
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def xlsx_table(fill: Callable[[Worksheet], object]) -> Table:
    return said(read_table(xlsx(fill), "services.xlsx"))


def one_cell(value: object, number_format: str | None = None) -> Table:
    def fill(sheet: Worksheet) -> None:
        sheet["A1"] = "a"
        sheet["A2"] = value
        if number_format:
            sheet["A2"].number_format = number_format

    return xlsx_table(fill)


def repacked(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The same workbook with one part changed, or added if it is new."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
        if part not in old.namelist():
            new.writestr(part, change(b""))
    return file.getvalue()


def plain(sheet: Worksheet) -> None:
    sheet.append(["a", "b"])
    sheet.append(["1", "2"])


def said(table: Table) -> Table:
    """Every problem can be said to a person, and every table without rows says why."""
    for problem in table.problems:
        assert problem.message
        assert "None" not in problem.message, problem
    assert table.rows or table.problems
    return table


def codes(table: Table) -> list[str]:
    return [problem.code for problem in table.problems]


def refused(data: bytes, filename: str = "services.xlsx") -> str:
    """The one reason why a file was refused as a whole."""
    table = said(read_table(data, filename))
    assert table.rows == []
    assert not table.is_usable
    return codes(table)[-1]


def cells(table: Table) -> list[dict[str, str]]:
    return [row.cells for row in table.rows]


# Encodings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_encodings_that_say_what_they_are(encoding: str) -> None:
    table = csv_table(ARABIC.encode(encoding))
    assert (table.columns, cells(table), table.problems) == (COLUMNS, ROWS, [])
    assert table.is_usable


@pytest.mark.parametrize(
    ("encoding", "name"), [("utf-16-le", "UTF-16"), ("utf-16-be", "UTF-16"), ("cp1256", "Windows-1256")]
)
def test_encodings_that_must_be_guessed_are_read_with_a_notice(encoding: str, name: str) -> None:
    table = csv_table(ARABIC.encode(encoding))
    assert (table.columns, cells(table)) == (COLUMNS, ROWS)
    assert table.problems == [Problem(None, None, "encoding_guessed", name)]
    assert table.problems[0].is_notice
    assert table.is_usable


def test_english_in_utf_16_without_a_mark_is_not_taken_for_utf_8() -> None:
    table = csv_table("name,phone\r\nClinic,0770\r\n".encode("utf-16-le"))
    assert cells(table) == [{"name": "Clinic", "phone": "0770"}]


def test_one_arabic_word_far_down_an_english_file() -> None:
    text = "name,place\n" + "Clinic,Mosul\n" * 9000 + "Clinic,الموصل القديمة\n"
    assert cells(csv_table(text.encode("cp1256")))[-1]["place"] == "الموصل القديمة"


def test_kurdish_in_utf_8() -> None:
    assert cells(csv_table("ناو\nنەخۆشخانەی هەولێر\n")) == [{"ناو": "نەخۆشخانەی هەولێر"}]


def test_utf_8_with_a_broken_byte_does_not_become_nonsense_in_windows_1256() -> None:
    data = ARABIC.encode().replace("النور".encode(), "النور".encode()[:-1])
    table = csv_table(data)
    assert table.problems == [Problem(None, None, "unreadable", "UTF-8, line 3")]


@pytest.mark.parametrize("encoding", ["iso8859_6", "cp1251"])
def test_other_encodings_are_refused_rather_than_misread(encoding: str) -> None:
    text = ARABIC if encoding == "iso8859_6" else "имя,город\nМосква,Киев\n"
    assert refused(text.encode(encoding), "services.csv") == "unreadable"


def test_utf_16_cut_in_the_middle_of_a_letter() -> None:
    assert refused(ARABIC.encode("utf-16")[:-1], "services.csv") == "unreadable"


@pytest.mark.parametrize("lost", ["????? ?????", "ع\ufffdادة"])
def test_letters_lost_before_are_pointed_out(lost: str) -> None:
    assert csv_table(f"a,b\n1,{lost}\n").problems == [Problem(2, "b", "garbled")]


def test_a_question_is_not_lost_letters() -> None:
    assert csv_table("a\nOpen on Friday???\n").problems == []


# CSV


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(delimiter: str, newline: str) -> None:
    lines = ["name|phone|address", 'Clinic|0770|"near, the; market"', "Centre|0780|Ninewa"]
    table = csv_table(newline.join(line.replace("|", delimiter) for line in lines))
    assert table.columns == ["name", "phone", "address"]
    assert [row["address"] for row in cells(table)] == ["near, the; market", "Ninewa"]
    assert table.problems == []


def test_semicolons_with_many_commas_in_the_texts() -> None:
    table = csv_table("name;address\nA, B, C;D, E\nF, G, H;I, J\n")
    assert cells(table) == [{"name": "A, B, C", "address": "D, E"}, {"name": "F, G, H", "address": "I, J"}]


def test_excels_own_line_naming_the_delimiter_is_not_a_row() -> None:
    table = csv_table("sep=;\r\na;b\r\n1;2\r\n")
    assert [(row.number, row.cells) for row in table.rows] == [(2, {"a": "1", "b": "2"})]


def test_a_quoted_line_end_is_one_row_and_blank_rows_keep_their_numbers() -> None:
    table = csv_table('a,b\r\n"one\r\ntwo",x\r\n\r\n , \r\n\u200e,\r\n3,y\r\n')
    assert [(row.number, row.cells["a"]) for row in table.rows] == [(2, "one\ntwo"), (6, "3")]
    assert table.problems == []


def test_ragged_rows_are_named() -> None:
    table = csv_table("a,b,c\n1,2,3\n1,2\n1,2,3,4\n1,2,3,,\n")
    assert table.problems == [Problem(3, None, "ragged_row", "2"), Problem(4, None, "ragged_row", "4")]
    assert cells(table)[1] == {"a": "1", "b": "2", "c": ""}


@pytest.mark.parametrize("text", ['a,b\n1,2\n"3,4\n5,6\n', 'a,b\n1,2\n"3,4\n"5",6\n'])
def test_a_quotation_mark_left_open_swallows_nothing(text: str) -> None:
    assert csv_table(text).problems == [Problem(3, None, "broken_quotes")]


def test_a_quotation_mark_inside_a_text_is_only_that() -> None:
    assert cells(csv_table('a,b\nclinic "Hope",2\n'))[0]["a"] == 'clinic "Hope"'


def test_characters_nobody_sees() -> None:
    table = csv_table("a,b\nx\0y,\u202bنص\u202c\u200f\n\u200e+964 770,نمی\u200cدانم \u200c\n")
    assert cells(table) == [{"a": "xy", "b": "نص"}, {"a": "+964 770", "b": "نمی\u200cدانم"}]
    assert table.problems == [Problem(2, "a", "control_characters")]


def test_columns_that_cannot_be_told_apart() -> None:
    assert csv_table("name, phone,name \n1,2,3\n").problems == [Problem(1, "name", "duplicate_column")]


def test_a_column_without_a_name_counts_only_if_something_is_in_it() -> None:
    assert csv_table("a,,b,\n1,,2,\n").columns == ["a", "b"]
    table = csv_table("a,,b\n1,,2\n1,x,2\n1,y,2\n")
    assert table.problems == [Problem(3, "B", "unnamed_column")]
    assert cells(table)[1] == {"a": "1", "b": "2"}


def test_a_text_too_long() -> None:
    table = csv_table(f"a,b\n{'x' * MAX_CELL},1\n{'x' * (MAX_CELL + 1)},2\n")
    assert table.problems == [Problem(3, "a", "too_long", "5000")]
    assert [len(row["a"]) for row in cells(table)] == [MAX_CELL, 0]


def test_text_that_looks_like_a_formula_or_a_page_stays_text() -> None:
    texts = ["=1+1", "+964770", "-5", "@x", "<script>alert(1)</script>", "{{ 7*7 }}"]
    assert [row["a"] for row in cells(csv_table("a\n" + "\n".join(texts)))] == texts


# Size


def test_fifty_thousand_rows_and_not_one_more() -> None:
    text = "a,b\n" + "1,نص\n" * MAX_ROWS
    assert len(csv_table(text).rows) == MAX_ROWS
    assert refused(f"{text}1,2\n".encode(), "services.csv") == "too_many_rows"


def test_a_large_workbook() -> None:
    def rows(count: int) -> bytes:
        filled = "".join(f"<row><c><v>{n}</v></c><c t='b'><v>1</v></c></row>" for n in range(count + 1))
        namespace = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        sheet = b"<worksheet xmlns='%s'><sheetData>%s</sheetData></worksheet>" % (namespace, filled.encode())
        return repacked(xlsx(plain), SHEET, lambda _: sheet)

    table = read_table(rows(MAX_ROWS), "s.xlsx")
    assert (len(table.rows), table.rows[-1].number, table.problems) == (MAX_ROWS, MAX_ROWS + 1, [])
    assert refused(rows(MAX_ROWS + 1)) == "too_many_rows"


def test_more_bytes_or_columns_than_allowed() -> None:
    assert refused(b"a\n" * (MAX_BYTES // 2 + 1), "services.csv") == "too_large"
    assert refused(",".join(map(str, range(201))).encode() + b"\n1\n", "services.csv") == "too_many_columns"
    assert refused(xlsx(lambda sheet: (plain(sheet), sheet.cell(2, 16384, "x")))) == "too_many_columns"


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf", b",,\n,,\n", b"a,b\n", b"a,b\n,\n"])
def test_nothing_in_it(data: bytes) -> None:
    assert refused(data, "services.csv") == "empty"


def test_an_empty_workbook() -> None:
    assert refused(xlsx(lambda sheet: None)) == "empty"
    assert refused(xlsx(lambda sheet: sheet.append(["a", "b"]))) == "empty"


# Excel


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (date(2026, 11, 26), None, "2026-11-26"),
        (datetime(2026, 11, 26), "dd/mm/yyyy", "2026-11-26"),
        (datetime(2026, 11, 26, 9), None, "2026-11-26 09:00"),
        (time(9), None, "09:00"),
        (time(9, 0, 30), None, "09:00:30"),
        (0.37499999, "hh:mm", "09:00"),
        (timedelta(hours=26), None, "26:00"),
        (7701234567.0, None, "7701234567"),
        (7701234567, None, "7701234567"),
        (9.647701234567e12, "0.00E+00", "9647701234567"),
        (33.300000000000004, None, "33.3"),
        (True, None, "TRUE"),
        ("  =1+1", None, "=1+1"),
        ("one_x000D_\ntwo", None, "one\ntwo"),
    ],
)
def test_what_excel_shows(value: object, number_format: str | None, text: str) -> None:
    table = one_cell(value, number_format)
    assert (cells(table), table.problems) == ([{"a": text}], [])


def test_a_formula_is_neither_run_nor_believed() -> None:
    def fill(sheet: Worksheet) -> None:
        plain(sheet)
        sheet.append(['=HYPERLINK("http://evil","x")', "3"])

    # Somebody's program has left a result beside the formula.
    data = repacked(xlsx(fill), SHEET, lambda xml: xml.replace(b"</f><v />", b"</f><v>7</v>").replace(b"<v></v>", b""))
    table = said(read_table(data, "services.xlsx"))
    assert table.problems == [Problem(3, "a", "formula")]
    assert cells(table) == [{"a": "1", "b": "2"}, {"a": "", "b": "3"}]


def test_an_error_shown_by_excel() -> None:
    assert one_cell("#REF!").problems == [Problem(2, "a", "error_value", "#REF!")]


def test_merged_cells_are_named_by_their_range() -> None:
    def fill(sheet: Worksheet) -> None:
        for row in (["a", "b"], ["1", "2"], ["", "4"]):
            sheet.append(row)
        sheet.merge_cells("A2:A3")

    assert xlsx_table(fill).problems == [Problem(2, None, "merged_cells", "A2:A3")]


def test_blank_rows_keep_their_numbers_and_formatted_emptiness_does_not_count() -> None:
    def fill(sheet: Worksheet) -> None:
        plain(sheet)
        sheet["A5"] = "last"
        sheet["XFD1048576"].number_format = "@"

    table = xlsx_table(fill)
    assert [(row.number, row.cells["a"]) for row in table.rows] == [(2, "1"), (5, "last")]
    assert table.problems == []


def test_the_first_sheet_people_see_is_read() -> None:
    workbook = Workbook()
    workbook.create_sheet("lists", 0).sheet_state = "hidden"
    workbook.worksheets[1].title = "Services"
    plain(workbook.worksheets[1])
    table = said(read_table(saved(workbook), "services.xlsx"))
    assert cells(table) == [{"a": "1", "b": "2"}]
    assert table.problems == [Problem(None, None, "other_sheets", "Services")]
    assert table.is_usable


def test_content_decides_not_the_name() -> None:
    assert cells(read_table(xlsx(plain), "services.csv")) == [{"a": "1", "b": "2"}]
    assert cells(read_table(b"a,b\n1,2\n", "services.xlsx")) == [{"a": "1", "b": "2"}]


# Files nobody should open


def test_macros_are_refused_by_name_and_by_content() -> None:
    assert refused(xlsx(plain), "services.XLSM") == "macros"
    assert refused(repacked(xlsx(plain), "xl/vbaProject.bin", lambda _: b"x")) == "macros"


def test_old_and_locked_excel_files() -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)
    assert refused(ole, "services.xls") == "old_excel"
    assert refused(ole + "EncryptedPackage".encode("utf-16-le")) == "password_protected"


def zipped(**parts: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7\n",
        b"\x89PNG\r\n\x1a\n" + bytes(99),
        b"<html><table><tr><td>a</td></tr></table></html>",
        b'{"id": 1}',
        b'[{"id": 1}]',
        bytes(range(32)) * 9,
        zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet"),
    ],
)
def test_other_files(data: bytes) -> None:
    assert refused(data, "services.csv") == "not_a_table"


def test_noise() -> None:
    assert refused(random.Random(4).randbytes(5000), "services.csv") in {"unreadable", "not_a_table"}


def test_a_zip_bomb_is_not_unpacked() -> None:
    bomb = repacked(xlsx(plain), "xl/media/image1.png", lambda _: bytes(200 * 1024**2))
    assert len(bomb) < MAX_BYTES
    assert refused(bomb) == "too_large"
    assert refused(repacked(xlsx(plain), SHEET, lambda xml: xml + b" " * 101 * 1024**2)) == "too_large"


def test_a_zip_bomb_that_lies_about_its_size_is_not_unpacked_either() -> None:
    size = 200 * 1024**2
    bomb = repacked(xlsx(plain), "xl/sharedStrings.xml", lambda xml: xml + b" " * (size - len(xml)))
    lie = bomb.replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert lie != bomb
    assert refused(lie) == "unreadable"


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "[Content_Types].xml"])
@pytest.mark.parametrize("declared", [f'<!ENTITY l0 "ha">{LAUGHS}', '<!ENTITY l9 SYSTEM "file:///etc/hostname">'])
def test_xml_entities_never_expand(part: str, declared: str) -> None:
    def attack(xml: bytes) -> bytes:
        start = xml.index(b"?>") + 2 if xml.startswith(b"<?xml") else 0
        doctype = f"{'<!-- long -->' * 999}<!DOCTYPE x [{declared}]>".encode()
        return xml[:start] + doctype + xml[start:].replace(b"<t>1</t>", b"<t>&l9;</t>")

    table = read_table(repacked(xlsx(plain), part, attack), "services.xlsx")
    assert table.problems == [Problem(None, None, "unreadable", "DOCTYPE")]


@pytest.mark.parametrize(
    ("part", "change"),
    [
        (SHEET, lambda xml: xml[:300]),
        (SHEET, lambda xml: b""),
        (SHEET, lambda xml: xml.replace(b'<row r="2"', b'<row r="x"')),
        (SHEET, lambda xml: xml.replace(b'r="A2"', b'r="22"')),
        (SHEET, lambda xml: xml.replace(b't="inlineStr"><is><t>2</t></is>', b't="s"><v>99</v>')),
        ("xl/workbook.xml", lambda xml: xml[:300]),
        ("xl/workbook.xml", lambda xml: b""),
    ],
)
def test_damaged_workbooks(part: str, change: Callable[[bytes], bytes]) -> None:
    assert refused(repacked(xlsx(plain), part, change)) == "unreadable"


def test_half_an_upload() -> None:
    assert refused(xlsx(plain)[:-30]) == "unreadable"


def test_something_very_far_down() -> None:
    assert refused(xlsx(lambda sheet: (plain(sheet), sheet.cell(2**20, 100, "x")))) == "too_large"


def test_styles_that_would_fill_the_memory() -> None:
    assert refused(repacked(xlsx(plain), "xl/styles.xml", lambda xml: xml + b" " * 4 * 1024**2)) == "too_large"


@pytest.mark.parametrize("number", [b"1", b"0", b"99999999999999"])
def test_impossible_row_numbers(number: bytes) -> None:
    data = repacked(xlsx(plain), SHEET, lambda xml: xml.replace(b'<row r="2"', b'<row r="%s"' % number))
    assert refused(data) == "unreadable"


def test_one_long_text_in_very_many_cells() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(list(range(100)))
        for _ in range(101):
            sheet.append(["x" * MAX_CELL] * 100)

    assert refused(xlsx(fill)) == "too_large"


# Writing

TRICKY = [
    "نص عربي",
    'a "quoted", text;\nsecond line',
    "=cmd|' /C calc'!A0",
    "+9647701234567",
    "-1",
    "@sum",
    "'quoted'",
    "'=x",
    "''=x",
    "＝1",
    "07701234567",
    "1e5",
    "2026-11-26",
    "TRUE",
    "#service",
]


def test_csv_comes_back_as_it_was() -> None:
    rows = [{"=a": text, "b": "x"} for text in TRICKY]
    table = csv_table(write_csv(["=a", "b"], rows))
    assert (table.columns, cells(table), table.problems) == (["=a", "b"], rows, [])


def test_xlsx_comes_back_as_it_was() -> None:
    rows = [{"=a": text, "b": "x"} for text in TRICKY]
    table = said(read_table(write_xlsx(["=a", "b"], rows, "s", right_to_left=True), "s.xlsx"))
    assert (table.columns, cells(table), table.problems) == (["=a", "b"], rows, [])


def test_a_written_csv_opens_in_arabic_and_runs_nothing() -> None:
    data = write_csv(["a", "b"], [{"a": text} for text in ["=1", "+1", "-1", "@1", "\t=1", "\r=1", " =1", "'=1", "ع"]])
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.decode("utf-8-sig").startswith("a,b\r\n'=1,\r\n'+1,\r\n'-1,\r\n'@1,\r\n'\t=1,\r\n\"'\r=1\",\r\n")
    assert data.decode("utf-8-sig").endswith("' =1,\r\n''=1,\r\nع,\r\n")


def test_a_guarded_text_saved_as_excel_loses_its_apostrophe_too() -> None:
    assert cells(one_cell("'+9647701234567")) == [{"a": "+9647701234567"}]


def test_a_written_workbook() -> None:
    columns = ["الاسم", "phone"]
    rows = [{"الاسم": "=1+1", "phone": "+964"}, {"الاسم": "bell\x07"}]
    workbook = load_workbook(io.BytesIO(write_xlsx(columns, rows, "خدمات [1/2] " + "x" * 40, right_to_left=True)))
    sheet = workbook.worksheets[0]
    assert sheet.title.startswith("خدمات  1 2")
    assert len(sheet.title) == 31
    assert sheet.sheet_view.rightToLeft is True
    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].font.b
    assert not sheet["A2"].font.b
    assert [(sheet[at].value, sheet[at].data_type) for at in ("A2", "B2", "A3")] == [
        ("=1+1", "s"),
        ("+964", "s"),
        ("bell", "s"),
    ]


def test_refusals_and_notices_are_known_codes() -> None:
    assert set(MESSAGES) >= REFUSALS | NOTICES
