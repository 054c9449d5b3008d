"""HSDS files become drafts: ours are what they were, others' are understood as far as we have words for it."""

import random
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from directory import publishing
from directory.exchange.hsds_report import report_lines
from directory.models import Entry, Revision
from directory.records import Hours, PhoneNumber, Record, Service, Words
from infrastructure.audit import AuditRecord
from tests.directory.everything import (
    CENTRE,
    GOVERNORATE,
    NEW,
    RELIEF,
    SAFE,
    SHELTER,
    TODAY,
    WHOLE,
    add_everything,
)
from tests.directory.incoming_files import (
    NINE,
    bring,
    brought,
    drafted,
    empty,
    notices,
    their_location,
    theirs,
    uid,
)
from tests.directory.rows import a_service, add_service, both
from tests.directory.visiting import Api


def as_it_comes_back() -> dict[UUID, Record]:
    """Everything but what never leaves: of a confidential location its name, its stairs and its district."""
    secret = {"name": Words(), "accessibility": Words(), "place": "IQG15"}
    kept: list[Record] = [RELIEF, NEW, CENTRE, GOVERNORATE, SHELTER.model_copy(update=secret), WHOLE, SAFE]
    return {one.id: one for one in kept}


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("services", {"format": "ndjson", "full": True}),
        ("services", {"per_page": 200, "full": True}),
        ("organizations", {"format": "ndjson", "full_service": True}),
        ("organizations", {"full_service": True}),
    ],
)
async def test_our_own_file_comes_back_as_it_left(
    session: AsyncSession, hsds: Api, path: str, asked: dict[str, Any]
) -> None:
    codes = {one.id: one for one in await add_everything(session) if isinstance(one, Service)}
    data = (await hsds.get(path, **asked)).content
    await empty(session)
    outcome = await bring(session, data)
    assert [str(one) for one in (*outcome.report.problems, *outcome.report.notices)] == []
    expected = {**as_it_comes_back(), **{key: one for key, one in codes.items() if key not in (WHOLE.id, SAFE.id)}}
    if path == "services":
        # It offers nothing, so no service names it.
        del expected[NEW.id]
    found = await drafted(session)
    assert {key: one.document() for key, one in found.items()} == {key: one.document() for key, one in expected.items()}
    assert {one.state for one in outcome.changes} == {"new"}


async def test_what_came_back_is_in_review_and_one_reviewer_publishes_it(session: AsyncSession, hsds: Api) -> None:
    await add_everything(session)
    data = (await hsds.get("services", format="ndjson", full=True)).content
    await empty(session)
    await bring(session, data)
    revision = (await session.scalars(select(Revision).where(Revision.entry_id == WHOLE.id))).one()
    assert (revision.state, revision.author_id, revision.note) == ("in_review", None, "HSDS: partner.json")
    await publishing.publish(session, revision, by=None)
    assert (await hsds.get(f"services/{WHOLE.id}")).json()["name"] == "Clinic and law"
    assert (await hsds.page("organizations"))["total_items"] == 1
    logged = (await session.scalars(select(AuditRecord).where(AuditRecord.action == "directory.imported"))).one()
    assert logged.details == {"source": "partner.json", "new": 34, "changed": 0, "left_out": 0}


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("services", {"full": True}),
        ("services", {}),
        ("organizations", {"full_service": True}),
        ("organizations", {"full": True}),
        ("organizations", {}),
    ],
)
async def test_our_own_file_changes_nothing_where_it_came_from(
    session: AsyncSession, hsds: Api, path: str, asked: dict[str, Any]
) -> None:
    """Not even one with ids only, and what never leaves stays."""
    await add_everything(session)
    # Somebody is working on a draft of it, which is theirs to finish.
    row = await session.get_one(Entry, WHOLE.id)
    outcome = await bring(session, (await hsds.get(path, per_page=200, **asked)).content)
    assert {one.state for one in outcome.changes} <= {"unchanged"}
    assert outcome.report.is_valid
    assert row.published == 1


