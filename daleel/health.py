"""Is the process alive, and would a text be answered now?"""

import asyncio
from collections.abc import Awaitable

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from conversations.assistant import Assistant
from infrastructure.queue import STALLED_SECONDS
from infrastructure.resources import Resources

router = APIRouter(prefix="/health")
TIMEOUT_SECONDS = 3
LIVE_WORKER = text(
    "select exists (select from procrastinate_workers where last_heartbeat > now() - make_interval(secs => :seconds))"
)


@router.get("/live")
async def live() -> dict[str, str]:
    """200 as long as this process can answer anything."""
    return {"status": "ok"}


@router.get("/ready")
async def ready(request: Request) -> Response:
    """200 only when a text would be answered: storage, events, worker, Rasa with a model, actions."""
    resources: Resources = request.app.state.resources
    assistant: Assistant = request.app.state.assistant
    worker, redis, rasa = await asyncio.gather(
        _within(_worker(resources)), _within(_redis(resources)), _within(assistant.ready())
    )
    checks = {"database_and_worker": worker, "redis": redis, "rasa_and_actions": rasa}
    return JSONResponse(checks, 200 if all(checks.values()) else 503)


async def _within(check: Awaitable[bool]) -> bool:
    try:
        return await asyncio.wait_for(check, TIMEOUT_SECONDS)
    except (TimeoutError, SQLAlchemyError, RedisError, OSError):
        return False


async def _worker(resources: Resources) -> bool:
    async with resources.sessions() as session:
        return bool(await session.scalar(LIVE_WORKER, {"seconds": STALLED_SECONDS}))


async def _redis(resources: Resources) -> bool:
    return bool(await resources.redis.ping())
