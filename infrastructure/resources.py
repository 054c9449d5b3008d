"""The connections one process shares: opened at its start, closed at its end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from redis.asyncio import Redis

from infrastructure import database, vault
from infrastructure.database import Sessions
from infrastructure.settings import Settings
from infrastructure.wording import Wording, load


@dataclass(frozen=True)
class Resources:
    """What turns, webhooks and pages work with."""

    settings: Settings
    sessions: Sessions
    redis: Redis
    wording: Wording


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Resources]:
    """Connect to the engines and unlock the vault."""
    vault.unlock(vault.master_secret(settings.configured_secret, settings.home))
    engine, sessions = database.connect(settings.required("database_url"))
    redis = Redis.from_url(settings.required("redis_url"))
    try:
        yield Resources(settings, sessions, redis, load())
    finally:
        await redis.aclose()
        await engine.dispose()
