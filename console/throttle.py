"""How often somebody may try to sign in, or answer by a link: counted in Redis, several processes count together."""

import math
import time
from collections.abc import Sequence
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
# A link is for one organization; from one address of a mobile network many may come.
PER_LINK = (parse("10/minute"), parse("100/day"))
LINKS_PER_ADDRESS = (parse("60/minute"),)


@dataclass(frozen=True)
class TooManyTries(Exception):
    """Wait so many seconds; says nothing about whether the account exists."""

    retry_after: int


async def count_sign_in(redis: Redis, email: str, address: str) -> None:
    """Count a try; TooManyTries over the limit. Redis being down is an error of redis-py: nobody signs in uncounted."""
    # The email's hash: a look into Redis shows nobody's address.
    keys = [(limit, "pair", _pair(email, address)) for limit in PER_PAIR]
    keys += [(limit, "email", _name(email)) for limit in PER_EMAIL]
    keys += [(limit, "address", address) for limit in PER_ADDRESS]
    await _count(redis, "sign-in", keys)


async def count_answer(redis: Redis, token: str, address: str) -> None:
    """Count what is sent by a link (`directory.confirming`); errors as in `count_sign_in`."""
    keys = [(limit, "address", address) for limit in LINKS_PER_ADDRESS]
    keys += [(limit, "link", sha256(token.encode()).hexdigest()) for limit in PER_LINK]
    await _count(redis, "answer", keys)


async def forget_tries(redis: Redis, email: str, address: str) -> None:
    """Signing in worked: what was mistyped before, here and for this email, no longer counts."""
    limiter = _limiter(redis)
    for limit in PER_PAIR:
        await limiter.clear(limit, "sign-in", "pair", _pair(email, address))


async def _count(redis: Redis, what: str, keys: Sequence[tuple[RateLimitItem, str, str]]) -> None:
    limiter = _limiter(redis)
    for limit, kind, value in keys:
        if not await limiter.hit(limit, what, kind, value):
            stats = await limiter.get_window_stats(limit, what, kind, value)
            raise TooManyTries(max(1, math.ceil(stats.reset_time - time.time())))


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
