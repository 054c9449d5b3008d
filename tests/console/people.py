"""Fixtures: an empty directory and staff of every role, signed in without the time that a password takes."""

from collections.abc import AsyncIterator, Callable, Mapping
from functools import cache
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from console import accounts
from console.access import SESSION
from console.accounts import Staff
from directory.places import load_places
from infrastructure.resources import Resources
from tests.console.browsing import PASSWORD, Visitor, browsing


@pytest.fixture
async def people(engines: Resources) -> dict[str, Staff]:
    """An empty directory and one member of staff a role, and another admin."""
    async with engines.sessions() as session:
        await session.execute(text("truncate entry, import_batch, audit_record cascade"))
        await load_places(session)
        made = {who: _somebody(who) for who in ("admin", "other_admin", "reviewer", "caseworker", "hotline")}
        session.add_all(made.values())
        await session.commit()
    return made


def _somebody(who: str) -> Staff:
    role = who.removeprefix("other_")
    return Staff(email=f"{who}@example.org", name=f"The {who}", role=role, password_hash=_password_hash())


@cache
def _password_hash() -> str:
    """Made once: hashing takes its time on purpose."""
    return accounts.hasher.hash(PASSWORD)


@pytest.fixture
async def sign_in(app: FastAPI, people: Mapping[str, Staff], engines: Resources) -> AsyncIterator[Callable[..., Any]]:
    """Opens a browser in which one of the people is signed in."""
    opened: list[Visitor] = []

    async def open_for(who: str, language: str = "en") -> Visitor:
        visitor = browsing(app)
        visitor.headers["Accept-Language"] = language
        opened.append(visitor)
        async with engines.sessions() as session:
            visitor.cookies.set(SESSION, await accounts.start_session(session, people[who]))
            await session.commit()
        return visitor

    yield open_for
    for visitor in opened:
        await visitor.aclose()


@pytest.fixture
async def admin(sign_in: Callable[..., Any]) -> Visitor:
    visitor: Visitor = await sign_in("admin")
    return visitor


@pytest.fixture
async def other_admin(sign_in: Callable[..., Any]) -> Visitor:
    visitor: Visitor = await sign_in("other_admin")
    return visitor


@pytest.fixture
async def reviewer(sign_in: Callable[..., Any]) -> Visitor:
    visitor: Visitor = await sign_in("reviewer")
    return visitor


@pytest.fixture
async def hotline(sign_in: Callable[..., Any]) -> Visitor:
    visitor: Visitor = await sign_in("hotline")
    return visitor
