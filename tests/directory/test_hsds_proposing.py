"""What an HSDS file says meets what is here already: nobody's work is lost, and nothing secret is told."""

import json
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from directory import publishing
from directory.models import Entry, Revision
from directory.records import Location, Organization, Words
from tests.directory.everything import SAFE, SHELTER, TODAY, add_everything
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
from tests.directory.rows import add_service, both
from tests.directory.test_hsds_profile import PUBLISHED, mended, needs_schemas
from tests.directory.visiting import Api


async def states(session: AsyncSession, identity: UUID) -> list[str]:
    query = select(Revision.state).where(Revision.entry_id == identity).order_by(Revision.number)
    return list(await session.scalars(query))


async def test_a_mended_file_takes_the_place_of_the_one_before(session: AsyncSession) -> None:
    service, *_ = await brought(session, theirs())
    outcome = await bring(session, theirs(alert="Back on Sunday"))
    assert {one.kind: one.state for one in outcome.changes} == {
        "organization": "unchanged",
        "location": "unchanged",
        "service": "new",
    }
    assert await states(session, service.id) == ["replaced", "draft"]


async def test_a_draft_that_staff_have_open_is_theirs(session: AsyncSession, reviewer: UUID) -> None:
    service, *_ = await brought(session, theirs())
    mine = service.model_copy(update={"summary": both("parcels for all")})
    (row,) = await session.scalars(select(Revision).where(Revision.entry_id == service.id))
    await publishing.propose(session, mine, author=reviewer, seen=publishing.mark(row))
    outcome = await bring(session, theirs(alert="Back on Sunday"))
    assert [(one.state, one.why) for one in outcome.changes if one.kind == "service"] == [("left_out", "edited")]
    assert (await drafted(session))[service.id] == mine


async def test_what_was_archived_or_rejected_here_is_left_out(session: AsyncSession, reviewer: UUID) -> None:
    service, location, organization, _ = await brought(session, theirs())
    for record in (service, location):
        (row,) = await session.scalars(select(Revision).where(Revision.entry_id == record.id))
        await publishing.discard(session, row, by=reviewer)
    await publishing.published(session, organization.model_copy(update={"name": both("A"), "description": both("B")}))
    await publishing.archive(session, organization.id)
    outcome = await bring(session, theirs(alert="Back on Sunday"))
    assert {one.kind: (one.state, one.why) for one in outcome.changes} == {
        "organization": ("left_out", "archived"),
        "location": ("left_out", "rejected"),
        "service": ("new", ""),
    }


async def test_an_id_of_another_kind_is_left_out(session: AsyncSession) -> None:
    await publishing.published(session, Organization(id=UUID(uid(1)), name=both("Somebody")))
    outcome = await bring(session, theirs())
    (change,) = [one for one in outcome.changes if one.kind == "service"]
    assert (change.state, change.why) == ("left_out", "organization")


async def test_nobody_elses_draft_is_handed_to_review_with_it(session: AsyncSession, hsds: Api, reviewer: UUID) -> None:
    made = await add_service(session, "Clinic", assured=TODAY)
    value = (await hsds.get(f"services/{made.id}")).json()
    mine = Location(place="IQG08")
    await publishing.propose(session, mine, author=reviewer)
    value["id"] = uid(1)
    value["service_at_locations"] = [{"id": uid(3), "location_id": str(mine.id)}]
    outcome = await bring(session, value)
    (change,) = [one for one in outcome.changes if one.kind == "service"]
    assert [(one.field, one.code) for one in change.missing] == [("at[0].location_id", "not_published")]
    assert await states(session, mine.id) == ["draft"]


async def test_ids_of_things_that_are_nowhere_are_told(session: AsyncSession) -> None:
    value = theirs(service_at_locations=[{"id": uid(3), "location_id": uid(99)}, {"id": uid(6)}])
    del value["organization"]
    outcome = await bring(session, value)
    assert {one.kind for one in outcome.changes} == {"service"}
    told = notices(outcome)
    assert any("service_at_locations[0]: has only the id of a location that isn't known here" in one for one in told)
    assert "service.service_at_locations[1]: names no location: it will be left out" in told
    missing = {problem.field for one in outcome.changes for problem in one.missing}
    assert {"organization_id", "at[0].location_id"} <= missing
    (only,) = (await bring(session, [{**value, "id": uid(9), "service_at_locations": [], "phones": PHONE}])).changes
    assert only.kind == "service"


