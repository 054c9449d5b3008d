"""What keeps a record from being published, field by field."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from directory.checking import Problem, problems
from directory.records import At, Hours, Location, Organization, PhoneNumber, Record, Service, Words
from tests.directory.rows import HOURS, a_service, both, known_places

AT = {"location_id": UUID(int=1)}


def found(record: Record) -> list[tuple[str, str]]:
    return [tuple(problem) for problem in problems(record, known_places())]


def with_at(**values: Any) -> Service:
    return a_service("it", at=[At(**AT, **values)])


def test_what_is_complete_has_no_problem() -> None:
    assert found(a_service("it")) == []
    assert found(Organization(name=both("somebody"))) == []
    assert found(Location(place="IQG15Q05", address=both("street"), latitude=36.3, longitude=43.1)) == []


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        (Organization(name=Words(ar="اسم")), ("name.en", "missing")),
        (Organization(name=Words(en="name")), ("name.ar", "missing")),
        (Organization(name=both("x" * 61)), ("name.ar", "too_long")),
        (Organization(name=both("a"), description=both("<script>x</script>")), ("description.ar", "markup")),
        (Location(place="IQG99"), ("place", "unknown_place")),
        (Location(), ("place", "missing")),
        (Location(place="IQG15", latitude=48.8, longitude=2.3), ("latitude", "outside_iraq")),
        (Location(place="IQG15", latitude=36.3), ("longitude", "missing")),
        (
            Location(place="IQG15", is_confidential=True, address=both("street")),
            ("is_confidential", "confidential_has_an_address"),
        ),
        (
            Location(place="IQG15", is_confidential=True, latitude=36.3, longitude=43.1),
            ("is_confidential", "confidential_has_an_address"),
        ),
        (a_service("it", needs=()), ("needs", "missing")),
        (a_service("it", needs=("gold",)), ("needs", "unknown_code")),
        (a_service("it", eligible=["king"]), ("eligible", "unknown_code")),
        (a_service("it", languages=["klingon"]), ("languages", "unknown_code")),
        (a_service("it", service_areas=["IQG99"]), ("service_areas", "unknown_code")),
        (a_service("it", summary=Words()), ("summary.ar", "missing")),
        (a_service("it", alert=Words(en="closed")), ("alert.ar", "missing")),
        (a_service("it", required_documents=[Words(ar="هوية")]), ("required_documents[0].en", "missing")),
        (a_service("it", minimum_age=30, maximum_age=18), ("minimum_age", "ends_before_it_begins")),
        (
            a_service("it", valid_from=date(2026, 2, 1), valid_until=date(2026, 1, 1)),
            ("valid_from", "ends_before_it_begins"),
        ),
        (a_service("it", at=[]), ("at", "missing")),
        (a_service("it", at=[At(**AT), At(**AT)]), ("at", "same_location_twice")),
        (with_at(phones=[PhoneNumber(number="call me")]), ("at[0].phones[0].number", "not_a_number")),
        (with_at(phones=[PhoneNumber(number="")]), ("at[0].phones[0].number", "missing")),
        (
            with_at(schedules=[Hours(byday=["XX"], opens_at="09:00", closes_at="10:00")]),
            ("at[0].schedules[0].byday", "not_understood"),
        ),
        (
            with_at(schedules=[Hours(byday=["1SU"], opens_at="09:00", closes_at="10:00")]),
            ("at[0].schedules[0].byday", "not_understood"),
        ),
        (
            with_at(schedules=[Hours(byday=["SU"], opens_at="09:00", closes_at="25:00")]),
            ("at[0].schedules[0].closes_at", "not_understood"),
        ),
        (with_at(schedules=[Hours(byday=["SU"])]), ("at[0].schedules[0].opens_at", "not_understood")),
    ],
)
def test_each_problem_names_its_field(record: Record, problem: tuple[str, str]) -> None:
    assert problem in found(record)


def test_five_is_less_than_seven_is_no_markup() -> None:
    assert found(a_service("it", fees=both("age < 5 free, >5 pays"))) == []


def test_monthly_days_and_closures_need_less() -> None:
    monthly = Hours(freq="MONTHLY", byday=["1SU", "-1TH"], opens_at="09:00", closes_at="10:00")
    holiday = Hours(kind="closed", valid_from=date(2026, 12, 1), valid_to=date(2026, 12, 3))
    assert found(with_at(schedules=[HOURS, monthly, holiday])) == []


def test_problem_reads_as_a_pair() -> None:
    assert Problem("name.ar", "missing") == ("name.ar", "missing")
