"""The Iraq profile of HSDS 3.0: its merge patches, our models and the published schemas agree with each other."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any, get_args
from uuid import UUID, uuid4

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012 as DRAFT

from directory.exchange import hsds
from directory.exchange.hsds import Eligible, Hsds, Location, Organization, Page, Service, ServiceAtLocation

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT.parent / "shared" / "data" / "hsds"
PATCHES = ROOT / "docs" / "hsds-profile"
BASE = "https://hsds.invalid/"

MODELS = {
    name: getattr(hsds, "".join(word.title() for word in name.split("_")))
    for name in (
        "accessibility address attribute contact cost_option language location metadata organization phone "
        "required_document schedule service service_area service_at_location taxonomy taxonomy_term"
    ).split()
}
BAGHDAD = timezone(timedelta(hours=3))

needs_schemas = pytest.mark.skipif(
    not PUBLISHED.is_dir(), reason=f"the published HSDS 3.0 schemas are not at {PUBLISHED}: they are not ours to copy"
)


def merged(target: Any, patch: Any) -> Any:
    """RFC 7396, section 2."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


@cache
def schemas(*, patched: bool) -> dict[str, Any]:
    published = {path.stem: json.loads(path.read_bytes()) for path in PUBLISHED.glob("*.json")}
    found = {name: schema for name, schema in published.items() if schema.get("type") == "object"}
    if patched:
        found |= {path.stem: merged(found[path.stem], json.loads(path.read_bytes())) for path in PATCHES.glob("*.json")}
    return found


@cache
def validator(name: str, *, patched: bool) -> Draft202012Validator:
    resources = [
        (f"{BASE}{stem}.json", Resource.from_contents(schema, default_specification=DRAFT))
        for stem, schema in schemas(patched=patched).items()
    ]
    registry: Registry[Any] = Registry().with_resources(resources)
    return Draft202012Validator(
        {"$ref": f"{BASE}{name}.json"}, registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER
    )


def errors(name: str, value: Any, *, patched: bool) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in validator(name, patched=patched).iter_errors(value)]


def as_published(value: Any, name: str) -> Any:
    """An object without what the profile adds, and with the postal code that HSDS insists on."""
    properties = schemas(patched=False)[name]["properties"]
    kept = {key: item for key, item in value.items() if key in properties}
    for key, item in kept.items():
        inner = (properties[key].get("$ref") or properties[key].get("items", {}).get("$ref", "")).removesuffix(".json")
        if inner:
            kept[key] = (
                [as_published(part, inner) for part in item] if isinstance(item, list) else as_published(item, inner)
            )
    return kept | ({"postal_code": "00000"} if name == "address" else {})


def both(**texts: tuple[str, str]) -> dict[str, Any]:
    """The plain English fields of some texts and their translations."""
    english = {field: text for field, (_, text) in texts.items()}
    arabic = {field: text for field, (text, _) in texts.items()}
    return {**english, "translations": {"ar": arabic, "en": english}}


def phone(**more: Any) -> dict[str, Any]:
    return {"id": uuid4(), "number": "+964 770 000 0000", **more}


def need(code: str) -> dict[str, Any]:
    term = {
        "id": uuid4(),
        "code": code,
        "taxonomy": hsds.NEEDS_TAXONOMY,
        **both(name=("نص", "n"), description=("نص", "d")),
    }
    taxonomy = {"id": uuid4(), "name": hsds.NEEDS_TAXONOMY, "description": "Needs", "uri": "urn:daleel:needs"}
    return {"id": uuid4(), "link_type": "need", "taxonomy_term": {**term, "taxonomy_detail": taxonomy}}


def location(**more: Any) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "location_type": "physical",
        "external_identifier": "IQG15Q05",
        "external_identifier_type": "OCHA-PCODE",
        **more,
    }


