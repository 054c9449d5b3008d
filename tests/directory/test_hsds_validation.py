"""A file of services or organizations is judged in words its author understands, and nothing in it makes us stumble."""

import json
import random
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from directory.exchange.hsds import Organization, Service
from directory.exchange.validation import MOST_BYTES, report_lines, validate

HSDS = Path(__file__).parents[2].parent / "shared" / "data" / "hsds"


def uid(number: int) -> str:
    return str(UUID(int=number))


def service(number: int = 1, **more: Any) -> dict[str, Any]:
    arabic = {"ar": {"name": "عيادة"}}
    return {"id": uid(number), "name": "Clinic", "status": "active", "translations": arabic, **more}


def organization(number: int = 1, **more: Any) -> dict[str, Any]:
    names = {"name": "Society", "translations": {"ar": {"name": "جمعية"}}}
    return {"id": uid(number), "description": "A society", "website": "https://example.org", **names, **more}


def at(**location: Any) -> dict[str, Any]:
    location = {"id": uid(1), "location_type": "physical", **location}
    return service(service_at_locations=[{"id": uid(1), "location": location}])


def need(code: object, **more: Any) -> dict[str, Any]:
    term = {"id": uid(1), "name": "Need", "description": "Need", "code": code, "taxonomy": "daleel-needs", **more}
    return service(attributes=[{"id": uid(1), "taxonomy_term": term}])


