"""Writing an entry: everything a record holds survives its form, and nothing anybody typed is lost."""

import re
from datetime import date
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import pytest
from starlette.datastructures import FormData

from console.accounts import Staff
from console.directory.forms import Filled, Unreadable, added, filled, removed
from directory import publishing
from directory.records import (
    TYPES,
    Article,
    At,
    Case,
    Hours,
    Kind,
    Location,
    Organization,
    PhoneNumber,
    Record,
    Service,
    Source,
    Words,
)
from infrastructure.resources import Resources
from tests.console.browsing import Visitor
from tests.console.directory_pages import LIST, address_of, entry, filled_in, revisions, words
from tests.console.people import admin, hotline, other_admin, people, reviewer, sign_in
from tests.directory.rows import add_service

__all__ = ["admin", "hotline", "other_admin", "people", "reviewer", "sign_in"]

ATTACK = '"><script>alert(1)</script>'


def full(text: str) -> Words:
    return Words(ar=f"{text} ع", en=text, ckb=f"{text} ک")


HOURS = [
    Hours(byday=["SU", "TH"], opens_at="09:00", closes_at="15:00"),
    Hours(kind="ramadan", byday=["SU"], opens_at="10:00", closes_at="13:00", valid_from=date(2027, 2, 8)),
    Hours(kind="closed", valid_from=date(2026, 12, 1), valid_to=date(2026, 12, 5)),
    Hours(freq="MONTHLY", byday=["1SU", "-1TH"], opens_at="09:00", closes_at="12:00"),
    Hours(freq="MONTHLY", bymonthday=[1, -1], opens_at="09:00", closes_at="12:00"),
    Hours(interval=2, dtstart=date(2026, 1, 4), byday=["SU"], opens_at="09:00", closes_at="12:00"),
]
EVERYTHING: dict[Kind, Record] = {
    "organization": Organization(
        name=full("name"), description=full("two\nlines"), website="https://example.org", email="a@example.org"
    ),
    "location": Location(
        place="IQG15Q05",
        name=full("name"),
        address=full("address"),
        latitude=36.34,
        longitude=43.13,
        accessibility=full("ramp"),
    ),
    "service": Service(
        organization_id=uuid4(),
        name=full("name"),
        summary=full("summary"),
        description=full("description"),
        needs=["cash", "food"],
        eligible=["idp", "women"],
        eligibility=full("eligibility"),
        minimum_age=12,
        maximum_age=17,
        access="appointment",
        capacity="limited",
        fees=full("free"),
        required_documents=[full("card"), full("photo")],
        languages=["ar", "ckb"],
        service_areas=["IQG15", "IQG15Q05"],
        alert=full("closed"),
        url="https://example.org/x",
        email="b@example.org",
        at=[
            At(
                location_id=uuid4(),
                phones=[PhoneNumber(number="07700000001", description=full("desk"))],
                schedules=HOURS,
            ),
            At(location_id=uuid4()),
        ],
        assured_date=date(2026, 10, 1),
        valid_from=date(2026, 1, 1),
        valid_until=date(2027, 1, 1),
    ),
    "article": Article(
        topic="document:passport",
        title=full("title"),
        answer=full("answer"),
        known_as=["my passport", "جوازي"],
        needs=["documentation", "return"],
        eligibility=full("who"),
        details=full("details"),
        steps=[full("one"), full("two")],
        bring=[full("card")],
        where=full("where"),
        cost=full("cost"),
        duration=full("duration"),
        warnings=[full("careful")],
        cases=[Case(situation="lost", text=full("lost"))],
        confidence="conflict",
        sources=[Source(title="Ministry", url="https://example.org", date="3 Feb 2024")],
        checked_date=date(2026, 11, 1),
    ),
}


@pytest.mark.parametrize("kind", EVERYTHING)
def test_these_records_have_every_field(kind: Kind) -> None:
    record, empty = EVERYTHING[kind].document(), TYPES[kind]().document()
    unused = {name for name, value in record.items() if value == empty[name]} - {"is_demo", "is_confidential"}
    assert unused == set()