async def test_what_changed_there_is_told_by_field(session: AsyncSession, hsds: Api) -> None:
    clinic = await add_service(session, "Clinic", assured=TODAY, alert=both("closed"))
    value = (await hsds.get(f"services/{clinic.id}")).json()
    value["translations"]["ar"]["summary"] = "جديد"
    del value["alert"], value["translations"]["ar"]["alert"], value["translations"]["en"]["alert"]
    value["service_at_locations"][0]["phones"][0]["number"] = "+964 770 (000) 00-11"
    change = next(one for one in (await bring(session, value)).changes if one.state != "unchanged")
    assert (change.kind, change.state, change.missing) == ("service", "changed", ())
    assert set(change.fields) == {"summary.ar", "alert.ar", "alert.en", "at[0].phones[0].number"}
    proposed = (await drafted(session))[clinic.id]
    assert isinstance(proposed, Service)
    assert proposed.at[0].phones[0].number == "+9647700000011"
    again = (await bring(session, value)).changes
    assert {one.state for one in again} == {"unchanged"}


async def test_what_is_said_in_one_language_waits_for_the_other(session: AsyncSession) -> None:
    service, location, organization, outcome = await brought(session, theirs())
    assert (service.name, service.summary, organization.name) == (Words(en="Food bank"), Words(), Words(en="Helpers"))
    assert (location.place, location.address) == ("IQG15Q05", Words(en="Street 4"))
    missing = {(one.kind, problem.field, problem.code) for one in outcome.changes for problem in one.missing}
    assert {("organization", "name.ar", "missing"), ("location", "address.ar", "missing")} <= missing
    assert {("service", field, "missing") for field in ("name.ar", "summary.en", "needs")} <= missing
    states = {row.state for row in await session.scalars(select(Revision))}
    assert states == {"draft"}


@pytest.mark.parametrize(
    ("text", "language"), [("Free food", "en"), ("طعام مجاني", "ar"), ("خۆراکی بەخۆڕایی", "ckb"), ("مركز IOM", "ar")]
)
async def test_a_plain_text_is_of_the_language_it_is_written_in(
    session: AsyncSession, text: str, language: str
) -> None:
    service, *_ = await brought(session, theirs(name=text))
    assert service.name.spoken() == {language: text}


async def test_a_translation_stays_until_what_it_translates_changes(session: AsyncSession, reviewer: UUID) -> None:
    published = await brought(session, theirs())
    for record in (
        published[2].model_copy(
            update={"name": Words(ar="مساعدون", en="Helpers"), "description": Words(ar="نساعد", en="We help")}
        ),
        published[1].model_copy(update={"address": Words(ar="شارع 4", en="Street 4")}),
        a_service("x", id=UUID(uid(1)), organization_id=UUID(uid(2)), needs=("food",), capacity="full").model_copy(
            update={
                "name": Words(ar="بنك الطعام", en="Food bank"),
                "description": Words(ar="سلال", en="Parcels"),
                "at": published[0].at,
                "eligible": ["idp"],
                "valid_until": date(2030, 1, 1),
            }
        ),
    ):
        for revision in await session.scalars(select(Revision).where(Revision.entry_id == record.id)):
            await publishing.discard(session, revision, by=reviewer)
        await publishing.published(session, record)
    outcome = await bring(session, theirs(name="Food bank of Mosul", assured_date="2020-01-01"))
    (change,) = [one for one in outcome.changes if one.kind == "service"]
    # Of the name only the new English; summary, needs, whom it is for and until when: their file has no word for it.
    assert set(change.fields) == {"name.ar", "name.en"}
    assert [(one.field, one.code) for one in change.missing] == [("name.ar", "missing")]
    assert {one.state for one in outcome.changes if one.kind != "service"} == {"unchanged"}


def term(name: str, code: str | None = None, **more: Any) -> dict[str, Any]:
    identity = str(uuid4())
    return {
        "id": str(uuid4()),
        "taxonomy_term": {"id": identity, "name": name, "description": name, "code": code, **more},
    }


