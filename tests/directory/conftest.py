"""The directory on the tests' PostgreSQL: places loaded once, the work of each test rolled back."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from console.accounts import Staff
from directory.demo_data import load_demo
from directory.places import load_places
from infrastructure import vault, wording
from infrastructure.database import connect
from infrastructure.settings import Settings
from infrastructure.wording import Wording
from tests.conftest import GOOD_SECRET
from tests.directory.visiting import Api, served


@pytest.fixture(scope="session")
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """The migrated database with the places, as every installation has them, and sealed columns open."""
    vault.unlock(GOOD_SECRET)
    engine, sessions = connect(database_url)
    async with sessions() as session:
        await load_places(session)
        await session.commit()
    yield engine
    await engine.dispose()


@pytest.fixture
async def session(engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
    """A session whose work is undone after the test; what tests of the console committed is emptied first."""
    async with engine.begin() as connection:
        if await connection.scalar(text("select exists (select from entry) or exists (select from staff)")):
            await connection.execute(text("truncate entry, staff cascade"))
    async with engine.connect() as connection:
        await connection.begin()
        async with AsyncSession(connection, expire_on_commit=False) as session:
            yield session
        await connection.rollback()


@pytest.fixture
async def sessions(engine: AsyncEngine) -> AsyncIterator[async_sessionmaker[AsyncSession]]:
    """Sessions that really commit, for what happens at once; what they leave is emptied after the test."""
    made = async_sessionmaker(engine, expire_on_commit=False)
    yield made
    async with made() as session:
        await session.execute(text("truncate entry, audit_record cascade"))
        await session.commit()


@pytest.fixture
async def demo(session: AsyncSession) -> AsyncSession:
    """A session that sees the demo directory."""
    await load_demo(session)
    await session.flush()
    return session


@pytest.fixture(scope="session")
def words() -> Wording:
    return wording.load()


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as redis:
        yield redis


@pytest.fixture
async def demo_api(session: AsyncSession, words: Wording, redis: Redis) -> AsyncIterator[Api]:
    async for one in served(session, Settings(_env_file=None), words, redis):  # type: ignore[call-arg]
        yield one


@pytest.fixture
async def hsds(session: AsyncSession, words: Wording, redis: Redis) -> AsyncIterator[Api]:
    """Outside demo mode, as people use it."""
    real = Settings(  # type: ignore[call-arg]
        _env_file=None,
        PUBLIC_URL="https://daleel.example",
        TWILIO_ACCOUNT_SID="AC0",
        TWILIO_AUTH_TOKEN="0",
        TWILIO_SMS_NUMBER="+1",
    )
    assert not real.demo
    async for one in served(session, real, words, redis):
        yield one


@pytest.fixture
async def reviewer(session: AsyncSession) -> UUID:
    staff = Staff(id=uuid4(), email="reviewer@example.org", name="reviewer", role="reviewer", password_hash="x")
    session.add(staff)
    await session.flush()
    return staff.id
