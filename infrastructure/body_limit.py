"""No request body beyond a bound is read: nobody fills our memory, signed in or not."""

from collections.abc import Mapping

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Twilio's largest form and a long text in the console stay far below this.
MAX_BODY_BYTES = 256 * 1024


class _TooLarge(Exception):
    """More has come than may."""


class BodyLimit:
    """Reads a request's body before the application sees it; 413 beyond the bound.

    Paths that take files have bounds of their own (`larger`): their bodies are only counted on their way, because a
    form's parser keeps files on disk.
    """

    def __init__(self, app: ASGIApp, limit: int = MAX_BODY_BYTES, larger: Mapping[str, int] | None = None) -> None:
        self._app, self._limit, self._larger = app, limit, larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"] in self._larger and scope["method"] == "POST":
            await self._count(self._larger[scope["path"]], scope, receive, send)
        else:
            await self._read_first(scope, receive, send)

    async def _count(self, limit: int, scope: Scope, receive: Receive, send: Send) -> None:
        left = limit

        async def counted() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise _TooLarge
            return message

        try:
            await self._app(scope, counted, send)
        except _TooLarge:
            await _refuse(scope, receive, send)

    async def _read_first(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await self._read(receive)
        if body is None:
            await _refuse(scope, receive, send)
            return
        unread = [body]

        async def replay() -> Message:
            # Once read, the only news left is that the client went away.
            return unread.pop() if unread else await receive()

        await self._app(scope, replay, send)

    async def _read(self, receive: Receive) -> Message | None:
        body = b""
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return message
            body += message.get("body", b"")
            if len(body) > self._limit:
                return None
            if not message.get("more_body"):
                return {"type": "http.request", "body": body, "more_body": False}


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("Request body too large", 413)(scope, receive, send)
