"""The HSDS API over the tests' PostgreSQL: valid answers, honest lists, and nothing that must not leave."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from typer.testing import CliRunner

from daleel.cli import app as command_line
from directory import listings, publishing
from directory.exchange import collections, outgoing, parameters
from directory.models import Entry
from directory.places import read_places
from directory.records import At, Location, Organization, PhoneNumber, Service, Words
from infrastructure.local_time import day_in_iraq
from tests.directory.rows import a_service, add_service, both
from tests.directory.visiting import LISTS, Api

# Search shows what was assured lately, by the real day.
TODAY = day_in_iraq()


async def three(session: AsyncSession) -> list[Service]:
    """Services in Mosul, Baghdad and, confidential, in Sinjar."""
    places: list[dict[str, Any]] = [
        {"place": "IQG15Q05", "location": {"latitude": 36.34, "longitude": 43.13}, "needs": ("health",)},
        {"place": "IQG08", "needs": ("food", "cash")},
        {"place": "IQG15Q07", "location": {"is_confidential": True, "address": Words()}, "needs": ("gbv",)},
    ]
    names = ("Clinic", "Kitchen", "Safe house")
    return [await add_service(session, name, assured=TODAY, **one) for name, one in zip(names, places, strict=True)]


async def test_it_says_what_it_is(hsds: Api) -> None:
    about = (await hsds.get("")).json()
    assert about["version"] == "3.0"
    assert about["profile"] == "https://daleel.example/hsds/profile"
    assert "# HSDS 3.0, Iraq profile" in (await hsds.get("profile")).text
    assert (await hsds.get("profile/location.json")).json()["properties"]["confidential"]
    described = (await hsds.get("openapi.json")).json()
    assert {"/hsds/services", "/hsds/services/{identity}", "/hsds/taxonomy_terms"} <= described["paths"].keys()
    assert all(path.startswith("/hsds") for path in described["paths"])
    assert (await hsds.get("profile/..%2fREADME.json")).status_code == 404


async def test_nothing_unpublished_archived_demo_or_confidential_leaves(session: AsyncSession, hsds: Api) -> None:
    shown = await add_service(session, "Shown", assured=TODAY)
    archived = await add_service(session, "SECRET archived", assured=TODAY)
    await publishing.archive(session, archived.id)
    orphan = await add_service(session, "SECRET orphan", assured=TODAY)
    assert orphan.organization_id
    await publishing.archive(session, orphan.organization_id)
    nowhere = await add_service(session, "SECRET nowhere", assured=TODAY)
    await publishing.archive(session, nowhere.at[0].location_id)
    drafted = a_service("SECRET draft")
    await publishing.propose(session, drafted, author=None)
    await publishing.propose(session, Organization(name=both("SECRET organization")), author=None)
    changed = shown.model_copy(update={"summary": both("SECRET proposal")})
    await publishing.propose(session, changed, author=None, base=1, note="SECRET note")
    for what in ("service", "organization", "location", "phone"):
        await add_service(session, f"SECRET {what}" if what != "phone" else "Called", demo=(what,), assured=TODAY)
    shelter = {
        "name": both("SECRET house"),
        "accessibility": both("SECRET ramp"),
        "address": Words(),
        "is_confidential": True,
    }
    safe = await add_service(session, "Safe", place="IQG15Q05", location=shelter, assured=TODAY)
    # What only a hand in the database can do: publishing refuses an address of a confidential location.
    row = await session.get_one(Entry, safe.at[0].location_id)
    row.document = {**(row.document or {}), "address": both("SECRET street").document(), "latitude": 36.3471}
    row.document["longitude"] = 43.1299
    await session.flush()
    everything = await hsds.everything()
    assert sorted(await hsds.names("services")) == ["Called", "Safe", "Shown"]
    for path in ("services", "service_at_locations"):
        assert (await hsds.page(path))["total_items"] == 3
    # The owner of demo locations only is a real organization; its name is not a secret.
    for owner in ("SECRET archived", "SECRET nowhere", "SECRET service", "SECRET location"):
        everything = everything.replace(f"{owner}'s owner", "")
    for word in ("SECRET", "36.3471", "43.1299", "in_review", "author"):
        assert word not in everything
    assert '"demo": true' not in everything.replace('"demo":true', '"demo": true')
    located = (await hsds.page("service_at_locations", full=True))["contents"]
    (secret,) = [one["location"] for one in located if one["service"]["name"] == "Safe"]
    assert secret.keys() == {"id", "location_type", "confidential", "external_identifier", "external_identifier_type"}
    assert secret["external_identifier"] == "IQG15"
    (called,) = [one for one in located if one["service"]["name"] == "Called"]
    assert "phones" not in called
    for gone in (archived.id, orphan.id, nowhere.id, drafted.id, uuid4(), "nonsense", "%00", "x" * 5000):
        assert (await hsds.get(f"services/{gone}")).status_code == 404
    for one in (archived, orphan, nowhere, drafted):
        at = outgoing.at_id(one.id, one.at[0].location_id)
        assert (await hsds.get(f"service_at_locations/{at}")).status_code == 404
    assert (await hsds.get(f"organizations/{orphan.organization_id}")).status_code == 404
    # An id of another kind is no service.
    assert (await hsds.get(f"services/{safe.at[0].location_id}")).status_code == 404
    assert (await hsds.get(f"organizations/{safe.id}")).status_code == 404


async def test_in_a_demo_the_demo_leaves_and_says_so(session: AsyncSession, demo_api: Api) -> None:
    for what in ("service", "organization", "location", "phone"):
        made = await add_service(session, f"Demo {what}", demo=(what,), assured=TODAY)
        assert (await demo_api.get(f"services/{made.id}")).json()["demo"] is True
    assert {one["demo"] for one in (await demo_api.page("services"))["contents"]} == {True}
    assert {one["service"]["demo"] for one in (await demo_api.page("service_at_locations"))["contents"]} == {True}


async def test_a_service_leaves_with_the_locations_that_may(session: AsyncSession, hsds: Api) -> None:
    service = await add_service(session, "Two doors", assured=TODAY)
    other = Location(place="IQG08", is_demo=True)
    await publishing.published(session, other)
    more = service.model_copy(
        update={"at": [*service.at, At(location_id=other.id, phones=[PhoneNumber(number="123")])]}
    )
    await publishing.published(session, more)
    single = (await hsds.get(f"services/{service.id}")).json()
    assert [one["location_id"] for one in single["service_at_locations"]] == [str(service.at[0].location_id)]
    assert str(other.id) not in await hsds.everything()


async def test_pages_hold_everything_once(session: AsyncSession, hsds: Api) -> None:
    made = {str((await add_service(session, f"Service {number}", assured=TODAY)).id) for number in range(7)}
    for path in ("services", "organizations", "service_at_locations"):
        pages = [await hsds.page(path, page=number, per_page=3) for number in (1, 2, 3)]
        assert [page["size"] for page in pages] == [3, 3, 1]
        assert [page["last_page"] for page in pages] == [False, False, True]
        assert {page["total_items"] for page in pages} == {7}
        assert len({one["id"] for page in pages for one in page["contents"]}) == 7
        assert (await hsds.page(path, page=9))["empty"]
    assert {one["id"] for one in (await hsds.page("services"))["contents"]} == made


async def test_ndjson_gives_all_batches(session: AsyncSession, hsds: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collections, "BATCH", 2)
    for number in range(5):
        await add_service(session, f"Service {number}", assured=TODAY)
    for path in ("services", "organizations", "service_at_locations"):
        answer = await hsds.get(path, format="ndjson", per_page=1)
        assert answer.headers["content-type"].startswith("application/x-ndjson")
        ids = [json.loads(line)["id"] for line in answer.text.splitlines()]
        assert len(ids) == len(set(ids)) == 5
    assert (await hsds.get("services", format="ndjson", organization_id=str(uuid4()))).text == ""


async def test_lists_hold_ids_only_unless_full(session: AsyncSession, hsds: Api) -> None:
    clinic, *_ = await three(session)
    brief = (await hsds.page("services", search="Clinic"))["contents"][0]
    assert [set(one) for one in brief["service_at_locations"]] == [{"id", "service_id", "location_id"}]
    assert "organization" not in brief
    whole = (await hsds.page("services", search="Clinic", full=True))["contents"][0]
    assert whole == (await hsds.get(f"services/{clinic.id}")).json()
    assert whole["organization"]["id"] == str(clinic.organization_id)
    at = whole["service_at_locations"][0]
    assert (at["location"]["addresses"][0]["city"], at["phones"][0]["number"]) == ("Mosul", "+447700900999")
    alone = (await hsds.get(f"service_at_locations/{at['id']}")).json()
    assert alone["service"]["name"] == "Clinic"
    assert {**alone, "service": None} == {**at, "service": None}
    organization = (await hsds.get(f"organizations/{clinic.organization_id}")).json()
    assert organization["services"][0]["service_at_locations"][0] == at


async def test_filters(session: AsyncSession, hsds: Api) -> None:
    clinic, kitchen, _ = await three(session)
    term, other = outgoing.term_id("food"), outgoing.term_id("education")
    for path in ("services", "service_at_locations"):
        assert await hsds.names(path, taxonomy_term_id=str(term)) == ["Kitchen"]
        assert await hsds.names(path, taxonomy_term_id=str(other)) == []
        assert await hsds.names(path, taxonomy_term_id=str(uuid4())) == []
        assert len(await hsds.names(path, taxonomy_id=str(outgoing.NEEDS_ID))) == 3
        assert await hsds.names(path, taxonomy_id=str(uuid4())) == []
        assert await hsds.names(path, organization_id=str(clinic.organization_id)) == ["Clinic"]
        assert await hsds.names(path, search="kitchin") == ["Kitchen"]
        assert await hsds.names(path, search="kitchen", taxonomy_term_id=str(outgoing.term_id("health"))) == []
        assert await hsds.names(path, search="...") == []
    assert await hsds.names("organizations", search="kitchen") == ["Kitchen's owner"]
    assert (await hsds.page("taxonomy_terms", search="food"))["total_items"] == 1
    assert (await hsds.page("taxonomy_terms", taxonomy_id=str(uuid4())))["empty"]
    assert (await hsds.page("taxonomies", search="nothing"))["empty"]
    assert kitchen.id in {UUID(one["id"]) for one in (await hsds.page("services"))["contents"]}


async def test_the_best_match_comes_first(session: AsyncSession, hsds: Api) -> None:
    await add_service(session, "Food for a school", assured=TODAY)
    await add_service(session, "School", assured=TODAY, description=both("a school, a school and food"))
    found = await hsds.names("services", search="school food")
    by_words = await collections._by_words(
        hsds.client._transport.app.state.resources,  # type: ignore[attr-defined]
        "school food",
    )
    assert found == [one.service_name["en"] for one in by_words]


async def test_modified_after_hears_of_every_part(session: AsyncSession, hsds: Api) -> None:
    clinic, kitchen, safe = await three(session)
    await session.execute(update(Entry).values(changed_at=datetime(2026, 1, 1, tzinfo=UTC)))
    assert clinic.organization_id
    later = datetime(2026, 3, 1, 12, tzinfo=UTC)
    changed = (clinic.organization_id, kitchen.at[0].location_id, safe.id)
    await session.execute(update(Entry).where(Entry.id.in_(changed)).values(changed_at=later))
    await listings.renew(session, changed)
    for path in ("services", "service_at_locations"):
        for after in ("2026-03-01", "2026-03-01T12:00:00Z", "2026-03-01T15:00:00+03:00", "2026-03-01T15:00:00 03:00"):
            assert len(await hsds.names(path, modified_after=after)) == 3
        assert await hsds.names(path, modified_after="2026-03-02") == []
    newest = {one["last_modified"] for one in (await hsds.page("services"))["contents"]}
    assert {datetime.fromisoformat(one) for one in newest} == {later}
    await session.execute(update(Entry).where(Entry.id != safe.id).values(changed_at=later - timedelta(days=9)))
    await listings.renew(session, (clinic.id, kitchen.id))
    assert await hsds.names("services", modified_after="2026-03-01") == ["Safe house"]


async def test_proximity(session: AsyncSession, hsds: Api) -> None:
    await three(session)
    mosul = {"latitude": 36.34, "longitude": 43.13}
    assert await hsds.names("service_at_locations", **mosul, proximity=100) == ["Clinic"]
    names = await hsds.names("service_at_locations", **mosul, proximity=1_000_000)
    assert (names[0], names[-1], len(names)) == ("Clinic", "Kitchen", 3)
    # A shelter is looked for from the middle of its governorate: who tries many points never learns its district.
    places = {row["code"]: (row["latitude"], row["longitude"]) for row in read_places()}
    near, district = (
        {"latitude": latitude, "longitude": longitude, "proximity": 1}
        for latitude, longitude in (places["IQG15"], places["IQG15Q07"])
    )
    assert await hsds.names("service_at_locations", **near) == ["Safe house"]
    assert await hsds.names("service_at_locations", **district) == []
    assert len((await hsds.get("service_at_locations", **near, format="ndjson")).text.splitlines()) == 1


async def test_the_nearest_services_come_first(session: AsyncSession, hsds: Api) -> None:
    clinic, *_ = await three(session)
    branch = Location(place="IQG08", latitude=33.31, longitude=44.41)
    await publishing.published(session, branch)
    both_doors = clinic.model_copy(update={"at": [*clinic.at, At(location_id=branch.id)]})
    await publishing.published(session, both_doors)
    baghdad = {"latitude": 33.31, "longitude": 44.41}
    assert await hsds.names("services", **baghdad, proximity=1) == ["Clinic"]
    assert await hsds.names("services", **baghdad, proximity=2_000_000) == ["Clinic", "Kitchen", "Safe house"]


async def test_who_keeps_a_copy_learns_what_is_gone(session: AsyncSession, hsds: Api) -> None:
    clinic, kitchen, safe = await three(session)
    await publishing.archive(session, kitchen.id)
    page = await hsds.page("services", minimal=True, per_page=1)
    assert {one["id"] for one in page["contents"]} == {str(clinic.id), str(safe.id)}
    assert (page["total_items"], page["total_pages"], page["last_page"]) == (2, 1, True)
    whole = {one["id"]: one["last_modified"] for one in (await hsds.page("services"))["contents"]}
    assert {one["id"]: one["modified_date"] for one in page["contents"]} == whole
    assert (await hsds.page("services", minimal=True, modified_after="2100-01-01"))["contents"] == []


async def test_a_page_of_whole_organizations_is_short(session: AsyncSession, hsds: Api) -> None:
    for number in range(parameters.MOST_WITH_SERVICES + 1):
        await add_service(session, f"Service {number}", assured=TODAY)
    for whole in ("full", "full_service"):
        pages = [await hsds.page("organizations", page=number, per_page=200, **{whole: True}) for number in (1, 2)]
        assert [(page["size"], page["total_pages"]) for page in pages] == [(20, 2), (1, 2)]
        assert len({one["services"][0]["id"] for page in pages for one in page["contents"]}) == 21
    assert (await hsds.page("organizations", per_page=200))["size"] == 21


HOSTILE = [
    ("page", "0"),
    ("page", "-1"),
    ("page", str(10**12)),
    ("page", "9" * 5000),
    ("page", "one"),
    ("per_page", str(10**9)),
    ("per_page", "0"),
    ("format", "xml"),
    ("full", "perhaps"),
    ("search", "a\x00b"),
    ("search", "x" * 10_000),
    ("organization_id", "'; drop table entry; --"),
    ("organization_id", "\x00"),
    ("taxonomy_id", "x" * 10_000),
    ("taxonomy_term_id", "food"),
    ("modified_after", "yesterday"),
    ("modified_after", "2026-02-30"),
    ("modified_after", "0001-01-01T00:00:00+14:00"),
    ("modified_after", "9999-12-31"),
    ("modified_after", "\x00"),
    ("modified_after", "1e400"),
    ("latitude", "nan"),
    ("latitude", "52.5"),
    ("longitude", "inf"),
    ("proximity", "-5"),
    ("postcode", "SW1A"),
    ("modifed_after", "2026-01-01"),
    ("<script>alert(1)</script>", "x"),
    ("full_service", "true"),
]


@pytest.mark.parametrize(("name", "value"), HOSTILE)
async def test_a_bad_parameter_is_named(hsds: Api, name: str, value: str) -> None:
    answer = await hsds.get("service_at_locations", **{name: value})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/json"
    assert [error["loc"][-1] for error in answer.json()["detail"]] == [name]


async def test_coordinates_go_together_and_odd_searches_are_only_odd(session: AsyncSession, hsds: Api) -> None:
    await three(session)
    answer = await hsds.get("service_at_locations", latitude=36)
    assert {error["loc"][-1] for error in answer.json()["detail"]} == {"longitude", "proximity"}
    for text in (
        "",
        " ",
        "&|!():*<->'\\",
        "%",
        "\ud7ff\U0001f600",
        "مساعدة' or 1=1",
        "<script>alert(1)</script>",
        "x" * 500,
    ):
        for path in LISTS:
            answer = await hsds.get(path, search=text)
            assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert (await hsds.page("services", page=1_000_000, per_page=200))["empty"]


@pytest.mark.parametrize("identity", ["x", "<script>", "%00", "' or 1=1; --", f"{{{UUID(int=1)}}}", UUID(int=1).hex])
async def test_what_is_no_id_is_not_there(hsds: Api, identity: str) -> None:
    for path in LISTS:
        answer = await hsds.get(f"{path}/{identity}")
        assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})


async def test_it_is_to_read_only_and_sets_no_cookie(hsds: Api) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert (await hsds.client.request(method, "/hsds/services")).status_code == 405
    assert "set-cookie" not in (await hsds.get("services")).headers


def test_a_file_is_validated_on_the_command_line(tmp_path: Any) -> None:
    good, bad, large = (tmp_path / name for name in ("good.json", "bad.json", "large.json"))
    service = {"id": str(uuid4()), "name": "Clinic", "status": "active", "translations": {"ar": {"name": "عيادة"}}}
    good.write_text(json.dumps(service))
    bad.write_text(json.dumps({**service, "status": "open"}))
    large.write_bytes(b" " * 20_000_001)

    def run(file: Any) -> tuple[int, str]:
        result = CliRunner().invoke(command_line, ["directory", "validate", str(file)])
        return result.exit_code, result.output

    assert run(good) == (0, "1 service: valid\n")
    code, told = run(bad)
    assert (code, "service.status: must be one of" in told) == (1, True)
    assert (run(large)[0], "larger than 20 MB" in run(large)[1]) == (1, True)
    for unreadable in (tmp_path / "missing.json", tmp_path):
        code, told = run(unreadable)
        assert code == 1
        assert "Traceback" not in told
