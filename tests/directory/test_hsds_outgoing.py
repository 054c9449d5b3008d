"""Our records as HSDS: valid in the profile, the same ids each time, and silent about what must stay secret."""

import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from directory.exchange import hsds, outgoing
from directory.exchange.outgoing import Known, Leaving
from directory.models import Place
from directory.needs import NEEDS
from directory.places import read_places
from directory.records import At, Hours, Location, Organization, PhoneNumber, Service, Words
from infrastructure.wording import Wording
from tests.directory.rows import a_service
from tests.directory.test_hsds_profile import PUBLISHED, as_published, errors

MOSUL = Location(
    place="IQG15Q05",
    name=Words(ar="مركز", en="Centre"),
    address=Words(ar="شارع 4", en="Street 4"),
    latitude=36.34,
    longitude=43.13,
    accessibility=Words(ar="منحدر", en="Ramp"),
)
SHELTER = Location(
    place="IQG15Q05", name=Words(ar="بيت", en="SECRET"), accessibility=Words(en="SECRET"), is_confidential=True
)
NIGHT = {"opens_at": "21:00", "closes_at": "01:00"}
CHANGED = datetime(2026, 11, 2, 8, tzinfo=UTC)


@pytest.fixture
def known(words: Wording) -> Known:
    return Known({row["code"]: Place(**row) for row in read_places()}, words, demo=True, today=date(2026, 11, 26))


def leaving(*locations: Location, at: dict[str, Any] | None = None, **values: Any) -> Leaving:
    phones = [PhoneNumber(number="+9647700000000", description=Words(ar="سر", en="Beside Street 9"))]
    given: dict[str, Any] = {"phones": phones, **(at or {})}
    organization = Organization(name=Words(ar="منظمة", en="Relief"))
    service = a_service("Clinic", organization_id=organization.id, **values)
    service.at = [At(location_id=one.id, **given) for one in locations]
    return Leaving(service, organization, {one.id: one for one in locations}, CHANGED)


def full() -> Leaving:
    """A service with something in every field."""
    hours = [
        Hours(byday=["SU", "MO"], opens_at="09:00", closes_at="15:00"),
        Hours(
            freq="MONTHLY",
            interval=2,
            bymonthday=[1, 15],
            dtstart=date(2026, 1, 1),
            opens_at="09:00",
            closes_at="01:00",
        ),
        Hours(kind="ramadan", byday=["SU"], opens_at="10:00", closes_at="13:00"),
        Hours(kind="closed", valid_from=date(2026, 12, 1), valid_to=date(2026, 12, 3)),
    ]
    return leaving(
        MOSUL,
        SHELTER,
        at={"schedules": hours, "phones": [PhoneNumber(number="+9647700000000", description=Words(ar="م", en="Desk"))]},
        needs=("health", "legal_aid"),
        description=Words(ar="عيادة", en="A clinic", ckb="نەخۆشخانە"),
        eligible=["idp", "women"],
        eligibility=Words(ar="للجميع", en="Everybody"),
        minimum_age=18,
        maximum_age=60,
        access="referral",
        capacity="limited",
        fees=Words(ar="مجاني", en="Free"),
        required_documents=[Words(ar="هوية", en="ID card")],
        languages=["ar", "kmr", "tuk"],
        service_areas=["IQG15", "IQG15Q05"],
        alert=Words(ar="مغلق", en="Closed this week"),
        url="https://example.org/clinic",
        email="clinic@example.org",
    )


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published HSDS schemas are not here: they are not ours to copy")
@pytest.mark.parametrize("is_full", [True, False])
def test_what_leaves_is_the_profile_and_plain_hsds(known: Known, is_full: bool) -> None:
    made = outgoing.service(full(), known, full=is_full)
    dumped = json.loads(json.dumps(made.dump()))
    assert errors("service", dumped, patched=True) == []
    assert errors("service", as_published(dumped, "service"), patched=False) == []
    assert hsds.Service.model_validate(dumped).dump() == dumped


def test_every_text_leaves_in_english_and_in_all_its_languages(known: Known) -> None:
    made = outgoing.service(full(), known)
    assert (made.description, made.alert, made.fees_description) == ("A clinic", "Closed this week", "Free")
    assert made.translations
    assert {language: said["description"] for language, said in made.translations.items() if "description" in said} == {
        "ar": "عيادة",
        "en": "A clinic",
        "ckb": "نەخۆشخانە",
    }
    assert (made.last_modified, made.assured_date) == (CHANGED, date(2026, 10, 1))
    assert [one.name for one in made.languages] == ["Arabic", "Kurdish (Kurmanji)", "Turkmen"]
    assert [one.extent for one in made.service_areas] == ["IQG15", "IQG15Q05"]
    assert [term.code for one in made.attributes if (term := one.taxonomy_term)] == ["health", "legal_aid"]


