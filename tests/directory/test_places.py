"""The two place files, as data."""

import csv
import re
import unicodedata
from pathlib import Path

import pytest

from directory.places import PLACES, read_places

ARABIC = re.compile(r"[\u0600-\u06ff]")
SPELLINGS = PLACES.with_name("spellings.tsv")


@pytest.fixture(scope="module")
def spellings() -> list[dict[str, str]]:
    with SPELLINGS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def folded(spelling: str) -> str:
    """One form for spellings that read alike: alef, ya, ta marbuta and the article folded, Latin accents dropped."""
    letters = spelling.translate(str.maketrans("أإآىةکیھ", "ااايهكيه"))
    letters = re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFD", letters))
    return re.sub(r"(^| )ال(?=\S{2})", r"\1", letters)


def test_every_governorate_and_district_is_there() -> None:
    places = read_places()
    governorates = {place["code"] for place in places if place["level"] == "governorate"}
    districts = {place["code"]: place["parent"] for place in places if place["level"] == "district"}
    assert governorates == {f"IQG{number:02}" for number in range(1, 19)}
    assert len(districts) == 101
    assert all(code.startswith(parent) and parent in governorates for code, parent in districts.items())


def test_every_place_is_named_in_both_languages_and_lies_in_iraq() -> None:
    for place in read_places():
        assert re.fullmatch(r"[A-Z][A-Za-z -]+", place["name"]["en"]), place
        assert re.fullmatch(r"[\u0621-\u064a ]+", place["name"]["ar"]), place
        assert "قضاء" not in place["name"]["ar"], place
        assert 29.0 < place["latitude"] < 37.4, place
        assert 38.7 < place["longitude"] < 48.6, place


def test_every_spelling_is_written_once_in_the_agreed_form(spellings: list[dict[str, str]]) -> None:
    codes = {place["code"] for place in read_places()}
    written = [row["spelling"] for row in spellings]
    assert len(written) == len(set(written))
    for row in spellings:
        assert row["code"] in codes, row
        assert row["kind"] in {"name", "town", "camp", "short", "arabizi"}, row
        assert row["cue"] in {"", "yes"}, row
        assert row["spelling"] == row["spelling"].strip().lower(), row


def test_spellings_that_read_alike_lead_to_one_place(spellings: list[dict[str, str]]) -> None:
    leads_to: dict[str, str] = {}
    for row in spellings:
        assert leads_to.setdefault(folded(row["spelling"]), row["code"]) == row["code"], row


def test_every_name_of_a_place_is_a_spelling_of_it_or_of_its_governorate(spellings: list[dict[str, str]]) -> None:
    leads_to = {folded(row["spelling"]): row["code"] for row in spellings}
    for place in read_places():
        for name in place["name"].values():
            code = leads_to[folded(name.lower().replace("-", " ").replace("'", ""))]
            assert code in {place["code"], place["parent"]}, (name, code)


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("نينوى", "IQG15"),
        ("الموصل", "IQG15Q05"),
        ("mousil", "IQG15Q05"),
        ("البصرة", "IQG02"),
        ("كركوك", "IQG13"),
        ("dohuk", "IQG09"),
        ("دهۆک", "IQG09"),
        ("slemani", "IQG06"),
        ("hewler", "IQG11"),
        ("khanke", "IQG09Q03"),
        ("دوميز", "IQG09Q03"),
        ("شنكال", "IQG15Q07"),
        ("قرقوش", "IQG15Q03"),
        ("ba3quba", "IQG10Q04"),
        ("حلبجة", "IQG06Q05"),
    ],
)
def test_what_people_write(spellings: list[dict[str, str]], spelling: str, code: str) -> None:
    assert [row["code"] for row in spellings if row["spelling"] == spelling] == [code]


@pytest.mark.parametrize(
    "word", ["عنه", "الدور", "حديثة", "بلد", "الحضر", "هيت", "hit", "ana", "كلار", "ربيعة", "السعدية", "بيجي"]
)
def test_words_that_mean_something_else_need_a_cue(spellings: list[dict[str, str]], word: str) -> None:
    assert [row["cue"] for row in spellings if row["spelling"] == word] == ["yes"]


def test_the_sources_are_credited() -> None:
    readme = Path(PLACES).with_name("README.md").read_text("utf-8")
    assert all(word in readme for word in ("OCHA", "CC BY-IGO", "GeoNames", "CC BY 4.0", "MIT"))
