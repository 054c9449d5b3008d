"""How often somebody may try to sign in, or answer by a link."""

from hashlib import sha256

from limits import parse
from redis.asyncio import Redis

from infrastructure import rate_limits

# From one address, for one account: somebody who guesses, or mistypes.
PER_PAIR = (parse("5/minute"), parse("20/15 minutes"))
# From everywhere, for one account: high, so that nobody can lock a colleague out by guessing badly on purpose.
PER_EMAIL = (parse("200/hour"),)
PER_ADDRESS = (parse("30/minute"),)
# A link is for one organization; from one address of a mobile network many may come.
PER_LINK = (parse("10/minute"), parse("100/day"))
LINKS_PER_ADDRESS = (parse("60/minute"),)


async def count_sign_in(redis: Redis, email: str, address: str) -> None:
    """Count a try; rate_limits.TooMany over the limit, which says nothing about whether the account exists.

    Redis being down is an error of redis-py: nobody signs in uncounted.
    """
    # The email's hash: a look into Redis shows nobody's address.
    await rate_limits.count(redis, PER_PAIR, "sign-in", "pair", _pair(email, address))
    await rate_limits.count(redis, PER_EMAIL, "sign-in", "email", _name(email))
    await rate_limits.count(redis, PER_ADDRESS, "sign-in", "address", address)


async def count_answer(redis: Redis, token: str, address: str) -> None:
    """Count what is sent by a link (`directory.confirming`); errors as in `count_sign_in`."""
    await rate_limits.count(redis, LINKS_PER_ADDRESS, "answer", "address", address)
    await rate_limits.count(redis, PER_LINK, "answer", "link", sha256(token.encode()).hexdigest())


async def forget_tries(redis: Redis, email: str, address: str) -> None:
    """Signing in worked: what was mistyped before, here and for this email, no longer counts."""
    await rate_limits.forget(redis, PER_PAIR, "sign-in", "pair", _pair(email, address))


def _pair(email: str, address: str) -> str:
    return f"{_name(email)} {address}"


def _name(email: str) -> str:
    return sha256(email.strip().lower().encode()).hexdigest()