@pytest.mark.parametrize("kind", EVERYTHING)
async def test_a_form_loses_nothing_of_a_record(admin: Visitor, engines: Resources, kind: Kind) -> None:
    record = EVERYTHING[kind]
    async with engines.sessions() as session:
        await publishing.propose(session, record, author=None)
        await session.commit()
    page = (await admin.get(f"{LIST}/{record.id}/edit")).text
    response = await admin.post(address_of(page), data=filled_in(page))
    assert response.status_code == 303
    assert (await revisions(engines, record.id))[-1].document == record.document()


@pytest.mark.parametrize("kind", EVERYTHING)
async def test_an_empty_form_is_a_draft_but_no_proposal(admin: Visitor, engines: Resources, kind: Kind) -> None:
    page = (await admin.get(f"{LIST}/new/{kind}")).text
    address, form = address_of(page), filled_in(page)
    refused = await admin.post(address, data={**form, "then": "review"})
    assert (refused.status_code, "is missing" in refused.text) == (422, True)
    entry_id = address.split("/")[-2]
    assert await revisions(engines, entry_id) == []
    assert (await admin.post(address, data=form)).status_code == 303
    assert [one.state for one in await revisions(engines, entry_id)] == ["draft"]


async def test_a_service_with_a_new_organization_and_a_new_place_in_one_form(
    admin: Visitor, reviewer: Visitor, engines: Resources
) -> None:
    page = (await admin.get(f"{LIST}/new/service")).text
    shaped = await admin.post(address_of(page).replace("/edit", "/form"), data={**filled_in(page), "add": "at"})
    form = filled_in(shaped.text)
    form |= {
        "name.ar": "سلة غذاء",
        "name.en": "Food baskets",
        "summary.ar": "غذاء كل شهر",
        "summary.en": "Food each month",
        "needs": ["food"],
        "organization_id": "new",
        "organization_id.new.name.ar": "جمعية",
        "organization_id.new.name.en": "Society",
        "at[0].location_id": "new",
        "at[0].location_id.new.place": "IQG15Q05",
        "at[0].location_id.new.address.ar": "شارع النيل",
        "at[0].location_id.new.address.en": "Nile Street",
        "at[0].location_id.new.latitude": "٣٦٫٣٤",
        "at[0].location_id.new.longitude": "43,13",
        "at[0].phones[0].number": "0770 000 0001",
        "assured_date": "2026-11-01",
    }
    address = address_of(page)
    checked = await admin.post(address.replace("/edit", "/check"), data=form)
    assert "Food in Mosul Food baskets Food each month Nile Street" in words(checked.text)
    assert "All that is needed is there." in checked.text
    # It was saved, changed and saved again: still one organization and one location.
    assert (await admin.post(address, data=form)).status_code == 303
    again = filled_in((await admin.get(f"{LIST}/{address.split('/')[-2]}/edit")).text)
    assert (await admin.post(address, data={**again, "then": "review"})).status_code == 303

    service_id = address.split("/")[-2]
    open_page = (await reviewer.get(f"{LIST}/{service_id}")).text
    seen = re.search(r'name="seen" value="([^"]+)"', open_page)
    assert seen
    published = await reviewer.submit(f"{LIST}/{service_id}/publish", f"{LIST}/{service_id}", seen=seen[1])
    assert published.status_code == 303
    service = await entry(engines, service_id)
    assert service.document
    location = await entry(engines, service.document["at"][0]["location_id"])
    organization = await entry(engines, service.document["organization_id"])
    assert {service.status, location.status, organization.status} == {"published"}
    assert location.document
    assert (location.document["latitude"], location.document["longitude"]) == (36.34, 43.13)
    assert service.document["at"][0]["phones"][0]["number"] == "07700000001"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("minimum_age", "twelve", "From age : is not a whole number"),
        ("minimum_age", "400", "is out of range"),
        ("assured_date", "yesterday", "Last checked on : is not a date"),
        ("access", "teleport", "How people come : is not one of the choices"),
        ("name.en", "x" * 5001, "is too long"),
        ("at[0].location_id", "nobody", "Location : is missing"),
    ],
)
async def test_what_cannot_be_a_record_is_said_and_nothing_typed_is_lost(
    admin: Visitor, engines: Resources, field: str, value: str, said: str
) -> None:
    page = (await admin.get(f"{LIST}/new/service")).text
    form = {**filled_in(page), "summary.ar": "كل ما كتبته", field: value}
    refused = await admin.post(address_of(page), data=form)
    assert refused.status_code == 422
    assert said in words(refused.text)
    kept = filled_in(refused.text)
    assert kept["summary.ar"] == ["كل ما كتبته"]
    if field != "at[0].location_id":
        assert kept[field] == [value]
    assert await revisions(engines, address_of(page).split("/")[-2]) == []


