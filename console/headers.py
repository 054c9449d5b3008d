"""What browsers are told about every page of ours: trust this site only, keep nothing, be framed by nobody."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

OURS = ("/console", "/api", "/confirm")
HEADERS = {
    # Bootstrap's stylesheet holds small pictures as data: addresses.
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # `no-referrer` would make browsers send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}


class SecurityHeaders:
    """Adds the headers to answers under these addresses; webhooks and the rest pass untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    # What people sent is served under a stricter policy of its own (console.media).
                    headers.setdefault(name, value)
            await send(message)

        ours = scope["type"] == "http" and is_ours(scope["path"])
        await self._app(scope, receive, send_with_headers if ours else send)


def is_ours(path: str) -> bool:
    """Whether a path belongs to the console, its API or the pages for who offers a service."""
    return any(path == start or path.startswith(f"{start}/") for start in OURS)