async def test_terms_of_other_lists_are_told_once_and_mean_what_somebody_says(session: AsyncSession) -> None:
    attributes = [
        term("Need", "food"),
        term("Need", "cash", taxonomy="daleel-needs"),
        term("Health care", "health", taxonomy="AIRS"),
        term("Parking", "P-1", taxonomy="AIRS"),
        term("Parking", "P-1", taxonomy="AIRS"),
        term("Bread", "BD-1800", taxonomy="AIRS"),
    ]
    attributes[4]["taxonomy_term"]["id"] = attributes[3]["taxonomy_term"]["id"]
    service, _, _, outcome = await brought(session, theirs(attributes=attributes))
    assert service.needs == ["food", "cash"]
    assert [one for one in notices(outcome) if "none of our needs" in one] == [
        "service.attributes[2]: Health care health: is none of our needs, it will be left out",
        "service.attributes[3]: Parking P-1: is none of our needs, it will be left out (here and in 1 more)",
        "service.attributes[5]: Bread BD-1800: is none of our needs, it will be left out",
    ]
    meanings = {"health care": "health", "p-1": "", attributes[5]["taxonomy_term"]["id"]: "food"}
    service, _, _, outcome = await brought(session, theirs(attributes=attributes), meanings=meanings)
    assert service.needs == ["food", "cash", "health"]
    assert not [one for one in notices(outcome) if "needs" in one]
    with pytest.raises(ValueError, match="no needs of ours: bread"):
        await bring(session, theirs(), meanings={"Bread": "bread"})


@pytest.mark.parametrize(
    ("location", "place"),
    [
        ({"external_identifier": "IQG06", "external_identifier_type": "OCHA-PCODE"}, "IQG06"),
        ({"latitude": 36.35, "longitude": 43.16}, "IQG15Q05"),
        ({}, "IQG15Q05"),
        ({"city": "الحمدانية", "state_province": "محافظة نينوى"}, "IQG15Q03"),
        ({"city": "Bartella"}, "IQG15Q03"),
        ({"city": "Somewhere", "state_province": "Basra Governorate"}, "IQG02"),
        # The city is in another governorate: one of the two is wrong.
        ({"city": "Mosul", "state_province": "Basra"}, ""),
        ({"city": "Paris", "state_province": "France"}, ""),
        # In the desert, far from every district: the address is asked then.
        ({"latitude": 29.05, "longitude": 38.8}, "IQG15Q05"),
    ],
)
async def test_places_by_code_by_coordinates_by_name(
    session: AsyncSession, location: dict[str, Any], place: str
) -> None:
    value = their_location()
    for key, item in location.items():
        (value["addresses"][0] if key in ("city", "state_province") else value)[key] = item
    _, found, _, outcome = await brought(session, theirs(service_at_locations=[{"id": uid(3), "location": value}]))
    assert found.place == place
    assert any("in no place we know" in one for one in notices(outcome)) == (not place)


async def test_a_town_that_is_no_district_stays_in_the_address(session: AsyncSession) -> None:
    location = their_location()
    location["addresses"][0] |= {"city": "Bartella", "address_2": "2nd floor"}
    _, found, _, _ = await brought(session, theirs(service_at_locations=[{"id": uid(3), "location": location}]))
    assert found.address == Words(en="Street 4, 2nd floor, Bartella")


async def test_a_point_in_another_governorate_is_told(session: AsyncSession) -> None:
    wrong = {"external_identifier": "IQG15Q05", "external_identifier_type": "OCHA-PCODE", "latitude": 30.5}
    location = their_location(**wrong, longitude=47.8)
    *_, outcome = await brought(session, theirs(service_at_locations=[{"id": uid(3), "location": location}]))
    assert any("location.latitude: is nearest to Basra, which is not in Mosul" in one for one in notices(outcome))


