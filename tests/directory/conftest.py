"""The directory on the tests' PostgreSQL: places loaded once, the work of each test rolled back."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from directory.demo_data import load_demo
from directory.places import load_places
from infrastructure import wording
from infrastructure.database import connect
from infrastructure.wording import Wording


@pytest.fixture(scope="session")
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """The migrated database with the places, as every installation has them."""
    engine, sessions = connect(database_url)
    async with sessions() as session:
        await load_places(session)
        await session.commit()
    yield engine
    await engine.dispose()


@pytest.fixture
async def session(engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
    """A session whose work is undone after the test."""
    async with engine.connect() as connection:
        await connection.begin()
        async with AsyncSession(connection, expire_on_commit=False) as session:
            yield session
        await connection.rollback()


@pytest.fixture
async def demo(session: AsyncSession) -> AsyncSession:
    """A session that sees the demo directory."""
    await load_demo(session)
    await session.flush()
    return session


@pytest.fixture(scope="session")
def words() -> Wording:
    return wording.load()
