"""Live events for open consoles: Redis pub/sub, ids only. Missing one costs a refresh, never a message."""

import json
import logging
from collections.abc import AsyncGenerator

from redis.asyncio import Redis
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

CHANNEL = "daleel:events"


async def publish(redis: Redis, kind: str, **ids: str) -> None:
    """Tell every console that something happened, for example `conversation_changed` with its id. Never fails."""
    try:
        await redis.publish(CHANNEL, json.dumps({"kind": kind, **ids}))
    except (RedisError, OSError) as error:
        logger.warning("an event was not published: %s", type(error).__name__)


async def listen(redis: Redis, heartbeat_seconds: float = 15) -> AsyncGenerator[dict[str, str] | None]:
    """Events from now on. None first, when listening has begun, and after each quiet stretch, so that a dead
    connection is noticed."""
    async with redis.pubsub() as subscription:
        await subscription.subscribe(CHANNEL)
        yield None
        while True:
            message = await subscription.get_message(ignore_subscribe_messages=True, timeout=heartbeat_seconds)
            yield json.loads(message["data"]) if message else None