@pytest.mark.parametrize("kind", EVERYTHING)
async def test_hostile_text_is_text(admin: Visitor, engines: Resources, kind: Kind) -> None:
    page = (await admin.get(f"{LIST}/new/{kind}")).text
    form = filled_in(page)
    form |= {
        name: ATTACK for name in form if name.endswith((".ar", ".en", ".ckb")) or name in ("website", "url", "topic")
    }
    for action in ("/edit", "/check", "/form"):
        response = await admin.post(address_of(page).replace("/edit", action), data={**form, "then": "review"})
        assert "<script>alert" not in response.text, action
        assert response.status_code in (200, 422)
        if action == "/check":
            assert "write plain text" in response.text


async def test_the_second_of_two_admins_sees_the_difference_and_chooses(
    admin: Visitor, other_admin: Visitor, engines: Resources
) -> None:
    async with engines.sessions() as session:
        service = await add_service(session, "it")
        await session.commit()
    address = f"{LIST}/{service.id}/edit"
    first, second = (await admin.get(address)).text, (await other_admin.get(address)).text
    await admin.post(address_of(first), data={**filled_in(first), "name.en": "theirs"})
    conflict = await other_admin.post(
        address_of(second), data={**filled_in(second), "name.en": "mine", "summary.en": "mine too"}
    )
    assert conflict.status_code == 409
    said = words(conflict.text)
    assert "Theirs" in said
    assert "theirs" in said
    assert "mine too" in said

    hidden = {name: _hidden(conflict.text, name) for name in ("mine", "theirs", "base", "seen")}
    merged = await other_admin.submit(f"{LIST}/service/{service.id}/merge", address, **hidden, take=["name"])
    saved = await other_admin.post(address_of(merged.text), data=filled_in(merged.text))
    assert saved.status_code == 303
    newest = (await revisions(engines, service.id))[-1].document
    assert (newest["name"]["en"], newest["summary"]["en"]) == ("theirs", "mine too")


async def test_a_forged_merge_is_refused(admin: Visitor, engines: Resources) -> None:
    async with engines.sessions() as session:
        service = await add_service(session, "it")
        await session.commit()
    for mine in ("[]", "not json", '{"nmae": 1}', "7"):
        response = await admin.submit(
            f"{LIST}/service/{service.id}/merge", f"{LIST}/{service.id}/edit", mine=mine, theirs="{}", base="1"
        )
        assert response.status_code == 400, mine


def _hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found
    return unescape(found[1])


async def test_only_admins_write(reviewer: Visitor, hotline: Visitor, engines: Resources) -> None:
    async with engines.sessions() as session:
        service = await add_service(session, "it")
        await session.commit()
    for visitor in (reviewer, hotline):
        for address in (f"{LIST}/new/service", f"{LIST}/{service.id}/edit"):
            assert (await visitor.get(address)).status_code == 403
        for action in ("edit", "form", "check", "merge"):
            response = await visitor.submit(
                f"{LIST}/service/{service.id}/{action}", LIST, mine="{}", theirs="{}", base="0"
            )
            assert response.status_code == 403, action
    assert len(await revisions(engines, service.id)) == 1


