"""Fixtures: a person who writes Arabic, two caseworkers, and a service to be referred to."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.models import Conversation
from directory.places import load_places
from directory.records import Service
from infrastructure.resources import Resources
from infrastructure.wording import Wording
from tests.console.rows import conversation
from tests.console.serving import engines
from tests.directory.rows import add_service, add_staff

__all__ = ["engines"]


@pytest.fixture
async def session(engines: Resources) -> AsyncIterator[AsyncSession]:
    async with engines.sessions() as session:
        await session.execute(text("truncate entry, audit_record cascade"))
        await load_places(session)
        await session.commit()
        yield session


@pytest.fixture
def wording(engines: Resources) -> Wording:
    return engines.wording


@pytest.fixture
async def talk(session: AsyncSession, number: str) -> Conversation:
    return await conversation(session, number)


@pytest.fixture
async def caseworker(session: AsyncSession) -> UUID:
    return await add_staff(session, "noor", "caseworker")


@pytest.fixture
async def colleague(session: AsyncSession) -> UUID:
    return await add_staff(session, "hassan", "caseworker")


@pytest.fixture
async def service(session: AsyncSession) -> Service:
    return await add_service(session, "Legal clinic", needs=("legal_aid",))
