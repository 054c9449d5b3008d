"""How much one visitor may ask of /hsds, which is open to everybody: enough to copy all of it, again and again."""

import logging

from fastapi import HTTPException, Request
from limits import parse
from redis.exceptions import RedisError

from infrastructure import failures, rate_limits

logger = logging.getLogger(__name__)

# Whoever reads this from a browser may: there is nothing here that isn't for everybody.
HEADERS = {"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff"}
# By address. 100,000 services are 500 pages of 200: nobody who pages through them one after the other gets near this.
PER_ADDRESS = (parse("600/minute"),)
# A whole list (format=ndjson) is as much work as all its pages; once in five minutes for each list is 60 an hour.
WHOLE_LISTS = (parse("60/hour"),)
# A search by words ranks every match, which takes as long as fifty pages.
SEARCHES = (parse("60/minute"),)
# Redis answers in a millisecond; one that takes so many seconds is down.
PATIENCE = 1.0


async def limited(request: Request) -> None:
    """Count a request; 429 over the limit.

    With Redis down everybody is let through: what is here is to read and for everybody, nothing can be guessed or
    changed, and a directory that falls silent does more harm than one that is asked too often for a while.
    """
    redis, address, asked = request.app.state.resources.redis, rate_limits.caller(request), request.query_params
    counted = {"hsds": PER_ADDRESS}
    if asked.get("format") == "ndjson":
        counted["hsds whole"] = WHOLE_LISTS
    if asked.get("search"):
        counted["hsds search"] = SEARCHES
    try:
        for what, limits in counted.items():
            await rate_limits.count(redis, limits, what, address, patience=PATIENCE)
    except rate_limits.TooMany as many:
        told = f"Too many requests: go on in {many.retry_after} seconds. The limits are in /hsds/profile."
        raise HTTPException(429, told, {**HEADERS, "Retry-After": str(many.retry_after)}) from None
    except (RedisError, TimeoutError) as error:
        logger.warning("requests under /hsds are not counted: %s", failures.told(error))
