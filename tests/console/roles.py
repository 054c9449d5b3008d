"""Fixtures: a member of staff of every role, signed in without the time that a password takes."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from console import accounts
from console.access import SESSION
from console.accounts import Staff
from directory.places import load_places
from infrastructure.resources import Resources
from tests.console.browsing import Visitor, browsing


@pytest.fixture
async def people(engines: Resources) -> dict[str, Staff]:
    """One member of staff a role; nothing was ever imported."""
    async with engines.sessions() as session:
        await session.execute(text("truncate entry, import_batch, audit_record cascade"))
        await load_places(session)
        made = {
            role: Staff(email=f"{role}@example.org", name=f"The {role}", role=role, password_hash="x")
            for role in ("admin", "reviewer", "caseworker", "hotline")
        }
        session.add_all(made.values())
        await session.commit()
    return made


@pytest.fixture
async def sign_in(app: FastAPI, people: Mapping[str, Staff], engines: Resources) -> AsyncIterator[Callable[..., Any]]:
    """Opens a browser in which somebody of a role is signed in."""
    opened: list[Visitor] = []

    async def open_for(role: str, language: str = "en") -> Visitor:
        visitor = browsing(app)
        visitor.headers["Accept-Language"] = language
        opened.append(visitor)
        async with engines.sessions() as session:
            visitor.cookies.set(SESSION, await accounts.start_session(session, people[role]))
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
async def reviewer(sign_in: Callable[..., Any]) -> Visitor:
    visitor: Visitor = await sign_in("reviewer")
    return visitor
