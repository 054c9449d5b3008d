"""The directory's pages as an admin, a reviewer and a hotline worker open them."""

import re
from collections.abc import AsyncIterator
from functools import cache
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import select, text

from console import accounts
from console.accounts import Staff
from directory.models import Entry, Revision
from directory.places import load_places
from infrastructure.resources import Resources
from tests.console.browsing import PASSWORD, Visitor, browsing

LIST = "/console/directory"
TABLES = "entry, revision, listing, task, import_batch, audit_record"


@pytest.fixture
async def team(engines: Resources) -> dict[str, Staff]:
    """An empty directory and one member of staff of each kind; two admins."""
    async with engines.sessions() as session:
        await session.execute(text(f"truncate {TABLES} cascade"))
        await load_places(session)
        roles = {"amal": "admin", "basim": "admin", "rana": "reviewer", "hind": "hotline"}
        made = {name: _somebody(name, role) for name, role in roles.items()}
        session.add_all(made.values())
        await session.commit()
    return made


def _somebody(name: str, role: str) -> Staff:
    return Staff(email=f"{name}@example.org", name=name.title(), role=role, password_hash=_password_hash())


@cache
def _password_hash() -> str:
    """Hashing takes its time on purpose; once is enough for all of them."""
    return accounts.hasher.hash(PASSWORD)


async def signed_in(app: FastAPI, name: str) -> AsyncIterator[Visitor]:
    async with browsing(app) as visitor:
        await visitor.sign_in(f"{name}@example.org")
        yield visitor


@pytest.fixture
async def amal(app: FastAPI, team: dict[str, Staff]) -> AsyncIterator[Visitor]:
    """A browser in which an admin is signed in."""
    async for visitor in signed_in(app, "amal"):
        yield visitor


@pytest.fixture
async def basim(app: FastAPI, team: dict[str, Staff]) -> AsyncIterator[Visitor]:
    """Another admin's."""
    async for visitor in signed_in(app, "basim"):
        yield visitor


@pytest.fixture
async def rana(app: FastAPI, team: dict[str, Staff]) -> AsyncIterator[Visitor]:
    """A reviewer's."""
    async for visitor in signed_in(app, "rana"):
        yield visitor


@pytest.fixture
async def hind(app: FastAPI, team: dict[str, Staff]) -> AsyncIterator[Visitor]:
    """A hotline worker's."""
    async for visitor in signed_in(app, "hind"):
        yield visitor


async def entry(engines: Resources, entry_id: UUID | str) -> Entry:
    async with engines.sessions() as session:
        return await session.get_one(Entry, UUID(str(entry_id)))


async def revisions(engines: Resources, entry_id: UUID | str) -> list[Revision]:
    async with engines.sessions() as session:
        found = select(Revision).where(Revision.entry_id == UUID(str(entry_id))).order_by(Revision.number)
        return list(await session.scalars(found))


def words(page: str) -> str:
    """What a page says."""
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", page).split()))


def filled_in(page: str) -> dict[str, Any]:
    """The entry's form on a page as a browser would send it, without pressing a button."""
    form = page[page.index('<form id="entry-form"') : page.index("</form>", page.index('<form id="entry-form"'))]
    sent: dict[str, Any] = {}

    def add(name: str, value: str) -> None:
        sent.setdefault(name, []).append(unescape(value))

    for tag in re.findall(r"<input[^>]*>", form):
        name, value = _attribute(tag, "name"), _attribute(tag, "value")
        is_box = _attribute(tag, "type") in ("checkbox", "radio")
        if name and (not is_box or re.search(r"\schecked", tag)):
            add(name, value or "")
    for name, content in re.findall(r'<textarea[^>]*? name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        add(name, content)
    for name, options in re.findall(r'<select[^>]*? name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options) or re.search(
            r'<option value="([^"]*)"', options
        )
        if chosen:
            add(name, chosen[1])
    return sent


def address_of(page: str) -> str:
    """Where the entry's form is sent."""
    found = re.search(r'<form id="entry-form"[^>]* action="([^"]+)"', page)
    assert found
    return found[1]


def _attribute(tag: str, name: str) -> str | None:
    found = re.search(rf'\s{name}="([^"]*)"', tag)
    return found[1] if found else None
