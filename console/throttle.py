"""How often somebody may try to sign in; counted in Redis, so that several processes count together."""

import math
import time
from dataclasses import dataclass
from hashlib import sha256

from limits import RateLimitItem, parse
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.asyncio import Redis

# From one address, for one account: somebody who guesses, or mistypes.
PER_PAIR = (parse("5/minute"), parse("20/15 minutes"))
# From everywhere, for one account: high, so that nobody can lock a colleague out by guessing badly on purpose.
PER_EMAIL = (parse("200/hour"),)
PER_ADDRESS = (parse("30/minute"),)


@dataclass(frozen=True)
class TooManyTries(Exception):
    """Wait so many seconds; says nothing about whether the account exists."""

    retry_after: int


async def count_sign_in(redis: Redis, email: str, address: str) -> None:
    """Count a try; TooManyTries over the limit. Redis being down is an error of redis-py: nobody signs in uncounted."""
    limiter = _limiter(redis)
    # The email's hash: a look into Redis shows nobody's address.
    keys = [(limit, "pair", _pair(email, address)) for limit in PER_PAIR]
    keys += [(limit, "email", _name(email)) for limit in PER_EMAIL]
    keys += [(limit, "address", address) for limit in PER_ADDRESS]
    for limit, kind, value in keys:
        if not await limiter.hit(limit, "sign-in", kind, value):
            raise TooManyTries(await _wait(limiter, limit, kind, value))


async def forget_tries(redis: Redis, email: str, address: str) -> None:
    """Signing in worked: what was mistyped before, here and for this email, no longer counts."""
    limiter = _limiter(redis)
    for limit in PER_PAIR:
        await limiter.clear(limit, "sign-in", "pair", _pair(email, address))


async def _wait(limiter: SlidingWindowCounterRateLimiter, limit: RateLimitItem, kind: str, value: str) -> int:
    stats = await limiter.get_window_stats(limit, "sign-in", kind, value)
    return max(1, math.ceil(stats.reset_time - time.time()))


def _limiter(redis: Redis) -> SlidingWindowCounterRateLimiter:
    storage = RedisStorage(
        "async+redis://",
        implementation="redispy",
        key_prefix="daleel:limits",
        connection_pool=redis.connection_pool,  # type: ignore[arg-type]
    )
    return SlidingWindowCounterRateLimiter(storage)


def _pair(email: str, address: str) -> str:
    return f"{_name(email)} {address}"


def _name(email: str) -> str:
    return sha256(email.strip().lower().encode()).hexdigest()