def test_hours_keep_their_clock_and_ramadan_its_dates(known: Known) -> None:
    regular, monthly, ramadan, closed = outgoing.service(full(), known).dump()["service_at_locations"][0]["schedules"]
    assert (regular["byday"], regular["opens_at"], regular["wkst"]) == ("SU,MO", "09:00+03:00", "SU")
    assert (monthly["bymonthday"], monthly["interval"]) == ("1,15", 2)
    assert (ramadan["description"], ramadan["valid_from"], ramadan["valid_to"]) == (
        "Ramadan",
        "2027-02-08",
        "2027-03-08",
    )
    assert closed["description"] == "Closed"
    assert not {"freq", "opens_at", "closes_at"} & closed.keys()


def test_ids_are_the_same_each_time_and_no_two_alike(known: Known) -> None:
    one = full()

    def ids(value: Any) -> list[str]:
        """Of all objects but terms, which are the same in every service."""
        if isinstance(value, list):
            return [identity for item in value for identity in ids(item)]
        if not isinstance(value, dict) or "id" not in value:
            return []
        inner = [identity for key, item in value.items() if key != "taxonomy_term" for identity in ids(item)]
        return [value["id"], *inner]

    first = outgoing.service(one, known).dump()
    assert outgoing.service(one, known).dump() == first
    assert len(set(ids(first))) == len(ids(first)) > 20


def test_a_confidential_location_says_its_governorate_and_no_more(known: Known) -> None:
    made = outgoing.service(leaving(SHELTER), known)
    (at,) = made.service_at_locations
    assert at.location
    assert at.location.dump() == {
        "id": str(SHELTER.id),
        "location_type": "physical",
        "confidential": True,
        "external_identifier": "IQG15",
        "external_identifier_type": "OCHA-PCODE",
    }
    assert [phone.dump().keys() for phone in at.phones] == [{"id", "number"}]
    assert not {"SECRET", "IQG15Q05", "Street 9"} & set(json.dumps(made.dump()).split('"'))


def test_what_is_demo_says_so_and_demo_numbers_stay_outside_a_demo(known: Known) -> None:
    one = leaving(MOSUL, at={"phones": [PhoneNumber(number="+447700900001", is_demo=True)]})
    made = outgoing.service(one, known)
    assert made.demo
    assert made.service_at_locations[0].phones
    serious = Known(known.places, known.wording, demo=False, today=known.today)
    made = outgoing.service(one, serious)
    assert not made.demo
    assert not made.service_at_locations[0].phones


def test_an_organization_without_a_description_is_described_by_its_name(known: Known) -> None:
    made = outgoing.organization(
        Organization(name=Words(ar="منظمة", en="Relief"), website="ask Ali", email="no"), known
    )
    assert made.dump().keys() == {"id", "name", "description", "translations"}
    assert made.description == "Relief"


@pytest.mark.parametrize(
    ("dates", "status"),
    [
        ({}, "active"),
        ({"valid_until": date(2026, 11, 25)}, "inactive"),
        ({"valid_from": date(2026, 11, 27)}, "inactive"),
    ],
)
def test_a_service_outside_its_dates_is_inactive(known: Known, dates: dict[str, Any], status: str) -> None:
    assert outgoing.service(leaving(MOSUL, **dates), known).status == status


def test_every_need_is_a_term_that_is_found_by_its_id(known: Known) -> None:
    terms = [outgoing.taxonomy_term(need, known.wording) for need in NEEDS]
    assert [outgoing.need_of(term.id) for term in terms] == list(NEEDS)
    assert all(term.name and term.translations and term.translations["ar"]["name"] for term in terms)
    assert outgoing.need_of(UUID(int=0)) is None


def test_a_service_at_a_location_has_an_id_of_its_own_that_begins_like_its_services() -> None:
    service, location, other = Service().id, Location().id, Location().id
    made = outgoing.at_id(service, location)
    assert made.bytes[:6] == service.bytes[:6]
    assert len({made, service, outgoing.at_id(service, other), outgoing.at_id(other, location)}) == 4
    assert made.version == 5