def told(value: Any) -> list[str]:
    """The problems of a value, or of the bytes of a file, as they are shown."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return [str(problem) for problem in validate(data).problems]


def notices(value: Any) -> list[str]:
    return [str(notice) for notice in validate(json.dumps(value).encode()).notices]


@pytest.mark.parametrize(
    ("data", "kind", "count"),
    [
        (json.dumps(service()), "services", 1),
        (json.dumps([service(1), service(2)], indent=2), "services", 2),
        (json.dumps({"total_items": 2, "contents": [organization(1), organization(2)]}), "organizations", 2),
        ("\n".join(json.dumps(service(number)) for number in range(3)) + "\n\n", "services", 3),
        (json.dumps(organization(services=[service()])), "organizations", 1),
        ("\ufeff" + "\r\n".join(json.dumps(organization(number), ensure_ascii=False) for number in (1, 2)), None, 2),
        (json.dumps(service(description="one\u2028line"), ensure_ascii=False) + "\n" + json.dumps(service(2)), None, 2),
    ],
)
def test_a_good_file_is_read_whole(data: str, kind: str | None, count: int) -> None:
    report = validate(data.encode())
    assert (report.is_valid, report.count, list(report.notices)) == (True, count, [])
    assert report.kind == (kind or report.kind)
    assert len(report.records) == count
    assert {type(record) for record in report.records} == {Service if report.kind == "services" else Organization}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([service(1), service(2, phones=[{"id": uid(1)}])], "services[1].phones[0].number: is missing"),
        ({"contents": [{"id": uid(1), "name": "A", "phones": []}, service(2)]}, "contents[0].status: is missing"),
        (service(status="open"), "service.status: must be one of: active, inactive, defunct, temporarily closed"),
        (service(name=5), "service.name: must be text"),
        (service(id="1"), "service.id: is not a UUID"),
        (service(id="{" + uid(1) + "}"), "service.id: is not a UUID"),
        (service(phones={}), "service.phones: must be a list"),
        (service(phones=[5]), "service.phones[0]: must be an object"),
        (service(organization="x"), "service.organization: must be an object"),
        (service(minimum_age="12"), "service.minimum_age: must be a number"),
        (service(minimum_age=True), "service.minimum_age: must be a number"),
        (service(demo="yes"), "service.demo: must be true or false"),
        (service(assured_date="31/01/2026"), "service.assured_date: is not a date such as 2026-01-31"),
        (service(assured_date="20260131"), "service.assured_date: is not a date such as 2026-01-31"),
        (service(assured_date="2026-02-30"), "service.assured_date: is not a date such as 2026-01-31"),
        (
            service(last_modified="2026-01-31T12:00:00"),
            "service.last_modified: is not a date and time with an offset such as 2026-01-31T12:00:00Z",
        ),
        (
            service(schedules=[{"id": uid(1), "opens_at": "09:00"}]),
            "service.schedules[0]: opens_at has no offset such as 09:00+03:00, and there is no timezone",
        ),
        (service(email="a at b"), "service.email: is not an email address"),
        (
            service(url="javascript:alert(1)"),
            "service.url: is not a web address (http, https or urn, without spaces)",
        ),
        (
            service(eligible=["idp", "all"]),
            "service.eligible[1]: must be one of: idp, returnee, host_community, refugee, migrant, women, children, "
            "older_people, disability",
        ),
        (
            service(phones=[{"id": uid(1), "number": "٠٧٧٠٠٠٠٠٠٠٠"}]),
            "service.phones[0].number: is not a number to dial: digits 0-9, with + first if it is international",
        ),
        (
            at(latitude=44.0, longitude=43.1),
            "service.service_at_locations[0].location.latitude: lies outside Iraq (29 to 37.4)",
        ),
        (
            at(latitude=33.3, longitude=10.2),
            "service.service_at_locations[0].location.longitude: lies outside Iraq (38.7 to 48.6)",
        ),
        (at(latitude=33.3), "service.service_at_locations[0].location: needs latitude and longitude together"),
        (
            at(external_identifier="IQG99", external_identifier_type="OCHA-PCODE"),
            "service.service_at_locations[0].location.external_identifier: is no governorate or district we know: "
            "IQG99",
        ),
        (
            at(external_identifier="Mosul", external_identifier_type="OCHA-PCODE"),
            "service.service_at_locations[0].location.external_identifier: is not a p-code such as IQG15Q05",
        ),
        (
            at(confidential=True, name="The house", addresses=[]),
            "service.service_at_locations[0].location: is confidential, so it must not have: name",
        ),
        (
            need("money"),
            "service.attributes[0].taxonomy_term.code: is not a need of daleel-needs, such as documentation",
        ),
        (
            need(None, taxonomy=None, taxonomy_detail={"id": uid(1), "name": "daleel-needs", "description": "x"}),
            "service.attributes[0].taxonomy_term.code: is not a need of daleel-needs, such as documentation",
        ),
        ([service(1), service(2), service(1)], "services[2].id: is the same as the id of services[0]"),
        (
            service(phones=[{"id": uid(7), "number": "112"}, {"id": uid(7), "number": "113"}]),
            "service.phones[1].id: is the same as the id of service.phones[0]",
        ),
        ({"contents": {}}, "contents: must be a list"),
        ({"contents": [service()], "total_items": "1"}, "page.total_items: must be a whole number"),
        ({"contents": [service()], "page_number": 0}, "page.page_number: must be greater than or equal to 1"),
        ([service(), 5], "services[1]: must be an object"),
        (5, "file: must be a service, an organization, a list or a page of them"),
        ("x", "file: must be a service, an organization, a list or a page of them"),
        (None, "file: must be a service, an organization, a list or a page of them"),
    ],
)
def test_a_problem_is_said_with_its_place(value: Any, expected: str) -> None:
    assert told(value) == [expected]


@pytest.mark.parametrize(
    "text", ["<b>Free</b>", "a<script>alert(1)</script>", "x<!-- y -->", "&nbsp;", "a &#60; b", "</p"]
)
@pytest.mark.parametrize("place", ["name", "alert", "translation", "address", "unasked"])
def test_html_is_a_problem_in_any_text(text: str, place: str) -> None:
    value = {
        "name": service(name=text),
        "alert": service(alert=text),
        "translation": service(translations={"ar": {"name": text}}),
        "address": at(transportation=text),
        "unasked": service(languages=[{"id": uid(1), "note": text}]),
    }[place]
    (problem,) = validate(json.dumps(value).encode()).problems
    assert (problem.code, problem.message) == ("markup", "has HTML in it: plain text only")


@pytest.mark.parametrize("text", ["children <5 years", "R&D", "3 < 4 & 5 > 4", "a <- b", "R&D; more", "سطر\nآخر\u200f"])
def test_signs_that_are_no_html_are_text(text: str) -> None:
    assert told(service(description=text)) == []


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "\x1b[31mred", "a\x85b"])
def test_characters_that_nobody_sees_are_a_problem(text: str) -> None:
    assert told(service(name=text)) == ["service.name: has characters in it that can't be seen or are broken"]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "file: is empty"),
        (b" \n ", "file: is empty"),
        (b"{", "line 1: is not valid JSON at column 2: Expecting property name enclosed in double quotes"),
        (b'[\n{"id": 1},\n]', "line 3: is not valid JSON at column 1: "),
        (b"id,name\n1,Clinic\n", "line 1: is not valid JSON at column 1: "),
        ("عيادة".encode("cp1256"), "file: is not UTF-8 (byte 1): save it as UTF-8"),
        (json.dumps(service()).encode("utf-16"), "file: is not UTF-8 (byte 1): save it as UTF-8"),
        (b"[" * 100_000, "file: has lists or objects nested far too deep"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "file: has lists or objects nested far too deep"),
        (b"[]" * 1_000_001, "file: holds more than a million objects: split it"),
        (b" " * (MOST_BYTES + 1), "file: is larger than 20 MB: split it"),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else value[:40],
)
def test_what_cannot_be_read_is_said(data: bytes, expected: str) -> None:
    (problem,) = told(data)
    assert problem.startswith(expected)
    assert not validate(data).records


def test_a_broken_line_does_not_hide_the_others() -> None:
    lines = [service(1), service(2, phones=[{"id": uid(1)}]), None, service(1), {"id": uid(9)}]
    data = b"\n".join(json.dumps(line).encode() if line else b'{"id": "cut' for line in lines)
    assert told(data) == [
        "line 3: is not valid JSON at column 8: Unterminated string starting at",
        "line 4, id: is the same as the id of line 1",
        "line 2, phones[0].number: is missing",
        "line 5, name: is missing",
        "line 5, status: is missing",
    ]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 5000, "-" + "9" * 30, "1e300"])
def test_numbers_that_are_none_are_a_problem(number: str) -> None:
    whole = json.dumps(service(minimum_age=77, fee=77, phones=[{"id": uid(1), "number": "112", "extension": 77}]))
    broken = whole.replace("77", number)
    assert sorted(told(broken.encode())) == [
        "service.minimum_age: must be an ordinary number",
        "service.phones[0].extension: must be an ordinary number",
    ]


def test_an_organization_inside_itself_is_not_followed_for_ever() -> None:
    value = organization()
    for _ in range(60):
        value = organization(services=[service(organization=value)])
    assert any(problem.endswith("is nested too deep") for problem in told(value))


def test_what_is_nested_deep_in_the_wrong_place_is_a_problem_of_that_place() -> None:
    deep: Any = []
    for _ in range(300):
        deep = [deep]
    assert told(service(name=deep, phones=deep, unknown=deep)) == [
        "service.name: must be text",
        "service.phones[0]: must be an object",
    ]


def test_a_list_that_no_record_has_is_not_gone_through() -> None:
    assert told(service(phones=[{}] * 10_001)) == ["service.phones: has more than 10,000 items"]


def test_two_hundred_problems_are_told_and_the_rest_counted() -> None:
    report = validate(json.dumps([service(number, status="?") for number in range(1000)]).encode())
    assert (len(report.problems), report.more_problems, len(report.records)) == (200, 800, 0)
    lines = report_lines(report)
    assert lines[200:] == ["... and 800 more problems", "1,000 services: 1,000 problems"]


def test_what_is_left_out_is_noticed_once_a_field() -> None:
    values = [service(number, funding=[{"id": uid(1)}], shoe_size=4, alert="", url=None) for number in range(3)]
    values[0]["translations"]["fr"] = {"name": "Clinique"}
    values[0]["translations"]["ar"]["shoe_size"] = "4"
    assert notices(values) == [
        "services[0].translations.ar.shoe_size: is not a field we know: it will be left out",
        "services[0].translations.fr: is not a language we know: it will be left out",
        "services[0].funding: is not a field we know: it will be left out (here and in 2 more)",
        "services[0].shoe_size: is not a field we know: it will be left out (here and in 2 more)",
        "services[0].alert: holds nothing: it is taken as not given (here and in 2 more)",
        "services[0].url: holds nothing: it is taken as not given (here and in 2 more)",
    ]
    report = validate(json.dumps(values).encode())
    assert report.is_valid
    assert report_lines(report)[-1] == "3 services: valid"
    assert report.records[0].dump() == service(0)


def test_a_missing_arabic_name_and_a_page_of_many_are_noticed() -> None:
    page = {"total_pages": 12, "next": "x", "contents": [service(translations={"en": {"name": "Clinic"}})]}
    assert notices(page) == [
        "page.next: is not a field we know: it will be left out",
        "file: is one page of 12: the other pages are not in it",
        "contents[0].translations.ar.name: is missing: no Arabic name",
    ]
    assert notices([]) == ["file: holds no services or organizations"]


def test_the_report_says_nothing_that_a_terminal_would_obey() -> None:
    value = service(**{"\x1b[31m<script>": 1, "x" * 500: 2})
    lines = report_lines(validate(json.dumps(value).encode()))
    assert all(line.isprintable() and len(line) < 120 for line in lines)


def test_a_record_that_lost_its_status_is_still_a_service() -> None:
    lost = {"id": uid(2), "name": "A", "description": "B"}
    assert told([service(eligible=["idp"]), lost]) == ["services[1].status: is missing"]


@pytest.mark.skipif(not HSDS.is_dir(), reason=f"the published HSDS 3.0 examples are not at {HSDS}")
@pytest.mark.parametrize("name", ["service", "organization"])
def test_the_published_examples_are_refused_only_where_the_profile_is_stricter(name: str) -> None:
    report = validate((HSDS / f"example_{name}_full.json").read_bytes())
    fields = {problem.line_or_path.rpartition(".")[2] for problem in report.problems}
    assert fields == {"number", "latitude", "longitude", "external_identifier", "external_identifier_type"}


def test_nothing_in_a_file_makes_it_stumble() -> None:
    """Good files with parts of them replaced at random: always a report, and it can always be shown."""
    chance = random.Random(4)
    odd: list[Any] = [None, True, 0, -1, 1e308, 2**70, "", "x", "\ud800", [], {}, [[]], [None], {"id": 1}, {"": {}}]

    def spoiled(value: Any) -> Any:
        if chance.random() < 0.06:
            return chance.choice(odd)
        if isinstance(value, list):
            return [spoiled(item) for item in value for _ in range(chance.choice((1, 1, 2)))]
        if isinstance(value, dict):
            return {chance.choice((key, key, key, "contents")): spoiled(item) for key, item in value.items()}
        return value

    whole = [at(latitude=33.3, longitude=44.4, phones=[{"id": uid(1), "number": "112"}]), need("food"), organization()]
    for _ in range(1500):
        data = json.dumps(spoiled(chance.choice([*whole, whole, {"contents": whole, "total_pages": 1}]))).encode()
        if chance.random() < 0.2:
            data = data[: chance.randrange(len(data) + 1)]
        assert "\n".join(report_lines(validate(data))).encode()
