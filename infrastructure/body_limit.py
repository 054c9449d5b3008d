"""No request body beyond a bound is read: nobody fills our memory, signed in or not."""

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Twilio's largest form and a long text in the console stay far below this.
MAX_BODY_BYTES = 256 * 1024


class BodyLimit:
    """Reads a request's body before the application sees it; 413 beyond the bound."""

    def __init__(self, app: ASGIApp, limit: int = MAX_BODY_BYTES) -> None:
        self._app, self._limit = app, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = await self._read(receive)
        if body is None:
            await PlainTextResponse("Request body too large", 413)(scope, receive, send)
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