def clinic() -> Service:
    """A service with something in every field."""
    address = both(address_1=("شارع 4", "Street 4"), city=("الموصل", "Mosul"), state_province=("نينوى", "Ninewa"))
    open_location = location(
        latitude=36.34,
        longitude=43.13,
        url="https://example.org/mosul",
        languages=[{"id": uuid4(), "code": "ar", **both(name=("العربية", "Arabic"))}],
        addresses=[{"id": uuid4(), "country": "IQ", "address_type": "physical", **address}],
        accessibility=[{"id": uuid4(), **both(description=("منحدر", "Ramp"))}],
        phones=[phone()],
        **both(name=("مركز", "Centre"), transportation=("كيا", "Minibus")),
    )
    schedule = {
        "id": uuid4(),
        "freq": "WEEKLY",
        "wkst": "SU",
        "interval": 1,
        "byday": "SU,MO,TU",
        "dtstart": date(2026, 1, 4),
        "opens_at": time(9, tzinfo=BAGHDAD),
        "closes_at": time(15, 30, tzinfo=BAGHDAD),
        **both(notes=("عدا العطل", "Not on holidays")),
    }
    return Service(
        id=uuid4(),
        status="active",
        assured_date=date(2026, 11, 1),
        last_modified=datetime(2026, 11, 2, 8, 30, 1, 500, UTC),
        minimum_age=18,
        email="clinic@example.org",
        url="https://example.org/clinic",
        attributes=[need("health")],
        eligible=["idp", "women"],
        access=["walk_in", "remote"],
        capacity="limited",
        demo=True,
        phones=[phone(extension=12, languages=[{"id": uuid4(), "name": "Kurdish"}], **both(description=("د", "Desk")))],
        schedules=[schedule],
        service_areas=[{"id": uuid4(), "extent_type": "text", **both(name=("نينوى", "Ninewa"))}],
        languages=[{"id": uuid4(), "name": "Arabic", "code": "ar"}],
        cost_options=[{"id": uuid4(), "amount": 5000, "currency": "IQD", **both(option=("زيارة", "Visit"))}],
        required_documents=[{"id": uuid4(), **both(document=("هوية", "ID card"))}],
        contacts=[{"id": uuid4(), "email": "desk@example.org", "phones": [phone()], **both(name=("ع", "A"))}],
        organization={"id": uuid4(), "website": "https://example.org", **both(name=("ج", "O"), description=("ج", "O"))},
        service_at_locations=[
            {"id": uuid4(), "location": open_location, "schedules": [schedule | {"id": uuid4()}]},
            {"id": uuid4(), "location": location(confidential=True, phones=[phone()]), "phones": [phone()]},
        ],
        metadata=[
            {
                "id": uuid4(),
                "last_action_date": date(2026, 11, 2),
                "last_action_type": "update",
                "field_name": "name",
                "previous_value": "Clinic",
                "replacement_value": "Free clinic",
                "updated_by": "admin",
            }
        ],
        **both(
            name=("عيادة مجانية", "Free clinic"),
            summary=("طبيب ودواء", "Doctor and medicine"),
            description=("عيادة", "A clinic"),
            eligibility_description=("للجميع", "Everybody"),
            alert=("مغلق الأحد", "Closed this Sunday"),
        ),
    )


def objects() -> list[tuple[str, Hsds]]:
    service = clinic()
    organization = Organization(
        id=uuid4(),
        name="Example",
        description="Example",
        year_incorporated=2011,
        phones=[phone()],
        locations=[location(confidential=True)],
        services=[service],
        translations={"ar": {"name": "مثال"}, "ckb": {"name": "نموونە"}},
    )
    return [
        ("service", service),
        ("organization", organization),
        ("service_at_location", ServiceAtLocation(id=uuid4(), service=service, location=location())),
        ("taxonomy_term", hsds.TaxonomyTerm(**need("food")["taxonomy_term"])),
    ]


@needs_schemas
@pytest.mark.parametrize(("name", "value"), objects(), ids=lambda value: value if isinstance(value, str) else "")
def test_what_we_emit_is_the_profile_and_plain_hsds(name: str, value: Hsds) -> None:
    dumped = json.loads(json.dumps(value.dump()))
    assert errors(name, dumped, patched=True) == []
    assert errors(name, as_published(dumped, name), patched=False) == []
    assert type(value).model_validate(dumped).dump() == dumped