async def test_phones_and_hours_are_taken_from_wherever_they_are(session: AsyncSession) -> None:
    desk = {"id": uid(7), "number": "0770 000 0001", "extension": 12, "description": "Desk"}
    fax = {"id": uid(8), "number": "0770 000 0002", "type": "Fax"}
    hours = {"id": uid(9), "freq": "WEEKLY", "byday": "SU, MO", "opens_at": "06:00Z", "closes_at": "21:00Z"}
    note = {"id": uid(10), "description": "Ask by phone"}
    service, _, _, outcome = await brought(session, theirs(phones=[desk, fax], schedules=[hours, note]))
    (at,) = service.at
    assert at.phones == [
        PhoneNumber(number="07700000001", description=Words(ar="تحويلة 12", en="Desk, ext. 12")),
    ]
    assert at.schedules == [Hours(byday=["SU", "MO"], opens_at="09:00", closes_at="00:00")]
    assert "service.phones[1]: is not a number to call: it will be left out" in notices(outcome)
    assert "service.schedules[1]: says no hours: it will be left out" in notices(outcome)


@pytest.mark.parametrize(
    ("schedule", "made"),
    [
        ({"opens_at": "09:00", "closes_at": "15:00", "timezone": 3}, {"opens_at": "09:00", "closes_at": "15:00"}),
        ({"opens_at": "09:00", "closes_at": "15:00", "timezone": 0}, {"opens_at": "12:00", "closes_at": "18:00"}),
        (
            {"opens_at": "09:00+03:00", "closes_at": "15:00+03:00", "until": "2027-01-01", "valid_to": "2027-05-01"},
            {"opens_at": "09:00", "closes_at": "15:00", "valid_to": date(2027, 1, 1)},
        ),
        (
            {"opens_at": "09:00+03:00", "closes_at": "15:00+03:00", "freq": "MONTHLY", "byday": "1SU"},
            {"opens_at": "09:00", "closes_at": "15:00", "freq": "MONTHLY", "byday": ["1SU"]},
        ),
    ],
)
async def test_hours_are_kept_on_iraqs_clock(
    session: AsyncSession, schedule: dict[str, Any], made: dict[str, Any]
) -> None:
    service, *_ = await brought(session, theirs(schedules=[{"id": uid(9), "byday": "SU", **schedule}]))
    assert service.at[0].schedules == [Hours(**{"byday": ["SU"], **made})]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (
            theirs(schedules=[{**NINE, "opens_at": "22:00Z"}]),
            "service.schedules[0].opens_at: is on another day in Iraq, write days and times as they are there (+03:00)",
        ),
        (theirs(schedules=[{**NINE, "byweekno": "1,2"}]), "service.schedules[0].byweekno: is not supported, write "),
        (theirs(schedules=[{**NINE, "count": 3}]), "service.schedules[0].count: is not supported, write "),
        (theirs(schedules=[{**NINE, "interval": 2}]), "service.schedules[0].dtstart: is needed if interval is "),
        (theirs(schedules=[{**NINE, "interval": 60}]), "service.schedules[0].interval: must be less than or equal"),
        (theirs(schedules=[{"id": uid(9), "opens_at": "09:00Z"}]), "service.schedules[0].closes_at: is missing"),
        (theirs(schedules=[{"id": uid(9), "description": "Closed"}]), "service.schedules[0].valid_from: a closure "),
        (theirs(description="x" * 5_001), "service.description: is longer than 5,000 characters"),
        (
            theirs(phones=[{"id": uid(100 + number), "number": f"077000000{number:02}"} for number in range(11)]),
            "service.at[0].phones: List should have at most 10 items after validation, not 11",
        ),
        (theirs(name="<script>alert(1)</script>"), "service.name: has HTML in it: plain text only"),
        (theirs(id="17"), "service.id: is not a UUID"),
        ([theirs(), theirs(id=uid(11), status="open")], "services[1].status: must be one of: active, "),
        (b"{", "line 1: is not valid JSON"),
    ],
)
async def test_a_file_with_a_problem_brings_nothing(session: AsyncSession, value: Any, problem: str) -> None:
    await empty(session)
    outcome = await bring(session, value)
    assert outcome.changes == ()
    assert any(str(one).startswith(problem) for one in outcome.report.problems), outcome.report.problems
    assert await session.scalar(select(Entry)) is None