PHONE = [{"id": uid(7), "number": "115"}]


async def test_a_shelter_stays_one_whatever_a_file_says(session: AsyncSession, hsds: Api) -> None:
    await add_everything(session)
    row = await session.get_one(Entry, SHELTER.id)
    row.document = SHELTER.document()
    value = (await hsds.get(f"services/{SAFE.id}")).json()
    value["service_at_locations"][0]["location"] = their_location(id=str(SHELTER.id), name="The house")
    outcome = await bring(session, value)
    assert {one.state for one in outcome.changes} == {"unchanged"}
    assert any(one.endswith("location: is confidential here: nothing of it will be taken") for one in notices(outcome))


async def test_what_becomes_a_shelter_loses_its_address(session: AsyncSession, hsds: Api) -> None:
    made = await add_service(session, "House", assured=TODAY, location={"latitude": 36.3, "longitude": 43.1})
    value = (await hsds.get(f"services/{made.id}")).json()
    secret = {"external_identifier": "IQG15", "external_identifier_type": "OCHA-PCODE", "confidential": True}
    identity = made.at[0].location_id
    value["service_at_locations"][0]["location"] = {"id": str(identity), "location_type": "physical", **secret}
    await bring(session, value)
    found = (await drafted(session))[identity]
    assert found == Location(id=identity, place="IQG15Q05", is_confidential=True)


async def test_one_thing_said_twice_differently_is_told(session: AsyncSession) -> None:
    other = theirs(id=uid(20), organization={"id": uid(2), "name": "Others", "description": "We help"})
    outcome = await bring(session, [theirs(), other])
    told = "is not the same as in services[0].organization, which has the same id: that one counts"
    assert f"services[1].organization: {told}" in notices(outcome)
    found = (await drafted(session))[UUID(uid(2))]
    assert isinstance(found, Organization)
    assert found.name == Words(en="Helpers")


async def test_demo_stays_demo(session: AsyncSession, demo_api: Api) -> None:
    made = await add_service(session, "Made up", demo=("organization", "service", "location", "phone"), assured=TODAY)
    data = (await demo_api.get(f"services/{made.id}")).content
    before = {row.id: row.document for row in await session.scalars(select(Entry))}
    await empty(session)
    await bring(session, data)
    assert {key: one.document() for key, one in (await drafted(session)).items()} == before


async def test_a_service_that_says_other_hours_for_each_day_keeps_them(session: AsyncSession) -> None:
    schedules = [{**NINE, "id": uid(30)}, {**NINE, "id": uid(31), "byday": "MO", "opens_at": "10:00+03:00"}]
    at = [{"id": uid(3), "location": their_location(schedules=[{**NINE, "id": uid(32)}]), "schedules": schedules}]
    service, *_ = await brought(session, theirs(service_at_locations=at, schedules=[{**NINE, "id": uid(33)}]))
    assert [(one.byday, one.opens_at) for one in service.at[0].schedules] == [(["SU"], "09:00"), (["MO"], "10:00")]


@needs_schemas
@pytest.mark.parametrize("name", ["service", "organization"])
async def test_the_published_examples_come_in_once_mended(session: AsyncSession, name: str) -> None:
    """Mended where the profile is stricter than HSDS, and where their hours can't be kept as they are meant."""
    example = json.loads((PUBLISHED / f"example_{name}_full.json").read_bytes())
    outcome = await bring(session, mended(example))
    problems = {str(one).rpartition(": ")[0].rpartition(".")[2] for one in outcome.report.problems}
    assert problems == {"count"}
    outcome = await bring(session, mended(example, unread=("count", "byweekno", "byyearday", "bymonthday")))
    assert [str(one) for one in outcome.report.problems] == []
    assert {one.kind for one in outcome.changes} == {"organization", "location", "service"}
