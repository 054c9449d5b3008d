"""Server-sent events: open pages hear that something changed, and fetch it anew themselves."""

from collections.abc import AsyncIterator
from contextlib import aclosing, suppress

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from redis.exceptions import RedisError

from console import access, accounts
from console.access import SignedIn
from infrastructure import events
from infrastructure.resources import Resources

router = APIRouter(prefix="/console")


@router.get("/events")
async def live_events(request: Request, staff: SignedIn) -> StreamingResponse:
    token = access.cookie(request, access.SESSION) or ""
    headers = {"X-Accel-Buffering": "no"}  # nginx would hold them back
    return StreamingResponse(_stream(request, token), media_type="text/event-stream", headers=headers)


async def _stream(request: Request, token: str) -> AsyncIterator[str]:
    """Ends when the session does or Redis goes away (pages connect again); when the client leaves it is cancelled."""
    resources: Resources = request.app.state.resources
    first = True
    with suppress(RedisError):
        async with aclosing(events.listen(resources.redis)) as listening:
            async for news in listening:
                if not await _still_signed_in(resources, token):
                    yield event("signed_out")
                    return
                if first:
                    # We listen from here on: what changed before is fetched now.
                    yield event("refresh")
                    first = False
                yield _told(news) if news else ": still here\n\n"


async def _still_signed_in(resources: Resources, token: str) -> bool:
    async with resources.sessions() as session:
        return await accounts.current_staff(session, token, active=False) is not None


def _told(news: dict[str, str]) -> str:
    """The list listens for the kind, a thread for its own conversation."""
    conversation = event(f"conversation-{news['conversation']}") if "conversation" in news else ""
    return event(news["kind"]) + conversation


def event(name: str) -> str:
    """One event on the wire; what it is about is all in its name."""
    # Browsers drop an event without data.
    return f"event: {name}\ndata: -\n\n"
