"""Every answer under /hsds is plain HSDS and our profile of it, whatever is in the directory."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy.ext.asyncio import AsyncSession

from directory.exchange import collections
from tests.directory.everything import add_everything
from tests.directory.rows import add_service
from tests.directory.test_hsds_profile import PUBLISHED, as_published, errors, needs_schemas
from tests.directory.visiting import LISTS, Api

PATHS = {"/hsds/"} | {f"/hsds/{name}{end}" for name in LISTS for end in ("", "/{identity}")}
FORMS = [(name, asked) for name, (_, forms) in LISTS.items() for asked in forms]


def check(name: str, value: dict[str, Any]) -> None:
    """By the published schema and by the profile's; and nothing in it is empty."""
    assert errors(name, value, patched=True) == []
    assert errors(name, as_published(value, name), patched=False) == []
    assert not list(_hollow(value)), value


def _hollow(value: Any, path: str = "") -> Any:
    if value in (None, "", [], {}):
        yield path
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _hollow(item, f"{path}.{key}")
    elif isinstance(value, list):
        for item in value:
            yield from _hollow(item, path)


def schema_of_page() -> Draft202012Validator:
    openapi = json.loads((PUBLISHED / "openapi.json").read_bytes())
    page = openapi["components"]["schemas"]["Page"]
    return Draft202012Validator({**page, "required": list(page["properties"])})


async def test_nothing_is_served_that_is_not_checked_here(hsds: Api) -> None:
    described = (await hsds.get("openapi.json")).json()["paths"]
    assert described.keys() == PATHS
    assert {method for said in described.values() for method in said} == {"get"}


@needs_schemas
async def test_every_page_and_line_is_the_profile_and_plain_hsds(
    session: AsyncSession, demo_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collections, "BATCH", 7)
    await add_everything(session)
    await add_service(session, "Made up in part", demo=("phone",))
    page_schema = schema_of_page()
    for path, asked in FORMS:
        pages: list[dict[str, Any]] = []
        while not pages or not pages[-1]["last_page"]:
            pages.append(await demo_api.page(path, page=len(pages) + 1, per_page=11, **asked))
            assert list(page_schema.iter_errors(pages[-1])) == []
            assert pages[-1]["page_number"] == len(pages)
        assert {page["total_pages"] for page in pages} == {len(pages)}
        contents = [one for page in pages for one in page["contents"]]
        assert len(contents) == pages[0]["total_items"] >= 1
        for one in contents:
            check(LISTS[path][0], one)
        lines = (await demo_api.get(path, format="ndjson", **asked)).text.splitlines()
        in_order = sorted(contents, key=lambda one: one["id"])
        assert sorted(map(json.loads, lines), key=lambda one: one["id"]) == in_order


@needs_schemas
async def test_everything_is_the_profile_and_plain_hsds_by_its_id(session: AsyncSession, demo_api: Api) -> None:
    await add_everything(session)
    for path, (name, forms) in LISTS.items():
        for one in (await demo_api.page(path, per_page=200))["contents"]:
            for asked in ({}, *({key: False} for form in forms for key in form)):
                alone = (await demo_api.get(f"{path}/{one['id']}", **asked)).json()
                assert alone["id"] == one["id"]
                check(name, alone)


async def test_what_is_secret_is_nowhere(session: AsyncSession, hsds: Api, demo_api: Api) -> None:
    await add_everything(session)
    for visitor in (hsds, demo_api):
        everything = await visitor.everything()
        # Everything else is there.
        for word in (
            "Clinic and law",
            "Protection",
            "Relief Society",
            "New Society",
            "Zuhur quarter",
            "Desk",
            "نەخۆشخانە",
        ):
            assert word in everything
        for word in ("SECRET", "36.3471", "43.1299", "IQG15Q07", "document:passport", "author", "is_demo"):
            assert word not in everything


async def test_every_field_of_ours_is_in_what_was_walked_through(session: AsyncSession) -> None:
    """So that a field somebody adds is walked through, too."""
    records = await add_everything(session)
    fields = {(type(one), field) for one in records for field in type(one).model_fields if field != "is_demo"}
    assert fields == {(type(one), field) for one in records for field, value in one if value or type(value) is int}