@needs_schemas
def test_the_postal_code_is_all_that_keeps_ours_from_being_plain_hsds() -> None:
    assert [error.split(": ")[1] for error in errors("service", clinic().dump(), patched=False)] == [
        "'postal_code' is a required property"
    ]


@needs_schemas
@pytest.mark.parametrize("name", MODELS)
def test_a_model_has_the_fields_of_its_schema_and_asks_for_the_same(name: str) -> None:
    model, schema = MODELS[name], schemas(patched=True)[name]
    left_out = {
        "service": {"wait_time", "fees", "licenses", "funding", "program"},
        "organization": {"funding", "programs", "organization_identifiers"},
    }
    assert set(model.model_fields) == set(schema["properties"]) - left_out.get(name, set())
    required = {field for field, info in model.model_fields.items() if info.is_required()}
    assert required == set(schema["required"])
    if model.texts:
        translations = schema["properties"]["translations"]
        assert translations["additionalProperties"]["propertyNames"]["enum"] == list(model.texts)
        assert set(model.texts) <= set(model.model_fields)


@needs_schemas
def test_every_patch_is_of_a_published_schema_and_the_schemas_stay_schemas() -> None:
    assert {path.stem for path in PATCHES.glob("*.json")} <= set(MODELS)
    for schema in schemas(patched=True).values():
        Draft202012Validator.check_schema(schema)
    assert schemas(patched=True)["service"]["properties"]["eligible"]["items"]["enum"] == list(get_args(Eligible))


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("location", location(latitude=36.3)),
    ("location", location(latitude=52.5, longitude=13.4)),
    ("location", location(external_identifier="Mosul")),
    ("location", location(external_identifier_type="UPRN")),
    ("location", location(translations={"fr": {"name": "Mossoul"}})),
    ("location", location(translations={"ar": {"street": "شارع"}})),
    ("location", location(url="javascript:alert(1)")),
    *(
        ("location", location(confidential=True, **more))
        for more in (
            {"name": "Women's house"},
            {"translations": {"ar": {"name": "بيت"}}},
            {"description": "Behind the mosque"},
            {"latitude": 36.3, "longitude": 43.1},
            {"url": "https://example.org/shelter"},
            {"addresses": [{"id": uuid4()}]},
            {"contacts": [{"id": uuid4(), "name": "A"}]},
            {"attributes": [{"id": uuid4(), "value": "Street 4"}]},
        )
    ),
    ("service_at_location", {"id": uuid4(), "location": location(confidential=True), "description": "Street 4"}),
    ("service_at_location", {"id": uuid4(), "location": location(confidential=True), "contacts": [{"id": uuid4()}]}),
    ("schedule", {"id": uuid4(), "opens_at": "09:00"}),
    ("schedule", {"id": uuid4(), "opens_at": "9am", "timezone": 3}),
    ("schedule", {"id": uuid4(), "byday": "Sunday"}),
    ("schedule", {"id": uuid4(), "freq": "DAILY"}),
    ("schedule", {"id": uuid4(), "valid_from": "2026-02-30"}),
    ("schedule", {"id": uuid4(), "interval": 0}),
    ("phone", {"id": uuid4(), "number": "ask Ali"}),
    ("phone", {"id": uuid4(), "number": "07700000000", "extension": "12"}),
    ("phone", {"id": "1", "number": "07700000000"}),
    ("phone", {"id": uuid4()}),
    ("contact", {"id": uuid4(), "email": "nobody"}),
    ("service", {"id": uuid4(), "name": "A", "status": "open"}),
    ("service", {"id": uuid4(), "name": "A", "status": "active", "eligible": ["everybody"]}),
    ("service", {"id": uuid4(), "name": "A", "status": "active", "capacity": "plenty"}),
    ("service", {"id": uuid4(), "name": "A", "status": "active", "demo": "no"}),
    ("service", {"id": uuid4(), "name": 7, "status": "active"}),
    ("service", {"id": uuid4(), "name": "A", "status": "active", "minimum_age": 180}),
]