@pytest.mark.parametrize("status", ["inactive", "defunct"])
async def test_what_is_not_offered_stays_a_draft(session: AsyncSession, hsds: Api, status: str) -> None:
    made = await add_service(session, "Clinic", assured=TODAY)
    value = (await hsds.get(f"services/{made.id}")).json()
    value |= {"id": uid(1), "status": status}
    outcome = await bring(session, value)
    (change,) = [one for one in outcome.changes if one.state == "new"]
    assert (change.is_held, change.missing) == (True, ())
    assert (await session.scalars(select(Revision.state).where(Revision.entry_id == change.id))).all() == ["draft"]
    assert any(one.startswith(f"service.status: is {status}: it stays a draft") for one in notices(outcome))


async def test_what_is_closed_for_a_time_says_so(session: AsyncSession) -> None:
    service, *_ = await brought(session, theirs(status="temporarily closed"))
    assert service.alert == Words(ar="مغلق مؤقتاً", en="Temporarily closed")
    service, *_ = await brought(session, theirs(status="temporarily closed", alert="Back on Sunday"))
    assert service.alert == Words(en="Back on Sunday")


async def test_what_we_have_no_place_for_is_told(session: AsyncSession) -> None:
    contact = {"id": uid(12), "name": "Ali", "email": "ali@example.org"}
    location = their_location(transportation="Bus 5", alternate_name="The hall")
    value = theirs(
        contacts=[contact],
        interpretation_services="On request",
        cost_options=[{"id": uid(13), "amount": 5}],
        languages=[
            {"id": uid(14), "name": "Klingon"},
            {"id": uid(15), "code": "ar-IQ"},
            {"id": uid(16), "name": "English"},
        ],
        service_areas=[{"id": uid(17), "name": "The moon"}, {"id": uid(18), "name": "Kirkuk"}],
        service_at_locations=[{"id": uid(3), "location": location, "description": "Upstairs"}],
        additional_urls=[{"id": uid(19)}],
        minimum_age=5.5,
        maximum_age=125,
    )
    service, *_, outcome = await brought(session, value)
    assert (service.languages, service.service_areas) == (["ar", "en"], ["IQG13"])
    assert (service.minimum_age, service.maximum_age) == (5, None)
    told = notices(outcome)
    left_out = "has no place in our directory: it will be left out"
    for field in ("interpretation_services", "contacts", "cost_options", "service_at_locations[0].description"):
        assert f"service.{field}: {left_out}" in told
    for field in ("transportation", "alternate_name"):
        assert f"service.service_at_locations[0].location.{field}: {left_out}" in told
    assert "service.additional_urls: is not a field we know: it will be left out" in told
    assert "service.languages[0]: is not a language we know: it will be left out" in told
    assert "service.service_areas[0]: is no governorate or district we know: it will be left out" in told


async def test_nothing_in_a_file_makes_it_stumble(session: AsyncSession, hsds: Api) -> None:
    """A whole file with parts of it left out, repeated and swapped at random: always an outcome that can be told."""
    chance = random.Random(5)
    await add_everything(session)
    whole = (await hsds.get(f"services/{WHOLE.id}")).json()
    odd = ["", "x", "closed", "inactive", "09:00Z", "22:00+00:00", "2027-01-01", "MONTHLY", "1SU", uid(1), 5, 2.5, True]

    def spoiled(value: Any, much: float) -> Any:
        if isinstance(value, list):
            return [spoiled(item, much) for item in value if chance.random() > much]
        if isinstance(value, dict):
            return {key: spoiled(item, much) for key, item in value.items() if chance.random() > much}
        return chance.choice(odd) if chance.random() < much / 2 else value

    brought_in = 0
    for _ in range(150):
        much = chance.choice((0.002, 0.01))
        other = {**spoiled(whole, much), "id": uid(chance.randrange(3))}
        outcome = await bring(session, [spoiled(whole, much), other])
        assert list(report_lines(outcome.report))
        brought_in += bool(outcome.changes)
    assert 10 < brought_in < 140
