"""How often somebody may do something; counted in Redis, so that several processes count together."""

import asyncio
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from limits import RateLimitItem
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.asyncio import Redis
from starlette.requests import HTTPConnection

# What one subscriber of IPv6 has: an address in it costs nothing, so all of them count as one.
NETWORK_BITS = 64


@dataclass(frozen=True)
class TooMany(Exception):
    """Over the limit: wait so many seconds."""

    retry_after: int


async def count(redis: Redis, limits: Sequence[RateLimitItem], *key: str, patience: float | None = None) -> None:
    """Count one act of whoever the key names; TooMany over any of the limits.

    Redis being down is redis-py's error, one that doesn't answer within `patience` seconds a TimeoutError.
    """
    # Not within the time: the first one imports for a second.
    limiter = _limiter(redis)
    async with asyncio.timeout(patience):
        for limit in limits:
            if not await limiter.hit(limit, *key):
                stats = await limiter.get_window_stats(limit, *key)
                raise TooMany(max(1, math.ceil(stats.reset_time - time.time())))


async def forget(redis: Redis, limits: Sequence[RateLimitItem], *key: str) -> None:
    """As if whoever the key names had done nothing yet."""
    limiter = _limiter(redis)
    for limit in limits:
        await limiter.clear(limit, *key)


def caller(request: HTTPConnection) -> str:
    """Who calls, by address. A proxy is believed only where uvicorn believes it (`daleel.cli.serve`: on this machine);
    behind one elsewhere all callers count as one."""
    if request.client is None:
        return "unknown"
    try:
        address = ip_address(request.client.host)
    except ValueError:
        return request.client.host
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(IPv6Address(int(address) >> NETWORK_BITS << NETWORK_BITS))
    return str(address)


def _limiter(redis: Redis) -> SlidingWindowCounterRateLimiter:
    storage = RedisStorage(
        "async+redis://",
        implementation="redispy",
        key_prefix="daleel:limits",
        connection_pool=redis.connection_pool,  # type: ignore[arg-type]
    )
    return SlidingWindowCounterRateLimiter(storage)