@needs_schemas
@pytest.mark.parametrize(("name", "value"), REFUSED)
def test_the_models_and_the_patched_schemas_refuse_the_same(name: str, value: dict[str, Any]) -> None:
    sent = json.loads(json.dumps(value, default=str))
    with pytest.raises(ValidationError):
        MODELS[name].model_validate(sent)
    assert errors(name, sent, patched=True)


# Where the profile is stricter than HSDS, as the published examples show: a number in quotation marks, coordinates
# north of the pole, and identifiers of places in Britain.
STRICTER = {
    "number": ("phone", "0770 000 0000"),
    "latitude": ("range", 36.3),
    "longitude": ("range", 43.1),
    "external_identifier": ("p_code", "IQG15Q05"),
    "external_identifier_type": ("literal_error", "OCHA-PCODE"),
}


def mended(value: Any, unread: Sequence[str] = ()) -> Any:
    """A published example as the profile wants it, without some fields."""
    if isinstance(value, list):
        return [mended(item, unread) for item in value]
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if key not in unread}
        return {key: STRICTER[key][1] if key in STRICTER else mended(item, unread) for key, item in kept.items()}
    return value


@needs_schemas
@pytest.mark.parametrize("name", ["service", "organization", "service_at_location"])
def test_the_published_examples_are_valid_but_for_what_is_stricter(name: str) -> None:
    example = json.loads((PUBLISHED / f"example_{name}_full.json").read_bytes())
    with pytest.raises(ValidationError) as refused:
        MODELS[name].model_validate(example)
    found = {(error["loc"][-1], error["type"]) for error in refused.value.errors()}
    assert found == {(field, code) for field, (code, _) in STRICTER.items()}

    accepted = MODELS[name].model_validate(mended(example))
    assert errors(name, accepted.dump(), patched=True) == []
    assert errors(name, as_published(accepted.dump(), name), patched=False) == []


@needs_schemas
def test_a_page_has_the_fields_of_the_published_page() -> None:
    openapi = json.loads((PUBLISHED / "openapi.json").read_bytes())
    assert set(Page.model_fields) == {*openapi["components"]["schemas"]["Page"]["properties"], "contents"}


@pytest.mark.parametrize(
    ("total", "number", "size", "expected"),
    [(0, 1, 0, (0, True, True, True)), (5, 1, 2, (3, True, False, False)), (5, 3, 1, (3, False, True, False))],
)
def test_a_page_says_where_it_is(total: int, number: int, size: int, expected: tuple[int, bool, bool, bool]) -> None:
    page = Page[Any].of([{}] * size, total=total, number=number, per_page=2)
    assert (page.total_pages, page.first_page, page.last_page, page.empty) == expected
    assert (page.total_items, page.page_number, page.size) == (total, number, size)


def test_what_is_not_known_is_left_out() -> None:
    identity = UUID("ac148810-d857-441c-9679-408f346de14b")
    dumped = Service.model_validate({"id": str(identity), "name": "A", "status": "active", "secret": "x"}).dump()
    assert dumped == {"id": str(identity), "name": "A", "status": "active"}


def test_times_are_written_with_their_offset_and_changes_to_the_millisecond() -> None:
    dumped = clinic().dump()
    assert (dumped["schedules"][0]["opens_at"], dumped["schedules"][0]["closes_at"]) == ("09:00+03:00", "15:30+03:00")
    assert dumped["last_modified"] == "2026-11-02T08:30:01.000+00:00"
    with pytest.raises(ValidationError, match="offset"):
        Service(id=uuid4(), name="A", status="active", last_modified=datetime(2026, 1, 1))


def test_a_refusal_never_repeats_what_was_written() -> None:
    with pytest.raises(ValidationError) as refused:
        Location.model_validate(location(confidential=True, name="Behind the old mosque"))
    assert [error["msg"] for error in refused.value.errors()] == ["is confidential, so it must not have: name"]