async def test_what_is_made_up_stays_marked(admin: Visitor, engines: Resources) -> None:
    async with engines.sessions() as session:
        service = await add_service(session, "it", demo=("service",))
        await session.commit()
    page = (await admin.get(f"{LIST}/{service.id}/edit")).text
    await admin.post(address_of(page), data={**filled_in(page), "is_demo": "", "name.en": "real?"})
    assert (await revisions(engines, service.id))[-1].document["is_demo"] is True


async def test_an_id_of_another_kind_is_refused(admin: Visitor, engines: Resources) -> None:
    async with engines.sessions() as session:
        service = await add_service(session, "it")
        await session.commit()
    page = (await admin.get(f"{LIST}/new/organization")).text
    forged = address_of(page).replace(address_of(page).split("/")[-2], str(service.id))
    assert (await admin.post(forged, data=filled_in(page))).status_code == 409


async def test_unknown_kinds_and_entries_are_no_pages(admin: Visitor) -> None:
    for address in (f"{LIST}/new/shop", f"{LIST}/{uuid4()}/edit", f"{LIST}/{uuid4()}"):
        assert (await admin.get(address)).status_code == 404


async def test_searching_for_an_organization_offers_it(admin: Visitor, engines: Resources) -> None:
    async with engines.sessions() as session:
        service = await add_service(session, "Palm")
        await session.commit()
    page = (await admin.get(f"{LIST}/new/service")).text
    for name in ("organization_id", "at[0].location_id"):
        form = {
            **filled_in(page),
            f"{name}.search": "palm" if name == "organization_id" else "an address",
            "search": name,
        }
        shaped = (await admin.post(address_of(page).replace("/edit", "/form"), data=form)).text
        known = service.organization_id if name == "organization_id" else service.at[0].location_id
        assert f'name="{name}" value="{known}"' in shaped


def form_of(**fields: Any) -> FormData:
    return FormData(
        [(name, one) for name, value in fields.items() for one in (value if isinstance(value, list) else [value])]
    )


def test_parts_are_added_and_removed_in_their_places() -> None:
    form = Filled("service", uuid4(), Service().document())
    form = added(added(added(form, "at"), "at"), "at[1].phones")
    assert [len(at["phones"]) for at in form.document["at"]] == [0, 1]
    assert [len(at["phones"]) for at in removed(form, "at[0]").document["at"]] == [1]
    form = added(form, "required_documents")
    assert form.document["required_documents"] == [{"ar": "", "en": "", "ckb": ""}]


@pytest.mark.parametrize(
    "name", ["", "nowhere", "name", "at[9].phones", "at[0].phones[0]", "needs", "at[0][0]", "..", "at[x]", "id"]
)
def test_places_that_a_form_does_not_have_change_nothing(name: str) -> None:
    form = Filled("service", uuid4(), Service(at=[At(location_id=uuid4())]).document())
    before = form.document | {}
    assert added(form, name).document == before
    assert removed(form, name).document == before


def test_new_locations_move_up_when_one_before_them_is_removed() -> None:
    fields = {"access": "walk_in", "capacity": "open", "at[0].location_id": str(uuid4())}
    fields |= {"at[1].location_id": "new", "at[1].location_id.new.place": "IQG15"}
    form = filled("service", uuid4(), form_of(**fields), is_demo=False)
    form = removed(form, "at[0]")
    assert form.new["at[0].location_id"]["place"] == "IQG15"
    assert isinstance(form.made()[0], Location)


def test_a_huge_form_is_cut_and_a_silly_number_is_no_number() -> None:
    fields: dict[str, Any] = {f"at[{number}].location_id": "x" for number in range(900)}
    fields[f"at[{10**9}].location_id"] = "x"
    form = filled("service", UUID(int=1), form_of(**fields), is_demo=False)
    assert len(form.document["at"]) == 300
    with pytest.raises(Unreadable) as unreadable:
        form.made()
    assert ("at", "too_many") in unreadable.value.problems


async def test_a_session_that_ended_while_typing_leads_to_signing_in(
    people: dict[str, Staff], visitor: Visitor
) -> None:
    response = await visitor.submit(f"{LIST}/service/{uuid4()}/edit")
    assert response.status_code == 303
    assert response.headers["location"].startswith("/console/sign-in")
