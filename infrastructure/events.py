"""Live events for open consoles: Redis pub/sub, ids only. Missing one costs a refresh, never a message."""

import json
from collections.abc import AsyncGenerator

from redis.asyncio import Redis

CHANNEL = "daleel:events"


async def publish(redis: Redis, kind: str, **ids: str) -> None:
    """Tell every console that something happened, for example `conversation_changed` with its id."""
    await redis.publish(CHANNEL, json.dumps({"kind": kind, **ids}))


async def listen(redis: Redis, heartbeat_seconds: float = 15) -> AsyncGenerator[dict[str, str] | None]:
    """Events from now on; None after each quiet stretch, so that a dead connection is noticed."""
    async with redis.pubsub() as subscription:
        await subscription.subscribe(CHANNEL)
        while True:
            message = await subscription.get_message(ignore_subscribe_messages=True, timeout=heartbeat_seconds)
            yield json.loads(message["data"]) if message else None
