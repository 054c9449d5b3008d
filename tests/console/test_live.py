"""Events reach open pages, and stop with the session."""

import asyncio
from collections.abc import AsyncIterator

import httpx
from sqlalchemy import update

from console.accounts import StaffSession
from infrastructure import events
from infrastructure.resources import Resources
from tests.console.browsing import Visitor
from tests.console.rows import ago


async def _names(response: httpx.Response) -> AsyncIterator[str]:
    async for line in response.aiter_lines():
        if line.startswith("event: "):
            yield line.removeprefix("event: ")


async def test_events_arrive_until_the_session_ends(colleague: Visitor, address: str, engines: Resources) -> None:
    async with (
        asyncio.timeout(20),
        httpx.AsyncClient(base_url=address, cookies=dict(colleague.cookies)) as browser,
        browser.stream("GET", "/console/events") as response,
    ):
        assert response.headers["content-type"].startswith("text/event-stream")
        names = _names(response)
        assert await anext(names) == "refresh"
        await events.publish(engines.redis, "conversation_changed", conversation="c0ffee")
        assert [await anext(names), await anext(names)] == ["conversation_changed", "conversation-c0ffee"]
        async with engines.sessions() as session:
            await session.execute(update(StaffSession).values(expires_at=ago(seconds=1)))
            await session.commit()
        await events.publish(engines.redis, "conversation_changed", conversation="c0ffee")
        assert [name async for name in names] == ["signed_out"]
